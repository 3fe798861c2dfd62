"""What a platform tells about its videos: increments per video, region and minutes, no persons.

A row is the increment of its bucket, never a running total. A batch is kept under the sender's
own id, so a batch that comes three times counts once. A row too late or from the future is
refused alone; the rest of its batch is applied.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter

from logistics.errors import require
from logistics.states import Life

COUNTS = (
    "views",
    "paid_views",
    "unique_viewers",
    "completed",
    "watch_seconds",
    "pauses",
    "zooms",
    "saves",
    "shares",
    "likes",
    "negative_reactions",
    "comments",
    "product_clicks",
)
"""The counted fields of a signal row."""
counted = attrgetter(*COUNTS)
"""All counts of a row, or of an hour, in that order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalRow:
    """The increments of one video in one region over one bucket of minutes."""

    video_id: str
    market: str
    bucket_start: datetime
    bucket_minutes: int
    views: int
    region: str | None = None
    """An H3 cell of the market; None speaks for the whole market."""
    paid_views: int = 0
    unique_viewers: int = 0
    completed: int = 0
    watch_seconds: int = 0
    pauses: int = 0
    zooms: int = 0
    saves: int = 0
    shares: int = 0
    likes: int = 0
    negative_reactions: int = 0
    comments: int = 0
    product_clicks: int = 0

    def __post_init__(self) -> None:
        """Refuse counts below zero and buckets that cannot be."""
        require(self.bucket_start.tzinfo is not None, "bucket_start", "needs a UTC offset")
        require(1 <= self.bucket_minutes <= 1440, "bucket_minutes", "is between 1 and 1440")
        least, name = min(zip(counted(self), COUNTS, strict=True))
        require(least >= 0, name, "must not be negative")
        require(self.paid_views <= self.views, "paid_views", "cannot be more than views")
        require(self.completed <= self.views, "completed", "cannot be more than views")

    @property
    def bucket_end(self) -> datetime:
        """The moment at which the bucket is whole."""
        return self.bucket_start + timedelta(minutes=self.bucket_minutes)


def batch_id(client: str, id: str) -> str:
    """The id under which a sender's batch is kept: two senders may use the same word."""
    return f"{client}~{id}"


def signal_hour_id(video: str, market: str, region: str, hour: datetime) -> str:
    """The id of the one sum of a video, region and hour."""
    return f"{video}~{market}~{region}~{_stamp(hour.astimezone(UTC))}"


@lru_cache(maxsize=1024)
def _stamp(hour: datetime) -> str:
    return f"{hour:%Y%m%d%H}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalHour:
    """The sums of one video in one region over one hour: what the forecast reads."""

    id: str
    video: str
    market: str
    region: str
    """An H3 cell, or the market's own id where rows spoke for the whole market."""
    hour: datetime
    heard_minutes: int = 0
    """Up to which minute of the hour rows have spoken; less than 60 in the hour that is not over."""
    quarters: tuple[int, ...] = ()
    """The views by quarter of the hour; none where rows were longer."""
    views: int = 0
    paid_views: int = 0
    unique_viewers: int = 0
    completed: int = 0
    watch_seconds: int = 0
    pauses: int = 0
    zooms: int = 0
    saves: int = 0
    shares: int = 0
    likes: int = 0
    negative_reactions: int = 0
    comments: int = 0
    product_clicks: int = 0
    version: int = 1


class BatchState(StrEnum):
    """The life of a signal batch: received, then applied or refused."""

    RECEIVED = "received"
    APPLIED = "applied"
    REFUSED = "refused"


class BatchStep(StrEnum):
    """What may happen to a batch."""

    APPLY = "apply"
    REFUSE = "refuse"


BATCH = Life(
    resource="signal_batch",
    states=BatchState,
    steps=BatchStep,
    leads_to={
        (BatchState.RECEIVED, BatchStep.APPLY): BatchState.APPLIED,
        (BatchState.RECEIVED, BatchStep.REFUSE): BatchState.REFUSED,
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowResult:
    """What became of one row of a batch."""

    row: int
    state: str
    """`applied` or `refused`."""
    reason: str | None = None
    late: bool = False
    skew_seconds: int = 0
    merged: bool = False
    """The row had fewer viewers than the privacy minimum and counts for the whole market."""
    event_at: datetime | None = None
    """When its bucket began, where the row is refused for its time."""
    limit_seconds: int | None = None
    """How late or how far ahead a row may be, where this one is beyond that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalBatch:
    """A batch as it was received, with the answer to each of its rows."""

    id: str
    client: str
    residency: str
    received_at: datetime
    state: BatchState
    rows: int
    applied: int
    refused: int
    late: int
    results: tuple[RowResult, ...]
    fingerprint: str
    version: int = 1
