"""The same map for a browser that draws it itself: longitude before latitude, as in GeoJSON.

Everything that the drawing on paper has is here under the same names; no hexagon is merged with
others here. There can be 20,000 hexagons, so they come packed: whole parts of a degree, the first
corner of each counted from the first corner of the one before, its other corners from its own first.
"""

from collections.abc import Iterable
from typing import Any

from api.console.drawings.maps import MOST_DRAWN, Hex, Spot, Track, rim, shade_of
from routing.geography import Cell, Place, outline

FINE = 5
"""Decimals of a degree, a metre."""
PARTS = 10**FINE


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
        "spots": _all(
            _shape(
                "Point",
                _at(mark.place),
                {"kind": mark.kind, "name": mark.name, "words": mark.title},
            )
            for mark in marks
        ),
        "tracks": _all(
            _shape(
                "LineString",
                [_at(place) for place in way.places],
                {"kind": way.kind, "words": way.title, "id": way.id},
            )
            for way in ways
        ),
    }


def _packed(cells: tuple[Hex, ...], rings: list[tuple[Place, ...]]) -> dict[str, Any]:
    """The hexagons by columns; `figures` says whether there is room for their figures."""
    most = max((one.orders for one in cells), default=0.0)
    others = sorted({", ".join(one.by_others) for one in cells})
    number = {names: n for n, names in enumerate(others)}
    return {
        "parts": PARTS,
        "figures": len(cells) <= MOST_DRAWN,
        "corners": _corners(rings),
        "orders": [round(one.orders) for one in cells],
        "shade": [shade_of(one.orders, most) for one in cells],
        "reached": [int(one.reached) for one in cells],
        "by": [number[", ".join(one.by_others)] for one in cells],
        "others": others,
    }


def _corners(rings: list[tuple[Place, ...]]) -> list[list[int]]:
    told, before = [], (0, 0)
    for ring in rings:
        at = [(round(p.lon * PARTS), round(p.lat * PARTS)) for p in ring]
        x, y = at[0]
        flat = [x - before[0], y - before[1]]
        for a, b in at[1:]:
            flat += (a - x, b - y)
        told.append(flat)
        before = (x, y)
    return told


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
