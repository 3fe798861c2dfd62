"""A stop leaves its route, or its time moves: what planning, driving and cancelling share."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from logistics.dispatch import (
    ROUTE,
    STOP,
    TENDER,
    Outcome,
    Route,
    RouteState,
    RouteStep,
    Stop,
    StopState,
    StopStep,
    Tender,
    TenderState,
    TenderStep,
)
from logistics.orders import Order
from logistics.promise.offers import PROMISE, Eta, Promise, PromiseState, PromiseStep
from logistics.store import Deed
from logistics.workflows.means import Means
from logistics.workflows.moves import move, tell

OPEN_STOP = (StopState.PLANNED, StopState.EN_ROUTE, StopState.ARRIVED)
BEFORE_START = (RouteState.PLANNED, RouteState.TENDERED, RouteState.ACCEPTED)
TELL_AGAIN_AFTER = timedelta(minutes=10)
WORTH_TELLING = timedelta(minutes=5)
LONGEST_HISTORY = 50


def drop_stop(deed: Deed, means: Means, order: Order, *, now: datetime) -> None:
    """Take an order's open stop off its route; a route that has none left is cancelled."""
    for found in deed.find(Stop, order=order.id, state=OPEN_STOP):
        stop = move(
            deed,
            means.ids,
            STOP,
            deed.lock(Stop, found.id),
            StopStep.CLOSE,
            now=now,
            cause=order.id,
            outcome=Outcome.SKIPPED,
            closed_at=now,
            note="the order was withdrawn",
        )
        route = deed.lock(Route, stop.route)
        if route.state in BEFORE_START and not deed.count(Stop, route=route.id, state=OPEN_STOP):
            cancel_route(deed, means, route, cause=order.id, now=now)
        else:
            carrier = (route.carrier,) if route.carrier else ()
            changed = deed.change(route, stop_count=max(0, route.stop_count - 1), updated_at=now)
            told = {"removed": stop.id, "version": changed.version}
            tell(
                deed,
                means.ids,
                "route.updated",
                route.id,
                now=now,
                cause=order.id,
                audience=carrier,
                data=told,
            )


def cancel_route(deed: Deed, means: Means, route: Route, *, cause: str, now: datetime) -> Route:
    """Call a route off before it starts, and withdraw what is offered of it."""
    withdraw_tender(deed, means, route, cause=cause, now=now)
    audience = (route.carrier,) if route.carrier else ()
    return move(
        deed,
        means.ids,
        ROUTE,
        route,
        RouteStep.CANCEL,
        now=now,
        cause=cause,
        audience=audience,
        updated_at=now,
    )


def withdraw_tender(deed: Deed, means: Means, route: Route, *, cause: str, now: datetime) -> None:
    """Take back the open offer of a route, where there is one."""
    for offered in deed.find(Tender, route=route.id, state=TenderState.OFFERED):
        move(
            deed,
            means.ids,
            TENDER,
            deed.lock(Tender, offered.id),
            TenderStep.WITHDRAW,
            now=now,
            cause=cause,
            audience=(offered.carrier,),
            closed_at=now,
        )


def project(
    deed: Deed,
    means: Means,
    promise: Promise,
    at: datetime,
    reason: str,
    *,
    audience: Iterable[str],
    cause: str,
    now: datetime,
) -> Promise:
    """Believe a new arrival: doubt or recover at once, tell the buyer at most every ten minutes."""
    if PROMISE.terminal(promise.state) or promise.projected_at == at:
        return promise
    parties, late = tuple(audience), at > promise.window.latest
    eta = Eta(at=at, computed_at=now, reason=reason)
    history = (*promise.history, eta)[-LONGEST_HISTORY:]
    if late is (promise.state is PromiseState.AT_RISK):
        moved = deed.change(promise, projected_at=at, history=history)
    else:
        step = PromiseStep.DOUBT if late else PromiseStep.RECOVER
        told = {"projected_at": at.isoformat(), "latest": promise.window.latest.isoformat()}
        moved = move(
            deed,
            means.ids,
            PROMISE,
            promise,
            step,
            now=now,
            cause=cause,
            audience=parties,
            data={**told, "reason": reason},
            projected_at=at,
            history=history,
        )
    return _told(deed, means, promise, moved, reason, parties, cause, now)


def _told(
    deed: Deed,
    means: Means,
    before: Promise,
    promise: Promise,
    reason: str,
    audience: tuple[str, ...],
    cause: str,
    now: datetime,
) -> Promise:
    """Tell the buyer of a late arrival, or that it is well again, where that is news."""
    at, latest = promise.projected_at, promise.window.latest
    if at is None or (before.told_at is not None and now < before.told_at + TELL_AGAIN_AFTER):
        return promise
    known = _last_told(before)
    is_news = known is None or abs(at - known) >= WORTH_TELLING
    recovered = known is not None and known > latest >= at
    if not recovered and not (at > latest and is_news):
        return promise
    told = {"latest": latest.isoformat(), "projected_at": at.isoformat(), "reason": reason}
    tell(
        deed,
        means.ids,
        "promise.changed",
        promise.id,
        now=now,
        cause=cause,
        audience=audience,
        data=told,
    )
    return deed.change(promise, told_at=now)


def _last_told(promise: Promise) -> datetime | None:
    """The arrival that the buyer was last told of."""
    if promise.told_at is None:
        return None
    known = [eta.at for eta in promise.history if eta.computed_at <= promise.told_at]
    return known[-1] if known else None
