"""Who is within six hours and who is not: every area of a market, with its people and its orders.

An area is reached where a route from a node that stands, or from a site that a planner thinks of,
can make enough drops there in time. Areas are told apart by how many people live in them, in three
bands with a third of the areas each: incomes are not known here, and are not guessed. An area
that is left out between two that are reached is named, for it looks like a choice that nobody made.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import hypot
from typing import Literal, TypeAlias

from logistics.catalogue import Region
from logistics.network import NodeState
from logistics.policy import Policy
from logistics.reach import ways
from logistics.siting.question import within_reach
from logistics.siting.scene import Scene
from logistics.units import Seconds

Peopled: TypeAlias = Literal["few", "some", "many"]
BANDS: tuple[Peopled, ...] = ("few", "some", "many")
DAYS = 7
AHEAD = timedelta(days=DAYS)
BETWEEN = 1.15
"""An area lies between two others where the way over it is at most so much longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """One area: its people, the orders expected in a week, and whether six hours reach it."""

    cell: str
    residents: int
    people: Peopled
    orders: float
    reached: bool
    drive: Seconds | None
    """From the nearest node; None where none stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How much of a band of areas six hours reach, by people and by expected orders."""

    people: Peopled
    areas: int
    of_residents: float
    of_orders: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageReport:
    """Six-hour coverage of one market at one moment."""

    market: str
    at: datetime
    of_residents: float
    of_orders: float
    bands: tuple[Share, ...]
    areas: tuple[Area, ...]
    warnings: tuple[str, ...]


def coverage_report(
    scene: Scene, policy: Policy, now: datetime, extra: tuple[str, ...] = ()
) -> CoverageReport:
    """The coverage of the nodes that stand, and of `extra` sites as if they stood too."""
    nodes = tuple(_places(scene, extra))
    regions = scene.market.regions
    drives = ways(nodes, tuple((one.lat, one.lon) for one in regions)) if nodes else ()
    wanted = [_orders(scene, one.cell, now) for one in regions]
    nearest = [min((row[k].seconds for row in drives), default=None) for k in range(len(regions))]
    bands = _bands(regions)
    areas = tuple(
        Area(
            cell=one.cell,
            residents=one.residents,
            people=bands[one.cell],
            orders=round(orders, 1),
            reached=drive is not None and within_reach(policy, drive, orders / DAYS * 2),
            drive=drive,
        )
        for one, orders, drive in zip(regions, wanted, nearest, strict=True)
    )
    return CoverageReport(
        market=scene.market.id,
        at=now,
        of_residents=_share([(a.residents, a.reached) for a in areas]),
        of_orders=_share([(a.orders, a.reached) for a in areas]),
        bands=tuple(_band(name, areas) for name in BANDS),
        areas=areas,
        warnings=tuple(_left_out(regions, {a.cell for a in areas if a.reached})),
    )


def _places(scene: Scene, extra: tuple[str, ...]) -> Iterator[tuple[float, float]]:
    for centre in scene.centres:
        yield centre.lat, centre.lon
    for one in scene.standing:
        if one.node.state is NodeState.LIVE:
            yield one.node.lat, one.node.lon
    for site in scene.sites:
        if site.id in extra:
            yield site.lat, site.lon


def _orders(scene: Scene, cell: str, now: datetime) -> float:
    """The P50 of the orders of the next week in an area."""
    hours, total = int(AHEAD / timedelta(hours=1)), 0.0
    for outlook in scene.outlooks:
        first = max(0, round((now - outlook.start) / timedelta(hours=1)))
        for region in outlook.regions:
            if region.cell == cell:
                total += sum(region.hourly[first : first + hours])
    return total


def _bands(regions: tuple[Region, ...]) -> dict[str, Peopled]:
    ranked = sorted(regions, key=lambda one: (one.residents, one.cell))
    third = max(1.0, len(ranked) / len(BANDS))
    return {one.cell: BANDS[min(2, int(k / third))] for k, one in enumerate(ranked)}


def _share(parts: list[tuple[float, bool]]) -> float:
    whole = sum(size for size, _ in parts)
    return round(sum(size for size, reached in parts if reached) / whole, 4) if whole else 0.0


def _band(name: Peopled, areas: tuple[Area, ...]) -> Share:
    mine = [area for area in areas if area.people == name]
    return Share(
        people=name,
        areas=len(mine),
        of_residents=_share([(a.residents, a.reached) for a in mine]),
        of_orders=_share([(a.orders, a.reached) for a in mine]),
    )


def _left_out(regions: tuple[Region, ...], reached: set[str]) -> Iterator[str]:
    """Name each area that lies between two that are reached and is not reached itself."""
    served = [one for one in regions if one.cell in reached]
    for one in regions:
        if one.cell in reached or not one.residents:
            continue
        for k, a in enumerate(served):
            b = next((other for other in served[k + 1 :] if _between(one, a, other)), None)
            if b is not None:
                yield (
                    f"{one.cell} with {one.residents:,} people is left out between "
                    f"{a.cell} and {b.cell}, which are reached"
                )
                break


def _between(one: Region, a: Region, b: Region) -> bool:
    over = _apart(a, one) + _apart(one, b)
    return over <= BETWEEN * _apart(a, b)


def _apart(a: Region, b: Region) -> float:
    """Degrees, near enough within a metro to tell what lies between what."""
    return hypot(a.lat - b.lat, (a.lon - b.lon) * 0.8)
