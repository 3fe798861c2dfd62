"""What is where, the journal of its movements, what is spoken for and what is on the road."""

from data.tables.columns import (
    Document,
    FoundText,
    Id,
    MaybeFoundText,
    MaybeMoment,
    Moment,
    Row,
    Text,
    Whole,
)


class StockRow(Row, table=True):
    """One inventory position."""

    __tablename__ = "stock"

    id: Id
    node: FoundText
    product: FoundText
    on_hand: Whole
    reserved: Whole
    damaged: Whole
    floor: Whole
    version: Whole


class MovementRow(Row, table=True):
    """One stock movement, written once."""

    __tablename__ = "movements"

    id: Id
    node: FoundText
    product: FoundText
    cause: FoundText
    document: Document


class ReservationRow(Row, table=True):
    """One reservation."""

    __tablename__ = "reservations"

    id: Id
    order: FoundText
    node: FoundText
    product: Text
    units: Whole
    state: FoundText
    made_at: Moment
    version: Whole


class ReplenishmentRow(Row, table=True):
    """One replenishment."""

    __tablename__ = "replenishments"

    id: Id
    from_node: FoundText
    to_node: FoundText
    market: FoundText
    state: FoundText
    loads: Document
    departs_at: Moment
    arrives_at: Moment
    cost: Whole
    recommendation: MaybeFoundText
    received_at: MaybeMoment
    version: Whole
