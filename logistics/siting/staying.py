"""When a node that stands is worth more days than were approved: to keep it, with the goods it has.

A node ends when its planners said, and what lies there then goes home. Where demand outlasts that,
keeping it costs its rent alone; opened anew it would cost a truck each way, and the hours between.
"""

from datetime import timedelta

from logistics.decisions import CostLine
from logistics.network import NodeState
from logistics.placement.plan import Opening
from logistics.siting.answered import Answered, money
from logistics.siting.filling import home_again
from logistics.siting.proposal import Written
from logistics.siting.scene import Standing
from logistics.siting.standing import Trade, days_between, orders_until, sent_nothing
from logistics.siting.worth import gain_per_order

LATER = timedelta(hours=12)
"""How much later than approved an end must be to be worth a verdict."""
BEFORE_THE_END = timedelta(days=1)
"""A longer stay is asked for on the last day: until then the forecast may still change."""


def write_staying(answered: Answered, one: Standing, opening: Opening) -> Written | None:
    """The proposal to keep a node longer; None where it ends late enough, or more days do not pay."""
    node, ends = one.node, answered.at(opening.end)
    if node.state is not NodeState.LIVE or node.closes_at is None or node.drain_from is None:
        return None
    soon = answered.now < node.drain_from <= answered.now + BEFORE_THE_END
    if not soon or ends < node.closes_at + LATER:
        return None
    site = answered.site(one.site.id)
    before = orders_until(answered, one, node.closes_at)
    left = max(0, sum(units for _, units in one.goods) - before)
    orders = min(left, orders_until(answered, one, ends) - before)
    each = max(0, gain_per_order(answered.problem, site)) + home_again(answered)
    days = days_between(node.closes_at, ends)
    earned, rent = orders * each, days * site.per_day
    trade = Trade(
        brings=CostLine(name="orders that come within six hours", amount=earned),
        costs=CostLine(name="days of the space", amount=-rent),
        words=f"staying earns {money(earned)} and costs {money(rent)}",
        binding=f"{orders:,} orders are expected in {days} more days",
    )
    if trade.gain < answered.policy.least_gain:
        return None
    until = ends - timedelta(seconds=answered.policy.promising.target)
    names = tuple(sorted(product for product, _ in one.goods))
    proposal = sent_nothing(answered, one, trade, orders, until, ends)
    return Written(proposal=proposal, products=names, decide_by=node.drain_from)
