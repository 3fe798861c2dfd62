"""What is expected to be asked for, and what was asked for in vain."""

from data.tables.columns import Document, FoundMoment, FoundText, Id, Row, Text, Whole


class OutlookRow(Row, table=True):
    """One forecast, written once."""

    __tablename__ = "forecasts"

    id: Id
    product: FoundText
    market: FoundText
    made_at: FoundMoment
    document: Document


class LostDemandRow(Row, table=True):
    """One lost demand."""

    __tablename__ = "lost_demand"

    id: Id
    product: FoundText
    market: FoundText
    cell: Text
    hour: FoundMoment
    units: Whole
    version: Whole
