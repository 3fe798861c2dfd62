"""What is known of a buyer, and how it is erased.

Contact fields stand in one table, each row encrypted with a key of its buyer's own; everything
else knows the opaque reference only. Destroying the key erases the contact wherever a copy of
the row lies, backups included.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """The contact fields of one order, sealed with the buyer's key."""

    id: str
    """The order's id."""
    buyer: str
    sealed: str
    created_at: datetime
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerKey:
    """The key of one buyer's contacts, itself sealed with the service's key; None once erased."""

    id: str
    """The opaque buyer reference."""
    sealed_key: str | None
    created_at: datetime
    destroyed_at: datetime | None = None
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyRequest:
    """A request to erase a buyer, and its receipt."""

    id: str
    buyer: str
    client: str
    asked_at: datetime
    due_at: datetime
    completed_at: datetime | None = None
    erased_orders: tuple[str, ...] = ()
    waiting_orders: tuple[str, ...] = ()
    tables_touched: tuple[str, ...] = ()
    version: int = 1
