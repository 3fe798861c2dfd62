"""What was heard of a market's videos and what was asked for; hours that nothing can change are read once.

A row is refused once its bucket has been over for longer than the limit of late rows, and a bucket
lasts a day at most. So the sums of an hour that is older than both together are what they will ever
be. An order is accepted now and never in the past; its lines and its region stay, and who has its
promise is not called unserviceable any more. Such an hour is *closed*, and this process keeps what
it has read of it. A look reads the open hours alone, and says the same as if it had read them all.
What is kept is of this process; another one, or one that begins anew, reads everything once.
"""

import threading
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain
from operator import attrgetter
from typing import Generic, TypeVar

import numpy as np

from forecasting.signals import Ints
from logistics.demand import LostDemand
from logistics.foresight import OTHERS
from logistics.orders import Order, OrderState
from logistics.signals import SignalHour
from logistics.store import Range, Reading
from logistics.units import Seconds, Units

LONGEST_BUCKET = timedelta(days=1)
SPARE = timedelta(hours=1)
"""Clocks of two processes may differ, and a batch may wait for its transaction."""
ORDERED_BY = timedelta(days=1)
"""The same of orders, which nothing else holds up."""

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


Asked = dict[tuple[str, str], dict[int, tuple[Units, Units]]]
"""By product and region: whole hours since 1970, and units ordered and asked for in vain in each."""
T = TypeVar("T", Videos, Asked)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Read(Generic[T]):
    """The closed hours of one market that have been read: from one hour on, and below another."""

    least: int
    below: int
    sums: T


@dataclass(slots=True)
class ClosedHours:
    """The closed hours that this process has read, by market."""

    _heard: dict[str, _Read[Videos]] = field(default_factory=dict)
    _asked: dict[str, _Read[Asked]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def heard(
        self, reading: Reading, market: str, since: datetime, now: datetime, refused_after: Seconds
    ) -> Videos:
        """What was told of each video in the hours from `since` on and before `now`."""
        least, below = _first_hour(since), _first_hour(now)
        with self._lock:
            read = _fitting(self._heard.get(market), least, below) or _Read(
                least=least, below=least, sums={}
            )
            fresh = Range(least=_begin(read.below), below=_begin(below))
            hours = reading.find(SignalHour, market=market, hour=fresh)
            whole = _joined(_between(read.sums, least, below), told_of(hours))
            closed = _hour(now - timedelta(seconds=refused_after) - LONGEST_BUCKET - SPARE)
            if _is_news(self._heard.get(market), least, closed):
                mine = _between(whole, least, closed)
                self._heard[market] = _Read(least=least, below=closed, sums=mine)
        return whole

    def asked(self, reading: Reading, market: str, since: datetime, now: datetime) -> Asked:
        """What was ordered and what was asked for in vain in the hours from `since` on and before `now`."""
        least = _first_hour(since)
        with self._lock:
            read = _fitting(self._asked.get(market), least, _first_hour(now)) or _Read(
                least=least, below=least, sums={}
            )
            whole = asked_of(reading, market, Range(least=_begin(read.below), below=now))
            for place, hours in read.sums.items():
                kept = {hour: units for hour, units in hours.items() if hour >= least}
                if kept:
                    whole[place] = kept | whole.get(place, {})
            closed = _hour(now - ORDERED_BY)
            if _is_news(self._asked.get(market), least, closed):
                mine = {p: {h: u for h, u in by.items() if h < closed} for p, by in whole.items()}
                self._asked[market] = _Read(least=least, below=closed, sums=mine)
        return whole


def _fitting(known: _Read[T] | None, least: int, below: int) -> _Read[T] | None:
    """What is known, where it is of the hours that are asked for."""
    fits = known is not None and known.least <= least <= known.below <= below
    return known if fits else None


def _is_news(known: _Read[T] | None, least: int, closed: int) -> bool:
    """Whether more hours are closed than are known."""
    return closed > (least if known is None else known.below)


def asked_of(reading: Reading, market: str, within: Range) -> Asked:
    """Units by product and region, and by hour: what was ordered, and what was asked for in vain."""
    sold: dict[tuple[str, str], dict[int, int]] = defaultdict(dict)
    for order in reading.find(Order, market=market, accepted_at=within):
        if order.state is not OrderState.UNSERVICEABLE:
            hour = _hour(order.accepted_at)
            for line in order.lines:
                hours = sold[line.product, order.cell]
                hours[hour] = hours.get(hour, 0) + line.units
    asked: Asked = {
        place: {hour: (units, 0) for hour, units in hours.items()} for place, hours in sold.items()
    }
    for lost in reading.find(LostDemand, market=market, hour=within):
        hour, there = _hour(lost.hour), asked.setdefault((lost.product, lost.cell), {})
        units, missed = there.get(hour, (0, 0))
        there[hour] = (units, missed + lost.units)
    return asked


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
