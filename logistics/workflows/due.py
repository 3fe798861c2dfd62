"""What the next routes of a market are made from, as it is remembered at one moment.

Due are the packed orders whose departure is near enough that carriers must be asked now, and those
that missed theirs; where orders may wait for company, also those of the next departures, which may
ride along. What was offered to a carrier, accepted or has left is locked: its orders and its van
are not part of the question until the van is back.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from logistics.carriers import Carrier, Vehicle
from logistics.catalogue import Market, Product
from logistics.dispatch import (
    Route,
    RouteState,
    Stop,
)
from logistics.network import Node
from logistics.orders import Order, OrderState, ServiceLevel
from logistics.policy import Promising
from logistics.promise.board import active_vans
from logistics.promise.calibration import Calibration, as_driven, roads, trust_in
from logistics.promise.offers import Promise
from logistics.promise.quote import lead
from logistics.promise.trust import Trust
from logistics.store import Reading
from logistics.units import Seconds
from logistics.workflows.futures import Expected, futures
from logistics.workflows.means import Means
from logistics.workflows.recalls import going_on
from logistics.workflows.stops import OPEN_STOP
from routing.travel import GreatCircle

LOCKED = (RouteState.TENDERED, RouteState.ACCEPTED, RouteState.IN_PROGRESS)
LOADABLE = (OrderState.ALLOCATED, OrderState.PICKED, OrderState.PACKED)


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
    promising: Promising
    """The policy's rules, with routes as the market's vans drive them."""
    trust: Trust
    drawn: tuple[tuple[Expected, ...], ...] = ()
    """Futures: orders that may come; none where nothing is held back."""
    next_look: Seconds | None = None
    """When the vans of the next look leave at the earliest; None where nothing waits for it."""
    standing: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    """Node and orders, by van, of routes of the last plan that nobody took."""


def facts_of(reading: Reading, means: Means, market: Market, now: datetime) -> Facts | None:
    """What the next plan is made from; None where no order needs a van now."""
    policy = means.policy
    soon = now + timedelta(seconds=lead(policy))
    by = soon + timedelta(seconds=policy.holding.ahead if policy.holding.futures else 0)
    waiting = [
        order
        for order in reading.find(Order, market=market.id, state=LOADABLE)
        if _is_due(order, by, soon)
    ]
    if not waiting:
        return None
    locked = reading.find(Route, market=market.id, state=LOCKED)
    on_them = reading.find(Stop, route=tuple(r.id for r in locked), state=OPEN_STOP)
    taken = {stop.order for stop in on_them}
    orders = going_on(reading, (order for order in waiting if order.id not in taken))
    if not orders:
        return None
    learnt = reading.maybe(Calibration, market.id)
    nodes = {id: reading.get(Node, id) for id in sorted({order.node or "" for order in orders})}
    return Facts(
        market=market,
        orders=orders,
        nodes=nodes,
        vans=tuple(active_vans(reading, market=market.id)),
        free_from=back_at(locked, means),
        carriers={carrier.id: carrier for carrier in reading.find(Carrier)},
        products={p.id: p for p in reading.find(Product, id=_products(orders))},
        roads=roads(learnt, policy.promising.p90_travel_factor),
        earliest=openings(reading, orders),
        promising=as_driven(policy, learnt).promising,
        trust=trust_in(learnt, policy),
        drawn=futures(reading, policy, market.id, nodes, now),
        standing=_standing(reading, market.id),
        next_look=policy.rhythm.dispatch + policy.tendering.respond_within
        if policy.holding.futures
        else None,
    )


def _standing(reading: Reading, market: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    """What was planned and nobody took: it stands until the next plan is published."""
    routes = {r.id: r for r in reading.find(Route, market=market, state=RouteState.PLANNED)}
    stops = reading.find(Stop, route=tuple(routes), state=OPEN_STOP)
    return {
        route.vehicle: (
            route.node,
            tuple(
                stop.order
                for stop in sorted(stops, key=lambda stop: stop.position)
                if stop.route == route.id
            ),
        )
        for route in routes.values()
    }


def _is_due(order: Order, by: datetime, soon: datetime) -> bool:
    """A wave near enough, a parcel that is packed soon, and a van of ours to ride on."""
    if order.service_level is ServiceLevel.STANDARD or order.wave_at is None:
        return False
    return order.wave_at <= by and (order.ready_at or soon) <= soon


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
