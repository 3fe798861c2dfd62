"""See what the signals mean: which videos are viral where, and what will be asked for, by region.

A heavy deed: read, compute, check, write. A market is looked at again when something was heard,
ordered or taken down since its last forecast, and once an hour in any case. A new outlook
supersedes the older one, which stays readable; the decision record keeps the whole question.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from forecasting.courses import YOUNG
from logistics.catalogue import Category, Market, PaidPush, Product, Video, VideoLink
from logistics.demand import Accuracy, Baseline, ForecastOverride, Habits, Outlook
from logistics.errors import ChangedMeanwhile
from logistics.events import Event
from logistics.exceptions import CaseKind
from logistics.foresight import (
    EVERYWHERE,
    OTHERS,
    Changed,
    Foresight,
    FromSignals,
    LeftOut,
    MarketView,
    Measured,
    Ordered,
    Place,
    Pushed,
    Shown,
    Sight,
    ViewedIn,
    Wanted,
    Watched,
    said,
)
from logistics.orders import Order
from logistics.records import record_of
from logistics.signals import SignalBatch
from logistics.store import Deed, Range, Reading, Seen, seen
from logistics.workflows.cases import open_case, settle_case
from logistics.workflows.closed import VideoHours
from logistics.workflows.follow import follow_episodes
from logistics.workflows.means import Means
from logistics.workflows.moves import tell

HOUR = timedelta(hours=1)
KEPT = timedelta(days=14)
"""Signals and orders older than this say nothing new about the next days."""
SOLD_LATELY = timedelta(days=3)
"""A product without a video is forecast while it has sold within this time."""
BREACH_HOURS = 3
"""So many hours in a row above the P90 are no chance (one in a thousand)."""
CODE_VERSION = "forecast-4"
MODEL = "chain:courses"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What was read of a market, and at which versions."""

    view: MarketView
    versions: tuple[Seen, ...]
    before: dict[str, str]
    """The newest outlook of each product when we looked."""
    parents: tuple[str, ...]


SIGNALS = FromSignals()


def sense(means: Means, *, now: datetime, foresight: Foresight = SIGNALS) -> tuple[Outlook, ...]:
    """Forecast every market in which something moved, and follow its videos' episodes.

    Args:
        means: What the deed works with.
        now: The moment.
        foresight: Who looks ahead; another than the forecast only where policies are compared.

    Returns:
        The outlooks that were published; none where nothing was new or the picture changed while
        we computed, which the next tick makes good.
    """
    with means.store.read() as reading:
        markets = [market.id for market in reading.find(Market)]
    published: list[Outlook] = []
    for id in markets:
        with means.store.read() as reading:
            expected = foresight.expects(id, now)
            looked = _look(means, reading, reading.get(Market, id), expected, now)
        if looked is None:
            continue
        sight = means.compute.run(foresight.look, looked.view)
        try:
            with means.store.begin() as deed:
                deed.require_unchanged(looked.versions)
                published += _publish(means, deed, looked, sight, now)
        except ChangedMeanwhile:
            continue
    return tuple(published)


def _look(
    means: Means, reading: Reading, market: Market, expected: tuple[str, ...], now: datetime
) -> Looked | None:
    """The market's question; None where there is nothing to ask, or nothing new."""
    last = reading.find(Outlook, market=market.id, sort="made_at", descending=True, limit=1)
    since = last[0].made_at if last else None
    if since is not None and not _stirred(reading, market, since, now):
        return None
    found = market_view(means, reading, market, now, expected)
    if found is None:
        return None
    view, named = found
    return Looked(
        view=view,
        versions=seen(market, *named),
        before=_before(reading, market, [one.product for one in view.wanted]),
        parents=_parents(reading, last, now),
    )


def market_view(
    means: Means, reading: Reading, market: Market, now: datetime, expected: tuple[str, ...] = ()
) -> tuple[MarketView, tuple[Any, ...]] | None:
    """What a market has shown by a moment, past or present, and the values that it rests on.

    Of a past moment nothing later is read: no hour that was not over, no order, no removal; what
    was told late is read as if in time. `expected` are products to look at in any case. None where there is nothing to forecast.
    """
    late = means.policy.signals.refused_after
    heard = means.closed.heard(reading, market.id, now - KEPT, now, late)
    orders = _ordered(means, reading, market, now)
    videos = [reading.get(Video, id) for id in sorted(heard)]
    links = [link for video in videos for link in reading.find(VideoLink, video=video.id)]
    lately = (now - SOLD_LATELY).timestamp() / 3600
    sold = {one.product for one in orders if one.hours[-1] >= lately}
    names = sorted({link.product for link in links} | sold | set(expected))
    if not names:
        return None
    products = [reading.get(Product, name) for name in names]
    pushes = [push for video in videos for push in reading.find(PaidPush, video=video.id)]
    records = {one.product: one for one in reading.find(Accuracy, market=market.id)}
    fits = {one.product: one for one in reading.find(Baseline, market=market.id)}
    habits = _habits(reading, market, now)
    view = MarketView(
        market=market.id,
        zone=market.zone,
        now=now,
        hours=means.policy.horizon // 3600,
        places=_places(market),
        wanted=tuple(
            _wanted(reading, product, records.get(product.id), fits.get(product.id))
            for product in products
        ),
        watched=tuple(_watched(market, video, heard[video.id], links, now) for video in videos),
        pushed=tuple(
            Pushed(
                video=push.video,
                starts_at=push.starts_at,
                ends_at=push.ends_at,
                views=push.expected_paid_views,
            )
            for push in pushes
            if push.market == market.id and push.ends_at > now - KEPT
        ),
        ordered=orders,
        changed=_changed(reading, market, names, now),
        selling_since=_begin(min(one.hours[0] for one in orders)) if orders else None,
        courses=habits.courses if habits and habits.used else None,
        attention=habits.attention if habits else None,
    )
    return view, (*videos, *products)


def _habits(reading: Reading, market: Market, now: datetime) -> Habits | None:
    """What finished videos had taught by a moment: a lesson of later knows how videos of then went on."""
    found = reading.maybe(Habits, market.id)
    return found if found is not None and found.learnt_at <= now else None


def _changed(
    reading: Reading, market: Market, names: list[str], now: datetime
) -> tuple[Changed, ...]:
    """What planners have changed and still counts, the oldest first."""
    found = reading.find(ForecastOverride, market=market.id, product=tuple(names), sort="made_at")
    return tuple(
        Changed(
            override=one.id,
            product=one.product,
            cell=one.cell or EVERYWHERE,
            factor=one.factor,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            expires_at=one.expires_at,
            author=one.author,
            reason=one.reason,
        )
        for one in found
        if one.made_at <= now and one.counts(now)
    )


def _stirred(reading: Reading, market: Market, since: datetime, now: datetime) -> bool:
    """Whether anything happened after the last look, or the hour is another one."""
    later = Range(least=since + timedelta(microseconds=1))
    if now >= since + HOUR or reading.find(SignalBatch, received_at=later, limit=1):
        return True
    if reading.find(Order, market=market.id, accepted_at=later, limit=1):
        return True
    changes = reading.find(ForecastOverride, market=market.id)
    if any(max(one.made_at, one.withdrawn_at or one.made_at) >= since for one in changes):
        return True
    gone = reading.find(Event, type="video.removed", sort="position", descending=True, limit=1)
    return bool(gone) and gone[0].recorded_at > since


def _places(market: Market) -> tuple[Place, ...]:
    peopled = any(region.residents for region in market.regions)
    return tuple(
        Place(cell=region.cell, residents=region.residents if peopled else 1)
        for region in market.regions
    )


def _left_out(record: Accuracy | None) -> tuple[LeftOut, ...]:
    """Parts that made the last days worse; with a video its paid views and its mood are gone already."""
    worse = [] if record is None else [part for part in record.parts if not part.used]
    videos = {part.name for part in worse if part.kind == "video"}
    return tuple(
        LeftOut(kind=part.kind, name=part.name)
        for part in worse
        if part.kind == "video" or part.name not in videos
    )


def _wanted(
    reading: Reading, product: Product, record: Accuracy | None, fit: Baseline | None
) -> Wanted:
    prior = reading.get(Category, product.category).orders_per_view
    return Wanted(
        product=product.id,
        category=product.category,
        orders_per_view=prior,
        width=1.0 if record is None else record.width,
        gated=record is not None and record.gated,
        curve=fit.curve if fit is not None and fit.used else None,
        without=_left_out(record),
    )


def _watched(
    market: Market, video: Video, told: VideoHours, links: Iterable[VideoLink], now: datetime
) -> Watched:
    """The video's sums as whole series from its first hour to its last."""
    start = int(told.hour.min())
    length = int(told.hour.max()) - start + 1
    # a region has one row of an hour at most
    each = np.zeros((len(told.regions), length, told.counts.shape[1]), dtype=np.int64)
    each[told.region, told.hour - start] = told.counts
    minutes, measures = each[:, :, 0].max(axis=0), each[:, :, 2:].sum(axis=0)
    views = {}
    for place in np.unique(told.region).tolist():
        region = told.regions[place]
        cell = EVERYWHERE if region == market.id else region
        young = _young(told, region, start, length)
        hourly = tuple(each[place, :, 1].tolist())
        views[cell] = ViewedIn(cell=cell, hourly=hourly, quarters=young)
    return Watched(
        video=video.id,
        start=_begin(start),
        minutes=tuple(minutes.tolist()),
        views=tuple(views[cell] for cell in sorted(views)),
        measures=tuple(
            Measured(name=name, hourly=tuple(measures[:, m].tolist()))
            for m, name in sorted(enumerate(OTHERS), key=lambda pair: pair[1])
            if measures[:, m].any()
        ),
        shows=tuple(
            Shown(product=link.product, share=link.share)
            for link in links
            if link.video == video.id
        ),
        removed_at=video.removed_at if (video.removed_at or now) <= now else None,
        published_at=video.published_at,
    )


def _young(told: VideoHours, region: str, start: int, length: int) -> tuple[tuple[int, ...], ...]:
    """The first hours by the quarter, where any of them was told so."""
    first = range(start, start + min(length, YOUNG))
    quarters = tuple(told.quarters.get((region, hour), ()) for hour in first)
    return quarters if any(quarters) else ()


def _ordered(means: Means, reading: Reading, market: Market, now: datetime) -> tuple[Ordered, ...]:
    """Units by product, region and hour: what was ordered, and what was asked for in vain."""
    asked = means.closed.asked(reading, market.id, now - KEPT, now)
    return tuple(_in_hours(*place, sorted(hours.items())) for place, hours in sorted(asked.items()))


def _in_hours(product: str, cell: str, told: list[tuple[int, tuple[int, int]]]) -> Ordered:
    return Ordered(
        product=product,
        cell=cell,
        hours=tuple(hour for hour, _ in told),
        units=tuple(units for _, (units, _) in told),
        lost=tuple(lost for _, (_, lost) in told),
    )


def _begin(hour: int) -> datetime:
    """When a whole hour since 1970 begins."""
    return datetime.fromtimestamp(3600 * hour, UTC)


def _hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _before(reading: Reading, market: Market, names: Iterable[str]) -> dict[str, str]:
    newest = {
        name: reading.find(
            Outlook, product=name, market=market.id, sort="made_at", descending=True, limit=1
        )
        for name in names
    }
    return {name: found[0].id for name, found in newest.items() if found}


def _parents(reading: Reading, last: tuple[Outlook, ...], now: datetime) -> tuple[str, ...]:
    """The batches heard since the last forecast, and that forecast's own record before them."""
    since = last[0].made_at if last else now - KEPT
    batches = reading.find(SignalBatch, received_at=Range(least=since), sort="received_at")
    return (*(one.decision for one in last), *(batch.id for batch in batches))


def _publish(
    means: Means, deed: Deed, looked: Looked, sight: Sight, now: datetime
) -> tuple[Outlook, ...]:
    """Keep the record, the outlooks and the episodes, and tell of each."""
    record = deed.add(
        record_of(
            means.ids.new("dec", now),
            "forecast",
            at=now,
            parents=looked.parents,
            inputs=_told(looked.view),
            result=said(sight),
            code_version=CODE_VERSION,
            model_version=_models(looked.view),
            write=means.writer(),
        )
    )
    outlooks = tuple(
        deed.add(
            Outlook(
                id=means.ids.new("fct", now),
                product=one.product,
                market=looked.view.market,
                made_at=now,
                start=one.whole.start,
                hours=len(one.whole.hourly.p50),
                basis=one.basis,
                whole=one.whole,
                regions=one.regions,
                decision=record.id,
                supersedes=looked.before.get(one.product),
            )
        )
        for one in sight.foreseen
    )
    for outlook in outlooks:
        _tell(means, deed, outlook, now)
        _watch_breach(means, deed, looked.view, outlook, now)
    follow_episodes(means, deed, looked.view, sight.episodes, cause=record.id, now=now)
    return outlooks


def _told(view: MarketView) -> MarketView:
    """The question as the record keeps it: learned models by their mark alone."""
    if view.attention is None:
        return view
    return replace(view, attention=replace(view.attention, content=""))


def _models(view: MarketView) -> str:
    """What forecast: the courses, and a market's own models where it has any."""
    return MODEL if view.attention is None else f"{MODEL}+{view.attention.name}"


def _tell(means: Means, deed: Deed, outlook: Outlook, now: datetime) -> None:
    told = {
        "product": outlook.product,
        "market": outlook.market,
        "basis": outlook.basis,
        "p50_24h": round(outlook.expected(outlook.start, outlook.start + 24 * HOUR), 1),
        "supersedes": outlook.supersedes,
    }
    tell(
        deed,
        means.ids,
        "forecast.published",
        outlook.id,
        now=now,
        cause=outlook.decision,
        data=told,
    )


def _watch_breach(
    means: Means, deed: Deed, view: MarketView, outlook: Outlook, now: datetime
) -> None:
    """Raise an alarm where the last whole hours all sold more than the P90 that was believed."""
    end = _hour(now)
    start = end - BREACH_HOURS * HOUR
    believed = deed.find(
        Outlook,
        product=outlook.product,
        market=outlook.market,
        made_at=Range(below=start + timedelta(microseconds=1)),
        sort="made_at",
        descending=True,
        limit=1,
    )
    subject = f"{outlook.product}~{outlook.market}"
    if not believed:
        return
    old = believed[0]
    sold: dict[int, int] = defaultdict(int)
    for one in view.ordered:
        if one.product == outlook.product:
            for hour, asked in one.each():
                sold[hour] += asked
    first = (start - old.start) // HOUR
    begun = int(start.timestamp() // 3600)
    spans = [(begun + i, first + i) for i in range(BREACH_HOURS)]
    above = [sold[hour] > old.whole.hourly.p90[i] for hour, i in spans if 0 <= i < old.hours]
    if len(above) == BREACH_HOURS and all(above):
        units = sum(sold[hour] for hour, _ in spans)
        most = sum(old.whole.hourly.p90[i] for _, i in spans)
        open_case(
            deed,
            means.ids,
            CaseKind.FORECAST_BREACH,
            market=outlook.market,
            subject=subject,
            detail=f"{units} units of {outlook.product} in {BREACH_HOURS} h; P90 was {most:.0f}",
            cause=outlook.id,
            now=now,
        )
    elif above and not above[-1]:
        settle_case(
            deed,
            means.ids,
            CaseKind.FORECAST_BREACH,
            subject=subject,
            resolution="sales are within the band again",
            cause=outlook.id,
            now=now,
        )
