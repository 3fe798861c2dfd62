"""Why a stop was left out, honestly, and the smallest change that would bring it in.

*Infeasible* is only said where it is proven: every vehicle fails to serve the stop even with
nothing to do but its locks, without breaks, and by the quickest chain of roads (so that a table
in which a detour is quicker proves nothing false). Where the stop fits into the plan at a cost, it
was *not chosen*, and the cost stands beside its price. Everything else is *unknown*.

A fix is checked by solving again: the changed problem, with the plan as it stands, really has
room for the stop. `fixed` makes that changed problem, so that anybody can check it too.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from routing.insertion import Draft, cheapest
from routing.plan import Fix, LeftOut, Obstacle, RoutePlan, Why
from routing.problem import HORIZON, Load, RoutingProblem, Stop, Vehicle, Window
from routing.timetable import Book, Order, orders_of, timetable
from routing.travel import NO_ROAD

CHANGES = ("latest", "shift", "skill", "capacity", "unit", "vehicle", "together")
"""What is tried for a stop that fits nowhere, the last where no single change is enough."""

CLOSED_UP_TO = 1200
"""Places up to which the quickest chains of roads are computed; beyond, time proves nothing."""


def explained(problem: RoutingProblem, plan: RoutePlan, most: int | None = None) -> RoutePlan:
    """The plan with every stop left out explained, or the `most` that are dearest to leave out."""
    if not plan.left_out:
        return plan
    book = Book.of(problem)
    draft = Draft.of(book, orders_of(plan))
    relaxed = _relaxed(problem)
    dearest = sorted(plan.left_out, key=lambda left: (-left.price, left.stop))[:most]
    why = {left.stop: _explained(draft, relaxed, left.stop) for left in dearest}
    return replace(plan, left_out=tuple(why.get(left.stop, left) for left in plan.left_out))


def fixed(problem: RoutingProblem, stop: str, fix: Fix) -> RoutingProblem:
    """The problem with the fix made."""
    old = problem.stop(stop)
    match fix.change:
        case "price":
            changed = _with_stop(problem, replace(old, price=old.price + fix.by))
        case "latest":
            changed = _with_stop(problem, _later(old, fix.by))
        case "skill":
            changed = _with_stop(problem, replace(old, skills=frozenset()))
        case "capacity":
            changed = _with_vehicles(problem, lambda v: _roomier(v, old.load))
        case "unit":
            changed = _with_stop(problem, replace(old, units=(), release=-HORIZON))
        case "shift":
            changed = _with_vehicles(problem, lambda v: _longer(v, fix.by))
        case "together":
            free = replace(old, windows=(), latest=None, units=(), release=-HORIZON)
            changed = _with_one_more(_with_stop(problem, free), free)
        case _:
            changed = _with_one_more(problem, old)
    return changed


def _explained(draft: Draft, relaxed: Book | None, name: str) -> LeftOut:
    stop = draft.book.stops[name]
    found = cheapest(draft, stop)
    if found is not None:
        return LeftOut(
            stop=name,
            price=stop.price,
            why=Why.NOT_CHOSEN,
            insertion=found.extra,
            fix=_fix(draft, stop, ("price",)),
        )
    obstacles = _obstacles(draft.book.problem, relaxed, stop)
    proven = obstacles is not None
    return LeftOut(
        stop=name,
        price=stop.price,
        why=Why.INFEASIBLE if proven else Why.UNKNOWN,
        obstacles=obstacles or (),
        fix=_fix(draft, stop, CHANGES),
    )


def _relaxed(problem: RoutingProblem) -> Book | None:
    """The problem without breaks and due times, by the quickest chains of roads."""
    if len(problem.travel) > CLOSED_UP_TO:
        return None
    quickest = problem.travel.seconds.astype(np.int64)
    for k in range(len(quickest)):
        np.minimum(quickest, quickest[:, k, None] + quickest[k], out=quickest)
    return Book.of(
        replace(
            problem,
            travel=replace(problem.travel, seconds=np.minimum(quickest, NO_ROAD).astype(np.int32)),
            stops=tuple(replace(s, due=None) for s in problem.stops),
            vehicles=tuple(replace(v, breaks=()) for v in problem.vehicles),
        )
    )


def _obstacles(
    problem: RoutingProblem, relaxed: Book | None, stop: Stop
) -> tuple[Obstacle, ...] | None:
    """What hinders each vehicle, counted; None where not every vehicle is proven hindered."""
    against: dict[str, list[str]] = defaultdict(list)
    for vehicle in problem.vehicles:
        rule = _hindrance(relaxed, vehicle, stop)
        if rule is None:
            return None
        against[rule].append(vehicle.name)
    if not against:
        return (Obstacle(rule="no_vehicle", vehicles=0, of=0, example=""),)
    count = len(problem.vehicles)
    return tuple(
        Obstacle(rule=rule, vehicles=len(names), of=count, example=names[0])
        for rule, names in sorted(against.items(), key=lambda item: -len(item[1]))
    )


def _hindrance(relaxed: Book | None, vehicle: Vehicle, stop: Stop) -> str | None:
    """The rule that keeps the vehicle from the stop whatever else it does, if one surely does."""
    if not stop.skills <= vehicle.skills:
        return "skill"
    if not stop.load.fits(vehicle.capacity):
        return "capacity"
    return None if relaxed is None else _time_hindrance(relaxed, vehicle, stop)


def _time_hindrance(relaxed: Book, vehicle: Vehicle, stop: Stop) -> str | None:
    orders = list(_alone(vehicle, stop))
    if not orders:
        return "unit"

    def fits(book: Book) -> bool:
        return any(timetable(book, book.vehicles[vehicle.name], order)[1] for order in orders)

    if fits(relaxed):
        return None
    if relaxed.problem.travel.seconds[vehicle.start, stop.place] >= NO_ROAD:
        return "no_road"
    free = replace(relaxed.stops[stop.name], windows=(), latest=None)
    return "time_window" if fits(Book.of(_with_stop(relaxed.problem, free))) else "shift"


def _alone(vehicle: Vehicle, stop: Stop) -> Iterator[Order]:
    """Every way in which the vehicle could serve the stop beside its locks, loads not counted."""
    locked = tuple(vehicle.locked)
    source = vehicle.name if vehicle.depot is None else vehicle.depot
    if stop.unit_at(source, is_depot=vehicle.depot is not None) is not None:
        yield ((vehicle.depot, (*locked, stop.name)),)
    if bool(locked) + 1 <= vehicle.trips:
        for depot in vehicle.reloads:
            if stop.unit_at(depot, is_depot=True) is not None:
                yield ((vehicle.depot, locked), (depot, (stop.name,)))


def _fix(draft: Draft, stop: Stop, changes: tuple[str, ...]) -> Fix | None:
    """The first change that really makes room, by the least amount found."""
    for change in changes:
        for by in _amounts(draft, stop, change):
            fix = Fix(change=change, by=by, words=_words(stop, change, by))
            problem = fixed(draft.book.problem, stop.name, fix)
            found = _room(draft, problem, stop.name)
            if found is not None:
                return fix
    return None


def _room(draft: Draft, problem: RoutingProblem, name: str) -> int | None:
    """What the stop would cost in the changed problem with the plan as it stands."""
    book = Book.of(problem)
    found = cheapest(Draft.of(book, draft.orders), book.stops[name])
    return None if found is None else found.extra


def _amounts(draft: Draft, stop: Stop, change: str) -> Iterator[int]:
    if change == "price":
        found = cheapest(draft, stop)
        if found is not None:
            yield max(1, found.extra + 1 - stop.price)
    elif change == "latest":
        if stop.windows or stop.latest is not None:
            yield from _least_delay(draft, stop)
    elif change == "shift":
        yield from (900, 1800, 3600, 7200, 4 * 3600, 8 * 3600)
    elif change != "skill" or stop.skills:
        yield 1


def _least_delay(draft: Draft, stop: Stop) -> Iterator[int]:
    """By how much its last moment must move, from where it would be served without one."""
    open_end = _later(stop, 2 * HORIZON)
    book = Book.of(_with_stop(draft.book.problem, open_end))
    rushed = replace(open_end, due=_last(stop), late_per_hour=3_600_000)
    book = Book.of(_with_stop(draft.book.problem, rushed))
    found = cheapest(Draft.of(book, draft.orders), rushed)
    if found is not None:
        start = next(v.start for v in found.route.visits if v.stop == stop.name)
        if start > _last(stop):
            yield start - _last(stop)


def _last(stop: Stop) -> int:
    ends = [w.closes for w in stop.windows[-1:]]
    return min([*ends, *([stop.latest] if stop.latest is not None else [])])


def _later(stop: Stop, by: int) -> Stop:
    """The stop with its last moment moved back: the last window and the hard deadline."""
    end = min(_last(stop) + by, HORIZON)
    latest = None if stop.latest is None else max(stop.latest, end)
    windows = stop.windows
    if windows:
        last = windows[-1]
        windows = (*windows[:-1], Window(opens=last.opens, closes=max(last.closes, end)))
    return replace(stop, windows=windows, latest=latest)


def _roomier(vehicle: Vehicle, load: Load) -> Vehicle:
    return replace(vehicle, capacity=vehicle.capacity + load)


def _longer(vehicle: Vehicle, by: int) -> Vehicle:
    longest = None if vehicle.max_duration is None else vehicle.max_duration + by
    shift = Window(opens=vehicle.shift.opens, closes=min(HORIZON, vehicle.shift.closes + by))
    return replace(vehicle, shift=shift, max_duration=longest)


def _with_stop(problem: RoutingProblem, stop: Stop) -> RoutingProblem:
    return replace(problem, stops=tuple(stop if s.name == stop.name else s for s in problem.stops))


def _with_vehicles(problem: RoutingProblem, change: Callable[[Vehicle], Vehicle]) -> RoutingProblem:
    return replace(problem, vehicles=tuple(change(v) for v in problem.vehicles))


def _with_one_more(problem: RoutingProblem, stop: Stop) -> RoutingProblem:
    """One more vehicle, empty and able, like the first that loads at a depot with the goods."""
    depots = {d.name for d in problem.depots}
    wanted = [u.at for u in stop.units if u.at in depots] or sorted(depots)
    like = next((v for v in problem.vehicles if v.depot in wanted), None)
    if like is None or not wanted:
        return problem
    more = replace(
        like,
        name=f"{like.name} and one more",
        locked=(),
        aboard=Load(),
        skills=like.skills | stop.skills,
        capacity=like.capacity + stop.load,
    )
    return replace(problem, vehicles=(*problem.vehicles, more))


def _words(stop: Stop, change: str, by: int) -> str:
    minutes = -(-by // 60)
    return {
        "price": f"+{by} cents on the price of leaving it out",
        "latest": f"+{minutes} min on latest",
        "skill": f"a vehicle with {', '.join(sorted(stop.skills))}",
        "capacity": "room for its load on a vehicle",
        "unit": "its goods at a depot from the beginning",
        "shift": f"+{minutes} min on the shifts",
        "vehicle": "one more vehicle at a depot that has its goods",
        "together": "one more vehicle, its goods at that depot, and any hour of the shift, together",
    }[change]
