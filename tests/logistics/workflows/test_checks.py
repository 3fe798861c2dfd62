"""A planner changes a plan by hand and is told everything that the change breaks."""

from dataclasses import replace
from datetime import timedelta

import pytest

from logistics.carriers import Vehicle
from logistics.dispatch import Plan, Route, RouteState, Stop
from logistics.errors import Nonsense, Refused, Unknown
from logistics.orders import Order, OrderState
from logistics.records import DecisionRecord
from logistics.workflows.allocate import allocate
from logistics.workflows.checks import Edit, check_plan
from logistics.workflows.differences import plan_difference
from logistics.workflows.picking import pick_and_pack
from logistics.workflows.publish import publish_plan
from logistics.workflows.route import plan_routes
from tests.builders.demand import DOWNTOWN, HARBOUR, TEN, a_world, accept_all, an_order, found

HALF_PAST = TEN + timedelta(minutes=25)


def solved(means, orders=6):
    for number in range(orders):
        an_order(means, number=str(number), place=(DOWNTOWN, HARBOUR)[number % 2])
    allocate(means, now=TEN)
    pick_and_pack(means, now=HALF_PAST)
    return plan_routes(means, "la", now=HALF_PAST)


def orders_of(means, route):
    stops = sorted(found(means, Stop, route=route), key=lambda stop: stop.position)
    return tuple(stop.order for stop in stops)


def rules(checked):
    return {breach.rule for breach in checked.breaches}


def test_a_plan_as_it_was_solved_breaks_nothing_and_costs_what_it_says():
    means = a_world()
    plan = solved(means)
    checked = check_plan(means, plan.id, ())
    assert checked.breaches == ()
    assert checked.cost == checked.cost_before == plan.cost
    planned = {stop.order: stop.planned_at for stop in found(means, Stop)}
    assert {s.order: s.planned_at for r in checked.routes for s in r.stops} == planned


def test_turning_a_route_round_is_timed_anew_and_allowed():
    means = a_world()
    plan = solved(means)
    route = plan.routes[0]
    turned = tuple(reversed(orders_of(means, route)))
    checked = check_plan(means, plan.id, [Edit(route=route, orders=turned)])
    assert checked.breaches == ()
    first = next(r for r in checked.routes if r.route == route)
    assert tuple(stop.order for stop in first.stops) == turned
    assert checked.cost >= checked.cost_before


def test_a_dropped_order_is_left_out_and_one_that_stands_twice_breaks_a_rule():
    means = a_world()
    plan = solved(means)
    route = plan.routes[0]
    first, *rest = orders_of(means, route)
    checked = check_plan(means, plan.id, [Edit(route=route, orders=tuple(rest))])
    assert checked.left_out == (first,)
    twice = check_plan(means, plan.id, [Edit(route=route, orders=(first, first, *rest))])
    assert rules(twice) == {"every_stop_once"}


def test_a_van_too_small_too_late_or_unknown_is_told_by_each_rule():
    means = a_world()
    small = replace(found(means, Vehicle)[0], id="bicycle", parcels=1)
    with means.store.begin() as deed:
        deed.add(small)
    plan = solved(means)
    route = plan.routes[0]
    orders = orders_of(means, route)
    cramped = check_plan(means, plan.id, [Edit(route=route, orders=orders, vehicle="bicycle")])
    assert "within_capacity" in rules(cramped)
    strange = check_plan(means, plan.id, [Edit(route=route, orders=orders, vehicle="tank")])
    assert rules(strange) == {"each_vehicle_once"}
    unknown = check_plan(means, plan.id, [Edit(route=route, orders=(*orders, "ord_x"))])
    assert any("ord_x" in breach.words for breach in unknown.breaches)


def test_what_is_too_late_is_told_by_the_local_clock():
    means = a_world()
    plan = solved(means)
    route = plan.routes[0]
    many = [Edit(route=route, orders=orders_of(means, route) * 120)]
    told = [b.words for b in check_plan(means, plan.id, many).breaches if b.rule == "within_shift"]
    until = found(means, Vehicle)[0].shift_until_hour
    assert f"its shift is 10:45:00 to {until}:00:00" in told[0]


def test_d9_what_a_carrier_has_and_the_change_budget_are_rules_of_a_released_plan():
    means = a_world()
    plan = publish_plan(means, solved(means), by="ann", now=HALF_PAST)
    accept_all(means, HALF_PAST)
    route = found(means, Route, plan=plan.id, state=RouteState.ACCEPTED)[0]
    emptied = check_plan(means, plan.id, [Edit(route=route.id, orders=())])
    assert "carriers_routes_stay" in rules(emptied)
    most = means.policy.tendering.moved_stops_per_van
    assert ("few_moves" in rules(emptied)) == (route.stop_count > most)
    assert any(r.stop_count > most for r in found(means, Route, plan=plan.id))


def test_an_order_withdrawn_since_waits_for_no_van():
    means = a_world()
    plan = solved(means)
    gone = orders_of(means, plan.routes[0])[0]
    with means.store.begin() as deed:
        deed.change(replace(deed.lock(Order, gone), state=OrderState.CANCELLED))
    checked = check_plan(means, plan.id, ())
    assert [b.words for b in checked.breaches] == [f"{gone} is cancelled and waits for no van"]


def test_a_check_refuses_what_it_cannot_ask_and_writes_nothing():
    means = a_world()
    plan = solved(means)
    before = found(means, Plan), found(means, Stop), found(means, Order)
    with pytest.raises(Unknown):
        check_plan(means, "pln_x", ())
    with pytest.raises(Unknown):
        check_plan(means, plan.id, [Edit(route="rte_x", orders=())])
    with pytest.raises(Nonsense):
        check_plan(means, plan.id, [Edit(route=plan.routes[0], orders=())] * 2)
    assert (found(means, Plan), found(means, Stop), found(means, Order)) == before


def test_a_plan_without_its_question_cannot_be_checked():
    means = a_world()
    plan = solved(means)
    with means.store.begin() as deed:
        lost = deed.add(replace(plan, id="pln_lost", decision=None))
    with pytest.raises(Refused, match="question"):
        check_plan(means, lost.id, ())
    assert found(means, DecisionRecord)


def test_the_difference_of_two_plans_names_who_moved_and_when():
    means = a_world()
    first = solved(means, 4)
    an_order(means, number="late", place=DOWNTOWN)
    allocate(means, now=HALF_PAST)
    pick_and_pack(means, now=HALF_PAST)
    second = plan_routes(means, "la", now=HALF_PAST + timedelta(minutes=5))
    with means.store.read() as reading:
        same = plan_difference(reading, first.id, first.id)
        told = plan_difference(reading, second.id, first.id)
        back = plan_difference(reading, first.id, second.id)
    assert (same.moved, same.shifted, same.cost) == ((), (), 0)
    new = {stop.order for stop in found(means, Stop)} - {
        order for route in first.routes for order in orders_of(means, route)
    }
    assert new <= {move.order for move in told.moved if move.before is None}
    assert told.cost == second.cost - first.cost == -back.cost
    assert {(m.order, m.after, m.before) for m in told.moved} == {
        (m.order, m.before, m.after) for m in back.moved
    }
