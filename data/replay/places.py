"""The markets of a replay: a US state with all its towns, or a metro by the name of its town.

How much of a file's region lies in a market is counted in people: all of California lies in the
market California, and about a third of it in the market Los Angeles.
"""

import re
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from functools import cache

from data.sources.draws import spots_of, state_letters
from data.sources.markets import market_about, regions_of, towns
from data.sources.order_files import OrderRow
from logistics.catalogue import Market
from logistics.errors import Nonsense
from routing.geography import Cell, Place, cell_of, resolution_of

METRO_RESOLUTION, STATE_RESOLUTION = 4, 3
"""H3 resolutions of the regions: about 1,800 km2 among metros, 12,000 km2 where a state is lived."""
METRO_KM = 55.0
KEPT_AT_BORDERS = 0.8
"""The share of its people that a market keeps beside its neighbours, or it cannot be lived so."""
HALF, MOST_STATES = 0.5, 6
"""Where nobody names a market: states until they place this share of the orders, or so many."""
NEAR_KM = 80.0
"""How far from the middle of its orders a market reaches that nobody named."""


def market_named(name: str, resolution: int = METRO_RESOLUTION) -> Market:
    """The market of a US state, or of the largest town of that name.

    Raises:
        Nonsense: for a name that is neither.
    """
    if letters := state_letters(name):
        return _state_market(name, letters, resolution)
    town = next((t for t in towns("US") if t.name.casefold() == name.casefold()), None)
    if town is None:
        raise Nonsense("/market", f"{name!r} is neither a US state nor a town of the US")
    return market_about(
        _word(town.name),
        town.name,
        Place(lat=town.lat, lon=town.lon),
        radius_km=METRO_KM,
        resolution=resolution,
    )


def markets_for(rows: tuple[OrderRow, ...], names: tuple[str, ...]) -> tuple[Market, ...]:
    """The markets that were asked for; of none, the states or the metro that order most.

    Raises:
        Nonsense: for an unknown name, for markets that overlap, and where the orders tell neither
            places nor states and nobody names a market.
    """
    size = STATE_RESOLUTION if any(map(state_letters, names)) else METRO_RESOLUTION
    markets = tuple(market_named(name, size) for name in names)
    return _apart(markets) if markets else _busiest(rows)


def _apart(markets: tuple[Market, ...]) -> tuple[Market, ...]:
    """The markets with every cell in one of them: at a border, in that where more people live.

    Raises:
        Nonsense: where one would lose more than a fifth of its people so.
    """
    most: dict[str, tuple[int, str]] = {}
    for market in markets:
        for region in market.regions:
            most[region.cell] = max(most.get(region.cell, (-1, "")), (region.residents, market.id))
    kept = tuple(
        replace(m, regions=tuple(r for r in m.regions if most[r.cell][1] == m.id)) for m in markets
    )
    whole = all(
        people(a) >= KEPT_AT_BORDERS * people(b) for a, b in zip(kept, markets, strict=True)
    )
    if not whole or len({market.id for market in markets}) < len(markets):
        raise Nonsense("/market", f"{', '.join(m.name for m in markets)} overlap: ask for one")
    return kept


def people(market: Market) -> int:
    """How many live in a market."""
    return sum(region.residents for region in market.regions)


@cache
def share_inside(market: Market, region: str | None) -> float:
    """Which share of the people of a named region lives in the market; None is the country.

    Two states share nobody, though their cells meet at the border.
    """
    states = {state_letters(market.name), state_letters(region or "")}
    if None not in states and len(states) > 1:
        return 0.0
    spots = spots_of(market, region).spots if region is not None else ()
    people = [(spot.place, spot.weight) for spot in spots] if region is not None else _country()
    inside = cells_of(market)
    whole = sum(weight for _, weight in people)
    near = sum(weight for place, weight in people if cell_in(market, place) in inside)
    return near / whole if whole else 0.0


def cell_in(market: Market, place: Place) -> Cell:
    """The cell of a place, as large as the market's own."""
    return cell_of(place, resolution_of(Cell(market.regions[0].cell)))


@cache
def cells_of(market: Market) -> frozenset[str]:
    """The cells of a market's regions."""
    return frozenset(region.cell for region in market.regions)


def _busiest(rows: tuple[OrderRow, ...]) -> tuple[Market, ...]:
    """The states that order most, as many as place half of all orders; or the orders' middle."""
    states = Counter[str]()
    for row in rows:
        if row.region and state_letters(row.region):
            states[row.region] += row.units
    placed = [row.place for row in rows if row.place is not None]
    if states:
        return _states(states)
    if not placed:
        raise Nonsense("/market", "the orders tell neither places nor states: name a --market")
    middle = Place(
        lat=sorted(place.lat for place in placed)[len(placed) // 2],
        lon=sorted(place.lon for place in placed)[len(placed) // 2],
    )
    return (market_about("orders", "the orders' middle", middle, radius_km=NEAR_KM),)


def _states(units: Counter[str]) -> tuple[Market, ...]:
    """The states by how much they order; one that lies too close to another is passed over."""
    chosen: tuple[Market, ...] = ()
    held = 0
    for name, ordered in units.most_common():
        with suppress(Nonsense):
            chosen = _apart((*chosen, market_named(name, STATE_RESOLUTION)))
            held += ordered
        if len(chosen) == MOST_STATES or held >= HALF * units.total():
            break
    return chosen


def _state_market(name: str, letters: str, resolution: int) -> Market:
    inside = [town for town in towns("US") if town.state == letters]
    return Market(
        id=_word(name),
        name=name,
        zone=inside[0].zone,
        currency="USD",
        residency="us",
        regions=regions_of(inside, resolution),
    )


def _word(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-") or "market"


@cache
def _country() -> tuple[tuple[Place, int], ...]:
    return tuple((Place(lat=town.lat, lon=town.lon), town.residents) for town in towns("US"))
