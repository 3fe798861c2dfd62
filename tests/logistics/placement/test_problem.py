"""The question of placement refuses what cannot be so, and survives being written down."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from logistics.errors import Nonsense
from logistics.placement.problem import DAY, Goods, Leg, PlacementProblem, Standing, Wishes, starts
from logistics.written import as_text, from_text
from tests.builders.placement import HOUR, a_question, a_site, placement_problems


@settings(max_examples=25, derandomize=True, deadline=None)
@given(placement_problems())
def test_a_question_reads_back_as_it_was_written(problem):
    assert from_text(PlacementProblem, as_text(problem)) == problem


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"legs": (Leg(node="nowhere", cell="la", cost=1),)}, "nowhere"),
        ({"sites": (a_site(), a_site())}, "twice"),
        ({"sites": (a_site(periods=3),)}, "3 capacities"),
        ({"paths": ()}, "sample path"),
        ({"truck": None}, "no truck"),
        ({"wishes": Wishes(must_open=("vernon",), must_not=("vernon",))}, "must open and must not"),
        ({"wishes": Wishes(must_open=("vernon",), budget=10)}, "the budget is 10"),
        ({"wishes": Wishes(must_open=("vernon",), most_new_a_day=0)}, "within 4 days"),
        ({"wishes": Wishes(must_open=("vernon",), most_open=0)}, "at most|more than 0"),
    ],
)
def test_a_question_that_contradicts_itself_is_refused_by_name(facts, told):
    with pytest.raises(Nonsense, match=told):
        a_question(**facts)


def test_a_site_that_must_open_and_comes_too_late_is_refused():
    with pytest.raises(Nonsense, match="cannot start"):
        a_question(sites=(a_site(lead=9 * DAY),), wishes=Wishes(must_open=("vernon",)))


def test_a_site_starts_after_its_lead_and_not_after_its_latest_start():
    problem = a_question(sites=(a_site(lead=7 * HOUR, latest_start=30 * HOUR),))
    assert starts(problem, problem.sites[0]) == (2, 3, 4, 5)


def test_a_standing_site_has_started():
    site = a_site(standing=Standing(start=2, on_hand=(Goods(product="lamp", units=5),)))
    problem = a_question(sites=(site,))
    assert starts(problem, site) == (2,)
    with pytest.raises(Nonsense, match="stands already"):
        replace(problem, wishes=Wishes(must_not=("vernon",)))


def test_a_text_with_an_unknown_field_is_refused():
    with pytest.raises(ValueError, match="has no colour"):
        from_text(Goods, '{"product": "lamp", "units": 1, "colour": "red"}')
