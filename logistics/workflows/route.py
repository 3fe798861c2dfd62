"""Plan the next routes of a market: which van takes which packed orders, and when.

Planned are the orders whose departure is near enough that carriers must be asked now, and those
that missed theirs. What was offered to a carrier, accepted or has left is locked: its orders and
its van are not part of the question until the van is back. The question goes out to be computed
with no transaction open; an order that changed meanwhile drops the answer until the next tick.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from logistics.carriers import Carrier, Vehicle
from logistics.catalogue import Market, Product
from logistics.clocks import local_day, local_instant, spans
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
from logistics.network import Node
from logistics.orders import Order, OrderState, ServiceLevel
from logistics.policy import HOUR, Promising
from logistics.promise.board import active_vans
from logistics.promise.calibration import Calibration, roads
from logistics.promise.offers import Promise
from logistics.promise.quote import lead
from logistics.records import DecisionRecord, fingerprint
from logistics.store import Deed, Reading, seen
from logistics.units import Cents, Seconds
from logistics.workflows.means import Means
from logistics.workflows.moves import move, tell
from logistics.workflows.stops import OPEN_STOP
from routing import problem as ask
from routing.diagnosis import explained
from routing.effort import Effort
from routing.errors import BadProblem, NoTravelTimes
from routing.errors import BrokenPlan as BrokenRoutes
from routing.files import text_of
from routing.geography import Place
from routing.plan import LeftOut, RoutePlan, Trip
from routing.rules import broken
from routing.solver import route as solved
from routing.travel import GreatCircle, Travel

LOCKED = (RouteState.TENDERED, RouteState.ACCEPTED, RouteState.IN_PROGRESS)
LOADABLE = (OrderState.ALLOCATED, OrderState.PICKED, OrderState.PACKED)
LEFT_OUT: Cents = 20_000
"""What leaving an order out costs beside its margin and all lateness: above any detour in a metro."""
LATE_PER_HOUR = 6
"""An hour past its mark costs so many broken promises: ten minutes cost one."""
BROKEN_PER_HOUR = 0.2
"""The same for a promise that is broken already: it may wait for those that can still be kept."""
EXPLAINED = 20
"""So many orders that a plan leaves out are explained; more are a fleet too small, not a riddle."""
VAN_AWAY: Cents = 3_000
"""What a van on tour is missed for by the departures after it, beside its pay: without it every
departure would take all the vans there are."""
TRIPS = 2
CODE_VERSION = "routing-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What one plan is made from, as it was read."""

    market: Market
    orders: tuple[Order, ...]
    nodes: dict[str, Node]
    vans: tuple[Vehicle, ...]
    free_from: dict[str, datetime]
    """When a van that is out comes back."""
    carriers: dict[str, Carrier]
    products: dict[str, Product]
    roads: GreatCircle
    """How the market's drives go, as far as it has been observed."""
    earliest: dict[str, datetime]
    """When each order's window opens."""


def plan_routes(means: Means, market: str, *, now: datetime) -> Plan | None:
    """The next plan of a market; None where nothing needs a van now.

    Raises BrokenPlan where the answer breaks a rule, and ChangedMeanwhile where an order moved.
    """
    with means.store.read() as reading:
        facts = _facts(reading, means, reading.get(Market, market), now)
    if facts is None or not facts.vans:
        return None
    efforts = means.policy.efforts
    effort = Effort(at_most=efforts.routing_seconds, steps=efforts.routing_steps)
    try:
        problem = routing_problem(means, facts, now)
        answer = means.compute.run(answered, problem, effort)
    except BrokenRoutes as wrong:
        raise BrokenPlan(wrong.breaches) from wrong
    except BadProblem as wrong:
        raise BrokenPlan((str(wrong),)) from wrong
    if breaches := broken(problem, answer):
        raise BrokenPlan(breaches)
    with means.store.begin() as deed:
        deed.require_unchanged(seen(*facts.orders))
        return _keep(deed, means, facts, problem, answer, now)


def answered(problem: ask.RoutingProblem, effort: Effort) -> RoutePlan:
    """The plan, and why each order that it leaves out is left out."""
    return explained(problem, solved(problem, effort), EXPLAINED)


def _facts(reading: Reading, means: Means, market: Market, now: datetime) -> Facts | None:
    """What the next plan is made from; None where no order needs a van now."""
    soon = now + timedelta(seconds=lead(means.policy))
    waiting = [
        order
        for order in reading.find(Order, market=market.id, state=LOADABLE)
        if _is_due(order, soon)
    ]
    if not waiting:
        return None
    locked = reading.find(Route, market=market.id, state=LOCKED)
    on_them = reading.find(Stop, route=tuple(r.id for r in locked), state=OPEN_STOP)
    taken = {stop.order for stop in on_them}
    orders = tuple(order for order in waiting if order.id not in taken)
    if not orders:
        return None
    learnt = reading.maybe(Calibration, market.id)
    return Facts(
        market=market,
        orders=orders,
        nodes={id: reading.get(Node, id) for id in {order.node or "" for order in orders}},
        vans=tuple(active_vans(reading, market=market.id)),
        free_from=back_at(locked, means),
        carriers={carrier.id: carrier for carrier in reading.find(Carrier)},
        products={p.id: p for p in reading.find(Product, id=_products(orders))},
        roads=roads(learnt, means.policy.promising.p90_travel_factor),
        earliest=openings(reading, orders),
    )


def _is_due(order: Order, soon: datetime) -> bool:
    """A wave near enough, a parcel that is packed by then, and a van of ours to ride on."""
    if order.service_level is ServiceLevel.STANDARD or order.wave_at is None:
        return False
    return order.wave_at <= soon and (order.ready_at or soon) <= soon


def _products(orders: Iterable[Order]) -> tuple[str, ...]:
    return tuple(sorted({line.product for order in orders for line in order.lines}))


def openings(reading: Reading, orders: Iterable[Order]) -> dict[str, datetime]:
    """When the promised window of each order opens."""
    promises = reading.find(Promise, order=tuple(order.id for order in orders))
    return {promise.order: promise.window.earliest for promise in promises}


def back_at(locked: Iterable[Route], means: Means) -> dict[str, datetime]:
    """When the van of each of these routes is back and could be loaded again."""
    back: dict[str, datetime] = {}
    loading = timedelta(seconds=means.policy.promising.loading)
    for one in locked:
        ready = one.returns_at + loading
        back[one.vehicle] = max(back.get(one.vehicle, ready), ready)
    return back


def routing_problem(means: Means, facts: Facts, now: datetime) -> ask.RoutingProblem:
    """The question in the routing library's words; second 0 is now."""
    nodes = tuple(facts.nodes.values())
    places = [Place(lat=node.lat, lon=node.lon) for node in nodes]
    places += [Place(lat=order.lat, lon=order.lon) for order in facts.orders]
    zone = facts.market.zone
    midnight = local_instant(zone, local_day(zone, now), 0)
    return ask.RoutingProblem(
        stops=tuple(
            _asked_stop(means, facts, order, len(nodes) + n, now)
            for n, order in enumerate(facts.orders)
        ),
        depots=tuple(ask.Depot(name=node.id, place=n) for n, node in enumerate(nodes)),
        vehicles=tuple(_asked_vans(means, facts, nodes, now)),
        travel=_travel(means, facts, tuple(places)),
        origin=now,
        midnight=_second(midnight, now),
    )


def _travel(means: Means, facts: Facts, places: tuple[Place, ...]) -> Travel:
    """By the road engine, or by great circles with what the market's drives have taught."""
    if means.roads is None:
        return facts.roads.table(places)
    try:
        return means.roads.table(places)
    except NoTravelTimes as fault:
        known = facts.roads.table(places)
        return replace(known, source=f"{known.source} ({fault.source}: {fault.fault})")


def _second(at: datetime, origin: datetime) -> Seconds:
    return round((at - origin).total_seconds())


def _asked_stop(means: Means, facts: Facts, order: Order, place: int, now: datetime) -> ask.Stop:
    """The order as a stop. What lateness it has already is nobody's choice any more: it counts from
    now on, and leaving the order out costs more than bringing it at the last moment.
    """
    promising = means.policy.promising
    hourly = LATE_PER_HOUR if order.due_at > now else BROKEN_PER_HOUR
    late_per_hour = round(hourly * means.policy.prices.broken_promise)
    mark = order.due_at - timedelta(seconds=slack(facts.roads, promising))
    windows, due = tuple(_windows(facts, order, now)), _second(max(mark, now), now)
    latest = max([window.closes for window in windows], default=due)
    ready = max(now, order.ready_at or now) + timedelta(seconds=promising.loading)
    weight = sum(facts.products[x.product].weight_grams * x.units for x in order.lines)
    volume = sum(facts.products[x.product].volume_cm3 * x.units for x in order.lines)
    margin = sum(facts.products[x.product].margin * x.units for x in order.lines)
    return ask.Stop(
        name=order.id,
        place=place,
        price=LEFT_OUT + max(0, margin) + late_per_hour * max(0, latest - due) // HOUR,
        service=promising.service_at_stop,
        release=_second(ready, now),
        windows=windows,
        due=due,
        late_per_hour=late_per_hour,
        load=ask.Load(weight=weight, volume=volume, parcels=1),
        units=(ask.Unit(at=order.node or ""),),
    )


def slack(roads: GreatCircle, promising: Promising) -> Seconds:
    """How long before the promised edge a stop is aimed for.

    Plans count median drives; a plan that spends all of the window on a shorter tour breaks its
    last promises on every slow day. So much is what the drives up to the middle of a usual route
    take longer at P90.
    """
    before = promising.ideal_drive + promising.between_drops * promising.drops_per_route // 2
    return round((roads.p90_factor - 1.0) * before)


def _windows(facts: Facts, order: Order, now: datetime) -> Iterator[ask.Window]:
    """The delivery hours from now on, the first not before the promised window opens."""
    market = facts.market
    hours = (market.deliver_from_hour, market.deliver_until_hour)
    opening = facts.earliest.get(order.id, now)
    for start, end in spans(market.zone, hours, now, days=2):
        opens = max(start, opening) if opening < end else start
        if opens < end and (opening < end or start > opening):
            yield ask.Window(opens=_second(opens, now), closes=_second(end, now))


def _asked_vans(
    means: Means, facts: Facts, nodes: tuple[Node, ...], now: datetime
) -> Iterator[ask.Vehicle]:
    """Every van that can still set out, each at the node that lacks vans the most."""
    first = now + timedelta(seconds=means.policy.tendering.respond_within)
    lacking = Counter(order.node for order in facts.orders)
    place = {node.id: n for n, node in enumerate(nodes)}
    for van in sorted(facts.vans, key=lambda van: _turn(facts, van, now)):
        shift = _shift(facts, van, max(first, facts.free_from.get(van.id, first)))
        if shift is None:
            continue
        depot = max(place, key=lambda name: (lacking[name], name))
        lacking[depot] -= means.policy.promising.drops_per_route
        carrier = facts.carriers[van.carrier]
        yield ask.Vehicle(
            name=van.id,
            start=place[depot],
            end=place[depot],
            depot=depot,
            shift=ask.Window(opens=_second(shift[0], now), closes=_second(shift[1], now)),
            capacity=ask.Load(weight=van.weight_grams, volume=van.volume_cm3, parcels=van.parcels),
            carrier=van.carrier,
            reloads=tuple(place),
            trips=TRIPS,
            turnaround=means.policy.promising.loading,
            max_duration=van.longest_drive,
            fixed=carrier.per_route + VAN_AWAY,
            per_km=carrier.per_km,
        )


def _turn(facts: Facts, van: Vehicle, now: datetime) -> tuple[datetime, int, str]:
    return facts.free_from.get(van.id, now), facts.carriers[van.carrier].rank, van.id


def _shift(facts: Facts, van: Vehicle, first: datetime) -> tuple[datetime, datetime] | None:
    """The rest of the shift that `first` falls into, or the next one within half a day."""
    hours = (van.shift_from_hour, van.shift_until_hour)
    for start, end in spans(facts.market.zone, hours, first):
        opens = max(first, start)
        return (opens, end) if opens < first + timedelta(hours=12) else None
    return None


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
    inputs, result = text_of(problem), text_of(answer)
    return DecisionRecord(
        id=means.ids.new("dec", now),
        kind="routing",
        at=now,
        parents=(*(order.id for order in facts.orders), *sorted(facts.nodes)),
        inputs=inputs,
        inputs_hash=fingerprint(inputs),
        result=result,
        result_hash=fingerprint(result),
        code_version=CODE_VERSION,
        model_version=problem.travel.source,
    )
