"""How wide the bands are: counts scatter, and the rate behind them is not known either.

A count with the median rate m and the sd s of log m is a Poisson count whose rate is log-normal.
Its P10 and P90 are read from a table of exact quantiles (below 300 orders) or from the log-normal
that it becomes above. `Widths` are factors on s learned from how wrong we were.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special

from forecasting.signals import Floats, Ints

Z = 1.2815515655446004
"""The standard normal's P90."""
_MEANS = np.exp(np.linspace(np.log(1e-2), np.log(300.0), 64))
_SPREADS = np.array([0.0, 0.15, 0.3, 0.45, 0.6, 0.8, 1.0, 1.3, 1.6, 2.0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Widths:
    """Factors on the spread, by the video's age; 1 until the service has seen its own errors."""

    first_hours: float = 1.0
    """While the youngest video is less than six hours old."""
    first_day: float = 1.0
    later: float = 1.0
    step_noise: float = 0.25
    """Sd of log orders of a single hour that evens out over a total."""
    products: tuple[tuple[str, float], ...] = ()
    """Factors of products whose own forecasts were off, beside the above."""

    def of(self, product: str, age_hours: float) -> float:
        """The factor for a product whose youngest video is so many hours old."""
        young = self.first_hours if age_hours < 6 else self.first_day
        return (young if age_hours < 24 else self.later) * dict(self.products).get(product, 1.0)


@lru_cache(maxsize=1)
def _table() -> tuple[Floats, Floats]:
    """log(1 + P10) and log(1 + P90) over `_MEANS` x `_SPREADS`."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(21)
    weights = weights / weights.sum()
    low, high = np.zeros((2, len(_MEANS), len(_SPREADS)))
    for j, spread in enumerate(_SPREADS):
        rates = _MEANS[:, None] * np.exp(spread * nodes)
        top = float(300 * np.exp(2.2 * spread)) + 100
        counts = np.unique(np.round(np.expm1(np.linspace(0, np.log1p(top), 600))))
        below = (special.pdtr(counts[None, None, :], rates[:, :, None]) * weights[:, None]).sum(
            axis=1
        )
        low[:, j] = np.log1p(counts[(below < 0.1).sum(axis=1).clip(max=len(counts) - 1)])
        high[:, j] = np.log1p(counts[(below < 0.9).sum(axis=1).clip(max=len(counts) - 1)])
    return low, high


def count_quantiles(median: Floats, spread: Floats) -> Floats:
    """P10, P50 and P90 of counts, (..., 3), from the median rate and the sd of its log.

    P50 is the rate itself, so that it adds up; P10 and P90 are quantiles of the count.
    """
    low, high = _table()
    s = np.minimum(spread, _SPREADS[-1])
    tail = Z * np.sqrt(s**2 + 1 / np.maximum(median, 1e-9))
    small = median < _MEANS[-1]
    row = (np.log(np.maximum(median[small], _MEANS[0])) - np.log(_MEANS[0])) / np.log(
        _MEANS[1] / _MEANS[0]
    )
    i = np.minimum(row.astype(np.int64), len(_MEANS) - 2)
    column = np.interp(s[small], _SPREADS, np.arange(len(_SPREADS)))
    j = np.minimum(column.astype(np.int64), len(_SPREADS) - 2)
    p10, p90 = np.empty_like(median), np.empty_like(median)
    p10[~small], p90[~small] = (
        median[~small] * np.exp(-tail[~small]),
        median[~small] * np.exp(tail[~small]),
    )
    p10[small] = np.expm1(_between(low, i, j, row - i, column - j))
    p90[small] = np.expm1(_between(high, i, j, row - i, column - j))
    return np.stack([np.minimum(p10, median), median, np.maximum(p90, median)], axis=-1)


def _between(table: Floats, i: Ints, j: Ints, a: Floats, b: Floats) -> Floats:
    """Bilinear between four corners of the table."""
    above = table[i, j] * (1 - a) + table[i + 1, j] * a
    beside = table[i, j + 1] * (1 - a) + table[i + 1, j + 1] * a
    between: Floats = above * (1 - b) + beside * b
    return between
