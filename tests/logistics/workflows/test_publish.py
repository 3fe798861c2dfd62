from dataclasses import replace
from datetime import timedelta

import pytest

from logistics.carriers import Carrier
from logistics.dispatch import (
    Plan,
    PlanState,
    Route,
    RouteState,
    Stop,
    StopState,
    Tender,
    TenderState,
)
from logistics.errors import NotAllowedNow, StaleVersion, TenderClosed, Unknown
from logistics.events import Event
from logistics.exceptions import Case, CaseKind, CaseState
from logistics.orders import Order
from logistics.promise.calibration import Calibration
from logistics.promise.trust import CarrierRecord
from logistics.records import DecisionRecord
from logistics.workflows.allocate import allocate
from logistics.workflows.intake import cancel_order
from logistics.workflows.picking import pick_and_pack
from logistics.workflows.publish import answer_tender, expire_tenders, publish_plan
from logistics.workflows.route import plan_routes
from routing.effort import Effort
from routing.errors import NoTravelTimes
from routing.files import problem_of, text_of
from routing.rules import broken
from routing.solver import route as solved
from routing.travel import GreatCircle, slowed
from tests.builders.demand import (
    DOWNTOWN,
    HARBOUR,
    TEN,
    a_van,
    a_world,
    accept_all,
    an_order,
    found,
    kept,
)

MINUTE = timedelta(minutes=1)
HALF_PAST = TEN + 25 * MINUTE
"""Late enough that the 11 o'clock departure is planned."""


def planned(means, orders=4):
    for number in range(orders):
        an_order(means, number=str(number), place=(DOWNTOWN, HARBOUR)[number % 2])
    allocate(means, now=TEN)
    pick_and_pack(means, now=HALF_PAST)
    return plan_routes(means, "la", now=HALF_PAST)


def published(means, orders=4):
    return publish_plan(means, planned(means, orders), by="planner-1", now=HALF_PAST)


def test_a_plan_puts_every_due_order_on_a_van_in_time_and_keeps_why():
    means = a_world()
    plan = planned(means)
    assert plan.state is PlanState.SOLVED
    stops = found(means, Stop)
    assert {stop.order for stop in stops} == {order.id for order in found(means, Order)}
    assert all(stop.planned_at <= stop.due_at for stop in stops)
    record = kept(means, DecisionRecord, plan.decision)
    assert set(record.parents) >= {stop.order for stop in stops}
    problem = problem_of(record.inputs)
    assert text_of(problem) == record.inputs
    assert broken(problem, solved(problem, Effort(steps=1))) == ()
    assert "34.05" not in record.inputs


def test_an_order_that_is_a_day_late_is_still_brought():
    means = a_world()
    planned(means, 1)
    tomorrow = TEN + timedelta(days=1)
    plan = plan_routes(means, "la", now=tomorrow)
    assert plan.unplanned == ()
    assert len(plan.routes) == 1


def test_nothing_due_makes_no_plan():
    means = a_world()
    assert plan_routes(means, "la", now=TEN) is None
    an_order(means)
    assert plan_routes(means, "la", now=TEN) is None


def test_publishing_offers_every_route_to_one_carrier_and_moves_the_etas():
    means = a_world()
    plan = published(means)
    assert plan.state is PlanState.PUBLISHED
    for route in found(means, Route, plan=plan.id):
        tender = kept(means, Tender, route.tender)
        assert (route.state, tender.state) == (RouteState.TENDERED, TenderState.OFFERED)
        assert tender.pay == route.cost
        assert tender.respond_by == HALF_PAST + 15 * MINUTE
    assert {order.route for order in found(means, Order)} == set(plan.routes)


def test_e7_a_plan_is_published_once():
    means = a_world()
    plan = published(means)
    events = len(found(means, Event))
    with pytest.raises(NotAllowedNow):
        publish_plan(means, plan, by="planner-2", now=HALF_PAST)
    assert len(found(means, Event)) == events


class Killed(BaseException):
    """The process is ended from outside."""


class Frail:
    """A source of ids that dies after some, as a process may at any moment."""

    def __init__(self, ids, lives):
        self.ids, self.lives = ids, lives

    def new(self, prefix, now):
        self.lives -= 1
        if self.lives < 0:
            raise Killed
        return self.ids.new(prefix, now)


def test_e7_a_process_killed_while_publishing_leaves_the_plan_whole_or_untouched():
    for lives in range(40):
        means = a_world()
        plan = planned(means)
        before = [found(means, kind) for kind in (Plan, Route, Stop, Tender, Order, Event)]
        try:
            frail = replace(means, ids=Frail(means.ids, lives))
            publish_plan(frail, plan, by="planner-1", now=HALF_PAST)
            break
        except Killed:
            after = [found(means, kind) for kind in (Plan, Route, Stop, Tender, Order, Event)]
            assert after == before
            again = publish_plan(means, plan, by="planner-1", now=HALF_PAST)
            assert again.state is PlanState.PUBLISHED
    assert 3 < lives < 39


def test_a_plan_changed_since_it_was_read_is_not_published():
    means = a_world()
    plan = planned(means)
    with pytest.raises(StaleVersion):
        publish_plan(means, plan, by="planner-1", expected_version=plan.version - 1, now=HALF_PAST)


def test_an_accepted_offer_gives_the_route_its_carrier_driver_and_van():
    means = a_world()
    published(means)
    tender = found(means, Tender)[0]
    van = kept(means, Route, tender.route).vehicle
    accepted = answer_tender(
        means,
        tender.id,
        "accept",
        carrier=tender.carrier,
        driver="d-7",
        vehicle=van,
        expected_version=tender.version,
        now=HALF_PAST + MINUTE,
    )
    route = kept(means, Route, tender.route)
    assert accepted.state is TenderState.ACCEPTED
    assert (route.state, route.carrier, route.driver) == ("accepted", tender.carrier, "d-7")


def test_another_carriers_offer_or_van_is_unknown():
    means = a_world()
    published(means)
    tender = found(means, Tender)[0]
    other = {"swift": "steady", "steady": "swift"}[tender.carrier]
    with pytest.raises(Unknown):
        answer_tender(means, tender.id, "accept", carrier=other, now=HALF_PAST)
    with pytest.raises(Unknown):
        answer_tender(
            means, tender.id, "accept", carrier=tender.carrier, vehicle="nobodys", now=HALF_PAST
        )
    with pytest.raises(StaleVersion):
        answer_tender(
            means, tender.id, "accept", carrier=tender.carrier, expected_version=9, now=HALF_PAST
        )


def test_d3_a_declined_route_goes_to_the_next_carrier_and_after_the_last_to_a_person():
    means = a_world()
    published(means, 1)
    first = found(means, Tender)[0]
    answer_tender(
        means, first.id, "decline", carrier=first.carrier, reason="no_capacity", now=HALF_PAST
    )
    second = found(means, Tender, state=TenderState.OFFERED)[0]
    assert second.carrier != first.carrier
    assert second.offered_at - HALF_PAST <= timedelta(seconds=30)
    assert kept(means, Tender, first.id).decline_reason == "no_capacity"
    answer_tender(means, second.id, "decline", carrier=second.carrier, now=HALF_PAST)
    case = found(means, Case, kind=CaseKind.NO_CARRIER)[0]
    assert (case.state, case.subject) == (CaseState.OPEN, first.route)
    assert kept(means, Route, first.route).state is RouteState.PLANNED


def test_d4_silence_is_no_acceptance_and_a_late_one_is_told_that_it_is_closed():
    means = a_world()
    published(means, 1)
    tender = found(means, Tender)[0]
    late = tender.respond_by + MINUTE
    assert expire_tenders(means, now=tender.respond_by) == 0
    with pytest.raises(TenderClosed) as refused:
        answer_tender(means, tender.id, "accept", carrier=tender.carrier, now=late)
    assert refused.value.state == "expired"
    assert kept(means, Tender, tender.id).state is TenderState.EXPIRED
    second = found(means, Tender, state=TenderState.OFFERED)[0]
    assert expire_tenders(means, now=second.respond_by + MINUTE) == 1
    with pytest.raises(TenderClosed):
        answer_tender(means, second.id, "accept", carrier=second.carrier, now=late)


def test_a_route_that_nobody_took_is_planned_anew_and_its_case_settles():
    means = a_world()
    published(means, 2)
    for _ in range(2):
        for tender in found(means, Tender, state=TenderState.OFFERED):
            answer_tender(means, tender.id, "decline", carrier=tender.carrier, now=HALF_PAST)
    later = HALF_PAST + 15 * MINUTE
    again = publish_plan(means, plan_routes(means, "la", now=later), by="policy", now=later)
    assert {route.state for route in found(means, Route) if route.plan != again.id} == {
        RouteState.SUPERSEDED
    }
    assert {order.route for order in found(means, Order)} <= set(again.routes)
    assert found(means, Case, kind=CaseKind.NO_CARRIER, state=CaseState.OPEN) == ()


def test_what_is_offered_or_accepted_is_not_planned_again():
    means = a_world()
    published(means)
    accept_all(means, HALF_PAST)
    assert plan_routes(means, "la", now=HALF_PAST + 15 * MINUTE) is None


def test_c4_a_cancelled_orders_place_on_the_route_is_free_and_an_empty_route_is_called_off():
    means = a_world()
    an_order(means)
    allocate(means, now=TEN)
    order = found(means, Order)[0]
    with means.store.begin() as deed:
        deed.change(replace(order, ready_at=TEN + timedelta(minutes=24, seconds=59)))
    plan = plan_routes(means, "la", now=HALF_PAST)
    publish_plan(means, plan, by="policy", now=HALF_PAST)
    cancel_order(means, order.id, client="shop", now=HALF_PAST)
    assert [stop.state for stop in found(means, Stop)] == [StopState.CLOSED]
    assert [route.state for route in found(means, Route)] == [RouteState.CANCELLED]
    assert [tender.state for tender in found(means, Tender)] == [TenderState.WITHDRAWN]


def test_an_order_cancelled_between_plan_and_publication_is_left_at_home():
    means = a_world()
    for number in range(2):
        an_order(means, number=str(number))
    allocate(means, now=TEN)
    plan = plan_routes(means, "la", now=HALF_PAST)
    gone = found(means, Order)[0]
    cancel_order(means, gone.id, client="shop", now=HALF_PAST)
    publish_plan(means, plan, by="policy", now=HALF_PAST)
    open_stops = [stop for stop in found(means, Stop) if stop.state is not StopState.CLOSED]
    assert gone.id not in {stop.order for stop in open_stops}
    assert len(open_stops) == 1


class Roads:
    """A road engine that says twice what straight lines say, or nothing at all."""

    def __init__(self, *, silent=False):
        self.silent = silent

    def table(self, places):
        if self.silent:
            raise NoTravelTimes(source="osrm", fault="it is too slow")
        return replace(slowed(GreatCircle().table(places), 2.0), source="osrm")


def test_routes_are_planned_on_real_roads_and_the_record_says_whose_they_are():
    by_roads, by_lines = (replace(a_world(), roads=roads) for roads in (Roads(), None))
    drives = []
    for means in (by_roads, by_lines):
        record = kept(means, DecisionRecord, planned(means).decision)
        drives.append(problem_of(record.inputs).travel.seconds)
        assert record.model_version == ("osrm" if means.roads else "great_circle")
    assert (drives[0] >= drives[1]).all()
    assert drives[0].sum() > 1.5 * drives[1].sum()


def test_where_the_road_engine_is_silent_straight_lines_stand_in_and_say_so():
    means = replace(a_world(), roads=Roads(silent=True))
    plan = planned(means)
    assert plan.routes
    record = kept(means, DecisionRecord, plan.decision)
    assert record.model_version == "great_circle (osrm: it is too slow)"


def test_after_a_decline_the_carrier_with_the_better_record_is_asked_before_one_of_better_rank():
    means = a_world(vans=1)
    poor = CarrierRecord(carrier="steady", offered=40, taken=20, declined=20)
    learnt = Calibration(id="la", learnt_at=TEN, outcomes=0, bins=(), carriers=(poor,))
    pay = {"per_route": 2000, "per_stop": 450, "per_km": 80}
    with means.store.begin() as deed:
        deed.add(learnt)
        deed.add(Carrier(id="third", name="Third", markets=("la",), rank=3, **pay))
        deed.add(a_van("van-third", "third", "la"))
    plan = published(means)
    (first,) = found(means, Tender, route=plan.routes[0])
    answer_tender(means, first.id, "decline", carrier=first.carrier, now=HALF_PAST)
    (second,) = found(means, Tender, route=plan.routes[0], state=TenderState.OFFERED)
    assert (first.carrier, second.carrier) == ("swift", "third")
