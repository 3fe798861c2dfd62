"""Keys to the doors, and answers kept for repeats."""

from sqlalchemy import UniqueConstraint

from data.tables.columns import (
    Document,
    FoundMoment,
    FoundText,
    Id,
    MaybeMoment,
    Moment,
    Row,
    Text,
    Whole,
)


class ApiKeyRow(Row, table=True):
    """One api key."""

    __tablename__ = "api_keys"
    __table_args__ = (UniqueConstraint("prefix"),)

    id: Id
    name: Text
    role: Text
    party: FoundText
    prefix: Text
    hash: Text
    scopes: Document
    created_at: Moment
    expires_at: MaybeMoment
    revoked_at: MaybeMoment
    last_used_at: MaybeMoment
    version: Whole


class KeptAnswerRow(Row, table=True):
    """One kept answer, written once."""

    __tablename__ = "kept_answers"

    id: Id
    at: FoundMoment
    document: Document
