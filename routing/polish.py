"""Goes on from a plan by PyVRP's iterated local search, where the problem is plain enough for it.

PyVRP (Wouda, Lan and Kool 2024) moves single stops and ends of routes with a granular neighbourhood
and accepts late; our own search (`improve`) takes strings of stops out and puts them back. Each
gets stuck elsewhere, so one after the other beats either alone: a short search of our own first (a
long one leads where PyVRP finds no way out), then PyVRP, and the routes of both recombined. A
problem is *plain* where all that it asks can be said to PyVRP without loss: one window per stop, no
price on lateness, no rests, no locks, no skills, goods at every depot, level travel times.
Everything else is left to `improve`.

This is the one room that knows PyVRP.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from math import gcd
from typing import TYPE_CHECKING, Any

from routing.effort import Effort
from routing.flat import kinds
from routing.improve import Found
from routing.problem import HORIZON, Load, RoutingProblem, Vehicle
from routing.timetable import Book, Order

if TYPE_CHECKING:
    import pyvrp

_UNIT = 18_000
"""Parts of a cent in which cents per hour, per km and per stop are whole numbers."""

_LOOK = 100
"""Every so many rounds the routes at hand are kept for `recombine`."""

_STEP = 10
"""Steps of an effort that one round of PyVRP counts for: it takes about as long."""


def polishable(problem: RoutingProblem) -> bool:
    """True where the problem is plain: PyVRP can be told all of it."""
    return (
        bool(problem.stops and problem.vehicles)
        and problem.travel.is_level
        and not problem.piles
        and not any(s.due is not None and s.late_per_hour for s in problem.stops)
        and not any(len(s.windows) > 1 or s.units or s.skills for s in problem.stops)
        and all(_is_plain(problem, vehicle) for vehicle in problem.vehicles)
    )


def _is_plain(problem: RoutingProblem, vehicle: Vehicle) -> bool:
    if vehicle.depot is None or vehicle.end is None or vehicle.breaks or vehicle.locked:
        return False
    if vehicle.aboard != Load() or (vehicle.reloads and vehicle.turnaround):
        return False
    used = {vehicle.depot, *vehicle.reloads}
    return all(
        depot.opens <= vehicle.shift.opens and depot.closes >= vehicle.shift.closes
        for depot in problem.depots
        if depot.name in used
    )


def polished(book: Book, orders: dict[str, Order], effort: Effort) -> Found:
    """The best orders found from these, which must keep every rule; a step is a tenth of a round."""
    import pyvrp  # noqa: PLC0415  it is slow to load, and most problems never ask for it

    told = _Told(book, pyvrp)
    if not all(told.can_be_said(name, order) for name, order in orders.items()):
        return Found(orders, [], 0.0, 0)
    seen = _Seen(told)
    stops: list[Any] = [pyvrp.stop.MaxRuntime(effort.at_most)]
    if effort.steps is not None:
        stops.append(pyvrp.stop.MaxIterations(max(1, effort.steps // _STEP)))
    calls: Any = seen
    result = pyvrp.solve(
        told.data,
        pyvrp.stop.MultipleCriteria(stops),
        seed=effort.seed,
        collect_stats=False,
        display=False,
        params=pyvrp.SolveParams(ils=pyvrp.IteratedLocalSearchParams(callbacks=calls)),
        initial_solution=told.solution(orders),
    )
    found = told.orders(result.best) if result.best.is_feasible() else orders
    return Found(found, list(seen.pool), 0.0, result.num_iterations * _STEP)


class _Told:
    """The problem in PyVRP's words; clients are the stops in their order."""

    def __init__(self, book: Book, pyvrp: Any) -> None:
        self.book, self.pyvrp = book, pyvrp
        problem = book.problem
        self.zero = min(v.shift.opens for v in problem.vehicles)
        self.number = {stop.name: n for n, stop in enumerate(problem.stops)}
        ends = {place for v in problem.vehicles for place in (v.start, v.end) if place is not None}
        places = sorted(ends | {depot.place for depot in problem.depots})
        self.depot_at = {place: n for n, place in enumerate(places)}
        self.name_at = {self.depot_at[depot.place]: depot.name for depot in problem.depots}
        self.vehicles: dict[int, list[Vehicle]] = defaultdict(list)
        for vehicle, kind in zip(problem.vehicles, kinds(book).tolist(), strict=True):
            self.vehicles[kind].append(vehicle)
        self.types = {kind: n for n, kind in enumerate(self.vehicles)}
        self.part = _common_part(problem)
        self.sizes = [
            name
            for name in ("weight", "volume", "parcels")
            if any(getattr(stop.load, name) for stop in problem.stops)
        ]
        self.data = pyvrp.ProblemData(
            [self.pyvrp.Location(0, 0)] * len(problem.travel),
            self._clients(),
            [self.pyvrp.Depot(place) for place in places],
            [self._type(alike[0], len(alike)) for alike in self.vehicles.values()],
            [problem.travel.metres.astype("int64")],
            [problem.travel.seconds.astype("int64")],
        )

    def _second(self, at: int) -> int:
        return min(max(0, at - self.zero), 2 * HORIZON)

    def _load(self, load: Load) -> list[int]:
        return [getattr(load, name) for name in self.sizes]

    def _clients(self) -> "list[pyvrp.Client]":
        dearest = _dearest_detour(self.book.problem)
        clients = []
        for stop in self.book.problem.stops:
            opens = stop.windows[0].opens if stop.windows else -HORIZON
            closes = stop.windows[0].closes if stop.windows else HORIZON
            closes = closes if stop.latest is None else min(closes, stop.latest)
            clients.append(
                self.pyvrp.Client(
                    stop.place,
                    delivery=self._load(stop.load),
                    service_duration=stop.service,
                    tw_early=min(self._second(opens), self._second(closes)),
                    tw_late=self._second(closes),
                    release_time=self._second(stop.release),
                    prize=stop.price * _UNIT // self.part,
                    required=stop.price >= dearest,
                )
            )
        return clients

    def _type(self, vehicle: Vehicle, count: int) -> "pyvrp.VehicleType":
        start, end = self.depot_at[vehicle.start], self.depot_at[vehicle.end or 0]
        longest = {} if vehicle.max_duration is None else {"shift_duration": vehicle.max_duration}
        reloads = [self.depot_at[self.book.depots[name].place] for name in vehicle.reloads]
        kind: pyvrp.VehicleType = self.pyvrp.VehicleType(
            count,
            self._load(vehicle.capacity),
            start,
            end,
            fixed_cost=vehicle.fixed * _UNIT // self.part,
            tw_early=self._second(vehicle.shift.opens),
            tw_late=self._second(vehicle.shift.closes),
            unit_distance_cost=vehicle.per_km * (_UNIT // 1000) // self.part,
            unit_duration_cost=vehicle.per_hour * (_UNIT // 3600) // self.part,
            reload_depots=reloads,
            max_reloads=vehicle.trips - 1 if reloads else 0,
            **longest,
        )
        return kind

    def can_be_said(self, name: str, order: Order) -> bool:
        """True where the trips, an empty first one with them, are no more than the vehicle's."""
        return len(order) <= max(1, self.book.vehicles[name].trips)

    def solution(self, orders: dict[str, Order]) -> "pyvrp.Solution":
        """A plan in PyVRP's words."""
        its = self.pyvrp
        kind_of = {v.name: kind for kind, alike in self.vehicles.items() for v in alike}
        routes = []
        for name, order in orders.items():
            activities = []
            for number, (depot, stops) in enumerate(order):
                if number and depot is not None:
                    at = self.depot_at[self.book.depots[depot].place]
                    activities.append(its.Activity(its.ActivityType.DEPOT, at))
                activities += [
                    its.Activity(its.ActivityType.CLIENT, self.number[stop]) for stop in stops
                ]
            if any(stops for _, stops in order):
                routes.append(its.Route(self.data, activities, self.types[kind_of[name]]))
        whole: pyvrp.Solution = its.Solution(self.data, routes)
        return whole

    def orders(self, solution: "pyvrp.Solution") -> dict[str, Order]:
        """PyVRP's solution as orders, each kind's vehicles dealt out in turn."""
        free = [iter(alike) for alike in self.vehicles.values()]
        return dict(
            self.order(route, next(free[route.vehicle_type()])) for route in solution.routes()
        )

    def order(self, route: "pyvrp.Route", vehicle: Vehicle) -> tuple[str, Order]:
        """One of its routes as the order of that vehicle."""
        trips: list[tuple[str | None, list[str]]] = [(vehicle.depot, [])]
        for activity in [*route][1:-1]:
            if activity.is_client():
                trips[-1][1].append(self.book.problem.stops[activity.idx].name)
            else:
                trips.append((self.name_at[activity.idx], []))
        whole = [(depot, tuple(stops)) for depot, stops in trips]
        return vehicle.name, (whole[0], *(trip for trip in whole[1:] if trip[1]))


@dataclass(slots=True)
class _Seen:
    """What PyVRP calls as it goes: keeps routes that were met, for `recombine`."""

    told: _Told
    pool: dict[tuple[str, Order], None] = field(default_factory=dict)
    rounds: int = 0

    def on_start(self, _: object) -> None:
        """Nothing is kept of the beginning."""

    def on_end(self, _: object) -> None:
        """Nothing more is kept of the end."""

    def on_restart(self, _: object) -> None:
        """Nothing is kept of a new beginning."""

    def on_iteration(self, current: "pyvrp.Solution", *_: object) -> None:
        """Keep the routes at hand, every now and then."""
        self.rounds += 1
        if self.rounds % _LOOK == 0 and current.is_feasible():
            self._keep(current)

    def on_best(self, best: "pyvrp.Solution") -> None:
        """Keep the routes of what is better than all before."""
        if best.is_feasible():
            self._keep(best)

    def _keep(self, solution: "pyvrp.Solution") -> None:
        first = [alike[0] for alike in self.told.vehicles.values()]
        for route in solution.routes():
            self.pool[self.told.order(route, first[route.vehicle_type()])] = None


def _common_part(problem: RoutingProblem) -> int:
    """The largest part of a cent in which every cost of driving is whole: PyVRP likes small numbers."""
    part = 0
    for vehicle in problem.vehicles:
        costs = vehicle.per_km * (_UNIT // 1000), vehicle.per_hour * (_UNIT // 3600)
        part = gcd(part, *costs, vehicle.fixed * _UNIT)
    return part or _UNIT


def _dearest_detour(problem: RoutingProblem) -> int:
    """Cents above which no stop is worth leaving out: a vehicle for it alone costs less."""
    metres, seconds = int(problem.travel.metres.max()), int(problem.travel.seconds.max())
    service = max(stop.service for stop in problem.stops)
    return max(
        v.fixed + 2 * metres * v.per_km // 1000 + (2 * seconds + service) * v.per_hour // 3600 + 2
        for v in problem.vehicles
    )
