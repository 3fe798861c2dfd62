"""Small worlds that are lived the same way every day, and what must be true of each on any machine."""

from functools import cache

import pytest

from tests.scenarios import golden

POLICIES = ("static", "surgeport")


@cache
def day(name, policy="surgeport"):
    return golden.lived(name, policy)


@pytest.mark.parametrize("name", golden.worlds())
def test_a_golden_day_is_lived_as_it_was_approved(name, approving):
    answers = {policy: golden.short(day(name, policy)) for policy in POLICIES}
    if approving:
        golden.approve(name, answers)
    known = golden.approved(name)
    assert known is not None, "no answer is approved: look at the day, then `make approve`"
    if known["machine"] == golden.machine():
        assert answers == known["policies"], "the day has changed: if it is right, `make approve`"


@pytest.mark.parametrize("name", golden.worlds())
@pytest.mark.parametrize("policy", POLICIES)
def test_everything_adds_up_at_every_step_of_a_golden_day(name, policy):
    life = day(name, policy)
    assert life.wrong == ()
    assert life.failed_jobs == ()
    assert life.checks == 4 * 40


@pytest.mark.parametrize("name", golden.worlds())
def test_both_policies_meet_the_same_demand(name):
    one, other = (day(name, policy).outcomes for policy in POLICIES)
    assert (one.demanded, one.eligible) == (other.demanded, other.eligible)


def test_a_centre_beyond_reach_keeps_no_six_hours_by_itself():
    assert day("a-spike-beyond-reach", "static").outcomes.six_hours == 0


def test_a_spike_beyond_reach_is_met_by_a_node():
    spike = day("a-spike-beyond-reach").outcomes
    assert spike.nodes_opened >= 1
    assert spike.six_hours_eligible > 20
    assert spike.promises_kept_share >= 0.8


def test_nothing_is_opened_for_a_dud():
    assert day("a-dud-that-never-sells").outcomes.nodes_opened == 0


def test_robots_who_watch_open_no_node():
    assert day("a-robots-fair").outcomes.nodes_opened == 0


def test_what_every_planner_rejects_is_never_opened():
    assert day("a-planner-who-says-no").outcomes.nodes_opened == 0


def test_mishaps_break_some_promises_and_never_the_books():
    stormy = day("a-stormy-day-of-mishaps").outcomes
    assert stormy.promises_kept_share >= 0.5
    assert stormy.orders > 100


def test_buyers_of_what_is_sold_out_take_its_sibling():
    rhine = day("two-peaks-on-the-rhine", "static").outcomes
    assert rhine.orders > 240
    assert rhine.orders < rhine.demanded
