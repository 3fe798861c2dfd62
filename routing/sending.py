"""Which orders leave now and which wait for the next wave, so that vans go full and nobody is late.

An order *must go* when it would miss its deadline if it left one wave later. For the others we ask
possible futures: draw the orders that may still come (from the demand forecast), plan each future
with a few steps of the search, and see how often an order leaves now: in a trip with one that must
go, or in one that is full. What leaves seldom is held, what leaves nearly always goes, and the next
look asks again with both settled. In the end a trip of which nothing must go waits whole (Kleopatra and OptiML in the EURO-NeurIPS 2022 competition decide by
such votes; the looks are those of Lan, van Hoorn and others, "iterative conditional dispatch").
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

from routing.effort import Effort
from routing.improve import improve
from routing.plan import RoutePlan
from routing.problem import RoutingProblem, Stop
from routing.timetable import Book, Order, planned
from routing.travel import NO_ROAD, Seconds

SELDOM, OFTEN = 0.4, 0.8
"""An order that leaves in fewer futures than the first share is held; in more than the second, sent."""

LOOKS = 3
"""How often the futures are planned, each time with what was settled before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What leaves now and what waits; what must go is a part of what leaves."""

    send: tuple[str, ...]
    hold: tuple[str, ...]
    must_go: tuple[str, ...]


def sending(
    problem: RoutingProblem,
    next_wave: Seconds,
    futures: Sequence[tuple[Stop, ...]],
    effort: Effort,
    *,
    before: Seconds = 0,
    full: int | None = None,
) -> Sending:
    """Decide for every stop of the problem.

    `futures` are drawn orders that may come by the next wave and after; their places are in the
    problem's travel table, their release is not before `next_wave`, their names are new. Without
    futures only what must go, and what shares its trip, is sent. `before` is what a usual trip has
    done when it drives to a stop. A trip of `full` stops gains nothing by waiting. Steps of the
    effort are those of each plan; its seconds are spread over all of them.
    """
    must = must_go(problem, next_wave, before)
    share = replace(effort, at_most=effort.at_most / (LOOKS * len(futures) + 1))
    go, held = set(must), set[str]()
    if not must and (full is None or len(problem.stops) < full):
        held = {stop.name for stop in problem.stops}
    plans, planned_with = [], None
    for _ in range(LOOKS if futures else 0):
        open_yet = {s.name for s in problem.stops} - go - held
        if not open_yet:
            break
        if (
            held != planned_with
        ):  # whether an order must go says how a plan is read, not how it is made
            plans, planned_with = _plans(problem, next_wave, held, futures, share), set(held)
        leaves = _leaves(problem, plans, go, held, full)
        go |= {name for name in open_yet if leaves[name] > OFTEN * len(futures)}
        held |= {name for name in open_yet if leaves[name] < SELDOM * len(futures)}
    held |= _waiting_trips(problem, go, held, share, full)
    return Sending(
        send=tuple(s.name for s in problem.stops if s.name not in held),
        hold=tuple(s.name for s in problem.stops if s.name in held),
        must_go=tuple(s.name for s in problem.stops if s.name in must),
    )


def _waiting_trips(
    problem: RoutingProblem, go: set[str], held: set[str], share: Effort, full: int | None
) -> set[str]:
    """The stops of trips that wait whole: nothing of them must go, and they are not full."""
    if len(go) + len(held) == len(problem.stops):
        return set()
    left = replace(problem, stops=tuple(s for s in problem.stops if s.name not in held))
    found = improve(Book.of(left), {}, share, pooled=False)
    trips = [stops for order in found.orders.values() for _, stops in order]
    return {name for trip in trips if not _goes(trip, go, full) for name in trip}


def must_go(problem: RoutingProblem, next_wave: Seconds, before: Seconds = 0) -> set[str]:
    """The stops that miss their deadline if they leave at the next wave, locked ones included.

    What misses its soft deadline whenever it leaves has nothing more to lose there, and rides with
    others; its hours of the day still count.
    """
    sources = {d.name: d for d in problem.depots}
    first = min((v.shift.opens for v in problem.vehicles), default=next_wave)
    must = set(problem.locked)
    for stop in problem.stops:
        names = [u.at for u in stop.units if u.at in sources] or (
            [] if stop.units else list(sources)
        )
        drives = [int(problem.travel.seconds[sources[n].place, stop.place]) for n in names]
        drive = min(drives, default=NO_ROAD)
        now, later = max(first, stop.release) + drive, next_wave + before + drive
        if any(now <= end < later for end in _ends(stop, now)):
            must.add(stop.name)
    return must


def _ends(stop: Stop, now: Seconds) -> list[Seconds]:
    """The deadlines of a stop: soft, hard, and the end of the hours that it can still be served in."""
    ends = [t for t in (stop.due, stop.latest) if t is not None]
    return ends + [w.closes for w in stop.windows if w.closes >= now][:1]


def _plans(
    problem: RoutingProblem,
    next_wave: Seconds,
    held: set[str],
    futures: Sequence[tuple[Stop, ...]],
    share: Effort,
) -> list[tuple[Order, ...]]:
    """The trips of each future, where what is held waits for the next wave."""
    waiting = tuple(
        replace(s, release=max(s.release, next_wave)) if s.name in held else s
        for s in problem.stops
    )
    found = []
    for number, future in enumerate(futures):
        drawn = replace(problem, stops=(*waiting, *future))
        effort = replace(share, seed=share.seed + number)
        plan = improve(Book.of(drawn), {}, effort, pooled=False)
        found.append(tuple(plan.orders.values()))
    return found


def _leaves(
    problem: RoutingProblem,
    plans: list[tuple[Order, ...]],
    go: set[str],
    held: set[str],
    full: int | None,
) -> Counter[str]:
    """In how many futures each order leaves now."""
    now = {s.name for s in problem.stops} - held
    count: Counter[str] = Counter()
    for _, stops in chain.from_iterable(chain.from_iterable(plans)):
        if _goes(stops, go, full if now.issuperset(stops) else None):
            count.update(stops)
    return count


def _goes(trip: Sequence[str], go: set[str], full: int | None) -> bool:
    """Whether a trip leaves now: one of it has to, or it has no room for others anyway."""
    return not go.isdisjoint(trip) or (full is not None and len(trip) >= full)


def leaving_by(
    problem: RoutingProblem, plan: RoutePlan, by: Seconds
) -> tuple[RoutingProblem, RoutePlan]:
    """The trips of the plan that leave before a moment, and the problem that they answer.

    Trips after that can be planned again then, with whoever has come; what is left out stays.
    """
    orders: dict[str, Order] = {}
    later: set[str] = set()
    for made in plan.routes:
        early = [trip for trip in made.trips if trip.departure < by or trip.depot is None]
        orders[made.vehicle] = tuple((trip.depot, trip.stops) for trip in early)
        later.update(name for trip in made.trips[len(early) :] for name in trip.stops)
    kept = replace(problem, stops=tuple(s for s in problem.stops if s.name not in later))
    part = planned(Book.of(kept), {van: order for van, order in orders.items() if order})
    return kept, replace(part, stopped=plan.stopped, gap=plan.gap)
