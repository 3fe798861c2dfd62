import math

import numpy as np
import pytest

from routing.errors import BadPlace, UnknownName
from routing.geography import (
    Cell,
    Place,
    cell_of,
    neighbours,
    outline,
    parent_of,
    place_of,
    straight_km,
    straight_km_table,
)

LOS_ANGELES = Place(lat=34.05, lon=-118.24)
NEW_YORK = Place(lat=40.71, lon=-74.01)


def test_a_place_lies_in_the_cell_whose_middle_is_near():
    assert straight_km(LOS_ANGELES, place_of(cell_of(LOS_ANGELES, 7))) < 2


def test_a_cell_has_six_neighbours_and_a_parent_that_holds_it():
    cell = cell_of(LOS_ANGELES, 7)
    assert len(neighbours(cell)) == 6
    assert parent_of(cell, 4) == cell_of(LOS_ANGELES, 4)
    assert len(outline(cell)) == 6


def test_los_angeles_is_3940_km_from_new_york():
    assert straight_km(LOS_ANGELES, NEW_YORK) == pytest.approx(3936, rel=0.005)
    table = straight_km_table((LOS_ANGELES,), (NEW_YORK, LOS_ANGELES))
    assert np.allclose(table, [[straight_km(LOS_ANGELES, NEW_YORK), 0]])


@pytest.mark.parametrize(("lat", "lon"), [(91, 0), (0, 181), (math.nan, 0), (0, math.inf)])
def test_a_place_off_the_earth_is_refused(lat, lon):
    with pytest.raises(BadPlace):
        Place(lat=lat, lon=lon)


def test_a_cell_that_is_none_is_refused_by_name():
    with pytest.raises(UnknownName, match="'nowhere'"):
        place_of(Cell("nowhere"))
