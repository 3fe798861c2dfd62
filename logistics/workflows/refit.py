"""Once a day: what products sell on ordinary days is fitted anew, the most drifted first.

A product has a curve (trend, week, holidays of the market's country) once it has sold for four
weeks; days on which a video was watched, and the days after, are left out. The curve is used only
while, fitted without the last week, it says that week better than the mean of the days before.
Fits are pure work and are handed out; a budget of seconds bounds a night, and who waits gains
urgency. Forecasts never wait for a fit: they read the kept parameters.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from forecasting.demand import curve
from forecasting.refits import Fitted, drift, queue
from forecasting.seasons import DAY as SECONDS
from forecasting.seasons import Curve
from forecasting.signals import Bools, Floats
from logistics.catalogue import Market, VideoLink
from logistics.demand import Baseline, accuracy_id
from logistics.signals import SignalHour
from logistics.store import Deed, Range, Reading
from logistics.workflows.means import Means
from logistics.workflows.score import demand_by_hour

HISTORY = timedelta(days=400)
LEAST_DAYS = 28
LEAST_UNITS = 30
HELD_OUT = 7
"""Last days that a curve must say without having seen them."""
LEVEL_DAYS = 14
"""Days whose mean is the level that it must beat."""
AFTERGLOW = 3
"""Days after a video was watched that are no ordinary days yet."""
BUDGET = 20.0
"""Seconds of fits in one night."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordinary:
    """One product's whole days in one market, and which of them were ordinary; from `first` (days
    since 1970) on."""

    product: str
    first: int
    units: Floats
    calm: Bools


@dataclass(frozen=True, slots=True, kw_only=True)
class Refitted:
    """A curve, and what it added over the last week."""

    curve: Curve
    days: int
    value_added: float


def refit_baselines(means: Means, *, now: datetime) -> tuple[Baseline, ...]:
    """Fit the ordinary demand of every market's products anew, as far as the budget reaches."""
    with means.store.read() as reading:
        markets = reading.find(Market)
    return tuple(one for market in markets for one in _refitted(means, market, now))


def _refitted(means: Means, market: Market, now: datetime) -> tuple[Baseline, ...]:
    with means.store.read() as reading:
        known = {one.product: one for one in reading.find(Baseline, market=market.id)}
        days = {one.product: one for one in ordinary_days(reading, market, now)}
    fits = tuple(_waiting(one, known.get(product), now) for product, one in days.items())
    drifts = {fit.name: fit.drift for fit in fits}
    chosen = queue(fits, now, BUDGET) if fits else ()
    made = means.compute.map(refit, [(days[product], market.country) for product in chosen])
    fresh = tuple(
        Baseline(
            id=accuracy_id(product, market.id),
            product=product,
            market=market.id,
            fitted_at=now,
            days=one.days,
            value_added=round(one.value_added, 4),
            used=one.value_added > 0,
            drift=round(drifts[product], 3),
            curve=one.curve,
        )
        for product, one in zip(chosen, made, strict=True)
    )
    if fresh:
        with means.store.begin() as deed:
            for one in fresh:
                _keep(deed, one)
    return fresh


def ordinary_days(reading: Reading, market: Market, now: datetime) -> tuple[Ordinary, ...]:
    """Every product that has sold for long enough, day by day up to yesterday."""
    today = int(now.timestamp() // SECONDS)
    sold = demand_by_hour(reading, market, now - HISTORY, now)
    daily: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for (product, _), hourly in sold.items():
        for hour, units in hourly.items():
            daily[product][int(hour.timestamp() // SECONDS)] += units
    watched = _watched_days(reading, market, now)
    found = []
    for product in sorted(daily):
        first = min(daily[product])
        whole = np.array([float(daily[product].get(day, 0)) for day in range(first, today)])
        calm = np.array([day not in watched[product] for day in range(first, today)], dtype=bool)
        if calm.sum() >= LEAST_DAYS and whole[calm].sum() >= LEAST_UNITS:
            found.append(Ordinary(product=product, first=first, units=whole, calm=calm))
    return tuple(found)


def _watched_days(reading: Reading, market: Market, now: datetime) -> dict[str, set[int]]:
    """The days on which a video of each product was watched, and the few after each."""
    shows: dict[str, list[str]] = defaultdict(list)
    for link in reading.find(VideoLink):
        shows[link.video].append(link.product)
    days: dict[str, set[int]] = defaultdict(set)
    for hour in reading.find(SignalHour, market=market.id, hour=Range(least=now - HISTORY)):
        day = int(hour.hour.timestamp() // SECONDS)
        for product in shows[hour.video]:
            days[product].update(range(day, day + AFTERGLOW + 1))
    return days


def _waiting(one: Ordinary, fit: Baseline | None, now: datetime) -> Fitted:
    """How urgent a fit is: how far the last ordinary days have left the curve in use."""
    if fit is None:
        return Fitted(name=one.product, fitted_at=now - HISTORY, drift=0.0)
    days = one.first + np.arange(len(one.units), dtype=np.float64)
    lately = one.calm & (days >= days[-1] - HELD_OUT)
    said = np.maximum(fit.curve.level(days[lately].astype(np.float64) * SECONDS), 0.0)
    sd = 1.2816 * np.hypot(fit.curve.sigma * fit.curve.y_scale, np.sqrt(said))
    bands = np.stack([np.maximum(said - sd, 0), said, said + sd], axis=1)
    left = drift(one.units[lately], bands) if lately.any() else 0.0
    return Fitted(name=one.product, fitted_at=fit.fitted_at, drift=left)


def refit(one: Ordinary, country: str) -> Refitted:
    """Fit a product's days, and try the curve on a week that it has not seen."""
    ordinary = np.flatnonzero(one.calm)
    unseen = ordinary[-HELD_OUT:]
    early = one.calm.copy()
    early[unseen[0] :] = False
    trial = curve(one.units, one.first, country, early)
    came = one.units[unseen]
    said = np.maximum(trial.level((one.first + unseen.astype(np.float64)) * SECONDS), 0.0)
    level = one.units[np.flatnonzero(early)[-LEVEL_DAYS:]].mean()
    by_level = float(np.abs(came - level).sum())
    added = 1 - float(np.abs(came - said).sum()) / max(by_level, 1e-9)
    whole = curve(one.units, one.first, country, one.calm)
    return Refitted(curve=whole, days=len(ordinary), value_added=float(np.clip(added, -10, 1)))


def _keep(deed: Deed, one: Baseline) -> None:
    if deed.maybe(Baseline, one.id) is None:
        deed.add(one)
    else:
        deed.change(replace(one, version=deed.lock(Baseline, one.id).version))
