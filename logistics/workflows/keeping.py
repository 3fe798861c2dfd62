"""A promise comes to its end: kept, or broken with a refund and an apology."""

from datetime import datetime

from logistics.ledger import EntryKind
from logistics.orders import Order
from logistics.promise.offers import PROMISE, Promise, PromiseStep
from logistics.store import Deed
from logistics.workflows.means import Means
from logistics.workflows.moves import book, move


def close_promise(
    deed: Deed, means: Means, order: Order, at: datetime, *, cause: str, now: datetime
) -> None:
    """Kept where it arrived by the window's latest edge, broken otherwise."""
    promise = deed.lock(Promise, order.promise or "")
    if PROMISE.terminal(promise.state):
        if promise.actual_at is None:
            deed.change(promise, actual_at=at)
    elif at <= promise.window.latest:
        move(
            deed,
            means.ids,
            PROMISE,
            promise,
            PromiseStep.KEEP,
            now=now,
            cause=cause,
            audience=(order.client,),
            time=at,
            data={"order": order.id},
            actual_at=at,
        )
    else:
        break_promise(deed, means, order, cause=cause, now=now, at=at)


def break_promise(
    deed: Deed, means: Means, order: Order, *, cause: str, now: datetime, at: datetime | None = None
) -> None:
    """The window is missed: the promise is broken and the buyer gets the refund and goodwill."""
    promise = deed.lock(Promise, order.promise or "")
    if PROMISE.terminal(promise.state):
        return
    move(
        deed,
        means.ids,
        PROMISE,
        promise,
        PromiseStep.BREAK,
        now=now,
        cause=cause,
        audience=(order.client,),
        data={"order": order.id},
        actual_at=at,
    )
    book(
        deed,
        means.ids,
        EntryKind.BROKEN_PROMISE,
        -means.policy.prices.broken_promise,
        market=order.market,
        node=order.node,
        cause=order.id,
        now=now,
    )
