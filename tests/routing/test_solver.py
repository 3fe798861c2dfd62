from hypothesis import given, settings

from routing.effort import Effort
from routing.files import plan_of, problem_of, text_of
from routing.problem import Window
from routing.rules import broken
from routing.solver import route
from tests.routing.builders import a_problem, a_random_problem, a_stop, a_van, seeds


@settings(deadline=None, max_examples=60)
@given(seeds)
def test_every_plan_keeps_every_rule(seed):
    problem = a_random_problem(seed)
    plan = route(problem, Effort(steps=200))
    assert broken(problem, plan) == ()


@settings(deadline=None, max_examples=15)
@given(seeds)
def test_a_problem_and_its_plan_come_back_from_a_file_as_they_were(seed):
    problem = a_random_problem(seed)
    assert problem_of(text_of(problem)) == problem
    plan = route(problem, Effort(steps=50))
    assert plan_of(text_of(plan)) == plan


def test_a_van_serves_a_line_of_stops_and_comes_home():
    plan = route(a_problem(a_stop(f"s{n}", n) for n in (1, 2, 3)), Effort(steps=200))
    assert len(plan.routes) == 1
    assert plan.routes[0].metres == 30_000
    assert plan.left_out == ()


def test_a_stop_that_costs_more_than_its_price_is_left_out():
    plan = route(a_problem([a_stop("dear", 5, price=10)]), Effort(steps=200))
    assert plan.routes == ()
    assert [x.stop for x in plan.left_out] == ["dear"]
    assert plan.cost == 10


def test_without_vehicles_everything_is_left_out():
    plan = route(a_problem([a_stop("a", 1)], vehicles=()), Effort(steps=5))
    assert [x.stop for x in plan.left_out] == ["a"]


def test_the_incumbent_is_never_made_worse():
    problem = a_random_problem(7)
    first = route(problem, Effort(steps=500, seed=1))
    assert route(problem, Effort(steps=1, seed=2), incumbent=first).cost <= first.cost


def test_a_van_leaves_as_late_as_the_first_window_lets_it():
    stop = a_stop("noon", 1, windows=(Window(opens=7200, closes=9000),))
    plan = route(a_problem([stop], vehicles=[a_van()]), Effort(steps=50))
    assert plan.routes[0].start == 7200 - 600
