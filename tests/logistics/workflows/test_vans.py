"""A van is on one route at a time: who stands in for another has time, hours and room for it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from logistics.audit import discrepancies
from logistics.carriers import Vehicle
from logistics.dispatch import Plan, Route, RouteState, Tender, TenderState
from logistics.errors import Nonsense
from logistics.exceptions import Case, CaseKind
from logistics.workflows.allocate import allocate
from logistics.workflows.picking import pick_and_pack
from logistics.workflows.publish import answer_tender, publish_plan
from logistics.workflows.route import plan_routes
from tests.builders.demand import HARBOUR, TEN, a_world, an_order, found, kept

HALF_PAST = TEN + timedelta(minutes=25)
SMALL = {"parcels": 4}


def offered(vans, orders=4, **van):
    """A plan of the metro is published, and its routes are on offer."""
    means = a_world(vans=vans, van=van)
    for number in range(orders):
        an_order(means, number=str(number), place=HARBOUR)
    allocate(means, now=TEN)
    pick_and_pack(means, now=HALF_PAST)
    plan = plan_routes(means, "la", now=HALF_PAST)
    publish_plan(means, plan.id, by="test", now=HALF_PAST)
    return means


def open_offer(means, route):
    (tender,) = found(means, Tender, route=route, state=TenderState.OFFERED)
    return tender


def carrier_of(means, van):
    return kept(means, Vehicle, van).carrier


def say(means, tender, answer, vehicle=None):
    return answer_tender(
        means, tender.id, answer, carrier=tender.carrier, vehicle=vehicle, now=HALF_PAST
    )


def agrees(means):
    with means.store.read() as reading:
        return discrepancies(reading) == ()


def test_a_stand_in_drives_with_a_van_of_its_own():
    means = offered(vans=2)
    (route,) = found(means, Route)
    say(means, open_offer(means, route.id), "decline")
    stand_in = open_offer(means, route.id)
    assert carrier_of(means, kept(means, Route, route.id).vehicle) == stand_in.carrier
    say(means, stand_in, "accept")
    assert kept(means, Route, route.id).vehicle != route.vehicle
    assert agrees(means)


def test_a_carrier_whose_vans_are_all_out_is_not_asked():
    means = offered(vans=2, orders=8, **SMALL)
    one, other = found(means, Route)
    assert {one.vehicle, other.vehicle} == {"van-0", "van-1"}
    say(means, open_offer(means, other.id), "accept")
    say(means, open_offer(means, one.id), "decline")
    assert found(means, Tender, state=TenderState.OFFERED) == ()
    (case,) = found(means, Case, kind=CaseKind.NO_CARRIER)
    assert case.subject == one.id
    assert case.detail.startswith("1 carriers were asked")
    assert case.detail.endswith("1 more have no van free for it")
    assert kept(means, Route, one.id).state is RouteState.PLANNED
    assert agrees(means)


@pytest.mark.parametrize(
    "unfit",
    [{"parcels": 3}, {"weight_grams": 500}, {"volume_cm3": 500}, {"shift_until_hour": 11}],
    ids=["parcels", "weight", "volume", "hours"],
)
def test_a_van_without_room_or_hours_for_the_route_does_not_stand_in(unfit):
    means = offered(vans=2)
    (route,) = found(means, Route)
    other = {"van-0": "van-1", "van-1": "van-0"}[route.vehicle]
    with means.store.begin() as deed:
        deed.change(replace(deed.lock(Vehicle, other), **unfit))
    say(means, open_offer(means, route.id), "decline")
    assert found(means, Tender, state=TenderState.OFFERED) == ()


def test_a_named_van_that_drives_another_route_then_is_refused_at_its_field():
    means = offered(vans=4, orders=8, **SMALL)
    one, other = found(means, Route)
    assert carrier_of(means, one.vehicle) == carrier_of(means, other.vehicle)
    for route in (one, other):
        say(means, open_offer(means, route.id), "decline")
    say(means, open_offer(means, one.id), "accept")
    busy, offer = kept(means, Route, one.id).vehicle, open_offer(means, other.id)
    with pytest.raises(Nonsense, match=one.id) as refused:
        say(means, offer, "accept", vehicle=busy)
    assert refused.value.field == "/vehicle"
    assert kept(means, Tender, offer.id).state is TenderState.OFFERED
    assert say(means, offer, "accept").vehicle not in {None, busy}
    assert agrees(means)


def test_where_a_carrier_gave_its_van_away_itself_it_takes_the_other_or_none():
    means = offered(vans=2, orders=8, **SMALL)
    one, other = found(means, Route)
    with means.store.begin() as deed:
        for van in ("van-0", "van-1"):
            deed.change(replace(deed.lock(Vehicle, van), carrier="swift"))
        for tender in deed.find(Tender):
            deed.change(replace(deed.lock(Tender, tender.id), carrier="swift"))
    say(means, open_offer(means, one.id), "accept", vehicle=other.vehicle)
    say(means, open_offer(means, other.id), "accept")
    vans = {kept(means, Route, route.id).vehicle for route in (one, other)}
    assert vans == {"van-0", "van-1"}
    assert agrees(means)


def test_with_no_van_left_at_all_an_acceptance_is_refused():
    means = offered(vans=2, orders=8, **SMALL)
    one, other = found(means, Route)
    say(means, open_offer(means, one.id), "accept")
    with means.store.begin() as deed:
        deed.change(replace(deed.lock(Vehicle, other.vehicle), active=False))
    with pytest.raises(Nonsense, match="none of your vans"):
        say(means, open_offer(means, other.id), "accept")
    assert {plan.state.value for plan in found(means, Plan)} == {"published"}
    assert kept(means, Route, other.id).state is RouteState.TENDERED
