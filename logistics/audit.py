"""Whether everything remembered adds up: stock, orders, money, promises and the feed, to the unit.

Each rule looks at one thing and says in a sentence what does not agree. All of them hold after
every deed, so a test asks after each step of a made-up day, and an operator may ask at any time.
The rules of orders, routes and truck loads look at those in a `Scope` alone, so that whoever knows
what was touched need not look at everything again.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from logistics.catalogue import Product
from logistics.dispatch import Outcome, Route, RouteState, Stop, StopState, Tender, TenderState
from logistics.events import Event
from logistics.inventory import (
    Movement,
    MovementReason,
    Replenishment,
    Reservation,
    ReservationState,
    Stock,
    stock_id,
)
from logistics.ledger import Entry, EntryKind
from logistics.orders import Order, OrderState, ServiceLevel
from logistics.promise.offers import Promise, PromiseState, Quote, QuoteState
from logistics.store import Reading

SIX_HOURS = timedelta(hours=6)
NOT_SOLD = (OrderState.CANCELLED, OrderState.RETURNED, OrderState.FAILED)
INCOME = (EntryKind.MARGIN, EntryKind.DELIVERY_FEE)
BEFORE_PACKING = (
    OrderState.RECEIVED,
    OrderState.PROMISED,
    OrderState.ALLOCATED,
    OrderState.PICKED,
    OrderState.CANCELLED,
)
HOLDS = {
    OrderState.PROMISED: {ReservationState.HELD},
    OrderState.ALLOCATED: {ReservationState.HELD},
    OrderState.PICKED: {ReservationState.HELD},
    OrderState.PACKED: {ReservationState.HELD},
    OrderState.OUT_FOR_DELIVERY: {ReservationState.TAKEN},
    OrderState.DELIVERED: {ReservationState.TAKEN},
    OrderState.CANCELLED: {ReservationState.RELEASED},
    OrderState.RETURNED: {ReservationState.TAKEN, ReservationState.RELEASED},
    OrderState.FAILED: {ReservationState.TAKEN, ReservationState.RELEASED},
}
"""How an order's units may stand in each of its states, beside those released at a former node."""
FATE = {
    OrderState.PROMISED: {PromiseState.ON_TRACK, PromiseState.AT_RISK, PromiseState.BROKEN},
    OrderState.ALLOCATED: {PromiseState.ON_TRACK, PromiseState.AT_RISK, PromiseState.BROKEN},
    OrderState.PICKED: {PromiseState.ON_TRACK, PromiseState.AT_RISK, PromiseState.BROKEN},
    OrderState.PACKED: {PromiseState.ON_TRACK, PromiseState.AT_RISK, PromiseState.BROKEN},
    OrderState.OUT_FOR_DELIVERY: {
        PromiseState.ON_TRACK,
        PromiseState.AT_RISK,
        PromiseState.BROKEN,
    },
    OrderState.DELIVERED: {PromiseState.KEPT, PromiseState.BROKEN},
    OrderState.CANCELLED: {PromiseState.RELEASED, PromiseState.BROKEN},
    OrderState.RETURNED: {PromiseState.RELEASED, PromiseState.KEPT, PromiseState.BROKEN},
    OrderState.FAILED: {PromiseState.BROKEN},
}


LIVE = (RouteState.TENDERED, RouteState.ACCEPTED, RouteState.IN_PROGRESS)
"""Routes that are on offer or out."""
DRIVEN = (RouteState.ACCEPTED, RouteState.IN_PROGRESS)
"""Routes that a carrier took and has not ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The things that are looked at."""

    orders: tuple[Order, ...]
    routes: tuple[Route, ...]
    loads: tuple[Replenishment, ...]


def stock_agrees_with_its_journal(reading: Reading) -> Iterator[str]:
    """On hand is the sum of all movements, and no row lacks."""
    moved: Counter[str] = Counter()
    for movement in reading.find(Movement):
        moved[stock_id(movement.node, movement.product)] += movement.units
    stocks = {stock.id: stock for stock in reading.find(Stock)}
    for id in sorted(moved.keys() | stocks.keys()):
        on_hand = stocks[id].on_hand if id in stocks else 0
        if on_hand != moved[id]:
            yield f"{id} has {on_hand} on hand and {moved[id]} in its journal"


def what_is_reserved_is_spoken_for(reading: Reading) -> Iterator[str]:
    """Reserved is the sum of the reservations that are held."""
    held: Counter[str] = Counter()
    for one in reading.find(Reservation, state=ReservationState.HELD):
        held[stock_id(one.node, one.product)] += one.units
    for stock in reading.find(Stock):
        if stock.reserved != held[stock.id]:
            yield f"{stock.id} has {stock.reserved} reserved and {held[stock.id]} spoken for"


def every_order_has_its_units(reading: Reading, scope: Scope) -> Iterator[str]:
    """An order's lines are held, taken or released as its state asks."""
    for order in scope.orders:
        wanted = {line.product: line.units for line in order.lines}
        allowed = HOLDS.get(order.state, set())
        known = reading.find(Reservation, order=order.id)
        for state in (ReservationState.HELD, ReservationState.TAKEN):
            found: dict[str, int] = {}
            for one in known:
                if one.state is state:
                    found[one.product] = found.get(one.product, 0) + one.units
            if found and (state not in allowed or found != wanted):
                yield f"{order.id} is {order.state} and has {found} {state}"
            if not found and allowed == {state}:
                yield f"{order.id} is {order.state} and has no units {state}"


def goods_away_were_booked_out(reading: Reading, scope: Scope) -> Iterator[str]:
    """What an order took and has not brought back is what its journal says went out."""
    for order in scope.orders:
        out = -sum(
            movement.units
            for movement in reading.find(Movement, cause=order.id)
            if movement.reason in {MovementReason.SOLD, MovementReason.BROUGHT_BACK}
        )
        gone = order.state in {OrderState.OUT_FOR_DELIVERY, OrderState.DELIVERED}
        units = order.units if gone else 0
        unsure = order.state in {OrderState.RETURNED, OrderState.FAILED}
        if not unsure and out != units:
            yield f"{order.id} is {order.state} with {out} of {units} units away"
        if unsure and out not in {0, order.units}:
            yield f"{order.id} is {order.state} with {out} units away"


def every_promise_fits_its_order(reading: Reading, scope: Scope) -> Iterator[str]:
    """One promise for each order, in a state that its order allows."""
    for order in scope.orders:
        promise = reading.maybe(Promise, order.promise or "")
        if promise is None or promise.order != order.id:
            yield f"{order.id} has no promise of its own"
        elif promise.state not in FATE.get(order.state, set()):
            yield f"{order.id} is {order.state} and its promise is {promise.state}"
        elif promise.state is PromiseState.KEPT and _late(promise):
            yield f"{promise.id} is kept, {promise.actual_at} after {promise.window.latest}"


def every_promise_has_its_order(reading: Reading) -> Iterator[str]:
    """No promise stands alone."""
    promised = {order.promise for order in reading.find(Order)}
    for promise in reading.find(Promise):
        if promise.id not in promised:
            yield f"promise {promise.id} belongs to no order"


def _late(promise: Promise) -> bool:
    return promise.actual_at is None or promise.actual_at > promise.window.latest


def no_promise_outside_eligibility(reading: Reading, scope: Scope) -> Iterator[str]:
    """Six hours are promised only to an order that could be kept, and end six hours after it."""
    for order in scope.orders:
        promise = reading.maybe(Promise, order.promise or "")
        if promise is None or promise.service_level is not ServiceLevel.SIX_HOUR:
            continue
        if not order.eligible:
            yield f"{order.id} was promised six hours and is not eligible"
        if promise.window.latest > order.accepted_at + SIX_HOURS:
            yield f"{promise.id} of {order.accepted_at} ends at {promise.window.latest}"


def every_cent_has_its_order(reading: Reading, scope: Scope) -> Iterator[str]:
    """Income is there once for what is sold, nothing for what is not; costs once for what was done."""
    for order in scope.orders:
        booked: Counter[EntryKind] = Counter()
        for entry in reading.find(Entry, cause=order.id):
            booked[entry.kind] += entry.amount
        margin = sum(reading.get(Product, line.product).margin * line.units for line in order.lines)
        due = 0 if order.state in NOT_SOLD else order.price + margin
        got = sum(booked[kind] for kind in INCOME)
        if got != due:
            yield f"{order.id} is {order.state} with an income of {got}, not {due}"
        promise = reading.maybe(Promise, order.promise or "")
        broken = promise is not None and promise.state is PromiseState.BROKEN
        if (booked[EntryKind.BROKEN_PROMISE] < 0) is not broken:
            yield f"{order.id} has {booked[EntryKind.BROKEN_PROMISE]} of goodwill"
        if order.state not in BEFORE_PACKING and not booked[EntryKind.HANDLING]:
            yield f"{order.id} is {order.state} and nobody is paid for packing it"
        away = order.state in {OrderState.OUT_FOR_DELIVERY, OrderState.DELIVERED}
        parcel = order.service_level is ServiceLevel.STANDARD and away
        if (booked[EntryKind.PARCEL] < 0) is not parcel:
            yield f"{order.id} has {booked[EntryKind.PARCEL]} of parcel fees"


def every_route_is_paid_once(reading: Reading, scope: Scope) -> Iterator[str]:
    """A completed route is paid what it costs, any other nothing."""
    for route in scope.routes:
        entries = reading.find(Entry, cause=route.id)
        paid = sum(one.amount for one in entries if one.kind is EntryKind.LAST_MILE)
        owed = -route.cost if route.state is RouteState.COMPLETED else 0
        if paid != owed:
            yield f"{route.id} is {route.state} and {paid} are booked for it, not {owed}"


def every_accepted_quote_is_one_order(reading: Reading) -> Iterator[str]:
    """A quote is accepted by exactly one order."""
    orders = Counter(order.quote for order in reading.find(Order) if order.quote)
    accepted = {quote.id for quote in reading.find(Quote, state=QuoteState.ACCEPTED)}
    for id in sorted(accepted | orders.keys()):
        if (orders[id] == 1) is not (id in accepted):
            yield f"quote {id} has {orders[id]} orders"


def every_parcel_is_on_one_van(reading: Reading, scope: Scope) -> Iterator[str]:
    """An order has at most one open stop among routes that are out or on offer."""
    for order in scope.orders:
        stops = reading.find(Stop, order=order.id)
        routes = [
            stop.route
            for stop in stops
            if stop.state is not StopState.CLOSED and reading.get(Route, stop.route).state in LIVE
        ]
        if len(routes) > 1:
            yield f"{order.id} is on {len(routes)} routes at once"
        delivered = sum(stop.outcome is Outcome.SUCCEEDED for stop in stops)
        rode = order.service_level is not ServiceLevel.STANDARD
        if rode and (delivered == 1) is not (order.state is OrderState.DELIVERED):
            yield f"{order.id} is {order.state} with {delivered} deliveries"


def a_route_has_one_open_tender(reading: Reading, scope: Scope) -> Iterator[str]:
    """A tendered route has one open offer; an accepted one has its carrier."""
    for route in scope.routes:
        offered = reading.count(Tender, route=route.id, state=TenderState.OFFERED)
        if offered != (route.state is RouteState.TENDERED):
            yield f"{route.id} is {route.state} with {offered} open offers"
        if route.state in {RouteState.ACCEPTED, RouteState.IN_PROGRESS} and route.carrier is None:
            yield f"{route.id} is {route.state} without a carrier"


def a_van_drives_one_route_at_a_time(reading: Reading, scope: Scope) -> Iterator[str]:
    """Of the routes that carriers took, no two want one van at the same time."""
    for route in scope.routes:
        if route.state not in DRIVEN:
            continue
        for other in reading.find(Route, vehicle=route.vehicle, state=DRIVEN):
            meet = route.departs_at < other.returns_at and other.departs_at < route.returns_at
            if meet and other.id != route.id:
                yield f"{route.vehicle} drives {route.id} and {other.id} at the same time"


def no_route_serves_goods_that_are_not_there(reading: Reading, scope: Scope) -> Iterator[str]:
    """Each open stop of a route that is on offer or out has its units at the route's node."""
    spoken = {ReservationState.HELD, ReservationState.TAKEN}
    for route in scope.routes:
        if route.state not in LIVE:
            continue
        for stop in reading.find(Stop, route=route.id):
            if stop.state is StopState.CLOSED:
                continue
            nodes = {
                one.node
                for one in reading.find(Reservation, order=stop.order)
                if one.state in spoken
            }
            if nodes != {route.node}:
                yield f"{route.id} leaves {route.node} for {stop.order}, whose units are at {nodes}"


def no_load_is_sent_twice(reading: Reading, scope: Scope) -> Iterator[str]:
    """A truck load leaves once, with no more than it says."""
    for load in scope.loads:
        sent = -sum(
            movement.units
            for movement in reading.find(Movement, cause=load.id)
            if movement.reason is MovementReason.SENT
        )
        units = sum(one.units for one in load.loads)
        if sent not in {0, units}:
            yield f"{load.id} of {units} units sent {sent}"


def the_feed_has_no_gaps(reading: Reading) -> Iterator[str]:
    """Positions rise by one over the feed, sequences by one over each subject."""
    sequences: Counter[str] = Counter()
    for place, event in enumerate(reading.find(Event, sort="position"), start=1):
        sequences[event.subject] += 1
        if event.position != place:
            yield f"event {event.id} is at {event.position} and should be at {place}"
        if event.sequence != sequences[event.subject]:
            yield f"event {event.id} is number {event.sequence} of {event.subject}"


RULES: tuple[Callable[[Reading], Iterator[str]], ...] = (
    stock_agrees_with_its_journal,
    what_is_reserved_is_spoken_for,
    every_promise_has_its_order,
    every_accepted_quote_is_one_order,
    the_feed_has_no_gaps,
)
RULES_OF_A_SCOPE: tuple[Callable[[Reading, Scope], Iterator[str]], ...] = (
    every_order_has_its_units,
    goods_away_were_booked_out,
    every_promise_fits_its_order,
    no_promise_outside_eligibility,
    every_cent_has_its_order,
    every_route_is_paid_once,
    every_parcel_is_on_one_van,
    a_route_has_one_open_tender,
    a_van_drives_one_route_at_a_time,
    no_route_serves_goods_that_are_not_there,
    no_load_is_sent_twice,
)


def discrepancies(reading: Reading) -> tuple[str, ...]:
    """Everything that does not add up, each a sentence; nothing where all is well."""
    whole = Scope(
        orders=reading.find(Order), routes=reading.find(Route), loads=reading.find(Replenishment)
    )
    apart = (wrong for rule in RULES for wrong in rule(reading))
    return (*apart, *discrepancies_of(reading, whole))


def discrepancies_of(reading: Reading, scope: Scope) -> tuple[str, ...]:
    """What does not add up about some orders, routes and truck loads."""
    return tuple(wrong for rule in RULES_OF_A_SCOPE for wrong in rule(reading, scope))
