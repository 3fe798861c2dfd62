"""Reach ends where the k-th drop would come too late."""

from hypothesis import given
from hypothesis import strategies as st

from logistics.policy import Policy
from logistics.reach import (
    between_drops,
    drops_in_time,
    kth_drop,
    parcel_cost,
    promised_in_time,
    route_seconds,
    truck_cost,
    way,
    ways,
)

POLICY = Policy()
SIX = POLICY.promising.target


@given(drive=st.integers(0, 5 * 3600), density=st.floats(0, 500))
def test_the_last_drop_in_time_is_in_time_and_one_more_is_not(drive, density):
    most = drops_in_time(POLICY, drive, density)
    if most:
        assert kth_drop(POLICY, drive, most, density) <= SIX
    if most < POLICY.promising.drops_per_route:
        assert kth_drop(POLICY, drive, most + 1, density) > SIX


def test_a_region_next_door_gets_a_full_route_and_one_four_hours_away_none():
    assert drops_in_time(POLICY, 15 * 60, 14) >= 10
    assert drops_in_time(POLICY, 4 * 3600, 14) == 0


def test_denser_drops_lie_closer_together():
    assert between_drops(POLICY, 100) < between_drops(POLICY, 20) <= between_drops(POLICY, 1)


def test_a_route_takes_its_drive_twice():
    near, far = (route_seconds(POLICY, drive, 10, 20) for drive in (600, 1600))
    assert far - near == 2000


def test_roads_are_longer_than_the_straight_way_and_slower_than_ninety():
    one = way((34.05, -118.24), (36.20, -119.30))
    assert 300_000 < one.metres < 350_000
    assert 3.3 * 3600 < one.seconds < 5 * 3600
    assert ways((), ()) == ()


def test_prices_are_the_papers_own():
    assert parcel_cost(POLICY.prices, 20_000) == 600 + 120
    assert truck_cost(POLICY.prices, 100_000, 1_200) == 48_000 + 19_000
    assert truck_cost(POLICY.prices, 100_000, 1_201) == 2 * (48_000 + 19_000)


def test_what_no_quote_would_promise_is_not_within_reach():
    assert promised_in_time(POLICY, 45 * 60)
    assert not promised_in_time(POLICY, 100 * 60)
    assert drops_in_time(POLICY, 100 * 60, 14) > 0
