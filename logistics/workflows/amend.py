"""A planner's change of a recommendation: another stock, another end, and what that does to it.

The successor is judged on the same draws as what it follows: gain, chance of a loss, tail and cost
table are those of the new stock size. What would need a new plan (another site) is no amendment.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from logistics.decisions import Proposal, Recommendation, RecommendationState, Stake, StockLine
from logistics.errors import Nonsense, require
from logistics.policy import Policy
from logistics.siting.chance import (
    break_even,
    cost_table,
    moved_orders,
    points,
    risk_point,
    sizes_around,
)
from logistics.units import Units


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUnits:
    """How many units of a product shall be sent instead."""

    product: str
    units: Units


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """What a planner changes; what is not named stays."""

    units: tuple[NewUnits, ...]


def amended(
    policy: Policy, asked: Recommendation, change: Amendment, *, id: str, now: datetime
) -> Recommendation:
    """The successor with the figures of the new stock; its decide-by stays.

    Raises:
        Nonsense: for a product that was not to be sent, units below zero, or where nothing is sent.
    """
    stake = asked.proposal.stake
    if stake is None or not asked.proposal.stock:
        raise Nonsense("/amendment", f"a {asked.kind} sends no stock that could be changed")
    stock = _restocked(asked.proposal.stock, change)
    proposal = judged(asked.proposal, stake, stock)
    limits = policy.verdicts
    cold = asked.basis == "category_prior"
    limit = limits.cold_second_planner_above if cold else limits.second_planner_above
    return replace(
        asked,
        id=id,
        state=RecommendationState.OPEN,
        opened_at=now,
        expected_gain=proposal.expected_gain,
        money_at_stake=proposal.cash_at_risk,
        needs_two=proposal.cash_at_risk > limit,
        proposal=proposal,
        held_because=None,
        first_verdict=None,
        last_verdict=None,
        effective_at=None,
        supersedes=asked.id,
        superseded_by=None,
        changed_by=None,
        version=1,
    )


def _restocked(stock: tuple[StockLine, ...], change: Amendment) -> tuple[StockLine, ...]:
    """The stock lines with the new totals, each product's lines in the proportions of before."""
    lines = list(stock)
    for i, wish in enumerate(change.units):
        require(wish.units >= 0, f"amendment/units/{i}/units", "must not be negative")
        mine = [k for k, line in enumerate(lines) if line.product == wish.product]
        if not mine:
            raise Nonsense(f"/amendment/units/{i}/product", f"{wish.product} is not sent")
        before, left = sum(lines[k].units for k in mine), wish.units
        for k in mine[:-1]:
            part = wish.units * lines[k].units // max(before, 1)
            lines[k], left = replace(lines[k], units=part), left - part
        lines[mine[-1]] = replace(lines[mine[-1]], units=left)
    return tuple(lines)


def judged(proposal: Proposal, stake: Stake, stock: tuple[StockLine, ...]) -> Proposal:
    """The proposal with another stock, and every figure that follows from its size."""
    units = sum(line.units for line in stock)
    (point,) = points(stake, (units,))
    orders = moved_orders(stake, units)
    before = max(1, sum(line.units for line in proposal.stock))
    return replace(
        proposal,
        stock=stock,
        takes_home=tuple(
            replace(line, units=min(line.units, -(-line.units * units // before)))
            for line in proposal.takes_home
        ),
        orders_p10=orders[0],
        orders_p50=orders[1],
        orders_p90=orders[2],
        expected_gain=round(point.gain),
        chance_of_loss=round(point.chance_of_loss, 4),
        cash_at_risk=point.cash_at_risk,
        break_even_share=round(break_even(stake, units), 4),
        costs=cost_table(stake, point),
        risk=tuple(risk_point(one) for one in points(stake, sizes_around(stake, units))),
    )
