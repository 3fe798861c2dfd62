"""What a rehearsal was worth: shares, money and errors, each counted from what is remembered.

Nothing here is estimated: shares count visits and deliveries, money sums the ledger, forecast
errors compare each kept forecast with the buyers who came. A visit counts once its six hours are
over. *Cash cost* is without refunds, and with what is owed when the world ends: the rest of shortest
terms, and the way home of goods that lie at temporary nodes or are on their way there, so that
nobody gains by letting a month end. *Penalised cost* is the cash cost plus the price of a broken
promise for every demanded, eligible order that was not delivered within six hours.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil

import numpy as np
from numpy.typing import NDArray

from logistics.demand import Outlook
from logistics.dispatch import Outcome, Route, RouteState, Stop
from logistics.inventory import (
    Movement,
    MovementReason,
    Replenishment,
    ReplenishmentState,
    Stock,
)
from logistics.ledger import Entry, EntryKind
from logistics.network import STANDING, Lease, LeaseState, Node, NodeState
from logistics.orders import Order, OrderState, ServiceLevel
from logistics.policy import SiteType
from logistics.promise.offers import Promise, PromiseState
from logistics.store import Reading
from logistics.twin.shop import Visit
from logistics.twin.truth import Buyer, Truth
from logistics.twin.world import World
from logistics.units import Cents

HOUR = timedelta(hours=1)
SIX_HOURS = timedelta(hours=6)
DAY = timedelta(hours=24)
INCOME = (EntryKind.MARGIN, EntryKind.DELIVERY_FEE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastScore:
    """How 24-hour totals of product and market were met."""

    wape: float
    naive_wape: float
    """The same for "the next day will be as the last"."""
    coverage80: float
    compared: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """One way of deciding, in figures."""

    demanded: int
    eligible: int
    orders: int
    six_hours: int
    six_hours_eligible: int
    offered_share: float
    six_hour_share: float
    """Of the eligible demanded orders, how many were delivered within six hours."""
    six_hour_share_all: float
    promises_kept_share: float
    promises_judged: int
    """Promises whose time is over: kept or broken."""
    cash_cost_cents: Cents
    contribution_cents: Cents
    penalised_cost_cents: Cents
    cost_per_order_cents: Cents
    nodes_opened: int
    nodes_closed: int
    nodes_by_type: tuple[tuple[str, int], ...]
    routes: int
    stops_delivered: int
    left_over_units: int
    flaps: int


def outcomes(world: World, reading: Reading, visits: list[Visit], until: datetime) -> Outcomes:
    """Count what one way of deciding brought, over the visits whose six hours are over."""
    settled = [visit for visit in visits if visit.at + SIX_HOURS <= until]
    made = {order.id: order for order in reading.find(Order)}
    met = [visit for visit in settled if visit.order and _within_six(made[visit.order])]
    met_eligible = [visit for visit in met if visit.eligible]
    eligible = sum(visit.eligible for visit in settled)
    costs, income = _money(reading)
    costs += _owed(world, reading)
    late = eligible - len(met_eligible)
    nodes = [node for node in reading.find(Node) if node.type is not SiteType.CENTRE]
    opened = [node for node in nodes if node.live_from and node.state not in _NEVER_LIVE]
    promises = Counter(promise.state for promise in reading.find(Promise))
    judged = promises[PromiseState.KEPT] + promises[PromiseState.BROKEN]
    offers = sum(visit.offered is ServiceLevel.SIX_HOUR for visit in settled)
    done = [o for o in made.values() if o.state is not OrderState.CANCELLED]
    return Outcomes(
        demanded=len(settled),
        eligible=eligible,
        orders=len(done),
        six_hours=len(met),
        six_hours_eligible=len(met_eligible),
        offered_share=offers / max(len(settled), 1),
        six_hour_share=len(met_eligible) / max(eligible, 1),
        six_hour_share_all=len(met) / max(len(settled), 1),
        promises_kept_share=promises[PromiseState.KEPT] / max(judged, 1),
        promises_judged=judged,
        cash_cost_cents=costs,
        contribution_cents=income - costs - _refunds(reading),
        penalised_cost_cents=costs + late * world.prices.broken_promise,
        cost_per_order_cents=round(costs / max(len(done), 1)),
        nodes_opened=len(opened),
        nodes_closed=sum(node.state is NodeState.CLOSED for node in opened),
        nodes_by_type=tuple(sorted(Counter(node.type.value for node in opened).items())),
        routes=reading.count(Route, state=(RouteState.IN_PROGRESS, RouteState.COMPLETED)),
        stops_delivered=sum(stop.outcome is Outcome.SUCCEEDED for stop in reading.find(Stop)),
        left_over_units=_left_over(reading, nodes),
        flaps=_flaps(world, reading, nodes),
    )


OWING = (LeaseState.CONFIRMED, LeaseState.ACTIVE, LeaseState.ENDING)
_NEVER_LIVE = (NodeState.PLANNED, NodeState.RAMPING, NodeState.CANCELLED)


def _within_six(order: Order) -> bool:
    return order.delivered_at is not None and order.delivered_at - order.accepted_at <= SIX_HOURS


def _money(reading: Reading) -> tuple[Cents, Cents]:
    """(cash cost without refunds, income), both positive."""
    costs = income = 0
    for entry in reading.find(Entry):
        if entry.kind in INCOME:
            income += entry.amount
        elif entry.kind is not EntryKind.BROKEN_PROMISE:
            costs -= entry.amount
    return costs, income


def _owed(world: World, reading: Reading) -> Cents:
    """What the end of the world finds unpaid: shortest terms, and goods that have to go home."""
    terms = {site.id: site.terms.shortest_term for site in world.sites}
    back = {product.id: product.return_cost for product in world.products}
    owed = 0
    for lease in reading.find(Lease, state=OWING):
        node = reading.get(Node, lease.node)
        paid = node.intake_done_for or lease.starts_at
        days = (lease.starts_at + timedelta(seconds=terms[lease.site]) - paid) / DAY
        owed += lease.per_day * max(0, ceil(days))
    for node in reading.find(Node, state=STANDING):
        if node.type is not SiteType.CENTRE:
            lying = reading.find(Stock, node=node.id)
            owed += sum(back[stock.product] * stock.on_hand for stock in lying)
            coming = reading.find(
                Replenishment, to_node=node.id, state=ReplenishmentState.IN_TRANSIT
            )
            owed += sum(back[load.product] * load.units for one in coming for load in one.loads)
    return owed


def _left_over(reading: Reading, nodes: list[Node]) -> int:
    """Units that came to a temporary node in vain: sent home since, or still lying there."""
    ours = {node.id for node in nodes}
    sent = (m for m in reading.find(Movement) if m.reason is MovementReason.SENT)
    home = -sum(movement.units for movement in sent if movement.node in ours)
    return home + sum(stock.on_hand for stock in reading.find(Stock) if stock.node in ours)


def _flaps(world: World, reading: Reading, nodes: list[Node]) -> int:
    """How often a site was closed and opened again within its shortest term and three days, though
    what is asked for had not changed: no video of what it is given began since it closed."""
    terms = {site.id: site.terms.shortest_term for site in world.sites}
    flaps = 0
    for site in {node.site for node in nodes}:
        lives = sorted((n for n in nodes if n.site == site), key=lambda node: node.planned_at)
        grace = timedelta(seconds=terms[site]) + 3 * DAY
        for before, after in pairwise(lives):
            closed = before.closed_at
            if closed is not None and after.planned_at < closed + grace:
                flaps += not _fresh(world, reading, after, closed)
    return flaps


def _fresh(world: World, reading: Reading, node: Node, closed: datetime) -> bool:
    """Whether a video of something that the node was sent began after `closed` and before it."""
    loads = [load for one in reading.find(Replenishment, to_node=node.id) for load in one.loads]
    sent = {load.product for load in loads}
    begun = (
        world.starts_at + timedelta(hours=film.starts_at_hour)
        for film in world.films
        if sent & {share.of for share in film.products}
    )
    return any(closed < at <= node.planned_at for at in begun)


def _refunds(reading: Reading) -> Cents:
    return -sum(entry.amount for entry in reading.find(Entry, kind=EntryKind.BROKEN_PROMISE))


def forecast_score(
    world: World, truth: Truth, reading: Reading, hours: int | None = None
) -> ForecastScore:
    """Compare kept 24-hour totals with the buyers who came, at the first outlook of each six hours."""
    end = world.starts_at + timedelta(hours=hours or world.hours)
    came = _came(world, truth.buyers)
    missed = naive = actual = 0.0
    inside: list[bool] = []
    for outlook in _first_of_each_six_hours(world, reading.find(Outlook, sort="made_at")):
        if outlook.start + DAY > end:
            continue
        hour = round((outlook.start - world.starts_at) / HOUR)
        by_hour = came[outlook.product, outlook.market]
        real, last = by_hour[hour : hour + 24].sum(), by_hour[max(hour - 24, 0) : hour].sum()
        total = next(total for total in outlook.whole.totals if total.hours == 24)
        missed += abs(total.p50 - real)
        naive += abs(last - real)
        actual += real
        inside.append(bool(total.p10 <= real <= total.p90))
    return ForecastScore(
        wape=float(missed / max(actual, 1.0)),
        naive_wape=float(naive / max(actual, 1.0)),
        coverage80=sum(inside) / max(len(inside), 1),
        compared=len(inside),
    )


def _came(world: World, buyers: tuple[Buyer, ...]) -> dict[tuple[str, str], NDArray[np.int64]]:
    """Units wanted by product and market, hour by hour."""
    came: dict[tuple[str, str], NDArray[np.int64]] = {
        (product.id, market.id): np.zeros(world.hours, dtype=np.int64)
        for product in world.products
        for market in world.markets
    }
    for buyer in buyers:
        came[buyer.product, buyer.market][int((buyer.at - world.starts_at) / HOUR)] += buyer.units
    return came


def _first_of_each_six_hours(world: World, outlooks: tuple[Outlook, ...]) -> tuple[Outlook, ...]:
    first: dict[tuple[str, str, int], Outlook] = {}
    for outlook in outlooks:
        turn = int((outlook.start - world.starts_at) / SIX_HOURS)
        first.setdefault((outlook.product, outlook.market, turn), outlook)
    return tuple(first.values())
