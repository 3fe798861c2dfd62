"""Sites that might be used, nodes that are, and the leases between them."""

from data.tables.columns import (
    Document,
    Flag,
    FoundText,
    Id,
    MaybeMoment,
    MaybeText,
    Moment,
    Real,
    Row,
    Text,
    Whole,
)


class SiteRow(Row, table=True):
    """One site."""

    __tablename__ = "sites"

    id: Id
    name: Text
    market: FoundText
    type: FoundText
    provider: FoundText
    lat: Real
    lon: Real
    cell: Text
    terms: Document
    open_from_hour: Whole
    open_until_hour: Whole
    chilled: Flag
    dangerous: Flag
    available_from: MaybeMoment
    available_until: MaybeMoment
    active: Flag
    gln: MaybeText
    version: Whole


class NodeRow(Row, table=True):
    """One node."""

    __tablename__ = "nodes"

    id: Id
    site: FoundText
    market: FoundText
    type: FoundText
    state: FoundText
    lat: Real
    lon: Real
    planned_at: Moment
    live_from: MaybeMoment
    drain_from: MaybeMoment
    closes_at: MaybeMoment
    closed_at: MaybeMoment
    orders_per_day: Whole
    space: Whole
    recommendation: MaybeText
    lease: MaybeText
    intake_done_for: MaybeMoment
    version: Whole


class LeaseRow(Row, table=True):
    """One lease."""

    __tablename__ = "leases"

    id: Id
    site: FoundText
    node: FoundText
    market: Text
    provider: FoundText
    recommendation: FoundText
    state: FoundText
    requested_at: Moment
    respond_by: Moment
    starts_at: Moment
    ends_at: Moment
    set_up: Whole
    per_day: Whole
    per_order: Whole
    answered_at: MaybeMoment
    refusal_reason: MaybeText
    version: Whole
