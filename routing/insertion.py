"""Puts stops into routes one by one where they cost least: a plan when nothing better is at hand.

`cheapest` answers "what would this stop cost, and where" on a live plan; `insert_all` builds a
plan from nothing or repairs one. Places are tried in the order of a bound on their cost (the
added kilometres, which no schedule can undo) and the exact timetable decides, so the answer is
the cheapest single insertion, not a guess.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

from routing.plan import Route, RoutePlan
from routing.problem import Cents, Load, Stop, Vehicle, Window
from routing.timetable import Book, Order, orders_of, planned, timetable
from routing.travel import NO_ROAD, Seconds

_UNIT = 18_000
"""Parts of a cent in which bounds are compared: whole for cents per hour and per km alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Insertion:
    """Where a stop would go, and what the route would then be."""

    vehicle: str
    order: Order
    route: Route
    extra: Cents
    """The route's cost with the stop less its cost without."""


@dataclass(slots=True)
class Draft:
    """A plan in the making: orders by vehicle, their routes, and what is left of each pile."""

    book: Book
    orders: dict[str, Order] = field(default_factory=dict)
    routes: dict[str, Route] = field(default_factory=dict)
    piles: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, book: Book, orders: dict[str, Order]) -> "Draft":
        """A draft that begins with these orders."""
        draft = cls(book, piles={p.name: p.parcels for p in book.problem.piles})
        for vehicle in book.problem.vehicles:
            order = orders.get(vehicle.name, ())
            if any(stops for _, stops in order):
                draft.put(vehicle, order, timetable(book, vehicle, order)[0])
                for depot, stops in order:
                    for name in stops:
                        draft.take(vehicle, depot, book.stops[name])
        return draft

    def put(self, vehicle: Vehicle, order: Order, route: Route) -> None:
        """Give the vehicle this order."""
        self.orders[vehicle.name] = order
        self.routes[vehicle.name] = route

    def take(self, vehicle: Vehicle, depot: str | None, stop: Stop) -> None:
        """Take the stop's parcels off the pile they come from, if they come from one."""
        unit = stop.unit_at(vehicle.name if depot is None else depot, is_depot=depot is not None)
        if unit is not None and unit.pile is not None:
            self.piles[unit.pile] -= stop.load.parcels


def cheapest(
    draft: Draft, stop: Stop, vehicles: Iterable[Vehicle] | None = None
) -> Insertion | None:
    """The cheapest insertion of the stop into the draft, or None where it fits nowhere."""
    book = draft.book
    tried = sorted(
        (bound, number, vehicle.name, order)
        for number, (bound, vehicle, order) in enumerate(_candidates(draft, stop, vehicles))
    )
    best: Insertion | None = None
    for bound, _, name, order in tried:
        if best is not None and bound >= (best.extra + 1) * _UNIT:
            break
        route, fits = timetable(book, book.vehicles[name], order)
        before = draft.routes.get(name)
        extra = route.costs.total - (before.costs.total if before else 0)
        if fits and (best is None or extra < best.extra):
            best = Insertion(vehicle=name, order=order, route=route, extra=extra)
    return best


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A delivery window that could be offered, and what it would cost the live plan."""

    window: Window
    vehicle: str
    start: Seconds
    extra: Cents
    depot: str | None
    """Where its trip would be loaded."""
    beside: tuple[str, ...]
    """The other stops of that trip; none where a van would set out for this stop alone."""


def slots(book: Book, plan: RoutePlan, stop: Stop, windows: Iterable[Window]) -> tuple[Slot, ...]:
    """What a new stop would cost in each window, the cheapest first; windows without room are not there.

    The stop is not yet in the problem, but its place is in the travel table.
    """
    found = []
    for window in windows:
        offered = replace(stop, windows=(window,))
        problem = replace(book.problem, stops=(*book.problem.stops, offered))
        with_it = Book.of(problem)
        best = cheapest(Draft.of(with_it, orders_of(plan)), offered)
        if best is not None:
            found.append(_slot(best, stop.name, window))
    return tuple(sorted(found, key=lambda slot: (slot.extra, slot.window.opens)))


def _slot(best: Insertion, name: str, window: Window) -> Slot:
    depot, stops = next((depot, stops) for depot, stops in best.order if name in stops)
    return Slot(
        window=window,
        vehicle=best.vehicle,
        start=next(visit.start for visit in best.route.visits if visit.stop == name),
        extra=best.extra,
        depot=depot,
        beside=tuple(stop for stop in stops if stop != name),
    )


def insert_all(draft: Draft, names: Iterable[str], *, at_any_price: bool = False) -> list[str]:
    """Insert the stops in this order where that costs less than their price; the rest is returned."""
    left = []
    for name in names:
        stop = draft.book.stops[name]
        found = cheapest(draft, stop)
        if found is None or (found.extra >= stop.price and not at_any_price):
            left.append(name)
            continue
        vehicle = draft.book.vehicles[found.vehicle]
        draft.put(vehicle, found.order, found.route)
        for depot, stops in found.order:
            if name in stops:
                draft.take(vehicle, depot, stop)
    return left


def constructed(book: Book) -> RoutePlan:
    """A plan from nothing: locked stops first, then all others, the most urgent first."""
    draft = Draft.of(book, locked_orders(book))
    todo = sorted(
        (s for s in book.problem.stops if s.name not in book.locked),
        key=lambda s: (_urgency(s), s.name),
    )
    insert_all(draft, [stop.name for stop in todo])
    return planned(book, draft.orders)


def locked_orders(book: Book) -> dict[str, Order]:
    """What every plan begins with: each vehicle's locked stops on its first trip."""
    return {v.name: ((v.depot, v.locked),) for v in book.problem.vehicles if v.locked}


def _urgency(stop: Stop) -> int:
    ends = [w.closes for w in stop.windows[-1:]]
    ends += [t for t in (stop.due, stop.latest) if t is not None]
    return min(ends, default=10**9)


def _candidates(
    draft: Draft, stop: Stop, vehicles: Iterable[Vehicle] | None
) -> Iterator[tuple[int, Vehicle, Order]]:
    """Every order that has the stop in it and breaks nothing but perhaps time, with its bound."""
    book, fresh = draft.book, set()
    for vehicle in book.problem.vehicles if vehicles is None else vehicles:
        if not (stop.skills <= vehicle.skills and stop.load.fits(vehicle.capacity)):
            continue
        order = draft.orders.get(vehicle.name, ())
        if not order:
            kind = _kind(vehicle, stop)
            if kind in fresh:
                continue
            fresh.add(kind)
        base = _metres(book, vehicle, order)
        for changed in _insertions(draft, vehicle, order, stop):
            metres = _metres(book, vehicle, changed)
            if metres is None:
                continue
            extra = vehicle.per_km * (metres - (base or 0)) * (_UNIT // 1000)
            yield extra + (0 if order else vehicle.fixed * _UNIT), vehicle, changed


def _kind(vehicle: Vehicle, stop: Stop) -> tuple[object, ...]:
    """What tells idle vehicles apart; of those alike only one is tried."""
    own = any(unit.at == vehicle.name for unit in stop.units)
    return (
        vehicle.name if own else "",
        vehicle.start,
        vehicle.end,
        vehicle.depot,
        vehicle.shift,
        vehicle.capacity,
        vehicle.aboard,
        vehicle.reloads,
        vehicle.trips,
        vehicle.turnaround,
        vehicle.max_duration,
        vehicle.breaks,
        (vehicle.fixed, vehicle.per_hour, vehicle.per_km),
    )


def _insertions(draft: Draft, vehicle: Vehicle, order: Order, stop: Stop) -> Iterator[Order]:
    """The order with the stop at each place where its goods and the load allow it."""
    whole: Order = order or ((vehicle.depot, ()),)
    full = sum(1 for _, names in whole if names) >= vehicle.trips
    for number, (depot, names) in enumerate(whole):
        if full and not names:
            continue
        if not _has_goods(draft, vehicle, depot, stop) or not _has_room(
            draft.book, vehicle, number, names, stop
        ):
            continue
        first = len(vehicle.locked) if number == 0 else 0
        for at in range(first, len(names) + 1):
            trip = (depot, (*names[:at], stop.name, *names[at:]))
            yield (*whole[:number], trip, *whole[number + 1 :])
    if full:
        return
    for depot in vehicle.reloads:
        if _has_goods(draft, vehicle, depot, stop):
            for at in range(1, len(whole) + 1):
                yield (*whole[:at], (depot, (stop.name,)), *whole[at:])


def _has_goods(draft: Draft, vehicle: Vehicle, depot: str | None, stop: Stop) -> bool:
    unit = stop.unit_at(vehicle.name if depot is None else depot, is_depot=depot is not None)
    if unit is None:
        return False
    return unit.pile is None or draft.piles[unit.pile] >= stop.load.parcels


def _has_room(book: Book, vehicle: Vehicle, number: int, names: Iterable[str], stop: Stop) -> bool:
    load = stop.load + (vehicle.aboard if number == 0 else Load())
    for name in names:
        load += book.stops[name].load
    return load.fits(vehicle.capacity)


def _metres(book: Book, vehicle: Vehicle, order: Order) -> int | None:
    """Road metres of an order of stops; None where no road leads."""
    if not order:
        return 0
    places = [vehicle.start]
    for number, (depot, names) in enumerate(order):
        if number and depot is not None:
            places.append(book.depots[depot].place)
        places.extend(book.stops[name].place for name in names)
    if vehicle.end is not None:
        places.append(vehicle.end)
    travel, total = book.problem.travel, 0
    for one, other in pairwise(places):
        if travel.seconds[one, other] >= NO_ROAD:
            return None
        total += int(travel.metres[one, other])
    return total
