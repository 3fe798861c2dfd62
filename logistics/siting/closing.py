"""When a node that stands is not worth its days any more: to drain it, to close it, to call it off.

A node stays while the margin of the orders that are still expected is above the rent that could
still be saved. What is owed anyway (the shortest term) is never counted as saved. While a video
rises in the market nobody goes: what was let go on the last one's ebb would be opened again.
"""

from datetime import datetime, timedelta

from logistics.decisions import CostLine, Kind
from logistics.episodes import EpisodeState
from logistics.network import NodeState
from logistics.placement.plan import Opening
from logistics.siting.answered import Answered, money
from logistics.siting.proposal import Written
from logistics.siting.question import UNANSWERED
from logistics.siting.scene import Standing
from logistics.siting.standing import Trade, days_between, orders_until, sent_nothing
from logistics.siting.worth import gain_per_order

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
    days = days_between(max(ends, answered.now), approved)
    site = answered.site(one.site.id)
    saved = days * site.per_day
    orders = min(orders_until(answered, one, approved), sum(u for _, u in one.goods))
    missed = orders * max(0, gain_per_order(answered.problem, site))
    trade = Trade(
        brings=CostLine(name="days saved", amount=saved),
        costs=CostLine(name="orders that come late instead", amount=-missed),
        words=f"going saves {money(saved)} and gives up {money(missed)}",
        binding=f"{orders:,} orders are still expected, and {days} days can be saved",
    )
    if trade.gain < answered.policy.least_gain:
        return None
    after = ends + timedelta(seconds=answered.policy.promising.target)
    names = tuple(sorted(product for product, _ in one.goods))
    return Written(
        proposal=sent_nothing(answered, one, trade, orders, ends, after),
        products=names,
        decide_by=max(answered.now + LEAST_HOURS, ends),
    )
