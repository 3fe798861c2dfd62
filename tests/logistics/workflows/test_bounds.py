"""What no proposal gets past: centres' floors, the ceilings of automation, and a closed node's door."""

import random
from dataclasses import replace
from datetime import timedelta

from logistics.decisions import Recommendation, RecommendationState
from logistics.inventory import (
    Load,
    Replenishment,
    ReplenishmentState,
    Reservation,
    ReservationState,
    Stock,
    stock_id,
)
from logistics.network import Node, NodeState
from logistics.orders import Order, OrderState
from logistics.policy import LapsePolicy, Policy, SiteType, VerdictLimits
from logistics.workflows.decide import lapse
from logistics.workflows.goods import depart_trucks
from logistics.workflows.returning import _unload
from tests.builders.orders import an_order
from tests.builders.supply import (
    SEVEN,
    a_proposal,
    a_recommendation,
    a_world,
    all_of,
    centre_node,
    means,
)

MANY = 1_000
LIMIT = 700_000


def after(**ahead):
    return SEVEN + timedelta(**ahead)


def a_node(tools, *, state=NodeState.LIVE, recommendation=None):
    with tools.store.begin() as deed:
        return deed.add(
            Node(
                id="nod_pop",
                site="vernon",
                market="la",
                type=SiteType.STANDBY,
                state=state,
                lat=34.0,
                lon=-118.2,
                planned_at=SEVEN,
                orders_per_day=600,
                space=4_000,
                recommendation=recommendation,
            )
        )


def test_automation_keeps_its_ceiling_under_a_thousand_random_proposals():
    limits = VerdictLimits(if_nobody=LapsePolicy.CARRY_OUT, automatic_money_at_most=LIMIT)
    tools, draw = a_world(means(Policy(verdicts=limits))), random.Random(5)
    whole = a_proposal(tools)
    for number in range(MANY):
        a_recommendation(
            tools,
            f"rec-{number}",
            proposal=whole,
            money_at_stake=draw.randrange(2 * LIMIT),
            needs_two=draw.random() < 0.3,
            state=draw.choice((RecommendationState.OPEN, RecommendationState.HELD)),
            decide_by=after(minutes=draw.randrange(1, 240)),
        )
    lapse(tools, now=after(hours=2))
    done = all_of(tools, Recommendation, state=RecommendationState.APPROVED)
    assert 50 < len(done) < MANY / 2
    assert all(one.money_at_stake <= LIMIT and not one.needs_two for one in done)
    waiting = all_of(tools, Recommendation, state=RecommendationState.OPEN)
    assert all(one.decide_by > after(hours=2) for one in waiting)


def test_a_centres_floor_holds_under_a_thousand_random_loads():
    tools, draw = a_world(means(), stock=60_000), random.Random(7)
    node, centre = a_node(tools), centre_node(tools)
    floor = 9_000
    with tools.store.begin() as deed:
        kept = deed.lock(Stock, stock_id(centre.id, "lamp"))
        deed.change(replace(kept, floor=floor))
        for number in range(MANY):
            deed.add(
                Replenishment(
                    id=f"rep-{number}",
                    from_node=centre.id,
                    to_node=node.id,
                    market="la",
                    state=ReplenishmentState.RELEASED,
                    loads=(Load(product="lamp", units=draw.randrange(1, 400)),),
                    departs_at=SEVEN,
                    arrives_at=after(hours=4),
                    cost=0,
                    recommendation=None,
                )
            )
    depart_trucks(tools, now=after(minutes=1))
    (left,) = all_of(tools, Stock, node=centre.id)
    assert left.on_hand == floor
    sent = all_of(tools, Replenishment, state=ReplenishmentState.IN_TRANSIT)
    assert sum(load.units for one in sent for load in one.loads) == 60_000 - floor


def test_a_parcel_that_comes_back_after_its_node_closed_goes_to_the_named_node():
    tools = a_world(means())
    asked = a_recommendation(tools)
    node = a_node(tools, state=NodeState.CLOSED, recommendation=asked.id)
    named = asked.proposal.exit.late_returns_to
    before = sum(one.on_hand for one in all_of(tools, Stock, node=named))
    with tools.store.begin() as deed:
        deed.add(Stock(id=stock_id(node.id, "lamp"), node=node.id, product="lamp"))
        order = deed.add(an_order(state=OrderState.RETURNED, node=node.id, market="la"))
        deed.add(
            Reservation(
                id="rsv_1",
                order=order.id,
                node=node.id,
                product="lamp",
                units=2,
                state=ReservationState.TAKEN,
                made_at=SEVEN,
            )
        )
    with tools.store.begin() as deed:
        _unload(deed, tools, deed.lock(Order, order.id), "stop-1", after(hours=9))
    assert sum(one.on_hand for one in all_of(tools, Stock, node=named)) == before + 2
    assert sum(one.on_hand for one in all_of(tools, Stock, node=node.id)) == 0
    assert all_of(tools, Reservation)[0].state is ReservationState.RELEASED
