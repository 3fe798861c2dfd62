"""What happened, in one order that every reader shares.

An event is told by the deed that made it happen and kept in the same transaction. `sequence`
counts per subject without gaps; `position` is the place in the feed, given in commit order, so a
reader of the feed never misses one. `time` is when it happened, `recorded_at` when we learnt it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from logistics.decisions import RECOMMENDATION
from logistics.dispatch import PLAN, ROUTE, STOP, TENDER
from logistics.episodes import EPISODE
from logistics.exceptions import CASE
from logistics.inventory import REPLENISHMENT
from logistics.network import LEASE_LIFE, NODE
from logistics.operations import OPERATION
from logistics.orders import ORDER
from logistics.promise.offers import PROMISE, QUOTE
from logistics.signals import BATCH
from logistics.whatif import SCENARIO

LIVES = (
    BATCH,
    EPISODE,
    RECOMMENDATION,
    LEASE_LIFE,
    NODE,
    REPLENISHMENT,
    QUOTE,
    ORDER,
    PROMISE,
    PLAN,
    ROUTE,
    TENDER,
    STOP,
    CASE,
    OPERATION,
    SCENARIO,
)
"""Every life of the business; one event for each state that a move can lead to."""

BESIDE_STATES = (
    "forecast.published",
    "forecast.overridden",
    "forecast.override_withdrawn",
    "recommendation.decided",
    "lease.requested",
    "order.received",
    "promise.made",
    "promise.changed",
    "quote.made",
    "replenishment.proposed",
    "plan.drafted",
    "route.planned",
    "route.updated",
    "tender.offered",
    "exception.opened",
    "stock.low",
    "stock.out",
    "stock.received_short",
    "video.removed",
    "privacy.completed",
)
"""The few events that are no move: births, facts and figures."""

EVENT_TYPES = tuple(
    dict.fromkeys([*(name for life in LIVES for name in life.events()), *BESIDE_STATES])
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened to one subject."""

    id: str
    type: str
    subject: str
    time: datetime
    recorded_at: datetime
    cause: str
    """The decision, verdict, event or caller that made it happen."""
    audience: tuple[str, ...]
    """The parties (carrier, space, shop) that may read it beside planners and operators."""
    data: dict[str, Any]
    sequence: int = 0
    """Given by the store: the number of this event among its subject's, from 1."""
    position: int = 0
    """Given by the store: the place in the feed, in commit order."""
