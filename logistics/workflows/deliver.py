"""What carriers report, and what follows from it for orders, promises, stock and money.

Every report is kept; one that comes late, twice or out of order changes nothing and says why. A
stop's life only goes forward: `closed` before `arrived` leaves it closed. A sender's clock that is
ahead is recorded, and the time of receipt counts instead. Units leave the stock when the van
does. What could not be delivered comes back with the van, is tried again while attempts are left,
and then the order fails.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from logistics.dispatch import (
    ROUTE,
    STOP,
    FailureReason,
    Outcome,
    Route,
    RouteState,
    RouteStep,
    Stop,
    StopEvent,
    StopStep,
)
from logistics.errors import NotAllowedNow
from logistics.exceptions import CaseKind
from logistics.orders import ORDER, Order, OrderState, OrderStep
from logistics.promise.offers import Promise
from logistics.store import Deed
from logistics.units import Seconds
from logistics.workflows.cases import settle_case
from logistics.workflows.due import LOADABLE
from logistics.workflows.keeping import close_promise
from logistics.workflows.means import Means
from logistics.workflows.moves import move
from logistics.workflows.parcels import take
from logistics.workflows.picking import packed
from logistics.workflows.proofs import add_proof as add_proof
from logistics.workflows.returning import complete, leave_behind, missed
from logistics.workflows.stops import OPEN_STOP, project

STEPS = ("depart", "approach", "arrive", "close", "return")
OF_ROUTE = ("depart", "return")
NEWS: Seconds = 60
"""An arrival that moves by less is no news."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopReport:
    """One thing that a carrier says happened; `id` is its own, so a repeat is seen."""

    id: str
    route: str
    step: str
    happened_at: datetime
    sequence: int = 0
    stop: str | None = None
    outcome: Outcome | None = None
    outcome_reason: FailureReason | None = None
    note: str | None = None
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemResult:
    """What became of one report: `applied`, `ignored`, `duplicate` or `refused`, and why."""

    id: str
    state: str
    reason: str | None = None


def report(
    means: Means, carrier: str, reports: tuple[StopReport, ...], *, now: datetime
) -> tuple[ItemResult, ...]:
    """Take a carrier's reports in their order; each has its own answer."""
    with means.store.begin() as deed:
        return tuple(_one(deed, means, carrier, one, now) for one in reports)


def _one(deed: Deed, means: Means, carrier: str, told: StopReport, now: datetime) -> ItemResult:
    id = f"{carrier}~{told.id}"
    if deed.maybe(StopEvent, id) is not None:
        return ItemResult(id=told.id, state="duplicate")
    route = deed.maybe(Route, told.route)
    if route is None or route.carrier != carrier:
        return ItemResult(id=told.id, state="refused", reason=f"there is no route {told.route}")
    if (wrong := _wrong(deed, told, route)) is not None:
        return ItemResult(id=told.id, state="refused", reason=wrong)
    hear_of(deed, means, route.id, carrier, now)
    ignored = _apply(deed, means, told, min(told.happened_at, now), id, now)
    event = StopEvent(
        id=id,
        carrier=carrier,
        route=told.route,
        stop=told.stop,
        step=told.step,
        happened_at=told.happened_at,
        received_at=now,
        sequence=told.sequence,
        outcome=told.outcome,
        outcome_reason=told.outcome_reason,
        note=told.note,
        lat=told.lat,
        lon=told.lon,
        skew_seconds=max(0, round((told.happened_at - now).total_seconds())),
        applied=ignored is None,
        ignored_because=ignored,
    )
    deed.add(event)
    return ItemResult(id=told.id, state="ignored" if ignored else "applied", reason=ignored)


def _wrong(deed: Deed, told: StopReport, route: Route) -> str | None:
    """Why the report makes no sense at all, in words; None where it does."""
    stop = deed.maybe(Stop, told.stop or "")
    at_stop, close = told.step not in OF_ROUTE, told.step == "close"
    faults = (
        (told.step not in STEPS, f"{told.step!r} is none of {', '.join(STEPS)}"),
        (told.happened_at.tzinfo is None, "happened_at needs a UTC offset"),
        (
            at_stop and (stop is None or stop.route != route.id),
            f"route {route.id} has no stop {told.stop}",
        ),
        (close and told.outcome is None, "a close needs an outcome"),
        (
            close and told.outcome is Outcome.FAILED and told.outcome_reason is None,
            "a failed stop needs an outcome_reason",
        ),
    )
    return next((words for fault, words in faults if fault), None)


def hear_of(deed: Deed, means: Means, route: str, carrier: str, now: datetime) -> None:
    """A sign of life from a route: whoever worried about its silence may stop."""
    current = deed.lock(Route, route)
    deed.change(current, last_heard_at=now)
    kind, resolution = CaseKind.NO_HEARTBEAT, "heard again"
    settle_case(deed, means.ids, kind, subject=route, resolution=resolution, cause=carrier, now=now)


def _apply(
    deed: Deed, means: Means, told: StopReport, at: datetime, cause: str, now: datetime
) -> str | None:
    """Do what follows from the report; why it was ignored, where it was."""
    route = deed.lock(Route, told.route)
    if told.step == "depart" or (route.state is RouteState.ACCEPTED and told.step != "return"):
        if route.state is not RouteState.ACCEPTED:
            return f"the route is {route.state}"
        _depart(deed, means, route, at, cause, now)
        route = deed.lock(Route, told.route)
    if told.step == "return":
        if route.state is not RouteState.IN_PROGRESS:
            return f"the route is {route.state}"
        complete(deed, means, route, at, cause=cause, now=now)
    if told.step in OF_ROUTE:
        return None
    stop = deed.lock(Stop, told.stop or "")
    try:
        _at_stop(deed, means, route, stop, told, at, cause, now)
    except NotAllowedNow:
        return f"the stop is {stop.state}"
    return None


def _at_stop(
    deed: Deed,
    means: Means,
    route: Route,
    stop: Stop,
    told: StopReport,
    at: datetime,
    cause: str,
    now: datetime,
) -> None:
    """One step of a stop. Raises NotAllowedNow where its life does not allow it."""
    order = deed.lock(Order, stop.order)
    parties = (route.carrier or "", order.client)
    told_so = {"order": order.id, "route": route.id}
    changes: dict[str, Any] = {}
    if told.step == "arrive":
        changes = {"arrived_at": at, "projected_at": at}
    elif told.step == "close":
        told_so |= {"outcome": told.outcome or "", "outcome_reason": told.outcome_reason or ""}
        changes = {
            "closed_at": at,
            "outcome": told.outcome,
            "outcome_reason": told.outcome_reason,
            "note": told.note,
        }
    moved = move(
        deed,
        means.ids,
        STOP,
        stop,
        StopStep(told.step),
        now=now,
        cause=cause,
        time=at,
        audience=parties,
        data=told_so,
        **changes,
    )
    if told.step == "arrive":
        _reproject(deed, means, route, stop, at - stop.planned_at, cause, now)
    if told.step == "close":
        if told.outcome is Outcome.SUCCEEDED:
            _deliver(deed, means, order, moved.arrived_at or at, cause, now)
        else:
            missed(deed, means, route, order, moved, cause, now)
        late = at - stop.planned_at - timedelta(seconds=stop.service)
        _reproject(deed, means, route, stop, late, cause, now)


def _depart(
    deed: Deed, means: Means, route: Route, at: datetime, cause: str, now: datetime
) -> None:
    """The van leaves: its parcels leave the stock; an order withdrawn since stays behind."""
    parties = (route.carrier or "",)
    move(
        deed,
        means.ids,
        ROUTE,
        route,
        RouteStep.START,
        now=now,
        cause=cause,
        audience=parties,
        time=at,
        started_at=at,
        updated_at=now,
    )
    for stop in deed.find(Stop, route=route.id, state=OPEN_STOP):
        order = deed.lock(Order, stop.order)
        if order.state not in LOADABLE:
            leave_behind(deed, means, stop, cause, now)
            continue
        order = packed(deed, means, order, cause=cause, now=now)
        take(deed, means.ids, order, now=now)
        move(
            deed,
            means.ids,
            ORDER,
            order,
            OrderStep.LOAD,
            now=now,
            cause=cause,
            audience=(order.client,),
            time=at,
            data={"route": route.id},
            route=route.id,
            updated_at=now,
        )
    _reproject(deed, means, route, None, at - route.departs_at, cause, now)


def _deliver(
    deed: Deed, means: Means, order: Order, at: datetime, cause: str, now: datetime
) -> None:
    """The parcel is with the buyer; its promise is kept or broken."""
    if order.state is not OrderState.OUT_FOR_DELIVERY:
        return
    move(
        deed,
        means.ids,
        ORDER,
        order,
        OrderStep.DELIVER,
        now=now,
        cause=cause,
        audience=(order.client,),
        time=at,
        delivered_at=at,
        updated_at=now,
    )
    close_promise(deed, means, order, at, cause=cause, now=now)


def _reproject(
    deed: Deed,
    means: Means,
    route: Route,
    after: Stop | None,
    late: timedelta,
    cause: str,
    now: datetime,
) -> None:
    """Move the arrivals of the stops to come by how late the van is, and doubt in time."""
    for stop in deed.find(Stop, route=route.id, state=OPEN_STOP):
        if after is not None and (stop.id == after.id or stop.position < after.position):
            continue
        at = max(stop.planned_at + late, now)
        if abs((at - stop.projected_at).total_seconds()) >= NEWS:
            move_stop(deed, means, route, stop, at, "carrier_delay", cause, now)


def move_stop(
    deed: Deed,
    means: Means,
    route: Route,
    stop: Stop,
    at: datetime,
    reason: str,
    cause: str,
    now: datetime,
) -> None:
    """Believe a new arrival at a stop, and of its promise."""
    deed.change(deed.lock(Stop, stop.id), projected_at=at)
    if stop.promise is not None:
        promise, client = deed.lock(Promise, stop.promise), deed.get(Order, stop.order).client
        parties = (client, route.carrier or "")
        project(deed, means, promise, at, reason, audience=parties, cause=cause, now=now)
