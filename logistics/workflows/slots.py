"""Which window could be offered for one more stop, and what each would cost the vans of today.

The live plan is what has not left yet: the routes that are planned, offered or accepted and set out
late enough to carry one more parcel, and the vans that are or will be free. In each window the
cheapest insertion is looked for, by the exact timetable and without any search, so this may be asked
while a customer waits on the telephone. Nothing is reserved and nothing is written.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from logistics.carriers import Carrier
from logistics.catalogue import Market, Product
from logistics.clocks import spans
from logistics.dispatch import Plan, PlanState, Route, Stop
from logistics.inventory import Stock
from logistics.network import Node, NodeState
from logistics.orders import Line, Order, OrderState, ServiceLevel
from logistics.promise.board import active_vans
from logistics.promise.calibration import Calibration, roads, trust_in
from logistics.store import Reading
from logistics.units import Cents, Seconds
from logistics.workflows.asked import routing_problem
from logistics.workflows.due import LOCKED, Facts, back_at, openings
from logistics.workflows.means import Means
from logistics.workflows.stops import BEFORE_START, OPEN_STOP
from routing import problem as ask
from routing.geography import Place, cell_of
from routing.insertion import Slot, slots
from routing.timetable import Book, planned
from routing.timetable import Order as Trips

NEW = "the stop asked for"
MOST_WINDOWS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotRequest:
    """Where one more stop would be, and with what: goods have a place."""

    market: str
    lat: float
    lon: float
    product: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotOffer:
    """A window with room for the stop: who would bring it, when, and at what extra cost."""

    opens_at: datetime
    closes_at: datetime
    node: str
    vehicle: str
    route: str | None
    """The route that it would join; None for a trip of its own."""
    planned_at: datetime
    cost: Cents


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotOffers:
    """The windows with room, the cheapest first, and the plan that they stand on."""

    market: str
    currency: str
    as_of: datetime
    plan: str | None
    """The latest released plan of the market."""
    slots: tuple[SlotOffer, ...]


def slot_offers(means: Means, asked: SlotRequest, *, now: datetime) -> SlotOffers:
    """What a new stop would cost in each of the coming windows; windows without room are not there.

    Raises Unknown for a market or product that is not there.
    """
    ready = now + timedelta(seconds=means.policy.promising.pick_and_pack)
    with means.store.read() as reading:
        market = reading.get(Market, asked.market)
        nodes = _nodes_with(reading, market, asked.product)
        plans = reading.find(Plan, market=market.id, state=PlanState.PUBLISHED)
        found: tuple[SlotOffer, ...] = ()
        if nodes:
            routes = _still_here(reading, means, market, ready)
            facts = _facts(reading, means, market, nodes, routes, asked, ready)
            trips = _trips(reading, routes)
            found = tuple(_offers(means, facts, tuple(nodes), routes, trips, now))
    newest = max(plans, key=lambda plan: plan.made_at, default=None)
    return SlotOffers(
        market=market.id,
        currency=market.currency,
        as_of=now,
        plan=newest.id if newest else None,
        slots=found,
    )


def _nodes_with(reading: Reading, market: Market, product: str) -> dict[str, Node]:
    """The nodes that ship and have a unit to spare."""
    nodes = {n.id: n for n in reading.find(Node, market=market.id, state=NodeState.LIVE)}
    reading.get(Product, product)
    stocks = reading.find(Stock, node=tuple(nodes), product=product)
    return {stock.node: nodes[stock.node] for stock in stocks if stock.free > 0}


def _still_here(
    reading: Reading, means: Means, market: Market, ready: datetime
) -> tuple[Route, ...]:
    """The routes that leave late enough to take one more parcel along."""
    loaded = ready + timedelta(seconds=means.policy.promising.loading)
    waiting = reading.find(Route, market=market.id, state=BEFORE_START)
    return tuple(sorted((r for r in waiting if r.departs_at >= loaded), key=lambda r: r.departs_at))


def _trips(reading: Reading, routes: tuple[Route, ...]) -> dict[str, Trips]:
    """The trips of the routes by van, in turn."""
    found = reading.find(Stop, route=tuple(r.id for r in routes), state=OPEN_STOP)
    stops = sorted(found, key=lambda stop: stop.position)
    trips: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for route in routes:
        own = tuple(stop.order for stop in stops if stop.route == route.id)
        trips.setdefault(route.vehicle, []).append((route.node, own))
    return {vehicle: tuple(own) for vehicle, own in trips.items()}


def _facts(
    reading: Reading,
    means: Means,
    market: Market,
    nodes: dict[str, Node],
    routes: tuple[Route, ...],
    asked: SlotRequest,
    ready: datetime,
) -> Facts:
    """What the live plan is made of, the order that might come last."""
    stops = reading.find(Stop, route=tuple(r.id for r in routes), state=OPEN_STOP)
    orders = reading.find(Order, id=tuple(sorted({stop.order for stop in stops})))
    here = {route.id for route in routes}
    away = [r for r in reading.find(Route, market=market.id, state=LOCKED) if r.id not in here]
    learnt = reading.maybe(Calibration, market.id)
    for node in sorted({route.node for route in routes} - nodes.keys()):
        nodes = {**nodes, node: reading.get(Node, node)}
    return Facts(
        market=market,
        orders=(*orders, _might_come(means, asked, next(iter(nodes)), ready)),
        nodes=nodes,
        vans=tuple(active_vans(reading, market=market.id)),
        free_from=back_at(away, means),
        carriers={carrier.id: carrier for carrier in reading.find(Carrier)},
        products={product.id: product for product in reading.find(Product)},
        roads=roads(learnt, means.policy.promising.p90_travel_factor),
        earliest=openings(reading, orders),
        promising=means.policy.promising,
        trust=trust_in(learnt, means.policy),
    )


def _might_come(means: Means, asked: SlotRequest, node: str, ready: datetime) -> Order:
    place = Place(lat=asked.lat, lon=asked.lon)
    return Order(
        id=NEW,
        external_id=NEW,
        client="",
        buyer="",
        market=asked.market,
        cell=cell_of(place, means.policy.planning_resolution),
        lat=asked.lat,
        lon=asked.lon,
        lines=(Line(product=asked.product, units=1),),
        state=OrderState.ALLOCATED,
        service_level=ServiceLevel.SIX_HOUR,
        eligible=True,
        accepted_at=ready,
        due_at=ready + timedelta(seconds=means.policy.promising.target),
        updated_at=ready,
        node=node,
        ready_at=ready,
    )


def _offers(
    means: Means,
    facts: Facts,
    stocked: tuple[str, ...],
    routes: tuple[Route, ...],
    trips: dict[str, Trips],
    now: datetime,
) -> Iterator[SlotOffer]:
    problem = routing_problem(means, facts, now)
    *others, new = problem.stops
    homes = {vehicle: own[0][0] for vehicle, own in trips.items()}
    able = tuple(ask.Unit(at=name) for name in stocked)
    book = Book.of(replace(problem, stops=tuple(others), vehicles=tuple(_at_home(problem, homes))))
    plan = planned(book, trips)
    free = replace(new, due=None, late_per_hour=0, units=able)
    joined = {order: route.id for route in routes for order in _orders_of(trips, route)}
    for slot in slots(book, plan, free, _windows(means, facts.market, new.release, now)):
        yield _offer(facts, slot, joined, now)


def _orders_of(trips: dict[str, Trips], route: Route) -> tuple[str, ...]:
    return tuple(s for depot, own in trips[route.vehicle] if depot == route.node for s in own)


def _at_home(problem: ask.RoutingProblem, homes: dict[str, str | None]) -> Iterator[ask.Vehicle]:
    """The vans, those with a route at the node where it is loaded."""
    place = {depot.name: depot.place for depot in problem.depots}
    for vehicle in problem.vehicles:
        home = homes.get(vehicle.name) or vehicle.depot
        spot = place[home or ""]
        yield replace(vehicle, depot=home, start=spot, end=spot, trips=vehicle.trips + 1)


def _windows(means: Means, market: Market, ready: Seconds, now: datetime) -> Iterator[ask.Window]:
    """The coming delivery hours in windows of the length that buyers are offered."""
    length, count = means.policy.promising.window, 0
    hours = (market.deliver_from_hour, market.deliver_until_hour)
    for start, end in spans(market.zone, hours, now, days=2):
        opens, until = (round((at - now).total_seconds()) for at in (start, end))
        while opens < until and count < MOST_WINDOWS:
            closes = min(opens + length, until)
            if closes > ready:
                count += 1
                yield ask.Window(opens=max(opens, 0), closes=closes)
            opens = closes


def _offer(facts: Facts, slot: Slot, joined: dict[str, str], now: datetime) -> SlotOffer:
    van = next(van for van in facts.vans if van.id == slot.vehicle)
    beside = next((joined[order] for order in slot.beside if order in joined), None)
    return SlotOffer(
        opens_at=now + timedelta(seconds=slot.window.opens),
        closes_at=now + timedelta(seconds=slot.window.closes),
        node=slot.depot or "",
        vehicle=slot.vehicle,
        route=beside,
        planned_at=now + timedelta(seconds=slot.start),
        cost=slot.extra + facts.carriers[van.carrier].per_stop,
    )
