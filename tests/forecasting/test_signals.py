"""Bad rows are left out with their reason, and what comes back is clean."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting import read_attention, read_orders
from forecasting.errors import ImpossibleQuestion, UnusableFrame
from tests.builders.videos import NOON, order_rows, signal_rows


def reasons(series):
    return [refusal.reason for refusal in series.refused]


def test_hourly_views_come_back_by_region_and_hour():
    rows = pd.concat([signal_rows(views=[5, 7]), signal_rows(views=[1, 2], region="east")])
    seen = read_attention(rows, NOON)
    assert seen.regions == ("east", "west")
    assert seen.views[0].tolist() == [[1, 2], [5, 7]]
    assert seen.measure("views")[0].tolist() == [6, 9]


def test_minute_buckets_are_gathered_and_the_hour_under_way_is_scaled_up():
    now = NOON + timedelta(minutes=30)
    seen = read_attention(signal_rows(views=[10] * 40, minutes=1, now=now), now)
    assert seen.measure("views")[0].tolist() == [100, 300]
    assert seen.covered[0].tolist() == pytest.approx([1 / 6, 0.5])
    assert seen.rate()[0].tolist() == pytest.approx([600, 600])


def test_a_daily_bucket_is_spread_over_its_hours():
    seen = read_attention(signal_rows(views=[240], minutes=24 * 60), NOON)
    assert seen.measure("views")[0].tolist() == [10] * 24


def test_the_same_batch_three_times_counts_once():
    rows = signal_rows(views=[5, 7, 9])
    seen = read_attention(pd.concat([rows] * 3), NOON)
    assert seen.measure("views").sum() == 21
    assert len(seen.refused) == 6


def test_a_correction_wins_over_what_it_corrects():
    seen = read_attention(pd.concat([signal_rows(views=[5]), signal_rows(views=[8])]), NOON)
    assert seen.measure("views").sum() == 8


def test_a_reset_counter_loses_its_row_alone():
    seen = read_attention(signal_rows(views=[100, -90, 100]), NOON)
    assert reasons(seen) == ["views is below zero: a counter was reset"]
    assert seen.rate()[0].tolist() == pytest.approx([100, 100, 100])


def test_numbers_that_are_none_are_refused_with_their_row():
    rows = signal_rows(views=[1.0, np.nan, np.inf], likes=[0, 0, "many"])
    seen = read_attention(rows, NOON)
    assert [refusal.row for refusal in seen.refused] == [1, 2]
    assert seen.measure("views").sum() == 1


def test_a_gap_is_bridged_and_no_zero():
    rows = signal_rows(views=[100, 1, 1, 100]).iloc[[0, 3]]
    assert read_attention(rows, NOON).rate()[0].tolist() == pytest.approx([100] * 4)


def test_a_video_long_silent_has_no_views():
    rows = signal_rows(views=[100, 100], ends=NOON - timedelta(hours=20))
    assert read_attention(rows, NOON).rate()[0, -1] == 0


def test_a_bucket_a_little_ahead_is_now_and_further_ahead_is_refused():
    near = read_attention(
        signal_rows(views=[5], minutes=1, ends=NOON + timedelta(minutes=10)), NOON
    )
    far = read_attention(signal_rows(views=[5], minutes=1, ends=NOON + timedelta(minutes=12)), NOON)
    assert near.measure("views").sum() == 5
    assert reasons(far) == ["the bucket lies in the future"]


def test_a_frame_without_views_is_refused_whole():
    with pytest.raises(UnusableFrame, match="'views': is missing"):
        read_attention(signal_rows(views=[1]).drop(columns="views"), NOON)


def test_a_time_without_zone_is_refused():
    with pytest.raises(ImpossibleQuestion, match="has no time zone"):
        read_attention(signal_rows(views=[1]), NOON.replace(tzinfo=None))


def test_an_empty_frame_is_an_empty_series():
    seen = read_attention(signal_rows(), NOON)
    assert seen.videos == ()
    assert seen.rate().shape == (0, 0)


def test_plain_columns_are_as_good_as_a_frame():
    columns = {"video_id": ["V"], "bucket_start": [NOON.timestamp() - 3600], "views": [4]}
    assert read_attention(columns, NOON).measure("views").sum() == 4


def test_what_was_lost_for_want_of_stock_counts_as_demand():
    rows = order_rows(orders=[4, 4], lost=[0, 6], stocked_out=[False, True])
    assert read_orders(rows, NOON).demand[0, 0].tolist() == [4, 10]


def test_demand_behind_a_stock_out_is_unknown_not_zero():
    rows = order_rows(orders=[4, 0], stocked_out=[False, True])
    assert read_orders(rows, NOON).seen[0, 0].tolist() == [1, 0]


def test_orders_of_tomorrow_and_below_zero_are_refused():
    rows = order_rows(orders=[1, -1, 1], now=NOON + timedelta(hours=1))
    assert reasons(read_orders(rows, NOON)) == [
        "orders is below zero",
        "the hour lies in the future",
    ]


def test_hours_without_a_row_are_hours_without_orders_from_a_stated_time_on():
    seen = read_orders(order_rows(), NOON, since=NOON - timedelta(hours=5))
    assert seen.start * 3600 == NOON.timestamp() - 5 * 3600
    assert (
        read_orders(order_rows(orders=[1]), NOON, since=NOON - timedelta(hours=5)).demand.shape[2]
        == 5
    )


VALUES = st.one_of(
    st.integers(-5, 10**7), st.floats(), st.none(), st.text(max_size=3), st.booleans()
)


@given(st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=12))
def test_no_row_however_bad_breaks_the_reading(rows):
    frame = {
        "video_id": [a for a, _, _ in rows],
        "bucket_start": pd.Series([b for _, b, _ in rows], dtype=object),
        "views": [c for _, _, c in rows],
    }
    seen = read_attention(frame, NOON)
    assert np.isfinite(seen.measures).all()
    assert (seen.measures >= 0).all()
    assert np.isfinite(seen.rate()).all()


def test_short_buckets_are_summed_by_the_quarter_and_long_ones_are_not():
    short = read_attention(signal_rows(views=[10, 20, 30, 40, 50, 60], minutes=10), NOON)
    assert short.quarters[0].tolist() == [[20.0, 40.0, 65.0, 85.0]]
    assert short.heard[0].tolist() == [[1.0, 1.0, 1.0, 1.0]]
    long = read_attention(signal_rows(views=[100, 200], minutes=30), NOON)
    assert np.isnan(long.quarters).all()
    assert long.views.sum() == 300
