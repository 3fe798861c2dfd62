"""Turns "these stops in this order" into times and money, for one vehicle.

The vehicle leaves as late as it can without being later anywhere or ending later, because its
hours are paid. A timetable is always made, even for an order of stops that cannot be kept: then a
visit simply begins too late, and `rules` says so. `fits` is the quick answer for solvers.

Rests are taken as late as allowed, or earlier where the driver would wait anyway. They may
interrupt a drive: what matters is that the drive arrives later by their length.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

from routing.plan import Costs, LeftOut, Rest, Route, RoutePlan, Stopped, Trip, Visit
from routing.problem import HORIZON, Depot, Load, RoutingProblem, Stop, Vehicle
from routing.travel import NO_ROAD, Seconds, arrival

Order: TypeAlias = Sequence[tuple[str | None, Sequence[str]]]
"""The trips of one vehicle: the depot that each is loaded at, and its stops by name."""


@dataclass(frozen=True, slots=True)
class Book:
    """A problem with its names looked up once."""

    problem: RoutingProblem
    stops: dict[str, Stop]
    depots: dict[str, Depot]
    vehicles: dict[str, Vehicle]
    locked: frozenset[str]

    @classmethod
    def of(cls, problem: RoutingProblem) -> "Book":
        """Look up every name."""
        return cls(
            problem,
            {s.name: s for s in problem.stops},
            {d.name: d for d in problem.depots},
            {v.name: v for v in problem.vehicles},
            problem.locked,
        )


@dataclass(slots=True)
class _Event:
    """A service or a loading on the way: where, how long, and what bounds its beginning."""

    stop: Stop | None
    place: int
    before: Seconds
    """Seconds between arrival and the earliest beginning (turnaround)."""
    ready: Seconds
    service: Seconds
    windows: tuple[tuple[Seconds, Seconds], ...]
    arrival: Seconds = 0
    begin: Seconds = 0
    rest: Seconds = 0
    """Seconds of rest in the gap before it."""


@dataclass(slots=True)
class _Walk:
    begin: Seconds
    end: Seconds
    late_price: int
    fits: bool
    rests: list[Rest] = field(default_factory=list)


def timetable(book: Book, vehicle: Vehicle, order: Order) -> tuple[Route, bool]:
    """The cheapest times found for the order, and whether every hard time limit is kept.

    Loads, skills and the place of goods are not looked at here.
    """
    events = _events(book, vehicle, order)
    early = _walk(book, vehicle, events, max(vehicle.shift.opens, events[0].ready))
    latest = _latest_start(book, vehicle, events, early)
    walk = _walk(book, vehicle, events, latest)
    if _worse(vehicle, walk, early):
        walk = _walk(book, vehicle, events, early.begin)
    return _route(book, vehicle, order, events, walk), walk.fits


def _worse(vehicle: Vehicle, one: _Walk, other: _Walk) -> bool:
    def cost(walk: _Walk) -> tuple[bool, int]:
        return not walk.fits, walk.late_price + vehicle.per_hour * (walk.end - walk.begin)

    return cost(one) > cost(other)


def _events(book: Book, vehicle: Vehicle, order: Order) -> list[_Event]:
    events: list[_Event] = []
    for number, (depot_name, names) in enumerate(order):
        stops = [book.stops[name] for name in names]
        ready = -HORIZON
        for stop in stops:
            ready = max(ready, ready_for(book, vehicle, depot_name, stop))
        depot = book.depots[depot_name] if depot_name is not None else None
        hours = (depot.opens, depot.closes) if depot is not None else (-HORIZON, HORIZON)
        place = vehicle.start if number == 0 or depot is None else depot.place
        before = vehicle.turnaround if number else 0
        ready = max(ready, hours[0])
        events.append(_Event(None, place, before, ready, 0, ((ready, hours[1]),)))
        events.extend(
            _Event(stop, stop.place, 0, -HORIZON, stop.service, _windows(stop)) for stop in stops
        )
    return events


def ready_for(book: Book, vehicle: Vehicle, depot: str | None, stop: Stop) -> Seconds:
    """When the trip loaded at that depot (None: on board) may leave with the stop's goods."""
    source = vehicle.name if depot is None else depot
    unit = stop.unit_at(source, is_depot=depot is not None)
    if unit is not None:
        return stop.ready_at(unit)
    return stop.release if stop.name in book.locked and depot is not None else -HORIZON


def _windows(stop: Stop) -> tuple[tuple[Seconds, Seconds], ...]:
    latest = HORIZON if stop.latest is None else stop.latest
    if not stop.windows:
        return ((-HORIZON, latest),)
    kept = tuple((w.opens, min(w.closes, latest)) for w in stop.windows if w.opens <= latest)
    return kept or ((0, -2 * HORIZON),)


def _opening(windows: tuple[tuple[Seconds, Seconds], ...], at: Seconds) -> tuple[Seconds, bool]:
    """The earliest beginning from that second on, and whether a window allows it."""
    for opens, closes in windows:
        if at <= closes:
            return max(at, opens), True
    return at, False


def _walk(book: Book, vehicle: Vehicle, events: list[_Event], start: Seconds) -> _Walk:
    """Drive the events from `start` on, filling in their times."""
    travel, midnight = book.problem.travel, book.problem.midnight
    pending = sorted(vehicle.breaks, key=lambda b: b.window.closes)
    first = events[0]
    first.arrival, (first.begin, fits) = start, _opening(first.windows, start)
    pending = [b for b in pending if first.begin < b.window.closes]
    walk = _Walk(begin=first.begin, end=0, late_price=0, fits=fits)
    free, here = first.begin, first.place
    stations = [*events[1:]]
    if vehicle.end is not None:
        home = ((-HORIZON, HORIZON),)
        stations.append(_Event(None, vehicle.end, 0, -HORIZON, 0, home))
    for event in stations:
        drive = int(travel.seconds[here, event.place])
        event.rest = 0
        while True:
            wheels = arrival(free, drive, travel.hours, midnight) + event.rest
            begin, opened = _opening(event.windows, wheels + event.before)
            rest = pending[0] if pending else None
            if rest is None:
                break
            rests_from = max(free, rest.window.opens)
            paused, _ = _opening(
                event.windows, max(wheels, rests_from) + rest.length + event.before
            )
            due = begin + event.service > rest.window.closes
            if not due and (paused > begin or rests_from > rest.window.closes):
                break
            walk.fits = walk.fits and rests_from <= rest.window.closes
            walk.rests.append(Rest(start=rests_from, end=rests_from + rest.length))
            event.rest += max(0, rests_from - wheels) + rest.length
            pending.pop(0)
        event.arrival, event.begin = wheels, begin
        walk.fits = walk.fits and opened and drive < NO_ROAD
        if event.stop is not None and event.stop.due is not None:
            walk.late_price += event.stop.late_per_hour * max(0, begin - event.stop.due)
        free, here = begin + event.service, event.place
    walk.end = free
    length = walk.end - walk.begin
    if vehicle.max_duration is not None and length > vehicle.max_duration:
        walk.fits = False
    walk.fits = walk.fits and vehicle.shift.opens <= walk.begin and walk.end <= vehicle.shift.closes
    return walk


def _latest_start(book: Book, vehicle: Vehicle, events: list[_Event], early: _Walk) -> Seconds:
    """The latest start that ends no later and makes nothing later past its due time."""
    travel, midnight = book.problem.travel, book.problem.midnight
    cap = early.end
    if vehicle.end is not None:
        drive = int(travel.seconds[events[-1].place, vehicle.end])
        gap = early.end - arrival(
            events[-1].begin + events[-1].service, drive, travel.hours, midnight
        )
        cap = _leaving(cap - max(0, gap), drive, travel.hours, midnight)
    cap -= events[-1].service
    for event, earlier in zip(reversed(events), [*reversed(events[:-1]), None], strict=True):
        cap = min(cap, _kept(event))
        if earlier is not None:
            drive = int(travel.seconds[earlier.place, event.place])
            cap = _leaving(cap - event.before - event.rest, drive, travel.hours, midnight)
            cap -= earlier.service
    return max(cap, early.begin)


def _kept(event: _Event) -> Seconds:
    """The latest beginning that costs no more than the beginning it has."""
    close = next((c for _, c in event.windows if event.begin <= c), event.begin)
    stop = event.stop
    if stop is not None and stop.due is not None and stop.late_per_hour:
        return min(close, max(event.begin, stop.due))
    return close


def _leaving(at: Seconds, drive: Seconds, hours: tuple[int, ...], midnight: Seconds) -> Seconds:
    """The latest departure of a drive that arrives by `at` (to a second or so, never later)."""
    leaving = at - drive
    for _ in range(8):
        over = arrival(leaving, drive, hours, midnight) - at
        if over <= 0:
            return leaving
        leaving -= over
    return at - drive * max(hours) // 1000 - 1


def _route(book: Book, vehicle: Vehicle, order: Order, events: list[_Event], walk: _Walk) -> Route:
    trips, at = [], 0
    for depot, names in order:
        loading, served = events[at], events[at + 1 : at + 1 + len(names)]
        at += 1 + len(names)
        trips.append(_trip(depot, loading, served))
    places = [e.place for e in events] + ([vehicle.end] if vehicle.end is not None else [])
    legs = list(pairwise(places))
    metres = sum(int(book.problem.travel.metres[a, b]) for a, b in legs)
    late = sum(
        max(0, e.begin - e.stop.due)
        for e in events
        if e.stop is not None and e.stop.due is not None
    )
    return Route(
        vehicle=vehicle.name,
        trips=tuple(trips),
        start=walk.begin,
        end=walk.end,
        rests=tuple(walk.rests),
        metres=metres,
        driving=sum(int(book.problem.travel.seconds[a, b]) for a, b in legs),
        late=late,
        costs=Costs(
            fixed=vehicle.fixed,
            hours=round_up(vehicle.per_hour * (walk.end - walk.begin), 3600),
            kilometres=round_up(vehicle.per_km * metres, 1000),
            late=round_up(walk.late_price, 3600),
        ),
    )


def round_up(amount: int, unit: int) -> int:
    """Whole cents of an amount in parts of a cent, a begun cent counting whole."""
    return -(-amount // unit)


def _trip(depot: str | None, loading: _Event, served: list[_Event]) -> Trip:
    visits, load = [], Load()
    for event in served:
        if event.stop is None:
            continue
        load += event.stop.load
        visits.append(
            Visit(
                stop=event.stop.name,
                arrival=event.arrival,
                start=event.begin,
                departure=event.begin + event.service,
            )
        )
    return Trip(depot=depot, departure=loading.begin, visits=tuple(visits), load=load)


def planned(
    book: Book,
    orders: dict[str, Order],
    *,
    stopped: Stopped = Stopped.DONE,
    gap: float | None = None,
) -> RoutePlan:
    """The plan of all orders by vehicle name; whatever is in none is left out, reason unknown."""
    routes = tuple(
        timetable(book, vehicle, orders[vehicle.name])[0]
        for vehicle in book.problem.vehicles
        if any(stops for _, stops in orders.get(vehicle.name, ()))
    )
    return assembled(book, routes, stopped=stopped, gap=gap)


def assembled(
    book: Book,
    routes: tuple[Route, ...],
    *,
    stopped: Stopped = Stopped.DONE,
    gap: float | None = None,
) -> RoutePlan:
    """The plan of these routes; whatever is on none is left out, reason unknown."""
    served = {name for route in routes for name in route.stops}
    left_out = tuple(
        LeftOut(stop=s.name, price=s.price) for s in book.problem.stops if s.name not in served
    )
    costs = Costs(left_out=sum(left.price for left in left_out))
    for route in routes:
        costs += route.costs
    return RoutePlan(routes=routes, left_out=left_out, costs=costs, stopped=stopped, gap=gap)


def orders_of(plan: RoutePlan) -> dict[str, Order]:
    """The bare order of stops of each route, by vehicle."""
    return {r.vehicle: tuple((t.depot, t.stops) for t in r.trips) for r in plan.routes}
