"""What shops ask and are shown; times are told in the buyer's zone."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field, StringConstraints

from api.schemas import Asked, Id, Latitude, Longitude, Money, Note, Shown, Text, Word, Yes
from logistics.orders import Line, OrderState, ServiceLevel
from logistics.promise.offers import Eta, Offer, Promise, PromiseState, Quote, QuoteState, Reason
from logistics.promise.quote import QuoteRequest

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Reference = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,128}$")]
Token = Annotated[str, StringConstraints(min_length=10, max_length=20_000, pattern=r"^[!-~]+$")]


class LineIn(Asked):
    """So many units of one product."""

    product: Word
    units: Annotated[int, Field(strict=True, ge=1, le=1000)]


class QuoteIn(Asked):
    """Lines to a place, or to an address that is looked up."""

    lines: Annotated[tuple[LineIn, ...], Field(min_length=1, max_length=50)]
    lat: Latitude | None = None
    lon: Longitude | None = None
    address: Text | None = None
    country: Country = "US"
    market: Word | None = None
    buying: Yes = Field(
        default=True,
        description="A buyer is about to order: what cannot be offered is lost demand.",
    )

    def asked(self, client: str) -> QuoteRequest:
        """The question as the business knows it."""
        lines = tuple(Line(product=line.product, units=line.units) for line in self.lines)
        told = self.model_dump(exclude={"lines"})
        return QuoteRequest(client=client, lines=lines, **told)


class WindowOut(Shown):
    """Earliest and latest arrival."""

    earliest: datetime
    latest: datetime


class PromisedOut(Shown):
    """What is promised: the window, in the zone of the buyer, and the chance that it is kept."""

    window: WindowOut
    time_zone: str
    keep_probability: float
    order_by: datetime


class AlternativeOut(Shown):
    """Another service level that the buyer may choose."""

    service_level: ServiceLevel
    latest: datetime
    keep_probability: float
    price: Money
    order_by: datetime


class ReasonOut(Shown):
    """One step of the way to the window, or why there is none."""

    code: str
    detail: str
    node: str | None
    minutes: int | None


class AsOfOut(Shown):
    """What was read, and how it stood: when the stock was counted, which plan and forecast."""

    board: str
    stock: datetime | None
    plan: str | None
    forecast: str | None


class QuoteOut(Shown):
    """A priced, expiring offer which says why; a "no" is an answer too."""

    id: str
    state: QuoteState
    serviceable: bool
    service_level: ServiceLevel | None
    promise: PromisedOut | None
    price: Money | None
    made_at: datetime
    expires_at: datetime
    as_of: AsOfOut
    reasons: list[ReasonOut]
    alternatives: list[AlternativeOut]
    decision: str | None
    token: str = Field(description="The quote, signed: an order may carry it in place of the id.")

    @classmethod
    def of(cls, quote: Quote, token: str) -> "QuoteOut":
        """The quote as the shop sees it."""
        zone = ZoneInfo(quote.zone or "UTC")
        offer, coin = quote.offer, quote.currency or "XXX"
        return cls(
            id=quote.id,
            state=quote.state,
            serviceable=quote.serviceable,
            service_level=offer.service_level if offer else None,
            promise=_promised(offer, zone) if offer else None,
            price=Money(amount=offer.price, currency=coin) if offer else None,
            made_at=quote.made_at.astimezone(zone),
            expires_at=quote.expires_at.astimezone(zone),
            as_of=AsOfOut(
                board=quote.board,
                stock=quote.stock_at.astimezone(zone) if quote.stock_at else None,
                plan=quote.plan,
                forecast=quote.forecast,
            ),
            reasons=[_reason(reason) for reason in quote.reasons],
            alternatives=[_alternative(other, zone, coin) for other in quote.alternatives],
            decision=quote.decision,
            token=token,
        )


def _promised(offer: Offer, zone: ZoneInfo) -> PromisedOut:
    earliest, latest = offer.window.earliest, offer.window.latest
    return PromisedOut(
        window=WindowOut(earliest=earliest.astimezone(zone), latest=latest.astimezone(zone)),
        time_zone=zone.key,
        keep_probability=offer.keep_probability,
        order_by=offer.order_by.astimezone(zone),
    )


def _alternative(offer: Offer, zone: ZoneInfo, currency: str) -> AlternativeOut:
    return AlternativeOut(
        service_level=offer.service_level,
        latest=offer.window.latest.astimezone(zone),
        keep_probability=offer.keep_probability,
        price=Money(amount=offer.price, currency=currency),
        order_by=offer.order_by.astimezone(zone),
    )


def _reason(reason: Reason) -> ReasonOut:
    return ReasonOut.model_validate(reason)


class ContactIn(Asked):
    """Who receives it: sealed as it comes in, shown to the courier only, erased when asked."""

    name: Text | None = None
    phone: Text | None = None
    email: Text | None = None
    address: Text | None = None
    address_line_2: Text | None = None
    city: Text | None = None
    postcode: Text | None = None
    note: Annotated[Note, Field(max_length=500)] | None = None


class OrderIn(Asked):
    """An order upon a quote: its id, its signed token, or a place that is quoted now."""

    external_id: Reference
    buyer: Reference = Field(description="Your opaque reference, never a name.")
    quote_id: Id | None = None
    token: Token | None = None
    place: QuoteIn | None = None
    service_level: ServiceLevel | None = None
    contact: ContactIn | None = None


class LineOut(Shown):
    """So many units of one product."""

    product: str
    units: int


class OrderOut(Shown):
    """An order; who the buyer is stays with whoever may know."""

    id: str
    external_id: str
    buyer: str
    market: str
    cell: str
    lines: list[LineOut]
    state: OrderState
    accepted_at: datetime
    service_level: ServiceLevel
    eligible: bool
    due_at: datetime
    node: str | None
    quote: str | None
    promise: str | None
    route: str | None
    price: int
    attempts: int
    delivered_at: datetime | None
    closed_reason: str | None
    sscc: str | None
    updated_at: datetime
    version: int


class PromiseOut(Shown):
    """The window told to a buyer, in the buyer's zone, and how it stands."""

    id: str
    order: str
    state: PromiseState
    service_level: ServiceLevel
    window: WindowOut
    time_zone: str
    keep_probability: float
    made_at: datetime
    projected_at: datetime | None
    actual_at: datetime | None
    version: int

    @classmethod
    def of(cls, promise: Promise) -> "PromiseOut":
        """The promise as the shop sees it."""
        zone = ZoneInfo(promise.zone)
        window = WindowOut(
            earliest=promise.window.earliest.astimezone(zone),
            latest=promise.window.latest.astimezone(zone),
        )
        told = {name: getattr(promise, name) for name in cls.model_fields if name not in _MADE}
        return cls(window=window, time_zone=promise.zone, **told)


_MADE = {"window", "time_zone"}


class EtaOut(Shown):
    """One belief about the arrival, and why it moved."""

    at: datetime
    computed_at: datetime
    reason: str

    @classmethod
    def of(cls, eta: Eta) -> "EtaOut":
        """The belief as the shop sees it."""
        return cls.model_validate(eta)


class OrderRow(Asked):
    """A line of a file of orders."""

    external_id: Reference
    buyer: Reference
    product: Word
    units: Annotated[int, Field(strict=True, ge=1, le=1000)] = 1
    lat: Latitude | None = None
    lon: Longitude | None = None
    address: Text | None = None
    country: Country = "US"
    market: Word | None = None
    service_level: ServiceLevel | None = None
