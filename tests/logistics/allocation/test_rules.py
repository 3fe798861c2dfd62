"""Each rule of allocation reports a plan that breaks it."""

from dataclasses import replace

import pytest

from logistics.allocation.problem import AllocationProblem
from logistics.allocation.rules import broken
from logistics.allocation.solver import allocate
from routing.effort import Effort
from tests.builders.allocation import a_leg, a_node, an_ask

PROBLEM = AllocationProblem(
    orders=(an_ask("one"), an_ask("two", cell="sf")),
    nodes=(a_node("vernon", lamps=1, picks=1),),
    legs=(a_leg("vernon", 700),),
)
PLAN = allocate(PROBLEM, Effort(steps=10))
ONE, TWO = PLAN.allocations


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"allocations": (ONE,)}, "order two is answered 0 times"),
        ({"allocations": (ONE, ONE, TWO)}, "order one is answered 2 times"),
        ({"allocations": (ONE, replace(TWO, node="vernon"))}, "does not reach order two"),
        ({"allocations": (replace(ONE, in_time=False), TWO)}, "takes 7200 and has 18000"),
        ({"allocations": (ONE, replace(TWO, in_time=True))}, "in time with the network"),
        ({"allocations": (replace(ONE, cost=1), TWO)}, "order one costs 700"),
        ({"cost": PLAN.cost + 1}, "the plan says"),
        ({"cost": 10**6}, "the network alone 4800"),
        ({"bound": 10.0**6}, "is above the cost"),
    ],
)
def test_a_plan_that_breaks_a_rule_is_told_what_is_wrong(change, told):
    assert broken(PROBLEM, PLAN) == ()
    assert any(told in wrong for wrong in broken(PROBLEM, replace(PLAN, **change)))


@pytest.mark.parametrize(
    ("node", "told"),
    [
        (a_node("vernon", lamps=0), "has 0 lamp free and gives 1"),
        (a_node("vernon", picks=0), "can pick 0 orders"),
    ],
)
def test_a_plan_made_with_more_room_breaks_the_rule_of_less(node, told):
    less = replace(PROBLEM, nodes=(node,))
    assert any(told in wrong for wrong in broken(less, PLAN))
