"""What a product sells without any video: its baseline, by region and hour.

Its level is the mean of the days before its first video, older days counting less, or the
category's prior where there was no such day; demand hidden by a stock-out is left out. Its course
(trend, week, year, holidays) is a `Curve`, refitted now and then by `curve` and cached; with
`by_prophet` Prophet itself fits it. This is the one room that knows Prophet, and it loads it only
when asked to.
"""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecasting.errors import NothingToLearn
from forecasting.seasons import DAY, Calendar, Curve, Holiday, fit
from forecasting.signals import Bools, Floats

PART_HOURS = 6
"""Hours of a part of the day by which it is told whether sales keep to their level."""
STRAYS_LATELY = 48.0
"""Hours after which straying from the level counts half."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Baseline:
    """Orders an hour of each product by region with the day's rhythm taken out: (p, r).

    `spread` (p,) is the sd of log rate; `hours` (p,) how many whole hours it was learned from.
    """

    rate: Floats
    spread: Floats
    hours: Floats


def baseline(
    demand: Floats,
    seen: Floats,
    calm: Floats,
    shares: Floats,
    prior: Floats,
    rhythm: Floats,
    half_life_days: float = 14.0,
) -> Baseline:
    """The level before the first video.

    `demand`, `seen` (p, r, t) as in `Orders`, `calm` (p, t) true before the product's first view,
    `shares` (p, r) for products without history, `prior` (p,) orders a day that they start from,
    `rhythm` (r, t) the usual part of each hour. One day of a stated prior shrinks a short history;
    where none is stated, an hour of nothing does.
    """
    back = np.arange(demand.shape[2])[::-1]
    weight = calm[:, None, :] * seen * 0.5 ** (back / (24 * half_life_days))
    sold = (demand * weight).sum(axis=2)
    hours = (weight * rhythm).sum(axis=2)
    stated = np.where(prior > 0, 24.0, 1.0)[:, None]
    rate = (sold + prior[:, None] * shares * stated / 24) / (hours + stated)
    whole = (
        (calm[:, None, :] * seen).mean(axis=1).sum(axis=1) if demand.shape[1] else hours.sum(axis=1)
    )
    told = sold.sum(axis=1) + 1.0
    open_hours = calm[:, None, :] * seen
    unrest = _unrest(
        (demand * open_hours).sum(axis=1), (rate[:, :, None] * rhythm * open_hours).sum(axis=1)
    )
    spread = np.sqrt(0.2**2 + 1 / told + unrest).clip(max=1.0)
    return Baseline(rate=rate, spread=spread, hours=whole)


def _unrest(sold: Floats, expected: Floats) -> Floats:
    """How far sales stray from their level beside chance: the variance of the log of parts of the
    days (p,), late ones counting more. Sales that surge without a video known go on at no level.

    `sold`, `expected` (p, t) are orders of each hour.
    """
    whole = sold.shape[1] // PART_HOURS * PART_HOURS
    if not whole:
        return np.zeros(len(sold))
    came, level = (
        one[:, sold.shape[1] - whole :].reshape(len(sold), -1, PART_HOURS).sum(axis=2)
        for one in (sold, expected)
    )
    strayed = np.log((came + 1) / (level + 1)) ** 2 - 1 / (level + 1)
    late = 0.5 ** (np.arange(whole // PART_HOURS)[::-1] * PART_HOURS / STRAYS_LATELY)
    weight = late * np.minimum(level, 1.0)
    mean: Floats = (strayed * weight).sum(axis=1) / (weight.sum(axis=1) + 1.0)
    return np.maximum(mean, 0.0)


def market_calendar(market: str, first_day: int, days: int) -> Calendar:
    """The seasons that so many days of history can show, and a market's holidays.

    `market` is an ISO 3166 country code ("US", "DE"); "" has no holidays. Days count from 1970; the
    holidays reach two years beyond the history.
    """
    yearly = 10 if days >= 730 else 0
    weekly = 3 if days >= 14 else 0
    if not market:
        return Calendar(weekly=weekly, yearly=yearly)
    from prophet.make_holidays import make_holidays_df  # noqa: PLC0415 - Prophet loads slowly

    years = range(_year(first_day), _year(first_day + days) + 3)
    with _prophets_own_warnings():
        table = make_holidays_df(year_list=list(years), country=market)
    found: dict[str, list[int]] = {}
    for name, moment in zip(table["holiday"], table["ds"], strict=True):
        found.setdefault(str(name), []).append(int(pd.Timestamp(moment).timestamp() // DAY))
    # a holiday that the history has not seen cannot be learned
    seen = range(first_day, first_day + days)
    holidays = tuple(
        Holiday(name=name, days=tuple(sorted(on)))
        for name, on in sorted(found.items())
        if any(day in seen for day in on)
    )
    return Calendar(weekly=weekly, yearly=yearly, holidays=holidays)


def _year(day: int) -> int:
    return int(np.datetime64(day, "D").astype(object).year)


def curve(
    counts: Floats,
    first_day: int,
    market: str = "",
    known: Bools | None = None,
    *,
    by_prophet: bool = False,
) -> Curve:
    """Fit one product's days (t,), counted from `first_day`; those not `known` are left out.

    Raises NothingToLearn below four known days.
    """
    calendar = market_calendar(market, first_day, len(counts))
    times = np.arange(first_day, first_day + len(counts), dtype=np.float64) * DAY
    if not by_prophet:
        return fit(times, counts, calendar, known)
    kept = np.ones(len(counts), bool) if known is None else known
    if kept.sum() < 4:
        raise NothingToLearn(part="a baseline", have=int(kept.sum()), need=4)
    return _by_prophet(times[kept], counts[kept], calendar)


def _by_prophet(times: Floats, counts: Floats, calendar: Calendar) -> Curve:
    """Let Prophet find the parameters, and keep them."""
    from prophet import Prophet  # noqa: PLC0415 - as above

    logging.getLogger("cmdstanpy").setLevel(logging.WARNING)
    model = Prophet(
        yearly_seasonality=calendar.yearly or False,
        weekly_seasonality=calendar.weekly or False,
        daily_seasonality=calendar.daily or False,
        uncertainty_samples=0,
        holidays=_holiday_table(calendar),
    )
    frame = pd.DataFrame({"ds": pd.to_datetime(times, unit="s"), "y": counts})
    with _prophets_own_warnings():
        model.fit(frame)
        columns = list(model.make_all_seasonality_features(model.setup_dataframe(frame))[0].columns)
    found = {name: np.asarray(value).reshape(-1) for name, value in model.params.items()}
    betas = dict(zip(columns, found["beta"].tolist(), strict=True))
    return Curve(
        start=float(times.min()),
        span=float(times.max() - times.min()),
        y_scale=float(np.abs(counts).max()) or 1.0,
        k=float(found["k"][0]),
        m=float(found["m"][0]),
        bends=tuple(np.asarray(model.changepoints_t, dtype=float).tolist()),
        deltas=tuple(found["delta"].tolist()),
        betas=tuple(betas[name] for name in calendar.names()),
        sigma=float(found["sigma_obs"][0]),
        calendar=calendar,
    )


@contextmanager
def _prophets_own_warnings() -> Iterator[None]:
    """Prophet's calls of things that pandas will drop are Prophet's to change, not ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", FutureWarning)
        yield


def _holiday_table(calendar: Calendar) -> pd.DataFrame | None:
    rows = [
        {"holiday": holiday.name, "ds": pd.Timestamp(day * DAY, unit="s")}
        for holiday in calendar.holidays
        for day in holiday.days
    ]
    return pd.DataFrame(rows) if rows else None
