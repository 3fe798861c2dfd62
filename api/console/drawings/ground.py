"""The ground under the maps: counties of the US and countries of the world, from the npm atlases.

Topologies are read as the TopoJSON specification says: arcs of small steps, shared by neighbours.
Where an atlas is not installed a map is drawn without its ground.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3] / "node_modules"
ATLASES = {
    "US": (ROOT / "us-atlas" / "counties-10m.json", "counties"),
    "": (ROOT / "world-atlas" / "countries-50m.json", "countries"),
}
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


def land(country: str, view: Box) -> tuple[Ring, ...]:
    """The rings of all counties or countries that are seen in a view."""
    rings = _rings(country if country in ATLASES else "")
    return tuple(ring for box, ring in rings if box.meets(view))


@lru_cache(maxsize=2)
def _rings(atlas: str) -> tuple[tuple[Box, Ring], ...]:
    path, name = ATLASES[atlas]
    if not path.exists():
        return ()
    told = json.loads(path.read_text("utf-8"))
    arcs = [_arc(arc, told["transform"]) for arc in told["arcs"]]
    found = []
    for geometry in told["objects"][name]["geometries"]:
        for polygon in _polygons(geometry):
            ring = _joined(polygon[0], arcs)
            found.append((_box(ring), ring))
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
