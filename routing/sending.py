"""Which orders leave now and which wait for the next wave, so that vans go full and nobody is late.

An order *must go* when it would miss its deadline if it left one wave later. For the others we ask
possible futures: draw the orders that may still come (from the demand forecast), plan each future,
and see how often an order rides together with one that must go. What seldom does is held; held
orders then are no longer offered to the next look. In the end a trip without any order that must
go waits whole, as long as holding it is allowed (Kleopatra and OptiML in the EURO-NeurIPS 2022
competition decide by such votes).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from routing.effort import Effort
from routing.plan import RoutePlan
from routing.problem import RoutingProblem, Stop
from routing.solver import route
from routing.travel import NO_ROAD, Seconds

RIDES = 0.4
"""An order that rides with a must-go order in fewer futures than this share is held."""

LOOKS = 2
"""How often the futures are planned, each time without what was held before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What leaves now, what waits, and the plan of what leaves."""

    send: tuple[str, ...]
    hold: tuple[str, ...]
    must_go: tuple[str, ...]
    plan: RoutePlan


def sending(
    problem: RoutingProblem,
    next_wave: Seconds,
    futures: Sequence[tuple[Stop, ...]],
    effort: Effort,
) -> Sending:
    """Decide for every stop of the problem.

    `futures` are drawn orders that may come by the next wave and after; their places are in the
    problem's travel table, their release is not before `next_wave`, their names are new. Without
    futures only what must go, and what shares its trip, is sent. The effort is spread over all
    the plans that are made.
    """
    must = must_go(problem, next_wave)
    share = replace(effort, at_most=effort.at_most / (LOOKS * max(1, len(futures)) + 1))
    held: set[str] = set()
    for _ in range(LOOKS):
        rides = _rides(problem, next_wave, must, held, futures, share)
        candidates = {s.name for s in problem.stops} - must - held
        seldom = {n for n in candidates if rides[n] < RIDES * max(1, len(futures))}
        if not seldom or not futures:
            break
        held |= seldom
    plan = route(_only(problem, held), share)
    lone = {
        name
        for made in plan.routes
        for trip in made.trips
        if not must & set(trip.stops)
        for name in trip.stops
    } - problem.locked
    held |= lone
    if lone:
        plan = route(_only(problem, held), share, incumbent=plan)
    return Sending(
        send=tuple(s.name for s in problem.stops if s.name not in held),
        hold=tuple(s.name for s in problem.stops if s.name in held),
        must_go=tuple(s.name for s in problem.stops if s.name in must),
        plan=plan,
    )


def must_go(problem: RoutingProblem, next_wave: Seconds) -> set[str]:
    """The stops that miss their deadline if they leave at the next wave, locked ones included."""
    sources = {d.name: d for d in problem.depots}
    late = set(problem.locked)
    for stop in problem.stops:
        ends = [t for t in (stop.due, stop.latest) if t is not None]
        ends += [w.closes for w in stop.windows[-1:]]
        names = [u.at for u in stop.units if u.at in sources] or (
            [] if stop.units else list(sources)
        )
        drives = [int(problem.travel.seconds[sources[n].place, stop.place]) for n in names]
        if ends and next_wave + min(drives, default=NO_ROAD) > min(ends):
            late.add(stop.name)
    return late


def _rides(
    problem: RoutingProblem,
    next_wave: Seconds,
    must: set[str],
    held: set[str],
    futures: Sequence[tuple[Stop, ...]],
    share: Effort,
) -> Counter[str]:
    """In how many futures each order shares a trip with one that must go."""
    count: Counter[str] = Counter()
    for number, future in enumerate(futures):
        waiting = tuple(
            replace(s, release=max(s.release, next_wave)) if s.name in held else s
            for s in problem.stops
        )
        drawn = replace(problem, stops=(*waiting, *future))
        plan = route(drawn, replace(share, seed=share.seed + number))
        for made in plan.routes:
            for trip in made.trips:
                if must & set(trip.stops):
                    count.update(trip.stops)
    return count


def _only(problem: RoutingProblem, held: set[str]) -> RoutingProblem:
    return replace(problem, stops=tuple(s for s in problem.stops if s.name not in held))
