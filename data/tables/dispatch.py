"""Plans, routes and stops, the tenders to carriers and what they reported."""

from data.tables.columns import (
    Document,
    FoundMoment,
    FoundText,
    Id,
    MaybeFoundText,
    MaybeMoment,
    MaybeReal,
    MaybeText,
    Moment,
    Real,
    Row,
    Text,
    Whole,
)


class PlanRow(Row, table=True):
    """One plan."""

    __tablename__ = "plans"

    id: Id
    market: FoundText
    state: FoundText
    made_at: FoundMoment
    published_at: MaybeMoment
    routes: Document
    unplanned: Document
    cost: Whole
    stopped: Text
    gap: MaybeReal
    decision: MaybeText
    version: Whole


class RouteRow(Row, table=True):
    """One route."""

    __tablename__ = "routes"

    id: Id
    plan: FoundText
    market: FoundText
    node: FoundText
    vehicle: FoundText
    carrier: MaybeFoundText
    state: FoundText
    departs_at: FoundMoment
    returns_at: Moment
    distance_m: Whole
    stop_count: Whole
    cost: Whole
    tender: MaybeText
    driver: MaybeText
    started_at: MaybeMoment
    completed_at: MaybeMoment
    last_heard_at: MaybeMoment
    updated_at: Moment
    version: Whole


class StopRow(Row, table=True):
    """One stop."""

    __tablename__ = "stops"

    id: Id
    route: FoundText
    order: FoundText
    promise: MaybeText
    market: FoundText
    position: Whole
    lat: Real
    lon: Real
    parcels: Whole
    service: Whole
    state: FoundText
    due_at: Moment
    planned_at: Moment
    projected_at: Moment
    arrived_at: MaybeMoment
    closed_at: MaybeMoment
    outcome: MaybeText
    outcome_reason: MaybeText
    note: MaybeText
    version: Whole


class StopEventRow(Row, table=True):
    """One stop event, written once."""

    __tablename__ = "stop_events"

    id: Id
    carrier: FoundText
    route: FoundText
    stop: MaybeFoundText
    document: Document


class ProofRow(Row, table=True):
    """One proof, written once."""

    __tablename__ = "proofs"

    id: Id
    stop: FoundText
    document: Document


class TenderRow(Row, table=True):
    """One route tender."""

    __tablename__ = "tenders"

    id: Id
    route: FoundText
    market: Text
    carrier: FoundText
    state: FoundText
    pay: Whole
    offered_at: Moment
    respond_by: FoundMoment
    closed_at: MaybeMoment
    decline_reason: MaybeText
    driver: MaybeText
    vehicle: MaybeText
    version: Whole
