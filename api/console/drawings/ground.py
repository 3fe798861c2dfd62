"""The ground under the maps: counties and states of the US, countries of the world, from the npm atlases.

Topologies are read as the TopoJSON specification says: arcs of small steps, shared by neighbours.
Where an atlas is not installed a map is drawn without its ground.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3] / "node_modules"
US, WORLD = ROOT / "us-atlas", ROOT / "world-atlas"
ATLASES = {
    "county": (US / "counties-10m.json", "counties"),
    "state": (US / "states-10m.json", "states"),
    "country": (WORLD / "countries-50m.json", "countries"),
}
KINDS = {"US": ("county", "state")}
"""What a country's ground is made of, the finest first; elsewhere whole countries."""
FINE = 3
"""Decimals of a degree, 100 m: as fine as the atlases are."""
Ring = tuple[tuple[float, float], ...]
"""Longitude and latitude of the corners, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A part of the earth in degrees."""

    west: float
    south: float
    east: float
    north: float

    def meets(self, other: "Box") -> bool:
        """Whether the two share any ground."""
        across = self.west <= other.east and other.west <= self.east
        return across and self.south <= other.north and other.south <= self.north

    def holds(self, lon: float, lat: float) -> bool:
        """Whether a place lies in it."""
        return self.west <= lon <= self.east and self.south <= lat <= self.north

    @property
    def size(self) -> float:
        """How much of the earth it covers, in square degrees."""
        return (self.east - self.west) * (self.north - self.south)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One ring of land: an island, or the whole of what has a name."""

    name: str
    ring: Ring
    box: Box


def land(country: str, view: Box) -> tuple[Ring, ...]:
    """The rings of all counties or countries that are seen in a view."""
    finest = KINDS.get(country, ("country",))[0]
    return tuple(piece.ring for piece in _pieces(finest) if piece.box.meets(view))


def ground(country: str, view: Box) -> dict[str, Any]:
    """The land in a view as GeoJSON; a name stands once, amid the greatest piece that has it."""
    told: list[dict[str, Any]] = []
    for kind in KINDS.get(country, ("country",)):
        seen = [piece for piece in _pieces(kind) if piece.box.meets(view)]
        told += [_shape(kind, piece) for piece in seen]
        labels = ((piece.name, *_middle(piece.ring)) for piece in _greatest(seen))
        told += [_label(kind, name, x, y) for name, x, y in labels if view.holds(x, y)]
    return {"type": "FeatureCollection", "features": told}


def names_at(country: str, places: Iterable[tuple[float, float]]) -> tuple[str, ...]:
    """What the ground is called at each longitude and latitude, by the finest that there is.

    Empty at sea, or where no atlas is installed.
    """
    spots = tuple(places)
    if not spots:
        return ()
    view = _box(spots)
    near = [p for p in _pieces(KINDS.get(country, ("country",))[0]) if p.box.meets(view)]
    return tuple(
        next((p.name for p in near if p.box.holds(x, y) and _holds(p.ring, x, y)), "")
        for x, y in spots
    )


def _holds(ring: Ring, lon: float, lat: float) -> bool:
    """Whether a ray to the east leaves the ring an odd number of times."""
    crossed = 0
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > lat) != (y2 > lat) and lon < x1 + (lat - y1) * (x2 - x1) / (y2 - y1):
            crossed += 1
    return crossed % 2 == 1


def _middle(ring: Ring) -> tuple[float, float]:
    """The centre of gravity of a ring (shoelace formula)."""
    area = x = y = 0.0
    for (x1, y1), (x2, y2) in pairwise(ring):
        part = x1 * y2 - x2 * y1
        area, x, y = area + part, x + (x1 + x2) * part, y + (y1 + y2) * part
    return (x / area / 3, y / area / 3) if area else ring[0]


def _greatest(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    best: dict[str, Piece] = {}
    for piece in pieces:
        if piece.name not in best or piece.box.size > best[piece.name].box.size:
            best[piece.name] = piece
    return tuple(best.values())


def _shape(kind: str, piece: Piece) -> dict[str, Any]:
    ring = [[round(x, FINE), round(y, FINE)] for x, y in piece.ring]
    return {
        "type": "Feature",
        "properties": {"kind": kind},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def _label(kind: str, name: str, x: float, y: float) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"kind": f"{kind}-name", "name": name},
        "geometry": {"type": "Point", "coordinates": [round(x, FINE), round(y, FINE)]},
    }


@lru_cache(maxsize=len(ATLASES))
def _pieces(kind: str) -> tuple[Piece, ...]:
    path, name = ATLASES[kind]
    if not path.exists():
        return ()
    told = json.loads(path.read_text("utf-8"))
    arcs = [_arc(arc, told["transform"]) for arc in told["arcs"]]
    found = []
    for geometry in told["objects"][name]["geometries"]:
        for polygon in _polygons(geometry):
            ring = _joined(polygon[0], arcs)
            called = str(geometry.get("properties", {}).get("name", ""))
            found.append(Piece(name=called, ring=ring, box=_box(ring)))
    return tuple(found)


def _arc(steps: list[list[int]], transform: dict[str, list[float]]) -> list[tuple[float, float]]:
    (kx, ky), (dx, dy) = transform["scale"], transform["translate"]
    x = y = 0
    places = []
    for step in steps:
        x, y = x + step[0], y + step[1]
        places.append((x * kx + dx, y * ky + dy))
    return places


def _polygons(geometry: dict[str, Any]) -> list[list[list[int]]]:
    if geometry["type"] == "Polygon":
        return [geometry["arcs"]]
    return geometry["arcs"] if geometry["type"] == "MultiPolygon" else []


def _joined(numbers: list[int], arcs: list[list[tuple[float, float]]]) -> Ring:
    """One ring of several arcs; a number below zero is an arc walked backwards."""
    ring: list[tuple[float, float]] = []
    for number in numbers:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        ring.extend(arc if not ring else arc[1:])
    return tuple(ring)


def _box(ring: Ring) -> Box:
    wests, souths = [x for x, _ in ring], [y for _, y in ring]
    return Box(west=min(wests), south=min(souths), east=max(wests), north=max(souths))
