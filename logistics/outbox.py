"""Who wants to be told: webhook endpoints, and each try to tell them.

An endpoint's life: active ◂─▸ failing ─▸ disabled ─▸ active (enabled again by its owner).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from logistics.states import Life


class EndpointState(StrEnum):
    """How an endpoint stands."""

    ACTIVE = "active"
    FAILING = "failing"
    DISABLED = "disabled"


class EndpointStep(StrEnum):
    """What may happen to an endpoint."""

    FAIL = "fail"
    RECOVER = "recover"
    DISABLE = "disable"
    ENABLE = "enable"


ENDPOINT = Life(
    resource="webhook_endpoint",
    states=EndpointState,
    steps=EndpointStep,
    leads_to={
        (EndpointState.ACTIVE, EndpointStep.FAIL): EndpointState.FAILING,
        (EndpointState.ACTIVE, EndpointStep.DISABLE): EndpointState.DISABLED,
        (EndpointState.FAILING, EndpointStep.RECOVER): EndpointState.ACTIVE,
        (EndpointState.FAILING, EndpointStep.DISABLE): EndpointState.DISABLED,
        (EndpointState.DISABLED, EndpointStep.ENABLE): EndpointState.ACTIVE,
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpoint:
    """An address that wants some kinds of events."""

    id: str
    party: str
    role: str
    url: str
    types: tuple[str, ...]
    """Event types, or prefixes that end in `.*`; empty means all."""
    secret: str
    """Sealed; shown once when made."""
    state: EndpointState
    created_at: datetime
    cursor: int
    """The feed position up to which deliveries are made out."""
    failing_since: datetime | None = None
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDelivery:
    """One event for one endpoint, and how its telling goes."""

    id: str
    endpoint: str
    event: str
    position: int
    tries: int
    next_try_at: datetime | None
    delivered_at: datetime | None = None
    last_code: int | None = None
    last_error: str | None = None
    version: int = 1
