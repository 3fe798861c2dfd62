"""Signals from a file: what a platform told of its videos, by the time it told it for.

A row is the increment of its bucket. Rows of a whole day are spread over its local hours. A file
that knows only how much was looked for (an index such as Google Trends') gives views by a fixed
rate, once for each product and day: enough to see a rise, and said to be drawn.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import accumulate, pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from data.sources.draws import by_hours
from data.sources.files import Column, Told, day, moment, number, text, told, whole
from logistics.catalogue import Market, require_word
from logistics.errors import Nonsense, require
from logistics.signals import COUNTS, SignalRow

VIEWS_PER_POINT = 20_000
"""Views in a day for each point of an attention index, where a file has no views."""

SIGNAL_COLUMNS = (
    Column(name="video_id", read=text, default=None, also=("video",)),
    Column(name="product", read=text, default=None, also=("sku", "product_id")),
    Column(name="bucket_start", read=moment, default=None, also=("at", "time", "hour")),
    Column(name="day", read=day, default=None, also=("date",)),
    Column(name="bucket_minutes", read=whole, default=60),
    Column(name="region", read=text, default=None, also=("cell", "state")),
    Column(name="attention", read=number, default=None, also=("attn", "interest")),
    Column(name="views", read=whole, default=None, also=("plays",)),
    *(Column(name=name, read=whole, default=None) for name in COUNTS if name != "views"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalLine:
    """What one row says of a video (or of a product, whose video then bears its name)."""

    video: str
    product: str | None
    when: datetime | date
    """The start of the bucket, or the whole day."""
    minutes: int
    region: str | None
    counts: tuple[tuple[str, int], ...]
    drawn: bool
    """The views come from an attention index."""


def read_signals(file: Path) -> Told[SignalLine]:
    """The rows of a signal file, as they stand there."""
    return told(file, SIGNAL_COLUMNS, _line)


def heard(lines: tuple[SignalLine, ...], market: Market) -> tuple[SignalRow, ...]:
    """The rows as a platform would have sent them, by time; days are spread over their hours.

    A region that is no cell of the market counts for the market as a whole. Of an attention
    index the first row of each video and day counts.
    """
    cells = {region.cell for region in market.regions}
    rows: list[SignalRow] = []
    once: set[tuple[str, datetime | date]] = set()
    for line in lines:
        if line.drawn and (line.video, line.when) in once:
            continue
        once.add((line.video, line.when))
        region = line.region if line.region in cells and not line.drawn else None
        rows += _rows(line, market, region)
    return tuple(sorted(rows, key=lambda row: (row.bucket_end, row.video_id, row.region or "")))


def drawn_of(lines: tuple[SignalLine, ...]) -> tuple[str, ...]:
    """What of the rows is drawn and not real, in words."""
    rated = sum(line.drawn for line in lines)
    daily = sum(not isinstance(line.when, datetime) for line in lines)
    said = []
    if rated:
        said.append(f"the views of {rated} rows: {VIEWS_PER_POINT} a day per point of attention")
    if daily:
        said.append(f"the hours of the views of {daily} rows of a whole day, by an hourly profile")
    return tuple(said)


def _line(
    *,
    video_id: str | None,
    product: str | None,
    bucket_start: datetime | None,
    day: date | None,
    bucket_minutes: int,
    region: str | None,
    attention: float | None,
    **counted: int | None,
) -> SignalLine:
    video, when = video_id or product, bucket_start or day
    if video is None or when is None:
        raise Nonsense("", "video_id (or product) and bucket_start (or day) must be told")
    require_word(video, "video_id")
    require_word(product or video, "product")
    counts = {name: count for name, count in counted.items() if count is not None}
    drawn = not counts and attention is not None
    require(drawn or "views" in counts, "views", "or attention must be told")
    require((attention or 0) >= 0, "attention", "must not be negative")
    line = SignalLine(
        video=video,
        product=product,
        when=when,
        minutes=bucket_minutes,
        region=region,
        counts=tuple(counts.items()) or (("views", round((attention or 0) * VIEWS_PER_POINT)),),
        drawn=drawn,
    )
    _row(line, "any", None, datetime(2000, 1, 1, tzinfo=UTC), bucket_minutes, dict(line.counts))
    return line


def _rows(line: SignalLine, market: Market, region: str | None) -> list[SignalRow]:
    counts = dict(line.counts)
    if isinstance(line.when, datetime):
        return [_row(line, market.id, region, line.when, line.minutes, counts)]
    midnight = datetime.combine(line.when, time(), ZoneInfo(market.zone))
    spread = _spread(counts)
    return [
        _row(
            line,
            market.id,
            region,
            midnight.replace(hour=hour).astimezone(UTC),
            60,
            {name: hours[hour] for name, hours in spread.items()},
        )
        for hour in range(24)
    ]


def _spread(counts: dict[str, int]) -> dict[str, tuple[int, ...]]:
    """A day's counts by hour: views by the profile, all else as the views, so no part exceeds them."""
    views = counts.get("views", 0)
    if views == 0:
        return {name: by_hours(count) for name, count in counts.items()}
    ends = [0, *accumulate(by_hours(views))]
    return {
        name: tuple(count * b // views - count * a // views for a, b in pairwise(ends))
        for name, count in counts.items()
    }


def _row(
    line: SignalLine,
    market: str,
    region: str | None,
    start: datetime,
    minutes: int,
    counts: dict[str, int],
) -> SignalRow:
    """One row; where nobody counted the viewers, every view was another's."""
    return SignalRow(
        video_id=line.video,
        market=market,
        region=region,
        bucket_start=start,
        bucket_minutes=minutes,
        **{"views": 0, "unique_viewers": counts.get("views", 0), **counts},
    )
