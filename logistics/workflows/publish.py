"""Release a plan to the carriers, and settle who drives what.

Publishing is one deed: either the plan, all its routes and all its tenders stand, or nothing of
it. What was offered or has left is never superseded; what nobody took is. Who drives is settled in
`tenders`.
"""

from datetime import datetime

from logistics.dispatch import (
    PLAN,
    ROUTE,
    STOP,
    Outcome,
    Plan,
    PlanState,
    PlanStep,
    Route,
    RouteState,
    RouteStep,
    Stop,
    StopStep,
)
from logistics.errors import StaleVersion
from logistics.exceptions import CaseKind
from logistics.orders import Order
from logistics.promise.offers import Promise
from logistics.store import Deed
from logistics.workflows.cases import open_case, settle_case
from logistics.workflows.due import LOADABLE, LOCKED
from logistics.workflows.means import Means
from logistics.workflows.moves import move
from logistics.workflows.stops import OPEN_STOP, cancel_route, project
from logistics.workflows.tenders import answer_tender as answer_tender
from logistics.workflows.tenders import expire_tenders as expire_tenders
from logistics.workflows.tenders import offer_next


def publish_plan(
    means: Means,
    plan: Plan | str,
    *,
    by: str,
    expected_version: int | None = None,
    now: datetime,
) -> Plan:
    """Release a solved plan: its routes are offered, what nobody took of older plans is dropped.

    Raises NotAllowedNow where the plan is not solved (a second publishing changes nothing), and
    StaleVersion where somebody changed it since it was read.
    """
    id = plan if isinstance(plan, str) else plan.id
    with means.store.begin() as deed:
        current = deed.lock(Plan, id)
        if expected_version is not None and current.version != expected_version:
            raise StaleVersion("plan", id, current.version)
        published = move(
            deed,
            means.ids,
            PLAN,
            current,
            PlanStep.PUBLISH,
            now=now,
            cause=by,
            published_at=now,
        )
        _supersede(deed, means, published, now)
        for route in published.routes:
            _offer_route(deed, means, deed.lock(Route, route), id, now)
        _tell_unplanned(deed, means, published, now)
        return published


def _supersede(deed: Deed, means: Means, plan: Plan, now: datetime) -> None:
    """Older plans of the market end; routes that no carrier has or is asked for go with them."""
    for state, step in (
        (PlanState.PUBLISHED, PlanStep.SUPERSEDE),
        (PlanState.SOLVED, PlanStep.ABANDON),
    ):
        for old in deed.find(Plan, market=plan.market, state=state):
            if old.id != plan.id:
                move(deed, means.ids, PLAN, deed.lock(Plan, old.id), step, now=now, cause=plan.id)
    for found in deed.find(Route, market=plan.market, state=RouteState.PLANNED):
        if found.plan != plan.id:
            route = deed.lock(Route, found.id)
            _skip_stops(deed, means, route, plan.id, now)
            move(
                deed,
                means.ids,
                ROUTE,
                route,
                RouteStep.SUPERSEDE,
                now=now,
                cause=plan.id,
                updated_at=now,
            )
            settle_case(
                deed,
                means.ids,
                CaseKind.NO_CARRIER,
                subject=route.id,
                resolution="superseded",
                cause=plan.id,
                now=now,
            )


def _skip_stops(deed: Deed, means: Means, route: Route, cause: str, now: datetime) -> None:
    for stop in deed.find(Stop, route=route.id, state=OPEN_STOP):
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
            note="planned anew",
        )


def _offer_route(deed: Deed, means: Means, route: Route, cause: str, now: datetime) -> None:
    """Give the route's orders to it and ask the first carrier; orders withdrawn since are left."""
    for stop in deed.find(Stop, route=route.id, state=OPEN_STOP):
        order = deed.lock(Order, stop.order)
        if order.state not in LOADABLE or _rides_elsewhere(deed, order, route):
            _skip_stop(deed, means, stop, cause, now)
            continue
        _give(deed, means, order, route, stop, cause, now)
    left = deed.count(Stop, route=route.id, state=OPEN_STOP)
    if not left:
        cancel_route(deed, means, route, cause=cause, now=now)
        return
    if left != route.stop_count:
        route = deed.change(route, stop_count=left, updated_at=now)
    offer_next(deed, means, route, cause=cause, now=now)


def _rides_elsewhere(deed: Deed, order: Order, route: Route) -> bool:
    if order.route is None or order.route == route.id:
        return False
    other = deed.get(Route, order.route)
    return other.state in LOCKED and bool(
        deed.count(Stop, route=other.id, order=order.id, state=OPEN_STOP)
    )


def _skip_stop(deed: Deed, means: Means, stop: Stop, cause: str, now: datetime) -> None:
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
        note="the order does not wait any more",
    )


def _give(
    deed: Deed, means: Means, order: Order, route: Route, stop: Stop, cause: str, now: datetime
) -> None:
    leaves = order.wave_at if order.wave_at is None else route.departs_at
    deed.change(order, route=route.id, wave_at=leaves, updated_at=now)
    if stop.promise is not None:
        promise = deed.lock(Promise, stop.promise)
        audience = (order.client,)
        project(
            deed, means, promise, stop.planned_at, "plan", audience=audience, cause=cause, now=now
        )


def _tell_unplanned(deed: Deed, means: Means, plan: Plan, now: datetime) -> None:
    """One case per market while its newest plan leaves orders out."""
    kind, count = CaseKind.UNPLANNED_ORDERS, len(plan.unplanned)
    if not count:
        resolution = "all orders are planned"
        settle_case(
            deed,
            means.ids,
            kind,
            subject=plan.market,
            resolution=resolution,
            cause=plan.id,
            now=now,
        )
        return
    first = plan.unplanned[0]
    open_case(
        deed,
        means.ids,
        kind,
        market=plan.market,
        subject=plan.market,
        detail=f"{count} orders left out of {plan.id}; {first.order}: {first.reason}, {first.detail}",
        money=count * means.policy.prices.broken_promise,
        cause=plan.id,
        now=now,
    )
