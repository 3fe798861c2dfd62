"""Long work, the ticks of the clock, and who leads."""

from data.tables.columns import (
    Flag,
    FoundMoment,
    FoundText,
    Id,
    MaybeReal,
    MaybeText,
    Moment,
    Real,
    Row,
    Text,
    Whole,
)


class OperationRow(Row, table=True):
    """One operation."""

    __tablename__ = "operations"

    id: Id
    kind: FoundText
    state: FoundText
    asked_by: Text
    created_at: Moment
    updated_at: Moment
    progress: Real
    best_objective: MaybeReal
    cancel_wanted: Flag
    result: MaybeText
    error: MaybeText
    version: Whole


class TickRow(Row, table=True):
    """One tick."""

    __tablename__ = "ticks"

    id: Id
    job: FoundText
    due_at: FoundMoment
    ran_at: Moment
    holder: Text
    outcome: Text
    version: Whole


class LeadershipRow(Row, table=True):
    """One leadership."""

    __tablename__ = "leaderships"

    id: Id
    holder: Text
    until: Moment
    version: Whole
