"""The front door: a plan for a routing problem, always, and always a legal one.

`route` starts from the incumbent (or from nothing), inserts what is missing, searches
(`improve`), recombines the good routes it met on the way where the problem is plain (`recombine`),
times everything exactly (`schedule`), and checks the answer by every rule. It never answers worse than the incumbent, and
it says in the plan why it stopped. Stops that do not pay, or do not fit, are left out. Beyond
`split.LARGEST` stops the problem is cut into parts, and the parts' plans are joined.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from enum import StrEnum, auto
from typing import TypeAlias

import numpy as np

from routing.effort import Effort
from routing.errors import BrokenPlan
from routing.improve import CALM, Found, improve
from routing.insertion import locked_orders
from routing.plan import Costs, LeftOut, Route, RoutePlan, Stopped
from routing.polish import polishable, polished
from routing.problem import RoutingProblem
from routing.recombine import MOST_ROUTES, recombined
from routing.rules import broken
from routing.schedule import schedulable, scheduled
from routing.split import LARGEST, PART, WideProblem, joined, parts_of, wide_parts
from routing.timetable import Book, Order, orders_of, planned

Trace: TypeAlias = list[tuple[float, float]]
"""Seconds since the call, and the least cost found by then."""

Each: TypeAlias = Callable[
    [Callable[[RoutingProblem], RoutePlan], Iterable[RoutingProblem]], Iterable[RoutePlan]
]
"""How the parts of a large problem are solved: `map`, or one that hands them to workers."""

_SEARCH, _COOLED = 0.88, 0.1
"""The share of the time that the search has, the rest is for recombination and schedule; and what it gives
of it by the clock, to go on cold from what was recombined."""


class Finish(StrEnum):
    """What a search may be finished by."""

    RECOMBINED = auto()
    SCHEDULED = auto()


EVERY = frozenset(Finish)


def usual_finishes(problem: RoutingProblem) -> frozenset[Finish]:
    """What finishes a search of the problem unless somebody says otherwise.

    Recombination is for plain problems: on the twin's days it found nothing that the time it takes did
    not find in the search, and the exact schedule saved 0.9 %.
    """
    return EVERY if polishable(problem) else EVERY - {Finish.RECOMBINED}


FEW = 12
"""Stops up to which the search soon knows all that it can find, and stops before its time is over."""

POLISHED = 150
"""Stops of a plain problem below which PyVRP finds most of what is found, from a short search of ours. With
others a long search of our own comes first."""

_START = 0.008
"""Seconds for each stop that our own search has of a plain problem before PyVRP goes on: enough for a
good start, and not so much that PyVRP finds no way out of it. With counted steps it has a tenth."""

_ROUND = 0.045
"""Seconds for each stop that one round of a plain problem takes before another is begun."""

_POOLED = 5_000
"""Fewer counted steps meet so few routes that recombining them finds next to nothing."""

_OWN = 0.65
"""The share of a longer time that our own search has of a plain problem, before PyVRP begins elsewhere:
from a long search it finds no way on."""

_TWICE = 0.35
"""The share that each of two searches of our own has where vans load again, before PyVRP goes on from the
better one: how many trips and vans there are is decided in the heat, and not always well."""

_LONE = 0.7
"""The share that our own search has of many stops, before PyVRP goes on from there, if there is time for a
`_ROUND`."""

_AGAIN = 0.1
"""The share that what was recombined has once more at the end."""

_WORTH = 0.03
"""Less of the time than this is not worth another beginning."""


def route(
    problem: RoutingProblem, effort: Effort, *, incumbent: RoutePlan | None = None
) -> RoutePlan:
    """The best plan found within the effort; one step is one removal and repair of `improve`.

    `incumbent` is any earlier plan: stops that are gone are dropped from it, new ones inserted.
    Raises BrokenPlan where even the locked stops cannot be served as they are locked.
    """
    if len(problem.stops) > LARGEST and incumbent is None:
        parts = list(parts_of(problem))
        if len(parts) > 1:
            return _in_parts(problem, parts, effort)
    return traced(problem, effort, incumbent=incumbent)[0]


def traced(
    problem: RoutingProblem,
    effort: Effort,
    *,
    incumbent: RoutePlan | None = None,
    finishes: frozenset[Finish] | None = None,
) -> tuple[RoutePlan, Trace]:
    """As `route`, in one piece, with the cost over time, and finished by what is asked for."""
    began = time.perf_counter()
    book = Book.of(problem)
    best = _first(book, incumbent)

    def left() -> float:
        return max(0.001, effort.at_most - (time.perf_counter() - began))

    spent = time.perf_counter() - began
    plain = _polishing_pays(problem)
    cools = not plain and effort.steps is None and len(problem.stops) > FEW
    finishes = usual_finishes(problem) if finishes is None else finishes
    schedules = Finish.SCHEDULED in finishes and not plain and _router_helps(book, effort)
    share = _SEARCH - _COOLED * cools
    search = _enough(len(problem.stops), replace(effort, at_most=left() * share))
    if plain:
        best, found = _plainly(book, best, search)
    else:
        best, found = _at_length(book, best, search)
    recombines = Finish.RECOMBINED in finishes and (effort.steps or _POOLED) >= _POOLED
    if len(best.routes) > 1 and recombines:
        seconds = min(left() * 0.6, effort.at_most * (1 - _SEARCH) * 0.6)
        finish = Effort(at_most=seconds, steps=effort.steps, seed=effort.seed)
        best = _better(book, best, recombined(book, found.pool, best, finish))
    if plain and best.routes and left() > _WORTH * effort.at_most:
        again = replace(_part(effort, _AGAIN), at_most=left() * 0.9, seed=effort.seed + 1)
        best = _better(book, best, _once_more(book, best, search, again).orders)
    if cools and best.routes:
        seconds = left() * (0.65 if schedules else 0.95)
        colder = improve(book, orders_of(best), Effort(at_most=seconds, seed=effort.seed + 1), CALM)
        best = _better(book, best, colder.orders)
    if schedules and schedulable(best):
        finish = Effort(at_most=min(left(), 10.0), seed=effort.seed)
        best = _better(book, best, scheduled(book, best, finish))
    trace = [(spent + at, cost) for at, cost in found.trace]
    trace.append((time.perf_counter() - began, float(best.cost)))
    stopped = Stopped.TIME_LIMIT if effort.steps is None else Stopped.STEPS
    return replace(best, stopped=stopped, gap=_gap(book, best)), trace


def _plainly(book: Book, best: RoutePlan, search: Effort) -> tuple[RoutePlan, Found]:
    """The best of a plain problem and all routes met: our own search and PyVRP, in several rounds.

    Where vans load again, our own search has most of the time of the only round. Elsewhere the first search goes on from `best`, the others begin anew: from some beginnings there is no way
    out, and the rounds' routes recombined are better than any one round.
    """
    if search.steps is None and any(vehicle.reloads for vehicle in book.problem.vehicles):
        return _twice(book, best, search)
    start, whole, left = orders_of(best), Found({}, [], 0.0, 0), 1 - _AGAIN
    numbers = range(_rounds(len(book.problem.stops), search))
    if _is_long(book.problem, search):
        alone = improve(book, start, _part(search, _OWN))
        best = _better(book, best, alone.orders)
        start, numbers, left = {}, range(1, 2), left - _OWN
        whole = replace(whole, pool=alone.pool[-MOST_ROUTES // 2 :], trace=alone.trace)
    for number in numbers:
        turn = replace(_part(search, left / len(numbers)), seed=search.seed + 1000 * number)
        first = _first_share(book.problem, turn)
        met = improve(book, start, _part(turn, first))
        pool, start = met.pool, {}
        made = planned(book, met.orders)
        best = _better(book, best, met.orders)
        if made.routes and not broken(book.problem, made):
            more = polished(book, met.orders, _part(turn, 1 - first))
            best = _better(book, best, more.orders)
            pool = [*pool, *more.pool]
        whole.pool.extend(pool[-MOST_ROUTES // (2 * len(numbers)) :])
        whole.trace.extend(met.trace if not whole.trace else ())
    return best, whole


def _at_length(book: Book, best: RoutePlan, search: Effort) -> tuple[RoutePlan, Found]:
    """One long search of our own, and PyVRP from there where it can be told all and there is time."""
    hurries = search.steps is None and search.at_most < _ROUND * len(book.problem.stops)
    if hurries or len(book.problem.stops) <= FEW or not polishable(book.problem):
        found = improve(book, orders_of(best), search)
        return _better(book, best, found.orders), found
    found = improve(book, orders_of(best), _part(search, _LONE))
    best = _better(book, best, found.orders)
    more = polished(book, orders_of(best), _part(search, 1 - _LONE))
    pool = [*found.pool[-MOST_ROUTES // 2 :], *more.pool[-MOST_ROUTES // 2 :]]
    return _better(book, best, more.orders), replace(found, pool=pool)


def _twice(book: Book, best: RoutePlan, search: Effort) -> tuple[RoutePlan, Found]:
    """Our own search twice, and PyVRP from the better one."""
    part = _part(search, _TWICE)
    first = improve(book, orders_of(best), part)
    second = improve(book, {}, replace(part, seed=search.seed + 1000))
    best = _better(book, _better(book, best, first.orders), second.orders)
    pool = first.pool[-MOST_ROUTES // 3 :] + second.pool[-MOST_ROUTES // 3 :]
    if best.routes:
        more = polished(book, orders_of(best), _part(search, 1 - 2 * _TWICE))
        best = _better(book, best, more.orders)
        pool += more.pool[-MOST_ROUTES // 3 :]
    return best, replace(first, pool=pool)


def _polishing_pays(problem: RoutingProblem) -> bool:
    """True where the problem is plain and small."""
    return FEW < len(problem.stops) < POLISHED and polishable(problem)


def _is_long(problem: RoutingProblem, search: Effort) -> bool:
    """True where our own search has the time to find more than PyVRP, and then some."""
    return _rounds(len(problem.stops), search) > 1


def _once_more(book: Book, best: RoutePlan, search: Effort, effort: Effort) -> Found:
    """What was recombined, gone on from by whoever had more of the time."""
    if _is_long(book.problem, search):
        return improve(book, orders_of(best), effort, CALM)
    return polished(book, orders_of(best), effort)


def _rounds(stops: int, search: Effort) -> int:
    """How often a plain problem is begun: oftener with more time for each stop."""
    if search.steps is not None:
        return 1
    return min(max(1, int(search.at_most / (_ROUND * stops))), 3)


def _first_share(problem: RoutingProblem, turn: Effort) -> float:
    """The share of a round that is our own search's."""
    if turn.steps is not None:
        return 0.1
    return min(max(0.1, _START * len(problem.stops) / turn.at_most), 0.75)


def _part(effort: Effort, share: float) -> Effort:
    """A share of the effort's seconds and steps."""
    steps = None if effort.steps is None else max(1, int(effort.steps * share))
    return replace(effort, at_most=max(0.001, effort.at_most * share), steps=steps)


def _enough(stops: int, effort: Effort) -> Effort:
    """The effort, cut down where so few stops have been tried in every way long before."""
    if stops > FEW:
        return effort
    enough = 50 + 4 * stops**3
    return replace(effort, steps=min(enough, effort.steps or enough))


def route_wide(
    problem: WideProblem, effort: Effort, *, each: Each = map, size: int = PART
) -> RoutePlan:
    """A plan for tens of thousands of stops, part by part; `each` may solve them side by side.

    The seconds of the effort are those of one worker over all parts; its steps are each part's.
    """
    parts = list(wide_parts(problem, size))
    plans = list(each(_Solve(_share(effort, parts)), parts))
    served = {name for plan in plans for r in plan.routes for name in r.stops}
    left_out = tuple(
        LeftOut(stop=s.name, price=s.price) for s in problem.stops if s.name not in served
    )
    routes: dict[str, Route] = {r.vehicle: r for plan in plans for r in plan.routes}
    costs = Costs(left_out=sum(x.price for x in left_out))
    for made in routes.values():
        costs += made.costs
    order = tuple(routes[v.name] for v in problem.vehicles if v.name in routes)
    return RoutePlan(routes=order, left_out=left_out, costs=costs, stopped=Stopped.TIME_LIMIT)


class _Solve:
    """The solve of one part, as a value that can be handed to a worker."""

    def __init__(self, effort: Effort) -> None:
        self.effort = effort

    def __call__(self, part: RoutingProblem) -> RoutePlan:
        return traced(part, self.effort)[0]


def _share(effort: Effort, parts: list[RoutingProblem]) -> Effort:
    return replace(effort, at_most=max(0.001, effort.at_most / max(1, len(parts))))


def _in_parts(problem: RoutingProblem, parts: list[RoutingProblem], effort: Effort) -> RoutePlan:
    book = Book.of(problem)
    solve = _Solve(_share(effort, parts))
    plan = joined(book, [solve(part) for part in parts])
    if breaches := broken(problem, plan):
        raise BrokenPlan(breaches)
    return replace(plan, stopped=Stopped.TIME_LIMIT if effort.steps is None else Stopped.STEPS)


def _first(book: Book, incumbent: RoutePlan | None) -> RoutePlan:
    """What is left of the incumbent, or else the locks alone."""
    if incumbent is not None:
        kept = planned(book, kept_orders(book, incumbent))
        if not broken(book.problem, kept):
            return kept
    bare = planned(book, locked_orders(book))
    if breaches := broken(book.problem, bare):
        raise BrokenPlan(breaches)
    return bare


def _better(book: Book, best: RoutePlan, orders: dict[str, Order] | None) -> RoutePlan:
    """The plan of the orders where there are any, it keeps every rule and is cheaper."""
    if orders is None:
        return best
    plan = planned(book, orders)
    return plan if plan.cost < best.cost and not broken(book.problem, plan) else best


def _router_helps(book: Book, effort: Effort) -> bool:
    """True where the router could find something, and there are seconds to find it in.

    Nothing but the clock ends it in good time, so it has no part where steps are counted; there the
    search finds more in what it would take. Of few stops without breaks the search knows all.
    """
    if effort.steps is not None:
        return False
    vehicles, stops = book.problem.vehicles, book.problem.stops
    rests, paid = any(v.breaks for v in vehicles), any(v.per_hour for v in vehicles)
    return rests or (len(stops) > FEW and (paid or any(s.due is not None for s in stops)))


def _gap(book: Book, plan: RoutePlan) -> float:
    """How far the cost may be from the least, by a bound that holds for every plan.

    Each stop is left out at its price, or somebody drives to it from somewhere and serves it.
    """
    vehicles = book.problem.vehicles
    bound = float(sum(s.price for s in book.problem.stops))
    if vehicles and book.problem.stops:
        per_km, per_hour = min(v.per_km for v in vehicles), min(v.per_hour for v in vehicles)
        places = np.array([s.place for s in book.problem.stops])
        metres = book.problem.travel.metres.astype(np.float64).copy()
        np.fill_diagonal(metres, np.inf)
        drive = np.where(np.bincount(places, minlength=len(metres)) > 1, 0, metres.min(axis=0))
        others = {d.place for d in book.problem.depots} | {v.start for v in vehicles}
        drive[list(others)] = 0
        served = drive[places] * per_km / 1000
        served += np.array([s.service for s in book.problem.stops]) * per_hour / 3600
        bound = float(np.minimum(served, [s.price for s in book.problem.stops]).sum())
    return max(0.0, 1 - bound / plan.cost) if plan.cost else 0.0


def kept_orders(book: Book, incumbent: RoutePlan) -> dict[str, Order]:
    """What is left of the incumbent: locks first, and only stops and vehicles that still exist."""
    orders = locked_orders(book)
    for name, order in orders_of(incumbent).items():
        if name in book.vehicles:
            orders[name] = _kept(book, name, order)
    return orders


def _kept(book: Book, name: str, order: Order) -> Order:
    vehicle = book.vehicles[name]
    trips = [
        (depot, tuple(s for s in stops if s in book.stops and s not in book.locked))
        for depot, stops in order
    ]
    if trips and trips[0][0] == vehicle.depot:
        trips[0] = (vehicle.depot, (*vehicle.locked, *trips[0][1]))
    else:
        trips.insert(0, (vehicle.depot, vehicle.locked))
    return (trips[0], *(trip for trip in trips[1:] if trip[1]))
