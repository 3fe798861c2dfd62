from hypothesis import given, settings

from routing.diagnosis import explained, fixed
from routing.effort import Effort
from routing.insertion import Draft, cheapest, constructed, locked_orders
from routing.plan import Why
from routing.problem import Load, Unit, Window
from routing.rules import broken
from routing.solver import route
from routing.timetable import Book, orders_of
from tests.routing.builders import (
    HOUR,
    a_depot,
    a_line,
    a_problem,
    a_random_problem,
    a_stop,
    a_van,
    seeds,
)


def why(problem):
    (left,) = explained(problem, route(problem, Effort(steps=50))).left_out
    return left


def test_d8_a_window_that_no_van_reaches_is_told_with_the_minutes_it_lacks():
    stop = a_stop("far", 5, windows=(Window(opens=0, closes=5 * 600 - 840),))
    vans = [a_van("v1"), a_van("v2"), a_van("v3", skills=frozenset({"chilled"}))]
    left = why(a_problem([stop], vehicles=vans))
    assert left.why is Why.INFEASIBLE
    assert [(o.rule, o.vehicles, o.of, o.example) for o in left.obstacles] == [
        ("time_window", 3, 3, "v1")
    ]
    assert (left.fix.change, left.fix.by, left.fix.words) == ("latest", 840, "+14 min on latest")


def test_d8_where_single_insertion_fits_the_reason_is_not_chosen():
    left = why(a_problem([a_stop("dear", 5, price=100)]))
    assert left.why is Why.NOT_CHOSEN
    assert left.insertion > 100
    assert left.fix.change == "price"


def test_a_stop_heavier_than_every_van_and_one_without_skill_are_told_apart():
    heavy = a_stop("piano", 1, load=Load(weight=10**9))
    assert why(a_problem([heavy])).obstacles[0].rule == "capacity"
    chilled = a_stop("fish", 1, skills=frozenset({"chilled"}))
    assert why(a_problem([chilled])).obstacles[0].rule == "skill"


def test_goods_that_no_van_loads_are_told():
    stop = a_stop("a", 1, units=(Unit(at="other"),))
    left = why(a_problem([stop], depots=[a_depot(), a_depot("other", 1)]))
    assert left.why is Why.INFEASIBLE
    assert left.obstacles[0].rule == "unit"


def test_without_vehicles_nothing_is_feasible_and_it_is_said_so():
    left = why(a_problem([a_stop("a", 1)], vehicles=()))
    assert left.obstacles[0].rule == "no_vehicle"


def test_a_detour_that_is_quicker_proves_nothing_false():
    travel = a_line(3)
    slow = travel.seconds.copy()
    slow[0, 2] = 9 * HOUR
    problem = a_problem(
        [a_stop("by", 1), a_stop("end", 2, windows=(Window(opens=0, closes=HOUR),))],
        travel=type(travel)(seconds=slow, metres=travel.metres),
    )
    for left in explained(problem, constructed(Book.of(problem))).left_out:
        assert left.why is not Why.INFEASIBLE


@settings(deadline=None, max_examples=15)
@given(seeds)
def test_every_fix_makes_room_and_what_is_infeasible_is_in_no_plan(seed):
    problem = a_random_problem(seed, stops=14, vehicles=2)
    plan = explained(problem, route(problem, Effort(steps=100)))
    assert broken(problem, plan) == ()
    book = Book.of(problem)
    draft = Draft.of(book, orders_of(plan))
    for left in plan.left_out:
        stop = problem.stop(left.stop)
        if left.why is Why.INFEASIBLE:
            assert cheapest(draft, stop) is None
            assert cheapest(Draft.of(book, locked_orders(book)), stop) is None
        if left.fix is not None:
            changed = fixed(problem, left.stop, left.fix)
            again = Draft.of(Book.of(changed), orders_of(plan))
            assert cheapest(again, changed.stop(left.stop)) is not None
