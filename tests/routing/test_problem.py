import pytest

from routing.errors import BadProblem, UnknownName, UnreadableFile
from routing.files import problem_of, text_of
from routing.problem import Load, Unit, Window
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
