"""How good a forecast was: one signature for all, quantiles (..., 3) against what came (...).

Scores are shares of what came, so that they can be compared: WQL is twice the pinball loss, mean
over P10, P50 and P90, over the sum of actuals; WAPE the absolute error of the median over it.
Coverage counts a tie with a bound as inside (`coverage`) or half (`coverage_half`): counts tie often.
"""

from dataclasses import dataclass

import numpy as np

from forecasting.forecast import LEVELS
from forecasting.signals import Floats

_Q = np.array(LEVELS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """What a set of forecasts scored; `value_added` is against another's WQL, 0.1 = 10 % less."""

    wql: float
    wape: float
    bias: float
    coverage: float
    coverage_half: float
    width: float
    """Mean of P90 - P10 over the mean of actuals."""
    value_added: float | None = None


def pinball(actual: Floats, quantiles: Floats) -> Floats:
    """Twice the pinball loss at each level, (..., 3)."""
    error = actual[..., None] - quantiles
    return 2 * np.maximum(_Q * error, (_Q - 1) * error)


def score(actual: Floats, quantiles: Floats, against: Floats | None = None) -> Scores:
    """Score forecasts, and their value added against other quantiles of the same."""
    size = max(float(actual.sum()), 1e-9)
    low, mid, high = (quantiles[..., i] for i in range(3))
    wql = float(pinball(actual, quantiles).mean(axis=-1).sum()) / size
    other = None if against is None else float(pinball(actual, against).mean(axis=-1).sum()) / size
    inside = (actual > low + 1e-9) & (actual < high - 1e-9)
    tied = (np.abs(actual - low) <= 1e-9) | (np.abs(actual - high) <= 1e-9)
    return Scores(
        wql=wql,
        wape=float(np.abs(actual - mid).sum()) / size,
        bias=float((mid - actual).sum()) / size,
        coverage=float((inside | tied).mean()),
        coverage_half=float((inside + 0.5 * tied).mean()),
        width=float((high - low).sum()) / size,
        value_added=None if other is None else 1 - wql / max(other, 1e-9),
    )
