"""What may be lost: the tail of the loss, the cash at risk, and the curve over stock sizes.

A loss is a gain below zero, the gain being what a plan saves against opening nothing new. CVaR90
is the mean loss of the worst tenth; it may be below zero, when even the worst tenth gains. The
chance of a loss alone is a bad guide: it prefers too small a stock to a good one, so the three
figures are always shown together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from logistics.placement.plan import PlacementPlan
from logistics.placement.problem import PlacementProblem
from logistics.units import Cents, Units

TENTH = 0.1


def cvar90(gains: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Mean loss of the worst tenth of the gains, by weight; an outcome may count in part."""
    gain = np.asarray(gains, float)
    share = np.ones(len(gain)) if weights is None else np.asarray(weights, float)
    order = np.argsort(gain, kind="stable")
    gain, share = gain[order], share[order] / share.sum()
    part = np.clip(TENTH - (np.cumsum(share) - share), 0.0, share)
    return float(-(gain * part).sum() / TENTH)


def cash_at_risk(problem: PlacementProblem, plan: PlacementPlan) -> Cents:
    """What is gone when nobody buys: new fees, first trucks and handling, and the way back."""
    back = {product.name: product.return_cost for product in problem.products}
    lanes = {(lane.centre, lane.site): lane for lane in problem.lanes}
    fees = sum(opening.fees for opening in plan.openings if not opening.standing)
    stock = sum(
        each.units * (lanes[each.centre, each.site].handling + back[each.product])
        for each in plan.shipments
        if each.path is None
    )
    trips = sum(
        load.trucks * problem.truck.trip(lanes[load.centre, load.site])
        for load in plan.trucks
        if load.path is None and problem.truck is not None
    )
    return fees + stock + trips


def within_tail(problem: PlacementProblem, plan: PlacementPlan) -> bool:
    """Whether the tail of the loss keeps the planner's limit."""
    share = problem.wishes.tail_permille
    if share is None or all(opening.standing for opening in plan.openings):
        return True
    tail = cvar90([p.gain for p in plan.paths], [p.weight for p in plan.paths])
    return tail <= share * cash_at_risk(problem, plan) / 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class StockPoint:
    """One size of stock: what it fills, leaves over and gains, and what may be lost by it.

    Shares are of one; `left_over` is the mean of units, money is cents. `tail_share` is CVaR90 of
    the loss over the cash at risk.
    """

    stock: Units
    fill_rate: float
    no_stock_out: float
    left_over: float
    gain: float
    chance_of_loss: float
    tail: float
    cash_at_risk: Cents

    @property
    def tail_share(self) -> float:
        """CVaR90 of the loss as a share of the cash at risk."""
        return self.tail / max(1, self.cash_at_risk)


def stock_curve(
    demand: NDArray[np.float64],
    stocks: Iterable[Units],
    *,
    gain_per_unit: Cents,
    back_per_unit: Cents,
    fees: Cents,
) -> tuple[StockPoint, ...]:
    """Gain and loss over stock sizes, on given draws of demand (product.md, 4.2).

    For stock q and demand D a draw gains `min(q, D) gain_per_unit - max(0, q - D) back_per_unit
    - fees`; the cash at risk is `fees + q back_per_unit`.
    """
    return tuple(
        _point(np.asarray(demand, float), int(q), gain_per_unit, back_per_unit, fees)
        for q in stocks
    )


def _point(
    demand: NDArray[np.float64], stock: Units, gain: Cents, back: Cents, fees: Cents
) -> StockPoint:
    sold = np.minimum(demand, stock)
    gains = sold * gain - (stock - sold) * back - fees
    return StockPoint(
        stock=stock,
        fill_rate=float(sold.sum() / max(1e-9, demand.sum())),
        no_stock_out=float((demand <= stock).mean()),
        left_over=float((stock - sold).mean()),
        gain=float(gains.mean()),
        chance_of_loss=float((gains < 0).mean()),
        tail=cvar90(gains),
        cash_at_risk=fees + stock * back,
    )


def recommended(curve: Sequence[StockPoint], tail_permille: int) -> StockPoint | None:
    """Choose the size of the greatest mean gain whose tail keeps the limit; None if none gains."""
    kept = [p for p in curve if p.tail_share * 1000 <= tail_permille and p.gain > 0]
    return max(kept, key=lambda point: point.gain, default=None)
