"""What a market has seen, put as one question to the forecasting library, and its answer as outlooks.

The question holds everything that the answer depends on, as whole numbers by the hour, so it can be
kept with the decision and asked again. Views are told by region; every other measure is told for the
whole market, because the library reads those summed anyway. Units of a line count as orders: a
buyer of three lamps asks for three.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import numpy as np

from forecasting import (
    Conversion,
    Episode,
    Forecast,
    Forecasts,
    Parameters,
    Question,
    Removal,
    Total,
    episodes,
    forecast,
    read_attention,
    read_orders,
)
from forecasting import PaidPush as Push
from forecasting import Product as ForecastProduct
from forecasting import Region as ForecastRegion
from forecasting import VideoLink as Link
from forecasting.courses import Courses
from forecasting.overrides import Override, apply, as_last_day, leave_out
from forecasting.packed import unpacked
from forecasting.quantiles import Widths
from forecasting.seasons import Curve
from forecasting.signals import Floats, Ints
from logistics.demand import AttentionModels, RegionOutlook
from logistics.signals import COUNTS
from logistics.units import Units

HOUR = timedelta(hours=1)
EVERYWHERE = ""
"""The region of rows that spoke for the whole market."""
OTHERS = tuple(name for name in COUNTS if name != "views")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One measure of a video over its hours, for the whole market."""

    name: str
    hourly: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewedIn:
    """A video's views in one region over its hours."""

    cell: str
    hourly: tuple[int, ...]
    quarters: tuple[tuple[int, ...], ...] = ()
    """Those of each of its first hours by the quarter; () for one that was told in longer rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A product that a video shows, and the share of its clicks that go to it."""

    product: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """One video as it was watched in the market, hour by hour from `start`."""

    video: str
    start: datetime
    minutes: tuple[int, ...]
    """How much of each hour rows have spoken of; 0 where none has."""
    views: tuple[ViewedIn, ...]
    measures: tuple[Measured, ...]
    shows: tuple[Shown, ...]
    removed_at: datetime | None = None
    published_at: datetime | None = None
    """A video that appears at a quarter to is seen for a quarter of its first hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """A paid push that is known ahead."""

    video: str
    starts_at: datetime
    ends_at: datetime
    views: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """Units of a product ordered in one region by the hour, and units asked for in vain.

    Only hours in which there were any; there is at least one.
    """

    product: str
    cell: str
    hours: tuple[int, ...]
    """Whole hours since 1970, one after the other."""
    units: tuple[Units, ...]
    lost: tuple[Units, ...]

    def each(self) -> Iterator[tuple[int, Units]]:
        """Each hour, and what was asked for in it."""
        for hour, units, lost in zip(self.hours, self.units, self.lost, strict=True):
            yield hour, units + lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A region of the market and the people in it."""

    cell: str
    residents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A part of a product's forecasts that made them worse lately: a video, its paid views, its mood."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A product to forecast, with its category's prior."""

    product: str
    category: str
    orders_per_view: float
    width: float = 1.0
    """A factor on its bands, from how its last forecasts fell."""
    gated: bool = False
    """Whether the last day repeated was closer lately, and stands in for the chain."""
    curve: Curve | None = None
    """Its ordinary demand, fitted and cached, while that is better than a level."""
    without: tuple[LeftOut, ...] = ()
    """Parts that are not used until they are better than nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What a planner expects of a product: so many times the demand of some hours, in a region or
    everywhere ("")."""

    override: str
    product: str
    cell: str
    factor: float
    starts_at: datetime
    ends_at: datetime
    expires_at: datetime
    author: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketView:
    """The whole question of one market at one moment."""

    market: str
    zone: str
    now: datetime
    hours: int
    places: tuple[Place, ...]
    wanted: tuple[Wanted, ...]
    watched: tuple[Watched, ...]
    pushed: tuple[Pushed, ...] = ()
    ordered: tuple[Ordered, ...] = ()
    changed: tuple[Changed, ...] = ()
    selling_since: datetime | None = None
    """From when an hour without an order is an hour in which nobody wanted one."""
    courses: Courses | None = None
    """What the market's own finished videos taught; None: a new installation's priors."""
    attention: AttentionModels | None = None
    """Models that they taught too; a decision record keeps their mark without their content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """The forecast of one product, ready to be published."""

    product: str
    basis: str
    whole: Forecast
    regions: tuple[RegionOutlook, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """The whole answer: what is foreseen of each product, and how each video fares."""

    foreseen: tuple[Foreseen, ...]
    episodes: tuple[Episode, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a decision record keeps of one product's forecast."""

    product: str
    basis: str
    totals: tuple[Total, ...]


class Foresight(Protocol):
    """Whoever looks ahead: the forecast, or in the twin somebody who knows better or worse."""

    def expects(self, market: str, now: datetime) -> tuple[str, ...]:
        """Products to look at although nothing was heard of them and nothing sold."""
        ...

    def look(self, view: MarketView) -> Sight:
        """What will be asked for in the market, as far as this one can tell."""
        ...


@dataclass(frozen=True, slots=True)
class FromSignals:
    """The service's own foresight: what was heard and what was sold, and nothing else."""

    def expects(self, market: str, now: datetime) -> tuple[str, ...]:
        """Nothing that was not heard of."""
        del market, now
        return ()

    def look(self, view: MarketView) -> Sight:
        """The forecast."""
        return look_ahead(view)


def look_ahead(view: MarketView) -> Sight:
    """Forecast every product of a market, and read the episodes of its videos."""
    attention = read_attention(_signal_frame(view), view.now)
    removals = tuple(
        Removal(video=one.video, at=one.removed_at)
        for one in view.watched
        if one.removed_at is not None
    )
    question = Question(
        now=view.now,
        products=tuple(ForecastProduct(name=w.product, category=w.category) for w in view.wanted),
        regions=tuple(
            ForecastRegion(name=place.cell, population=float(place.residents), zone=view.zone)
            for place in view.places
        ),
        links=tuple(
            Link(video=one.video, product=shown.product, share=shown.share)
            for one in view.watched
            for shown in one.shows
        ),
        attention=attention,
        orders=read_orders(_order_frame(view), view.now, since=view.selling_since),
        pushes=tuple(
            Push(video=p.video, begins=p.starts_at, ends=p.ends_at, expected_views=p.views)
            for p in view.pushed
        ),
        removals=removals,
        hours=view.hours,
    )
    answer = apply(_gated(forecast(question, _parameters(view)), view), _overrides(view))
    told: dict[float, float] = {}
    foreseen = tuple(
        Foreseen(
            product=w.product,
            basis=answer.bases[p],
            whole=answer.of(w.product),
            regions=_regions(answer, p, told),
        )
        for p, w in enumerate(view.wanted)
    )
    return Sight(foreseen=foreseen, episodes=episodes(attention, view.now, removals))


def said(sight: Sight) -> tuple[Said, ...]:
    """What a decision record keeps of the answer."""
    return tuple(
        Said(product=one.product, basis=one.basis, totals=one.whole.totals)
        for one in sight.foreseen
    )


def _parameters(view: MarketView) -> Parameters:
    """The library's priors, with the conversion that each category states."""
    priors = {w.category: Conversion(orders_per_view=w.orders_per_view) for w in view.wanted}
    widths = Widths(products=tuple((w.product, w.width) for w in view.wanted if w.width != 1.0))
    models = view.attention
    return Parameters(
        courses=view.courses or Courses(),
        attention=unpacked(models.content) if models and models.content else None,
        categories=tuple(sorted(priors.items(), key=lambda pair: pair[0])),
        widths=widths,
        curves=tuple((w.product, w.curve) for w in view.wanted if w.curve is not None),
    )


def _gated(answer: Forecasts, view: MarketView) -> Forecasts:
    """The chain's forecasts without the parts that made them worse, and brought to the last day's
    level for products that it has served worse than that would."""
    since = view.now.timestamp() / 3600 - 24
    for one in view.wanted:
        for part in one.without:
            answer = leave_out(answer, one.product, part.kind, part.name)
        if one.gated:
            mine = [o for o in view.ordered if o.product == one.product]
            lately = sum(asked for o in mine for hour, asked in o.each() if hour >= since)
            answer = as_last_day(answer, one.product, lately)
    return answer


def _overrides(view: MarketView) -> tuple[Override, ...]:
    return tuple(
        Override(
            name=one.override,
            product=one.product,
            region=one.cell,
            factor=one.factor,
            begins=one.starts_at,
            ends=one.ends_at,
            expires=one.expires_at,
            who=one.author,
            reason=one.reason,
        )
        for one in view.changed
    )


def _regions(answer: Forecasts, p: int, told: dict[float, float]) -> tuple[RegionOutlook, ...]:
    """The median hours of one product in each region, to a thousandth of an order, and its totals.

    An hour like one in `told` is that very one: most hours of most regions are alike, and a
    forecast is kept for good; told once, its numbers take a quarter of the memory.
    """
    hourly = np.round(answer.steps[p, :, :, 1], 3).tolist()
    totals = np.round(answer.totals[p], 4).tolist()
    return tuple(
        RegionOutlook(
            cell=cell,
            hourly=tuple(map(told.setdefault, hourly[r], hourly[r])),
            totals=tuple(
                Total(hours=hours, p10=low, p50=mid, p90=high)
                for hours, (low, mid, high) in zip(answer.windows, totals[r], strict=True)
            ),
        )
        for r, cell in enumerate(answer.regions)
    )


def _signal_frame(view: MarketView) -> dict[str, Any]:
    """The rows that the library reads: views by region, everything else for the whole market."""
    blocks = [block for one in view.watched for block in _blocks(one)]
    names = ("video_id", "region", "bucket_start", "bucket_minutes", "views", *OTHERS)
    blank = np.zeros(0)
    return {
        name: np.concatenate([np.asarray(block[i]) for block in blocks] or [blank])
        for i, name in enumerate(names)
    }


def _blocks(one: Watched) -> Iterator[tuple[Any, ...]]:
    """Columns of rows of one video: first those of the whole market, then each region's."""
    measures = {measured.name: measured.hourly for measured in one.measures}
    silent = (0,) * len(one.minutes)
    minutes = np.array(one.minutes)
    hours = np.flatnonzero(minutes)
    told = np.array([measures.get(name, silent) for name in OTHERS], dtype=np.float64)
    named = {viewed.cell: viewed for viewed in one.views}
    whole = named.pop(EVERYWHERE, ViewedIn(cell=EVERYWHERE, hourly=silent))
    yield _rows(one, whole, np.array(whole.hourly), hours, minutes, told)
    nothing = np.zeros_like(told)
    for viewed in named.values():
        hourly = np.array(viewed.hourly)
        yield _rows(one, viewed, hourly, hours[hourly[hours] > 0], minutes, nothing)


def _rows(
    one: Watched, viewed: ViewedIn, hourly: Ints, hours: Ints, minutes: Ints, told: Floats
) -> tuple[Any, ...]:
    """The columns of a video's hours in one place; an hour that was told by the quarter is four rows."""
    start = one.start.timestamp()
    # only the first hour may begin late, and only the first ones are told by the quarter
    early = int(np.searchsorted(hours, max(len(viewed.quarters), 1)))
    young, whole = hours[:early], hours[early:]
    split = [_young(one, viewed, hour) for hour in young.tolist()]
    spans = np.array([span for rows in split for span in rows], dtype=np.float64).reshape(-1, 3)
    many = np.array([len(rows) for rows in split], dtype=np.int64)
    chosen = np.concatenate([np.repeat(young, many), whole])
    part = np.concatenate([np.repeat(1 / many, many), np.ones(len(whole))])
    at = np.concatenate([spans[:, 0], start + 3600.0 * whole])
    long = np.concatenate([spans[:, 1], minutes[whole]])
    views = np.concatenate([spans[:, 2], hourly[whole]])
    named = (np.full(len(at), one.video, object), np.full(len(at), viewed.cell, object))
    return (*named, at, long, views, *(told[:, chosen] * part))


def _young(one: Watched, viewed: ViewedIn, hour: int) -> list[tuple[float, float, float]]:
    """Rows (from when, minutes, views) of one of a video's first hours."""
    begin, minutes = _spoken(one, hour)
    quarters = viewed.quarters[hour] if hour < len(viewed.quarters) else ()
    found = _quartered(one.start.timestamp() + 3600 * hour, begin, minutes, quarters)
    return found or [(begin, float(minutes), float(viewed.hourly[hour]))]


def _quartered(
    hour: float, begin: float, minutes: float, quarters: tuple[int, ...]
) -> list[tuple[float, float, float]]:
    """Rows (from when, minutes, views) of the quarters of an hour of which rows have spoken."""
    rows = []
    for number, count in enumerate(quarters):
        opens, closes = hour + 900 * number, hour + 900 * (number + 1)
        since, until = max(opens, begin), min(closes, begin + 60 * minutes)
        if until <= since and count:
            since, until = opens, closes
        if until > since:
            rows.append((since, (until - since) / 60, float(count)))
    return rows


def _spoken(one: Watched, i: int) -> tuple[float, int]:
    """From when (epoch seconds) and for how many minutes the rows of an hour speak."""
    hour, minutes = one.start + i * HOUR, one.minutes[i]
    if i or one.published_at is None:
        return hour.timestamp(), minutes
    unborn = int(max(one.published_at - hour, timedelta()) / timedelta(minutes=1))
    unborn = min(unborn, minutes - 1)
    return hour.timestamp() + 60 * unborn, minutes - unborn


def _order_frame(view: MarketView) -> dict[str, list[object]]:
    named = [(one.product, one.cell) for one in view.ordered for _ in one.hours]
    return {
        "product": [product for product, _ in named],
        "region": [cell for _, cell in named],
        "hour": [3600.0 * hour for one in view.ordered for hour in one.hours],
        "orders": [units for one in view.ordered for units in one.units],
        "lost": [lost for one in view.ordered for lost in one.lost],
    }
