"""Quotes kept, orders taken, orders cancelled and returned: what the shop asks of us.

A quote was answered from memory and is kept afterwards, in batches. The order is the moment of
truth: in one deed, under the locks of the market's departures and of the stock rows, the units
and the place are taken, or the quote is withdrawn and the demand counted as lost. The six hours
begin here. An order may carry the quote's id, its signed token (the quote may not be kept yet),
or what was answered in this process.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from logistics.catalogue import Market
from logistics.errors import Duplicate, NotLocated, QuoteExpired, QuoteWithdrawn, Unknown, require
from logistics.network import Node, NodeState
from logistics.orders import ORDER, Order, OrderState, OrderStep, ServiceLevel
from logistics.promise.board import ON_THE_WAVE, Holds, active_vans, build_board
from logistics.promise.calibration import Calibration, as_driven, trust_in
from logistics.promise.departures import Departures, able, tour
from logistics.promise.offers import (
    QUOTE,
    Eta,
    Offer,
    Promise,
    PromiseState,
    Quote,
    QuoteState,
    QuoteStep,
)
from logistics.promise.quote import Quoted, QuoteRequest, make_quote, read
from logistics.ranges import Range
from logistics.store import Deed
from logistics.workflows.contacts import checked_contact, keep_contact
from logistics.workflows.contacts import erase_buyer as erase_buyer
from logistics.workflows.means import Means
from logistics.workflows.moves import move, tell
from logistics.workflows.parcels import reserve
from logistics.workflows.quoting import count_lost, keep_quote
from logistics.workflows.quoting import keep_quotes as keep_quotes
from logistics.workflows.quoting import locate as locate
from logistics.workflows.recalls import recalled
from logistics.workflows.withdrawing import book_sale
from logistics.workflows.withdrawing import cancel_order as cancel_order
from logistics.workflows.withdrawing import return_order as return_order


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """What a shop orders; one of `quote`, `token`, `quoted` and `request` says on which offer."""

    client: str
    external_id: str
    buyer: str
    quote: str | None = None
    token: str | None = None
    quoted: Quoted | None = None
    """As it was answered in this process."""
    request: QuoteRequest | None = None
    """To be quoted now, within the deed."""
    service_level: ServiceLevel | None = None
    """An alternative of the quote; None takes its offer."""
    contact: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        """Refuse an order on nothing, or on several things."""
        require(0 < len(self.external_id) <= 128, "external_id", "has 1 to 128 characters")
        require(0 < len(self.buyer) <= 128, "buyer", "has 1 to 128 characters")
        given = [self.quote, self.token, self.quoted, self.request]
        one = sum(x is not None for x in given) == 1
        require(one, "quote_id", "exactly one of a quote, a token or a place is needed")


def place_order(means: Means, request: OrderRequest, *, now: datetime) -> Order:
    """Take an order: its units, its place on a departure, its promise; all of it or nothing.

    Raises:
        Duplicate: the shop's own id is taken; `existing` is the order.
        QuoteExpired: the offer's time is over.
        QuoteWithdrawn: the offer lost its stock, its place or its node.
        NotLocated: the order's address has no place, or several.
        NotAllowedNow: the quote is an order already.
    """
    contact = checked_contact(request.contact)
    asked = _located(means, request.request) if request.request else None
    signed = read(request.token, means.secret) if request.token else None
    with means.store.begin() as deed:
        _refuse_twin(deed, request)
        quote = _quote_of(deed, means, request, asked, signed, now)
        offer = _chosen(quote, request.service_level)
        order = means.ids.new("ord", now)
        gone = _gone(deed, means, quote, offer, order, now)
        if gone is None and offer is not None:
            return _take(deed, means, request, quote, offer, order, contact, now)
        _close_quote(deed, means, quote, gone or "no_stock", now)
    if gone == "expired":
        raise QuoteExpired(quote.id, quote.expires_at.isoformat())
    raise QuoteWithdrawn(quote.id, gone or "no_stock")


def _located(means: Means, request: QuoteRequest) -> QuoteRequest:
    found = locate(means, request)
    if found.lat is None:
        raise NotLocated(request.address or "", found.candidates)
    return found


def _refuse_twin(deed: Deed, request: OrderRequest) -> None:
    for twin in deed.find(Order, client=request.client, external_id=request.external_id):
        raise Duplicate("order", request.external_id, twin.id)


def _quote_of(
    deed: Deed,
    means: Means,
    request: OrderRequest,
    asked: QuoteRequest | None,
    signed: Quote | None,
    now: datetime,
) -> Quote:
    """The quote under its lock, kept now where it was not kept yet."""
    fresh = request.quoted
    if asked is not None:
        board = build_board(deed, means.policy, now)
        fresh = make_quote(board, Holds(), means.policy, means.ids, asked, now)
    if signed is not None:
        place = QuoteRequest(client=signed.client, lines=signed.lines)
        fresh = Quoted(quote=signed, question=None, request=place)
    id = fresh.quote.id if fresh else request.quote or ""
    if fresh is not None and fresh.quote.client == request.client and deed.maybe(Quote, id) is None:
        keep_quote(deed, means, fresh, now)
    quote = deed.lock(Quote, id)
    if quote.client != request.client:
        raise Unknown("quote", id)
    if quote.state is QuoteState.ACCEPTED:
        QUOTE.after(quote.state, QuoteStep.ACCEPT)
    return quote


def _chosen(quote: Quote, level: ServiceLevel | None) -> Offer | None:
    """The offer that the shop takes; None where nothing was offered."""
    offers = [offer for offer in (quote.offer, *quote.alternatives) if offer is not None]
    chosen = [offer for offer in offers if level is None or offer.service_level is level]
    names = ", ".join(offer.service_level for offer in offers)
    require(bool(chosen) or not offers, "service_level", f"is none of {names}")
    return chosen[0] if chosen else None


def _gone(
    deed: Deed, means: Means, quote: Quote, offer: Offer | None, order: str, now: datetime
) -> str | None:
    """What the offer has lost since it was made; where nothing, its units are reserved now."""
    if quote.state is QuoteState.EXPIRED:
        return "expired"
    if offer is None or quote.state is QuoteState.WITHDRAWN:
        return quote.reasons[0].code if quote.reasons else "no_stock"
    if now > min(quote.expires_at, offer.order_by):
        return "expired"
    if stopped := _stopped(deed, means, quote, offer):
        return stopped
    lacking = reserve(deed, means.ids, order, offer.node, quote.lines, now=now)
    return "no_stock" if lacking else None


def _stopped(deed: Deed, means: Means, quote: Quote, offer: Offer) -> str | None:
    """Why nothing of the offer could leave, whatever is on the shelves."""
    if recalled(deed, quote.lines):
        return "recalled"
    node = deed.maybe(Node, offer.node)
    if node is None or node.state is not NodeState.LIVE:
        return "node_closed"
    if offer.wave_at is not None and not _has_place(deed, means, quote, offer.wave_at):
        return "node_capacity"
    return None


def _has_place(deed: Deed, means: Means, quote: Quote, wave_at: datetime) -> bool:
    """Whether the departure has room, counted under the market's lock; no overbooking by default."""
    market = deed.lock(Market, quote.market or "")
    vans = active_vans(deed, market=market.id)
    learnt = deed.maybe(Calibration, market.id)
    driven, takes = as_driven(means.policy, learnt), trust_in(learnt, means.policy).takes
    drops = able(market.zone, vans, driven, [wave_at], takes)[wave_at]
    away = tour(driven)
    near = deed.find(
        Order,
        market=market.id,
        wave_at=Range(least=wave_at - away, below=wave_at + away),
        state=ON_THE_WAVE,
    )
    departures = Departures(
        able={wave_at: int(drops * (1 + means.policy.promising.overbooking))},
        taken=Counter(order.wave_at for order in near if order.wave_at is not None),
        tour=away,
    )
    return departures.room({})[wave_at] > 0


def _close_quote(deed: Deed, means: Means, quote: Quote, reason: str, now: datetime) -> None:
    """The offer is over; where it was lost to others, that was demand all the same."""
    if reason != "expired" and quote.serviceable:
        count_lost(deed, quote, now)
    if quote.state is QuoteState.OPEN:
        step = QuoteStep.EXPIRE if reason == "expired" else QuoteStep.WITHDRAW
        told = {"reason": reason}
        move(
            deed,
            means.ids,
            QUOTE,
            quote,
            step,
            now=now,
            cause=quote.client,
            audience=(quote.client,),
            data=told,
        )


def _take(
    deed: Deed,
    means: Means,
    request: OrderRequest,
    quote: Quote,
    offer: Offer,
    id: str,
    contact: Mapping[str, str],
    now: datetime,
) -> Order:
    """Remember the order, its promise and its income; the units are reserved already."""
    shop = (request.client,)
    promise = _promised(means, quote, offer, id, now)
    order = deed.add(
        Order(
            id=id,
            external_id=request.external_id,
            client=request.client,
            buyer=request.buyer,
            market=quote.market or "",
            cell=quote.cell or "",
            lat=quote.lat or 0.0,
            lon=quote.lon or 0.0,
            lines=quote.lines,
            state=OrderState.RECEIVED,
            accepted_at=now,
            service_level=offer.service_level,
            eligible=quote.eligible,
            due_at=offer.window.latest,
            ready_at=max(now, offer.ready_at or now),
            wave_at=offer.wave_at,
            node=offer.node,
            quote=quote.id,
            promise=promise.id,
            price=offer.price,
            updated_at=now,
        )
    )
    keep_contact(deed, means, order, contact, now=now)
    tell(deed, means.ids, "order.received", id, now=now, cause=request.client, audience=shop)
    move(deed, means.ids, QUOTE, quote, QuoteStep.ACCEPT, now=now, cause=id, audience=shop)
    deed.add(promise)
    window = [promise.window.earliest.isoformat(), promise.window.latest.isoformat()]
    told = {"order": id, "window": window}
    tell(deed, means.ids, "promise.made", promise.id, now=now, cause=id, audience=shop, data=told)
    book_sale(deed, means, order, 1, now)
    return move(
        deed,
        means.ids,
        ORDER,
        order,
        OrderStep.PROMISE,
        now=now,
        cause=quote.id,
        audience=shop,
        data={"promise": promise.id, "node": offer.node},
    )


def _promised(means: Means, quote: Quote, offer: Offer, order: str, now: datetime) -> Promise:
    middle = offer.window.earliest + (offer.window.latest - offer.window.earliest) / 2
    return Promise(
        id=means.ids.new("prm", now),
        order=order,
        market=quote.market or "",
        state=PromiseState.ON_TRACK,
        service_level=offer.service_level,
        window=offer.window,
        zone=quote.zone or "UTC",
        keep_probability=offer.keep_probability,
        raw_keep=offer.raw_keep,
        node=offer.node,
        wave_at=offer.wave_at,
        made_at=now,
        projected_at=middle,
        history=(Eta(at=middle, computed_at=now, reason="promised"),),
    )
