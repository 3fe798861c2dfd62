"""A space puts away so much in a day and no more, whoever proposes what at the same moment."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from logistics.decisions import StockLine
from logistics.inventory import Replenishment
from logistics.network import Node, NodeState
from logistics.policy import STANDBY, SiteType
from logistics.workflows.opening import propose_loads
from tests.builders.supply import (
    SEVEN,
    a_recommendation,
    a_site,
    a_world,
    all_of,
    centre_node,
    means,
)


def a_space(intake):
    tools = a_world(
        means(), stock=90_000, sites=(a_site(terms=replace(STANDBY, intake_per_day=intake)),)
    )
    with tools.store.begin() as deed:
        deed.add(
            Node(
                id="nod_pop",
                site="vernon",
                market="la",
                type=SiteType.STANDBY,
                state=NodeState.LIVE,
                lat=34.0,
                lon=-118.2,
                planned_at=SEVEN,
                orders_per_day=600,
                space=40_000,
            )
        )
    return tools, a_recommendation(tools)


def send(tools, asked, units):
    line = StockLine(
        product="lamp",
        units=units,
        from_node=centre_node(tools).id,
        departs_at=SEVEN,
        arrives_at=SEVEN + timedelta(hours=4),
    )
    with tools.store.begin() as deed:
        return propose_loads(tools, deed, asked, "nod_pop", (line,), now=SEVEN)


def by_day(tools):
    days = Counter()
    for one in all_of(tools, Replenishment):
        days[(one.arrives_at - SEVEN) // timedelta(days=1)] += sum(x.units for x in one.loads)
    return days


def test_b6_what_the_day_has_no_room_for_comes_on_the_next():
    tools, asked = a_space(2_000)
    send(tools, asked, 1_900)
    loads = send(tools, asked, 600)
    assert [load.units for one in loads for load in one.loads] == [100, 500]
    assert by_day(tools) == {0: 2_000, 1: 500}


def test_b6_fifty_proposals_at_once_never_overbook_a_day():
    tools, asked = a_space(2_000)
    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(lambda _: send(tools, asked, 230), range(50)))
    days = by_day(tools)
    assert sum(days.values()) == 50 * 230
    assert max(days.values()) <= 2_000


def test_without_a_limit_everything_comes_at_once():
    tools, asked = a_space(None)
    send(tools, asked, 9_000)
    assert by_day(tools) == {0: 9_000}
