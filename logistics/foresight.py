"""What a market has seen, put as one question to the forecasting library, and its answer as outlooks.

The question holds everything that the answer depends on, as whole numbers by the hour, so it can be
kept with the decision and asked again. Views are told by region; every other measure is told for the
whole market, because the library reads those summed anyway. Units of a line count as orders: a
buyer of three lamps asks for three.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from forecasting import (
    Conversion,
    Episode,
    Forecast,
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
from logistics.demand import RegionOutlook
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """A paid push that is known ahead."""

    video: str
    starts_at: datetime
    ends_at: datetime
    views: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """Units of a product ordered in one region in one hour, and units asked for in vain."""

    product: str
    cell: str
    hour: datetime
    units: Units
    lost: Units = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A region of the market and the people in it."""

    cell: str
    residents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A product to forecast, with its category's prior."""

    product: str
    category: str
    orders_per_view: float


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
    selling_since: datetime | None = None
    """From when an hour without an order is an hour in which nobody wanted one."""


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
    answer = forecast(question, _parameters(view))
    cells = [place.cell for place in view.places]
    told: dict[float, float] = {}
    foreseen = tuple(
        Foreseen(
            product=w.product,
            basis=answer.of(w.product).basis,
            whole=answer.of(w.product),
            regions=tuple(_region(answer.of(w.product, cell), told) for cell in cells),
        )
        for w in view.wanted
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
    return Parameters(categories=tuple(sorted(priors.items(), key=lambda pair: pair[0])))


def _region(one: Forecast, told: dict[float, float]) -> RegionOutlook:
    """A region's hours to a thousandth of an order; an hour like one in `told` is that very one.

    Most hours of most regions are alike, and a forecast is kept for good: told once, its numbers
    take a quarter of the memory.
    """
    rounded: list[float] = np.round(one.hourly.p50, 3).tolist()
    hourly = tuple(told.setdefault(orders, orders) for orders in rounded)
    return RegionOutlook(cell=one.region, hourly=hourly, totals=one.totals)


def _signal_frame(view: MarketView) -> dict[str, list[object]]:
    """The rows that the library reads: views by region, everything else for the whole market."""
    names = ("video_id", "region", "bucket_start", "bucket_minutes", "views", *OTHERS)
    frame: dict[str, list[object]] = {name: [] for name in names}
    for row in (row for one in view.watched for row in _rows(one)):
        for name, value in zip(names, row, strict=True):
            frame[name].append(value)
    return frame


def _rows(one: Watched) -> Iterator[tuple[object, ...]]:
    measures = {measured.name: measured.hourly for measured in one.measures}
    views = {viewed.cell: viewed.hourly for viewed in one.views}
    silent = (0,) * len(one.minutes)
    for i, minutes in enumerate(one.minutes):
        if not minutes:
            continue
        at = (one.start + i * HOUR).timestamp()
        whole = views.get(EVERYWHERE, silent)[i]
        others = tuple(measures.get(name, silent)[i] for name in OTHERS)
        yield (one.video, EVERYWHERE, at, minutes, whole, *others)
        for cell, hourly in views.items():
            if cell != EVERYWHERE and hourly[i]:
                yield (one.video, cell, at, minutes, hourly[i], *(0 for _ in OTHERS))


def _order_frame(view: MarketView) -> dict[str, list[object]]:
    return {
        "product": [one.product for one in view.ordered],
        "region": [one.cell for one in view.ordered],
        "hour": [one.hour.timestamp() for one in view.ordered],
        "orders": [one.units for one in view.ordered],
        "lost": [one.lost for one in view.ordered],
    }
