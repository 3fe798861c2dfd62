"""How attention becomes orders: conversion x delayed attention x fatigue.

A view brings its order within the hour in 35 cases of 100, within a day in half, and the rest come
over 30 days (delays reported by Chapelle, KDD 2014; the priors of a new installation). How many
views make an order is the category's prior until the product's own orders speak: a Gamma prior
worth `doubt` orders, updated by what was ordered against what the views would have brought.

Other goods are bought sooner, or thought over for some hours, or less at night. So a few delays
stand beside the prior's, and orders bend more or less with the hour of the day (`Way`); the
market's own orders weigh them.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import fft, special

from forecasting.memory import MEMORIES, believed, remembered
from forecasting.signals import Floats


@dataclass(frozen=True, slots=True)
class Delay:
    """How long after a view its order comes: shares within the first hour and the first day."""

    within_hour: float
    within_day: float
    thought_over: float = 0.0
    """Mean hours of an exponential delay within the day; 0 where each hour brings as much less as
    it is later, one over its number."""


OTHERS = (Delay(0.4, 0.9), Delay(0.15, 0.98), Delay(0.1, 0.97, thought_over=8.0))
"""Other delays than the category's: at once, within the day, and after some hours' thought."""
BENDS = (0.0, 0.5, 1.0)
"""How far orders follow the usual day beside the views that they follow anyhow."""
ROUNDS = 12
"""Rounds in which orders are told apart by video; they settle within ten."""
MOST_PER_VIEW = 1.0
"""A view brings one order at most; what sells beyond that comes from elsewhere."""
BELIEVED = 0.3
"""Part of the evidence for a way that is believed: orders clump and hours are not independent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """What a category's views are worth; the defaults are a new installation's priors."""

    orders_per_view: float = 0.002
    clicks_per_view: float = 0.01
    doubt: float = 1.5
    """Orders that the prior is worth: 1.5 lets P10..P90 span a factor of eight."""
    paid_worth: float = 0.5
    """Orders of a paid view against an organic one."""
    fatigue_days: float = 30.0
    """Days after which a view of the same video is worth half."""
    forget_hours: float = 48.0
    """Half-life of what the product's own orders said, while it foretells what comes."""
    within_hour: float = 0.35
    within_day: float = 0.5
    """Shares of a view's orders that come within the first hour and the first day."""
    sentiment: float = 2.5
    """Log orders lost per unit of negative share gained."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Converted:
    """Orders per exposed view of each product and its sd of log, both (p,); orders learned from."""

    rate: Floats
    spread: Floats
    learned_from: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way in which views may turn into orders: how soon, and how far by the hour of the day."""

    delay: Delay
    bend: float
    prior: float


def ways(conversion: Conversion) -> tuple[Way, ...]:
    """The category's own delay and the others, one as likely as another, under each bend."""
    delays = (_own(conversion), *OTHERS)
    prior = 1.0 / (len(delays) * len(BENDS))
    return tuple(Way(delay=delay, bend=bend, prior=prior) for delay in delays for bend in BENDS)


def _own(conversion: Conversion) -> Delay:
    return Delay(conversion.within_hour, conversion.within_day)


@lru_cache(maxsize=32)
def _lags(delay: Delay, hours: int = 24 * 30) -> Floats:
    thought = delay.thought_over
    number = np.arange(1, 24)
    early = np.exp(-number / thought) if thought else 1.0 / number
    late = np.exp(-np.arange(hours - 24) / (24 * 7.0))
    kernel = np.concatenate(
        [
            [delay.within_hour],
            (delay.within_day - delay.within_hour) * early / early.sum(),
            (1 - delay.within_day) * late / late.sum(),
        ]
    )
    kernel.setflags(write=False)
    return kernel


def lags(conversion: Conversion) -> Floats:
    """The share of a view's orders that come so many hours later, (720,), summing to 1."""
    return _lags(_own(conversion))


def exposed(views: Floats, age: Floats, conversion: Conversion, way: Way | None = None) -> Floats:
    """Views as they ripen into orders: (..., v, t) in and out; `age` (v,) hours at the last column.

    Each view is discounted by fatigue at its own time and spread over its lags.
    """
    steps = views.shape[-1]
    old = np.maximum(age[:, None] - np.arange(steps)[::-1], 0.0)
    fresh = views * 0.5 ** (old / (24 * conversion.fatigue_days))
    kernel = _lags(_own(conversion) if way is None else way.delay)[:steps]
    # a length of small factors is as quick as a power of two and shorter
    size = int(fft.next_fast_len(max(2 * steps - 1, 1), real=True))
    ripe = fft.irfft(fft.rfft(fresh, size) * fft.rfft(kernel, size), size)[..., :steps]
    ripened: Floats = np.maximum(ripe, 0.0)
    return ripened


def prior_rate(views: Floats, clicks: Floats, conversion: Conversion) -> Floats:
    """Orders per view before the first order (v,): clicks above the category's raise it.

    Half of a difference in clicks (in log) is believed; 2,000 made-up views shrink a small sample.
    A feed without any clicks says nothing.
    """
    usual = conversion.clicks_per_view
    rate = (clicks + 2000 * usual) / (views + 2000)
    lift = np.where(clicks > 0, np.sqrt(rate / usual), 1.0)
    return conversion.orders_per_view * np.clip(lift, 0.3, 3.0)


def memories(
    orders: Floats, baseline: Floats, exposure: Floats, prior: Floats, conversion: Conversion
) -> Floats:
    """How far each memory of what a view was worth is believed, (p, m); see `memory`."""
    return believed(
        orders, baseline, exposure, prior,
        doubt=conversion.doubt, half_life=conversion.forget_hours,
    )  # fmt: skip


def convert(
    orders: Floats,
    baseline: Floats,
    exposure: Floats,
    prior: Floats,
    conversion: Conversion,
    parts: Floats | None = None,
) -> Converted:
    """Update each product's prior (p,) by its own orders: all others (p, t), exposure in views.

    `parts` (p, m) is how far each memory is believed, the longest alone where it is not given; each
    begins from what the longer one learned.
    """
    weights = np.ones((len(prior), 1)) if parts is None else parts
    rates, tolds, rate = [], [], prior
    for half_life in _half_lives(conversion)[: weights.shape[1]]:
        rate, told = _learned(orders, baseline, exposure, rate, conversion.doubt, half_life)
        rates.append(rate)
        tolds.append(told)
    each = np.stack(rates, axis=1)
    mean = (weights * each).sum(axis=1)
    apart = np.log(np.maximum(each, 1e-15) / np.maximum(mean, 1e-15)[:, None]) ** 2
    # a posterior of told orders has a log-sd of about told^-1/2; conversion itself drifts by 15 %
    doubtful = 1 / (conversion.doubt + np.stack(tolds, axis=1))
    spread = np.sqrt((weights * (doubtful + apart)).sum(axis=1) + 0.15**2)
    return Converted(rate=mean, spread=spread, learned_from=tolds[0])


def _half_lives(conversion: Conversion) -> tuple[float, ...]:
    """Of each memory, in hours, the longest first."""
    return tuple(conversion.forget_hours * part for part, _ in MEMORIES)


def _learned(
    orders: Floats, baseline: Floats, exposure: Floats, prior: Floats, doubt: float, hours: float
) -> tuple[Floats, Floats]:
    """Orders per exposed view by one memory, and the orders it rests on, (p,) each."""
    weight = remembered(orders.shape[1], hours)
    lifted = np.maximum(((orders - baseline) * weight).sum(axis=1), 0.0)
    seen = (exposure * weight).sum(axis=1)
    rate = (doubt + lifted) / (doubt / np.maximum(prior, 1e-12) + seen)
    return np.minimum(rate, MOST_PER_VIEW), np.where(seen > 0, lifted, 0.0)


def convert_each(
    orders: Floats, baseline: Floats, exposure: Floats, prior: Floats, conversion: Conversion
) -> tuple[Floats, Floats]:
    """What a view of each of one product's videos is worth, and its sd of log, (v,) each.

    Orders (t,) are told apart by what each video would bring, `exposure` (v, t) in views, `prior`
    (v,): with the long memory first. Where what the videos would bring so turns out to mislead, they
    are told apart again from there, with the hours that the believed memories still know.
    """
    half_lives = _half_lives(conversion)
    known = np.stack([remembered(len(orders), half_life) for half_life in half_lives])
    rate, _ = _told_apart(orders, baseline, exposure, prior, conversion.doubt, known[0])
    (parts,) = believed(
        orders[None], baseline[None], (rate @ exposure)[None], np.ones(1),
        doubt=conversion.doubt, half_life=conversion.forget_hours,
    )  # fmt: skip
    start = prior * (rate / np.maximum(prior, 1e-12)) ** (1 - parts[0])
    weight = parts @ known
    rate, told = _told_apart(orders, baseline, exposure, start, conversion.doubt, weight)
    return rate, np.sqrt(1 / (conversion.doubt + told) + 0.15**2)


def _told_apart(
    orders: Floats, baseline: Floats, exposure: Floats, prior: Floats, doubt: float, weight: Floats
) -> tuple[Floats, Floats]:
    """Each video's rate and the orders that it is told, by expectation and maximisation of the
    Poisson sum, each hour with its weight (t,).

    A video that nobody bought from takes nothing from the next one: how the product's other videos
    did moves a prior by a factor of 1.65 at most.
    """
    seen = (exposure * weight).sum(axis=1)
    told = np.zeros(len(prior))
    rate = prior
    for _ in range(ROUNDS):
        others = told.sum() - told
        would = (prior * seen).sum() - prior * seen
        off = np.log((others + doubt) / (would + doubt))
        begins = prior * np.exp(0.5 * np.clip(off, -1.0, 1.0))
        rate = (doubt + told) / (doubt / np.maximum(begins, 1e-12) + seen)
        brought = rate[:, None] * exposure
        part = brought / np.maximum(baseline + brought.sum(axis=0), 1e-12)
        told = (part * orders * weight).sum(axis=1)
    return np.minimum(rate, MOST_PER_VIEW), told


def evidence(
    orders: Floats, baseline: Floats, exposure: Floats, prior: Floats, conversion: Conversion
) -> float:
    """Log likelihood of all products' orders (p, t) under one way's exposure, but for a constant.

    Counts are Poisson about baseline and rate x exposure, the rate at its posterior mean.
    """
    weight = remembered(orders.shape[1], conversion.forget_hours)
    done = convert(orders, baseline, exposure, prior, conversion)
    mean = baseline + done.rate[:, None] * exposure + 1e-6
    likely = (weight * (special.xlogy(orders, mean) - mean)).sum()
    return float(BELIEVED * likely)


def mood(recent: Floats, before: Floats, conversion: Conversion) -> Floats:
    """The factor on orders when negative reactions gain share: 1 where they do not, (v,)."""
    factor: Floats = np.exp(-conversion.sentiment * np.maximum(recent - before - 0.03, 0.0))
    return factor
