"""Orders as the buyers placed them, and what of each buyer is known, sealed."""

from sqlalchemy import UniqueConstraint

from data.tables.columns import (
    Document,
    Flag,
    FoundMoment,
    FoundText,
    Id,
    MaybeFoundMoment,
    MaybeFoundText,
    MaybeMoment,
    MaybeText,
    Moment,
    Real,
    Row,
    Text,
    Whole,
)


class OrderRow(Row, table=True):
    """One order."""

    __tablename__ = "orders"
    __table_args__ = (UniqueConstraint("client", "external_id"),)

    id: Id
    external_id: Text
    client: Text
    buyer: FoundText
    market: FoundText
    cell: Text
    lat: Real
    lon: Real
    lines: Document
    state: FoundText
    accepted_at: FoundMoment
    service_level: Text
    eligible: Flag
    due_at: Moment
    ready_at: MaybeMoment
    wave_at: MaybeFoundMoment
    node: MaybeFoundText
    quote: MaybeText
    promise: MaybeText
    route: MaybeFoundText
    price: Whole
    attempts: Whole
    delivered_at: MaybeMoment
    closed_reason: MaybeText
    sscc: MaybeText
    updated_at: FoundMoment
    version: Whole


class ContactRow(Row, table=True):
    """One contact."""

    __tablename__ = "contacts"

    id: Id
    buyer: FoundText
    sealed: Text
    created_at: Moment
    version: Whole


class BuyerKeyRow(Row, table=True):
    """One buyer key."""

    __tablename__ = "buyer_keys"

    id: Id
    sealed_key: MaybeText
    created_at: Moment
    destroyed_at: MaybeMoment
    version: Whole


class PrivacyRequestRow(Row, table=True):
    """One privacy request."""

    __tablename__ = "privacy_requests"

    id: Id
    buyer: FoundText
    client: FoundText
    asked_at: Moment
    due_at: Moment
    completed_at: MaybeMoment
    erased_orders: Document
    waiting_orders: Document
    tables_touched: Document
    version: Whole
