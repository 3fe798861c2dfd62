"""A recording tells each row once, when its bucket is over."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logistics.signals import SignalRow
from logistics.twin.day import STEP
from logistics.twin.recorded import recorded, recorded_truth
from logistics.twin.truth import Buyer
from tests.builders.worlds import MIDNIGHT, a_world


def a_row(quarter, minutes=15, market="metro"):
    return SignalRow(
        video_id="film",
        market=market,
        bucket_start=MIDNIGHT + quarter * STEP,
        bucket_minutes=minutes,
        views=quarter,
    )


def a_buyer(minute, product="lamp"):
    return Buyer(
        at=MIDNIGHT + timedelta(minutes=minute),
        product=product,
        units=1,
        market="metro",
        cell="84298e9ffffffff",
        lat=34.0,
        lon=-118.2,
        only_six=False,
    )


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 240)), max_size=30))
def test_each_row_is_told_once_and_never_before_its_bucket_is_over(buckets):
    rows = [a_row(quarter, minutes) for quarter, minutes in buckets]
    recording = recorded(tuple(rows))
    heard = []
    for step in range(1, 60):
        for batch in recording.tell(MIDNIGHT + step * STEP):
            assert all(
                row.bucket_end <= batch.arrives_at < row.bucket_end + STEP for row in batch.rows
            )
            heard += batch.rows
    assert sorted(heard, key=repr) == sorted(rows, key=repr)


def test_each_market_has_a_batch_of_its_own():
    recording = recorded((a_row(0), a_row(0, market="coast")))
    batches = list(recording.tell(MIDNIGHT + STEP))
    assert [batch.market for batch in batches] == ["coast", "metro"]
    assert len({batch.id for batch in batches}) == 2


def test_two_ways_of_deciding_hear_the_same():
    recording = recorded((a_row(0),))
    one, other = (tuple(recording.tell(MIDNIGHT + STEP)) for _ in range(2))
    assert one == other != ()


@pytest.mark.parametrize("minutes", [(50, 10), (10, 50)])
def test_who_came_comes_by_the_clock(minutes):
    truth = recorded_truth(a_world(), tuple(a_buyer(minute) for minute in minutes))
    assert [buyer.at for buyer in truth.buyers] == sorted(buyer.at for buyer in truth.buyers)
