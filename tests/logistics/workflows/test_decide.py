"""Verdicts: read before you decide, two where it matters, once and not twice, and only in time."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logistics.decisions import (
    RECOMMENDATION,
    Choice,
    Kind,
    Recommendation,
    RecommendationState,
    RejectReason,
    Verdict,
)
from logistics.errors import Nonsense, NotAllowedNow, Refused, SamePlanner, StaleVersion
from logistics.events import Event
from logistics.exceptions import Case, CaseKind, CaseState
from logistics.inventory import Replenishment, ReplenishmentState
from logistics.network import Lease, LeaseState, Node, NodeState
from logistics.policy import LapsePolicy, Policy, SiteType
from logistics.workflows.amend import Amendment, NewUnits
from logistics.workflows.decide import carry_out, give_verdict, lapse
from logistics.workflows.stock import answer_lease
from tests.builders.supply import (
    SEVEN,
    a_proposal,
    a_recommendation,
    a_world,
    all_of,
    an_outlook,
    means,
)

S = RecommendationState


def after(**ahead):
    return SEVEN + timedelta(**ahead)


def says(tools, choice=Choice.APPROVE, *, planner="ana", version=1, now=None, id="rec_1", **more):
    if choice is Choice.REJECT:
        more.setdefault("reason_code", RejectReason.COST)
    if choice is Choice.HOLD:
        more.setdefault("reason", "waiting for the buyer")
    if choice is Choice.AMEND:
        change = Amendment(units=(NewUnits(product="lamp", units=1_900),))
        more.setdefault("amendment", change)
    return give_verdict(
        tools,
        id,
        choice,
        planner=planner,
        expected_version=version,
        now=now or after(minutes=5),
        **more,
    )


def temporary(tools):
    return [node for node in all_of(tools, Node) if node.type is not SiteType.CENTRE]


def test_an_approval_asks_for_the_space_once_its_undo_window_is_over():
    tools = a_world()
    a_recommendation(tools)
    done = says(tools)
    assert (done.state, done.effective_at) == (S.APPROVED, after(minutes=5, seconds=30))
    carry_out(tools, now=after(minutes=5, seconds=29))
    assert all_of(tools, Lease) == ()
    for _ in range(2):
        carry_out(tools, now=after(minutes=6))
    (lease,), (node,), (load,) = (
        all_of(tools, Lease),
        temporary(tools),
        all_of(tools, Replenishment),
    )
    assert (lease.state, lease.respond_by) == (LeaseState.REQUESTED, after(minutes=26))
    assert (node.state, node.lease) == (NodeState.PLANNED, lease.id)
    assert (node.drain_from, node.closes_at) == (
        done.proposal.exit.drain_from,
        done.proposal.exit.closes_at,
    )
    assert (load.state, load.loads[0].units) == (ReplenishmentState.PROPOSED, 2_200)


def test_b3_the_second_of_two_planners_is_told_who_was_quicker_and_why():
    tools = a_world()
    a_recommendation(tools)
    says(tools, planner="ana", reason="gain ok, risk capped")
    with pytest.raises(StaleVersion) as stale:
        says(tools, Choice.REJECT, planner="ben")
    assert stale.value.changed_by == "ana"
    assert "ana" in str(stale.value)
    assert "gain ok" in str(stale.value)
    assert after(minutes=5).isoformat() in str(stale.value)
    assert all_of(tools, Recommendation)[0].state is S.APPROVED
    assert len(all_of(tools, Verdict)) == 1


def test_b4_a_double_click_makes_one_verdict_and_one_lease_request():
    tools = a_world()
    a_recommendation(tools)
    first, second = says(tools), says(tools, now=after(minutes=5, seconds=1))
    assert first == second
    carry_out(tools, now=after(minutes=6))
    assert len(all_of(tools, Lease)) == len(all_of(tools, Verdict)) == 1
    assert len(all_of(tools, Event, type="lease.requested")) == 1


def test_b5_a_forecast_that_fell_by_a_third_since_it_was_read_stops_an_approval():
    tools = a_world()
    read = an_outlook(tools, 20)
    asked = a_recommendation(tools, forecasts=(read.id,), forecast_units=1_920.0)
    an_outlook(tools, 13, made_at=after(minutes=4))
    with pytest.raises(StaleVersion, match=r"-35 %|-35%") as stale:
        says(tools)
    assert stale.value.changed_fields == ("forecast_units",)
    assert all_of(tools, Recommendation)[0] == asked
    assert says(tools, forecast_read=1_300.0).state is S.APPROVED


def test_a_rejection_needs_its_reason_and_other_needs_words():
    tools = a_world()
    a_recommendation(tools)
    with pytest.raises(Nonsense, match="reason_code"):
        says(tools, Choice.REJECT, reason_code=None)
    with pytest.raises(Nonsense, match="other"):
        says(tools, Choice.REJECT, reason_code=RejectReason.OTHER)
    assert says(tools, Choice.REJECT).state is S.REJECTED


def test_above_the_limit_two_different_planners_approve():
    tools = a_world()
    a_recommendation(tools, needs_two=True)
    waiting = says(tools, reason="secret why")
    assert waiting.state is S.AWAITING_SECOND
    with pytest.raises(SamePlanner):
        says(tools, version=waiting.version)
    with pytest.raises(StaleVersion) as stale:
        says(tools, planner="ben", version=1)
    assert "secret why" not in str(stale.value)
    told = [str(event.data) for event in all_of(tools, Event)]
    assert not any("secret why" in one for one in told)
    assert says(tools, planner="ben", version=waiting.version).state is S.APPROVED


def test_an_undo_works_for_its_own_planner_within_thirty_seconds():
    tools = a_world()
    a_recommendation(tools)
    done = says(tools)
    with pytest.raises(NotAllowedNow):
        says(tools, Choice.UNDO, planner="ben", version=done.version)
    with pytest.raises(NotAllowedNow):
        says(tools, Choice.UNDO, version=done.version, now=after(minutes=5, seconds=31))
    back = says(tools, Choice.UNDO, version=done.version, now=after(minutes=5, seconds=30))
    assert (back.state, back.effective_at) == (S.OPEN, None)
    carry_out(tools, now=after(minutes=10))
    assert all_of(tools, Lease) == ()


def test_what_was_carried_out_cannot_be_undone():
    tools = a_world()
    a_recommendation(tools)
    done = says(tools)
    carry_out(tools, now=after(minutes=5, seconds=30))
    kept = all_of(tools, Recommendation)[0]
    with pytest.raises(NotAllowedNow):
        says(tools, Choice.UNDO, version=kept.version, now=after(minutes=5, seconds=30))
    assert done.version < kept.version


def test_an_amendment_makes_a_successor_with_figures_of_its_own():
    tools = a_world()
    asked = a_recommendation(tools)
    new = says(tools, Choice.AMEND)
    old = next(one for one in all_of(tools, Recommendation) if one.id == asked.id)
    assert (old.state, old.superseded_by, new.supersedes) == (S.SUPERSEDED, new.id, old.id)
    assert (new.state, new.version) == (S.OPEN, 1)
    assert sum(line.units for line in new.proposal.stock) == 1_900
    # the worked example of the product paper: 1,900 units gain 1,997 and 2,200 gain 2,519
    assert new.expected_gain == pytest.approx(199_700, abs=5_500)
    assert new.proposal.chance_of_loss < asked.proposal.chance_of_loss
    assert sum(line.amount for line in new.proposal.costs) == pytest.approx(
        new.expected_gain, abs=3
    )


@pytest.mark.parametrize(("units", "home"), [(1_100, 200), (4_400, 400)])
def test_less_stock_takes_less_home_and_more_takes_no_more(units, home):
    tools = a_world()
    proposal = a_proposal(tools)
    line = replace(proposal.stock[0], units=400)
    a_recommendation(tools, proposal=replace(proposal, takes_home=(line,)))
    change = Amendment(units=(NewUnits(product="lamp", units=units),))
    new = says(tools, Choice.AMEND, amendment=change)
    assert [one.units for one in new.proposal.takes_home] == [home]


def test_an_amendment_of_what_is_not_sent_is_refused():
    tools = a_world()
    a_recommendation(tools)
    with pytest.raises(Nonsense, match="ring"):
        says(tools, Choice.AMEND, amendment=Amendment(units=(NewUnits(product="ring", units=5),)))
    assert all_of(tools, Recommendation)[0].state is S.OPEN


def test_a_decide_by_is_announced_an_hour_before_and_then_lapses():
    tools = a_world()
    a_recommendation(tools)
    lapse(tools, now=after(minutes=30))
    assert all_of(tools, Case) == ()
    for _ in range(2):
        lapse(tools, now=after(minutes=41))
    (case,) = all_of(tools, Case)
    assert (case.kind, case.act_by) == (CaseKind.DECIDE_BY_NEAR, after(minutes=100))
    with pytest.raises(NotAllowedNow):
        says(tools, now=after(minutes=100))
    for _ in range(2):
        lapse(tools, now=after(minutes=100))
    assert all_of(tools, Recommendation)[0].state is S.LAPSED
    assert all_of(tools, Case)[0].state is CaseState.RESOLVED


def test_a_verdict_settles_the_alert():
    tools = a_world()
    a_recommendation(tools)
    lapse(tools, now=after(minutes=50))
    says(tools, now=after(minutes=51))
    assert all_of(tools, Case)[0].state is CaseState.RESOLVED


@pytest.mark.parametrize(
    ("stake", "two", "state"),
    [(900_000, False, S.APPROVED), (1_100_000, False, S.LAPSED), (900_000, True, S.LAPSED)],
)
def test_the_machine_carries_out_alone_only_below_its_ceiling(stake, two, state):
    limits = replace(Policy().verdicts, if_nobody=LapsePolicy.CARRY_OUT)
    tools = a_world(means(Policy(verdicts=limits)))
    a_recommendation(tools, money_at_stake=stake, needs_two=two)
    lapse(tools, now=after(minutes=100))
    carry_out(tools, now=after(minutes=100))
    assert all_of(tools, Recommendation)[0].state is state
    assert len(all_of(tools, Lease)) == (state is S.APPROVED)
    assert [verdict.automatic for verdict in all_of(tools, Verdict)] == [True] * (
        state is S.APPROVED
    )


def opened(tools):
    """A node whose lease is confirmed, out of an approved opening."""
    a_recommendation(tools)
    says(tools)
    carry_out(tools, now=after(minutes=6))
    (lease,) = all_of(tools, Lease)
    answer_lease(tools, lease.id, "confirm", provider="spaces", now=after(minutes=10))
    return temporary(tools)[0]


def test_a_top_up_is_released_at_once_where_the_space_is_ours():
    tools = a_world()
    node = opened(tools)
    a_recommendation(tools, "rec_2", kind=Kind.TOP_UP, node=node.id)
    says(tools, id="rec_2", now=after(minutes=20))
    carry_out(tools, now=after(minutes=30))
    states = [load.state for load in all_of(tools, Replenishment)]
    assert states == [ReplenishmentState.RELEASED] * 2


def test_a_shrink_sends_only_what_it_says():
    tools = a_world()
    node = opened(tools)
    asked = a_recommendation(tools, "rec_2", kind=Kind.SHRINK, node=node.id)
    says(tools, id="rec_2", now=after(minutes=20))
    carry_out(tools, now=after(minutes=30))
    first, second = all_of(tools, Replenishment)
    assert (first.state, second.state) == (
        ReplenishmentState.CANCELLED,
        ReplenishmentState.RELEASED,
    )
    assert second.loads[0].units == asked.proposal.stock[0].units


def test_a_cancel_before_the_node_is_live_takes_everything_back():
    tools = a_world()
    node = opened(tools)
    a_recommendation(tools, "rec_2", kind=Kind.CANCEL, node=node.id)
    says(tools, id="rec_2", now=after(minutes=20))
    carry_out(tools, now=after(minutes=30))
    assert temporary(tools)[0].state is NodeState.CANCELLED
    assert all_of(tools, Lease)[0].state is LeaseState.CANCELLED
    assert all_of(tools, Replenishment)[0].state is ReplenishmentState.CANCELLED


def test_a_second_opening_of_a_site_in_use_does_nothing():
    tools = a_world()
    opened(tools)
    a_recommendation(tools, "rec_2")
    says(tools, id="rec_2", now=after(minutes=20))
    carry_out(tools, now=after(minutes=30))
    assert len(all_of(tools, Lease)) == len(temporary(tools)) == 1


WORDS = st.tuples(
    st.sampled_from(Choice), st.sampled_from(["ana", "ben"]), st.sampled_from([1, 20, 40, 4_000])
)


@settings(max_examples=60, deadline=None)
@given(walk=st.lists(WORDS, max_size=8), two=st.booleans())
def test_no_walk_of_verdicts_breaks_the_life_or_asks_twice_for_a_space(walk, two):
    tools, now = a_world(), SEVEN
    a_recommendation(tools, needs_two=two)
    for choice, planner, seconds in walk:
        now += timedelta(seconds=seconds)
        kept = all_of(tools, Recommendation, id="rec_1")[0]
        before = len(all_of(tools, Verdict))
        try:
            says(tools, choice, planner=planner, version=kept.version, now=now)
        except Refused:
            assert all_of(tools, Recommendation, id="rec_1")[0] == kept
            assert len(all_of(tools, Verdict)) == before
        lapse(tools, now=now)
        carry_out(tools, now=now)
    allowed = {(a.value, b.value) for (a, _), b in RECOMMENDATION.leads_to.items()}
    moves = [e for e in all_of(tools, Event, subject="rec_1") if "from" in e.data]
    assert {(e.data["from"], e.data["state"]) for e in moves} <= allowed
    assert len(all_of(tools, Lease)) <= 1
    approvers = {v.planner for v in all_of(tools, Verdict) if v.choice is Choice.APPROVE}
    if two and all_of(tools, Recommendation, id="rec_1")[0].state is S.APPROVED:
        assert len(approvers) == 2
