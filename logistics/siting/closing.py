"""When a node that stands is not worth its days any more: to drain it, to close it, to call it off.

A node stays while the margin of the orders that are still expected is above the rent that could
still be saved. What is owed anyway (the shortest term) is never counted as saved. While a video
rises in the market nobody goes: what was let go on the last one's ebb would be opened again.
"""

from datetime import datetime, timedelta

from logistics.decisions import CostLine, Kind, Option, Proposal
from logistics.episodes import EpisodeState
from logistics.network import NodeState
from logistics.placement.plan import Exit, Opening
from logistics.siting.answered import Answered, money
from logistics.siting.demand import reached
from logistics.siting.proposal import Written, exit_plan, refusals
from logistics.siting.question import UNANSWERED
from logistics.siting.scene import Standing
from logistics.siting.worth import gain_per_order
from logistics.units import Cents

SOON = timedelta(hours=6)
"""A node whose best end is further away is looked at again before it comes: until then it sells
what it holds."""
BEFORE_IT_OPENS = timedelta(days=1)
"""A node that sells nothing yet is called off the sooner the better."""
EARLIER = timedelta(hours=12)
"""How much earlier than approved an end must be to be worth a verdict."""
LEAST_HOURS = timedelta(hours=2)


def best_end(answered: Answered, opening: Opening | None) -> datetime:
    """When the plan would let the node go; now, where it has no use for it."""
    return answered.now if opening is None else answered.at(opening.end)


def way_out(answered: Answered, one: Standing, ends: datetime) -> Kind | None:
    """What should be asked of the planners; None where the node may stay as approved."""
    approved = one.node.closes_at or ends + EARLIER
    empty = one.node.state in {NodeState.PLANNED, NodeState.RAMPING}
    if ends > answered.now + (BEFORE_IT_OPENS if empty else SOON) or ends > approved - EARLIER:
        return None
    if empty:
        unanswered = one.lease is None or one.lease.state in UNANSWERED
        return Kind.CANCEL if unanswered else Kind.SHRINK
    if any(episode.state is EpisodeState.STARTED for episode in answered.episodes):
        return None
    return Kind.DRAIN if any(units for _, units in one.goods) else Kind.CLOSE


def write_closing(answered: Answered, one: Standing, ends: datetime) -> Written | None:
    """The proposal to let a node go; None where staying is worth more than its days cost."""
    approved = one.node.closes_at or ends
    days = max(0, -(-(approved - max(ends, answered.now)) // timedelta(days=1)))
    site = answered.site(one.site.id)
    saved = days * site.per_day
    orders = min(_orders_until(answered, one, approved), sum(u for _, u in one.goods))
    missed = orders * max(0, gain_per_order(answered.problem, site))
    gain = saved - missed
    if gain < answered.policy.least_gain:
        return None
    opening = _as_opening(one)
    after = ends + timedelta(seconds=answered.policy.promising.target)
    proposal = Proposal(
        lines=_lines(answered, one, ends, orders, (saved, missed)),
        stock=(),
        starts_at=answered.now,
        live_from=answered.now,
        ends_at=max(approved, answered.now),
        orders_p10=0,
        orders_p50=orders,
        orders_p90=0,
        coverage_with=_share(answered, then=True),
        coverage_without=_share(answered, then=False),
        expected_gain=gain,
        chance_of_loss=0.0,
        cash_at_risk=missed,
        cost_per_extra_order=round(saved / max(1, orders)),
        break_even_share=round(saved / max(1, missed), 4),
        lateness_price_stop=0,
        regret_of_nothing=max(0, gain),
        regret_of_waiting=min(max(0, gain), site.per_day),
        binding_reason=f"{orders:,} orders are still expected, and {days} days can be saved",
        proof_gap=round(answered.plan.gap, 6),
        costs=(
            CostLine(name="days saved", amount=saved),
            CostLine(name="orders that come late instead", amount=-missed),
        ),
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
        exit=exit_plan(answered, opening, max(after, answered.now)),
        refused=refusals(answered),
    )
    decide_by = max(answered.now + LEAST_HOURS, ends)
    names = tuple(sorted(product for product, _ in one.goods))
    return Written(proposal=proposal, products=names, decide_by=decide_by)


def _orders_until(answered: Answered, one: Standing, end: datetime) -> int:
    """The orders that the node could still take and no other node of the plan takes: once it
    drains, it takes none."""
    site, opening, total = answered.site(one.site.id), _as_opening(one), 0.0
    for k in range(len(answered.problem.periods)):
        opens, closes = answered.at(k), answered.at(k + 1)
        inside = (min(end, closes) - opens) / (closes - opens)
        wanted = sum(reached(answered, opening, range(k, k + 1)).values())
        total += min(wanted, site.capacity[k]) * max(0.0, inside)
    return round(total)


def _share(answered: Answered, *, then: bool) -> float:
    path = answered.plan.paths[0]
    return round((path.in_time if then else path.before_in_time) / answered.wanted, 4)


def _as_opening(one: Standing) -> Opening:
    """The node as an opening, for its exit plan."""
    out = Exit(drain=0, left_over=0, return_cost=0, early_close_below=0)
    return Opening(site=one.site.id, start=0, end=0, fees=0, orders=0, exit=out, standing=True)


def _lines(
    answered: Answered, one: Standing, ends: datetime, orders: int, trade_off: tuple[Cents, Cents]
) -> tuple[str, ...]:
    saved, missed = trade_off
    units = sum(units for _, units in one.goods)
    rate = answered.site(one.site.id).per_day
    trade = f"going saves {money(saved)} and gives up {money(missed)}"
    until = f"{ends:%d %b %H:%M} UTC"
    return (
        f"Video: {len(answered.episodes)} episodes are followed in the market.",
        f"Demand: {orders:,} orders are expected until the approved end, and none are taken after {until}.",
        f"Stock: {units:,} units lie there or are on their way.",
        f"Reach: six hours reach {_share(answered, then=True):.0%} of the orders as planned.",
        f"Site: {one.site.id} costs {money(rate)} a day; {trade}.",
    )
