import itertools
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from logistics.policy import Policy
from logistics.promise.calibration import (
    Calibration,
    Outcome,
    as_driven,
    brier,
    curve,
    keep_bins,
    pooled,
)

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def outcomes(kept, broken, *, raw=0.96, node="nod_1", hour=18):
    each = {"node": node, "hour": hour, "raw": raw, "said": raw}
    return [Outcome(**each, kept=True)] * kept + [Outcome(**each, kept=False)] * broken


def calibration(found):
    return Calibration(id="la", learnt_at=NOW, outcomes=len(found), bins=keep_bins(found))


def test_before_any_outcome_the_distributions_own_word_stands():
    assert curve(None, "nod_1", 18).corrected(0.93) == 0.93


def test_a_node_that_breaks_its_promises_in_the_evening_is_believed_less_then():
    learnt = calibration(outcomes(60, 40) + outcomes(100, 0, hour=9))
    assert curve(learnt, "nod_1", 18).corrected(0.96) < 0.8
    assert curve(learnt, "nod_1", 9).corrected(0.96) > 0.9


def test_a_node_without_outcomes_leans_on_the_whole_market():
    learnt = calibration(outcomes(150, 150))
    assert curve(learnt, "nod_new", 18).corrected(0.96) < 0.7


def test_three_outcomes_move_the_word_little():
    learnt = calibration(outcomes(0, 3))
    assert curve(learnt, "nod_1", 18).corrected(0.96) > 0.75


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(1, 50)), max_size=20))
def test_pooled_values_rise_and_keep_their_weighted_sum(steps):
    rising = pooled(steps)
    assert all(a <= b + 1e-12 for a, b in itertools.pairwise(rising))
    before = sum(v * w for v, w in steps)
    after = sum(v * w for v, (_, w) in zip(rising, steps, strict=True))
    assert abs(before - after) < 1e-6


@given(
    st.lists(
        st.builds(
            Outcome,
            node=st.sampled_from(["a", "b"]),
            hour=st.integers(0, 23),
            raw=st.floats(0, 1),
            said=st.floats(0, 1),
            kept=st.booleans(),
        ),
        max_size=60,
    ),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_a_surer_word_is_never_corrected_below_a_less_sure_one(found, one, other):
    learnt = calibration(found)
    for node in ("a", "b", "c"):
        keeps = curve(learnt, node, 12)
        low, high = sorted((one, other))
        assert 0 <= keeps.corrected(low) <= keeps.corrected(high) + 1e-12 <= 1 + 1e-9


def test_the_brier_score_of_a_perfect_word_is_nothing_and_of_a_coin_a_quarter():
    assert brier([(1.0, True), (0.0, False)]) == 0
    assert brier([(0.5, True), (0.5, False)]) == 0.25
    assert brier([]) is None


def hops_of(seconds):
    return Calibration(id="la", learnt_at=NOW, outcomes=0, bins=(), between_drops=seconds)


def test_a_route_makes_no_more_drops_than_a_promised_window_holds_on_a_slow_day():
    rules = as_driven(Policy(), hops_of(600)).promising
    slow = rules.between_drops * rules.p90_travel_factor + rules.service_at_stop
    assert rules.between_drops == 600
    assert rules.drops_per_route * slow <= rules.window < (rules.drops_per_route + 1) * slow


def test_short_hops_never_put_more_on_a_van_than_the_policy_allows():
    allowed = Policy().promising.drops_per_route
    assert as_driven(Policy(), hops_of(30)).promising.drops_per_route == allowed


def test_drops_an_hour_apart_still_make_a_route_of_one():
    assert as_driven(Policy(), hops_of(7_200)).promising.drops_per_route == 1
