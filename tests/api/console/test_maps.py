"""Maps: the same regions, reach and sites on paper, in the table and in the browser's own map."""

import re
from dataclasses import replace
from datetime import timedelta
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.console.drawings.geo import geo_map, letters
from api.console.drawings.ground import Box, ground, names_at
from api.console.drawings.maps import MOST_DRAWN, Hex, Track, coarse, draw_map, rim
from api.console.pages.evidence import MOST_ROWS, reach_of
from api.console.pages.live import MOST_STOPS
from api.console.pages.recommendation import ROWS_AT_ONCE
from logistics.catalogue import Market, Region
from logistics.demand import Outlook, RegionOutlook
from routing.geography import Cell, Place, cell_of, neighbours, outline, parent_of, place_of
from tests.builders.console import signed_in
from tests.builders.days import a_route, a_stop
from tests.builders.doors import House
from tests.builders.supply import (
    CELLS,
    SEVEN,
    a_recommendation,
    a_world,
    all_of,
    an_outlook,
    centre_node,
)

REC = "/console/recommendations/rec_1"
LA = Box(west=-118.6, south=33.6, east=-117.8, north=34.3)


@pytest.fixture
def house():
    made = House(a_world())
    an_outlook(made.means, 20.0)
    a_recommendation(made.means)
    return made


def hexes(wanted, *, orders=1.0, reached=True):
    """So many neighbouring hexagons of one size."""
    middle = cell_of(Place(lat=34.05, lon=-118.24), 6)
    rings = 1 if wanted <= 7 else 16
    cells = (middle, *neighbours(middle, rings))[:wanted]
    return tuple(
        Hex(cell=one, place=place_of(one), orders=orders, reached=reached, by_others=())
        for one in cells
    )


def test_the_browsers_map_has_what_the_table_has(house):
    client = signed_in(house)
    told = client.get(f"{REC}/map.json").json()
    page = client.get(REC).text
    assert numbers(told["hexes"]["orders"]) == [640] * len(CELLS)
    assert numbers(told["hexes"]["reached"]) == [1] * len(CELLS)
    names, shown = column(told["spots"]["name"]), column(told["spots"]["kind"])
    kinds = dict(zip(names, shown, strict=True))
    assert kinds == {"Vernon": "proposed", "Shelf-A": "shelf", "Unit-9": "lease", "Reno": "centre"}
    for name in kinds:
        assert f'<th scope="row">{name}</th>' in page
    assert re.search(r"<th scope=\"row\">[A-Z][a-z ]+, \d\d.\d\d°, .11\d", page)


def test_a_map_says_in_a_sentence_who_reaches_what():
    far, near = hexes(7, reached=False)[:3], hexes(1, orders=9.0)
    shared = tuple(replace(one, by_others=("Reno",)) for one in near)
    assert reach_of((*far, *near)) == (
        "12 orders are expected in 4 regions while it is live; 75\xa0% of them lie within six hours of it."
    )
    assert reach_of((*far, *shared)).endswith(", 75\xa0% of another node too.")
    assert reach_of(()) == "No orders are expected in its 0 regions while it is live."


def test_the_whole_table_of_regions_can_be_read_by_stretches(house):
    many = hexes(ROWS_AT_ONCE + 100)
    regions = tuple(
        Region(cell=one.cell, lat=one.place.lat, lon=one.place.lon, residents=1) for one in many
    )
    (known,) = all_of(house.means, Outlook)
    parts = tuple(RegionOutlook(cell=one.cell, hourly=(1.0,) * 168, totals=()) for one in many)
    with house.means.store.begin() as deed:
        deed.change(replace(deed.lock(Market, "la"), regions=regions))
        deed.forget(Outlook, known.id)
        deed.add(replace(known, regions=parts))
    client = signed_in(house)
    page = client.get(REC).text
    assert f'<a href="{REC}/regions">{len(many) - MOST_ROWS} more regions</a> together' in page
    first = client.get(f"{REC}/regions").text
    assert f"1 to {ROWS_AT_ONCE} of {len(many)}" in first
    rest = client.get(f"{REC}/regions?first={ROWS_AT_ONCE}").text
    assert rest.count("within six hours<") + rest.count("not in time<") == 100
    assert "Further rows" in first
    assert "Further rows" not in rest


def test_what_is_asked_of_nobody_is_told_to_nobody(house):
    client = house.stranger()
    client.follow_redirects = False
    for path in (
        f"{REC}/map.json",
        "/console/ground/la",
        f"{REC}/pulse",
        f"{REC}/regions",
        "/console/live/la/map.json",
    ):
        assert client.get(path).headers["location"].startswith("/console/sign-in"), path


def test_the_ground_has_each_county_once_by_name(house):
    told = signed_in(house).get("/console/ground/la").json()["features"]
    names = [
        one["properties"]["name"] for one in told if one["properties"]["kind"] == "county-name"
    ]
    assert "Los Angeles" in names
    assert len(names) == len(set(names))
    assert {one["properties"]["kind"] for one in told} >= {"county", "state", "state-name"}


def test_a_country_without_counties_is_drawn_as_a_country():
    berlin = Box(west=13.0, south=52.3, east=13.8, north=52.7)
    told = ground("DE", berlin)["features"]
    assert {one["properties"]["kind"] for one in told} == {"country"}
    whole = Box(west=5.0, south=47.0, east=15.5, north=55.5)
    assert "Germany" in {one["properties"].get("name") for one in ground("DE", whole)["features"]}


def test_a_place_is_called_by_its_county():
    places = ((-118.24, 34.05), (-140.0, 34.05), (-117.87, 33.75))
    assert names_at("US", places) == ("Los Angeles", "", "Orange")
    assert names_at("US", ()) == ()


def test_the_rim_has_the_sides_that_no_two_hexagons_share():
    rings = [outline(Cell(one.cell)) for one in hexes(7)]
    assert len(rim(rings[:1])) == 6
    assert len(rim(rings[:2])) == 10
    assert len(rim(rings)) == 18
    assert rim([]) == ()


def test_more_hexagons_than_can_be_drawn_are_drawn_coarser_with_all_their_orders():
    many = hexes(MOST_DRAWN + 1, orders=2.0)
    drawn = coarse(many)
    assert len(drawn) < MOST_DRAWN / 4
    assert sum(one.orders for one in drawn) == pytest.approx(2.0 * len(many))
    assert {one.cell for one in drawn} == {parent_of(Cell(one.cell), 5) for one in many}
    assert coarse(many[:MOST_DRAWN]) == many[:MOST_DRAWN]


def test_figures_stand_on_a_few_hexagons_and_not_on_many():
    assert {one.label for one in draw_map("US", hexes=hexes(7)).hexes} == {"1"}
    assert {one.label for one in draw_map("US", hexes=hexes(200)).hexes} == {""}


def test_every_corner_of_what_is_shown_lies_in_the_box_that_is_seen_first(house):
    (west, south), (east, north) = signed_in(house).get(f"{REC}/map.json").json()["box"]
    for cell in CELLS:
        for corner in outline(Cell(cell)):
            assert west <= corner.lon <= east
            assert south <= corner.lat <= north


def test_packed_corners_are_those_of_the_hexagons():
    many = (*hexes(7), *(replace(one, cell=A_PENTAGON) for one in hexes(1)), *hexes(2))
    told = geo_map(hexes=many)["hexes"]
    for one, ring in zip(many, rings(numbers(told["corners"])), strict=True):
        for corner, (lon, lat) in zip(outline(Cell(one.cell)), ring, strict=True):
            assert corner.lon == pytest.approx(lon / told["parts"], abs=1e-4)
            assert corner.lat == pytest.approx(lat / told["parts"], abs=1e-4)


A_PENTAGON = "830800fffffffff"


def rings(told):
    """The corners of each hexagon, as the browser finds them."""
    x, y, before = 0, 0, []
    while told:
        many, across, up, *told = told
        x, y, steps = x + across, y + up, told[: 2 * many - 2]
        known = [*before, *[(0, 0)] * many]
        before = [(a + c, b + d) for (a, b), (c, d) in zip(batched(steps), known, strict=False)]
        yield list(
            accumulate(before, lambda at, side: (at[0] + side[0], at[1] + side[1]), initial=(x, y))
        )
        told = told[2 * many - 2 :]


def batched(flat):
    return zip(flat[::2], flat[1::2], strict=True)


def numbers(text):
    """Numbers from their letters: five bits each, the lowest first, the sign last of all."""
    found, bits, places = [], 0, 0
    for letter in text:
        part = ord(letter) - 63
        bits, places = bits | (part & 31) << places, places + 5
        if part < 32:
            found.append(~(bits >> 1) if bits & 1 else bits >> 1)
            bits = places = 0
    return found


def column(told):
    return [told["of"][n] for n in numbers(told["at"])]


def test_packed_tracks_are_those_of_the_routes():
    there, home = Place(lat=34.1, lon=-118.3), Place(lat=34.0, lon=-118.22)
    told = geo_map(
        tracks=(
            Track(id="rte_1", places=(home, there, home), kind="planned", title="van-1"),
            Track(id="rte_2", places=(there, home), kind="in_progress", title="van-2"),
        )
    )["tracks"]
    at = list(batched(accumulate_by_two(numbers(told["places"]))))
    assert [
        (round(p.lon * 1e5), round(p.lat * 1e5)) for p in (home, there, home, there, home)
    ] == at
    assert numbers(told["long"]) == [3, 2]
    assert column(told["words"]) == ["van-1", "van-2"]


def accumulate_by_two(steps):
    lons, lats = accumulate(steps[::2]), accumulate(steps[1::2])
    return [one for pair in zip(lons, lats, strict=True) for one in pair]


@given(st.lists(st.integers(min_value=-(2**30), max_value=2**30)))
def test_numbers_are_read_as_they_were_written(some):
    assert numbers(letters(some)) == some


def test_numbers_are_written_as_the_polyline_format_says():
    assert letters([-17_998_321]) == "`~oia@"
    assert letters([3_850_000, -12_020_000]) == "_p~iF~ps|U"


def test_a_days_map_without_routes_shows_the_nodes(house):
    told = signed_in(house).get("/console/live/la/map.json").json()
    assert column(told["spots"]["kind"]) == ["centre"]
    assert told["tracks"]["id"] == []


@pytest.mark.parametrize("stops", [4, MOST_STOPS + 1])
def test_a_drawing_with_very_many_stops_shows_those_that_need_somebody(house, stops):
    late = SEVEN - timedelta(hours=1)
    with house.means.store.begin() as deed:
        deed.add(a_route(centre_node(house.means).id, stops))
        for n in range(1, stops):
            deed.add(a_stop(n, SEVEN + timedelta(hours=1)))
        deed.add(a_stop(stops, late))
    page = signed_in(house).get("/console/live").text
    drawn = page.partition('id="paper"')[2].partition("</svg>")[0]
    shown = stops - 2 if stops < MOST_STOPS else 0  # the first is next, the last is late
    assert drawn.count('class="stop-planned"') == shown
    assert drawn.count('class="stop-late"') == 1
