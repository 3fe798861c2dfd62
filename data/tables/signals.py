"""Signal batches as they came, their hourly sums, and the episodes seen in them."""

from data.tables.columns import (
    Document,
    FoundMoment,
    FoundText,
    Id,
    MaybeMoment,
    MaybeReal,
    Moment,
    Real,
    Row,
    Text,
    Whole,
)


class SignalBatchRow(Row, table=True):
    """One signal batch."""

    __tablename__ = "signal_batches"

    id: Id
    client: FoundText
    residency: Text
    received_at: FoundMoment
    state: Text
    rows: Whole
    applied: Whole
    refused: Whole
    late: Whole
    results: Document
    fingerprint: Text
    version: Whole


class SignalHourRow(Row, table=True):
    """One signal hour."""

    __tablename__ = "signal_hours"

    id: Id
    video: FoundText
    market: FoundText
    region: Text
    hour: FoundMoment
    heard_minutes: Whole
    quarters: Document
    views: Whole
    paid_views: Whole
    unique_viewers: Whole
    completed: Whole
    watch_seconds: Whole
    pauses: Whole
    zooms: Whole
    saves: Whole
    shares: Whole
    likes: Whole
    negative_reactions: Whole
    comments: Whole
    product_clicks: Whole
    version: Whole


class EpisodeRow(Row, table=True):
    """One virality episode."""

    __tablename__ = "episodes"

    id: Id
    video: FoundText
    market: FoundText
    state: FoundText
    started_at: Moment
    seen_at: Moment
    views: Whole
    views_per_hour: Real
    doubling_minutes: MaybeReal
    half_life_hours: MaybeReal
    evidence: Document
    ended_at: MaybeMoment
    version: Whole
