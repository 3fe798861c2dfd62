"""What happened, and who is told of it."""

from sqlalchemy import UniqueConstraint

from data.tables.columns import (
    Document,
    FoundText,
    Id,
    MaybeFoundMoment,
    MaybeMoment,
    MaybeText,
    MaybeWhole,
    Moment,
    Row,
    Text,
    Whole,
)


class EventRow(Row, table=True):
    """One event, written once."""

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("subject", "sequence"),
        UniqueConstraint("position"),
    )

    id: Id
    type: FoundText
    subject: Text
    sequence: Whole
    position: Whole
    document: Document


class WebhookEndpointRow(Row, table=True):
    """One webhook endpoint."""

    __tablename__ = "webhook_endpoints"

    id: Id
    party: FoundText
    role: Text
    url: Text
    types: Document
    secret: Text
    state: FoundText
    created_at: Moment
    cursor: Whole
    failing_since: MaybeMoment
    version: Whole


class WebhookDeliveryRow(Row, table=True):
    """One webhook delivery."""

    __tablename__ = "webhook_deliveries"

    id: Id
    endpoint: FoundText
    event: Text
    position: Whole
    tries: Whole
    next_try_at: MaybeFoundMoment
    delivered_at: MaybeMoment
    last_code: MaybeWhole
    last_error: MaybeText
    version: Whole
