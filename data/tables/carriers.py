"""Carriers under contract, their vehicles and where those were seen last."""

from data.tables.columns import (
    Document,
    Flag,
    FoundText,
    FoundWhole,
    Id,
    MaybeText,
    Moment,
    Real,
    Row,
    Text,
    Whole,
)


class CarrierRow(Row, table=True):
    """One carrier."""

    __tablename__ = "carriers"

    id: Id
    name: Text
    markets: Document
    rank: FoundWhole
    per_route: Whole
    per_stop: Whole
    per_km: Whole
    accepts_updates: Flag
    active: Flag
    version: Whole


class VehicleRow(Row, table=True):
    """One vehicle."""

    __tablename__ = "vehicles"

    id: Id
    carrier: FoundText
    market: FoundText
    parcels: Whole
    weight_grams: Whole
    volume_cm3: Whole
    chilled: Flag
    shift_from_hour: Whole
    shift_until_hour: Whole
    longest_drive: Whole
    active: Flag
    version: Whole


class PositionRow(Row, table=True):
    """Where one vehicle was seen last."""

    __tablename__ = "positions"

    id: Id
    carrier: FoundText
    market: FoundText
    lat: Real
    lon: Real
    seen_at: Moment
    received_at: Moment
    route: MaybeText
    version: Whole
