"""What was not delivered: it comes back with its van, is tried again, or is over for good.

A parcel that came back is packed again and rides with a later departure while attempts are left;
one that is damaged or lost is written off; one that was refused is a return.
"""

from datetime import datetime

from logistics.decisions import Recommendation
from logistics.dispatch import (
    ROUTE,
    STOP,
    FailureReason,
    Outcome,
    Route,
    RouteStep,
    Stop,
    StopStep,
)
from logistics.exceptions import CaseKind
from logistics.inventory import Reservation, ReservationState
from logistics.ledger import EntryKind
from logistics.network import Node, NodeState
from logistics.orders import ORDER, Order, OrderState, OrderStep
from logistics.promise.offers import Promise
from logistics.store import Deed
from logistics.workflows.allocate import WORKING
from logistics.workflows.cases import open_case
from logistics.workflows.goods import GONE, nearest_centre
from logistics.workflows.keeping import break_promise, close_promise
from logistics.workflows.means import Means
from logistics.workflows.moves import book, move
from logistics.workflows.parcels import bring_back, write_off
from logistics.workflows.stops import OPEN_STOP, project
from logistics.workflows.withdrawing import book_sale

GONE_FOR_GOOD = (FailureReason.DAMAGED, FailureReason.MISSING_ITEM)


def missed(
    deed: Deed,
    means: Means,
    route: Route,
    order: Order,
    stop: Stop,
    cause: str,
    now: datetime,
) -> None:
    """Not delivered: over for good, or to be tried again once the van is back."""
    if order.state is not OrderState.OUT_FOR_DELIVERY:
        return
    failed = stop.outcome is Outcome.FAILED
    order = deed.change(order, attempts=order.attempts + failed, updated_at=now)
    reason = stop.outcome_reason
    if reason is FailureReason.REFUSED:
        _end(deed, means, order, OrderStep.RETURN, reason, cause, now)
        close_promise(deed, means, order, stop.arrived_at or now, cause=cause, now=now)
    elif reason in GONE_FOR_GOOD or order.attempts >= means.policy.promising.attempts:
        if reason in GONE_FOR_GOOD:
            write_off(deed, order.id)
        _end(deed, means, order, OrderStep.FAIL, reason, cause, now)
        break_promise(deed, means, order, cause=cause, now=now)
        open_case(
            deed,
            means.ids,
            CaseKind.STOP_FAILED,
            market=order.market,
            subject=order.id,
            detail=f"{order.attempts} attempts, the last: {reason or 'skipped'}",
            money=means.policy.prices.broken_promise,
            cause=cause,
            now=now,
        )
    else:
        promise = deed.lock(Promise, order.promise or "")
        at = route.returns_at + (promise.window.latest - (order.wave_at or order.accepted_at))
        audience = (order.client,)
        project(deed, means, promise, at, "retry", audience=audience, cause=cause, now=now)


def _end(
    deed: Deed,
    means: Means,
    order: Order,
    step: OrderStep,
    reason: FailureReason | None,
    cause: str,
    now: datetime,
) -> None:
    """The order is over without a delivery: its income is given back."""
    move(
        deed,
        means.ids,
        ORDER,
        order,
        step,
        now=now,
        cause=cause,
        audience=(order.client,),
        closed_reason=reason.value if reason else "skipped",
        updated_at=now,
    )
    book_sale(deed, means, order, -1, now)


def complete(
    deed: Deed, means: Means, route: Route, at: datetime, *, cause: str, now: datetime
) -> None:
    """The van is back: what it still has is unloaded, the carrier is paid."""
    for stop in deed.find(Stop, route=route.id, state=OPEN_STOP):
        leave_behind(deed, means, stop, cause, now)
    for order in deed.find(Order, route=route.id):
        _unload(deed, means, deed.lock(Order, order.id), cause, now)
    move(
        deed,
        means.ids,
        ROUTE,
        route,
        RouteStep.COMPLETE,
        now=now,
        cause=cause,
        audience=(route.carrier or "",),
        time=at,
        completed_at=at,
        updated_at=now,
    )
    book(
        deed,
        means.ids,
        EntryKind.LAST_MILE,
        -route.cost,
        market=route.market,
        node=route.node,
        cause=route.id,
        now=now,
    )


def leave_behind(deed: Deed, means: Means, stop: Stop, cause: str, now: datetime) -> None:
    """Close a stop whose parcel is not on board."""
    move(
        deed,
        means.ids,
        STOP,
        deed.lock(Stop, stop.id),
        StopStep.CLOSE,
        now=now,
        cause=cause,
        outcome=Outcome.SKIPPED,
        closed_at=now,
        note="not on board",
    )


def _unload(deed: Deed, means: Means, order: Order, cause: str, now: datetime) -> None:
    """A parcel that came back: kept for the next try, or free again where its order is over."""
    if not deed.count(Reservation, order=order.id, state=ReservationState.TAKEN):
        return
    if order.state is OrderState.OUT_FOR_DELIVERY and not _ships(deed, order):
        _end(deed, means, order, OrderStep.FAIL, None, cause, now)
        break_promise(deed, means, order, cause=cause, now=now)
        order = deed.lock(Order, order.id)
    if order.state is OrderState.OUT_FOR_DELIVERY:
        bring_back(deed, means.ids, order, keep=True, now=now)
        move(
            deed,
            means.ids,
            ORDER,
            order,
            OrderStep.BRING_BACK,
            now=now,
            cause=cause,
            audience=(order.client,),
            route=None,
            ready_at=now,
            updated_at=now,
        )
    elif order.state in {OrderState.RETURNED, OrderState.FAILED}:
        bring_back(deed, means.ids, order, keep=False, now=now, to=_named_home(deed, order))
        book(
            deed,
            means.ids,
            EntryKind.RETURN,
            -means.policy.prices.return_per_unit * order.units,
            market=order.market,
            node=order.node,
            cause=order.id,
            now=now,
        )


def _named_home(deed: Deed, order: Order) -> str | None:
    """Where a parcel goes whose node is closed: the node that its exit plan named, or the nearest
    centre where that is gone too; None where its own node still stands."""
    node = deed.get(Node, order.node or "")
    if node.state not in GONE:
        return None
    if node.recommendation is not None:
        named = deed.get(Recommendation, node.recommendation).proposal.exit.late_returns_to
        there = deed.maybe(Node, named)
        if there is not None and there.state is NodeState.LIVE:
            return named
    home = nearest_centre(deed, node)
    return None if home is None else home.id


def _ships(deed: Deed, order: Order) -> bool:
    """Whether the order's node still sends vans out."""
    return deed.get(Node, order.node or "").state in WORKING
