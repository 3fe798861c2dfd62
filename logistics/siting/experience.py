"""What became of the nodes of a market so far: how much of what was believed they really sold.

A forecast may be out of its band, and a plan may believe in orders that no van comes for. Whatever
it is, a market whose nodes sold half of what their proposals believed is planned for half, until
they sell more. The belief of a proposal is spread over its time as its own forecast was.
"""

from datetime import datetime, timedelta

from logistics.catalogue import Market
from logistics.decisions import Recommendation
from logistics.demand import Outlook
from logistics.inventory import Movement, MovementReason
from logistics.network import Node
from logistics.policy import SiteType
from logistics.store import Reading

LATELY = timedelta(days=14)
"""Nodes that were planned before this say nothing of today."""
FIRST_HOURS = timedelta(hours=6)
"""What a node sells in its first hours says little yet."""
DOUBT = 60.0
"""So many orders are taken as sold just as believed: a few hours of bad luck shrink nothing."""
LEAST = 0.2


def take_up(reading: Reading, market: Market, now: datetime) -> float:
    """The share of the believed orders that the nodes of a market took, at most one."""
    believed = sold = DOUBT
    for node in reading.find(Node, market=market.id):
        if node.type is SiteType.CENTRE or node.recommendation is None:
            continue
        if node.planned_at > now - LATELY:
            asked = reading.get(Recommendation, node.recommendation)
            until = min(now, node.closed_at or now)
            if node.live_from is not None and until >= node.live_from + FIRST_HOURS:
                believed += _believed(reading, asked, node.live_from, until)
                sold += _sold(reading, node, until)
    return max(LEAST, min(1.0, sold / believed))


def _believed(reading: Reading, asked: Recommendation, since: datetime, until: datetime) -> float:
    """The orders that the proposal believed in for that time."""
    told = asked.proposal
    outlooks = [reading.get(Outlook, id) for id in asked.forecasts]
    whole = sum(outlook.expected(since, told.ends_at) for outlook in outlooks)
    part = sum(outlook.expected(since, min(until, told.ends_at)) for outlook in outlooks)
    return told.orders_p50 * part / whole if whole > 0 else 0.0


def _sold(reading: Reading, node: Node, until: datetime) -> float:
    return -sum(
        one.units
        for one in reading.find(Movement, node=node.id)
        if one.reason is MovementReason.SOLD and one.at <= until
    )
