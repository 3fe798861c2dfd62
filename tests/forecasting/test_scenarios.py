"""Sample paths rise together, keep the forecast's spread, and reduce to a few."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting import forecast
from forecasting.errors import ImpossibleQuestion
from forecasting.scenarios import Factors, draw, reduce
from tests.builders.videos import PLACES, a_question, burst, order_rows, signal_rows


@pytest.fixture(scope="module")
def outlook():
    signals = pd.concat(
        [signal_rows("V1", views=burst(30)), signal_rows("V2", views=burst(30, first=4000))]
    )
    orders = pd.concat(
        [order_rows(name, orders=[100] * 30, region=place) for name in "AB" for place in PLACES]
    )
    links = (("V1", "A", 1.0), ("V2", "B", 1.0))
    return forecast(a_question(signals, orders, products=("A", "B"), links=links, hours=72))


def test_paths_are_counts_by_block_and_repeat_by_seed(outlook):
    paths = draw(outlook, 50, seed=3)
    assert paths.orders.shape == (50, 2, 3, 12)
    assert (paths.orders >= 0).all()
    assert np.array_equal(paths.orders, draw(outlook, 50, seed=3).orders)
    assert not np.array_equal(paths.orders, draw(outlook, 50, seed=4).orders)


def test_totals_of_the_paths_scatter_as_the_forecast_says(outlook):
    total = draw(outlook, 3000).orders[:, 0].sum(axis=(1, 2))
    said = outlook.of("A").total(72)
    assert np.median(total) == pytest.approx(said.p50, rel=0.25)
    assert np.mean((total >= said.p10) & (total <= said.p90)) == pytest.approx(0.8, abs=0.13)


def test_regions_rise_together_and_products_of_one_line_too(outlook):
    paths = draw(outlook, 800, lines=("one", "one")).orders.sum(axis=3)
    apart = draw(outlook, 800).orders.sum(axis=3)
    assert np.corrcoef(paths[:, 0, 0], paths[:, 0, 1])[0, 1] > 0.4
    assert np.corrcoef(paths[:, 0, 0], paths[:, 1, 0])[0, 1] > 0.4
    assert abs(np.corrcoef(apart[:, 0, 0], apart[:, 1, 0])[0, 1]) < 0.15


def test_neighbours_share_more_than_strangers(outlook):
    factors = Factors(line=0.0, neighbourhood=0.8, day=0.0)
    paths = draw(outlook, 800, neighbourhoods=("coast", "coast", "east"), factors=factors)
    sums = np.log1p(paths.orders[:, 0].sum(axis=2))
    assert (
        np.corrcoef(sums[:, 0], sums[:, 1])[0, 1] > np.corrcoef(sums[:, 0], sums[:, 2])[0, 1] + 0.2
    )


@settings(max_examples=15, deadline=None)
@given(keep=st.integers(1, 12), seed=st.integers(0, 99))
def test_the_few_carry_all_the_weight(outlook, keep, seed):
    few = reduce(draw(outlook, 60, seed=seed), keep)
    assert len(few.weights) == keep
    assert few.weights.sum() == pytest.approx(1)
    assert (few.weights > 0).all()


def test_the_few_keep_the_mean(outlook):
    many = draw(outlook, 300)
    few = reduce(many, 15)
    mean = few.weights @ few.orders.sum(axis=(1, 2, 3))
    assert mean == pytest.approx(many.orders.sum(axis=(1, 2, 3)).mean(), rel=0.15)


def test_blocks_longer_than_the_forecast_are_refused(outlook):
    with pytest.raises(ImpossibleQuestion, match="72 h hold no block of 96 h"):
        draw(outlook, 5, block_hours=96)
    with pytest.raises(ImpossibleQuestion, match="sum to at most 1"):
        Factors(line=0.9, day=0.2)
