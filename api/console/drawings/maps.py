"""Maps on paper: land, demand by hexagon, who reaches what, sites and nodes, routes.

Drawn flat, a degree of longitude as long as it is in the middle of the view: right for one market,
which is all that a map here shows. What lies far outside stands at the edge with its distance.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from api.console.drawings.ground import Box, land
from routing.geography import Cell, Place, outline, parent_of, place_of, resolution_of, straight_km

WIDE, HIGH = 460, 400
MARGIN = 0.06
STEPS = 5
MOST_DRAWN = 600
"""More hexagons than these are drawn by the coarser ones that hold them."""
MOST_FIGURES = 60
"""With more hexagons their figures would stand on each other: the table has them."""
NAMED = ("proposed", "node", "centre")
"""Spots whose names stand beside them; the others' show when pointed at, and in the table."""
EXACT = 1e6
"""Corners that agree to so many parts of a degree are one."""
LETTER, LINE = 6.2, 13.0
"""How much of the drawing a letter and a line of it take."""
ASIDE = (0.0, 0.27, -0.27)
"""Where a hexagon's figure may stand, in parts of its height from the middle, the best first."""


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
    """A way through places, in order; the id is the row of the table that tells the same."""

    id: str
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
    rim: str
    """The edge of what the proposed node reaches."""
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
    cells, marks, ways = coarse(tuple(hexes)), tuple(spots), tuple(tracks)
    seen = tuple(frame) or tuple(corner for one in cells for corner in outline(Cell(one.cell)))
    seen = seen or tuple(mark.place for mark in marks) or (Place(lat=0, lon=0),)
    flat, box = _flat(seen)
    bar_km = _bar(box)
    placed = tuple(_spot(flat, box, mark) for mark in marks)
    reached = [outline(Cell(one.cell)) for one in cells if one.reached]
    return Map(
        land=tuple(_path(flat, ring) for ring in land(country, box)),
        hexes=_hexes(flat, cells, placed),
        rim=" ".join(_line(flat, edge) for edge in rim(reached)),
        spots=placed,
        tracks=tuple(
            DrawnTrack(path=_line(flat, way.places), kind=way.kind, title=way.title) for way in ways
        ),
        bar=round(bar_km / 111.2 * flat.scale, 1),
        bar_label=f"{bar_km:g} km",
    )


def coarse(hexes: tuple[Hex, ...]) -> tuple[Hex, ...]:
    """The hexagons, or the coarser ones that hold them where there are too many to draw.

    A coarser one is reached where most of its orders are, and served by whoever serves any of it.
    """
    held = {one.cell: Cell(one.cell) for one in hexes}
    drawn = set(held.values())
    while len(drawn) > MOST_DRAWN:
        size = {cell: resolution_of(cell) for cell in drawn}
        finest = max(size.values())
        up = {c: parent_of(c, finest - 1) if size[c] == finest else c for c in drawn}
        held = {cell: up[at] for cell, at in held.items()}
        drawn = set(held.values())
    if len(drawn) == len(hexes):
        return hexes
    parts: dict[str, list[Hex]] = {}
    for one in hexes:
        parts.setdefault(held[one.cell], []).append(one)
    return tuple(_together(cell, some) for cell, some in parts.items())


def _together(cell: str, parts: list[Hex]) -> Hex:
    orders = sum(one.orders for one in parts)
    reached = sum(one.orders for one in parts if one.reached)
    return Hex(
        cell=cell,
        place=place_of(Cell(cell)),
        orders=orders,
        reached=reached * 2 > orders,
        by_others=tuple(sorted({name for one in parts for name in one.by_others})),
    )


def rim(rings: Iterable[tuple[Place, ...]]) -> tuple[tuple[Place, Place], ...]:
    """The edge around hexagons of one size: their sides that no two of them share."""
    seen: dict[tuple[tuple[int, int], tuple[int, int]], tuple[Place, Place]] = {}
    for ring in rings:
        at = [(round(corner.lat * EXACT), round(corner.lon * EXACT)) for corner in ring]
        for i, here in enumerate(at):
            there = at[i - 1]
            side = (here, there) if here < there else (there, here)
            if seen.pop(side, None) is None:
                seen[side] = (ring[i - 1], ring[i])
    return tuple(seen.values())


def shade_of(orders: float, most: float) -> int:
    """How dark a hexagon is, from 1 to 5 by equal steps."""
    return min(STEPS, 1 + int(STEPS * orders / max(most, 0.001)))


def words_of(one: Hex) -> str:
    """What a hexagon says to whoever points at it."""
    reach = "within six hours of the proposed node" if one.reached else "not reached from it"
    others = f"; also from {', '.join(one.by_others)}" if one.by_others else ""
    return f"{one.orders:,.0f} orders expected, {reach}{others}"


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


def _hexes(
    flat: Flat, cells: tuple[Hex, ...], placed: tuple[DrawnSpot, ...]
) -> tuple[DrawnHex, ...]:
    most = max((one.orders for one in cells), default=0.0)
    named = [spot for spot in placed if spot.kind in NAMED]
    return tuple(_hex(flat, one, most, named, told=len(cells) <= MOST_FIGURES) for one in cells)


def _hex(flat: Flat, one: Hex, most: float, named: list[DrawnSpot], *, told: bool) -> DrawnHex:
    x, y = flat.at(one.place)
    corners = [flat.at(corner) for corner in outline(Cell(one.cell))]
    tall = max(b for _, b in corners) - min(b for _, b in corners)
    places = [round(y - tall * part, 1) for part in ASIDE]
    return DrawnHex(
        points=" ".join(f"{a:g},{b:g}" for a, b in corners),
        x=x,
        y=next((at for at in places if not any(_covers(spot, x, at) for spot in named)), y),
        shade=shade_of(one.orders, most),
        label=f"{one.orders:,.0f}" if told else "",
        reached=one.reached,
        by_others=bool(one.by_others),
        title=words_of(one),
    )


def _covers(spot: DrawnSpot, x: float, y: float) -> bool:
    """Whether a spot or its name stands where a figure would."""
    long = 20 + LETTER * len(spot.name)
    left, right = (
        (spot.x - long, spot.x + 10) if spot.leans == "end" else (spot.x - 10, spot.x + long)
    )
    return left - LETTER < x < right + LETTER and abs(spot.y - y) < LINE


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
