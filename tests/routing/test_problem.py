import pytest

from routing.diagnosis import explained
from routing.effort import Effort
from routing.errors import BadProblem, UnknownName, UnreadableFile
from routing.files import problem_of, text_of
from routing.plan import Why
from routing.problem import Load, Unit, Window
from routing.solver import route
from tests.routing.builders import a_line, a_problem, a_stop, a_van


def test_a_name_given_twice_is_refused():
    with pytest.raises(BadProblem, match="stop a: is there 2 times"):
        a_problem([a_stop("a", 1), a_stop("a", 2)])


def test_a_window_that_ends_before_it_begins_is_refused():
    with pytest.raises(BadProblem, match="closes at 1 before it opens at 2"):
        Window(opens=2, closes=1)


def test_a_place_that_the_travel_table_does_not_know_is_refused():
    with pytest.raises(BadProblem, match="stop far: place 9"):
        a_problem([a_stop("far", 9)], travel=a_line(3))


def test_a_depot_or_a_lock_that_does_not_exist_is_refused():
    with pytest.raises(UnknownName, match="'nowhere'"):
        a_problem([a_stop("a", 1, units=(Unit(at="nowhere"),))])
    with pytest.raises(UnknownName, match="'ghost'"):
        a_problem([a_stop("a", 1)], vehicles=[a_van(locked=("ghost",))])


def test_a_load_below_nothing_is_refused():
    with pytest.raises(BadProblem):
        Load(weight=-1)


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (lambda t: t[:-2], "not JSON"),
        (lambda t: t.replace('"stops"', '"stopps"'), "unknown field 'stopps'"),
        (lambda t: t.replace('"price":10000', '"price":"much"'), "price is 'much'"),
        (lambda t: t.replace('"price":10000', '"price":NaN'), "price is nan"),
        (lambda t: t.replace('"price":10000,', ""), "missing 1 required"),
        (lambda t: t.replace('"place":1', '"place":true'), "place is True"),
    ],
)
def test_a_damaged_file_is_refused_with_what_is_wrong(damage, fault):
    text = text_of(a_problem([a_stop("a", 1)]))
    with pytest.raises(UnreadableFile, match=fault):
        problem_of(damage(text))


def test_a_damaged_stop_of_a_file_is_refused_by_its_name():
    text = text_of(a_problem([a_stop("a", 1, windows=(Window(opens=5, closes=9),))]))
    with pytest.raises(BadProblem, match="stop a: window closes at 2 before it opens at 5"):
        problem_of(text.replace('"closes":9', '"closes":2'))
    with pytest.raises(BadProblem, match="stop a: load"):
        problem_of(text.replace('"parcels":1}', '"parcels":-1}'))


def test_a_matrix_with_a_number_below_zero_is_refused_and_a_hole_is_no_road():
    text = text_of(a_problem([a_stop("a", 1)]))
    assert '"seconds":[[0,600],[600,0]]' in text
    with pytest.raises(BadProblem, match="seconds: a number below zero"):
        problem_of(text.replace("[[0,600]", "[[0,-600]", 1))
    cut_off = problem_of(text.replace("[[0,600]", "[[0,null]", 1))
    plan = explained(cut_off, route(cut_off, Effort(steps=20)))
    (left,) = plan.left_out
    assert (left.stop, left.why) == ("a", Why.INFEASIBLE)
    assert left.obstacles[0].rule == "no_road"
    with pytest.raises(UnreadableFile, match="no table of numbers"):
        problem_of(text.replace("[[0,600],", "[[0],", 1))


def test_places_that_are_none_are_refused():
    text = text_of(a_problem([a_stop("a", 1)]))
    nowhere = '"places":[{"lat":NaN,"lon":0.0},{"lat":0.0,"lon":0.0}]'
    with pytest.raises(UnreadableFile, match=r"places\[0\].lat is nan"):
        problem_of(text.replace('"places":[]', nowhere))
    with pytest.raises(BadProblem, match="1 places for a travel table of 2"):
        problem_of(text.replace('"places":[]', '"places":[{"lat":1.0,"lon":0.0}]'))
