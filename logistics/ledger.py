"""Where the money went: one entry for each cost and each income, never edited.

A report is a sum over entries and nothing else, so money reconciles to the cent.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from logistics.units import Cents


class EntryKind(StrEnum):
    """What an amount was for; incomes are positive, costs negative."""

    MARGIN = "margin"
    DELIVERY_FEE = "delivery_fee"
    SET_UP = "set_up"
    SPACE = "space"
    RETAINER = "retainer"
    HANDLING = "handling"
    INBOUND = "inbound"
    TRUCK = "truck"
    LAST_MILE = "last_mile"
    PARCEL = "parcel"
    RETURN = "return"
    BROKEN_PROMISE = "broken_promise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One amount, in cents of the market's currency, and what caused it."""

    id: str
    kind: EntryKind
    amount: Cents
    market: str
    node: str | None
    cause: str
    """The id of the order, lease, replenishment or route that it was for."""
    at: datetime
