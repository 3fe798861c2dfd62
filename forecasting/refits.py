"""What to fit again first: a queue by drift, within a budget; a forecast is made anew always.

Drift is how far a product's sales have left the band that was forecast, in standard deviations. A
refit that has waited for long gains drift by its age, so nothing waits for ever. `breach` is the
alarm of the hour: sales above (or below) the band several buckets in a row.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from forecasting.signals import Floats

DAYS_WORTH = 0.1
"""Drift that a day of waiting is worth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A fit that is in use: of what, since when, how far off, and what fitting again costs."""

    name: str
    fitted_at: datetime
    drift: float
    seconds: float = 0.05


def drift(actual: Floats, quantiles: Floats) -> float:
    """How far hours (t,) lie from their band (t, 3), in sd of their sum.

    The band's half width over 1.28 is taken for an hour's sd; half of it is shared by all hours.
    """
    error = float((actual - quantiles[:, 1]).sum())
    sd = np.maximum((quantiles[:, 2] - quantiles[:, 0]) / (2 * 1.2816), 0.3)
    together = 0.5 * sd.sum() ** 2 + 0.5 * (sd**2).sum()
    return abs(error) / float(np.sqrt(together))


def queue(fits: tuple[Fitted, ...], now: datetime, budget_seconds: float) -> tuple[str, ...]:
    """The fits to do now, the most drift first, as many as the budget holds (at least one)."""

    def urgency(fit: Fitted) -> float:
        return fit.drift + DAYS_WORTH * (now - fit.fitted_at).total_seconds() / 86400

    chosen: list[str] = []
    spent = 0.0
    for fit in sorted(fits, key=lambda one: (-urgency(one), one.name)):
        if chosen and spent + fit.seconds > budget_seconds:
            continue
        chosen.append(fit.name)
        spent += fit.seconds
    return tuple(chosen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """Sales that left the band: from which hour on, and on which side."""

    hour: int
    above: bool


def breach(actual: Floats, quantiles: Floats, in_a_row: int = 3) -> Breach | None:
    """The first run of hours outside P5..P95 on one side; actual (t,), quantiles (t, 3).

    P95 lies 1.28 times as far from the median as P90, as in a normal band.
    """
    low, mid, high = quantiles.T
    stretch = 1.6449 / 1.2816
    for above, outside in (
        (True, actual > mid + stretch * (high - mid)),
        (False, actual < mid - stretch * (mid - low)),
    ):
        run = 0
        for hour, out in enumerate(outside):
            run = run + 1 if out else 0
            if run == in_a_row:
                return Breach(hour=hour - in_a_row + 1, above=above)
    return None
