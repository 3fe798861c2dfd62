"""What a change by hand breaks: a planner moves stops, and every broken rule is listed, none refused.

The plan's own question is taken from its decision record, the routes that the planner changed are
timed anew beside those that stay, and the same rules that hold every solver are asked. To these come
what only the business knows: routes that a carrier has, orders that no longer wait, and how many
stops a released plan may still move. Nothing is written.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from logistics.dispatch import Plan, PlanState, Route, Stop
from logistics.errors import Nonsense, Refused, Unknown
from logistics.orders import Order, OrderState
from logistics.policy import Policy
from logistics.records import DecisionRecord
from logistics.store import Reading
from logistics.units import Cents, Seconds
from logistics.workflows.due import LOCKED
from logistics.workflows.means import Means
from routing import plan as answer
from routing.files import problem_of
from routing.problem import RoutingProblem
from routing.rules import Breach, breaches
from routing.timetable import Book, planned
from routing.timetable import Order as Trips

WITHDRAWN = (
    OrderState.CANCELLED,
    OrderState.UNSERVICEABLE,
    OrderState.RETURNED,
    OrderState.FAILED,
)
"""Orders that nobody waits for any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A route as a planner would have it: its orders as they are visited, and perhaps another van."""

    route: str
    orders: tuple[str, ...]
    vehicle: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedStop:
    """When an order would be served, and how many seconds past its due time."""

    order: str
    planned_at: datetime
    late: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedRoute:
    """One trip of one van as it would then be."""

    route: str
    vehicle: str
    departs_at: datetime
    stops: tuple[TimedStop, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What would come of the edits: what they break, what they cost, and the times."""

    plan: str
    breaches: tuple[Breach, ...]
    cost: Cents
    cost_before: Cents
    left_out: tuple[str, ...]
    routes: tuple[TimedRoute, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A plan with the question that it answers and its routes, each with its orders as planned."""

    plan: Plan
    problem: RoutingProblem
    routes: tuple[Route, ...]
    """By van, the earliest trip first."""
    orders: dict[str, tuple[str, ...]]


def check_plan(means: Means, plan: str, edits: Sequence[Edit]) -> Checked:
    """Every rule that the plan breaks once these routes are changed; with no edits, as it stands.

    Raises Unknown for a plan or a route that is not there, Nonsense for a route named twice, and
    Refused where the plan's question was not kept.
    """
    with means.store.read() as reading:
        asked = question_of(reading, plan)
        changed = _changed(asked, edits)
        before, after = trips_of(asked), trips_of(changed)
        book = Book.of(asked.problem)
        made = planned(book, _known(book, after))
        found = (
            *breaches(asked.problem, made),
            *_strangers(book, changed),
            *_held(reading, asked, changed),
            *_over_budget(means.policy, asked, changed),
        )
    return Checked(
        plan=plan,
        breaches=found,
        cost=made.cost,
        cost_before=planned(book, _known(book, before)).cost,
        left_out=tuple(left.stop for left in made.left_out),
        routes=tuple(_timed(changed, book, made, asked.problem.origin)),
    )


def question_of(reading: Reading, id: str) -> Question:
    """The plan with its question, as they were kept."""
    plan = reading.get(Plan, id)
    record = reading.maybe(DecisionRecord, plan.decision) if plan.decision else None
    if record is None:
        raise Refused(f"plan {id} was kept without the question that it answers")
    routes = sorted(reading.find(Route, id=plan.routes), key=lambda r: (r.vehicle, r.departs_at))
    stops = sorted(reading.find(Stop, route=plan.routes), key=lambda stop: stop.position)
    return Question(
        plan=plan,
        problem=problem_of(record.inputs),
        routes=tuple(routes),
        orders={r.id: tuple(s.order for s in stops if s.route == r.id) for r in routes},
    )


def trips_of(asked: Question) -> dict[str, Trips]:
    """The trips of each van in the routing library's words."""
    home = {vehicle.name: vehicle.depot for vehicle in asked.problem.vehicles}
    trips: dict[str, list[tuple[str | None, tuple[str, ...]]]] = {}
    for route in asked.routes:
        own = trips.setdefault(route.vehicle, [])
        if not own and home.get(route.vehicle, route.node) != route.node:
            own.append((home[route.vehicle], ()))
        if asked.orders[route.id]:
            own.append((route.node, asked.orders[route.id]))
    return {vehicle: tuple(own) for vehicle, own in trips.items()}


def _changed(asked: Question, edits: Sequence[Edit]) -> Question:
    """The plan as the planner would have it."""
    routes = {route.id: route for route in asked.routes}
    orders = dict(asked.orders)
    twice = [name for name, count in Counter(edit.route for edit in edits).items() if count > 1]
    if twice:
        raise Nonsense("/routes", f"{twice[0]} is changed twice")
    for edit in edits:
        if edit.route not in routes:
            raise Unknown("route", edit.route)
        orders[edit.route] = edit.orders
        if edit.vehicle is not None:
            routes[edit.route] = replace(routes[edit.route], vehicle=edit.vehicle)
    in_turn = sorted(routes.values(), key=lambda route: (route.vehicle, route.departs_at))
    return replace(asked, routes=tuple(in_turn), orders=orders)


def _known(book: Book, trips: dict[str, Trips]) -> dict[str, Trips]:
    """The trips without what the question does not know: those cannot be timed."""
    return {
        vehicle: tuple((depot, tuple(s for s in stops if s in book.stops)) for depot, stops in own)
        for vehicle, own in trips.items()
        if vehicle in book.vehicles
    }


def _strangers(book: Book, changed: Question) -> Iterator[Breach]:
    for route in changed.routes:
        if route.vehicle not in book.vehicles:
            words = f"there is no vehicle {route.vehicle} in this plan"
            yield Breach(rule="each_vehicle_once", words=words)
        for order in changed.orders[route.id]:
            if order not in book.stops:
                words = f"{order} is on {route.id} and no order of this plan"
                yield Breach(rule="every_stop_once", words=words)


def _held(reading: Reading, asked: Question, changed: Question) -> Iterator[Breach]:
    """Routes that a carrier has stay as they are, and a withdrawn order rides no more."""
    before = {route.id: (route.vehicle, asked.orders[route.id]) for route in asked.routes}
    for route in changed.routes:
        same = (route.vehicle, changed.orders[route.id]) == before[route.id]
        if not same and route.state in LOCKED:
            words = f"{route.id} is {route.state.value} and may not change"
            yield Breach(rule="carriers_routes_stay", words=words)
    moved = tuple(sorted({o for r in changed.routes for o in changed.orders[r.id]}))
    for order in reading.find(Order, id=moved):
        if order.state in WITHDRAWN:
            words = f"{order.id} is {order.state.value} and waits for no van"
            yield Breach(rule="orders_still_wait", words=words)


def _over_budget(policy: Policy, asked: Question, changed: Question) -> Iterator[Breach]:
    """Once a plan is released, each van may lose so many stops and no more."""
    if asked.plan.state is not PlanState.PUBLISHED:
        return
    most = policy.tendering.moved_stops_per_van
    now = {order: r.vehicle for r in changed.routes for order in changed.orders[r.id]}
    lost = Counter(
        route.vehicle
        for route in asked.routes
        for order in asked.orders[route.id]
        if now.get(order) != route.vehicle
    )
    for vehicle, count in sorted(lost.items()):
        if count > most:
            words = (
                f"{vehicle} gives away {count} stops of a released plan, at most {most} may move"
            )
            yield Breach(rule="few_moves", words=words)


def _timed(
    changed: Question, book: Book, made: answer.RoutePlan, origin: datetime
) -> Iterator[TimedRoute]:
    trips: dict[str, Iterable[answer.Trip]] = {
        route.vehicle: iter([trip for trip in route.trips if trip.visits]) for route in made.routes
    }
    for route in changed.routes:
        if not any(order in book.stops for order in changed.orders[route.id]):
            continue
        trip = next(iter(trips.get(route.vehicle, ())), None)
        if trip is not None:
            yield TimedRoute(
                route=route.id,
                vehicle=route.vehicle,
                departs_at=origin + timedelta(seconds=trip.departure),
                stops=tuple(_timed_stop(book, visit, origin) for visit in trip.visits),
            )


def _timed_stop(book: Book, visit: answer.Visit, origin: datetime) -> TimedStop:
    due = book.stops[visit.stop].due
    late = 0 if due is None else max(0, visit.start - due)
    at = origin + timedelta(seconds=visit.start)
    return TimedStop(order=visit.stop, planned_at=at, late=late)
