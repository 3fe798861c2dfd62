import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.errors import BadProblem, NoTravelTimes
from routing.geography import Place
from routing.travel import (
    LEVEL_DAY,
    NO_ROAD,
    GreatCircle,
    Travel,
    Trip,
    arrival,
    slowed,
    travel_of_rows,
)

HERE = Place(lat=40.0, lon=-83.0)
RUSH = (*(1000,) * 7, 1600, 1500, *(1000,) * 15)


def north(km):
    return Place(lat=40.0 + km / 111.195, lon=-83.0)


def test_ten_straight_kilometres_take_a_quarter_of_an_hour_and_thirteen_on_the_road():
    table = GreatCircle().table((HERE, north(10)))
    assert 900 < table.seconds[0, 1] < 1080
    assert 12_800 < table.metres[0, 1] < 13_600
    assert table.source == "great_circle"


@given(st.floats(0.01, 300), st.floats(0.01, 300))
def test_a_longer_way_is_never_quicker(one, other):
    near, far = sorted((one, other))
    assert GreatCircle().seconds(HERE, north(near)) <= GreatCircle().seconds(HERE, north(far))


def test_reach_is_where_the_time_is_up():
    model = GreatCircle(local_factor=1.2)
    km = model.reach_km(1800)
    assert model.seconds(HERE, north(km)) == pytest.approx(1800, rel=0.02)


def test_many_slow_trips_teach_a_slow_town_and_few_teach_little():
    slow = Trip(
        origin=HERE,
        destination=north(5),
        seconds=2 * GreatCircle().seconds(HERE, north(5)),
    )
    assert GreatCircle().learnt((slow,) * 400).local_factor == pytest.approx(2, rel=0.05)
    assert GreatCircle().learnt((slow,) * 2).local_factor < 1.15
    assert GreatCircle().learnt(()) == GreatCircle()


def test_the_pessimistic_table_is_slower_and_keeps_its_holes():
    table = travel_of_rows([[0, 100], [None, 0]], [[0, 900], [None, 0]], "engine")
    assert slowed(table, 1.35).seconds.tolist() == [[0, 135], [NO_ROAD, 0]]


def test_an_engine_that_gives_half_a_table_has_not_answered():
    with pytest.raises(NoTravelTimes, match="engine"):
        travel_of_rows([[0, 100]], [[0, 900]], "engine")


@given(st.integers(0, 86_400), st.integers(0, 3600), st.integers(0, 20_000))
def test_whoever_leaves_later_arrives_no_earlier(leaving, later, drive):
    assert arrival(leaving, drive, RUSH, 0) <= arrival(leaving + later, drive, RUSH, 0) + 1


def test_a_drive_into_the_rush_hour_is_slower_from_the_hour_on():
    assert arrival(7 * 3600 - 600, 1200, RUSH, 0) == 7 * 3600 + 960
    assert arrival(0, 1200, LEVEL_DAY, 0) == 1200


def test_a_table_with_a_negative_time_is_refused_with_the_places():
    seconds = np.array([[0, 5], [-3, 0]], dtype=np.int32)
    with pytest.raises(BadProblem, match="-3 from place 1 to place 0"):
        Travel(seconds=seconds, metres=abs(seconds))
