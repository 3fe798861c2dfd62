"""What was offered to a buyer and what was promised: quotes and promises, and their lives.

A quote's life: open ─▸ ACCEPTED, EXPIRED or WITHDRAWN (stock or node lost before acceptance).

A promise's life::

    on_track ◂─▸ at_risk ─▸ KEPT, BROKEN or RELEASED (the order was cancelled)

The window belongs to the promise and never moves silently: `projected_at` is the ETA of the live
plan and may move; the window is what the buyer was told.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from logistics.orders import Line, ServiceLevel
from logistics.states import Life
from logistics.units import Cents


class QuoteState(StrEnum):
    """Where an offer is in its life."""

    OPEN = "open"
    ACCEPTED = "accepted"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class QuoteStep(StrEnum):
    """What may happen to an offer."""

    ACCEPT = "accept"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"


QUOTE = Life(
    resource="quote",
    states=QuoteState,
    steps=QuoteStep,
    leads_to={
        (QuoteState.OPEN, QuoteStep.ACCEPT): QuoteState.ACCEPTED,
        (QuoteState.OPEN, QuoteStep.EXPIRE): QuoteState.EXPIRED,
        (QuoteState.OPEN, QuoteStep.WITHDRAW): QuoteState.WITHDRAWN,
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One step of the way from the order to the window, in code, words and minutes."""

    code: str
    """`node_selected, pick_queue, next_departure, route_position, drive, spread`; or why not:
    `outside_reach, no_stock, node_capacity, past_cut_off, address_not_located, region_closed, recalled`."""
    detail: str
    node: str | None = None
    minutes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Earliest and latest arrival, in UTC."""

    earliest: datetime
    latest: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One service level that a buyer may choose, with its window and price."""

    service_level: ServiceLevel
    window: Window
    keep_probability: float
    """As calibrated by what happened."""
    price: Cents
    order_by: datetime
    node: str
    raw_keep: float = 0.0
    """As the distribution said, before calibration."""
    ready_at: datetime | None = None
    """When the order is expected to be picked and packed."""
    wave_at: datetime | None = None
    """The departure that it counts on; None for a parcel of the permanent network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A priced, expiring offer; `serviceable` is false where nothing can be offered."""

    id: str
    client: str
    market: str | None
    zone: str | None
    """The buyer's time zone, in which the window is told."""
    currency: str | None
    cell: str | None
    lat: float | None
    lon: float | None
    lines: tuple[Line, ...]
    state: QuoteState
    serviceable: bool
    eligible: bool
    """Whether six hours could be kept at all within curfew, shifts and node hours."""
    made_at: datetime
    expires_at: datetime
    offer: Offer | None
    alternatives: tuple[Offer, ...]
    reasons: tuple[Reason, ...]
    board: str
    """The version of the board that was read."""
    stock_at: datetime | None = None
    """When the board counted the stock."""
    forecast: str | None = None
    plan: str | None = None
    decision: str | None = None
    version: int = 1


class PromiseState(StrEnum):
    """How a promise stands."""

    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    KEPT = "kept"
    BROKEN = "broken"
    RELEASED = "released"


class PromiseStep(StrEnum):
    """What may happen to a promise."""

    DOUBT = "doubt"
    RECOVER = "recover"
    KEEP = "keep"
    BREAK = "break"
    RELEASE = "release"


PROMISE = Life(
    resource="promise",
    states=PromiseState,
    steps=PromiseStep,
    leads_to={
        (PromiseState.ON_TRACK, PromiseStep.DOUBT): PromiseState.AT_RISK,
        (PromiseState.ON_TRACK, PromiseStep.KEEP): PromiseState.KEPT,
        (PromiseState.ON_TRACK, PromiseStep.BREAK): PromiseState.BROKEN,
        (PromiseState.ON_TRACK, PromiseStep.RELEASE): PromiseState.RELEASED,
        (PromiseState.AT_RISK, PromiseStep.RECOVER): PromiseState.ON_TRACK,
        (PromiseState.AT_RISK, PromiseStep.KEEP): PromiseState.KEPT,
        (PromiseState.AT_RISK, PromiseStep.BREAK): PromiseState.BROKEN,
        (PromiseState.AT_RISK, PromiseStep.RELEASE): PromiseState.RELEASED,
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Eta:
    """One belief about the arrival: when, believed when, and why it moved."""

    at: datetime
    computed_at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """The window told to a buyer, and every ETA believed since."""

    id: str
    order: str
    market: str
    state: PromiseState
    service_level: ServiceLevel
    window: Window
    zone: str
    keep_probability: float
    made_at: datetime
    raw_keep: float = 0.0
    """What the distribution said before calibration: what the next calibration learns from."""
    node: str | None = None
    wave_at: datetime | None = None
    projected_at: datetime | None = None
    actual_at: datetime | None = None
    told_at: datetime | None = None
    """When the buyer was last told of a change."""
    history: tuple[Eta, ...] = ()
    version: int = 1
