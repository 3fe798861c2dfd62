"""Take in what a platform tells: signal batches, and that a video was taken down.

A batch counts once, however often it comes. Each row is judged alone: late, too late, from the
future, of an unknown video; what remains adds to the hour in which it happened, in the same
transaction. A row of few viewers gives up its region and counts for the whole market.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from operator import add
from typing import Any, NamedTuple

from forecasting.signals import QUARTER, QUARTERS
from logistics.catalogue import Market, Video
from logistics.episodes import EPISODE, LIVING, Episode, EpisodeStep
from logistics.errors import Duplicate, ForeignZone, Unready, require
from logistics.policy import SignalLimits
from logistics.records import canonical, fingerprint, mark_of
from logistics.signals import (
    BATCH,
    COUNTS,
    BatchState,
    BatchStep,
    RowResult,
    SignalBatch,
    SignalHour,
    SignalRow,
    batch_id,
    counted,
    signal_hour_id,
)
from logistics.store import Deed, Reading
from logistics.units import Seconds
from logistics.workflows.means import Means
from logistics.workflows.moves import move, tell

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SENDERS_BATCH = "batch"
TOO_LATE, FROM_FUTURE = "signal-too-late", "signal-from-future"
VIEWS = COUNTS.index("views")
TRIES = 3
"""Two batches may be the first to speak of an hour at once; the one that loses tries again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowProblem:
    """A row that could not be read at all; what it held is not repeated here, nor kept."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingBatch:
    """A batch as it was sent: readable rows and unreadable ones, in the sender's order."""

    id: str
    client: str
    residency: str
    rows: tuple[SignalRow | RowProblem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A row's answer, and the row itself where it counts, clamped to now."""

    answer: RowResult
    row: SignalRow | None = None


class PartOfHour(NamedTuple):
    """What a row, or several, count in one hour."""

    hour: datetime
    heard_minutes: int
    quarters: tuple[int, ...]
    counts: tuple[int, ...]


def receive_signals(means: Means, batch: IncomingBatch, *, now: datetime) -> SignalBatch:
    """Keep a batch and add its good rows to their hours.

    Returns:
        The batch with the answer to each row; the kept one where it came before.

    Raises:
        ForeignZone: where the batch belongs to another residency zone; nothing of it is kept.
        Duplicate: where the sender used the id before, for other content.
    """
    if batch.residency != means.policy.zone:
        raise ForeignZone(batch.residency, (means.policy.zone,))
    mark, id = mark_of(batch), batch_id(batch.client, batch.id)
    for tries_left in reversed(range(TRIES)):
        try:
            with means.store.begin() as deed:
                if kept := deed.maybe(SignalBatch, id):
                    return _same(kept, batch, mark)
                return _apply(means, deed, batch, id, mark, now)
        except Duplicate as taken:
            if taken.kind == SENDERS_BATCH or not tries_left:
                raise
    raise Unready("the store")


def _same(kept: SignalBatch, batch: IncomingBatch, mark: str) -> SignalBatch:
    known = kept.fingerprint == mark
    if not known and kept.fingerprint != fingerprint(
        canonical(batch)
    ):  # what came before marks did
        raise Duplicate(SENDERS_BATCH, batch.id, kept.id)
    return kept


def _apply(
    means: Means, deed: Deed, batch: IncomingBatch, id: str, mark: str, now: datetime
) -> SignalBatch:
    heard = _judge(deed, batch, means.policy.signals, now)
    _add_up(deed, heard, means.policy.signals)
    answers = tuple(one.answer for one in heard)
    applied = sum(answer.state == "applied" for answer in answers)
    kept = deed.add(
        SignalBatch(
            id=id,
            client=batch.client,
            residency=batch.residency,
            received_at=now,
            state=BatchState.RECEIVED,
            rows=len(answers),
            applied=applied,
            refused=len(answers) - applied,
            late=sum(answer.late for answer in answers),
            results=answers,
            fingerprint=mark,
        )
    )
    step = BatchStep.REFUSE if answers and not applied else BatchStep.APPLY
    audience, counts = (batch.client,), {"applied": applied, "refused": kept.refused}
    return move(
        deed,
        means.ids,
        BATCH,
        kept,
        step,
        now=now,
        cause=batch.client,
        audience=audience,
        data=counts,
    )


def _judge(
    reading: Reading, batch: IncomingBatch, limits: SignalLimits, now: datetime
) -> list[Heard]:
    """The answer to each row, in order."""
    rows = [row for row in batch.rows if isinstance(row, SignalRow)]
    videos = {id for id in {row.video_id for row in rows} if reading.maybe(Video, id)}
    cells = {
        id: {region.cell for region in market.regions}
        for id in {row.market for row in rows}
        if (market := reading.maybe(Market, id))
    }
    return [_hear(i, row, videos, cells, limits, now) for i, row in enumerate(batch.rows)]


def _hear(
    place: int,
    row: SignalRow | RowProblem,
    videos: set[str],
    cells: Mapping[str, set[str]],
    limits: SignalLimits,
    now: datetime,
) -> Heard:
    """Judge one row; the first thing wrong with it is its reason."""
    if isinstance(row, RowProblem):
        return Heard(answer=RowResult(row=place, state="refused", reason=row.reason))
    skew = max(0, round((row.bucket_start - now).total_seconds()))
    delay = (now - row.bucket_end).total_seconds()
    if reason := _wrong(row, skew, delay, videos, cells, limits):
        answer = RowResult(row=place, state="refused", reason=reason, skew_seconds=skew)
        if limit := _limits_of_time(limits).get(reason):
            answer = replace(answer, event_at=row.bucket_start, limit_seconds=limit)
        return Heard(answer=answer)
    few = row.region is not None and row.unique_viewers < limits.privacy_minimum
    answer = RowResult(
        row=place,
        state="applied",
        late=delay > limits.late_after,
        skew_seconds=skew,
        merged=few,
    )
    return Heard(
        answer=answer, row=replace(row, bucket_start=now) if row.bucket_start > now else row
    )


def _wrong(
    row: SignalRow,
    skew: int,
    delay: float,
    videos: set[str],
    cells: Mapping[str, set[str]],
    limits: SignalLimits,
) -> str | None:
    if row.video_id not in videos:
        return "unknown_video"
    if row.market not in cells:
        return "unknown_market"
    if row.region is not None and row.region not in cells[row.market]:
        return "unknown_region"
    if delay > limits.refused_after:
        return TOO_LATE
    return FROM_FUTURE if skew > limits.future_refused_after else None


def _limits_of_time(limits: SignalLimits) -> Mapping[str, Seconds]:
    return {TOO_LATE: limits.refused_after, FROM_FUTURE: limits.future_refused_after}


def _add_up(deed: Deed, heard: list[Heard], limits: SignalLimits) -> None:
    """Add the rows to the sums of their hours, always in one order so that no two deeds wait
    for each other."""
    more: dict[str, tuple[SignalRow, str, list[PartOfHour]]] = {}
    for one in heard:
        if (row := one.row) is not None:
            region = row.market if one.answer.merged else row.region or row.market
            for part in by_hour(row, by_quarter=limits.by_quarter):
                id = signal_hour_id(row.video_id, row.market, region, part.hour)
                more.setdefault(id, (row, region, []))[2].append(part)
    for id in sorted(more):
        row, region, parts = more[id]
        if deed.maybe(SignalHour, id) is None:
            fresh = _summed(parts)
            deed.add(
                SignalHour(
                    id=id,
                    video=row.video_id,
                    market=row.market,
                    region=region,
                    hour=fresh.hour,
                    **_fields(fresh),
                )
            )
        else:
            kept = deed.lock(SignalHour, id)
            before = PartOfHour(kept.hour, kept.heard_minutes, kept.quarters, counted(kept))
            deed.change(kept, **_fields(_summed([before, *parts])))


def _summed(parts: list[PartOfHour]) -> PartOfHour:
    """What several parts count of one hour together."""
    if len(parts) == 1:
        return parts[0]
    counts = parts[0].counts
    for part in parts[1:]:
        counts = tuple(map(add, counts, part.counts))
    heard_minutes = max(part.heard_minutes for part in parts)
    return PartOfHour(parts[0].hour, heard_minutes, _all_by_quarter(parts), counts)


def _fields(part: PartOfHour) -> dict[str, Any]:
    """The fields of a sum that grow with each row."""
    return {
        "heard_minutes": part.heard_minutes,
        "quarters": part.quarters,
        **dict(zip(COUNTS, part.counts, strict=True)),
    }


def _all_by_quarter(parts: list[PartOfHour]) -> tuple[int, ...]:
    """The views of all by quarter; none where some came in longer rows."""
    told = [part.quarters for part in parts if part.counts[VIEWS]]
    return tuple(map(sum, zip(*told, strict=True))) if all(told) else ()


def by_hour(row: SignalRow, *, by_quarter: bool = True) -> tuple[PartOfHour, ...]:
    """The row's counts on whole hours of UTC, split by minutes; whole numbers that sum to the row's."""
    start = row.bucket_start.astimezone(UTC)
    end = start + timedelta(minutes=row.bucket_minutes)
    hour = start.replace(minute=0, second=0, microsecond=0)
    quartered = by_quarter and row.bucket_minutes <= QUARTER
    parts, whole = [], counted(row)
    while hour < end:
        opens, closes = max(start, hour), min(end, hour + HOUR)
        counts: tuple[int, ...] = whole
        if (opens, closes) != (start, end):
            before = (opens - start) / (end - start)
            until = (closes - start) / (end - start)
            counts = tuple(int(count * until) - int(count * before) for count in whole)
        quarters = _by_quarter(row, start, hour) if quartered else ()
        parts.append(PartOfHour(hour, -(-(closes - hour) // MINUTE), quarters, counts))
        hour += HOUR
    return tuple(parts)


def _by_quarter(row: SignalRow, start: datetime, hour: datetime) -> tuple[int, ...]:
    """The part of a short row's views in each quarter of an hour; the four sum to its part of the hour."""
    long = timedelta(minutes=row.bucket_minutes)
    edges = [hour + timedelta(minutes=QUARTER * i) for i in range(QUARTERS + 1)]
    until = [int(row.views * min(max((edge - start) / long, 0.0), 1.0)) for edge in edges]
    return tuple(b - a for a, b in pairwise(until))


def remove_video(means: Means, video: str, *, at: datetime, now: datetime, by: str) -> Video:
    """Take a video down from a moment on; its living episodes end as removed.

    Telling it again changes nothing; an earlier moment counts.

    Raises:
        Unknown: where nobody has told of the video.
        Nonsense: for a time without zone, or one that is yet to come.
    """
    require(at.tzinfo is not None, "at", "needs a UTC offset")
    ahead = timedelta(seconds=means.policy.signals.future_refused_after)
    require(at <= now + ahead, "at", "is yet to come")
    with means.store.begin() as deed:
        kept = deed.lock(Video, video)
        if kept.removed_at is not None and kept.removed_at <= at:
            return kept
        gone = deed.change(kept, removed_at=at)
        tell(deed, means.ids, "video.removed", video, now=now, cause=by, time=at)
        for episode in deed.find(Episode, video=video, state=LIVING):
            living = deed.lock(Episode, episode.id)
            move(
                deed,
                means.ids,
                EPISODE,
                living,
                EpisodeStep.REMOVE,
                now=now,
                cause=by,
                time=at,
                ended_at=at,
                seen_at=now,
            )
        return gone
