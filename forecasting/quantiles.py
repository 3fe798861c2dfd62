"""How wide the bands are: counts scatter, and the rate behind them is not known either.

A count with the median rate m and the sd s of log m is a Poisson count whose rate is log-normal.
Its P10 and P90 are read from a table of exact quantiles (below 300 orders) or from the log-normal
that it becomes above. `Widths` are factors on s learned from how wrong we were.

Learned bands are calibrated by errors on series held out of the fit (conformalised quantiles:
Romano, Patterson & Candes, 2019), with the finite-sample quantile of m + 1: how far P10 and P90 must
be moved, in logs, so that a tenth of the held-out counts fell below and a tenth above. Near steps,
far steps and totals are calibrated apart, and by volume: the smallest, middle and largest third. A
count stands
for the half unit on each side of it, else ties would pass for hits.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from scipy import special

from forecasting.bursts import Trial, Window
from forecasting.forecast import Z
from forecasting.signals import Bools, Floats, Ints

PART_OF_DAY = 8.0
"""Hours over which the usual day errs to one side."""
COUNTED = 50.0
"""Below so many, a quantile of a count is itself a count."""
_MEANS = np.exp(np.linspace(np.log(1e-2), np.log(300.0), 64))
_SPREADS = np.array([0.0, 0.15, 0.3, 0.45, 0.6, 0.8, 1.0, 1.3, 1.6, 2.0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Widths:
    """Factors on the spread, by the video's age, until the service has seen its own errors.

    The priors are what the totals of made-up months fell short of 80 % inside by.
    """

    first_hours: float = 1.2
    """While the youngest video is less than six hours old."""
    first_day: float = 1.2
    later: float = 1.2
    step_noise: float = 0.25
    """Sd of log orders of a single hour that evens out over a total."""
    day_noise: float = 0.25
    """The same of a part of the day (`PART_OF_DAY`), whose share of the day is not known well."""
    products: tuple[tuple[str, float], ...] = ()
    """Factors of products whose own forecasts were off, beside the above."""

    def noise(self, hours: Floats) -> Floats:
        """Sd of the log of a total over so many hours beside what is not known of its rate."""
        part = np.minimum(1.0, PART_OF_DAY / hours)
        noise: Floats = np.sqrt(self.step_noise**2 / hours + self.day_noise**2 * part)
        return noise

    def of(self, product: str, age_hours: float) -> float:
        """The factor for a product whose youngest video is so many hours old."""
        young = self.first_hours if age_hours < 6 else self.first_day
        return (young if age_hours < 24 else self.later) * dict(self.products).get(product, 1.0)


def widened(widths: Widths, product: str, *, inside: bool) -> Widths:
    """The widths after one more outcome: wider by 27 % after a miss, narrower by 6 % after a hit.

    At 80 % hits the two even out (adaptive conformal inference: Gibbs & Candes, 2021).
    """
    factors = dict(widths.products)
    step = np.exp(0.3 * ((0.0 if inside else 1.0) - 0.2))
    factors[product] = float(np.clip(factors.get(product, 1.0) * step, 0.6, 3.0))
    return replace(widths, products=tuple(sorted(factors.items())))


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calibration:
    """How far to move P10 down and P90 up (logs) by class of log level and by window."""

    centres: Floats
    """The median log level of each class, (c,); between them the moves go over evenly."""
    down: Floats
    up: Floats
    """(c, o)."""

    def apply(self, quantiles: Floats, level: Floats) -> Floats:
        """Calibrated log quantiles (n, o, 3) of series with these log levels (n,)."""
        mid = quantiles[..., 1]
        low = np.minimum(quantiles[..., 0] - self._at(level, self.down), mid)
        high = np.maximum(quantiles[..., 2] + self._at(level, self.up), mid)
        moved: Floats = np.maximum(np.stack([low, mid, high], axis=-1), 0.0)
        return moved

    def _at(self, level: Floats, moves: Floats) -> Floats:
        """Moves (n, o) of series with these log levels."""
        return np.stack([np.interp(level, self.centres, each) for each in moves.T], axis=1)


def calibrate(
    trial: Trial, windows: tuple[Window, ...], classes: int = 3, seed: int = 0
) -> Calibration:
    """Learn from a trial on held-out series; a class has at least thirty series, else fewer classes.

    Of few families a tail is not known: what they say is believed by families / (families + 20).
    """
    trust = trial.families / (trial.families + 20)
    classes = max(1, min(classes, len(trial.level) // 30))
    rng = np.random.default_rng(seed)
    counts = np.expm1(trial.actual)
    actual = np.log1p(np.maximum(counts + rng.uniform(-0.5, 0.5, counts.shape), -0.5))
    # equal levels stay in one class, so that there may be fewer
    edges = np.quantile(trial.level, np.arange(1, classes) / classes)
    found, row = np.unique(np.searchsorted(edges, trial.level), return_inverse=True)
    classes = len(found)
    centres = np.array([np.median(trial.level[row == number]) for number in range(classes)])
    down, up = np.zeros((2, classes, len(windows)))
    longer = np.array([b > a for a, b in windows])
    for number in range(classes):
        mine = row == number
        for together in _together(windows, longer):
            said, came = trial.quantiles[mine][:, together], actual[mine][:, together]
            down[number, together] = trust * _reach(said[..., 0] - came)
            up[number, together] = trust * _reach(came - said[..., 2])
    return Calibration(centres=centres, down=down, up=up)


def _together(windows: tuple[Window, ...], longer: Bools) -> list[list[int]]:
    """The near half of the steps as one, the far half as one, every total by itself."""
    totals = [[o] for o in range(len(windows)) if longer[o]]
    steps = [o for o in range(len(windows)) if not longer[o]]
    near, far = steps[: len(steps) // 2], steps[len(steps) // 2 :]
    return [half for half in (near, far) if half] + totals


def _reach(beyond: Floats) -> float:
    """The (m + 1) finite-sample P90 of how far counts lay beyond a bound."""
    ranked = np.sort(beyond, axis=None)
    place = int(np.ceil((len(ranked) + 1) * 0.9)) - 1
    return float(ranked[min(place, len(ranked) - 1)])


def counted(log_quantiles: Floats) -> Floats:
    """Quantiles of counts from quantiles of log(1 + count): whole numbers where counts are few."""
    counts = np.expm1(np.clip(log_quantiles, 0, 25))
    return np.sort(np.where(counts < COUNTED, np.round(counts), counts), axis=-1)
