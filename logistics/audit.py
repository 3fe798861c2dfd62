"""Whether everything remembered adds up: stock, orders, money, promises and the feed, to the unit.

Each rule looks at one thing and says in a sentence what does not agree. All of them hold after
every deed, so a test asks after each step of a made-up day, and an operator may ask at any time.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

from logistics.catalogue import Product
from logistics.dispatch import Outcome, Route, RouteState, Stop, StopState, Tender, TenderState
from logistics.events import Event
from logistics.inventory import Movement, Reservation, ReservationState, Stock, stock_id
from logistics.ledger import Entry, EntryKind
from logistics.orders import Order, OrderState, ServiceLevel
from logistics.promise.offers import Promise, PromiseState, Quote, QuoteState
from logistics.store import Reading

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


def every_order_has_its_units(reading: Reading) -> Iterator[str]:
    """An order's lines are held, taken or released as its state asks."""
    of = defaultdict(list)
    for one in reading.find(Reservation):
        of[one.order].append(one)
    for order in reading.find(Order):
        wanted = Counter({line.product: line.units for line in order.lines})
        allowed = HOLDS.get(order.state, set())
        for state in (ReservationState.HELD, ReservationState.TAKEN):
            found = Counter[str]()
            for one in of[order.id]:
                if one.state is state:
                    found[one.product] += one.units
            if found and (state not in allowed or found != wanted):
                yield f"{order.id} is {order.state} and has {dict(found)} {state}"
            if not found and allowed == {state}:
                yield f"{order.id} is {order.state} and has no units {state}"


def goods_away_were_booked_out(reading: Reading) -> Iterator[str]:
    """What an order took and has not brought back is what its journal says went out."""
    out: Counter[str] = Counter()
    for movement in reading.find(Movement):
        if movement.reason.value in {"sold", "brought_back"}:
            out[movement.cause] -= movement.units
    for order in reading.find(Order):
        gone = order.state in {OrderState.OUT_FOR_DELIVERY, OrderState.DELIVERED}
        units = order.units if gone else 0
        unsure = order.state in {OrderState.RETURNED, OrderState.FAILED}
        if not unsure and out[order.id] != units:
            yield f"{order.id} is {order.state} with {out[order.id]} of {units} units away"
        if unsure and out[order.id] not in {0, order.units}:
            yield f"{order.id} is {order.state} with {out[order.id]} units away"


def every_promise_fits_its_order(reading: Reading) -> Iterator[str]:
    """One promise for each order, in a state that its order allows."""
    promises = {promise.id: promise for promise in reading.find(Promise)}
    for order in reading.find(Order):
        promise = promises.pop(order.promise or "", None)
        if promise is None or promise.order != order.id:
            yield f"{order.id} has no promise of its own"
        elif promise.state not in FATE.get(order.state, set()):
            yield f"{order.id} is {order.state} and its promise is {promise.state}"
        elif promise.state is PromiseState.KEPT and _late(promise):
            yield f"{promise.id} is kept, {promise.actual_at} after {promise.window.latest}"
    for id in promises:
        yield f"promise {id} belongs to no order"


def _late(promise: Promise) -> bool:
    return promise.actual_at is None or promise.actual_at > promise.window.latest


def every_cent_has_its_order(reading: Reading) -> Iterator[str]:
    """Income is there once for what is sold, nothing for what is not; costs once for what was done."""
    margins = {product.id: product.margin for product in reading.find(Product)}
    booked: Counter[tuple[str, EntryKind]] = Counter()
    for entry in reading.find(Entry):
        booked[entry.cause, entry.kind] += entry.amount
    broken = {p.order for p in reading.find(Promise, state=PromiseState.BROKEN)}
    for order in reading.find(Order):
        income = order.price + sum(margins[line.product] * line.units for line in order.lines)
        due = 0 if order.state in NOT_SOLD else income
        got = sum(booked[order.id, kind] for kind in INCOME)
        if got != due:
            yield f"{order.id} is {order.state} with an income of {got}, not {due}"
        if (booked[order.id, EntryKind.BROKEN_PROMISE] < 0) is not (order.id in broken):
            yield f"{order.id} has {booked[order.id, EntryKind.BROKEN_PROMISE]} of goodwill"
        if order.state not in BEFORE_PACKING and not booked[order.id, EntryKind.HANDLING]:
            yield f"{order.id} is {order.state} and nobody is paid for packing it"
        away = order.state in {OrderState.OUT_FOR_DELIVERY, OrderState.DELIVERED}
        parcel = order.service_level is ServiceLevel.STANDARD and away
        if (booked[order.id, EntryKind.PARCEL] < 0) is not parcel:
            yield f"{order.id} has {booked[order.id, EntryKind.PARCEL]} of parcel fees"
    for route in reading.find(Route):
        owed = -route.cost if route.state is RouteState.COMPLETED else 0
        if booked[route.id, EntryKind.LAST_MILE] != owed:
            paid = booked[route.id, EntryKind.LAST_MILE]
            yield f"{route.id} is {route.state} and {paid} are booked for it, not {owed}"


def every_accepted_quote_is_one_order(reading: Reading) -> Iterator[str]:
    """A quote is accepted by exactly one order."""
    orders = Counter(order.quote for order in reading.find(Order) if order.quote)
    accepted = {quote.id for quote in reading.find(Quote, state=QuoteState.ACCEPTED)}
    for id in sorted(accepted | orders.keys()):
        if (orders[id] == 1) is not (id in accepted):
            yield f"quote {id} has {orders[id]} orders"


def every_parcel_is_on_one_van(reading: Reading) -> Iterator[str]:
    """An order has at most one open stop among routes that are out or on offer."""
    live = {
        route.id
        for route in reading.find(
            Route, state=(RouteState.TENDERED, RouteState.ACCEPTED, RouteState.IN_PROGRESS)
        )
    }
    stops = [s for s in reading.find(Stop) if s.state is not StopState.CLOSED and s.route in live]
    for id, count in Counter(stop.order for stop in stops).items():
        if count > 1:
            yield f"{id} is on {count} routes at once"
    delivered = Counter(s.order for s in reading.find(Stop) if s.outcome is Outcome.SUCCEEDED)
    for order in reading.find(Order):
        rode = order.service_level is not ServiceLevel.STANDARD
        if rode and (delivered[order.id] == 1) is not (order.state is OrderState.DELIVERED):
            yield f"{order.id} is {order.state} with {delivered[order.id]} deliveries"


def a_route_has_one_open_tender(reading: Reading) -> Iterator[str]:
    """A tendered route has one open offer; an accepted one has its carrier."""
    offered = Counter(t.route for t in reading.find(Tender, state=TenderState.OFFERED))
    for route in reading.find(Route):
        if offered[route.id] != (route.state is RouteState.TENDERED):
            yield f"{route.id} is {route.state} with {offered[route.id]} open offers"
        if route.state in {RouteState.ACCEPTED, RouteState.IN_PROGRESS} and route.carrier is None:
            yield f"{route.id} is {route.state} without a carrier"


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
    every_order_has_its_units,
    goods_away_were_booked_out,
    every_promise_fits_its_order,
    every_cent_has_its_order,
    every_accepted_quote_is_one_order,
    every_parcel_is_on_one_van,
    a_route_has_one_open_tender,
    the_feed_has_no_gaps,
)


def discrepancies(reading: Reading) -> tuple[str, ...]:
    """Everything that does not add up, each a sentence; nothing where all is well."""
    return tuple(wrong for rule in RULES for wrong in rule(reading))
