"""What carriers are shown and report. A carrier sees its own routes and tenders only."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from api.schemas import (
    Asked,
    Id,
    Latitude,
    Longitude,
    Moment,
    Note,
    Shown,
    Some,
    Text,
    Word,
)
from logistics.dispatch import FailureReason, Outcome, RouteState, StopState, TenderState


class RouteOut(Shown):
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
    tender: str | None
    driver: str | None
    started_at: datetime | None
    completed_at: datetime | None
    last_heard_at: datetime | None
    updated_at: datetime
    version: int


class StopOut(Shown):
    """A place visited once on a route, with the lives of its time beside each other."""

    id: str
    route: str
    order: str
    position: int
    lat: float
    lon: float
    parcels: int
    service: int
    state: StopState
    due_at: datetime
    planned_at: datetime
    projected_at: datetime
    arrived_at: datetime | None
    closed_at: datetime | None
    outcome: Outcome | None
    outcome_reason: FailureReason | None
    note: str | None
    contact: dict[str, str] | None = Field(
        default=None,
        description="Who receives it: for the carrier that accepted the route, while it is on.",
    )
    version: int


class TenderOut(Shown):
    """An offer of a route, with its pay in hundredths and its deadline."""

    id: str
    route: str
    market: str
    carrier: str
    state: TenderState
    pay: int
    offered_at: datetime
    respond_by: datetime
    closed_at: datetime | None
    decline_reason: str | None
    driver: str | None
    vehicle: str | None
    version: int


class ResponseIn(Asked):
    """A carrier's answer to an offer."""

    answer: Literal["accept", "decline"]
    reason: Text | None = None
    driver: Text | None = None
    vehicle: Word | None = None


class StopReportIn(Asked):
    """One thing that happened on a route, by the sender's clock and under the sender's own id."""

    id: Word
    route: Id
    stop: Id | None = None
    step: Literal["depart", "approach", "arrive", "close", "return"]
    happened_at: Moment
    sequence: Annotated[int, Field(strict=True, ge=0, le=1_000_000_000)]
    outcome: Outcome | None = None
    outcome_reason: FailureReason | None = None
    note: Note | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None


class ReportsIn(Asked):
    """What happened on a carrier's routes; the same report twice has one effect."""

    events: Annotated[tuple[StopReportIn, ...], Field(min_length=1, max_length=1000)]


class ReportOut(Shown):
    """What became of one report: `applied`, `ignored`, `duplicate` or `refused`, and why."""

    id: str
    state: str
    reason: str | None


class ReportsOut(Shown):
    """The answers, in the order of the reports."""

    items: list[ReportOut]


class ProofIn(Asked):
    """A proof of delivery: what it is and the hash of its content."""

    kind: Literal["photo", "signature", "code"]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    size: Some
    taken_at: Moment


class ProofOut(Shown):
    """A proof of delivery; the first stays the proof until a planner decides."""

    id: str
    stop: str
    carrier: str
    kind: str
    sha256: str
    size: int
    taken_at: datetime
    received_at: datetime
    first: bool
