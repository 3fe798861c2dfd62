"""What drives where: plans, their routes and stops, the tenders to carriers, what was reported.

A plan's life: draft ─▸ solving ─▸ solved ─▸ published ─▸ SUPERSEDED; FAILED, ABANDONED.
A route's life: planned ─▸ tendered ─▸ accepted ─▸ in_progress ─▸ COMPLETED; CANCELLED, SUPERSEDED.
A tender's life: offered ─▸ ACCEPTED, DECLINED, EXPIRED or WITHDRAWN.
A stop's life: planned ─▸ en_route ─▸ arrived ─▸ CLOSED with an outcome beside it.

A stop event that comes late never moves a closed stop: it is kept with `applied: false` and why.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from logistics.states import Life
from logistics.units import Cents, Parcels, Seconds


class PlanState(StrEnum):
    """Where a plan is in its life."""

    DRAFT = "draft"
    SOLVING = "solving"
    SOLVED = "solved"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    FAILED = "failed"
    ABANDONED = "abandoned"


class PlanStep(StrEnum):
    """What may happen to a plan."""

    SOLVE = "solve"
    FINISH = "finish"
    PUBLISH = "publish"
    SUPERSEDE = "supersede"
    FAIL = "fail"
    ABANDON = "abandon"


PLAN = Life(
    resource="plan",
    states=PlanState,
    steps=PlanStep,
    leads_to={
        (PlanState.DRAFT, PlanStep.SOLVE): PlanState.SOLVING,
        (PlanState.DRAFT, PlanStep.ABANDON): PlanState.ABANDONED,
        (PlanState.SOLVING, PlanStep.FINISH): PlanState.SOLVED,
        (PlanState.SOLVING, PlanStep.FAIL): PlanState.FAILED,
        (PlanState.SOLVED, PlanStep.PUBLISH): PlanState.PUBLISHED,
        (PlanState.SOLVED, PlanStep.ABANDON): PlanState.ABANDONED,
        (PlanState.PUBLISHED, PlanStep.SUPERSEDE): PlanState.SUPERSEDED,
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplanned:
    """An order that a plan leaves out, and why."""

    order: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A set of routes from one solve, for one market."""

    id: str
    market: str
    state: PlanState
    made_at: datetime
    published_at: datetime | None = None
    routes: tuple[str, ...] = ()
    unplanned: tuple[Unplanned, ...] = ()
    cost: Cents = 0
    stopped: str = "finished"
    """Why the solver stopped: `finished`, `time_limit`, `steps`."""
    gap: float | None = None
    decision: str | None = None
    version: int = 1


class RouteState(StrEnum):
    """Where a route is in its life."""

    PLANNED = "planned"
    TENDERED = "tendered"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"


class RouteStep(StrEnum):
    """What may happen to a route."""

    TENDER = "tender"
    ACCEPT = "accept"
    LOSE_CARRIER = "lose_carrier"
    START = "start"
    COMPLETE = "complete"
    CANCEL = "cancel"
    SUPERSEDE = "supersede"


ROUTE = Life(
    resource="route",
    states=RouteState,
    steps=RouteStep,
    leads_to={
        (RouteState.PLANNED, RouteStep.TENDER): RouteState.TENDERED,
        (RouteState.PLANNED, RouteStep.CANCEL): RouteState.CANCELLED,
        (RouteState.PLANNED, RouteStep.SUPERSEDE): RouteState.SUPERSEDED,
        (RouteState.TENDERED, RouteStep.ACCEPT): RouteState.ACCEPTED,
        (RouteState.TENDERED, RouteStep.LOSE_CARRIER): RouteState.PLANNED,
        (RouteState.TENDERED, RouteStep.CANCEL): RouteState.CANCELLED,
        (RouteState.TENDERED, RouteStep.SUPERSEDE): RouteState.SUPERSEDED,
        (RouteState.ACCEPTED, RouteStep.START): RouteState.IN_PROGRESS,
        (RouteState.ACCEPTED, RouteStep.CANCEL): RouteState.CANCELLED,
        (RouteState.IN_PROGRESS, RouteStep.COMPLETE): RouteState.COMPLETED,
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The ordered stops of one vehicle on one trip from a node."""

    id: str
    plan: str
    market: str
    node: str
    vehicle: str
    carrier: str | None
    state: RouteState
    departs_at: datetime
    returns_at: datetime
    distance_m: int
    stop_count: int
    cost: Cents
    tender: str | None = None
    driver: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    last_heard_at: datetime | None = None
    updated_at: datetime
    version: int = 1


class StopState(StrEnum):
    """Where a stop is in its life."""

    PLANNED = "planned"
    EN_ROUTE = "en_route"
    ARRIVED = "arrived"
    CLOSED = "closed"


class StopStep(StrEnum):
    """What may be reported of a stop."""

    APPROACH = "approach"
    ARRIVE = "arrive"
    CLOSE = "close"


STOP = Life(
    resource="stop",
    states=StopState,
    steps=StopStep,
    leads_to={
        (StopState.PLANNED, StopStep.APPROACH): StopState.EN_ROUTE,
        (StopState.PLANNED, StopStep.ARRIVE): StopState.ARRIVED,
        (StopState.PLANNED, StopStep.CLOSE): StopState.CLOSED,
        (StopState.EN_ROUTE, StopStep.ARRIVE): StopState.ARRIVED,
        (StopState.EN_ROUTE, StopStep.CLOSE): StopState.CLOSED,
        (StopState.ARRIVED, StopStep.CLOSE): StopState.CLOSED,
    },
)


class Outcome(StrEnum):
    """How a closed stop ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"


class FailureReason(StrEnum):
    """Why a stop failed: a closed list, version 1."""

    NOT_HOME = "not_home"
    CANNOT_FIND_ADDRESS = "cannot_find_address"
    NO_ACCESS = "no_access"
    NO_PARKING = "no_parking"
    REFUSED = "refused"
    DAMAGED = "damaged"
    MISSING_ITEM = "missing_item"
    NO_TIME = "no_time"
    VEHICLE_BREAKDOWN = "vehicle_breakdown"
    WEATHER = "weather"
    MISSING_REQUIRED_PROOF = "missing_required_proof"
    CLOSED_BUSINESS = "closed_business"
    UNSAFE = "unsafe"
    WRONG_ADDRESS = "wrong_address"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A place visited once on a route; the five lives of its time stand beside each other."""

    id: str
    route: str
    order: str
    promise: str | None
    market: str
    position: int
    lat: float
    lon: float
    parcels: Parcels
    service: Seconds
    state: StopState
    due_at: datetime
    planned_at: datetime
    projected_at: datetime
    arrived_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: Outcome | None = None
    outcome_reason: FailureReason | None = None
    note: str | None = None
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StopEvent:
    """What a carrier reported of a stop or a route, kept whether or not it changed anything."""

    id: str
    """Made of the carrier and the sender's own event id, so a repeat is seen."""
    carrier: str
    route: str
    stop: str | None
    step: str
    """`depart`, `approach`, `arrive`, `close` or `return`."""
    happened_at: datetime
    received_at: datetime
    sequence: int
    outcome: Outcome | None = None
    outcome_reason: FailureReason | None = None
    note: str | None = None
    lat: float | None = None
    lon: float | None = None
    skew_seconds: int = 0
    """How far the sender's clock is ahead of ours, where it says a time not yet come."""
    applied: bool = True
    ignored_because: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A proof of delivery: its kind, content hash and time; the first stays the proof."""

    id: str
    stop: str
    carrier: str
    kind: str
    sha256: str
    size: int
    taken_at: datetime
    received_at: datetime
    first: bool


class TenderState(StrEnum):
    """Where an offer of a route is in its life."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class TenderStep(StrEnum):
    """What may happen to a tender."""

    ACCEPT = "accept"
    DECLINE = "decline"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"


TENDER = Life(
    resource="tender",
    states=TenderState,
    steps=TenderStep,
    leads_to={
        (TenderState.OFFERED, TenderStep.ACCEPT): TenderState.ACCEPTED,
        (TenderState.OFFERED, TenderStep.DECLINE): TenderState.DECLINED,
        (TenderState.OFFERED, TenderStep.EXPIRE): TenderState.EXPIRED,
        (TenderState.OFFERED, TenderStep.WITHDRAW): TenderState.WITHDRAWN,
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tender:
    """An offer of a route to a carrier, with its pay and a deadline; silence is no acceptance."""

    id: str
    route: str
    market: str
    carrier: str
    state: TenderState
    pay: Cents
    offered_at: datetime
    respond_by: datetime
    closed_at: datetime | None = None
    decline_reason: str | None = None
    driver: str | None = None
    vehicle: str | None = None
    version: int = 1
