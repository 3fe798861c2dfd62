"""What a view was worth is remembered as long as it foretells the orders, and no longer."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from hypothesis.extra.numpy import arrays

from forecasting.link import Conversion, convert, convert_each, memories
from forecasting.memory import MEMORIES

PRIOR = np.array([0.002])
A_VIEW = Conversion()
HOURS = 96


def sold(worth, views, seed=3):
    """Orders (1, t) as they come where a view is worth so much in each hour."""
    return np.random.default_rng(seed).poisson(worth * views)[None].astype(float)


def learned(orders, views):
    """What a view is said to be worth now, and how far each memory is believed."""
    facts = (orders, np.zeros_like(orders), views[None], PRIOR, A_VIEW)
    parts = memories(*facts)
    return convert(*facts, parts).rate[0], parts[0]


VIEWS = np.full(HOURS, 20_000.0)
STEADY = np.full(HOURS, 0.003)


def turned(hours_ago, to):
    worth = STEADY.copy()
    worth[HOURS - hours_ago :] = to
    return sold(worth, VIEWS)


def test_while_nothing_turns_the_long_memory_is_believed():
    rate, parts = learned(sold(STEADY, VIEWS), VIEWS)
    assert rate == pytest.approx(0.003, rel=0.05)
    assert parts[0] > 0.7


@pytest.mark.parametrize("to", [0.0003, 0.012])
def test_six_hours_after_a_turn_what_came_before_it_is_forgotten(to):
    orders = turned(6, to)
    rate, parts = learned(orders, VIEWS)
    of_old = convert(orders, np.zeros_like(orders), VIEWS[None], PRIOR, A_VIEW).rate[0]
    assert abs(np.log(rate / to)) < np.log(2) < np.log(3) < abs(np.log(of_old / to))
    assert parts[0] < 0.05


def test_an_hour_that_sells_half_as_well_turns_nothing():
    worth = STEADY.copy()
    worth[-1] *= 0.5
    rate, parts = learned(sold(worth, VIEWS), VIEWS)
    assert rate == pytest.approx(0.003, rel=0.1)
    assert parts[0] > 0.5


def test_where_few_look_silence_says_little():
    views = np.where(np.arange(HOURS) < HOURS - 8, 20_000.0, 50.0)
    rate, _ = learned(sold(STEADY, views), views)
    assert rate == pytest.approx(0.003, rel=0.1)


def apart(worth, exposure):
    """What a view of each of two videos is said to be worth, where they are worth (2, t)."""
    orders = sum(sold(worth[v], exposure[v], seed=3 + v)[0] for v in range(2))
    return convert_each(orders, np.zeros(HOURS), exposure, np.repeat(PRIOR, 2), A_VIEW)[0]


SECOND = np.where(np.arange(HOURS) < HOURS - 12, 0.0, 4_000.0)
"""Views of a video of the last twelve hours."""


def test_where_both_videos_of_a_product_turn_both_are_told_so():
    worth = np.stack([STEADY, STEADY + 0.001])
    exposure = np.stack([VIEWS, VIEWS[::-1] / 4])
    before = apart(worth, exposure)
    worth[:, -8:] *= 0.1
    after = apart(worth, exposure)
    assert np.all(after < 0.4 * before)


def test_a_new_video_that_sells_better_is_no_turn_of_the_old_one():
    old, new = apart(np.stack([0.1 * STEADY, STEADY]), np.stack([VIEWS, SECOND]))
    assert old == pytest.approx(0.0003, rel=0.4)
    assert new == pytest.approx(0.003, rel=0.4)


@given(
    orders=arrays(float, (2, 30), elements=some.integers(0, 400).map(float)),
    views=arrays(float, (2, 30), elements=some.floats(0, 1e6)),
)
def test_whatever_was_sold_the_parts_make_a_whole_and_the_rate_a_number(orders, views):
    prior = np.array([0.002, 1e-5])
    facts = (orders, np.full_like(orders, 0.5), views, prior, A_VIEW)
    parts = memories(*facts)
    assert parts.shape == (2, len(MEMORIES))
    assert np.allclose(parts.sum(axis=1), 1.0)
    done = convert(*facts, parts)
    assert np.all((done.rate > 0) & (done.rate <= 1.0 + 1e-9))
    assert np.all(np.isfinite(done.spread))
