"""The same map for a browser that draws it itself: longitude before latitude, as in GeoJSON.

Everything that the drawing on paper has is here under the same names; no hexagon is merged with
others here. There can be 20,000 hexagons and 5,000 stops, so they come packed by columns. Whole
numbers are written as text (Google's polyline format: five bits a letter, small numbers in one). A
place is counted from the one before, and a hexagon's sides from the sides of the one before, for
neighbours differ little; words that come again and again are listed once.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise, zip_longest
from typing import Any

from api.console.drawings.maps import MOST_DRAWN, Hex, Spot, Track, rim, shade_of
from routing.geography import Cell, Place, outline

FINE = 5
"""Decimals of a degree, a metre."""
PARTS, HEX_PARTS = 10**FINE, 10**4
"""Parts of a degree that places, and corners of hexagons (11 m), are whole numbers of."""
BITS, MORE, FIRST = 5, 0x20, 63
"""Of the letters: what one holds, the mark that another follows, and the first one that is used."""


def geo_map(
    *,
    hexes: Iterable[Hex] = (),
    spots: Iterable[Spot] = (),
    tracks: Iterable[Track] = (),
    frame: Iterable[Place] = (),
) -> dict[str, Any]:
    """Everything on the map, and the box that should be seen first."""
    cells, marks, ways = tuple(hexes), tuple(spots), tuple(tracks)
    rings = [outline(Cell(one.cell)) for one in cells]
    seen = [*frame] or [corner for ring in rings for corner in ring]
    reached = rim(ring for one, ring in zip(cells, rings, strict=True) if one.reached)
    return {
        "box": _box(seen or [mark.place for mark in marks]),
        "hexes": _packed(cells, rings),
        "rim": _all([_shape("MultiLineString", [[_at(a), _at(b)] for a, b in reached], {})]),
        "spots": {
            **_placed(mark.place for mark in marks),
            "kind": _column(mark.kind for mark in marks),
            "name": _column(mark.name for mark in marks),
            "words": _column(mark.title for mark in marks),
        },
        "tracks": {
            **_placed(place for way in ways for place in way.places),
            "long": letters(len(way.places) for way in ways),
            "kind": _column(way.kind for way in ways),
            "words": _column(way.title for way in ways),
            "id": [way.id for way in ways],
        },
    }


def _placed(places: Iterable[Place]) -> dict[str, Any]:
    at = [(0, 0), *((round(p.lon * PARTS), round(p.lat * PARTS)) for p in places)]
    steps = (step for (a, b), (c, d) in pairwise(at) for step in (c - a, d - b))
    return {"parts": PARTS, "places": letters(steps)}


def _column(words: Iterable[str]) -> dict[str, Any]:
    """Words by their numbers in the list of all that there are."""
    told = tuple(words)
    known = sorted(set(told))
    number = {word: n for n, word in enumerate(known)}
    return {"of": known, "at": letters(number[word] for word in told)}


def _packed(cells: tuple[Hex, ...], rings: list[tuple[Place, ...]]) -> dict[str, Any]:
    """The hexagons by columns; `figures` says whether there is room for their figures."""
    most = max((one.orders for one in cells), default=0.0)
    return {
        "parts": HEX_PARTS,
        "figures": len(cells) <= MOST_DRAWN,
        "corners": letters(_corners(rings)),
        "orders": letters(round(one.orders) for one in cells),
        "shade": letters(shade_of(one.orders, most) for one in cells),
        "reached": letters(int(one.reached) for one in cells),
        "others": _column(", ".join(one.by_others) for one in cells),
    }


def letters(numbers: Iterable[int]) -> str:
    """Whole numbers as text."""
    return "".join(map(_letters, numbers))


@lru_cache(maxsize=4096)
def _letters(number: int) -> str:
    left = ~(number << 1) if number < 0 else number << 1
    told = ""
    while left >= MORE:
        told += chr(FIRST + (MORE | left % MORE))
        left >>= BITS
    return told + chr(FIRST + left)


def _corners(rings: list[tuple[Place, ...]]) -> Iterator[int]:
    """Of each ring: how many corners, its first from the first before, its sides from those before."""
    x = y = 0
    sides: list[tuple[int, int]] = []
    for ring in rings:
        at = [(round(p.lon * HEX_PARTS), round(p.lat * HEX_PARTS)) for p in ring]
        yield len(at)
        yield from (at[0][0] - x, at[0][1] - y)
        x, y = at[0]
        now = [(c - a, d - b) for (a, b), (c, d) in pairwise(at)]
        for (a, b), (c, d) in zip_longest(now, sides[: len(now)], fillvalue=(0, 0)):
            yield from (a - c, b - d)
        sides = now


def _shape(type: str, coordinates: Any, told: dict[str, Any]) -> dict[str, Any]:
    geometry = {"type": type, "coordinates": coordinates}
    return {"type": "Feature", "properties": told, "geometry": geometry}


def _all(features: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def _at(place: Place) -> list[float]:
    return [round(place.lon, FINE), round(place.lat, FINE)]


def _box(seen: list[Place]) -> list[list[float]] | None:
    """South-west and north-east of what should be seen; none where there is nothing."""
    if not seen:
        return None
    lats, lons = [p.lat for p in seen], [p.lon for p in seen]
    return [[min(lons), min(lats)], [max(lons), max(lats)]]
