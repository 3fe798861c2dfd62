"""OR-Tools' router: the whole model, used to finish a plan with exact times and side constraints.

It takes the routes as they are, with breaks, trips in sequence, waves, soft deadlines and paid
hours in one model, and improves them by its own local search, in which a break or a reload may
move at the same time as a stop. Each trip of the plan is a vehicle of the model; a stop may only
go to trips that were loaded where its goods are and that leave when they are ready.

Where the hour of the day matters, the model works with the mean hour; what comes out is timed
anew by `timetable`, and only taken when it is really better. Costs are in parts of a cent
(1/18000), so that cents per hour and per km are whole numbers.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from routing.effort import Effort
from routing.plan import Route, RoutePlan, Trip
from routing.problem import HORIZON, Load, Stop, Vehicle
from routing.timetable import Book, Order, ready_for
from routing.travel import NO_ROAD, Seconds

UNIT = 18_000
_YES, _NO = True, False  # OR-Tools takes its switches by position

MOST_STOPS = 1000
"""The router's construction and matrices do not look at the clock; larger models take minutes."""


@dataclass(frozen=True, slots=True)
class _Run:
    """One trip of the plan as a vehicle of the model."""

    vehicle: Vehicle
    number: int
    last: bool
    trip: Trip
    wave: Seconds
    """When the goods of all that it carries are ready."""
    route: Route


def schedulable(plan: RoutePlan) -> bool:
    """True where the plan is small enough for one model and has a route."""
    return 0 < sum(len(route.stops) for route in plan.routes) <= MOST_STOPS


def scheduled(book: Book, plan: RoutePlan, effort: Effort) -> dict[str, Order] | None:
    """The orders that the router makes of the plan's, or None where it finds none.

    Its local search goes by the seconds of the effort alone. Raises nothing: a plan that the model
    cannot take up again (a hand-edited one, say) is answered with None.
    """
    return _Model(book, plan).solved(effort)


class _Model:
    def __init__(self, book: Book, plan: RoutePlan) -> None:
        self.book = book
        self.runs = _runs(book, plan)
        self.stops = [s for s in book.problem.stops if _may_be_served(s)]
        self.zero = min(v.shift.opens for v in book.problem.vehicles)
        self.horizon = max(v.shift.closes for v in book.problem.vehicles) - self.zero
        starts, ends = self._spots()
        self.manager = pywrapcp.RoutingIndexManager(len(self.places), len(self.runs), starts, ends)
        self.index = {s.name: self.manager.NodeToIndex(i) for i, s in enumerate(self.stops)}
        self.model = pywrapcp.RoutingModel(self.manager)
        self._costs()
        self._times()
        self._loads()
        self._choices()

    def _spots(self) -> tuple[list[int], list[int]]:
        """Number the places: stops, then a start and an end for each run; -1 is nowhere."""
        self.places = [s.place for s in self.stops]
        starts, ends = [], []
        for at, run in enumerate(self.runs):
            starts.append(len(self.places))
            self.places.append(_start(self.book, run))
            ends.append(len(self.places))
            following = None if run.last else self.runs[at + 1]
            end = run.vehicle.end if following is None else _start(self.book, following)
            self.places.append(-1 if end is None else end)
        return starts, ends

    def _table(self, whole: NDArray[np.int32]) -> NDArray[np.int64]:
        spots = np.array(self.places)
        table = np.zeros((len(spots), len(spots)), dtype=np.int64)
        table[:] = whole[np.ix_(spots, spots)]
        table[spots < 0, :] = 0
        table[:, spots < 0] = 0
        return table

    def _costs(self) -> None:
        metres = self._table(self.book.problem.travel.metres)
        by_price = {
            price: self.model.RegisterTransitMatrix((metres * price * (UNIT // 1000)).tolist())
            for price in {run.vehicle.per_km for run in self.runs}
        }
        for k, run in enumerate(self.runs):
            self.model.SetArcCostEvaluatorOfVehicle(by_price[run.vehicle.per_km], k)
            if run.number == 0:
                self.model.SetFixedCostOfVehicle(run.vehicle.fixed * UNIT, k)

    def _times(self) -> None:
        travel = self.book.problem.travel
        seconds = self._table(travel.seconds)
        mean = sum(travel.hours) / 24_000
        seconds = np.where(seconds >= NO_ROAD, NO_ROAD, np.ceil(seconds * mean)).astype(np.int64)
        service = np.array([s.service for s in self.stops] + [0] * (2 * len(self.runs)))
        transit = self.model.RegisterTransitMatrix((seconds + service[:, None]).tolist())
        self.model.AddDimension(transit, self.horizon, self.horizon, _NO, "time")
        self.time = self.model.GetDimensionOrDie("time")
        for stop in self.stops:
            self._window(stop)
        for k, run in enumerate(self.runs):
            self._shift(k, run)
        self._breaks([*service.tolist()])

    def _window(self, stop: Stop) -> None:
        var = self.time.CumulVar(self.index[stop.name])
        latest = self.horizon if stop.latest is None else self._second(stop.latest)
        if stop.windows:
            latest = min(latest, self._second(stop.windows[-1].closes))
        first = self._second(stop.windows[0].opens) if stop.windows else 0
        if first <= latest:
            var.SetRange(first, latest)
        for one, other in zip(stop.windows, stop.windows[1:], strict=False):
            if one.closes + 1 < other.opens:
                var.RemoveInterval(self._second(one.closes) + 1, self._second(other.opens) - 1)
        if stop.due is not None and stop.late_per_hour:
            price = stop.late_per_hour * (UNIT // 3600)
            self.time.SetCumulVarSoftUpperBound(
                self.index[stop.name], self._second(stop.due), price
            )

    def _second(self, at: Seconds) -> Seconds:
        return min(max(at - self.zero, 0), self.horizon)

    def _shift(self, k: int, run: _Run) -> None:
        van, start, end = run.vehicle, self.model.Start(k), self.model.End(k)
        depot = self.book.depots[run.trip.depot] if run.trip.depot is not None else None
        opens = max(van.shift.opens, run.wave, depot.opens if depot else -HORIZON)
        closes = min(van.shift.closes, depot.closes if depot else HORIZON)
        self.time.CumulVar(start).SetRange(self._second(opens), self._second(closes))
        self.time.CumulVar(end).SetRange(0, self._second(van.shift.closes))
        price = van.per_hour * (UNIT // 3600)
        self.time.SetSpanCostCoefficientForVehicle(price, k)
        solver = self.model.solver()
        if run.number > 0:
            earlier = self.time.CumulVar(self.model.End(k - 1))
            solver.Add(self.time.CumulVar(start) >= earlier + van.turnaround)
            self.time.SetCumulVarSoftUpperBound(start, 0, price)
            self.time.SetCumulVarSoftLowerBound(self.model.End(k - 1), self.horizon, price)
        if run.last and van.max_duration is not None:
            first = self.time.CumulVar(self.model.Start(k - run.number))
            solver.Add(self.time.CumulVar(end) - first <= van.max_duration)

    def _breaks(self, service: list[int]) -> None:
        """Each break belongs to the trip during which the plan takes it, or to the last one."""
        solver = self.model.solver()
        for k, run in enumerate(self.runs):
            until = HORIZON if run.last else self.runs[k + 1].trip.departure
            since = -HORIZON if run.number == 0 else run.trip.departure
            mine = []
            for wanted in run.vehicle.breaks:
                taken = next(
                    (
                        r.start
                        for r in run.route.rests
                        if wanted.window.opens <= r.start <= wanted.window.closes
                    ),
                    None,
                )
                if (run.last if taken is None else since <= taken < until) and taken is not None:
                    mine.append(
                        solver.FixedDurationIntervalVar(
                            self._second(wanted.window.opens),
                            self._second(wanted.window.closes),
                            wanted.length,
                            _NO,
                            f"rest {k}",
                        )
                    )
            if mine:
                self.time.SetBreakIntervalsOfVehicle(mine, k, service)

    def _loads(self) -> None:
        for name in ("weight", "volume", "parcels"):
            amounts = [getattr(s.load, name) for s in self.stops] + [0] * (2 * len(self.runs))
            call = self.model.RegisterUnaryTransitVector(amounts)
            room = [
                max(0, getattr(run.vehicle.capacity, name) - getattr(_aboard(run), name))
                for run in self.runs
            ]
            self.model.AddDimensionWithVehicleCapacity(call, 0, room, _YES, name)

    def _choices(self) -> None:
        own = {name: k for k, run in enumerate(self.runs) for name in run.trip.stops}
        for stop in self.stops:
            index = self.index[stop.name]
            allowed = [
                k
                for k, run in enumerate(self.runs)
                if own.get(stop.name) == k or self._may_take(run, stop)
            ]
            if _pile(stop):
                allowed = [own[stop.name]] if stop.name in own else []
            if stop.name not in self.book.locked:
                self.model.AddDisjunction([index], stop.price * UNIT)
                allowed = [-1, *allowed]
            self.model.VehicleVar(index).SetValues(allowed)
        for k, run in enumerate(self.runs):
            if run.number == 0:
                before = self.model.Start(k)
                for name in run.vehicle.locked:
                    self.model.NextVar(before).SetValues([self.index[name]])
                    before = self.index[name]

    def _may_take(self, run: _Run, stop: Stop) -> bool:
        source = run.vehicle.name if run.trip.depot is None else run.trip.depot
        unit = stop.unit_at(source, is_depot=run.trip.depot is not None)
        return (
            stop.skills <= run.vehicle.skills
            and unit is not None
            and stop.ready_at(unit) <= run.wave
            and stop.name not in self.book.locked
        )

    def solved(self, effort: Effort) -> dict[str, Order] | None:
        parameters = pywrapcp.DefaultRoutingSearchParameters()
        metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic
        parameters.local_search_metaheuristic = metaheuristic.GREEDY_DESCENT
        parameters.time_limit.FromMilliseconds(max(1, int(1000 * effort.at_most)))
        self.model.CloseModelWithParameters(parameters)
        routes = [[self.index[name] for name in run.trip.stops] for run in self.runs]
        start = self.model.ReadAssignmentFromRoutes(routes, _YES)
        if start is None:
            return None
        found = self.model.SolveFromAssignmentWithParameters(start, parameters)
        return None if found is None else self._orders(found)

    def _orders(self, found: pywrapcp.Assignment) -> dict[str, Order]:
        orders: dict[str, Order] = {}
        for k, run in enumerate(self.runs):
            node, names = found.Value(self.model.NextVar(self.model.Start(k))), []
            while not self.model.IsEnd(node):
                names.append(self.stops[self.manager.IndexToNode(node)].name)
                node = found.Value(self.model.NextVar(node))
            if names or run.number == 0:
                trips = orders.get(run.vehicle.name, ())
                orders[run.vehicle.name] = (*trips, (run.trip.depot, tuple(names)))
        return orders


def _runs(book: Book, plan: RoutePlan) -> list[_Run]:
    runs = []
    for route in plan.routes:
        vehicle = book.vehicles[route.vehicle]
        for number, trip in enumerate(route.trips):
            ready = [ready_for(book, vehicle, trip.depot, book.stops[s]) for s in trip.stops]
            last = number == len(route.trips) - 1
            runs.append(_Run(vehicle, number, last, trip, max(ready, default=-HORIZON), route))
    return runs


def _start(book: Book, run: _Run) -> int:
    if run.number == 0 or run.trip.depot is None:
        return run.vehicle.start
    return book.depots[run.trip.depot].place


def _aboard(run: _Run) -> Load:
    return run.vehicle.aboard if run.number == 0 else Load()


def _pile(stop: Stop) -> bool:
    return any(unit.pile is not None for unit in stop.units)


def _may_be_served(stop: Stop) -> bool:
    """False for a stop whose windows all lie behind its hard deadline."""
    return stop.latest is None or not stop.windows or stop.windows[0].opens <= stop.latest
