"""Who drives: carriers, their vehicles and shifts, and what they are paid."""

from dataclasses import dataclass
from datetime import datetime

from logistics.catalogue import require_word
from logistics.errors import require
from logistics.units import Cents, Parcels, Seconds

PER_ROUTE: Cents = 1_500
PER_STOP: Cents = 450
PER_KM: Cents = 6
"""A usual tariff: for a route of ten stops what the policy's prices say an order costs
(6.00 and 0.06 a kilometre: design paper, section 3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """A courier company under contract."""

    id: str
    name: str
    markets: tuple[str, ...]
    rank: int
    """Who is asked first: 1 before 2."""
    per_route: Cents
    per_stop: Cents
    per_km: Cents
    accepts_updates: bool = True
    """Stops may be added to an accepted route unless refused in time (a contract setting)."""
    active: bool = True
    version: int = 1

    def __post_init__(self) -> None:
        """Refuse negative pay."""
        require_word(self.id, "id")
        require(min(self.per_route, self.per_stop, self.per_km) >= 0, "per_route", "is not pay")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """A van with its load limits and the hours in which its driver may work, in local time."""

    id: str
    carrier: str
    market: str
    parcels: Parcels
    weight_grams: int
    volume_cm3: int
    chilled: bool = False
    shift_from_hour: int = 7
    shift_until_hour: int = 22
    longest_drive: Seconds = 10 * 3600
    active: bool = True
    version: int = 1

    def __post_init__(self) -> None:
        """Refuse a van that carries nothing or never drives."""
        require_word(self.id, "id")
        loads = (self.parcels, self.weight_grams, self.volume_cm3)
        require(min(loads) > 0, "parcels", "a van carries something")
        hours = 0 <= self.shift_from_hour < self.shift_until_hour <= 24
        require(hours, "shift_until_hour", "must come after shift_from_hour")


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a van was seen last, and nothing of where it was before; its id is the van's."""

    id: str
    carrier: str
    market: str
    lat: float
    lon: float
    seen_at: datetime
    """By the sender's clock, and never later than it was received."""
    received_at: datetime
    route: str | None = None
    """The route that it was driving."""
    version: int = 1

    def __post_init__(self) -> None:
        """Refuse a place that is not on earth."""
        require(-90 <= self.lat <= 90, "lat", "is between -90 and 90")
        require(-180 <= self.lon <= 180, "lon", "is between -180 and 180")
