"""What is expected to be asked for, and what was asked for in vain."""

from data.tables.columns import (
    Document,
    Flag,
    FoundMoment,
    FoundText,
    Id,
    MaybeDocument,
    MaybeMoment,
    MaybeText,
    Moment,
    Real,
    Row,
    Text,
    Whole,
)


class OutlookRow(Row, table=True):
    """One forecast, written once."""

    __tablename__ = "forecasts"

    id: Id
    product: FoundText
    market: FoundText
    made_at: FoundMoment
    document: Document


class ForecastOverrideRow(Row, table=True):
    """One change of a planner's."""

    __tablename__ = "forecast_overrides"

    id: Id
    product: FoundText
    market: FoundText
    cell: MaybeText
    factor: Real
    starts_at: Moment
    ends_at: Moment
    expires_at: Moment
    made_at: FoundMoment
    author: Text
    reason: Text
    withdrawn_at: MaybeMoment
    version: Whole


class AccuracyRow(Row, table=True):
    """What became of one product's forecasts in one market."""

    __tablename__ = "forecast_accuracy"

    id: Id
    product: FoundText
    market: FoundText
    learnt_at: Moment
    width: Real
    gated: Flag
    tracks: Document
    outcomes: Document
    parts: Document
    version: Whole


class BaselineRow(Row, table=True):
    """One product's ordinary demand in one market."""

    __tablename__ = "baselines"

    id: Id
    product: FoundText
    market: FoundText
    fitted_at: Moment
    days: Whole
    value_added: Real
    used: Flag
    drift: Real
    curve: Document
    version: Whole


class HabitsRow(Row, table=True):
    """What one market's finished videos taught of courses."""

    __tablename__ = "habits"

    id: Id
    market: FoundText
    learnt_at: Moment
    videos: Whole
    value_added: Real
    used: Flag
    courses: Document
    attention: MaybeDocument
    version: Whole


class BacktestRow(Row, table=True):
    """One backtest."""

    __tablename__ = "backtests"

    id: Id
    market: FoundText
    asked_by: Text
    asked_at: Moment
    starts_at: Moment
    ends_at: Moment
    every_hours: Whole
    operation: FoundText
    done_at: MaybeMoment
    tracks: Document
    version: Whole


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
