"""Maps on paper: land, demand by hexagon, who reaches what, sites and nodes, routes.

Drawn flat, a degree of longitude as long as it is in the middle of the view: right for one market,
which is all that a map here shows. What lies far outside stands at the edge with its distance.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from api.console.drawings.ground import Box, land
from routing.geography import Cell, Place, outline, straight_km

WIDE, HIGH = 460, 400
MARGIN = 0.06
STEPS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Hex:
    """A region with what is expected there and who reaches it within six hours."""

    cell: str
    place: Place
    orders: float
    reached: bool
    """By the node that is proposed."""
    by_others: tuple[str, ...]
    """Names of the standing nodes that reach it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place with a name and a kind, which is its shape."""

    name: str
    place: Place
    kind: str
    """`proposed`, `node`, `centre`, `shelf`, `standby`, `lease`, or a mark of a stop."""
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """A way through places, in order."""

    places: tuple[Place, ...]
    kind: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnHex:
    """A hexagon on paper."""

    points: str
    x: float
    y: float
    shade: int
    label: str
    reached: bool
    by_others: bool
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnSpot:
    """A spot on paper; `far` where it lies outside and stands at the edge."""

    x: float
    y: float
    name: str
    kind: str
    title: str
    far: str | None
    leans: str
    """To which side its name is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnTrack:
    """A track on paper."""

    path: str
    kind: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Map:
    """A map's shapes."""

    land: tuple[str, ...]
    hexes: tuple[DrawnHex, ...]
    spots: tuple[DrawnSpot, ...]
    tracks: tuple[DrawnTrack, ...]
    bar: float
    bar_label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flat:
    """From places to paper."""

    west: float
    north: float
    squeeze: float
    scale: float

    def at(self, place: Place) -> tuple[float, float]:
        """Where a place lies."""
        x = (place.lon - self.west) * self.squeeze * self.scale
        return round(x, 1), round((self.north - place.lat) * self.scale, 1)


def draw_map(
    country: str,
    *,
    hexes: Iterable[Hex] = (),
    spots: Iterable[Spot] = (),
    tracks: Iterable[Track] = (),
    frame: Iterable[Place] = (),
) -> Map:
    """A map that shows the frame, or the hexagons and what is near them."""
    cells, marks, ways = tuple(hexes), tuple(spots), tuple(tracks)
    seen = tuple(frame) or tuple(corner for one in cells for corner in outline(Cell(one.cell)))
    seen = seen or tuple(mark.place for mark in marks) or (Place(lat=0, lon=0),)
    flat, box = _flat(seen)
    most = max([one.orders for one in cells] + [0.001])
    bar_km = _bar(box)
    return Map(
        land=tuple(_path(flat, ring) for ring in land(country, box)),
        hexes=tuple(_hex(flat, one, most) for one in cells),
        spots=tuple(_spot(flat, box, mark) for mark in marks),
        tracks=tuple(
            DrawnTrack(path=_line(flat, way.places), kind=way.kind, title=way.title) for way in ways
        ),
        bar=round(bar_km / 111.2 * flat.scale, 1),
        bar_label=f"{bar_km:g} km",
    )


def _flat(seen: tuple[Place, ...]) -> tuple[Flat, Box]:
    south, north = min(p.lat for p in seen), max(p.lat for p in seen)
    west, east = min(p.lon for p in seen), max(p.lon for p in seen)
    squeeze = math.cos(math.radians((south + north) / 2)) or 1.0
    wide, high = max((east - west) * squeeze, 0.05), max(north - south, 0.05)
    scale = (1 - 2 * MARGIN) * min(WIDE / wide, HIGH / high)
    middle = ((west + east) / 2, (south + north) / 2)
    west, north = middle[0] - WIDE / scale / squeeze / 2, middle[1] + HIGH / scale / 2
    box = Box(
        west=west,
        south=north - HIGH / scale,
        east=west + WIDE / scale / squeeze,
        north=north,
    )
    return Flat(west=west, north=north, squeeze=squeeze, scale=scale), box


def _bar(box: Box) -> float:
    """A round length of about a fifth of the view's height, in kilometres."""
    wished = (box.north - box.south) * 111.2 / 5
    power = 10.0 ** math.floor(math.log10(wished))
    return max(power * one for one in (1, 2, 5) if power * one <= wished)


def _path(flat: Flat, ring: Iterable[tuple[float, float]]) -> str:
    return _line(flat, (Place(lat=y, lon=x) for x, y in ring)) + " Z"


def _line(flat: Flat, places: Iterable[Place]) -> str:
    told: list[str] = []
    for place in places:
        x, y = flat.at(place)
        if not told or told[-1] != (here := f"{x:g},{y:g}"):
            told.append(f"{x:g},{y:g}")
        else:
            told[-1] = here
    return "M" + " L".join(told) if told else ""


def _hex(flat: Flat, one: Hex, most: float) -> DrawnHex:
    x, y = flat.at(one.place)
    corners = [flat.at(corner) for corner in outline(Cell(one.cell))]
    shade = min(STEPS, 1 + int(STEPS * one.orders / most))
    reach = "within six hours of the proposed node" if one.reached else "not reached from it"
    others = f"; also from {', '.join(one.by_others)}" if one.by_others else ""
    return DrawnHex(
        points=" ".join(f"{a:g},{b:g}" for a, b in corners),
        x=x,
        y=y,
        shade=shade,
        label=f"{one.orders:,.0f}",
        reached=one.reached,
        by_others=bool(one.by_others),
        title=f"{one.orders:,.0f} orders expected, {reach}{others}",
    )


def _spot(flat: Flat, box: Box, mark: Spot) -> DrawnSpot:
    x, y = flat.at(mark.place)
    inside = 0 <= x <= WIDE and 0 <= y <= HIGH
    far = None
    if not inside:
        middle = Place(lat=(box.south + box.north) / 2, lon=(box.west + box.east) / 2)
        far = f"{straight_km(middle, mark.place):,.0f} km"
        x, y = _to_edge(x, y)
    return DrawnSpot(
        x=x,
        y=y,
        name=mark.name,
        kind=mark.kind,
        title=mark.title,
        far=far,
        leans="end" if x > WIDE * 0.6 else "start",
    )


def _to_edge(x: float, y: float) -> tuple[float, float]:
    """Where the way from the middle to a far place leaves the paper."""
    dx, dy = x - WIDE / 2, y - HIGH / 2
    inset = 14
    part = min((WIDE / 2 - inset) / max(abs(dx), 1e-9), (HIGH / 2 - inset) / max(abs(dy), 1e-9))
    return round(WIDE / 2 + dx * part, 1), round(HIGH / 2 + dy * part, 1)
