from dataclasses import replace

from hypothesis import given, settings

from routing.effort import Effort
from routing.replan import difference, frozen, most_moved_of, replan
from routing.rules import broken
from routing.solver import route
from tests.routing.builders import a_problem, a_random_problem, a_stop, a_van, seeds


@settings(deadline=None, max_examples=10)
@given(seeds)
def test_d9_a_new_order_keeps_every_lock_and_moves_at_most_three_stops_of_a_van(seed):
    whole = a_random_problem(seed, stops=16)
    before = replace(
        whole, stops=whole.stops[:13], vehicles=tuple(replace(v, locked=()) for v in whole.vehicles)
    )
    plan = route(before, Effort(steps=200))
    now = frozen(replace(before, stops=whole.stops), plan)
    again, diff = replan(now, plan, Effort(steps=200))
    assert broken(now, again) == ()
    assert most_moved_of(diff) <= 3
    for vehicle in now.vehicles:
        made = again.route_of(vehicle.name)
        assert (made.stops if made else ())[: len(vehicle.locked)] == vehicle.locked


def test_nothing_changed_means_nothing_moves():
    problem = a_random_problem(3)
    plan = route(problem, Effort(steps=300))
    again, diff = replan(problem, plan, Effort(steps=50))
    assert again.cost == plan.cost
    assert diff.moved == ()


def test_a_cancelled_order_is_gone_and_the_diff_says_so():
    problem = a_problem([a_stop("a", 1), a_stop("b", 2)])
    plan = route(problem, Effort(steps=100))
    again, diff = replan(replace(problem, stops=problem.stops[:1]), plan, Effort(steps=20))
    assert [(m.stop, m.before, m.after) for m in diff.moved] == [("b", "van", None)]
    assert again.cost < plan.cost


def test_a_van_that_is_gone_gives_its_stops_to_another():
    problem = a_problem([a_stop("a", 1)], vehicles=[a_van("one")])
    plan = route(problem, Effort(steps=50))
    again, _ = replan(replace(problem, vehicles=(a_van("two"),)), plan, Effort(steps=50))
    assert again.routes[0].vehicle == "two"
    assert difference(plan, again).moved[0].after == "two"
