"""What a proposal says of a node that stands and is sent nothing: to keep it longer, or to let it go."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from logistics.decisions import CostLine, Option, Proposal
from logistics.placement.plan import Exit, Opening
from logistics.siting.answered import Answered, money
from logistics.siting.demand import reached
from logistics.siting.proposal import exit_plan, refusals
from logistics.siting.scene import Standing
from logistics.units import Cents


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """What is saved or earned against what is paid or given up, and in which words."""

    brings: CostLine
    costs: CostLine
    words: str
    binding: str

    @property
    def gain(self) -> Cents:
        """What is left of it."""
        return self.brings.amount + self.costs.amount


def sent_nothing(
    answered: Answered, one: Standing, trade: Trade, orders: int, until: datetime, closes: datetime
) -> Proposal:
    """The proposal: `orders` are at stake, the node takes none after `until` and is shut at `closes`."""
    approved = one.node.closes_at or closes
    site = answered.site(one.site.id)
    return Proposal(
        lines=_lines(answered, one, orders, until, trade),
        stock=(),
        starts_at=answered.now,
        live_from=answered.now,
        ends_at=max(approved, closes, answered.now),
        orders_p10=0,
        orders_p50=orders,
        orders_p90=0,
        coverage_with=share(answered, then=True),
        coverage_without=share(answered, then=False),
        expected_gain=trade.gain,
        chance_of_loss=0.0,
        cash_at_risk=-trade.costs.amount,
        cost_per_extra_order=round(abs(trade.brings.amount) / max(1, orders)),
        break_even_share=round(trade.brings.amount / max(1, -trade.costs.amount), 4),
        lateness_price_stop=0,
        regret_of_nothing=max(0, trade.gain),
        regret_of_waiting=min(max(0, trade.gain), site.per_day),
        binding_reason=trade.binding,
        proof_gap=round(answered.plan.gap, 6),
        costs=(trade.brings, trade.costs),
        ladder=(
            Option(
                type="nothing",
                site=one.site.id,
                detail=f"stay until {approved:%d %b %H:%M} UTC as approved",
                expected_gain=0,
                decide_by=None,
                wait_cost_per_hour=site.per_day // 24,
                addressable_share=1.0,
            ),
        ),
        risk=(),
        exit=exit_plan(answered, _as_opening(one), max(closes, answered.now)),
        refused=refusals(answered),
    )


def orders_until(answered: Answered, one: Standing, end: datetime) -> int:
    """The orders that the node could still take and no other node of the plan takes."""
    site, opening, total = answered.site(one.site.id), _as_opening(one), 0.0
    for k in range(len(answered.problem.periods)):
        opens, closes = answered.at(k), answered.at(k + 1)
        inside = (min(end, closes) - opens) / (closes - opens)
        wanted = sum(reached(answered, opening, range(k, k + 1)).values())
        total += min(wanted, site.capacity[k]) * max(0.0, inside)
    return round(total)


def share(answered: Answered, *, then: bool) -> float:
    """Share of the wanted orders that six hours reach, with the plan or before it."""
    path = answered.plan.paths[0]
    return round((path.in_time if then else path.before_in_time) / answered.wanted, 4)


def days_between(first: datetime, last: datetime) -> int:
    """Days of rent from one moment to another; a day begun is a whole one."""
    return max(0, -(-(last - first) // timedelta(days=1)))


def _as_opening(one: Standing) -> Opening:
    """The node as an opening, for its exit plan."""
    out = Exit(drain=0, left_over=0, return_cost=0, early_close_below=0)
    return Opening(site=one.site.id, start=0, end=0, fees=0, orders=0, exit=out, standing=True)


def _lines(
    answered: Answered, one: Standing, orders: int, until: datetime, trade: Trade
) -> tuple[str, ...]:
    units = sum(units for _, units in one.goods)
    rate = answered.site(one.site.id).per_day
    last = f"{until:%d %b %H:%M} UTC"
    return (
        f"Video: {len(answered.episodes)} episodes are followed in the market.",
        f"Demand: {orders:,} orders are expected until the later end, and none are taken after {last}.",
        f"Stock: {units:,} units lie there or are on their way.",
        f"Reach: six hours reach {share(answered, then=True):.0%} of the orders as planned.",
        f"Site: {one.site.id} costs {money(rate)} a day; {trade.words}.",
    )
