"""Cuts a problem that is too large for one search into parts that can be solved side by side.

Stops that can only come from certain depots stay with those; within a depot's stops the part
grows from the stop farthest from the depot by its nearest neighbours. Every part has vehicles of
its own, so that the parts' plans joined are a plan of the whole. A stop with a lock, or with goods
on board of a van, goes where its van goes.

A `WideProblem` has no travel table (20,000 places would need gigabytes): each part asks the source
of travel times for its own places only.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from routing.errors import BadProblem
from routing.geography import Place, straight_km_table
from routing.plan import Route, RoutePlan
from routing.problem import Depot, RoutingProblem, Stop, Vehicle
from routing.timetable import Book, assembled
from routing.travel import Seconds, Travel, TravelTimes

LARGEST = 1500
"""Stops up to which one search over all is better than its parts."""

PART = 500
"""Stops of a part."""

Table = Callable[[Sequence[int]], Travel]
"""The travel table of some places, numbered anew in the order given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WideProblem:
    """A problem over so many places that only its parts get travel tables."""

    stops: tuple[Stop, ...]
    depots: tuple[Depot, ...]
    vehicles: tuple[Vehicle, ...]
    places: tuple[Place, ...]
    """What the place numbers of stops, depots and vehicles mean."""
    times: TravelTimes
    origin: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    midnight: Seconds = 0


def parts_of(problem: RoutingProblem, size: int = PART) -> Iterator[RoutingProblem]:
    """The parts of a problem with a travel table; one part where there is nothing to cut."""

    def table(places: Sequence[int]) -> Travel:
        grid = np.ix_(np.array(places), np.array(places))
        return replace(
            problem.travel,
            seconds=problem.travel.seconds[grid],
            metres=problem.travel.metres[grid],
        )

    def away(origin: int, places: Sequence[int]) -> NDArray[np.float64]:
        return np.asarray(problem.travel.seconds[origin, np.array(places)], dtype=np.float64)

    if problem.piles or any(
        u.at in {v.name for v in problem.vehicles} for s in problem.stops for u in s.units
    ):
        yield problem
        return
    yield from _parts(problem, table, away, size)


def wide_parts(problem: WideProblem, size: int = PART) -> Iterator[RoutingProblem]:
    """The parts of a wide problem, each with a travel table of its own."""

    def table(places: Sequence[int]) -> Travel:
        return problem.times.table(tuple(problem.places[p] for p in places))

    def away(origin: int, places: Sequence[int]) -> NDArray[np.float64]:
        spots = tuple(problem.places[p] for p in places)
        return np.asarray(straight_km_table((problem.places[origin],), spots)[0])

    if any(v.locked for v in problem.vehicles):
        raise BadProblem(
            subject="wide problem", fault="locks are re-planned in parts, not at large"
        )
    yield from _parts(problem, table, away, size)


def joined(book: Book, plans: Sequence[RoutePlan]) -> RoutePlan:
    """The plan of the whole from the plans of its parts."""
    routes: dict[str, Route] = {r.vehicle: r for plan in plans for r in plan.routes}
    order = [v.name for v in book.problem.vehicles if v.name in routes]
    return assembled(book, tuple(routes[name] for name in order))


def _parts(
    problem: RoutingProblem | WideProblem,
    table: Table,
    away: Callable[[int, Sequence[int]], NDArray[np.float64]],
    size: int,
) -> Iterator[RoutingProblem]:
    vehicles = _by_depot(problem)
    for depot, stops in _stops_by_depot(problem, vehicles, away).items():
        groups = list(_grown(depot, stops, away, size))
        loads = [len(group) for group in groups]
        for group, vans in zip(groups, _shared(vehicles[depot.name], groups, loads), strict=True):
            yield _part(problem, group, vans, table)


def _by_depot(problem: RoutingProblem | WideProblem) -> dict[str, list[Vehicle]]:
    """The vehicles by the depot that they load at; those under way by their first reload."""
    homes: dict[str, list[Vehicle]] = {d.name: [] for d in problem.depots}
    for vehicle in problem.vehicles:
        home = vehicle.depot if vehicle.depot is not None else next(iter(vehicle.reloads), None)
        if home is not None:
            homes[home].append(vehicle)
    return homes


def _stops_by_depot(
    problem: RoutingProblem | WideProblem,
    vehicles: dict[str, list[Vehicle]],
    away: Callable[[int, Sequence[int]], NDArray[np.float64]],
) -> dict[Depot, list[Stop]]:
    """Each stop with the nearest depot that has its goods and vehicles; its lock's depot first."""
    depots = {d.name: d for d in problem.depots if vehicles[d.name]}
    places = [s.place for s in problem.stops]
    distance = {name: away(d.place, places) for name, d in depots.items()}
    homes = {s: d for d, vans in vehicles.items() for v in vans for s in v.locked}
    groups: dict[Depot, list[Stop]] = {d: [] for d in depots.values()}
    for i, stop in enumerate(problem.stops):
        able = [homes[stop.name]] if stop.name in homes else [u.at for u in stop.units] or [*depots]
        able = [name for name in able if name in depots]
        if able:
            groups[depots[min(able, key=lambda name: distance[name][i])]].append(stop)
    return groups


def _grown(
    depot: Depot,
    stops: list[Stop],
    away: Callable[[int, Sequence[int]], NDArray[np.float64]],
    size: int,
) -> Iterator[list[Stop]]:
    """Groups of near stops, each begun at the stop farthest from the depot."""
    count = max(1, -(-len(stops) // size))
    left = list(stops)
    for number in range(count, 0, -1):
        if not left:
            return
        take = -(-len(left) // number)
        places = [s.place for s in left]
        seed = left[int(np.argmax(away(depot.place, places)))]
        nearest = np.argsort(away(seed.place, places), kind="stable")[:take]
        chosen = set(nearest.tolist())
        yield [left[i] for i in nearest.tolist()]
        left = [s for i, s in enumerate(left) if i not in chosen]


def _shared(
    vehicles: list[Vehicle], groups: list[list[Stop]], loads: list[int]
) -> Iterator[list[Vehicle]]:
    """Deal the vehicles out so that each group has its share; locks stay with their stops."""
    dealt: list[list[Vehicle]] = [[] for _ in groups]
    owner = {s.name: g for g, group in enumerate(groups) for s in group}
    free = []
    for vehicle in vehicles:
        if vehicle.locked:
            dealt[owner[vehicle.locked[0]]].append(vehicle)
            _bring(groups, owner, vehicle)
        else:
            free.append(vehicle)
    for vehicle in free:
        poorest = max(range(len(groups)), key=lambda g: loads[g] / (len(dealt[g]) + 1), default=0)
        if dealt:
            dealt[poorest].append(vehicle)
    yield from dealt


def _bring(groups: list[list[Stop]], owner: dict[str, int], vehicle: Vehicle) -> None:
    """Move a vehicle's locked stops into the group of the first of them."""
    home = owner[vehicle.locked[0]]
    for name in vehicle.locked[1:]:
        stop = next(s for s in groups[owner[name]] if s.name == name)
        groups[owner[name]].remove(stop)
        groups[home].append(stop)
        owner[name] = home


def _part(
    problem: RoutingProblem | WideProblem, stops: list[Stop], vehicles: list[Vehicle], table: Table
) -> RoutingProblem:
    places = sorted(
        {s.place for s in stops}
        | {d.place for d in problem.depots}
        | {v.start for v in vehicles}
        | {v.end for v in vehicles if v.end is not None}
    )
    spot = {place: i for i, place in enumerate(places)}
    return RoutingProblem(
        stops=tuple(replace(s, place=spot[s.place]) for s in stops),
        depots=tuple(replace(d, place=spot[d.place]) for d in problem.depots),
        vehicles=tuple(
            replace(v, start=spot[v.start], end=None if v.end is None else spot[v.end])
            for v in vehicles
        ),
        travel=table(places),
        origin=problem.origin,
        midnight=problem.midnight,
    )
