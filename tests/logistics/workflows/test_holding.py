"""What leaves with the next plan and what waits: must-go orders, company, futures, late orders."""

from dataclasses import replace
from datetime import timedelta

from logistics.dispatch import Route, RouteState, Stop
from logistics.orders import Order
from logistics.policy import Holding
from logistics.workflows.allocate import allocate
from logistics.workflows.futures import futures
from logistics.workflows.picking import pick_and_pack
from logistics.workflows.route import plan_routes
from logistics.workflows.tick import JOBS, run_due
from tests.builders.demand import (
    DOWNTOWN,
    HARBOUR,
    QUICK,
    TEN,
    a_world,
    accept_all,
    an_order,
    found,
)

PATIENT = replace(QUICK, holding=Holding(futures=3))
QUARTER = timedelta(minutes=15)
JOBS_OF_VANS = tuple(job for job in JOBS if job.name in {"allocate", "pick", "dispatch"})


def with_orders(policy, *places, now=TEN):
    means = a_world(policy=policy)
    for number, place in enumerate(places):
        an_order(means, number=str(number), place=place, now=now)
    allocate(means, now=now)
    pick_and_pack(means, now=now + timedelta(minutes=25))
    return means


def first_departure(means, since=TEN):
    """When the first van leaves, where the clock is let run."""
    for look in range(1, 30):
        now = since + look * QUARTER
        run_due(means, now=now, holder="test", jobs=JOBS_OF_VANS)
        accept_all(means, now)
        taken = found(means, Route, state=RouteState.ACCEPTED)
        if taken:
            return min(route.departs_at for route in taken)
    raise AssertionError("nothing ever left")


def test_a_lone_order_waits_as_long_as_its_promise_allows_and_still_comes_in_time():
    at_once = first_departure(with_orders(QUICK, HARBOUR))
    means = with_orders(PATIENT, HARBOUR)
    assert first_departure(means) > at_once
    stop = found(means, Stop)[0]
    assert stop.planned_at <= stop.due_at


def test_who_comes_while_an_order_waits_rides_with_it():
    means = with_orders(PATIENT, HARBOUR)
    assert plan_routes(means, "la", now=TEN + 2 * QUARTER) is None
    an_order(means, number="later", place=HARBOUR, now=TEN + QUARTER)
    first_departure(means)
    assert len(found(means, Route, state=RouteState.ACCEPTED)) == 1
    assert len(found(means, Stop)) == 2


def test_what_must_go_is_never_held():
    means = with_orders(PATIENT, HARBOUR, DOWNTOWN)
    due = min(order.due_at for order in found(means, Order))
    latest = due - timedelta(minutes=75)
    plan = plan_routes(means, "la", now=latest)
    assert plan is not None
    assert plan.unplanned == ()
    assert all(stop.planned_at <= stop.due_at for stop in found(means, Stop))


def test_without_futures_all_that_is_due_leaves():
    assert plan_routes(with_orders(QUICK, HARBOUR), "la", now=TEN + 2 * QUARTER) is not None


def test_a_moment_draws_its_futures_once_and_for_all():
    means = with_orders(PATIENT, *[HARBOUR] * 6)
    draws = []
    for _ in range(2):
        with means.store.read() as reading:
            draws.append(futures(reading, PATIENT, "la", ["nod_vernon"], TEN + 2 * QUARTER))
    assert draws[0] == draws[1]
    assert len(draws[0]) == 3
    assert {one.node for drawn in draws[0] for one in drawn} == {"nod_vernon"}
