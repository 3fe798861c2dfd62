"""Gain captured is a ratio of sums over worlds in which there was something to gain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logistics.twin.gains import Compared, gain_captured, needless


def a_pair(world="w", static=100_000, policy=80_000, reference=60_000, nodes_opened=1):
    return Compared(
        world=world, static=static, policy=policy, reference=reference, nodes_opened=nodes_opened
    )


def test_half_of_what_could_be_gained_is_half():
    assert gain_captured([a_pair()]).pooled == 0.5


def test_sums_are_compared_and_not_ratios():
    small = a_pair("small", static=1_000, policy=1_000, reference=500)
    assert gain_captured([a_pair(), small]).pooled == pytest.approx(20_000 / 40_500, abs=1e-4)


def test_a_policy_that_does_worse_than_static_captures_less_than_nothing():
    assert gain_captured([a_pair(policy=110_000)]).pooled == -0.25


def test_a_world_with_nothing_to_gain_is_a_test_of_its_own():
    quiet = a_pair("quiet", reference=98_500, policy=103_000)
    assert gain_captured([quiet]).worlds == 0
    assert gain_captured([quiet]).pooled is None
    told = needless([quiet, a_pair()])
    assert (told.worlds, told.opened, told.extra_cost_share) == (1, 1, 0.03)
    assert not told.passed


def test_where_nothing_was_opened_needlessly_the_test_is_passed():
    told = needless([a_pair(reference=100_000, policy=100_000, nodes_opened=0)])
    assert told.passed
    assert told.nodes_opened == 0


def test_the_worst_tenth_is_told():
    worlds = [a_pair(f"w{n}") for n in range(19)] + [a_pair("bad", policy=120_000)]
    told = gain_captured(worlds)
    assert told.worst_decile == 0.0  # one of the two worst lost what the other gained
    assert told.pooled < 0.5


@given(
    st.lists(
        st.tuples(st.integers(50_000, 99_000), st.integers(60_000, 120_000)),
        min_size=1,
        max_size=12,
    )
)
def test_the_interval_holds_every_world_between_its_best_and_worst(pairs):
    worlds = [
        a_pair(f"w{n}", policy=policy, reference=min(reference, 97_000))
        for n, (reference, policy) in enumerate(pairs)
    ]
    told = gain_captured(worlds)
    low, high = told.interval
    shares = [share for _, share in told.by_world]
    assert min(shares) - 1e-3 <= low <= high <= max(shares) + 1e-3
    assert gain_captured(worlds) == told
