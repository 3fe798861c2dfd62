"""The same map for a browser that draws it itself: GeoJSON, longitude before latitude.

Everything that the drawing on paper has is here under the same names, each thing with the words
that it says when pointed at; no hexagon is merged with others here.
"""

from collections.abc import Iterable
from typing import Any

from api.console.drawings.maps import Hex, Spot, Track, rim, shade_of, words_of
from routing.geography import Cell, Place, outline

FINE = 5
"""Decimals of a degree, a metre."""


def geo_map(
    *,
    hexes: Iterable[Hex] = (),
    spots: Iterable[Spot] = (),
    tracks: Iterable[Track] = (),
    frame: Iterable[Place] = (),
) -> dict[str, Any]:
    """Everything on the map, and the box that should be seen first."""
    cells, marks, ways = tuple(hexes), tuple(spots), tuple(tracks)
    most = max((one.orders for one in cells), default=0.0)
    corners = {one.cell: outline(Cell(one.cell)) for one in cells}
    seen = [*frame] or [corner for ring in corners.values() for corner in ring]
    reached = rim(one.cell for one in cells if one.reached)
    return {
        "box": _box(seen or [mark.place for mark in marks]),
        "hexes": _all(_hex(one, corners[one.cell], most) for one in cells),
        "figures": _all(
            _point(one.place, {"label": f"{one.orders:,.0f}", "orders": round(one.orders, 1)})
            for one in cells
        ),
        "rim": _all([_shape("MultiLineString", [[_at(a), _at(b)] for a, b in reached], {})]),
        "spots": _all(
            _point(mark.place, {"kind": mark.kind, "name": mark.name, "words": mark.title})
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


def _hex(one: Hex, corners: tuple[Place, ...], most: float) -> dict[str, Any]:
    ring = [_at(corner) for corner in (*corners, corners[0])]
    told = {
        "shade": shade_of(one.orders, most),
        "others": bool(one.by_others),
        "words": words_of(one),
    }
    return _shape("Polygon", [ring], told)


def _point(place: Place, told: dict[str, Any]) -> dict[str, Any]:
    return _shape("Point", _at(place), told)


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
