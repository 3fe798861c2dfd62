"""What was heard of a market's videos, by the column; hours that nothing can change are read once.

A row is refused once its bucket has been over for longer than the limit of late rows, and a bucket
lasts a day at most. So the sums of an hour that is older than both together are what they will ever
be: such an hour is *closed*, and this process keeps what it has read of it. A look reads the open
hours alone, and says the same as if it had read them all. What is kept is of this process; another
one, or one that begins anew, reads everything once.
"""

import threading
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain
from operator import attrgetter

import numpy as np

from forecasting.signals import Ints
from logistics.foresight import OTHERS
from logistics.signals import SignalHour
from logistics.store import Range, Reading
from logistics.units import Seconds

LONGEST_BUCKET = timedelta(days=1)
SPARE = timedelta(hours=1)
"""Clocks of two processes may differ, and a batch may wait for its transaction."""

_counted = attrgetter("heard_minutes", "views", *OTHERS)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VideoHours:
    """What was told of one video: one row for each hour and region."""

    regions: tuple[str, ...]
    """In the order of their names."""
    region: Ints
    """The place of each row's region among them, (n,)."""
    hour: Ints
    """Whole hours since 1970, (n,)."""
    counts: Ints
    """The minute up to which rows have spoken, views, and all other measures, (n, 2 + m)."""
    quarters: dict[tuple[str, int], tuple[int, ...]]
    """Views by quarter of a region and hour, where they were told so."""

    def between(self, least: int, below: int) -> "VideoHours":
        """The rows of those hours."""
        some = (self.hour >= least) & (self.hour < below)
        if some.all():
            return self
        return VideoHours(
            regions=self.regions,
            region=self.region[some],
            hour=self.hour[some],
            counts=self.counts[some],
            quarters={at: told for at, told in self.quarters.items() if least <= at[1] < below},
        )


Videos = dict[str, VideoHours]
"""By video."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Read:
    """The closed hours of one market that have been read: from one hour on, and below another."""

    least: int
    below: int
    heard: Videos


@dataclass(slots=True)
class ClosedHours:
    """The closed hours that this process has read, by market."""

    _read: dict[str, _Read] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def heard(
        self, reading: Reading, market: str, since: datetime, now: datetime, refused_after: Seconds
    ) -> Videos:
        """What was told of each video in the hours from `since` on and before `now`."""
        least, below = _first_hour(since), _first_hour(now)
        with self._lock:
            known = self._read.get(market)
            fits = known is not None and known.least <= least <= known.below <= below
            read = known if known and fits else _Read(least=least, below=least, heard={})
            fresh = Range(least=_begin(read.below), below=_begin(below))
            hours = reading.find(SignalHour, market=market, hour=fresh)
            whole = _joined(_between(read.heard, least, below), told_of(hours))
            closed = _hour(now - timedelta(seconds=refused_after) - LONGEST_BUCKET - SPARE)
            if closed > (known.below if known else least):
                mine = _between(whole, least, closed)
                self._read[market] = _Read(least=least, below=closed, heard=mine)
        return whole


def told_of(hours: Iterable[SignalHour]) -> Videos:
    """Sums by hour as columns, by video."""
    by_video: dict[str, list[SignalHour]] = defaultdict(list)
    for one in hours:
        by_video[one.video].append(one)
    return {video: _told(mine) for video, mine in by_video.items()}


def _told(hours: list[SignalHour]) -> VideoHours:
    regions = tuple(sorted({one.region for one in hours}))
    place = {region: n for n, region in enumerate(regions)}
    counts = np.fromiter(chain.from_iterable(map(_counted, hours)), dtype=np.int64)
    return VideoHours(
        regions=regions,
        region=np.array([place[one.region] for one in hours], dtype=np.int64),
        hour=np.array([_hour(one.hour) for one in hours], dtype=np.int64),
        counts=counts.reshape(len(hours), -1),
        quarters={(one.region, _hour(one.hour)): one.quarters for one in hours if one.quarters},
    )


def _joined(one: Videos, other: Videos) -> Videos:
    """Both together; no hour of a video and region is in both."""
    both = {video: _together(one[video], other[video]) for video in one.keys() & other.keys()}
    return {**one, **other, **both}


def _together(one: VideoHours, other: VideoHours) -> VideoHours:
    regions = tuple(sorted({*one.regions, *other.regions}))
    return VideoHours(
        regions=regions,
        region=np.concatenate([_placed(one, regions), _placed(other, regions)]),
        hour=np.concatenate([one.hour, other.hour]),
        counts=np.concatenate([one.counts, other.counts]),
        quarters=one.quarters | other.quarters,
    )


def _placed(told: VideoHours, regions: tuple[str, ...]) -> Ints:
    """The place of each row's region among more of them."""
    if told.regions == regions:
        return told.region
    moved: Ints = np.array([regions.index(one) for one in told.regions], np.int64)[told.region]
    return moved


def _between(heard: Videos, least: int, below: int) -> Videos:
    """The rows of those hours; a video without any is left out."""
    found = ((video, told.between(least, below)) for video, told in heard.items())
    return {video: told for video, told in found if len(told.hour)}


def _hour(at: datetime) -> int:
    """The whole hour since 1970 that a moment lies in."""
    return int(at.timestamp() // 3600)


def _first_hour(at: datetime) -> int:
    """The first whole hour that begins at a moment or after it."""
    return -int(-at.timestamp() // 3600)


def _begin(hour: int) -> datetime:
    return datetime.fromtimestamp(3600 * hour, UTC)
