from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings

from routing.effort import Effort
from routing.errors import BrokenPlan
from routing.files import plan_of, problem_of, text_of
from routing.geography import Place
from routing.improve import improve
from routing.insertion import locked_orders, slots
from routing.problem import RoutingProblem, Window
from routing.recombine import recombined
from routing.rules import broken
from routing.schedule import schedulable, scheduled
from routing.solver import route, route_wide
from routing.split import WideProblem, parts_of
from routing.timetable import Book, planned
from routing.travel import GreatCircle
from tests.routing.builders import (
    HOUR,
    a_depot,
    a_problem,
    a_random_problem,
    a_stop,
    a_van,
    seeds,
)


@settings(deadline=None, max_examples=40)
@given(seeds)
def test_every_plan_keeps_every_rule(seed):
    problem = a_random_problem(seed)
    plan = route(problem, Effort(steps=100))
    assert broken(problem, plan) == ()


@settings(deadline=None, max_examples=8)
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


def test_steps_and_seed_give_the_same_plan_again():
    problem = a_random_problem(11)
    assert route(problem, Effort(steps=300, seed=4)) == route(problem, Effort(steps=300, seed=4))


def test_d10_a_solver_out_of_time_gives_its_best_with_a_gap_and_says_so():
    problem = a_random_problem(5, stops=60, vehicles=8)
    plan = route(problem, Effort(at_most=0.3))
    assert plan.stopped == "time_limit"
    assert 0 <= plan.gap < 1
    assert plan.routes
    assert broken(problem, plan) == ()


def test_d11_locks_that_cannot_be_kept_are_a_typed_failure_not_an_empty_success():
    stop = a_stop("gone", 1, windows=(Window(opens=0, closes=10),))
    problem = a_problem([stop], vehicles=[a_van(locked=("gone",))])
    with pytest.raises(BrokenPlan, match="gone"):
        route(problem, Effort(steps=5))


def test_the_cheapest_window_of_a_new_stop_is_the_one_on_the_way():
    problem = a_problem([a_stop("a", 4, windows=(Window(opens=0, closes=2 * HOUR),))])
    plan = route(problem, Effort(steps=50))
    passing = Window(opens=0, closes=4 * HOUR)
    later = Window(opens=6 * HOUR, closes=7 * HOUR)
    never = Window(opens=20 * HOUR, closes=21 * HOUR)
    offered = slots(Book.of(problem), plan, a_stop("new", 2), (later, never, passing))
    assert [slot.window for slot in offered] == [passing, later]
    assert offered[0].extra < offered[1].extra


@settings(deadline=None, max_examples=8)
@given(seeds)
@example(2026)  # the same cost, told a hair below
def test_the_exact_router_and_the_recombination_break_nothing_and_cost_no_more(seed):
    problem = a_random_problem(seed)
    book = Book.of(problem)
    found = improve(book, locked_orders(book), Effort(steps=200))
    plan = planned(book, found.orders)
    mixed = recombined(book, found.pool, plan, Effort(at_most=5, steps=200))
    if mixed is not None:
        assert planned(book, mixed).cost < plan.cost
        assert broken(problem, planned(book, mixed)) == ()
    timed = scheduled(book, plan, Effort(at_most=0.5)) if schedulable(plan) else None
    if timed is not None:
        assert {s for o in timed.values() for _, names in o for s in names} <= {*book.stops}


def test_parts_of_a_large_problem_share_no_stop_and_no_vehicle():
    problem = a_random_problem(2, stops=90, vehicles=9)
    problem = replace(problem, piles=(), stops=tuple(replace(s, units=()) for s in problem.stops))
    parts = list(parts_of(problem, size=20))
    stops = [s.name for part in parts for s in part.stops]
    vans = [v.name for part in parts for v in part.vehicles]
    assert sorted(stops) == sorted(s.name for s in problem.stops)
    assert sorted(vans) == sorted(v.name for v in problem.vehicles)
    assert len(parts) >= 5


def test_a_wide_problem_is_planned_part_by_part_without_one_large_table():
    rng = np.random.default_rng(1)
    places = tuple(
        Place(lat=40 + float(a), lon=-83 + float(b)) for a, b in rng.uniform(0, 0.2, (61, 2))
    )
    wide = WideProblem(
        stops=tuple(a_stop(f"s{k}", k) for k in range(1, 61)),
        depots=(a_depot(),),
        vehicles=tuple(a_van(f"v{k}") for k in range(6)),
        places=places,
        times=GreatCircle(),
    )
    plan = route_wide(wide, Effort(steps=100), size=20)
    assert plan.left_out == ()
    whole = RoutingProblem(
        stops=wide.stops,
        depots=wide.depots,
        vehicles=wide.vehicles,
        travel=GreatCircle().table(places),
    )
    assert broken(whole, plan) == ()


def test_a_van_that_no_single_order_pays_for_is_sent_when_together_they_do():
    stops = [a_stop(f"s{k}", k, price=2000) for k in (1, 2, 3, 4)]
    plan = route(a_problem(stops, vehicles=[a_van(fixed=3000, per_hour=0)]), Effort(steps=50))
    assert plan.left_out == ()
    few = route(a_problem(stops[:1], vehicles=[a_van(fixed=3000)]), Effort(steps=50))
    assert few.routes == ()


def test_vans_are_sent_far_out_when_together_the_orders_pay_for_the_way():
    far = [a_stop(f"s{k}", 20 + k % 5, price=4000) for k in range(60)]
    vans = [a_van(f"van{k}", shift=Window(opens=0, closes=10 * HOUR)) for k in range(3)]
    plan = route(a_problem(far, vehicles=vans), Effort(steps=100))
    assert plan.left_out == ()
    assert route(a_problem(far[:1], vehicles=vans), Effort(steps=50)).routes == ()
