"""Plans again when something changed, and disturbs as little as it may.

What is locked stays (the first visits of each van); of the rest, at most so many stops per van
may go to another van, and only near what changed: the others keep their van and their order, and
may only shift in time. A diff says what a planner or a driver would notice.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from routing.effort import Effort
from routing.improve import CALM, improve
from routing.insertion import Draft, insert_all
from routing.plan import RoutePlan, Stopped
from routing.problem import RoutingProblem
from routing.rules import broken
from routing.solver import kept_orders, route
from routing.timetable import Book, Order, planned
from routing.travel import Seconds

MOST_MOVED = 3
"""Stops per van that may go to another one, unless the caller says otherwise (scenario D9)."""

FROZEN = 2
"""Next stops of a loaded van that keep their place (scenario D9)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A stop that another vehicle now serves; None stands for nobody."""

    stop: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A stop that the same vehicle now serves at another time."""

    stop: str
    before: Seconds
    after: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """What differs between two plans."""

    moved: tuple[Move, ...]
    shifted: tuple[Shift, ...]
    cost: int
    """Cents of the new plan less those of the old."""


def difference(old: RoutePlan, new: RoutePlan) -> Diff:
    """What a reader of the old plan would notice in the new one."""
    before = {visit.stop: (van, visit.start) for van, visit in old.visits()}
    after = {visit.stop: (van, visit.start) for van, visit in new.visits()}
    moved, shifted = [], []
    for name in [*before, *(n for n in after if n not in before)]:
        van, start = before.get(name, (None, 0))
        new_van, new_start = after.get(name, (None, 0))
        if van != new_van:
            moved.append(Move(stop=name, before=van, after=new_van))
        elif start != new_start:
            shifted.append(Shift(stop=name, before=start, after=new_start))
    return Diff(moved=tuple(moved), shifted=tuple(shifted), cost=new.cost - old.cost)


def frozen(problem: RoutingProblem, plan: RoutePlan, count: int = FROZEN) -> RoutingProblem:
    """The problem with the next `count` stops of every route of the plan locked, beside its locks."""
    first = {r.vehicle: r.trips[0].stops for r in plan.routes if r.trips}
    return replace(
        problem,
        vehicles=tuple(
            replace(v, locked=first.get(v.name, ())[: max(count, len(v.locked))])
            if first.get(v.name, ())[: len(v.locked)] == v.locked
            else v
            for v in problem.vehicles
        ),
    )


def replan(
    problem: RoutingProblem,
    plan: RoutePlan,
    effort: Effort,
    *,
    most_moved: int = MOST_MOVED,
) -> tuple[RoutePlan, Diff]:
    """The plan for the changed problem, and what differs from the earlier plan.

    New stops go where they cost least; then up to `most_moved` stops of each van, those nearest to
    what changed, are free to go elsewhere while the rest keep their van and order. Where the
    earlier plan cannot be kept at all (a van is gone late, a window has passed), the parts that
    cannot be kept are planned anew within the same locks. Raises BrokenPlan as `route` does.
    """
    book = Book.of(problem)
    orders = _kept_where_possible(book, kept_orders(book, plan))
    served = {s for order in orders.values() for _, stops in order for s in stops}
    fresh = [s.name for s in problem.stops if s.name not in served]
    pinned = served - _free(book, plan, orders, fresh, most_moved)
    found = improve(book, orders, effort, CALM, pinned=frozenset(pinned))
    better = planned(book, found.orders)
    if broken(problem, better):
        better = _inserted(book, orders, fresh)
    if broken(problem, better):
        better = route(problem, effort)
    stopped = Stopped.TIME_LIMIT if effort.steps is None else Stopped.STEPS
    better = replace(better, stopped=stopped)
    return better, difference(plan, better)


def _inserted(book: Book, orders: dict[str, Order], fresh: list[str]) -> RoutePlan:
    """The orders with what is new where it costs least, by the exact timetable alone."""
    draft = Draft.of(book, orders)
    insert_all(draft, fresh)
    return planned(book, draft.orders)


def _kept_where_possible(book: Book, orders: dict[str, Order]) -> dict[str, Order]:
    """The orders that still fit; of those that do not, only what is locked."""
    if not broken(book.problem, planned(book, orders)):
        return orders
    kept = {}
    for name, order in orders.items():
        alone = planned(book, {name: order})
        vehicle = book.vehicles[name]
        clean = not [b for b in broken(book.problem, alone) if name in b]
        kept[name] = order if clean else ((vehicle.depot, vehicle.locked),)
    return kept


def _free(
    book: Book,
    plan: RoutePlan,
    orders: dict[str, Order],
    changed: Iterable[str],
    most: int,
) -> set[str]:
    """Up to `most` stops of each van, those nearest to a stop that is new or was elsewhere."""
    before = {visit.stop: van for van, visit in plan.visits()}
    spots = [book.stops[name].place for name in changed]
    if not spots:
        return set()
    away = book.problem.travel.seconds[:, spots].min(axis=1)
    reach = int(np.quantile(away, 0.3)) if len(away) else 0
    free: set[str] = set()
    for van, order in orders.items():
        own = [s for _, stops in order for s in stops if before.get(s) == van]
        near = [s for s in own if s not in book.locked and away[book.stops[s].place] <= reach]
        near.sort(key=lambda s: (int(away[book.stops[s].place]), s))
        free.update(near[:most])
    return free


def most_moved_of(diff: Diff) -> int:
    """The most stops that any one van gave to another or to nobody."""
    given = Counter(move.before for move in diff.moved if move.before is not None)
    return max(given.values(), default=0)
