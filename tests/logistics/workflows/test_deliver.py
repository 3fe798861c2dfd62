import itertools
from datetime import timedelta

import pytest

from logistics.dispatch import FailureReason, Outcome, Route, RouteState, Stop, StopEvent, StopState
from logistics.errors import Nonsense, NotAllowedNow, Unknown
from logistics.events import Event
from logistics.exceptions import Case, CaseKind, CaseState
from logistics.inventory import Stock
from logistics.ledger import Entry, EntryKind
from logistics.orders import Order, OrderState, ServiceLevel
from logistics.promise.offers import Promise, PromiseState
from logistics.workflows.deliver import add_proof, report
from logistics.workflows.fleet import see_van
from logistics.workflows.intake import cancel_order, return_order
from logistics.workflows.watch import watch
from tests.builders.demand import (
    TEN,
    a_world,
    accept_all,
    an_order,
    clock,
    found,
    kept,
    on_a_route,
    says,
)

MINUTE = timedelta(minutes=1)


def away(means, orders=2):
    """A route that has left, its stops in order, and the time."""
    route, _ = on_a_route(means, orders=orders)
    now = route.departs_at
    tell(means, route, says(route, "depart", now, 1), now=now)
    return route, stops_of(means, route), now


def stops_of(means, route):
    return sorted(found(means, Stop, route=route.id), key=lambda stop: stop.position)


def tell(means, route, *reports, now):
    return [result.state for result in report(means, route.carrier, reports, now=now)]


def done(route, stop, at, number, outcome=Outcome.SUCCEEDED, reason=None):
    return (
        says(route, "arrive", at, number, stop.id),
        says(route, "close", at + 3 * MINUTE, number + 1, stop.id, outcome, reason),
    )


def test_when_the_van_leaves_the_goods_leave_the_stock_and_the_orders_are_on_their_way():
    means = a_world(near=50)
    away(means)
    stock = kept(means, Stock, "nod_vernon~lamp")
    assert (stock.on_hand, stock.reserved) == (48, 0)
    assert {order.state for order in found(means, Order)} == {OrderState.OUT_FOR_DELIVERY}


def test_a_delivery_in_time_keeps_the_promise_and_the_carrier_is_paid_when_the_van_is_back():
    means = a_world()
    route, stops, _ = away(means, 1)
    at = stops[0].planned_at
    tell(means, route, *done(route, stops[0], at, 2), now=at + 3 * MINUTE)
    assert kept(means, Order, stops[0].order).state is OrderState.DELIVERED
    promise = kept(means, Promise, stops[0].promise)
    assert (promise.state, promise.actual_at) == (PromiseState.KEPT, at)
    assert found(means, Entry, kind=EntryKind.LAST_MILE) == ()
    tell(means, route, says(route, "return", at, 9), now=at + 30 * MINUTE)
    assert [e.amount for e in found(means, Entry, kind=EntryKind.LAST_MILE)] == [-route.cost]
    assert kept(means, Route, route.id).state is RouteState.COMPLETED


def test_d5_a_close_before_its_arrival_leaves_the_stop_closed():
    means = a_world()
    route, stops, _ = away(means, 1)
    at = stops[0].planned_at
    arrive, close = done(route, stops[0], at, 8)
    assert tell(means, route, close, now=at + 3 * MINUTE) == ["applied"]
    assert tell(means, route, arrive, now=at + 4 * MINUTE) == ["ignored"]
    assert kept(means, Stop, stops[0].id).state is StopState.CLOSED
    event = kept(means, StopEvent, f"{route.carrier}~{arrive.id}")
    assert (event.applied, event.ignored_because) == (False, "the stop is closed")


def test_d6_the_same_report_five_times_has_one_effect():
    means = a_world()
    route, stops, _ = away(means, 1)
    at = stops[0].planned_at
    arrive, close = done(route, stops[0], at, 2)
    states = tell(means, route, arrive, *([close] * 5), now=at + 3 * MINUTE)
    assert states == ["applied", "applied", *["duplicate"] * 4]
    assert [e.type for e in found(means, Event)].count("order.delivered") == 1


def test_d7_a_clock_that_is_ahead_is_recorded_and_the_receipt_counts():
    means = a_world()
    route, stops, _ = away(means, 1)
    now = stops[0].planned_at
    ahead = says(route, "arrive", now + 7 * MINUTE, 2, stops[0].id)
    tell(means, route, ahead, now=now)
    event = kept(means, StopEvent, f"{route.carrier}~{ahead.id}")
    assert (event.skew_seconds, event.happened_at) == (420, now + 7 * MINUTE)
    assert kept(means, Stop, stops[0].id).arrived_at == now


def test_a_lost_departure_is_made_good_by_the_first_arrival():
    means = a_world()
    route, _ = on_a_route(means, orders=1)
    stop, at = stops_of(means, route)[0], route.departs_at
    tell(means, route, *done(route, stop, at, 2), now=at + 3 * MINUTE)
    assert kept(means, Order, stop.order).state is OrderState.DELIVERED


def test_reports_that_make_no_sense_are_refused_each_with_its_reason():
    means = a_world()
    route, stops, now = away(means, 1)
    naive = now.replace(tzinfo=None)
    wrong = (
        says(route, "fly", now, 11),
        says(route, "arrive", naive, 12, stops[0].id),
        says(route, "arrive", now, 13, "stp_nowhere"),
        says(route, "close", now, 14, stops[0].id),
        says(route, "close", now, 15, stops[0].id, Outcome.FAILED),
    )
    results = report(means, route.carrier, wrong, now=now)
    assert {result.state for result in results} == {"refused"}
    assert all(result.reason for result in results)
    assert (
        report(means, "another", (says(route, "return", now, 16),), now=now)[0].state == "refused"
    )
    assert len(found(means, StopEvent)) == 1


def test_d1_a_missed_stop_comes_back_with_the_van_and_rides_again():
    means = a_world()
    route, stops, _ = away(means, 1)
    at = stops[0].planned_at
    missed = done(route, stops[0], at, 2, Outcome.FAILED, FailureReason.NOT_HOME)
    tell(means, route, *missed, now=at + 3 * MINUTE)
    assert kept(means, Order, stops[0].order).state is OrderState.OUT_FOR_DELIVERY
    back = at + 30 * MINUTE
    tell(means, route, says(route, "return", back, 9), now=back)
    order = kept(means, Order, stops[0].order)
    assert (order.state, order.attempts) == (OrderState.PACKED, 1)
    assert kept(means, Stock, "nod_vernon~lamp").reserved == 1
    clock(means, back, back + 30 * MINUTE)
    again = [s for s in found(means, Stop, order=order.id) if s.state is StopState.PLANNED]
    assert len(again) == 1
    assert again[0].route != route.id


def test_after_the_last_attempt_the_order_fails_its_income_is_given_back_and_a_person_is_told():
    means = a_world()
    route, now = on_a_route(means, orders=1)
    for attempt in range(2):
        stop = next(s for s in stops_of(means, route) if s.state is StopState.PLANNED)
        at = max(stop.planned_at, now)
        missed = done(route, stop, at, 10 * attempt + 2, Outcome.FAILED, FailureReason.NOT_HOME)
        tell(means, route, *missed, now=at + 3 * MINUTE)
        now = at + 20 * MINUTE
        tell(means, route, says(route, "return", now, 10 * attempt + 9), now=now)
        if attempt == 0:
            now = clock(means, now, now + 30 * MINUTE, each=lambda at: accept_all(means, at))
            route = found(means, Route, state=RouteState.ACCEPTED)[0]
    order = found(means, Order)[0]
    assert (order.state, order.closed_reason) == (OrderState.FAILED, "not_home")
    income = [e.amount for e in found(means, Entry) if e.kind in {"margin", "delivery_fee"}]
    assert sum(income) == 0
    assert kept(means, Promise, order.promise).state is PromiseState.BROKEN
    assert found(means, Case, kind=CaseKind.STOP_FAILED)[0].subject == order.id
    assert kept(means, Stock, "nod_vernon~lamp").free == 200


def test_damaged_goods_do_not_come_back_into_stock():
    means = a_world()
    route, stops, _ = away(means, 1)
    at = stops[0].planned_at
    broken = done(route, stops[0], at, 2, Outcome.FAILED, FailureReason.DAMAGED)
    tell(means, route, *broken, says(route, "return", at, 9), now=at + 9 * MINUTE)
    stock = kept(means, Stock, "nod_vernon~lamp")
    assert (stock.on_hand, stock.damaged) == (199, 1)


def test_c5_on_its_way_an_order_cannot_be_cancelled_and_can_be_called_back():
    means = a_world()
    route, stops, now = away(means, 1)
    with pytest.raises(NotAllowedNow) as refused:
        cancel_order(means, stops[0].order, client="shop", now=now)
    assert "return" in refused.value.allowed
    return_order(means, stops[0].order, client="shop", now=now)
    assert kept(means, Stop, stops[0].id).outcome is Outcome.SKIPPED
    tell(means, route, says(route, "return", now, 9), now=now + 30 * MINUTE)
    assert kept(means, Stock, "nod_vernon~lamp").free == 200
    assert found(means, Entry, kind=EntryKind.RETURN)[0].amount == -205


def test_c14_a_late_van_puts_its_promises_in_doubt_at_once_and_tells_every_ten_minutes_at_most():
    means = a_world()
    route, _ = on_a_route(means, orders=2)
    stop = stops_of(means, route)[0]
    late = kept(means, Promise, stop.promise).window.latest - stop.planned_at + 10 * MINUTE
    now = route.departs_at + late
    tell(means, route, says(route, "depart", now, 1), now=now)
    promise = kept(means, Promise, stop.promise)
    assert promise.state is PromiseState.AT_RISK
    assert promise.projected_at > promise.window.latest
    doubt = [e for e in found(means, Event) if e.type == "promise.at_risk"]
    assert {event.recorded_at for event in doubt} == {now}
    for minute in range(1, 25):
        at = now + minute * MINUTE
        tell(means, route, says(route, "approach", at, 10 + minute, stop.id), now=at)
        watch(means, now=at)
    told = [
        e.recorded_at
        for e in found(means, Event, sort="position")
        if e.type == "promise.changed" and e.subject == promise.id
    ]
    gaps = [b - a for a, b in itertools.pairwise(told)]
    assert told[0] == now
    assert all(gap >= 10 * MINUTE for gap in gaps)


def test_a_window_that_passes_breaks_its_promise_and_a_later_delivery_leaves_it_broken():
    means = a_world()
    route, stops, _ = away(means, 1)
    latest = kept(means, Promise, stops[0].promise).window.latest
    watch(means, now=latest + 30 * MINUTE)
    assert kept(means, Promise, stops[0].promise).state is not PromiseState.BROKEN
    watch(means, now=latest + 31 * MINUTE)
    watch(means, now=latest + 32 * MINUTE)
    at = latest + 35 * MINUTE
    tell(means, route, *done(route, stops[0], at, 2), now=at + 3 * MINUTE)
    promise = kept(means, Promise, stops[0].promise)
    assert (promise.state, promise.actual_at) == (PromiseState.BROKEN, at)
    assert [e.amount for e in found(means, Entry, kind=EntryKind.BROKEN_PROMISE)] == [-1500]
    assert kept(means, Order, stops[0].order).state is OrderState.DELIVERED


def test_word_that_comes_after_the_window_of_a_delivery_within_it_keeps_the_promise():
    means = a_world()
    route, stops, _ = away(means, 1)
    latest = kept(means, Promise, stops[0].promise).window.latest
    watch(means, now=latest + 20 * MINUTE)
    tell(means, route, *done(route, stops[0], latest - MINUTE, 2), now=latest + 21 * MINUTE)
    watch(means, now=latest + 60 * MINUTE)
    promise = kept(means, Promise, stops[0].promise)
    assert (promise.state, promise.actual_at) == (PromiseState.KEPT, latest - MINUTE)


def test_a_window_that_passes_with_the_parcel_still_indoors_is_broken_at_once():
    means = a_world()
    an_order(means)
    promise = found(means, Promise)[0]
    watch(means, now=promise.window.latest + MINUTE)
    assert kept(means, Promise, promise.id).state is PromiseState.BROKEN


def test_d2_a_silent_van_opens_one_case_widens_its_etas_and_is_settled_when_heard():
    means = a_world()
    route, stops, now = away(means, 1)
    for minute in (24, 26, 40):
        watch(means, now=now + minute * MINUTE)
        cases = found(means, Case, kind=CaseKind.NO_HEARTBEAT, state=CaseState.OPEN)
        assert len(cases) == (minute > 25)
    assert kept(means, Stop, stops[0].id).projected_at > now + 40 * MINUTE
    tell(means, route, says(route, "approach", now, 5, stops[0].id), now=now + 41 * MINUTE)
    assert found(means, Case, kind=CaseKind.NO_HEARTBEAT, state=CaseState.OPEN) == ()


def test_a_place_on_the_way_is_a_sign_of_life_too():
    means = a_world()
    route, _, now = away(means, 1)
    watch(means, now=now + 26 * MINUTE)
    assert len(found(means, Case, kind=CaseKind.NO_HEARTBEAT, state=CaseState.OPEN)) == 1
    at = now + 27 * MINUTE
    where = {"carrier": route.carrier, "lat": 34.0, "lon": -118.2}
    assert see_van(means, route.vehicle, seen_at=at, now=at, **where).route == route.id
    assert found(means, Case, kind=CaseKind.NO_HEARTBEAT, state=CaseState.OPEN) == ()
    assert kept(means, Route, route.id).last_heard_at == at


def test_a_van_that_never_says_it_is_back_is_taken_to_be_back_in_the_end():
    means = a_world()
    route, stops, _ = away(means, 1)
    at = stops[0].planned_at
    tell(means, route, *done(route, stops[0], at, 2), now=at + 3 * MINUTE)
    watch(means, now=route.returns_at + timedelta(hours=1))
    assert kept(means, Route, route.id).state is RouteState.COMPLETED


def test_a_parcel_of_the_permanent_network_is_collected_at_the_cut_off_and_arrives_next_day():
    means = a_world(vans=0)
    order = an_order(means)
    assert order.service_level is ServiceLevel.STANDARD
    promise = kept(means, Promise, order.promise)
    clock(means, TEN, TEN + timedelta(hours=10, minutes=10), every=30 * MINUTE)
    assert kept(means, Order, order.id).state is OrderState.OUT_FOR_DELIVERY
    assert [e.amount for e in found(means, Entry, kind=EntryKind.PARCEL)] == [-900]
    watch(means, now=promise.window.latest)
    assert kept(means, Order, order.id).state is OrderState.DELIVERED
    assert kept(means, Promise, order.promise).state is PromiseState.KEPT


def test_d14_a_second_photo_is_kept_and_the_first_stays_the_proof():
    means = a_world()
    route, stops, now = away(means, 1)
    common = {"kind": "photo", "size": 10, "taken_at": now, "now": now}
    one, two, again = (
        add_proof(means, stops[0].id, carrier=route.carrier, sha256=digit * 64, **common)
        for digit in "aba"
    )
    assert (one.first, two.first, again) == (True, False, one)
    with pytest.raises(Unknown):
        add_proof(means, stops[0].id, carrier="another", sha256="c" * 64, **common)
    with pytest.raises(Nonsense):
        add_proof(means, stops[0].id, carrier=route.carrier, sha256="no", **common)


def test_an_accepted_route_that_never_leaves_is_silent_too():
    means = a_world()
    route, _ = on_a_route(means, orders=1)
    watch(means, now=route.departs_at + 26 * MINUTE)
    assert found(means, Case, kind=CaseKind.NO_HEARTBEAT)[0].subject == route.id
    assert route.departs_at > TEN
