"""What the clock on the wall says, and when: local hours of a market as instants.

Durations are elapsed time and never a difference of wall clocks. An hour that a clock change
skips has no instant of its own: what was due in it is due at the first real instant after the
gap (02:30 on the night of spring falls at 03:00). An hour that comes twice counts the first time.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=4096)
def local_instant(zone: str, day: date, minute_of_day: int) -> datetime:
    """The UTC instant at which the local clock shows that minute; 1440 is the next midnight."""
    day, minute = day + timedelta(days=minute_of_day // 1440), minute_of_day % 1440
    shown = datetime.combine(day, time(minute // 60, minute % 60), tzinfo=ZoneInfo(zone))
    instant = shown.astimezone(UTC)
    if instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == shown.replace(tzinfo=None):
        return instant
    return _end_of_gap(shown, zone)


def _end_of_gap(shown: datetime, zone: str) -> datetime:
    """The first instant after the skipped hour: where the offset of before gives way."""
    low = shown.replace(fold=1).astimezone(UTC) - timedelta(hours=3)
    before, high = low.astimezone(ZoneInfo(zone)).utcoffset(), low + timedelta(hours=6)
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if middle.astimezone(ZoneInfo(zone)).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


def local_day(zone: str, at: datetime) -> date:
    """The date that the local calendar shows."""
    return at.astimezone(ZoneInfo(zone)).date()


@lru_cache(maxsize=4096)
def _spans_of(zone: str, day: date, hours: tuple[int, int]) -> tuple[datetime, datetime]:
    return local_instant(zone, day, hours[0] * 60), local_instant(zone, day, hours[1] * 60)


def spans(
    zone: str, hours: tuple[int, int], at: datetime, days: int = 3
) -> Iterator[tuple[datetime, datetime]]:
    """The daily open spans (from hour, until hour) that end after `at`, as instants, in order."""
    first = local_day(zone, at) - timedelta(days=1)
    for ahead in range(days + 1):
        span = _spans_of(zone, first + timedelta(days=ahead), hours)
        if span[1] > at:
            yield span


@lru_cache(maxsize=16_384)
def is_open(zone: str, hours: tuple[int, int], at: datetime) -> bool:
    """Whether the instant falls into the daily hours; kept, because every quote asks of the same
    departures."""
    return next(spans(zone, hours, at))[0] <= at


def opens(zone: str, hours: tuple[int, int], moments: Sequence[datetime]) -> list[bool]:
    """Whether each of many instants, in order, falls into the daily hours."""
    if not moments:
        return []
    days = list(spans(zone, hours, moments[0], (moments[-1] - moments[0]).days + 4))
    ends = [end for _, end in days]
    return [days[bisect_right(ends, at)][0] <= at for at in moments]


def after_work(zone: str, hours: tuple[int, int], at: datetime, work: timedelta) -> datetime:
    """When so much work is done that rests outside of the daily hours."""
    for start, end in spans(zone, hours, at, days=30):
        begin = max(at, start)
        if begin + work <= end:
            return begin + work
        work -= end - begin
    return at + timedelta(days=30) + work
