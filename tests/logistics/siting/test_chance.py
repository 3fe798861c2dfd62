"""The table of the product paper (4.2), and what must hold for every stake."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logistics.siting.chance import (
    break_even,
    cost_table,
    draws,
    points,
    quantile,
    sizes_around,
    spread,
)
from tests.builders.supply import a_stake

PAPER = {
    800: (0.31, 0.12, 26, -1_954, 1.00, 0.46),
    1_200: (0.44, 0.27, 103, -105, 0.23, 0.51),
    1_600: (0.55, 0.41, 239, 1_261, 0.27, 0.55),
    1_900: (0.61, 0.50, 375, 1_997, 0.30, 0.57),
    2_200: (0.67, 0.58, 536, 2_519, 0.32, 0.60),
    2_900: (0.77, 0.72, 995, 3_082, 0.38, 0.64),
    3_600: (0.83, 0.81, 1_533, 2_993, 0.44, 0.68),
}


@pytest.mark.parametrize("units", PAPER)
def test_the_worked_example_comes_out_as_a_million_draws_told(units):
    fill, enough, left, gain, loss, tail = PAPER[units]
    (point,) = points(a_stake(), (units,))
    assert point.fill_rate == pytest.approx(fill, abs=0.006)
    assert point.no_stock_out == pytest.approx(enough, abs=0.006)
    assert point.left_over == pytest.approx(left, abs=4)
    half_a_percent = 0.005 * point.cash_at_risk / 100
    assert point.gain / 100 == pytest.approx(gain, abs=half_a_percent)
    assert point.chance_of_loss == pytest.approx(loss, abs=0.006)
    assert point.tail_share == pytest.approx(tail, abs=0.007)


def test_the_quantiles_that_went_in_come_out():
    stake = a_stake()
    assert [round(quantile(stake, share)) for share in (0.1, 0.5, 0.9)] == pytest.approx(
        [741, 1900, 4871], abs=2
    )
    assert draws(stake).mean() == pytest.approx(1900 * 2.718281828 ** (0.7345**2 / 2), rel=0.003)


def test_a_forecast_of_next_to_nothing_still_has_a_spread():
    assert spread(0, 0, 0) == pytest.approx((-0.693, 0.0), abs=0.001)
    log_mean, log_sd = spread(0, 1, 6)
    assert log_mean == 0
    assert log_sd > 1


@given(units=st.integers(1, 6_000), p50=st.integers(10, 4_000))
def test_the_cost_table_sums_to_the_mean_gain(units, p50):
    stake = a_stake(p10=p50 * 0.4, p50=p50, p90=p50 * 2.5)
    (point,) = points(stake, (units,))
    assert sum(line.amount for line in cost_table(stake, point)) == pytest.approx(point.gain, abs=3)


def test_break_even_is_the_demand_that_pays_the_fees():
    stake = a_stake()
    share = break_even(stake, 2_200)
    sold = share * 1900
    assert 620 * sold - 205 * (2_200 - sold) == pytest.approx(stake.fees, abs=1)
    assert break_even(stake, 100) == float("inf")
    assert 2_200 in sizes_around(stake, 2_200)
