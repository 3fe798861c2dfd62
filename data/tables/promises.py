"""Quotes offered, promises made, and how they were kept."""

from data.tables.columns import (
    Document,
    Flag,
    FoundMoment,
    FoundText,
    Id,
    MaybeDocument,
    MaybeFoundText,
    MaybeMoment,
    MaybeReal,
    MaybeText,
    MaybeWhole,
    Moment,
    Real,
    Row,
    Text,
    Whole,
)


class QuoteRow(Row, table=True):
    """One quote."""

    __tablename__ = "quotes"

    id: Id
    client: FoundText
    market: MaybeFoundText
    zone: MaybeText
    currency: MaybeText
    cell: MaybeText
    lat: MaybeReal
    lon: MaybeReal
    lines: Document
    state: FoundText
    serviceable: Flag
    eligible: Flag
    made_at: Moment
    expires_at: FoundMoment
    offer: MaybeDocument
    alternatives: Document
    reasons: Document
    board: Text
    stock_at: MaybeMoment
    forecast: MaybeText
    plan: MaybeText
    decision: MaybeText
    version: Whole


class PromiseRow(Row, table=True):
    """One promise."""

    __tablename__ = "promises"

    id: Id
    order: FoundText
    market: FoundText
    state: FoundText
    service_level: Text
    window: Document
    zone: Text
    keep_probability: Real
    made_at: FoundMoment
    raw_keep: Real
    node: MaybeText
    wave_at: MaybeMoment
    projected_at: MaybeMoment
    actual_at: MaybeMoment
    told_at: MaybeMoment
    history: Document
    version: Whole


class CalibrationRow(Row, table=True):
    """One calibration."""

    __tablename__ = "calibrations"

    id: Id
    learnt_at: Moment
    outcomes: Whole
    bins: Document
    brier: MaybeReal
    brier_constant: MaybeReal
    local_factor: Real
    p90_factor: MaybeReal
    drives: Whole
    between_drops: MaybeWhole
    six_hour_quotes: Whole
    six_hour_orders: Whole
    other_quotes: Whole
    other_orders: Whole
    carriers: Document
    version: Whole
