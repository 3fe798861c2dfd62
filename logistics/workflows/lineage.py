"""Follow a decision back by ids to what was seen: from a parcel to the video's signal rows.

Every kept thing names what it rests on. A decision record names its parents; a thing that lives
names the decision, the order or the recommendation that it came from. Where an id is followed in
several ways, the shortest one is told.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from logistics.decisions import Recommendation
from logistics.demand import Outlook
from logistics.dispatch import Plan, Route, Stop, Tender
from logistics.inventory import Replenishment
from logistics.network import Lease, Node
from logistics.orders import Order
from logistics.promise.offers import Promise, Quote
from logistics.records import DecisionRecord
from logistics.store import OF, Reading

MOST_HOPS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One thing that a decision rests on, and through what."""

    id: str
    kind: str
    hop: int
    led_to: str | None


RESTS_ON: dict[str, tuple[type[Any], Callable[[Any], Iterable[str | None]]]] = {
    "dec": (DecisionRecord, lambda record: record.parents),
    "fct": (Outlook, lambda outlook: (outlook.decision,)),
    "rec": (Recommendation, lambda asked: (asked.decision, *asked.forecasts)),
    "nod": (Node, lambda node: (node.recommendation,)),
    "lse": (Lease, lambda lease: (lease.recommendation,)),
    "rep": (Replenishment, lambda truck: (truck.recommendation,)),
    "qte": (Quote, lambda quote: (quote.decision, quote.forecast, quote.plan)),
    "ord": (Order, lambda order: (order.quote, order.node, order.route)),
    "prm": (Promise, lambda promise: (promise.order,)),
    "pln": (Plan, lambda plan: (plan.decision,)),
    "rte": (Route, lambda route: (route.plan, route.node)),
    "tnd": (Tender, lambda tender: (tender.route,)),
    "stp": (Stop, lambda stop: (stop.order, stop.route)),
}
"""By the prefix of an id: what it is, and the ids that it rests on."""


def lineage(reading: Reading, id: str, *, hops: int = MOST_HOPS) -> tuple[Link, ...]:
    """Everything that a thing rests on, nearest first; the thing itself is the first link."""
    links = {id: Link(id=id, kind=_kind(id), hop=0, led_to=None)}
    edge = [id]
    for hop in range(1, hops + 1):
        reached = [(cause, one) for one in edge for cause in _causes(reading, one)]
        edge = []
        for cause, one in reached:
            if cause not in links:
                links[cause] = Link(id=cause, kind=_kind(cause), hop=hop, led_to=one)
                edge.append(cause)
    return tuple(links.values())


def _causes(reading: Reading, id: str) -> list[str]:
    if (known := RESTS_ON.get(id.partition("_")[0])) is None:
        return []
    kind, rests_on = known
    value = reading.maybe(kind, id)
    return [] if value is None else [cause for cause in rests_on(value) if cause is not None]


def _kind(id: str) -> str:
    known = RESTS_ON.get(id.partition("_")[0])
    return OF[known[0]].name if known else "signal"
