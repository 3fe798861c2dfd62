"""How long to remember what a view was worth: as long as what it said still foretells the orders.

What a view brings changes slowly, so two days of orders are better than two hours. But a video may
turn, or a link may break, and then everything from before it misleads. So shorter memories stand
beside the long one, each with its prior, and are believed by how well they foretold the hours of
late (the dynamic mixture of discount factors: West and Harrison, Bayesian Forecasting and Dynamic
Models, 1997, chapter 12).
"""

from functools import lru_cache

import numpy as np
from scipy import special

from forecasting.signals import Floats

MEMORIES = ((1.0, 0.75), (0.25, 0.17), (0.08, 0.06), (0.03, 0.02))
"""Parts of the category's half-life that are remembered, longest first, each with its prior: of 48
hours all, twelve hours, four, and an hour and a half."""
JUDGED = 0.25
"""Part of the half-life after which a foretold hour counts half for the memory that foretold it."""
JUDGED_HOURS = 48
"""Hours of late that are foretold; earlier ones hardly count."""
UNEVEN = 0.5
"""Standard deviation of an hour's rate about what its neighbours say, as part of it."""


@lru_cache(maxsize=64)
def remembered(hours: int, half_life: float) -> Floats:
    """What each of the last hours still counts for, (t,); every way that is tried asks for it."""
    weight: Floats = 0.5 ** (np.arange(hours)[::-1] / half_life)
    weight.setflags(write=False)
    return weight


def believed(
    orders: Floats,
    baseline: Floats,
    exposure: Floats,
    prior: Floats,
    *,
    doubt: float,
    half_life: float,
) -> Floats:
    """How far each memory is believed for each product, (p, m), from orders (p, t) and exposure.

    Each hour is foretold from the hours before it; its count is negative binomial about the mean,
    as wide as the doubt about the rate and UNEVEN hours make it. `prior` (p,) and `doubt` are as in
    `link.convert`, `half_life` in hours. A shorter memory begins from what the longer one says.
    """
    scores = np.tile(np.log([part for _, part in MEMORIES]), (len(orders), 1))
    hours = min(JUDGED_HOURS, orders.shape[1])
    late = slice(-hours, None)
    sold, usual, seen = orders[:, late], baseline[:, late], exposure[:, late]
    counts = remembered(orders.shape[1], half_life * JUDGED)[late] * (seen > 0)
    rate = np.broadcast_to(prior[:, None], sold.shape)
    for m, (part, _) in enumerate(MEMORIES):
        told = doubt + np.maximum(_until_then(orders - baseline, hours, half_life * part), 0.0)
        looked = _until_then(exposure, hours, half_life * part)
        rate = told / (doubt / np.maximum(rate, 1e-12) + looked)
        likely = _log_likelihood(sold, usual + rate * seen + 1e-3, 1.0 / (1.0 / told + UNEVEN**2))
        scores[:, m] += (likely * counts).sum(axis=1)
    parts: Floats = special.softmax(scores, axis=1)
    return parts


def _until_then(hourly: Floats, hours: int, half_life: float) -> Floats:
    """What was remembered when each of the last hours began: (p, t) in, (p, hours) out."""
    early = hourly.shape[1] - hours
    within, faded = _window(hours, half_life)
    before = hourly[:, :early] @ remembered(early, half_life)
    summed: Floats = hourly[:, early:] @ within + before[:, None] * faded
    return summed


@lru_cache(maxsize=64)
def _window(hours: int, half_life: float) -> tuple[Floats, Floats]:
    """What each hour of a window counts for when a later one begins, (t, t), and what came before."""
    number = np.arange(hours)
    since = number[None, :] - number[:, None] - 1
    within = np.where(since >= 0, 0.5 ** (np.maximum(since, 0) / half_life), 0.0)
    return within, 0.5 ** (number / half_life)


def _log_likelihood(count: Floats, mean: Floats, size: Floats) -> Floats:
    """Of a negative binomial count, but for what is the same for every mean and size."""
    whole = size + mean
    likely: Floats = special.gammaln(count + size) - special.gammaln(size)
    likely += special.xlogy(size, size / whole) + special.xlogy(count, mean / whole)
    return likely
