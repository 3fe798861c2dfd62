"""How wrong a forecast may be, in money: the gain and the loss over stock sizes.

Demand over the life of a node is taken as lognormal through its P10, P50 and P90. The draws are the
middles of equal shares of its probability, so the same forecast gives the same figures again.
"""

from functools import cache
from math import exp, log
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from logistics.decisions import CostLine, RiskPoint, Stake
from logistics.placement.risk import StockPoint, stock_curve
from logistics.units import Units

NORMAL = NormalDist()
P90 = NORMAL.inv_cdf(0.9)
DRAWS = 4_000
"""Equal shares of the probability; the mean gain differs from a million draws by under 0.1 %."""
LEAST = 0.5
"""A median below half an order is taken as half an order, so that it has a logarithm."""
SIZES = (0.4, 0.6, 0.8, 1.0, 1.2, 1.5, 2.0)
"""The stock sizes of the curve, as multiples of the P50."""


def spread(p10: float, p50: float, p90: float) -> tuple[float, float]:
    """The mean and standard deviation of the logarithm of demand with those quantiles."""
    middle = max(p50, LEAST)
    above = log(max(p90, middle) / middle)
    below = log(middle / p10) if p10 >= LEAST else above
    return log(middle), (above + below) / (2 * P90)


def draws(stake: Stake) -> NDArray[np.float64]:
    """Demand over the node's life in orders, each draw equally likely."""
    return np.asarray(np.exp(stake.log_mean + stake.log_sd * _standard()))


@cache
def _standard() -> NDArray[np.float64]:
    """The draws of a standard normal: the same for every stake, so they are drawn once."""
    middles = (np.arange(DRAWS) + 0.5) / DRAWS
    drawn = np.array([NORMAL.inv_cdf(share) for share in middles])
    drawn.setflags(write=False)
    return drawn


def quantile(stake: Stake, share: float) -> float:
    """Orders that demand stays below with that probability."""
    return exp(stake.log_mean + stake.log_sd * NORMAL.inv_cdf(share))


def moved_orders(stake: Stake, units: Units) -> tuple[int, int, int]:
    """The orders that a stock moves into the target: P10, P50 and P90."""
    low, middle, high = (min(quantile(stake, share), units) for share in (0.1, 0.5, 0.9))
    return round(stake.moved * low), round(stake.moved * middle), round(stake.moved * high)


def points(stake: Stake, sizes: tuple[Units, ...]) -> tuple[StockPoint, ...]:
    """What each size of stock fills, gains and risks."""
    return stock_curve(
        draws(stake),
        sizes,
        gain_per_unit=stake.gain_per_unit,
        back_per_unit=stake.back_per_unit,
        fees=stake.fees,
    )


def sizes_around(stake: Stake, units: Units) -> tuple[Units, ...]:
    """The stock sizes that a planner is shown, that of the proposal among them."""
    middle = exp(stake.log_mean)
    return tuple(sorted({units, *(max(1, round(middle * factor)) for factor in SIZES)}))


def risk_point(point: StockPoint) -> RiskPoint:
    """One row of the table that a planner reads."""
    return RiskPoint(
        units=point.stock,
        fill_rate=round(point.fill_rate, 4),
        no_stock_out=round(point.no_stock_out, 4),
        left_over=round(point.left_over, 1),
        expected_gain=round(point.gain),
        chance_of_loss=round(point.chance_of_loss, 4),
        cvar90_share=round(point.tail_share, 4),
    )


def cost_table(stake: Stake, point: StockPoint) -> tuple[CostLine, ...]:
    """Every income and cost that a size of stock brings on average; sums to its mean gain."""
    sold = point.stock - point.left_over
    moving = tuple(
        CostLine(name=line.name, amount=round(line.amount * sold)) for line in stake.per_order
    )
    back = CostLine(name="left over", amount=-round(point.left_over * stake.back_per_unit))
    return (*moving, *stake.fixed, back)


def break_even(stake: Stake, units: Units) -> float:
    """The share of the P50 at which a stock of so many units neither gains nor loses; infinite
    where even selling all of it loses."""
    each = stake.gain_per_unit + stake.back_per_unit
    needed = (stake.fees + units * stake.back_per_unit) / max(each, 1)
    return needed / exp(stake.log_mean) if needed <= units else float("inf")
