"""What became of the forecasts: each total is held against what was asked for, once its hours are over.

Of every product and market one forecast in six hours is followed (the first), in all regions. The
naive forecast beside it repeats the day before. A product whose forecasts say far too much or too
little is put before a planner; its next bands widen after a miss and narrow after hits.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from forecasting.overrides import GOES_WITH
from forecasting.quantiles import Widths, widened
from forecasting.scores import score
from forecasting.signals import Floats
from logistics.catalogue import Market
from logistics.demand import (
    CHANGE,
    GATE,
    HOUR,
    Accuracy,
    Believed,
    Brought,
    LostDemand,
    Outlook,
    PartTrack,
    Track,
    accuracy_id,
)
from logistics.exceptions import CaseKind
from logistics.orders import Order, OrderState
from logistics.store import Deed, Range, Reading
from logistics.workflows.cases import open_case, settle_case
from logistics.workflows.means import Means

EVERY = timedelta(hours=6)
"""One forecast in so long is followed."""
FOLLOWED = timedelta(days=7)
"""So long outcomes count."""
LENGTHS = (6, 24, 72)
"""Hours of the totals that are followed; of single regions the day alone."""
BIASED = 0.5
"""A day's totals that err by this part to one side are put before a person."""
ENOUGH = 4
"""Outcomes before anybody is alarmed."""
ENOUGH_TO_GATE = 12
"""Outcomes (three days of them) before the last day may stand in for the chain, or a part be left out."""
A_LITTLE = 0.5
"""Orders a day that a part must move to be judged."""

Sold = dict[tuple[str, str], dict[datetime, int]]
"""Units by product and region, and by hour."""


def track_forecasts(means: Means, *, now: datetime) -> tuple[Accuracy, ...]:
    """Follow the forecasts of every market whose hours are over since the last look."""
    with means.store.read() as reading:
        markets = reading.find(Market)
    return tuple(one for market in markets for one in _followed(means, market, now))


def _followed(means: Means, market: Market, now: datetime) -> tuple[Accuracy, ...]:
    with means.store.read() as reading:
        known = {one.product: one for one in reading.find(Accuracy, market=market.id)}
        due = _due(reading, market, known, now)
        if not any(due.values()):
            return ()
        # what a forecast is held against: the hours that it foretold, and the day before them
        first = min(one.start for found in due.values() for one in found)
        sold = demand_by_hour(reading, market, first - timedelta(days=1), now)
    learnt = [_learnt(market, product, known.get(product), found, sold, now) for product, found in due.items() if found]  # fmt: skip
    with means.store.begin() as deed:
        for one in learnt:
            _keep(deed, one)
            _alarm(means, deed, one, now)
    return tuple(learnt)


def _due(
    reading: Reading, market: Market, known: dict[str, Accuracy], now: datetime
) -> dict[str, list[Outlook]]:
    """The followed forecasts of which a total has ended since it was last looked at, by product."""
    done = {(b.outlook, b.hours) for one in known.values() for b in one.outcomes}
    found: dict[str, list[Outlook]] = defaultdict(list)
    last = max((one.learnt_at for one in known.values()), default=now - FOLLOWED)
    for since in _beginnings(last, now):
        seen: set[str] = set()
        # the first hour of six holds one forecast of each product that is forecast at all
        made = Range(least=since, below=since + HOUR)
        for outlook in reading.find(Outlook, market=market.id, made_at=made, sort="made_at"):
            over = [h for h in LENGTHS if outlook.start + h * HOUR <= now and h <= outlook.hours]
            if outlook.product in seen:
                continue
            seen.add(outlook.product)
            if any((outlook.id, hours) not in done for hours in over):
                found[outlook.product].append(outlook)
    return found


def is_followed(made_at: datetime) -> bool:
    """Whether a forecast of that time may be held against what comes: no other is read again."""
    return made_at.timestamp() % EVERY.total_seconds() < HOUR.total_seconds()


def _beginnings(last: datetime, now: datetime) -> Iterator[datetime]:
    """The hours whose forecasts are followed and have a total that ended after `last`."""
    grid = int(EVERY.total_seconds())
    end = datetime.fromtimestamp(now.timestamp() // grid * grid, now.tzinfo)
    for i in range(1, int(FOLLOWED / EVERY) + 1):
        since = end - i * EVERY
        # a forecast begins within an hour of being made
        if any(last < since + (hours + 1) * HOUR <= now for hours in LENGTHS):
            yield since


def demand_by_hour(reading: Reading, market: Market, since: datetime, until: datetime) -> Sold:
    """What was ordered and what was asked for in vain, by whole hours."""
    units: Sold = defaultdict(lambda: defaultdict(int))
    within = Range(least=since, below=until)
    for order in reading.find(Order, market=market.id, accepted_at=within):
        if order.state is not OrderState.UNSERVICEABLE:
            hour = order.accepted_at.replace(minute=0, second=0, microsecond=0)
            for line in order.lines:
                units[line.product, order.cell][hour] += line.units
    for lost in reading.find(LostDemand, market=market.id, hour=within):
        units[lost.product, lost.cell][lost.hour] += lost.units
    return units


def _learnt(
    market: Market,
    product: str,
    known: Accuracy | None,
    outlooks: list[Outlook],
    sold: Sold,
    now: datetime,
) -> Accuracy:
    before = known.outcomes if known else ()
    done = {(one.outlook, one.hours) for one in before}
    fresh = [
        one
        for outlook in sorted(outlooks, key=lambda outlook: outlook.start)
        for one in outcomes_of(outlook, sold, now)
        if (one.outlook, one.hours) not in done
    ]
    width = known.width if known else 1.0
    for one in fresh:
        if one.cell == "" and one.hours == LENGTHS[1]:
            inside = one.p10 <= one.actual <= one.p90
            start = Widths(products=((product, width),))
            width = dict(widened(start, product, inside=inside).products)[product]
    kept = tuple(
        sorted(
            (
                one
                for one in (*before, *fresh)
                if one.start > now - FOLLOWED - 3 * timedelta(days=1)
            ),
            key=lambda one: (one.start, one.hours, one.cell),
        )
    )
    tracks = tracks_of(product, kept)
    return Accuracy(
        id=accuracy_id(product, market.id),
        product=product,
        market=market.id,
        learnt_at=now,
        width=round(width, 4),
        gated=_gated(tracks),
        tracks=tracks,
        outcomes=kept,
        parts=parts_of(kept),
        version=known.version if known else 1,
    )


def _gated(tracks: tuple[Track, ...]) -> bool:
    """Whether the chain has been worse than the last day repeated, over some days of forecasts."""
    day = _day(tracks)
    return day is not None and day.outcomes >= ENOUGH_TO_GATE and day.chain_value_added < 0


def _day(tracks: tuple[Track, ...]) -> Track | None:
    """The scores of the day's total everywhere."""
    return next((t for t in tracks if t.cell == "" and t.hours == LENGTHS[1]), None)


def parts_of(outcomes: tuple[Believed, ...]) -> tuple[PartTrack, ...]:
    """Every part that was to bring something to days that are over, and whether it made them better."""
    told: dict[tuple[str, str], list[tuple[float, float, float]]] = defaultdict(list)
    for one in outcomes:
        for kind, name in {(part.kind, part.name) for part in one.parts}:
            brought = sum(p.orders for p in one.parts if p.kind in GOES_WITH[kind] and p.name == name)  # fmt: skip
            if abs(brought) >= A_LITTLE:
                told[kind, name].append((one.actual, one.chain, max(one.chain - brought, 0.0)))
    return tuple(_part(kind, name, np.array(told[kind, name])) for kind, name in sorted(told))


def _part(kind: str, name: str, told: Floats) -> PartTrack:
    """The record of one part from what came, and the medians with it and without, (n, 3)."""
    value = _saved(*told.T)
    return PartTrack(
        kind=kind,
        name=name,
        outcomes=len(told),
        value_added=value,
        used=len(told) < ENOUGH_TO_GATE or value > 0,
    )


def _brought(outlook: Outlook, hours: int) -> tuple[Brought, ...]:
    """What each part that can be left out was to bring to a total everywhere."""
    return tuple(
        Brought(kind=part.kind, name=part.name, orders=round(sum(part.hourly[:hours]), 4))
        for part in outlook.whole.parts
        if part.kind in GOES_WITH
    )


def outcomes_of(outlook: Outlook, sold: Sold, now: datetime) -> list[Believed]:
    """Every followed total of a forecast whose hours are over, and what came."""
    found = []
    for hours in LENGTHS:
        if hours > outlook.hours or outlook.start + hours * HOUR > now:
            continue
        places = [("", outlook.whole.totals)]
        if hours == LENGTHS[1]:
            places += [(one.cell, one.totals) for one in outlook.regions]
        for cell, totals in places:
            total = next((one for one in totals if one.hours == hours), None)
            if total is None:
                continue
            until = outlook.start + hours * HOUR
            day = _asked(sold, outlook.product, cell, outlook.start - 24 * HOUR, outlook.start)
            found.append(
                Believed(
                    outlook=outlook.id,
                    start=outlook.start,
                    cell=cell,
                    hours=hours,
                    p10=total.p10,
                    p50=total.p50,
                    p90=total.p90,
                    statistical=total.p50 if cell else round(outlook.without(hours, CHANGE), 4),
                    chain=total.p50 if cell else round(outlook.without(hours, CHANGE, GATE), 4),
                    naive=day * hours / 24,
                    actual=float(_asked(sold, outlook.product, cell, outlook.start, until)),
                    parts=_brought(outlook, hours) if (cell, hours) == ("", LENGTHS[1]) else (),
                )
            )
    return found


def _asked(sold: Sold, product: str, cell: str, since: datetime, until: datetime) -> int:
    return sum(
        units
        for (name, place), hourly in sold.items()
        if name == product and cell in {"", place}
        for hour, units in hourly.items()
        if since <= hour < until
    )


def tracks_of(product: str, outcomes: Iterable[Believed]) -> tuple[Track, ...]:
    """The scores by place and length of time."""
    groups: dict[tuple[str, int], list[Believed]] = defaultdict(list)
    for one in outcomes:
        groups[one.cell, one.hours].append(one)
    return tuple(
        _track(product, cell, hours, groups[cell, hours]) for cell, hours in sorted(groups)
    )


def _track(product: str, cell: str, hours: int, outcomes: list[Believed]) -> Track:
    actual = np.array([one.actual for one in outcomes])
    said = np.array([(one.p10, one.p50, one.p90) for one in outcomes])
    naive = np.array([[one.naive] * 3 for one in outcomes])
    plain = np.array([one.statistical for one in outcomes])
    scored, by_naive = score(actual, said, naive), score(actual, naive)
    chain = np.array([one.chain for one in outcomes])
    changed = bool(np.abs(plain - said[:, 1]).max() > 0.5) and cell == ""
    return Track(
        product=product,
        cell=cell,
        hours=hours,
        outcomes=len(outcomes),
        actual=float(actual.sum()),
        wape=_told(scored.wape),
        bias=_told(scored.bias),
        coverage=round(scored.coverage, 4),
        coverage_half=round(scored.coverage_half, 4),
        wql=_told(scored.wql),
        naive_wql=_told(by_naive.wql),
        value_added=_told(scored.value_added or 0.0),
        override_value_added=_saved(actual, said[:, 1], plain) if changed else None,
        chain_value_added=_saved(actual, chain, naive[:, 1]),
    )


def _saved(actual: Floats, said: Floats, against: Floats) -> float:
    """The part of one median's error that another saved."""
    missed = max(float(np.abs(actual - against).sum()), 1e-9)
    return _told(1 - float(np.abs(actual - said).sum()) / missed)


def _told(share: float) -> float:
    """A share of what was asked for, to four digits; where nothing was, a hundred at most."""
    return round(float(np.clip(share, -100.0, 100.0)), 4)


def _keep(deed: Deed, one: Accuracy) -> None:
    if deed.maybe(Accuracy, one.id) is None:
        deed.add(one)
    else:
        deed.change(replace(one, version=deed.lock(Accuracy, one.id).version))


def _alarm(means: Means, deed: Deed, one: Accuracy, now: datetime) -> None:
    """A bias that lasts is put before a person, and settled when it has gone."""
    day = _day(one.tracks)
    if day is None or day.outcomes < ENOUGH:
        return
    much = "too much" if day.bias > 0 else "too little"
    if abs(day.bias) >= BIASED:
        detail = (
            f"the last {day.outcomes} forecasts of a day of {one.product} said"
            f" {abs(day.bias):.0%} {much}; they erred by {day.wape:.0%}"
        )
        open_case(
            deed, means.ids, CaseKind.FORECAST_BIAS, market=one.market, subject=one.id,
            detail=detail, cause=one.id, now=now,
        )  # fmt: skip
    else:
        settle_case(
            deed, means.ids, CaseKind.FORECAST_BIAS, subject=one.id,
            resolution="forecasts err to both sides again", cause=one.id, now=now,
        )  # fmt: skip
