"""How many of what is where, and what is spoken for.

Stock is never read, changed and written back on trust: a deed takes the row's lock first. Every
change of `on_hand` is one movement in the journal, so that journal and stock must agree to the
unit at every tick.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from logistics.errors import Nonsense, require
from logistics.states import Life
from logistics.units import Cents, Parcels


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """One product at one node; `free` is what may still be promised."""

    id: str
    node: str
    product: str
    on_hand: Parcels = 0
    reserved: Parcels = 0
    damaged: Parcels = 0
    floor: Parcels = 0
    """Units that are kept: at a centre for its own region, so that no temporary node draws below it;
    at a temporary node for orders of six hours, set anew at every look for nodes."""
    version: int = 1

    def __post_init__(self) -> None:
        """Refuse stock that cannot be."""
        require(self.on_hand >= 0, "on_hand", "must not be negative")
        require(self.reserved >= 0, "reserved", "must not be negative")
        require(self.damaged >= 0, "damaged", "must not be negative")

    @property
    def free(self) -> Parcels:
        """Available to promise: on hand less what is reserved; below zero after a short count."""
        return self.on_hand - self.reserved

    def reserve(self, units: Parcels) -> "Stock | None":
        """The stock with so many more units spoken for; None where they are not free."""
        return replace(self, reserved=self.reserved + units) if 0 < units <= self.free else None

    def release(self, units: Parcels) -> "Stock":
        """The stock with so many units free again."""
        return replace(self, reserved=self.reserved - units)

    def take(self, units: Parcels) -> "Stock":
        """The stock after reserved units have left the building."""
        return replace(self, on_hand=self.on_hand - units, reserved=self.reserved - units)

    def put(self, units: Parcels) -> "Stock":
        """The stock after so many units came in (or, below zero, were counted away)."""
        if self.on_hand + units < 0:
            raise Nonsense("/units", f"{self.id} has {self.on_hand}, fewer than {-units}")
        return replace(self, on_hand=self.on_hand + units)


def stock_id(node: str, product: str) -> str:
    """The id of the stock of a product at a node."""
    return f"{node}~{product}"


class MovementReason(StrEnum):
    """Why units came or went."""

    OPENING = "opening"
    RECEIPT = "receipt"
    SENT = "sent"
    SOLD = "sold"
    BROUGHT_BACK = "brought_back"
    COUNT = "count"
    DAMAGE = "damage"
    PURCHASE = "purchase"


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One line of the journal: units in (or, below zero, out) at a node, and why."""

    id: str
    node: str
    product: str
    units: int
    reason: MovementReason
    cause: str
    at: datetime


class ReservationState(StrEnum):
    """What became of units spoken for."""

    HELD = "held"
    TAKEN = "taken"
    RELEASED = "released"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """Units at a node that are spoken for by an order."""

    id: str
    order: str
    node: str
    product: str
    units: Parcels
    state: ReservationState
    made_at: datetime
    version: int = 1


class ReplenishmentState(StrEnum):
    """Where a truck load is in its life; received may be short."""

    PROPOSED = "proposed"
    RELEASED = "released"
    IN_TRANSIT = "in_transit"
    RECEIVED = "received"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class ReplenishmentStep(StrEnum):
    """What may happen to a truck load."""

    RELEASE = "release"
    DEPART = "depart"
    RECEIVE = "receive"
    CLOSE = "close"
    CANCEL = "cancel"


REPLENISHMENT = Life(
    resource="replenishment",
    states=ReplenishmentState,
    steps=ReplenishmentStep,
    leads_to={
        (ReplenishmentState.PROPOSED, ReplenishmentStep.RELEASE): ReplenishmentState.RELEASED,
        (ReplenishmentState.PROPOSED, ReplenishmentStep.CANCEL): ReplenishmentState.CANCELLED,
        (ReplenishmentState.RELEASED, ReplenishmentStep.DEPART): ReplenishmentState.IN_TRANSIT,
        (ReplenishmentState.RELEASED, ReplenishmentStep.CANCEL): ReplenishmentState.CANCELLED,
        (ReplenishmentState.IN_TRANSIT, ReplenishmentStep.RECEIVE): ReplenishmentState.RECEIVED,
        (ReplenishmentState.RECEIVED, ReplenishmentStep.CLOSE): ReplenishmentState.CLOSED,
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """So many units of a product on a truck, and what arrived of them."""

    product: str
    units: Parcels
    received: Parcels = 0
    damaged: Parcels = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Replenishment:
    """Stock moved from one node to another: to supply it, to top it up, or home after a drain."""

    id: str
    from_node: str
    to_node: str
    market: str
    state: ReplenishmentState
    loads: tuple[Load, ...]
    departs_at: datetime
    arrives_at: datetime
    cost: Cents
    recommendation: str | None = None
    received_at: datetime | None = None
    version: int = 1
