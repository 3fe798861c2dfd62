"""What whoever runs a space answers and reports."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from api.schemas import Asked, Count, Id, Shown, Text, Word
from logistics.inventory import Load, ReplenishmentState
from logistics.network import LeaseState
from logistics.orders import OrderState


class LeaseResponseIn(Asked):
    """The answer to a lease that was asked for; a refusal says why."""

    lease: Id
    answer: Literal["confirm", "refuse", "offer"]
    reason: Text | None = None


class LeaseStandingOut(Shown):
    """How a lease stands."""

    id: str
    site: str
    node: str
    state: LeaseState
    starts_at: datetime
    ends_at: datetime
    answered_at: datetime | None
    refusal_reason: str | None
    version: int


class LoadIn(Asked):
    """What came of one product, and how much of that is damaged."""

    product: Word
    received: Count
    damaged: Count = 0


class ReceiptIn(Asked):
    """What came off a truck."""

    replenishment: Id
    loads: Annotated[tuple[LoadIn, ...], Field(min_length=1, max_length=500)]

    def values(self) -> tuple[Load, ...]:
        """The loads as the business knows them."""
        return tuple(
            Load(
                product=one.product, units=one.received, received=one.received, damaged=one.damaged
            )
            for one in self.loads
        )


class ReceiptOut(Shown):
    """A truck load as it was received."""

    id: str
    to_node: str
    state: ReplenishmentState
    loads: list[Load]
    received_at: datetime | None
    version: int


class CountIn(Asked):
    """How many good units were counted, and how many damaged ones beside them."""

    node: Id
    product: Word
    counted: Count
    damaged: Count = 0


class CountOut(Shown):
    """The stock as it is now believed."""

    id: str
    node: str
    product: str
    on_hand: int
    reserved: int
    damaged: int
    free: int
    version: int


class LabelIn(Asked):
    """The number on a parcel's label."""

    order: Id
    sscc: Annotated[str, StringConstraints(pattern=r"^[0-9]{18}$")]


class PicksIn(Asked):
    """Orders of a node that were picked, or packed."""

    node: Id
    step: Literal["pick", "pack"]
    orders: Annotated[tuple[Id, ...], Field(min_length=1, max_length=1000)]
    labels: Annotated[tuple[LabelIn, ...], Field(max_length=1000)] = ()


class PickedOut(Shown):
    """An order and how far it is."""

    id: str
    state: OrderState
    sscc: str | None


class PicksOut(Shown):
    """The orders, as they now are."""

    items: list[PickedOut]
