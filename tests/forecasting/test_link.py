"""How soon a view brings its order is learned from the orders themselves."""

import numpy as np
import pytest

from forecasting.link import OTHERS, Conversion, Delay, Way, evidence, exposed, lags, ways

A_VIEW = Conversion()
HOURS = 48
EVENING = np.where(np.arange(HOURS) % 24 >= 18, 30_000.0, 2_000.0)
"""Views of a video that is watched in the evening."""
DELAYS = (Delay(A_VIEW.within_hour, A_VIEW.within_day), *OTHERS)


def ripened(delay, views=EVENING):
    way = Way(delay=delay, bend=0.0, prior=1.0)
    return exposed(views[None], np.array([float(len(views))]), A_VIEW, way)[0]


@pytest.mark.parametrize("delay", DELAYS)
def test_of_a_view_as_much_comes_within_the_hour_and_the_day_as_is_said(delay):
    fresh = Conversion(fatigue_days=1e6)
    one = exposed(np.eye(720)[:1], np.zeros(1), fresh, Way(delay=delay, bend=0.0, prior=1.0))[0]
    assert one[0] == pytest.approx(delay.within_hour, rel=1e-3)
    assert one[:24].sum() == pytest.approx(delay.within_day, rel=1e-3)
    assert one.sum() == pytest.approx(1.0, rel=1e-3)
    assert np.all(np.diff(one[1:24]) < 0)


def test_what_is_thought_over_comes_later_in_the_day():
    at_once, thought = ripened(Delay(0.1, 0.97)), ripened(Delay(0.1, 0.97, thought_over=8.0))
    before_dawn = slice(28, 32)
    assert thought[before_dawn].sum() > 1.3 * at_once[before_dawn].sum()


def test_at_first_one_delay_is_as_likely_as_another():
    parts = ways(A_VIEW)
    assert sum(way.prior for way in parts) == pytest.approx(1.0)
    of_each = [sum(way.prior for way in parts if way.delay == delay) for delay in DELAYS]
    assert of_each == pytest.approx([1 / len(DELAYS)] * len(DELAYS))
    assert lags(A_VIEW).sum() == pytest.approx(1.0)


@pytest.mark.parametrize("true", DELAYS)
def test_the_way_in_which_orders_came_is_the_likeliest(true):
    rng = np.random.default_rng(5)
    orders = rng.poisson(0.002 * ripened(true)).astype(float)[None]
    said = {
        delay: evidence(
            orders, np.full_like(orders, 0.1), ripened(delay)[None], np.array([0.002]), A_VIEW
        )
        for delay in DELAYS
    }
    assert max(said, key=lambda delay: said[delay]) == true
