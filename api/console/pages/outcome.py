"""What came of a recommendation: in its first three days, what was believed beside what was ordered.

A rejected one is looked back on as well: where planners beat the forecast, it shows here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from logistics.decisions import Recommendation
from logistics.demand import Outlook
from logistics.orders import Order
from logistics.store import Range, Reading
from logistics.workflows.decide import UNDECIDED, expected_between

LOOKS_BACK = timedelta(hours=72)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Units between the first hour of a node and `until`."""

    until: datetime
    expected: float
    """The P50 of the forecasts that the planners read."""
    ordered: int
    served: int
    """Of those, what its own node was asked for."""


def outcome_of(
    reading: Reading, ask: Recommendation, node: str | None, now: datetime
) -> Outcome | None:
    """How it went so far; None where nothing is at stake, before its first hour, or while undecided."""
    since = ask.proposal.live_from
    known = [reading.maybe(Outlook, id) for id in ask.forecasts]
    outlooks = [one for one in known if one is not None]
    if ask.state in UNDECIDED or ask.proposal.stake is None or now <= since or not outlooks:
        return None
    until = min(now, since + LOOKS_BACK, ask.proposal.ends_at)
    orders = reading.find(Order, market=ask.market, accepted_at=Range(least=since, below=until))
    ordered = [(one, _units(one, ask)) for one in orders]
    return Outcome(
        until=until,
        expected=expected_between(outlooks, since, until),
        ordered=sum(units for _, units in ordered),
        served=sum(units for one, units in ordered if node is not None and one.node == node),
    )


def _units(order: Order, ask: Recommendation) -> int:
    return sum(line.units for line in order.lines if line.product in ask.products)
