"""Who may come through which door: API keys as hashes with scopes, and answers kept for repeats."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """The kinds of callers."""

    PLANNER = "planner"
    CARRIER = "carrier"
    COMMERCE = "commerce"
    PLATFORM = "platform"
    SPACE = "space"
    OPERATOR = "operator"


SCOPES: dict[Role, tuple[str, ...]] = {
    Role.PLANNER: (
        "forecasts:read",
        "nodes:read",
        "nodes:decide",
        "overrides:write",
        "scenarios:write",
        "plans:read",
        "plans:write",
        "routes:read",
        "orders:read",
        "audit:read",
        "events:read",
    ),
    Role.CARRIER: (
        "routes:read",
        "stops:write",
        "tenders:respond",
        "events:read",
        "webhooks:write",
    ),
    Role.COMMERCE: (
        "quotes:write",
        "orders:write",
        "orders:read",
        "products:write",
        "events:read",
        "webhooks:write",
        "privacy:write",
    ),
    Role.PLATFORM: ("signals:write", "events:read"),
    Role.SPACE: ("spaces:write", "nodes:read", "events:read", "webhooks:write"),
    Role.OPERATOR: (
        "sites:write",
        "products:write",
        "forecasts:read",
        "nodes:read",
        "plans:read",
        "orders:read",
        "routes:read",
        "events:read",
        "webhooks:write",
        "audit:read",
        "privacy:write",
        "keys:admin",
        "settings:write",
    ),
}
"""What a key of each kind may do unless it was made with less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key as it is kept: what begins it, the hash of its secret, and what it may do."""

    id: str
    name: str
    role: Role
    party: str
    """The carrier, space provider, shop or planner that the key speaks for."""
    prefix: str
    hash: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """The answer to an `Idempotency-Key`, kept in the same transaction as its deed."""

    id: str
    """Made of the client and its key."""
    fingerprint: str
    """Hash of method, path and body: the same key with another body is refused."""
    at: datetime
    code: int
    body: str
    headers: tuple[tuple[str, str], ...] = ()
