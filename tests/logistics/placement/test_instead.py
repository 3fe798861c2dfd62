"""The plans that came close, told in plain words."""

from dataclasses import replace

from logistics.placement.instead import instead
from logistics.placement.problem import Leg, Wishes
from logistics.placement.solver import place
from routing.effort import Effort
from tests.builders.placement import a_question, a_site

QUICK = Effort(steps=50)


def twins(**facts):
    """Two spaces side by side, one of them cheaper."""
    sites = (a_site("colton", set_up=95_000), a_site("vernon"))
    legs = tuple(Leg(node=site.name, cell="la", cost=700) for site in sites)
    lane = a_question().lanes[0]
    return a_question(sites=sites, legs=legs, lanes=(lane, replace(lane, site="colton")), **facts)


def test_the_next_best_plan_opens_the_twin_and_the_one_after_nothing():
    problem = twins()
    plan = place(problem, QUICK)
    first, second = instead(problem, plan, "vernon", QUICK)
    assert (first.site, second.site) == ("colton", None)
    assert first.words.startswith("without vernon, colton opens instead, 0 parcels fewer")
    assert "nothing opens in its place, 1,800 parcels fewer come in time" in second.words
    assert 0 < first.less < second.less == plan.gain


def test_none_is_sought_beyond_the_plan_in_which_nothing_opens():
    problem = a_question()
    (only,) = instead(problem, place(problem, QUICK), "vernon", QUICK, count=5)
    assert only.site is None


def test_what_must_not_open_opens_in_no_other_plan_either():
    problem = twins(wishes=Wishes(must_not=("colton",)))
    (only,) = instead(problem, place(problem, QUICK), "vernon", QUICK)
    assert only.site is None
