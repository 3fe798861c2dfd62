"""The fan: what is believed of a product's orders hour by hour, what came, and the video's signal.

Bands are the forecast's own hourly quantiles. They are never added up: the sum of hourly P90s is
no P90 of the sum.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from api.console.drawings.scales import Scale, Tick, area, line, round_steps
from api.console.words import count, moment
from logistics.catalogue import Video
from logistics.demand import HOUR, Outlook

WIDE, HIGH = 460, 300
LEFT, RIGHT, TOP, FOOT = 46, 452, 24, 196
SIGNAL_TOP, SIGNAL_FOOT = 224, 266
BEFORE, AHEAD = 24, 72
"""Hours drawn before the forecast begins and after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FanQuestion:
    """What a fan is drawn from; counts are by whole hours."""

    name: str
    outlook: Outlook
    sold: Mapping[datetime, int]
    views: Mapping[datetime, int]
    videos: tuple[Video, ...]
    zone: str
    now: datetime
    live_from: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """An upright line with a name."""

    x: float
    name: str
    title: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HourRow:
    """One hour of the table beside the fan."""

    at: datetime
    p10: float | None
    p50: float | None
    p90: float | None
    sold: int | None
    views: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fan:
    """The fan's shapes, its sentence and its table."""

    name: str
    band: str
    median: str
    sold: str
    signal: str
    live: tuple[float, float]
    y_ticks: tuple[Tick, ...]
    days: tuple[Tick, ...]
    markers: tuple[Marker, ...]
    views_most: str
    summary: str
    short: str
    """The expected total of a day, for a closed sheet."""
    now: datetime
    live_from: datetime
    ends_at: datetime
    videos: tuple[Video, ...]
    rows: tuple[HourRow, ...]


def draw_fan(asked: FanQuestion) -> Fan:
    """The shapes of a fan."""
    outlook = asked.outlook
    begins = outlook.start - BEFORE * HOUR
    hours = BEFORE + min(AHEAD, outlook.hours)
    rows = tuple(_row(asked, begins + n * HOUR) for n in range(hours))
    most = max((row.p90 or row.sold or 0 for row in rows), default=0)
    most = max(most, *(row.sold or 0 for row in rows), 1)
    steps = round_steps(0, most)
    x = Scale(low=0, high=hours, starts=LEFT, ends=RIGHT)
    y = Scale(low=0, high=steps[-1], starts=FOOT, ends=TOP)
    told = [(n, row) for n, row in enumerate(rows) if row.p50 is not None]
    upper = [(x(n + 0.5), y(row.p90 or 0)) for n, row in told]
    lower = [(x(n + 0.5), y(row.p10 or 0)) for n, row in told]
    views = max([row.views for row in rows] + [1])
    v = Scale(low=0, high=views, starts=SIGNAL_FOOT, ends=SIGNAL_TOP)
    past = [(n, row) for n, row in enumerate(rows) if row.sold is not None]

    def place(at: datetime) -> float:
        return min(max(x((at - begins) / HOUR), LEFT), RIGHT)

    return Fan(
        name=asked.name,
        band=area(upper, lower),
        median=line((x(n + 0.5), y(row.p50 or 0)) for n, row in told),
        sold=line((x(n + 0.5), y(row.sold or 0)) for n, row in past),
        signal=area(
            [(x(n + 0.5), v(row.views)) for n, row in past],
            [(x(n + 0.5), v(0)) for n, _ in past],
        ),
        live=(place(asked.live_from), place(asked.ends_at)),
        y_ticks=tuple(Tick(at=y(one), label=f"{one:g}") for one in steps),
        days=tuple(_days(begins, hours, asked.zone, x)),
        markers=tuple(_markers(asked, begins, hours, x)),
        views_most=count(views),
        summary=_summary(asked),
        short=_short(asked),
        now=asked.now,
        live_from=asked.live_from,
        ends_at=asked.ends_at,
        videos=asked.videos,
        rows=rows,
    )


def _row(asked: FanQuestion, at: datetime) -> HourRow:
    ahead = int((at - asked.outlook.start) / HOUR)
    band = asked.outlook.whole.hourly
    inside = at >= asked.outlook.start and ahead < asked.outlook.hours
    past = at + HOUR <= asked.now
    return HourRow(
        at=at,
        p10=band.p10[ahead] if inside else None,
        p50=band.p50[ahead] if inside else None,
        p90=band.p90[ahead] if inside else None,
        sold=asked.sold.get(at, 0) if past else None,
        views=asked.views.get(at, 0),
    )


def _days(begins: datetime, hours: int, zone: str, x: Scale) -> list[Tick]:
    local = [(n, (begins + n * HOUR).astimezone(ZoneInfo(zone))) for n in range(hours)]
    return [Tick(at=x(n), label=f"{at:%a %d}") for n, at in local if at.hour == 0]


def _markers(asked: FanQuestion, begins: datetime, hours: int, x: Scale) -> list[Marker]:
    ends = begins + hours * HOUR
    known = [
        Marker(
            x=x((video.published_at - begins) / HOUR),
            name="▶",
            title=f"{video.title}, published {moment(video.published_at, asked.zone)}",
            kind="video",
        )
        for video in asked.videos
        if begins <= video.published_at < ends
    ]
    if begins <= asked.now < ends:
        at, told = x((asked.now - begins) / HOUR), f"now, {moment(asked.now, asked.zone)}"
        known.append(Marker(x=at, name="now", title=told, kind="now"))
    return known


def _short(asked: FanQuestion) -> str:
    day = next((one for one in asked.outlook.whole.totals if one.hours == 24), None)
    if day is None:
        return ""
    return f"{count(day.p50)} in 24 h, {count(day.p10)} to {count(day.p90)}"


def _summary(asked: FanQuestion) -> str:
    day = next((one for one in asked.outlook.whole.totals if one.hours == 24), None)
    since = asked.now - timedelta(hours=24)
    sold = sum(units for at, units in asked.sold.items() if at >= since)
    came = f"{count(sold)} ordered in the last 24 h"
    if day is None:
        return f"{asked.name}: {came}."
    band = f"P10 {count(day.p10)}, P90 {count(day.p90)}"
    begins = moment(asked.outlook.start, asked.zone)
    return f"{asked.name}: {count(day.p50)} orders expected in 24 h from {begins} ({band}); {came}."
