"""Planners check what they changed by hand, compare plans, and ask for slots."""

import pytest

from logistics.access import Role
from logistics.dispatch import Plan, Stop
from logistics.workflows.allocate import allocate
from logistics.workflows.picking import pick_and_pack
from logistics.workflows.route import plan_routes
from tests.builders.demand import DOWNTOWN, TEN, a_world, an_order
from tests.builders.doors import Clock, House, problem
from tests.builders.supply import all_of


@pytest.fixture
def house():
    """A plan for three lamps downtown is solved."""
    means = a_world()
    house = House(means, clock=Clock(TEN))
    for number in range(3):
        an_order(means, number=str(number))
    allocate(means, now=TEN)
    pick_and_pack(means, now=house.clock.on(minutes=25))
    assert plan_routes(means, "la", now=house.clock()) is not None
    return house


@pytest.fixture
def plan(house):
    return all_of(house.means, Plan)[0]


def test_a_check_lists_every_broken_rule_and_refuses_none(house, plan):
    planner, path = house.caller(Role.PLANNER), f"/v1/plans/{plan.id}/checks"
    as_it_stands = planner.post(path, json={})
    assert as_it_stands.status_code == 200, as_it_stands.text
    assert as_it_stands.json()["breaches"] == []
    assert as_it_stands.json()["cost"] == plan.cost
    first, *rest = [stop.order for stop in all_of(house.means, Stop, route=plan.routes[0])]
    edit = {"route": plan.routes[0], "orders": [first, first, *rest, "ord_nobody"]}
    broken = planner.post(path, json={"routes": [edit]}).json()
    assert {breach["rule"] for breach in broken["breaches"]} == {"every_stop_once"}
    assert len(broken["breaches"]) == 2
    without = planner.post(path, json={"routes": [{**edit, "orders": rest}]}).json()
    assert without["left_out"] == [first]
    assert without["routes"][0]["stops"][0]["planned_at"].endswith("Z")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"routes": [{"route": "rte_1"}]}, "/routes/0/orders"),
        ({"routes": [{"route": "rte 1", "orders": []}]}, "/routes/0/route"),
        ({"routes": [{"route": "rte_1", "orders": [7]}]}, "/routes/0/orders/0"),
        ({"route": []}, "/route"),
    ],
)
def test_a_check_of_no_sense_is_refused_by_its_field(house, plan, body, pointer):
    told = house.caller(Role.PLANNER).post(f"/v1/plans/{plan.id}/checks", json=body)
    assert problem(told, "validation-failed")["errors"][0]["pointer"] == pointer


def test_checks_and_slots_are_for_planners(house, plan):
    carrier = house.caller(Role.CARRIER)
    asked = "market=la&product=lamp&lat=34&lon=-118"
    problem(carrier.post(f"/v1/plans/{plan.id}/checks", json={}), "forbidden-scope")
    problem(carrier.get(f"/v1/slots?{asked}"), "forbidden-scope")
    problem(house.stranger().get(f"/v1/slots?{asked}"), "unauthenticated")


def test_what_is_not_there_cannot_be_checked_or_compared(house, plan):
    planner = house.caller(Role.PLANNER)
    problem(planner.post("/v1/plans/pln_x/checks", json={}), "not-found")
    gone = {"routes": [{"route": "rte_x", "orders": []}]}
    problem(planner.post(f"/v1/plans/{plan.id}/checks", json=gone), "not-found")
    problem(planner.get(f"/v1/plans/{plan.id}/diff?against=pln_x"), "not-found")
    problem(planner.get(f"/v1/plans/{plan.id}/diff"), "validation-failed")


def test_a_plan_differs_in_nothing_from_itself_and_says_what_a_later_one_moved(house, plan):
    planner = house.caller(Role.PLANNER)
    same = planner.get(f"/v1/plans/{plan.id}/diff?against={plan.id}").json()
    assert (same["moved"], same["shifted"], same["cost"], same["most_moved"]) == ([], [], 0, 0)
    later = plan_routes(house.means, "la", now=house.clock.on(minutes=90))
    told = planner.get(f"/v1/plans/{later.id}/diff?against={plan.id}").json()
    assert told["moved"] or told["shifted"]


def test_a_slot_says_who_would_come_when_and_at_what_cost(house):
    planner = house.caller(Role.PLANNER)
    lat, lon = DOWNTOWN
    told = planner.get(f"/v1/slots?market=la&product=lamp&lat={lat}&lon={lon}").json()
    assert told["currency"] == "USD"
    assert told["slots"]
    first = told["slots"][0]
    assert first["opens_at"] <= first["planned_at"] <= first["closes_at"]
    assert first["cost"] > 0
    problem(planner.get("/v1/slots?market=sf&product=lamp&lat=34&lon=-118"), "not-found")
    off = planner.get("/v1/slots?market=la&product=lamp&lat=134&lon=nan")
    faults = problem(off, "validation-failed")["errors"]
    assert {fault["pointer"] for fault in faults} == {"/lat", "/lon"}
