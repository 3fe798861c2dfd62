"""Each rule of placement reports a plan that breaks it, and the cost is checked to the cent."""

from dataclasses import replace

import pytest

from logistics.placement.plan import Flow, Unserved
from logistics.placement.problem import Leg, StockLimit, VanPool, Wishes
from logistics.placement.rules import broken
from logistics.placement.solver import place
from routing.effort import Effort
from tests.builders.placement import HOUR, a_question, a_site

QUESTION = a_question()
PLAN = place(QUESTION, Effort(steps=50))
OPENING, FLOW, SHIPMENT = PLAN.openings[0], PLAN.flows[-1], PLAN.shipments[0]
EXTRA = Flow(path="expected", product="lamp", period=9, node="vernon", cell="la", parcels=1)


def test_the_plan_they_all_start_from_is_right():
    assert broken(QUESTION, PLAN) == ()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"openings": (OPENING, OPENING)}, "opens 2 times"),
        ({"openings": (replace(OPENING, start=0),)}, "takes 18000 to open"),
        ({"openings": (replace(OPENING, end=4),)}, "closes in period 4"),
        ({"openings": (replace(OPENING, fees=OPENING.fees - 1),)}, "other fees"),
        ({"openings": ()}, "does not run"),
        ({"flows": (*PLAN.flows, EXTRA)}, "wants 200 parcels and the plan tells of 201"),
        ({"flows": (replace(FLOW, parcels=0), *PLAN.flows[:-1])}, "0 parcels"),
        ({"flows": (replace(FLOW, cell="sf"), *PLAN.flows[:-1])}, "does not reach sf"),
        ({"flows": (replace(FLOW, node="mars"), *PLAN.flows[:-1])}, "no node mars"),
        ({"flows": (replace(FLOW, period=10), *PLAN.flows[:-1])}, "no period 10"),
        ({"shipments": (replace(SHIPMENT, centre="mars"),)}, "no lane leads from mars"),
        ({"flows": (replace(FLOW, parcels=400), *PLAN.flows[:-1])}, "picks 300 parcels"),
        ({"trucks": ()}, "0 trucks do not take the volume"),
        ({"shipments": (replace(SHIPMENT, period=0), *PLAN.shipments[1:])}, "left already"),
        ({"shipments": (replace(SHIPMENT, path="expected"), *PLAN.shipments[1:])}, "leaves at"),
        ({"shipments": (replace(SHIPMENT, units=1), *PLAN.shipments[1:])}, "sells 200 and has"),
        ({"shipments": (replace(SHIPMENT, units=9_999), *PLAN.shipments[1:])}, "reno has had 9000"),
        ({"late_supplies": ()}, "leave no centre"),
        ({"cost": PLAN.cost + 1}, "the means are"),
        ({"steered": PLAN.steered - 1}, "steering prices"),
        ({"steered": PLAN.nothing + 1}, "opening nothing costs"),
        ({"bound": PLAN.steered + 10.0**6}, "is above the plan's"),
        ({"paths": ()}, "not told of"),
    ],
)
def test_a_plan_that_breaks_a_rule_is_told_what_is_wrong(change, told):
    assert any(told in wrong for wrong in broken(QUESTION, replace(PLAN, **change)))


def test_one_cent_in_one_part_is_found():
    first = PLAN.paths[0]
    moved = replace(first.costs, rent=first.costs.rent - 1, delivery=first.costs.delivery + 1)
    plan = replace(PLAN, paths=(replace(first, costs=moved),))
    assert any("path expected costs" in wrong for wrong in broken(QUESTION, plan))


@pytest.mark.parametrize(
    ("wishes", "told"),
    [
        (Wishes(must_not=("vernon",)), "must not open and does"),
        (Wishes(budget=500_000), "the budget is 500000"),
        (Wishes(most_open=0), "at most 0 may"),
        (Wishes(most_new_a_day=0), "at most 0 may"),
        (Wishes(limits=(StockLimit(site="vernon", product="lamp", at_most=10),)), "above 10"),
        (Wishes(limits=(StockLimit(site="vernon", product="lamp", at_least=3_000),)), "below 3000"),
        (Wishes(least_benefit=1), "steering prices"),
    ],
)
def test_a_plan_made_before_a_wish_breaks_it(wishes, told):
    assert any(told in wrong for wrong in broken(replace(QUESTION, wishes=wishes), PLAN))


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"sites": (a_site(space=4_000_000),)}, "has space for 4000000"),
        ({"sites": (a_site(intake_a_day=400),)}, "takes in 100 units"),
        ({"sites": (a_site(ramp=24 * HOUR, ramp_permille=500),)}, "picks 150 parcels"),
        ({"sites": (a_site(refuses=("lamp",)),)}, "does not take lamp"),
        (
            {"vans": (VanPool(name="pool", nodes=("vernon",), period=4, trips=2, drops=40),)},
            "pool carries 80 and is given 200",
        ),
    ],
)
def test_a_plan_made_with_more_room_breaks_the_rule_of_less(facts, told):
    assert any(told in wrong for wrong in broken(replace(QUESTION, **facts), PLAN))


def test_lost_parcels_without_centres_are_a_fault():
    problem = a_question(centres=(), lanes=(), legs=(Leg(node="vernon", cell="la", cost=700),))
    plan = place(problem, Effort(steps=50))
    lost = Unserved(path="expected", product="lamp", period=9, cell="la", parcels=200, lost=True)
    assert any(
        "nothing is short" in wrong for wrong in broken(problem, replace(plan, unserved=(lost,)))
    )
