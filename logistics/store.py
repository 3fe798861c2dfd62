"""What the business asks of whatever remembers for it.

Everything remembered is a frozen value with an `id`; what lives and changes also has a `version`
that the store raises by one at each change. `KINDS` lists every kind with the fields it can be
found by. Reading gives a steady picture of one moment. A deed is one transaction: all of it is
kept or none. Stock and decisions are locked before they are read to be changed, so no change is
ever lost; `data` does this in SQL, `logistics.memory` in dictionaries, and one suite of tests
holds both to the same words.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol, TypeVar

from logistics.access import ApiKey, KeptAnswer
from logistics.carriers import Carrier, Position, Vehicle
from logistics.catalogue import Category, Market, PaidPush, Product, Video, VideoLink
from logistics.decisions import Recommendation, Verdict
from logistics.demand import (
    Accuracy,
    Backtest,
    Baseline,
    ForecastOverride,
    Habits,
    LostDemand,
    Outlook,
)
from logistics.dispatch import Plan, Proof, Route, Stop, StopEvent, Tender
from logistics.episodes import Episode
from logistics.errors import Nonsense, StaleVersion
from logistics.events import Event
from logistics.exceptions import Case
from logistics.inventory import Movement, Replenishment, Reservation, Stock
from logistics.ledger import Entry
from logistics.network import Lease, Node, Site
from logistics.operations import Leadership, Operation, Tick
from logistics.orders import Order
from logistics.outbox import WebhookDelivery, WebhookEndpoint
from logistics.privacy import BuyerKey, Contact, PrivacyRequest
from logistics.promise.calibration import Calibration
from logistics.promise.offers import Promise, Quote
from logistics.ranges import Range as Range
from logistics.records import DecisionRecord
from logistics.signals import SignalBatch, SignalHour
from logistics.whatif import Scenario

V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of value that is remembered, and the fields that it can be found by."""

    value: type[Any]
    name: str
    """What it is called in errors and addresses."""
    by: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    """Fields that together no two values share, and that no change touches."""

    @property
    def changes(self) -> bool:
        """Whether values of the kind live and change, or are written once."""
        return "version" in self.value.__dataclass_fields__

    def findable(self, field: str) -> str:
        """The field, where values of the kind can be found and sorted by it.

        Raises:
            Nonsense: where they cannot.
        """
        if field in self.by or field in self.unique or field == "id":
            return field
        raise Nonsense(f"/{field}", f"a {self.name} is not found by it")


KINDS = (
    Kind(value=Market, name="market"),
    Kind(value=Category, name="category"),
    Kind(value=Product, name="product", by=("category", "family")),
    Kind(value=Video, name="video"),
    Kind(value=VideoLink, name="video-product-link", by=("video", "product")),
    Kind(value=PaidPush, name="paid-push", by=("video", "market")),
    Kind(value=SignalBatch, name="signal-batch", by=("client", "received_at")),
    Kind(value=SignalHour, name="signal-hour", by=("video", "market", "hour")),
    Kind(value=Episode, name="virality-episode", by=("video", "market", "state")),
    Kind(value=Outlook, name="forecast", by=("product", "market", "made_at")),
    Kind(value=ForecastOverride, name="forecast-override", by=("product", "market", "made_at")),
    Kind(value=Accuracy, name="forecast-accuracy", by=("product", "market")),
    Kind(value=Baseline, name="baseline", by=("product", "market")),
    Kind(value=Habits, name="habits", by=("market",)),
    Kind(value=Backtest, name="backtest", by=("market", "operation")),
    Kind(value=Scenario, name="scenario", by=("kind", "state", "market", "recommendation")),
    Kind(value=LostDemand, name="lost-demand", by=("product", "market", "hour")),
    Kind(value=Site, name="site", by=("market", "type", "provider")),
    Kind(value=Node, name="node", by=("site", "market", "state", "type")),
    Kind(value=Lease, name="lease", by=("site", "node", "provider", "state", "recommendation")),
    Kind(value=Stock, name="inventory-position", by=("node", "product")),
    Kind(value=Movement, name="stock-movement", by=("node", "product", "cause")),
    Kind(value=Reservation, name="reservation", by=("order", "node", "state")),
    Kind(
        value=Replenishment,
        name="replenishment",
        by=("from_node", "to_node", "market", "state", "recommendation"),
    ),
    Kind(value=Entry, name="ledger-entry", by=("kind", "market", "node", "cause", "at")),
    Kind(
        value=Order,
        name="order",
        by=(
            "market",
            "state",
            "node",
            "buyer",
            "client",
            "route",
            "wave_at",
            "accepted_at",
            "updated_at",
        ),
        unique=("client", "external_id"),
    ),
    Kind(value=Quote, name="quote", by=("state", "client", "market", "expires_at")),
    Kind(value=Promise, name="promise", by=("order", "market", "state", "made_at")),
    Kind(value=Calibration, name="calibration"),
    Kind(value=Carrier, name="carrier", by=("rank",)),
    Kind(value=Vehicle, name="vehicle", by=("carrier", "market")),
    Kind(value=Position, name="position", by=("carrier", "market")),
    Kind(value=Plan, name="plan", by=("market", "state", "made_at")),
    Kind(
        value=Route,
        name="route",
        by=("plan", "market", "node", "carrier", "vehicle", "state", "departs_at"),
    ),
    Kind(value=Stop, name="stop", by=("route", "order", "market", "state")),
    Kind(value=StopEvent, name="stop-event", by=("route", "stop", "carrier")),
    Kind(value=Proof, name="proof", by=("stop",)),
    Kind(value=Tender, name="route-tender", by=("route", "carrier", "state", "respond_by")),
    Kind(
        value=Recommendation,
        name="node-recommendation",
        by=("state", "market", "site", "node", "kind", "decide_by", "carried_out_at"),
    ),
    Kind(value=Verdict, name="verdict", by=("recommendation", "planner", "at")),
    Kind(value=Case, name="exception", by=("state", "kind", "market", "subject")),
    Kind(value=DecisionRecord, name="decision", by=("kind", "at")),
    Kind(
        value=Event,
        name="event",
        by=("position", "type", "subject"),
        unique=("subject", "sequence"),
    ),
    Kind(value=WebhookEndpoint, name="webhook-endpoint", by=("party", "state")),
    Kind(value=WebhookDelivery, name="webhook-delivery", by=("endpoint", "next_try_at")),
    Kind(value=Contact, name="contact", by=("buyer",)),
    Kind(value=BuyerKey, name="buyer-key"),
    Kind(value=PrivacyRequest, name="privacy-request", by=("buyer", "client")),
    Kind(value=ApiKey, name="api-key", by=("prefix", "party"), unique=("prefix",)),
    Kind(value=KeptAnswer, name="kept-answer", by=("at",)),
    Kind(value=Operation, name="operation", by=("state", "kind")),
    Kind(value=Tick, name="tick", by=("job", "due_at")),
    Kind(value=Leadership, name="leadership"),
)

OF = {kind.value: kind for kind in KINDS}
"""The kind of each value class."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """That a value was read at a version: what a heavy deed checks before it writes."""

    kind: type[Any]
    id: str
    version: int


class Reading(Protocol):
    """A steady picture of one moment."""

    def get(self, kind: type[V], id: str) -> V:
        """The value with that id. Raises `Unknown` where there is none."""
        ...

    def maybe(self, kind: type[V], id: str) -> V | None:
        """The value with that id, or None."""
        ...

    def find(
        self,
        kind: type[V],
        /,
        *,
        sort: str = "id",
        descending: bool = False,
        limit: int | None = None,
        **where: Any,
    ) -> tuple[V, ...]:
        """All values that match, sorted by a field and then by id; what is absent sorts first.

        A condition names one of the kind's `by` or `unique` fields, or `id`, and is a value that
        the field equals, a tuple or set of values that it is one of, None, or a `Range`; `sort`
        names one of them too.
        """
        ...

    def count(self, kind: type[Any], /, **where: Any) -> int:
        """How many values match; conditions as in `find`."""
        ...

    def position(self) -> int:
        """The place of the last event in the feed; 0 where there is none."""
        ...


class Deed(Reading, Protocol):
    """One transaction: what it writes is kept when it ends well, and nothing of it otherwise."""

    def lock(self, kind: type[V], id: str) -> V:
        """The value as it is now, which nobody else can change before this deed ends.

        Raises `Unknown` where there is none.
        """
        ...

    def add(self, value: V) -> V:
        """Remember something new. Raises `Duplicate` where its id or a unique field is taken."""
        ...

    def add_all(self, values: Iterable[Any]) -> None:
        """Remember many new values at once; raises `Duplicate` as `add` does."""
        ...

    def change(self, value: V, /, **changes: Any) -> V:
        """Put the value, with these fields changed, in the place of the one with its id, and raise
        its version.

        Returns the value as it is now kept. Raises `StaleVersion` where the kept version is not
        the value's own: somebody else changed it since it was read; `Nonsense` where a unique
        field is another.
        """
        ...

    def forget(self, kind: type[Any], id: str) -> None:
        """Remove a value; there is no deed that removes an order, an event or a record.

        Raises `Unknown` where there is none.
        """
        ...

    def tell(self, event: Event) -> Event:
        """Put an event into the feed when the deed ends.

        Only then does it get its sequence and its position, so that the feed's order is the order
        of commits; the deed itself does not find it.
        """
        ...

    def require_unchanged(self, seen: Iterable[Seen]) -> None:
        """Raise `ChangedMeanwhile` where one of the values is no longer at the version seen.

        Where it does not, they stay so until the deed ends.
        """
        ...


class Store(Protocol):
    """What remembers for the business."""

    def read(self) -> AbstractContextManager[Reading]:
        """A steady picture; nothing can be written through it."""
        ...

    def begin(self) -> AbstractContextManager[Deed]:
        """One transaction."""
        ...


def refuse_change(kept: Any, wanted: Any) -> NoReturn:
    """Say why a value cannot take the place of the kept one.

    Raises:
        StaleVersion: where the kept one is at another version.
        Nonsense: where a unique field is another.
    """
    kind = OF[type(wanted)]
    if kept.version == wanted.version:
        moved = next(n for n in kind.unique if getattr(kept, n) != getattr(wanted, n))
        raise Nonsense(
            f"/{moved}", f"stays {getattr(kept, moved)} as long as there is the {kind.name}"
        )
    raise StaleVersion(kind.name, wanted.id, kept.version, getattr(kept, "changed_by", None))


def seen(*values: Any) -> tuple[Seen, ...]:
    """The versions of values that were read."""
    return tuple(Seen(kind=type(v), id=v.id, version=v.version) for v in values)
