"""Where goods can be: sites that might be used, nodes that are, and the leases between them.

A node's life::

    planned ─▸ ramping ─▸ live ─▸ draining ─▸ CLOSED
       │          │        ▲ │        ▲
       └─▸ CANCELLED ◂──┘  │ └▸ suspended ─┘   (suspended returns to live or drains)

A lease's life::

    requested ─▸ offered ─▸ confirmed ─▸ active ─▸ ending ─▸ ENDED
        └──────────┴─▸ REFUSED, EXPIRED, CANCELLED (confirmed may still be cancelled)

A permanent centre is a node of type `centre` that is live from the first day.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from logistics.catalogue import require_word, valid_gln
from logistics.errors import require
from logistics.policy import SiteTerms, SiteType
from logistics.states import Life
from logistics.units import Cents, Parcels


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A candidate place which may become a node."""

    id: str
    name: str
    market: str
    type: SiteType
    provider: str
    """Who runs the space; answers lease requests and reports receipts and counts."""
    lat: float
    lon: float
    cell: str
    terms: SiteTerms
    open_from_hour: int = 0
    open_until_hour: int = 24
    chilled: bool = False
    dangerous: bool = False
    available_from: datetime | None = None
    available_until: datetime | None = None
    active: bool = True
    gln: str | None = None
    """GS1's number of the place."""
    version: int = 1

    def __post_init__(self) -> None:
        """Refuse a site that is nowhere or never open."""
        require_word(self.id, "id")
        if self.gln is not None:
            require(valid_gln(self.gln), "gln", "is 13 digits with a check digit")
        require(-90 <= self.lat <= 90, "lat", "is between -90 and 90")
        require(-180 <= self.lon <= 180, "lon", "is between -180 and 180")
        hours = 0 <= self.open_from_hour < self.open_until_hour <= 24
        require(hours, "open_until_hour", "must come after open_from_hour")


class NodeState(StrEnum):
    """Where a node is in its life."""

    PLANNED = "planned"
    RAMPING = "ramping"
    LIVE = "live"
    SUSPENDED = "suspended"
    DRAINING = "draining"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class NodeStep(StrEnum):
    """What may happen to a node."""

    RAMP = "ramp"
    GO_LIVE = "go_live"
    SUSPEND = "suspend"
    RESUME = "resume"
    DRAIN = "drain"
    CLOSE = "close"
    CANCEL = "cancel"


NODE = Life(
    resource="node",
    states=NodeState,
    steps=NodeStep,
    leads_to={
        (NodeState.PLANNED, NodeStep.RAMP): NodeState.RAMPING,
        (NodeState.PLANNED, NodeStep.CANCEL): NodeState.CANCELLED,
        (NodeState.RAMPING, NodeStep.GO_LIVE): NodeState.LIVE,
        (NodeState.RAMPING, NodeStep.CANCEL): NodeState.CANCELLED,
        (NodeState.LIVE, NodeStep.SUSPEND): NodeState.SUSPENDED,
        (NodeState.LIVE, NodeStep.DRAIN): NodeState.DRAINING,
        (NodeState.SUSPENDED, NodeStep.RESUME): NodeState.LIVE,
        (NodeState.SUSPENDED, NodeStep.DRAIN): NodeState.DRAINING,
        (NodeState.DRAINING, NodeStep.CLOSE): NodeState.CLOSED,
    },
)

STANDING = (
    NodeState.PLANNED,
    NodeState.RAMPING,
    NodeState.LIVE,
    NodeState.SUSPENDED,
    NodeState.DRAINING,
)
"""States in which a node takes up its site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A place which holds stock and can ship an order."""

    id: str
    site: str
    market: str
    type: SiteType
    state: NodeState
    lat: float
    lon: float
    planned_at: datetime
    live_from: datetime | None = None
    """When it is expected to keep promises, then when it did."""
    drain_from: datetime | None = None
    closes_at: datetime | None = None
    closed_at: datetime | None = None
    orders_per_day: Parcels
    space: Parcels
    recommendation: str | None = None
    lease: str | None = None
    intake_done_for: datetime | None = None
    """Up to when the days of its lease are booked: booking twice does nothing twice."""
    version: int = 1


class LeaseState(StrEnum):
    """Where a lease is in its life."""

    REQUESTED = "requested"
    OFFERED = "offered"
    CONFIRMED = "confirmed"
    ACTIVE = "active"
    ENDING = "ending"
    ENDED = "ended"
    REFUSED = "refused"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class LeaseStep(StrEnum):
    """What may happen to a lease."""

    OFFER = "offer"
    CONFIRM = "confirm"
    REFUSE = "refuse"
    EXPIRE = "expire"
    CANCEL = "cancel"
    START = "start"
    GIVE_NOTICE = "give_notice"
    END = "end"


LEASE_LIFE = Life(
    resource="lease",
    states=LeaseState,
    steps=LeaseStep,
    leads_to={
        (LeaseState.REQUESTED, LeaseStep.OFFER): LeaseState.OFFERED,
        (LeaseState.REQUESTED, LeaseStep.CONFIRM): LeaseState.CONFIRMED,
        (LeaseState.REQUESTED, LeaseStep.REFUSE): LeaseState.REFUSED,
        (LeaseState.REQUESTED, LeaseStep.EXPIRE): LeaseState.EXPIRED,
        (LeaseState.REQUESTED, LeaseStep.CANCEL): LeaseState.CANCELLED,
        (LeaseState.OFFERED, LeaseStep.CONFIRM): LeaseState.CONFIRMED,
        (LeaseState.OFFERED, LeaseStep.REFUSE): LeaseState.REFUSED,
        (LeaseState.OFFERED, LeaseStep.EXPIRE): LeaseState.EXPIRED,
        (LeaseState.OFFERED, LeaseStep.CANCEL): LeaseState.CANCELLED,
        (LeaseState.CONFIRMED, LeaseStep.START): LeaseState.ACTIVE,
        (LeaseState.CONFIRMED, LeaseStep.CANCEL): LeaseState.CANCELLED,
        (LeaseState.ACTIVE, LeaseStep.GIVE_NOTICE): LeaseState.ENDING,
        (LeaseState.ENDING, LeaseStep.END): LeaseState.ENDED,
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to use a site for a time, asked of whoever runs the space."""

    id: str
    site: str
    node: str
    market: str
    provider: str
    recommendation: str
    state: LeaseState
    requested_at: datetime
    respond_by: datetime
    starts_at: datetime
    ends_at: datetime
    set_up: Cents
    per_day: Cents
    per_order: Cents
    answered_at: datetime | None = None
    refusal_reason: str | None = None
    version: int = 1
