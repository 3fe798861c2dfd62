"""What-ifs are estimated at once, worked out by the clock, compared, promoted, and move nothing."""

from dataclasses import replace

import pytest

from logistics.decisions import Recommendation, RecommendationState, Stake
from logistics.episodes import Episode, EpisodeState
from logistics.errors import Nonsense, NotAllowedNow
from logistics.operations import Operation, OperationState
from logistics.policy import SiteType
from logistics.siting.variant import estimated
from logistics.whatif import Change, Scenario, ScenarioKind, ScenarioState, compared
from logistics.workflows.explore import (
    ask_scenario,
    beside,
    discard_scenario,
    promote_scenario,
    run_scenarios,
    standby_portfolio,
)
from logistics.workflows.position import propose
from tests.builders.supply import SEVEN, a_site, all_of, an_outlook
from tests.logistics.workflows.test_position import SITES, a_metro, after


def a_question(tools, *, about=None, kind=ScenarioKind.NODES, **change):
    return ask_scenario(
        tools,
        name="careful",
        kind=kind,
        market=None if about or kind is ScenarioKind.PORTFOLIO else "la",
        recommendation=about and about.id,
        change=Change(**change),
        by="ana",
        now=after(minutes=1),
    )


@pytest.fixture
def asked():
    tools = a_metro(sites=SITES[:1])
    an_outlook(tools, 25)
    (about,) = propose(tools, now=SEVEN)
    return tools, about


def test_fewer_buyers_are_estimated_at_once_and_worked_out_by_the_clock(asked):
    tools, about = asked
    half, same = (a_question(tools, about=about, demand_factor=f) for f in (0.6, 1.0))
    assert half.state is ScenarioState.RUNNING
    assert half.estimate.expected_gain < same.estimate.expected_gain
    done = {one.id: one for one in run_scenarios(tools, now=after(minutes=2))}
    assert done[half.id].state is ScenarioState.READY
    assert done[half.id].exact.orders < done[same.id].exact.orders
    assert done[half.id].exact.expected_gain < done[same.id].exact.expected_gain
    (first, _) = all_of(tools, Operation, kind="scenario", sort="id")
    assert (first.state, first.result) == (OperationState.SUCCEEDED, half.id)
    assert run_scenarios(tools, now=after(minutes=3)) == ()


def test_an_estimate_of_the_proposed_stock_is_what_was_proposed(asked):
    _, about = asked
    figures = estimated(about, Change())
    assert figures.expected_gain == about.expected_gain
    assert figures.cash_at_risk == about.proposal.cash_at_risk


def test_the_worked_example_turns_to_a_loss_with_six_tenths_of_the_buyers(asked):
    """Product paper, 5.1: at demand x0.6 the expectation is -904, with 1,900 units -814."""
    _, about = asked
    stake = replace_stake(about.proposal.stake)
    line = replace(about.proposal.stock[0], units=2_200)
    paper = replace(about, proposal=replace(about.proposal, stake=stake, stock=(line,)))
    low = estimated(paper, Change(demand_factor=0.6))
    careful = estimated(paper, Change(demand_factor=0.6, stock=1_900))
    assert low.expected_gain == pytest.approx(-90_400, abs=4_000)
    assert careful.expected_gain == pytest.approx(-81_400, abs=4_000)


def replace_stake(stake: Stake) -> Stake:
    fixed = (replace(stake.fixed[0], name="all fees", amount=-670_000),)
    each = (replace(stake.per_order[0], name="each", amount=620),)
    return Stake(log_mean=7.549609, log_sd=0.7345, fixed=fixed, per_order=each, back_per_unit=205)


def test_a_forbidden_site_is_not_in_the_answer_and_a_pinned_one_is():
    tools = a_metro()
    an_outlook(tools, 25)
    without = a_question(tools, must_not=("vernon",))
    pinned = a_question(tools, must_open=("unit-9",))
    done = {one.id: one.exact for one in run_scenarios(tools, now=after(minutes=2))}
    assert "vernon" not in {one.site for one in done[without.id].planned}
    assert "unit-9" in {one.site for one in done[pinned.id].planned}


def test_a_pin_on_a_site_that_is_not_there_fails_and_says_so(asked):
    tools, _ = asked
    a_question(tools, must_open=("nowhere",))
    (failed,) = run_scenarios(tools, now=after(minutes=2))
    assert failed.state is ScenarioState.FAILED
    assert "nowhere" in failed.error


def test_no_vans_leave_nothing_to_open(asked):
    tools, _ = asked
    a_question(tools, vans=0)
    (done,) = run_scenarios(tools, now=after(minutes=2))
    assert done.exact.orders == 0
    assert done.exact.planned == ()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"demand_factor": 9.0}, "demand_factor"),
        ({"target_hours": 5}, "target_hours"),
        ({"must_open": ("a",), "must_not": ("a",)}, "must_open"),
        ({"lease_days": 0}, "lease_days"),
    ],
)
def test_a_change_that_no_plan_could_mean_is_refused(change, field):
    with pytest.raises(Nonsense, match=field):
        Change(**change)


def test_stock_of_no_recommendation_cannot_be_changed(asked):
    tools, _ = asked
    with pytest.raises(Nonsense, match="stock"):
        a_question(tools, stock=500)


def test_what_differs_is_told_and_what_is_the_same_is_not(asked):
    tools, about = asked
    ids = [a_question(tools, about=about, demand_factor=f).id for f in (0.5, 2.0)]
    run_scenarios(tools, now=after(minutes=2))
    with tools.store.read() as reading:
        rows = compared(beside(reading, ids[0], tuple(ids[1:])))
        with pytest.raises(Nonsense, match="at most 4"):
            beside(reading, "a", tuple("bcde"))
    differing = {row.figure: row.values for row in rows if row.differs}
    assert differing["change.demand_factor"] == (0.5, 2.0)
    assert "expected_gain" in differing
    assert "change.vans" not in differing


def test_a_promotion_amends_what_it_varies_and_nothing_else_can_be_promoted(asked):
    tools, about = asked
    units = sum(line.units for line in about.proposal.stock) - 40
    other, plain = a_question(tools, about=about, stock=units), a_question(tools, about=about)
    with pytest.raises(NotAllowedNow):
        promote_scenario(tools, other.id, by="ana", now=after(minutes=1))
    run_scenarios(tools, now=after(minutes=2))
    with pytest.raises(Nonsense):
        promote_scenario(tools, plain.id, by="ana", now=after(minutes=3))
    done = promote_scenario(tools, other.id, by="ana", now=after(minutes=3))
    assert done.state is ScenarioState.PROMOTED
    with tools.store.read() as reading:
        old = reading.get(Recommendation, about.id)
        new = reading.get(Recommendation, done.promoted_to)
    assert old.state is RecommendationState.SUPERSEDED
    assert sum(line.units for line in new.proposal.stock) == units
    assert discard_scenario(tools, plain.id, by="ana", now=after(minutes=4)).state == "discarded"


def an_episode(number, *, days_ago, lasted=3):
    begins = after(days=-days_ago)
    return Episode(
        id=f"epi-{number}",
        video=f"v{number}",
        market="la",
        state=EpisodeState.ENDED,
        started_at=begins,
        seen_at=after(days=lasted - days_ago),
        ended_at=after(days=lasted - days_ago),
        views=900_000,
        views_per_hour=10_000.0,
        doubling_minutes=None,
        half_life_hours=None,
        evidence=(),
    )


def test_a_portfolio_without_any_episode_holds_nothing_and_says_on_what_ground():
    figures = standby_portfolio(a_metro(), Change(), now=SEVEN)
    assert figures.planned == ()
    assert figures.expected_gain == 0
    assert "0.0 episodes in the mean quarter" in figures.says[-1]


def test_a_portfolio_is_a_scenario_too_and_holds_at_most_what_is_asked():
    tools = a_metro(sites=(*SITES, a_site("second", SiteType.STANDBY, lat=34.2)))
    with tools.store.begin() as deed:
        for number in range(4):
            deed.add(an_episode(number, days_ago=10 + number))
    a_question(tools, kind=ScenarioKind.PORTFOLIO, most=1)
    (done,) = run_scenarios(tools, now=after(minutes=2))
    assert done.state is ScenarioState.READY
    assert len(done.exact.planned) <= 1
    assert len(all_of(tools, Scenario)) == 1
