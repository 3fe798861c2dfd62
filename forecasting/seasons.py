"""The course of ordinary demand: trend with bends, the week, the year and the market's holidays.

The model is Prophet's (Taylor & Letham, 2018), its parameters a small value:

    y(t) = y_scale * (m + k t + sum_j delta_j (t - s_j)+ + features(t) beta),    t = (time - start) / span

so a forecast from cached parameters is one product of shared features, equal to Prophet's own
`predict`. `fit` finds the same posterior mode as Prophet does (normal noise, Laplace bends, normal
seasons), by ridge steps that majorise the Laplace prior (Hunter & Li, 2005) in place of a started
process. Times are epoch seconds; `level` is raw and may fall below zero.
"""

from dataclasses import dataclass

import numpy as np

from forecasting.errors import NothingToLearn
from forecasting.signals import Bools, Floats

DAY = 86400.0
BENDS = 25
BEND_RANGE = 0.8
BEND_PRIOR = 0.05
SEASON_PRIOR = 10.0
"""Prophet's own defaults for all four."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holiday:
    """A holiday of the market and its days, counted from 1970."""

    name: str
    days: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Which seasons are told apart: pairs of sine and cosine of each, and the holidays."""

    weekly: int = 3
    yearly: int = 0
    daily: int = 0
    holidays: tuple[Holiday, ...] = ()

    def features(self, times: Floats) -> Floats:
        """Columns (t, f): yearly, weekly, daily waves, then one column a holiday."""
        days = times / DAY
        columns = [
            wave(2 * np.pi * (i + 1) / period * days)
            for period, order in ((365.25, self.yearly), (7.0, self.weekly), (1.0, self.daily))
            for i in range(order)
            for wave in (np.sin, np.cos)
        ]
        whole = np.floor(days).astype(np.int64)
        columns += [np.isin(whole, holiday.days).astype(np.float64) for holiday in self.holidays]
        return np.stack(columns, axis=1) if columns else np.zeros((len(times), 0))

    def names(self) -> tuple[str, ...]:
        """The columns by Prophet's names, in the same order."""
        waves = [
            f"{season}_delim_{i + 1}"
            for season, order in (
                ("yearly", self.yearly),
                ("weekly", self.weekly),
                ("daily", self.daily),
            )
            for i in range(2 * order)
        ]
        return (*waves, *(f"{holiday.name}_delim_+0" for holiday in self.holidays))


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One product's ordinary demand: cached parameters, about half a kilobyte."""

    start: float
    span: float
    y_scale: float
    k: float
    m: float
    bends: tuple[float, ...]
    deltas: tuple[float, ...]
    betas: tuple[float, ...]
    sigma: float
    """Sd of the noise, in parts of y_scale."""
    calendar: Calendar

    def level(self, times: Floats) -> Floats:
        """Ordinary demand at these times, (t,); the same as Prophet's yhat."""
        level: Floats = levels((self,), times)[0]
        return level


def levels(curves: tuple[Curve, ...], times: Floats) -> Floats:
    """All curves at once, (c, t); curves of one calendar share their features."""
    answer = np.zeros((len(curves), len(times)))
    for calendar in dict.fromkeys(curve.calendar for curve in curves):
        mine = [i for i, curve in enumerate(curves) if curve.calendar == calendar]
        betas = np.array([curves[i].betas for i in mine]).reshape(len(mine), -1)
        answer[mine] = betas @ calendar.features(times).T
    for i, curve in enumerate(curves):
        t = (times - curve.start) / curve.span
        bent = np.maximum(t[:, None] - np.array(curve.bends), 0.0) @ np.array(curve.deltas)
        answer[i] = (answer[i] + curve.m + curve.k * t + bent) * curve.y_scale
    return answer


def fit(times: Floats, counts: Floats, calendar: Calendar, known: Bools | None = None) -> Curve:
    """The posterior mode for one series, (t,) each; days not `known` (bursts, stock-outs) are left out.

    Raises NothingToLearn below four known days.
    """
    kept = np.isfinite(counts) if known is None else known & np.isfinite(counts)
    if kept.sum() < 4:
        raise NothingToLearn(part="a baseline", have=int(kept.sum()), need=4)
    times, y = times[kept], counts[kept]
    start, span = float(times.min()), float(times.max() - times.min())
    y_scale = float(np.abs(y).max()) or 1.0
    t = (times - start) / span
    reach = int(np.floor(len(t) * BEND_RANGE))
    count = min(BENDS, reach - 1)
    bends = (
        t[np.linspace(0, reach - 1, count + 1).round().astype(int)[1:]]
        if count > 0
        else np.zeros(1)
    )
    design = np.column_stack(
        [t, np.ones_like(t), np.maximum(t[:, None] - bends, 0), calendar.features(times)]
    )
    solved, sigma = _mode(design, y / y_scale, len(bends))
    bent = slice(2, 2 + len(bends))
    return Curve(
        start=start,
        span=span,
        y_scale=y_scale,
        k=float(solved[0]),
        m=float(solved[1]),
        bends=tuple(bends.tolist()),
        deltas=tuple(solved[bent].tolist()),
        betas=tuple(solved[bent.stop :].tolist()),
        sigma=sigma,
        calendar=calendar,
    )


def _mode(design: Floats, y: Floats, bends: int, rounds: int = 400) -> tuple[Floats, float]:
    """Coefficients and noise where the posterior is highest; each round cannot make it worse."""
    gram, moment, square = design.T @ design, design.T @ y, float(y @ y)
    width = design.shape[1]
    precision = np.full(width, 1 / SEASON_PRIOR**2)
    precision[:2] = 1 / 25.0
    size = np.full(bends, BEND_PRIOR)
    variance, solved, before = 0.1 * max(float(y.var()), 1e-6), np.zeros(width), np.inf
    for _ in range(rounds):
        # |d| <= d^2 / (2 |d0|) + |d0| / 2: a ridge that touches the Laplace prior at d0
        precision[2 : 2 + bends] = 1 / (BEND_PRIOR * np.maximum(size, 1e-10))
        root = 1 / np.sqrt(precision)
        inner = root[:, None] * gram * root + variance * np.eye(width)
        solved = root * np.linalg.solve(inner, root * moment)
        size = np.abs(solved[2 : 2 + bends])
        error = max(square - 2 * float(solved @ moment) + float(solved @ gram @ solved), 1e-12)
        # of n log s + error / (2 s^2) + s^2 / (2 * 0.5^2), by s^2
        variance = max((np.sqrt(len(y) ** 2 + 16 * error) - len(y)) / 8, 1e-12)
        worth = posterior(solved, variance, error, len(y), bends)
        if before - worth < 1e-9 * max(abs(worth), 1.0):
            break
        before = worth
    return solved, float(np.sqrt(variance))


def posterior(solved: Floats, variance: float, error: float, count: int, bends: int) -> float:
    """Minus the log posterior of Prophet's model, but for a constant."""
    trend, delta, beta = solved[:2], solved[2 : 2 + bends], solved[2 + bends :]
    noise = 0.5 * count * np.log(variance) + error / (2 * variance) + 2 * variance
    priors = (
        trend @ trend / 50 + np.abs(delta).sum() / BEND_PRIOR + beta @ beta / (2 * SEASON_PRIOR**2)
    )
    return float(noise + priors)
