"""What buyers want: orders, each with a place and lines, and the life they lead.

An order's life::

    received ─▸ promised ─▸ allocated ─▸ picked ─▸ packed ─▸ out_for_delivery ─▸ DELIVERED
        │           │           │          │                       │
        ▼           └───────────┴──────────┴─▸ CANCELLED           ├─▸ FAILED ─ ─▸ (retry: packed)
    UNSERVICEABLE                                                   └─▸ RETURNED

Who the buyer is stays outside: an order knows an opaque buyer reference, coordinates and a cell.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from logistics.errors import require
from logistics.states import Life
from logistics.units import Cents, Parcels


class ServiceLevel(StrEnum):
    """The named speeds that a buyer can be offered."""

    SIX_HOUR = "six_hour"
    NEXT_MORNING = "next_morning"
    STANDARD = "standard"
    """A parcel through the permanent network at its own speed."""


class OrderState(StrEnum):
    """Where an order is in its life."""

    RECEIVED = "received"
    PROMISED = "promised"
    ALLOCATED = "allocated"
    PICKED = "picked"
    PACKED = "packed"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    UNSERVICEABLE = "unserviceable"
    RETURNED = "returned"
    FAILED = "failed"


class OrderStep(StrEnum):
    """What may happen to an order."""

    PROMISE = "promise"
    CALL_UNSERVICEABLE = "call_unserviceable"
    ALLOCATE = "allocate"
    PICK = "pick"
    PACK = "pack"
    LOAD = "load"
    DELIVER = "deliver"
    BRING_BACK = "bring_back"
    CANCEL = "cancel"
    RETURN = "return"
    FAIL = "fail"


ORDER = Life(
    resource="order",
    states=OrderState,
    steps=OrderStep,
    leads_to={
        (OrderState.RECEIVED, OrderStep.PROMISE): OrderState.PROMISED,
        (OrderState.RECEIVED, OrderStep.CALL_UNSERVICEABLE): OrderState.UNSERVICEABLE,
        (OrderState.RECEIVED, OrderStep.CANCEL): OrderState.CANCELLED,
        (OrderState.PROMISED, OrderStep.ALLOCATE): OrderState.ALLOCATED,
        (OrderState.PROMISED, OrderStep.CANCEL): OrderState.CANCELLED,
        (OrderState.ALLOCATED, OrderStep.PICK): OrderState.PICKED,
        (OrderState.ALLOCATED, OrderStep.CANCEL): OrderState.CANCELLED,
        (OrderState.PICKED, OrderStep.PACK): OrderState.PACKED,
        (OrderState.PICKED, OrderStep.CANCEL): OrderState.CANCELLED,
        (OrderState.PACKED, OrderStep.LOAD): OrderState.OUT_FOR_DELIVERY,
        (OrderState.OUT_FOR_DELIVERY, OrderStep.DELIVER): OrderState.DELIVERED,
        (OrderState.OUT_FOR_DELIVERY, OrderStep.BRING_BACK): OrderState.PACKED,
        (OrderState.OUT_FOR_DELIVERY, OrderStep.RETURN): OrderState.RETURNED,
        (OrderState.OUT_FOR_DELIVERY, OrderStep.FAIL): OrderState.FAILED,
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """So many units of one product."""

    product: str
    units: Parcels

    def __post_init__(self) -> None:
        """Refuse an empty line."""
        require(1 <= self.units <= 1000, "units", "is between 1 and 1000")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A buyer's request, accepted at a moment from which the six hours count."""

    id: str
    external_id: str
    client: str
    buyer: str
    """Opaque reference; the contact fields stand in one encrypted table."""
    market: str
    cell: str
    """The region at the planning resolution."""
    lat: float
    lon: float
    lines: tuple[Line, ...]
    state: OrderState
    accepted_at: datetime
    service_level: ServiceLevel
    eligible: bool
    """Whether six hours could have been kept at all within curfew, shifts and node hours."""
    due_at: datetime
    """Latest promised arrival."""
    ready_at: datetime | None = None
    """When it is picked and packed, or is expected to be."""
    wave_at: datetime | None = None
    """The departure that its promise counts on; None for a parcel of the permanent network."""
    node: str | None = None
    quote: str | None = None
    promise: str | None = None
    route: str | None = None
    price: Cents = 0
    attempts: int = 0
    delivered_at: datetime | None = None
    closed_reason: str | None = None
    sscc: str | None = None
    """GS1's number on the parcel's label, where whoever packed it told."""
    updated_at: datetime
    version: int = 1

    def __post_init__(self) -> None:
        """Refuse an order of nothing, from nowhere."""
        require(len(self.lines) > 0, "lines", "must hold at least one line")
        require(-90 <= self.lat <= 90, "lat", "is between -90 and 90")
        require(-180 <= self.lon <= 180, "lon", "is between -180 and 180")

    @property
    def units(self) -> Parcels:
        """All units of all lines."""
        return sum(line.units for line in self.lines)
