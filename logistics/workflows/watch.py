"""What the clock sees that nobody reports: offers run out, vans fall silent, windows pass.

Each look is small and done again every minute; done twice it changes nothing twice. Parcels of
the permanent network are handed over at the daily cut-off and, as that network tells of failures
only, count as delivered at the end of the next delivery day.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from logistics.catalogue import Market
from logistics.clocks import local_day, local_instant
from logistics.dispatch import Route, RouteState, Stop
from logistics.exceptions import CaseKind
from logistics.ledger import EntryKind
from logistics.network import Node
from logistics.orders import ORDER, Order, OrderState, OrderStep, ServiceLevel
from logistics.promise.board import TO_LEAVE
from logistics.promise.offers import QUOTE, Promise, PromiseState, Quote, QuoteState, QuoteStep
from logistics.ranges import Range
from logistics.store import Deed, Reading
from logistics.workflows.cases import open_case
from logistics.workflows.deliver import move_stop
from logistics.workflows.due import LOCKED
from logistics.workflows.keeping import break_promise, close_promise
from logistics.workflows.means import Means
from logistics.workflows.moves import book, move
from logistics.workflows.parcels import take
from logistics.workflows.returning import complete
from logistics.workflows.stops import OPEN_STOP, project

HOPING = (PromiseState.ON_TRACK, PromiseState.AT_RISK)
AT_ONCE = 500
"""Quotes that are closed in one deed."""
STEP = timedelta(minutes=5)
"""A silent van's arrivals are moved on in such steps."""
WAITS = timedelta(minutes=15)
"""An order without a route is late once its departure is so long past."""


def watch(means: Means, *, now: datetime) -> None:
    """Look at everything that time alone changes."""
    _expire_quotes(means, now)
    _silent_vans(means, now)
    _vans_not_back(means, now)
    _hand_over_parcels(means, now)
    _parcels_arrived(means, now)
    _windows(means, now)


def _expire_quotes(means: Means, now: datetime) -> None:
    with means.store.read() as reading:
        over = reading.find(Quote, state=QuoteState.OPEN, expires_at=Range(below=now))
    for start in range(0, len(over), AT_ONCE):
        with means.store.begin() as deed:
            for one in over[start : start + AT_ONCE]:
                quote = deed.lock(Quote, one.id)
                if quote.state is QuoteState.OPEN:
                    step = QuoteStep.EXPIRE
                    move(deed, means.ids, QUOTE, quote, step, now=now, cause="clock")


def _silent_vans(means: Means, now: datetime) -> None:
    """A van that says nothing: a case for a person, and its arrivals move on with the clock."""
    silence = timedelta(seconds=means.policy.tendering.silent_after)
    with means.store.read() as reading:
        moving = reading.find(Route, state=(RouteState.IN_PROGRESS, RouteState.ACCEPTED))
        silent = [r for r in moving if (r.last_heard_at or r.departs_at) + silence < now]
        silent = [r for r in silent if r.departs_at + silence < now]
    for route in silent:
        with means.store.begin() as deed:
            _fallen_silent(deed, means, deed.lock(Route, route.id), now)


def _fallen_silent(deed: Deed, means: Means, route: Route, now: datetime) -> None:
    heard = route.last_heard_at or route.departs_at
    minutes = round((now - heard).total_seconds() / 60)
    stops = deed.find(Stop, route=route.id, state=OPEN_STOP)
    open_case(
        deed,
        means.ids,
        CaseKind.NO_HEARTBEAT,
        market=route.market,
        subject=route.id,
        detail=f"{route.carrier} silent for {minutes} min with {len(stops)} stops to go",
        money=len(stops) * means.policy.prices.broken_promise,
        cause="clock",
        now=now,
    )
    earliest = datetime.fromtimestamp(-(-now.timestamp() // 300) * 300, UTC) + STEP
    for stop in stops:
        if stop.projected_at < earliest:
            move_stop(deed, means, route, stop, earliest, "carrier_silent", "clock", now)


def _vans_not_back(means: Means, now: datetime) -> None:
    """A route whose stops are all closed and whose van is long overdue is over."""
    grace = timedelta(seconds=means.policy.tendering.silent_after)
    with means.store.read() as reading:
        moving = reading.find(Route, state=RouteState.IN_PROGRESS)
        over = [
            route
            for route in moving
            if max(route.returns_at, route.last_heard_at or route.returns_at) + grace < now
            and not reading.count(Stop, route=route.id, state=OPEN_STOP)
        ]
    for route in over:
        with means.store.begin() as deed:
            complete(deed, means, deed.lock(Route, route.id), now, cause="clock", now=now)


def _hand_over_parcels(means: Means, now: datetime) -> None:
    """Parcels go with the first daily cut-off after they were packed."""
    minute = means.policy.promising.next_morning_cut_off_hour * 60
    with means.store.read() as reading:
        zones = {market.id: market.zone for market in reading.find(Market)}
        cut_offs = {
            id: local_instant(zone, _last_day(zone, now, minute), minute)
            for id, zone in zones.items()
        }
        last = max(cut_offs.values(), default=now)
        packed = reading.find(Order, state=OrderState.PACKED)
        due = [
            order
            for order in packed
            if (ready := order.ready_at or order.accepted_at) <= last
            and order.service_level is ServiceLevel.STANDARD
            and ready <= cut_offs[reading.get(Node, order.node or "").market]
        ]
    if due:
        with means.store.begin() as deed:
            for order in due:
                _hand_over(deed, means, deed.lock(Order, order.id), now)


def _last_day(zone: str, now: datetime, minute: int) -> date:
    """The last day on which the local clock has shown that minute."""
    day = local_day(zone, now)
    return day if local_instant(zone, day, minute) <= now else day - timedelta(days=1)


def _hand_over(deed: Deed, means: Means, order: Order, now: datetime) -> None:
    if order.state is not OrderState.PACKED:
        return
    take(deed, means.ids, order, now=now)
    move(
        deed,
        means.ids,
        ORDER,
        order,
        OrderStep.LOAD,
        now=now,
        cause="clock",
        audience=(order.client,),
        updated_at=now,
    )
    book(
        deed,
        means.ids,
        EntryKind.PARCEL,
        -means.policy.prices.parcel_next_day,
        market=order.market,
        node=order.node,
        cause=order.id,
        now=now,
    )


def _parcels_arrived(means: Means, now: datetime) -> None:
    """Parcels arrive by the end of the delivery day after the hand-over."""
    with means.store.read() as reading:
        markets = {market.id: market for market in reading.find(Market)}
        over = {id: _handed_over_before(market, now) for id, market in markets.items()}
        last = max(over.values(), default=now)
        due = [
            order
            for order in reading.find(Order, state=OrderState.OUT_FOR_DELIVERY)
            if order.service_level is ServiceLevel.STANDARD
            and order.updated_at < last
            and order.updated_at < over[order.market]
        ]
    if due:
        with means.store.begin() as deed:
            for order in due:
                at = _delivery(markets[order.market], order)
                _arrived(deed, means, deed.lock(Order, order.id), at, now)


def _handed_over_before(market: Market, now: datetime) -> datetime:
    """What was handed over before then has had its delivery day."""
    last = _last_day(market.zone, now, market.deliver_until_hour * 60)
    return local_instant(market.zone, last, 0)


def _delivery(market: Market, order: Order) -> datetime:
    """The end of the delivery day after the hand-over."""
    day = local_day(market.zone, order.updated_at) + timedelta(days=1)
    return local_instant(market.zone, day, market.deliver_until_hour * 60)


def _arrived(deed: Deed, means: Means, order: Order, at: datetime, now: datetime) -> None:
    if order.state is not OrderState.OUT_FOR_DELIVERY:
        return
    delivered = move(
        deed,
        means.ids,
        ORDER,
        order,
        OrderStep.DELIVER,
        now=now,
        cause="clock",
        audience=(order.client,),
        time=at,
        data={"basis": "no_word_of_failure"},
        delivered_at=at,
        updated_at=now,
    )
    close_promise(deed, means, delivered, at, cause="clock", now=now)


def _windows(means: Means, now: datetime) -> None:
    """Windows that passed are broken; departures that were missed put their promises in doubt."""
    with means.store.read() as reading:
        passed = [
            promise
            for promise in reading.find(Promise, state=HOPING)
            if promise.service_level is not ServiceLevel.STANDARD
            and promise.window.latest < now
            and not _may_have_come(reading, promise, means, now)
        ]
        gone = {promise.id for promise in passed}
        waiting = _waiting(
            reading.find(Order, state=TO_LEAVE),
            {route.id for route in reading.find(Route, state=LOCKED)},
            now,
        )
    missed = [order for order in waiting if order.promise not in gone]
    if not passed and not missed:
        return
    with means.store.begin() as deed:
        for promise in passed:
            break_promise(deed, means, deed.get(Order, promise.order), cause="clock", now=now)
        for order in missed:
            _doubt(deed, means, order, now)


def _may_have_come(reading: Reading, promise: Promise, means: Means, now: datetime) -> bool:
    """Whether the parcel is on the road and word of its arrival in time may still be under way."""
    word = timedelta(seconds=means.policy.promising.word_within)
    out = reading.get(Order, promise.order).state is OrderState.OUT_FOR_DELIVERY
    return out and now <= promise.window.latest + word


def _waiting(orders: Iterable[Order], live: set[str], now: datetime) -> list[Order]:
    """Orders whose departure is past and that no route has."""
    return [
        order
        for order in orders
        if order.wave_at is not None and order.wave_at + WAITS < now and order.route not in live
    ]


def _doubt(deed: Deed, means: Means, order: Order, now: datetime) -> None:
    promise = deed.lock(Promise, order.promise or "")
    if order.wave_at is None:
        return
    middle = promise.window.earliest + (promise.window.latest - promise.window.earliest) / 2
    late = (now - order.wave_at) // STEP * STEP
    parties = (order.client,)
    project(
        deed,
        means,
        promise,
        middle + late,
        "waiting_for_a_van",
        audience=parties,
        cause="clock",
        now=now,
    )
