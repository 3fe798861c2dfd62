"""Coverage by area: who is reached, band by band, and who is left out in the middle."""

from dataclasses import replace
from datetime import timedelta

import pytest

from logistics.catalogue import Market, Region
from logistics.siting.equity import coverage_report
from logistics.siting.scene import scene_of
from tests.builders.supply import CELLS, SEVEN, an_outlook
from tests.logistics.workflows.test_position import SITES, a_metro

MIDDLE = Region(cell="84298c1ffffffff", lat=38.5, lon=-118.24, residents=40_000)
FAR = Region(cell="84298c3ffffffff", lat=43.0, lon=-118.24, residents=10_000)


@pytest.fixture
def scene():
    tools = a_metro(sites=SITES[:1])
    an_outlook(tools, 25)
    with tools.store.read() as reading:
        return scene_of(reading, tools.policy, reading.get(Market, "la"), SEVEN), tools.policy


def test_b12_shares_are_told_by_residents_and_by_orders_in_three_bands(scene):
    seen, policy = scene
    before = coverage_report(seen, policy, SEVEN)
    after = coverage_report(seen, policy, SEVEN, extra=("vernon",))
    assert (before.of_residents, before.of_orders) == (0.0, 0.0)
    assert after.of_residents == after.of_orders == 1.0
    assert [band.people for band in after.bands] == ["few", "some", "many"]
    assert sum(band.areas for band in after.bands) == len(after.areas) == 3
    assert all(area.drive is not None for area in after.areas)


def test_b12_an_area_left_out_between_two_that_are_reached_is_named(scene):
    seen, policy = scene
    regions = (*seen.market.regions, MIDDLE, FAR)
    site = seen.sites[0]
    north = replace(site, id="north", lat=FAR.lat, lon=FAR.lon)
    wider = replace(seen, market=replace(seen.market, regions=regions), sites=(*seen.sites, north))
    told = coverage_report(wider, policy, SEVEN, extra=("vernon", "north"))
    assert [area.cell for area in told.areas if not area.reached] == [MIDDLE.cell]
    (warning,) = told.warnings
    assert warning.startswith(f"{MIDDLE.cell} with 40,000 people is left out between")
    alone = coverage_report(wider, policy, SEVEN, extra=("vernon",))
    assert alone.warnings == ()


def test_a_market_without_any_node_is_reached_by_nobody(scene):
    seen, policy = scene
    told = coverage_report(replace(seen, centres=()), policy, SEVEN + timedelta(hours=1))
    assert told.of_residents == 0.0
    assert {area.drive for area in told.areas} == {None}
    assert {area.cell for area in told.areas} == set(CELLS)
