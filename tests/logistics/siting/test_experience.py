"""A market whose nodes sold less than was believed is planned for less, until they sell more."""

from dataclasses import replace

from logistics.catalogue import Market
from logistics.inventory import Movement, MovementReason
from logistics.network import Node
from logistics.siting.experience import LEAST, take_up
from logistics.workflows.position import propose
from tests.builders.supply import SEVEN, an_outlook
from tests.logistics.workflows.test_position import SITES, a_metro, after, opened


def a_market_with_a_node(*, sold):
    tools = a_metro(sites=SITES[:1])
    an_outlook(tools, 25)
    (asked,) = propose(tools, now=SEVEN)
    node = opened(tools, asked, now=after(minutes=5))
    with tools.store.begin() as deed:
        live = deed.lock(Node, node.id)
        deed.change(replace(live, live_from=after(hours=6)))
        deed.add(
            Movement(
                id="mov-1",
                node=node.id,
                product="lamp",
                units=-sold,
                reason=MovementReason.SOLD,
                cause="orders",
                at=after(hours=20),
            )
        )
    return tools, asked


def seen(tools, now):
    with tools.store.read() as reading:
        return take_up(reading, reading.get(Market, "la"), now)


def test_nothing_is_learnt_from_a_nodes_first_hours():
    tools, _ = a_market_with_a_node(sold=0)
    assert seen(tools, after(hours=7)) == 1.0


def test_a_node_that_sells_nothing_shrinks_what_is_believed_but_not_to_nothing():
    tools, _ = a_market_with_a_node(sold=0)
    assert LEAST <= seen(tools, after(hours=30)) < seen(tools, after(hours=13)) < 1.0


def test_a_node_that_sells_as_believed_or_more_changes_nothing():
    tools, asked = a_market_with_a_node(sold=5_000)
    assert asked.proposal.orders_p50 > 0
    assert seen(tools, after(hours=30)) == 1.0


def test_a_market_plans_for_what_its_nodes_take():
    tools, _ = a_market_with_a_node(sold=0)
    an_outlook(tools, 25, made_at=after(hours=30))
    before = propose(tools, now=after(hours=30))
    assert all(
        "of what was believed" in one.proposal.lines[1] for one in before if one.proposal.stake
    )
