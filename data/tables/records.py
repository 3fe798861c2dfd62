"""What is written once and summed or replayed: money entries and decision records."""

from data.tables.columns import Document, FoundMoment, FoundText, Id, MaybeFoundText, Row


class EntryRow(Row, table=True):
    """One ledger entry, written once."""

    __tablename__ = "entries"

    id: Id
    kind: FoundText
    market: FoundText
    node: MaybeFoundText
    cause: FoundText
    at: FoundMoment
    document: Document


class DecisionRecordRow(Row, table=True):
    """One decision, written once."""

    __tablename__ = "decision_records"

    id: Id
    kind: FoundText
    at: FoundMoment
    document: Document
