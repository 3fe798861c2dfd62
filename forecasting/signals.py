"""What was seen, made clean: a frame of signal rows or orders goes in, whole hourly series come out.

Counts are the increments of a bucket, never running totals. Hours are whole hours of UTC, counted
from 1970 inside the arrays (`epoch_hour`) and aware datetimes at the door. A missing signal hour is
*unknown* and is bridged; a missing order hour is a true zero. A bad row is left out with its reason
and loses no other row; only a frame that cannot be read at all raises `UnusableFrame`.

A frame is a `pandas.DataFrame` or any mapping of column name to equally long columns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecasting.errors import ImpossibleQuestion, UnusableFrame

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Frame = pd.DataFrame | Mapping[str, Sequence[Any]]

MEASURES = (
    "views", "paid_views", "unique_viewers", "completed", "watch_seconds", "pauses", "zooms",
    "saves", "shares", "likes", "negative_reactions", "comments", "product_clicks",
)  # fmt: skip
HOURS_KEPT = 24 * 30
"""Older signals no longer move an order: the longest lag known is 30 days (Chapelle 2014)."""
SKEW_MINUTES = 10
"""A sender's clock may run so far ahead; such a bucket is taken as now."""
SILENT_HOURS = 6
"""After so long without a row (the limit for late rows) a video is taken to have no views."""
QUARTER, QUARTERS = 15, 4
"""Minutes of the shortest step in which growth is read, and how many there are in an hour."""
MOST_IN_A_BUCKET = 1e9
"""More than this in one bucket is a broken counter: no video was ever seen so often in an hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A row that was left out (or bent), by its place in the frame, and why."""

    row: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoLink:
    """A video that shows a product; `share` of its clicks go to it (a video's shares sum to 1)."""

    video: str
    product: str
    share: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise ImpossibleQuestion(field="share", reason=f"{self.share} lies outside 0..1")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidPush:
    """A paid campaign for a video: its expected paid views come evenly between two times."""

    video: str
    begins: datetime
    ends: datetime
    expected_views: int

    def __post_init__(self) -> None:
        if not self.begins < self.ends or self.expected_views < 0:
            raise ImpossibleQuestion(
                field="push", reason="ends before it begins, or counts below 0"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """A video that was taken down, and when."""

    video: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Attention:
    """Clean attention: videos x regions x hours, from `start` (an epoch hour) on.

    `views` (v, r, t) are counts by region ("" where a row named none); `measures` (m, v, t) are
    summed over regions in the order of `MEASURES`; `covered` (v, t) is the part of the hour that
    the rows speak of: 0 where nothing is known (before the first bucket, in a gap), less than 1 in
    the hour that is not over. `quarters` (v, t, 4) are views by quarter of the hour, NaN in hours
    that were told in longer buckets, `heard` (v, t, 4) the part of each quarter that rows speak of.
    """

    videos: tuple[str, ...]
    regions: tuple[str, ...]
    start: int
    views: Floats
    measures: Floats
    covered: Floats
    quarters: Floats
    heard: Floats
    refused: tuple[Refusal, ...] = ()

    def measure(self, name: str) -> Floats:
        """One measure as counts per video and hour, (v, t)."""
        counts: Floats = self.measures[MEASURES.index(name)]
        return counts

    def rate(self, name: str = "views") -> Floats:
        """The measure per whole hour, (v, t): partial hours scaled up, gaps bridged, 0 before."""
        whole = np.zeros_like(self.covered)
        for row, counts, covered in zip(whole, self.measure(name), self.covered, strict=True):
            row[:] = _bridged(counts, covered)
        return whole


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Orders:
    """Clean demand: products x regions x hours from `start` on; what was lost counts as demand.

    `seen` (p, r, t) is the part of the hour in which demand could be seen: 0 where the product was
    out of stock and nobody counted what was lost.
    """

    products: tuple[str, ...]
    regions: tuple[str, ...]
    start: int
    demand: Floats
    seen: Floats
    refused: tuple[Refusal, ...] = ()


def epoch_hour(moment: datetime) -> int:
    """The whole hour that a moment lies in, counted from 1970."""
    if moment.tzinfo is None:
        raise ImpossibleQuestion(field="time", reason=f"{moment.isoformat()} has no time zone")
    return int(moment.timestamp() // 3600)


def hour_at(epoch: int) -> datetime:
    """The moment at which an epoch hour begins."""
    return datetime.fromtimestamp(epoch * 3600, UTC)


def read_attention(frame: Frame, now: datetime, hours_kept: int = HOURS_KEPT) -> Attention:
    """Clean series out of signal rows; `now` decides what lies in the future.

    Columns: `video_id, bucket_start, views`, and where there are any `region` (or `cell`),
    `bucket_minutes` (60 where missing) and the other `MEASURES`. `bucket_start` is an aware
    datetime, a UTC datetime64 or epoch seconds. Raises UnusableFrame for a missing or unreadable
    column. The last of several rows of one video, region and bucket wins.
    """
    rows = _Rows(frame, ("video_id", "bucket_start", "views"))
    region = "cell" if rows.has("cell") and not rows.has("region") else "region"
    videos, regions = rows.names("video_id"), rows.names(region)
    begins, minutes = rows.minutes("bucket_start"), rows.numbers("bucket_minutes", 60.0)
    counts = np.stack([rows.numbers(name, 0.0) for name in MEASURES])
    here = now.timestamp() / 60
    epoch_hour(now)
    rows.refuse(videos == "", "no video is named")
    rows.refuse(~np.isfinite(begins), "bucket_start is not a time")
    rows.refuse(~((minutes > 0) & (minutes <= 24 * 60)), "bucket_minutes lies outside 1..1440")
    for name, column in zip(MEASURES, counts, strict=True):
        rows.refuse(~np.isfinite(column), f"{name} is not a number")
        rows.refuse(column < 0, f"{name} is below zero: a counter was reset")
        rows.refuse(column > MOST_IN_A_BUCKET, f"{name} is beyond any counter's reach")
    rows.refuse(begins > here + SKEW_MINUTES, "the bucket lies in the future")
    rows.refuse(begins < here - hours_kept * 60, "the bucket is older than any lag")
    begins = np.minimum(begins, np.ceil(here) - 1)
    rows.refuse_repeats(videos, regions, begins)
    good = rows.good
    return _attention(
        videos[good],
        regions[good],
        begins[good],
        minutes[good],
        counts[:, good],
        here,
        rows.refusals(),
    )


def _attention(
    videos: npt.NDArray[np.object_], regions: npt.NDArray[np.object_], begins: Floats,
    minutes: Floats, counts: Floats, here: float, refused: tuple[Refusal, ...],
) -> Attention:  # fmt: skip
    """Spread the good rows over whole hours."""
    v, video_names = _coded(videos)
    r, region_names = _coded(regions)
    last = int(np.ceil(here / 60)) - 1
    ends = np.minimum(begins + minutes, here)
    first = np.floor(begins / 60).astype(np.int64)
    pieces = np.maximum(np.ceil(ends / 60).astype(np.int64) - first, 1)
    start = int(first.min()) if len(first) else last + 1
    row = np.repeat(np.arange(len(v)), pieces)
    hour = first[row] + np.arange(len(row)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    opens, closes = np.maximum(begins[row], hour * 60), np.minimum(ends[row], hour * 60 + 60)
    part = (closes - opens) / np.maximum(ends - begins, 1e-9)[row]
    shape = (len(video_names), len(region_names), last - start + 1)
    t = hour - start
    views = np.zeros(shape)
    np.add.at(views, (v[row], r[row], t), counts[0][row] * part)
    flat = v[row] * shape[2] + t
    measures = np.zeros((len(counts), shape[0], shape[2]))
    for total, column in zip(measures, counts, strict=True):
        np.add.at(total.reshape(-1), flat, column[row] * part)
    opens, closes = opens - hour * 60, closes - hour * 60
    earliest, latest = np.full((2, shape[0], shape[2]), [[[60.0]], [[0.0]]])
    np.minimum.at(earliest, (v[row], t), opens)
    np.maximum.at(latest, (v[row], t), closes)
    within = _overlap(opens, closes) / np.maximum(ends - begins, 1e-9)[row, None]
    quarters = np.zeros((shape[0], shape[2], QUARTERS))
    np.add.at(quarters, (v[row], t), counts[0][row, None] * within)
    coarse = (minutes > QUARTER) & (counts[0] > 0)
    quarters[v[row][coarse[row]], t[coarse[row]]] = np.nan
    return Attention(
        videos=video_names, regions=region_names, start=start, views=views,
        measures=measures, covered=_covered(earliest, latest),
        quarters=quarters, heard=_overlap(earliest, latest) / QUARTER, refused=refused,
    )  # fmt: skip


def _overlap(opens: Floats, closes: Floats) -> Floats:
    """Minutes of each quarter of the hour between two minutes of it, (..., 4)."""
    begin = QUARTER * np.arange(QUARTERS)
    ends, begins = (
        np.minimum(closes[..., None], begin + QUARTER),
        np.maximum(opens[..., None], begin),
    )
    shared: Floats = np.maximum(ends - begins, 0.0)
    return shared


def _covered(earliest: Floats, latest: Floats) -> Floats:
    """The part of each hour between its first and last row; a long silence at the end is zeros."""
    covered: Floats = np.clip((latest - earliest) / 60, 0, 1)
    # inside a life only the first and the last hour can be partial: a quiet quarter has no row
    for row in covered:
        spoken = np.flatnonzero(row > 0)
        if len(spoken):
            inner = spoken[1:-1]
            row[inner] = 1.0
            row[spoken[-1] + 1 + SILENT_HOURS :] = 1.0
    return covered


def lives_of(covered: Floats) -> Ints:
    """Hours since each video's first bucket, (v,); 0 for a video without any."""
    if not covered.size:
        return np.zeros(len(covered), dtype=np.int64)
    lives = np.where(covered.any(axis=1), covered.shape[1] - (covered > 0).argmax(axis=1), 0)
    return lives.astype(np.int64)


def _bridged(counts: Floats, covered: Floats) -> Floats:
    """Counts per whole hour; gaps bridged in proportion, the tail of a gap held."""
    known = np.flatnonzero(covered > 0)
    if not len(known):
        return np.zeros_like(counts)
    rate = np.log1p(counts[known] / covered[known])
    hours = np.arange(known[0], len(counts))
    whole = np.zeros_like(counts)
    whole[known[0] :] = np.expm1(np.interp(hours, known, rate))
    return whole


def read_orders(
    frame: Frame, now: datetime, hours_kept: int = HOURS_KEPT, since: datetime | None = None
) -> Orders:
    """Clean demand out of order counts.

    Columns: `product, region, hour, orders`, and where there are any `lost` (demand refused for
    want of stock) and `stocked_out` (true: what could have been sold is not known). Several rows
    of one product, region and hour are one row told again: the last wins. From `since` on (else
    from the first row on) an hour without a row is an hour without orders.
    """
    rows = _Rows(frame, ("product", "region", "hour", "orders"))
    products, regions = rows.names("product"), rows.names("region")
    hours, sold = np.floor(rows.minutes("hour") / 60), rows.numbers("orders", 0.0)
    lost, out = rows.numbers("lost", 0.0), rows.numbers("stocked_out", 0.0)
    here = now.timestamp() / 3600
    last = max(int(np.ceil(here)) - 1, epoch_hour(now) - 1)
    rows.refuse(products == "", "no product is named")
    rows.refuse(~np.isfinite(hours), "hour is not a time")
    for name, column in (("orders", sold), ("lost", lost), ("stocked_out", out)):
        rows.refuse(~np.isfinite(column), f"{name} is not a number")
        rows.refuse(column < 0, f"{name} is below zero")
        rows.refuse(column > MOST_IN_A_BUCKET, f"{name} is beyond any counter's reach")
    rows.refuse(hours > last, "the hour lies in the future")
    rows.refuse(hours <= last - hours_kept, "the hour is older than what is kept")
    rows.refuse_repeats(products, regions, hours)
    good = rows.good
    p, product_names = _coded(products[good])
    r, region_names = _coded(regions[good])
    kept = hours[good].astype(np.int64)
    start = int(kept.min()) if len(kept) else last + 1
    if since is not None:
        start = max(min(start, epoch_hour(since)), last + 1 - hours_kept)
    demand = np.zeros((len(product_names), len(region_names), last - start + 1))
    seen = np.ones_like(demand)
    if seen.size:
        seen[:, :, -1] = min(here - last, 1.0)
    demand[p, r, kept - start] = (sold + lost)[good]
    blind = (out > 0)[good] & (lost == 0)[good]
    seen[p[blind], r[blind], (kept - start)[blind]] = 0.0
    return Orders(
        products=product_names, regions=region_names, start=start, demand=demand, seen=seen,
        refused=rows.refusals(),
    )  # fmt: skip


def _plain(told: object) -> bool:
    """Whether a column is plain numbers, which need no frame to be read."""
    if isinstance(told, np.ndarray):
        return bool(told.dtype == np.float64)
    return isinstance(told, list) and bool(told) and set(map(type, told)) <= {int, float}


class _Rows:
    """The columns of a frame, and which rows have been refused so far."""

    def __init__(self, frame: Frame, needed: tuple[str, ...]) -> None:
        self._columns = {str(name): column for name, column in frame.items()}
        for name in needed:
            if name not in self._columns:
                raise UnusableFrame(column=name, reason="is missing")
        sizes = {len(column) for column in self._columns.values()}
        if len(sizes) > 1:
            raise UnusableFrame(column=needed[0], reason=f"columns are of {len(sizes)} lengths")
        self._size = sizes.pop()
        self.good = np.ones(self._size, bool)
        self._reasons: list[tuple[int, str]] = []

    def has(self, name: str) -> bool:
        return name in self._columns

    def names(self, name: str) -> npt.NDArray[np.object_]:
        if name not in self._columns:
            return np.full(self._size, "", object)
        told = self._columns[name]
        if isinstance(told, list | np.ndarray) and set(map(type, told)) <= {str}:
            return np.array(told, dtype=object)
        column = pd.Series(told, dtype=object)
        named: npt.NDArray[np.object_] = (
            column.where(column.notna(), "").astype(str).to_numpy(dtype=object)
        )
        return named

    def numbers(self, name: str, default: float) -> Floats:
        if name not in self._columns:
            return np.full(self._size, default)
        told = self._columns[name]
        if _plain(told):
            return np.array(told, dtype=np.float64)
        column = pd.Series(told)
        read = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        return np.asarray(read, dtype=np.float64)

    def minutes(self, name: str) -> Floats:
        """Minutes since 1970; NaN where the row has no readable time."""
        told = self._columns[name]
        if _plain(told):
            return np.array(told, dtype=np.float64) / 60
        column = pd.Series(told)
        if pd.api.types.is_datetime64_any_dtype(column):
            stamps = pd.to_datetime(column, utc=True).to_numpy(dtype="datetime64[s]")
            return np.where(np.isnat(stamps), np.nan, stamps.astype(np.float64)) / 60
        if pd.api.types.is_numeric_dtype(column) and column.dtype != bool:
            return self.numbers(name, np.nan) / 60
        return np.array([_minute(value) for value in column], dtype=np.float64)

    def refuse(self, bad: Bools, reason: str) -> None:
        bad = bad & self.good
        if bad.any():
            self._reasons += [(int(row), reason) for row in np.flatnonzero(bad)]
            self.good &= ~bad

    def refuse_repeats(self, *keys: npt.NDArray[Any]) -> None:
        """Refuse all but the last row of each combination of keys."""
        good = np.flatnonzero(self.good)
        code = np.zeros(len(good), dtype=np.int64)
        for key in keys:
            own, found = pd.factorize(key[good])
            code = code * len(found) + own
        again = np.zeros(self._size, bool)
        again[good] = pd.Series(code).duplicated(keep="last")
        self.refuse(again, "the same bucket is told again further down")

    def refusals(self) -> tuple[Refusal, ...]:
        return tuple(Refusal(row=row, reason=why) for row, why in sorted(self._reasons))


def _coded(names: npt.NDArray[np.object_]) -> tuple[Ints, tuple[str, ...]]:
    """Each name's place in the sorted tuple of names."""
    codes, found = pd.factorize(names, sort=True)
    return codes.astype(np.int64), tuple(str(name) for name in found)


def _minute(value: object) -> float:
    """Minutes since 1970 of a datetime, an ISO 8601 string or epoch seconds; else NaN."""
    try:
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        if isinstance(value, datetime):
            return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp() / 60
    except (ValueError, OverflowError):
        return np.nan
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) / 60
    return np.nan
