"""Orders are picked and packed at their node, in the order in which they came.

Picking goes by the clock of the node's queue, as it was foreseen when the order came; whoever runs
the space may report it sooner, and a parcel that has left proves that it was packed.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from logistics.catalogue import valid_sscc
from logistics.errors import NotAllowedNow, Unknown, require
from logistics.exceptions import CaseKind
from logistics.ledger import EntryKind
from logistics.network import Node, Site
from logistics.orders import ORDER, Order, OrderState, OrderStep
from logistics.store import Deed
from logistics.units import Seconds
from logistics.workflows.cases import open_case
from logistics.workflows.means import Means
from logistics.workflows.moves import book, move
from logistics.workflows.recalls import going_on, recalled

PACKING: Seconds = 120
"""From picked to packed."""


def pick_and_pack(means: Means, *, now: datetime) -> int:
    """Let the queues go on by the clock; how many steps were made."""
    states = (OrderState.ALLOCATED, OrderState.PICKED)
    packing = timedelta(seconds=PACKING)
    with means.store.read() as reading:
        ready = [o for o in reading.find(Order, state=states) if _ready(o, now + packing)]
        due = going_on(reading, ready)
    if not ready:
        return 0
    steps, picked = 0, {order.id for order in due}
    with means.store.begin() as deed:
        for order in ready:
            if order.id not in picked:
                _put_aside(deed, means, order, now)
        for order in sorted(due, key=lambda order: (order.ready_at or now, order.id)):
            current = deed.lock(Order, order.id)
            if current.state is OrderState.ALLOCATED:
                current, steps = _pick(deed, means, current, "queue", now), steps + 1
            if current.state is OrderState.PICKED and _ready(current, now):
                packed(deed, means, current, cause="queue", now=now)
                steps += 1
    return steps


def _put_aside(deed: Deed, means: Means, order: Order, now: datetime) -> None:
    """Put an order that a recall stops before a person, one case for each product and market."""
    for product in recalled(deed, order.lines):
        open_case(
            deed,
            means.ids,
            CaseKind.RECALLED,
            market=order.market,
            subject=f"{product}~{order.market}",
            detail=f"orders of {product} wait unpicked: it is called back; lift that, or cancel them",
            cause=order.id,
            now=now,
        )


def _ready(order: Order, by: datetime) -> bool:
    return order.ready_at is not None and order.ready_at <= by


def report_picks(
    means: Means,
    node: str,
    orders: Collection[str],
    step: OrderStep,
    *,
    provider: str | None,
    now: datetime,
    labels: Mapping[str, str] | None = None,
) -> tuple[Order, ...]:
    """Whoever runs the space says what is picked or packed, sooner than the clock would.

    `labels` are the numbers (SSCC) on parcels, by order.

    Raises Unknown for a node of another provider or an order of another node, NotAllowedNow for
    an order that is not at that step, and Nonsense for a number that is none; then none is kept.
    """
    told = labels or {}
    for order, sscc in told.items():
        require(order in set(orders), "labels", f"{order} is not among the orders")
        require(valid_sscc(sscc), "labels", f"{sscc} is not 18 digits with a check digit")
    with means.store.begin() as deed:
        site = deed.get(Site, deed.get(Node, node).site)
        if provider is not None and site.provider != provider:
            raise Unknown("node", node)
        for id, sscc in told.items():
            deed.change(deed.lock(Order, id), sscc=sscc)
        return tuple(_reported(deed, means, node, id, step, now) for id in orders)


def _reported(
    deed: Deed, means: Means, node: str, id: str, step: OrderStep, now: datetime
) -> Order:
    order = deed.lock(Order, id)
    if order.node != node:
        raise Unknown("order", id)
    if recalled(deed, order.lines):
        raise NotAllowedNow("order of recalled goods", step, order.state)
    if step is OrderStep.PICK:
        return _pick(deed, means, order, node, now)
    if step is OrderStep.PACK and order.state is OrderState.ALLOCATED:
        return packed(deed, means, order, cause=node, now=now)
    return _pack(deed, means, order, node, now)


def packed(deed: Deed, means: Means, order: Order, *, cause: str, now: datetime) -> Order:
    """The order, packed by now: a parcel that has left proves that it was."""
    if order.state is OrderState.ALLOCATED:
        order = _pick(deed, means, order, cause, now)
    return _pack(deed, means, order, cause, now) if order.state is OrderState.PICKED else order


def _pick(deed: Deed, means: Means, order: Order, cause: str, now: datetime) -> Order:
    return move(deed, means.ids, ORDER, order, OrderStep.PICK, now=now, cause=cause, updated_at=now)


def _pack(deed: Deed, means: Means, order: Order, cause: str, now: datetime) -> Order:
    """Packed: the handling is paid, with the fee per order of a shelf."""
    site = deed.get(Site, deed.get(Node, order.node or "").site)
    book(
        deed,
        means.ids,
        EntryKind.HANDLING,
        -(means.policy.prices.pick_pack + site.terms.per_order),
        market=order.market,
        node=order.node,
        cause=order.id,
        now=now,
    )
    ready = min(now, order.ready_at or now)
    return move(
        deed,
        means.ids,
        ORDER,
        order,
        OrderStep.PACK,
        now=now,
        cause=cause,
        updated_at=now,
        ready_at=ready,
    )
