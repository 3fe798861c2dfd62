"""Which window could be offered for one more stop, and what it would cost the vans of today."""

from datetime import timedelta

import pytest

from logistics.dispatch import Route, RouteState, Stop
from logistics.errors import Unknown
from logistics.inventory import Stock
from logistics.workflows.slots import SlotRequest, slot_offers
from tests.builders.demand import (
    DOWNTOWN,
    HARBOUR,
    TEN,
    a_world,
    found,
    on_a_route,
)


def offers(means, place=DOWNTOWN, product="lamp", now=TEN):
    lat, lon = place
    return slot_offers(means, SlotRequest(market="la", lat=lat, lon=lon, product=product), now=now)


def test_every_window_with_room_is_offered_the_cheapest_first():
    told = offers(a_world())
    assert told.slots
    costs = [slot.cost for slot in told.slots]
    assert costs == sorted(costs)
    for slot in told.slots:
        assert slot.opens_at <= slot.planned_at <= slot.closes_at
        assert slot.node == "nod_vernon"
        assert slot.planned_at > TEN + timedelta(minutes=30)
    assert len({slot.opens_at for slot in told.slots}) == len(told.slots)


def test_a_place_next_to_a_route_that_has_not_left_costs_a_detour_only():
    means = a_world()
    route, now = on_a_route(means)
    now = min(now, route.departs_at - timedelta(minutes=45))
    told = offers(means, now=now)
    joined = [slot for slot in told.slots if slot.route == route.id]
    alone = [slot for slot in told.slots if slot.route is None]
    assert joined
    assert told.plan == route.plan
    assert min(s.cost for s in joined) < min((s.cost for s in alone), default=10**9)
    assert joined[0].vehicle == route.vehicle


def test_a_van_on_its_way_takes_nobody_else():
    means = a_world()
    route, _ = on_a_route(means)
    after = route.departs_at + timedelta(minutes=1)
    assert all(slot.route is None for slot in offers(means, now=after).slots)


def test_goods_that_are_nowhere_near_have_no_slot():
    means = a_world(near=0, far=0)
    assert offers(means).slots == ()
    with pytest.raises(Unknown):
        offers(means, product="sofa")


def test_asking_writes_nothing():
    means = a_world()
    on_a_route(means)
    before = found(means, Route), found(means, Stop), found(means, Stock)
    offers(means, HARBOUR, now=TEN + timedelta(minutes=30))
    assert (found(means, Route), found(means, Stop), found(means, Stock)) == before
    assert found(means, Route, state=RouteState.ACCEPTED)
