"""What all callers share: operations, webhooks and requests for privacy."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas import Asked, Shown
from logistics.operations import OperationState
from logistics.outbox import EndpointState

Url = Annotated[str, StringConstraints(min_length=8, max_length=2000, pattern=r"^https?://[!-~]+$")]


EventType = Annotated[str, StringConstraints(max_length=64, pattern=r"^[a-z_]+\.([a-z_]+|\*)$")]


class EndpointIn(Asked):
    """Where to tell of which events; all that the caller may read where no types are named."""

    url: Url
    types: Annotated[tuple[EventType, ...], Field(max_length=50)] = ()


class EndpointOut(Shown):
    """A webhook endpoint, without its secret."""

    id: str
    url: str
    types: list[str]
    state: EndpointState
    created_at: datetime
    failing_since: datetime | None
    version: int


class NewEndpointOut(EndpointOut):
    """An endpoint that was just made; its secret is shown this once."""

    secret: str


class DeliveryOut(Shown):
    """One event for one endpoint, and how its telling goes."""

    id: str
    endpoint: str
    event: str
    tries: int
    next_try_at: datetime | None
    delivered_at: datetime | None
    last_code: int | None
    last_error: str | None


class OperationOut(Shown):
    """A long work and how far it is; its result is the id of what it made."""

    id: str
    kind: str
    state: OperationState
    created_at: datetime
    updated_at: datetime
    progress: float
    best_objective: float | None
    cancel_wanted: bool
    result: str | None
    error: str | None
    version: int


class PrivacyIn(Asked):
    """Whose contact fields are to be erased."""

    buyer: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,128}$")]


class PrivacyOut(Shown):
    """A request to erase a buyer, and its receipt."""

    id: str
    buyer: str
    asked_at: datetime
    due_at: datetime
    completed_at: datetime | None
    erased_orders: list[str]
    waiting_orders: list[str]
    tables_touched: list[str]
    version: int
