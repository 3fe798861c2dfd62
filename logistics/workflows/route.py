"""Plan the next routes of a market: which van takes which packed orders, and when.

Planned are the orders whose departure is near enough that carriers must be asked now, and those
that missed theirs. What was offered to a carrier, accepted or has left is locked: its orders and
its van are not part of the question until the van is back. The question goes out to be computed
with no transaction open; an order that changed meanwhile drops the answer until the next tick.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from logistics.carriers import Carrier
from logistics.catalogue import Market
from logistics.dispatch import (
    PLAN,
    Plan,
    PlanState,
    PlanStep,
    Route,
    RouteState,
    Stop,
    StopState,
    Unplanned,
)
from logistics.errors import BrokenPlan
from logistics.records import DecisionRecord, record_of
from logistics.store import Deed, seen
from logistics.units import Cents, Seconds
from logistics.workflows.asked import routing_problem
from logistics.workflows.due import Facts, facts_of
from logistics.workflows.holding import leaving
from logistics.workflows.means import Means
from logistics.workflows.moves import move, tell
from routing import problem as ask
from routing.diagnosis import explained
from routing.effort import Effort
from routing.errors import BadProblem
from routing.errors import BrokenPlan as BrokenRoutes
from routing.files import text_of
from routing.plan import LeftOut, RoutePlan, Trip
from routing.replan import replan
from routing.rules import broken
from routing.sending import leaving_by
from routing.solver import route as solved
from routing.timetable import Book, planned
from routing.timetable import Order as Trips

EXPLAINED = 20
"""So many orders that a plan leaves out are explained; more are a fleet too small, not a riddle."""
CODE_VERSION = "routing-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a plan is to follow the last one."""

    next_look: Seconds | None = None
    """No trip leaves later: those are planned at the next look, with whoever has come."""
    standing: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    """Van, node and orders of each route that was planned and that nobody took."""
    most_moved: int = 0
    """So many of a van's orders may go to another van."""


def plan_routes(means: Means, market: str, *, now: datetime) -> Plan | None:
    """The next plan of a market; None where nothing needs a van now.

    Raises BrokenPlan where the answer breaks a rule, and ChangedMeanwhile where an order moved.
    """
    with means.store.read() as reading:
        facts = facts_of(reading, means, reading.get(Market, market), now)
    if facts is None or not facts.vans:
        return None
    efforts = means.policy.efforts
    effort = Effort(at_most=efforts.routing_seconds, steps=efforts.routing_steps)
    try:
        facts = leaving(means, facts, effort, now)
        if not facts.orders:
            return None
        problem = routing_problem(means, facts, now)
        answer = means.compute.run(answered, problem, effort, _manner(means, facts))
        problem = _of_the_answer(problem, answer)
    except BrokenRoutes as wrong:
        raise BrokenPlan(wrong.breaches) from wrong
    except BadProblem as wrong:
        raise BrokenPlan((str(wrong),)) from wrong
    if breaches := broken(problem, answer):
        raise BrokenPlan(breaches)
    if not problem.stops:
        return None
    with means.store.begin() as deed:
        deed.require_unchanged(seen(*facts.orders))
        return _keep(deed, means, facts, problem, answer, now)


def _manner(means: Means, facts: Facts) -> Manner:
    """How the next plan follows the last one, and what it leaves to the look after it."""
    return Manner(
        next_look=facts.next_look,
        standing=tuple((van, *route) for van, route in facts.standing.items()),
        most_moved=means.policy.tendering.moved_stops_per_van,
    )


def answered(
    problem: ask.RoutingProblem, effort: Effort, manner: Manner | None = None
) -> RoutePlan:
    """The plan, and why each order that it leaves out is left out."""
    manner = manner or Manner()
    plan = _following(problem, effort, manner)
    if manner.next_look is not None:
        problem, plan = leaving_by(problem, plan, manner.next_look)
    return explained(problem, plan, EXPLAINED)


def _following(problem: ask.RoutingProblem, effort: Effort, manner: Manner) -> RoutePlan:
    """A plan from nothing, or one that leaves what stands as much as it was as it can."""
    book = Book.of(problem)
    orders: dict[str, Trips] = {
        van: ((node, tuple(name for name in names if name in book.stops)),)
        for van, node, names in manner.standing
        if van in book.vehicles and node in book.depots
    }
    if not any(stops for order in orders.values() for _, stops in order):
        return solved(problem, effort)
    return replan(problem, planned(book, orders), effort, most_moved=manner.most_moved)[0]


def _of_the_answer(problem: ask.RoutingProblem, answer: RoutePlan) -> ask.RoutingProblem:
    """The problem of those orders alone of which the answer speaks."""
    named = {visit.stop for _, visit in answer.visits()} | {x.stop for x in answer.left_out}
    return replace(problem, stops=tuple(s for s in problem.stops if s.name in named))


def _keep(
    deed: Deed,
    means: Means,
    facts: Facts,
    problem: ask.RoutingProblem,
    answer: RoutePlan,
    now: datetime,
) -> Plan:
    """Remember the plan with its routes and stops, and why it is so."""
    record = _record(means, facts, problem, answer, now)
    deed.add(record)
    id = means.ids.new("pln", now)
    made = [_kept_route(deed, means, facts, problem, id, *trip, now) for trip in _trips(answer)]
    plan = deed.add(
        Plan(
            id=id,
            market=facts.market.id,
            state=PlanState.DRAFT,
            made_at=now,
            routes=tuple(one.id for one in made),
            unplanned=tuple(_unplanned(left) for left in answer.left_out),
            cost=answer.cost,
            stopped=answer.stopped.value,
            gap=answer.gap,
            decision=record.id,
        )
    )
    tell(deed, means.ids, "plan.drafted", id, now=now, cause=record.id)
    plan = move(deed, means.ids, PLAN, plan, PlanStep.SOLVE, now=now, cause=record.id)
    told = {"routes": len(made), "unplanned": len(plan.unplanned)}
    return move(deed, means.ids, PLAN, plan, PlanStep.FINISH, now=now, cause=record.id, data=told)


def _trips(answer: RoutePlan) -> Iterator[tuple[str, Trip, Seconds]]:
    """Each trip with its van, and when the van is back from it."""
    for one in answer.routes:
        ends = [trip.departure for trip in one.trips[1:]] + [one.end]
        for trip, end in zip(one.trips, ends, strict=True):
            if trip.visits:
                yield one.vehicle, trip, end


def _kept_route(
    deed: Deed,
    means: Means,
    facts: Facts,
    problem: ask.RoutingProblem,
    plan: str,
    vehicle: str,
    trip: Trip,
    end: Seconds,
    now: datetime,
) -> Route:
    id = means.ids.new("rte", now)
    metres = _metres(problem, trip)
    van = next(van for van in facts.vans if van.id == vehicle)
    route = deed.add(
        Route(
            id=id,
            plan=plan,
            market=facts.market.id,
            node=trip.depot or "",
            vehicle=vehicle,
            carrier=None,
            state=RouteState.PLANNED,
            departs_at=now + timedelta(seconds=trip.departure),
            returns_at=now + timedelta(seconds=end),
            distance_m=metres,
            stop_count=len(trip.visits),
            cost=pay(facts.carriers[van.carrier], len(trip.visits), metres),
            updated_at=now,
        )
    )
    orders = {order.id: order for order in facts.orders}
    for position, visit in enumerate(trip.visits, start=1):
        order, at = orders[visit.stop], now + timedelta(seconds=visit.start)
        deed.add(
            Stop(
                id=means.ids.new("stp", now),
                route=id,
                order=order.id,
                promise=order.promise,
                market=order.market,
                position=position,
                lat=order.lat,
                lon=order.lon,
                parcels=1,
                service=means.policy.promising.service_at_stop,
                state=StopState.PLANNED,
                due_at=order.due_at,
                planned_at=at,
                projected_at=at,
            )
        )
    tell(deed, means.ids, "route.planned", id, now=now, cause=plan)
    return route


def _metres(problem: ask.RoutingProblem, trip: Trip) -> int:
    """Road metres of one trip, there and back."""
    depot = problem.depot(trip.depot or "").place
    places = [depot, *(problem.stop(name).place for name in trip.stops), depot]
    return sum(problem.metres(a, b) for a, b in itertools.pairwise(places))


def pay(carrier: Carrier, stops: int, metres: int) -> Cents:
    """What a carrier gets for a route: by route, by stop, by begun kilometre."""
    return carrier.per_route + carrier.per_stop * stops + carrier.per_km * -(-metres // 1000)


def _unplanned(left: LeftOut) -> Unplanned:
    """In words: which rule stands against how many vans, an example, and the smallest change."""
    told = [
        f"{o.rule} against {o.vehicles} of {o.of} vans, for example {o.example}"
        for o in left.obstacles
        if o.of
    ]
    if left.insertion is not None:
        told.append(f"would cost {left.insertion} cents, and leaving it out costs {left.price}")
    if left.fix is not None:
        told.append(f"smallest fix: {left.fix.words}")
    detail = "; ".join(told) or "no van of this plan has room in time"
    return Unplanned(order=left.stop, reason=left.why.value, detail=detail)


def _record(
    means: Means, facts: Facts, problem: ask.RoutingProblem, answer: RoutePlan, now: datetime
) -> DecisionRecord:
    return record_of(
        means.ids.new("dec", now),
        "routing",
        at=now,
        parents=(*(order.id for order in facts.orders), *sorted(facts.nodes)),
        inputs=problem,
        result=answer,
        code_version=CODE_VERSION,
        model_version=problem.travel.source,
        write=means.writer(text_of),
    )
