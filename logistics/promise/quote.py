"""What a buyer is offered: a window that will be kept, with its reasons, or another level.

`ask` turns the board, the holds and the buyer's place into a `Question`: all that the answer
depends on, with drives instead of coordinates, so it can be kept and answered again to the same
bytes after the address is erased. `answers.answer` is a function of the question alone.

The six hours begin at the order's acceptance and are elapsed time; a quote counts from its own
moment, which is earlier, so the window holds for any order within the quote's life.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from logistics.errors import Nonsense, require
from logistics.identity import Ids
from logistics.orders import Line
from logistics.policy import Policy, SiteType
from logistics.promise.answers import Answer, Company, Question, Source, Wave, answer
from logistics.promise.board import Board, Hold, Holds, MarketFacts, NodeFacts, straight_km
from logistics.promise.calibration import curve
from logistics.promise.offers import Quote, QuoteState, Reason
from logistics.units import Parcels, Seconds
from routing.geography import Place, cell_of

NEAREST = 4
"""How many nodes a quote looks at; one further away is never the better one."""
LONGEST_LOOK = timedelta(hours=40)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteRequest:
    """What a shop asks for: lines to a place, or to an address that could not be placed."""

    client: str
    lines: tuple[Line, ...]
    lat: float | None = None
    lon: float | None = None
    market: str | None = None
    """The market that the shop believes in; without it the place decides."""
    address: str | None = None
    country: str = "US"
    candidates: tuple[tuple[str, float], ...] = ()
    """What the address may mean (label, score), where none of it is sure."""
    buying: bool = True
    """A buyer is about to order: if nothing can be offered, it counts as lost demand."""

    def __post_init__(self) -> None:
        """Refuse a question for nothing, or for half a place."""
        require(0 < len(self.lines) <= 50, "lines", "holds 1 to 50 lines")
        products = [line.product for line in self.lines]
        require(len(set(products)) == len(products), "lines", "name each product once")
        require((self.lat is None) == (self.lon is None), "lat", "comes together with lon")
        if self.lat is not None and self.lon is not None:
            require(-90 <= self.lat <= 90, "lat", "is between -90 and 90")
            require(-180 <= self.lon <= 180, "lon", "is between -180 and 180")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """A quote and all that it was computed from; None where no market could be asked."""

    quote: Quote
    question: Question | None
    request: QuoteRequest


def make_quote(
    board: Board, holds: Holds, policy: Policy, ids: Ids, request: QuoteRequest, now: datetime
) -> Quoted:
    """Answer from memory and hold what is offered; no store, no solver, no waiting.

    Asking and holding are one step to other threads, so no unit and no place is offered twice.

    Raises:
        Nonsense: for a product or a market that the board does not know.
    """
    _require_known(board, request)
    if request.lat is None or request.lon is None:
        return Quoted(
            quote=_nowhere(board, policy, ids, request, now), question=None, request=request
        )
    place = Place(lat=request.lat, lon=request.lon)
    cell = cell_of(place, policy.planning_resolution)
    market = board.markets.get(request.market or board.cells.get(cell, ""))
    if market is None:
        closed = Reason(code="region_closed", detail=f"no market serves region {cell}")
        quote = _quote(board, policy, ids, request, now, reasons=(closed,), cell=cell)
        return Quoted(quote=quote, question=None, request=request)
    if back := sorted({line.product for line in request.lines} & board.recalled):
        stopped = Reason(code="recalled", detail=f"{', '.join(back)}: called back, not sold now")
        quote = _quote(
            board, policy, ids, request, now, reasons=(stopped,), market=market, cell=cell
        )
        return Quoted(quote=quote, question=None, request=request)
    with holds:
        holds.settle(board, now)
        question = ask(board, holds, policy, market, place, cell, request.lines, now)
        found = answer(question)
        quote = _quote(board, policy, ids, request, now, found=found, market=market, cell=cell)
        if quote.offer is not None:
            holds.take(
                Hold(
                    quote=quote.id,
                    node=quote.offer.node,
                    lines=quote.lines,
                    market=market.id,
                    wave_at=quote.offer.wave_at,
                    expires_at=quote.expires_at,
                )
            )
    return Quoted(quote=quote, question=question, request=request)


def ask(
    board: Board,
    holds: Holds,
    policy: Policy,
    market: MarketFacts,
    place: Place,
    cell: str,
    lines: tuple[Line, ...],
    now: datetime,
) -> Question:
    """All that the answer depends on, less what open quotes hold."""
    look, held = now + LONGEST_LOOK, holds.places(market.id)
    room = market.departures.room(held) if any(held.values()) else market.waves
    return Question(
        at=now,
        lines=lines,
        market=market.id,
        zone=market.zone,
        cell=cell,
        deliver_hours=market.deliver_hours,
        node_hours=market.node_hours,
        waves=tuple([_wave(at, places) for at, places in room.items() if now <= at <= look]),
        nodes=_sources(board.nodes[market.id], holds, market, place, lines, now),
        centres=_sources(board.centres, holds, market, place, lines, now),
        promising=market.promising,
        prices=policy.prices,
        lead=lead(policy),
        p90_factor=market.travel.p90_factor,
    )


@lru_cache(maxsize=4096)
def _wave(at: datetime, places: Parcels) -> Wave:
    """A departure with its room; kept, because most buyers of an hour are told of the same ones."""
    return Wave(at=at, places=places)


def lead(policy: Policy) -> Seconds:
    """What planning a route and asking its carrier take before the departure."""
    return policy.tendering.respond_within + policy.rhythm.dispatch


def _sources(
    nodes: Iterable[NodeFacts],
    holds: Holds,
    market: MarketFacts,
    place: Place,
    lines: tuple[Line, ...],
    now: datetime,
) -> tuple[Source, ...]:
    """The nearest nodes, those that have it free before those that do not."""
    known = [
        (_free(node, holds, lines, node.free if node.market == market.id else node.spare), node)
        for node in nodes
    ]
    near = sorted(
        known,
        key=lambda pair: (pair[0] <= 0, straight_km(place.lat, place.lon, pair[1]), pair[1].id),
    )
    return tuple(
        _source(node, free, _spare(node, holds, lines), holds, market, place, now)
        for free, node in near[:NEAREST]
    )


def _spare(node: NodeFacts, holds: Holds, lines: tuple[Line, ...]) -> int | None:
    """What a temporary node does not keep for orders of six hours; a centre keeps nothing so."""
    if node.type is SiteType.CENTRE:
        return None
    return max(0, _free(node, holds, lines, node.spare))


def _free(
    node: NodeFacts, holds: Holds, lines: tuple[Line, ...], stock: Mapping[str, Parcels]
) -> int:
    """How many whole orders of these lines the node could still promise out of a stock."""
    return min(
        (stock.get(line.product, 0) - holds.units(node.id, line.product)) // line.units
        for line in lines
    )


def _source(
    node: NodeFacts,
    free: int,
    spare: int | None,
    holds: Holds,
    market: MarketFacts,
    place: Place,
    now: datetime,
) -> Source:
    held, company = holds.orders(node.id), dict(node.company)
    for at, parcels in holds.company(node.id).items():
        company[at] = company.get(at, 0) + parcels
    hour = now.astimezone(ZoneInfo(market.zone)).hour
    return Source(
        id=node.id,
        zone=node.zone,
        hours=node.hours,
        per_hour=node.per_hour,
        left_today=node.left_today - held,
        ahead=held,
        busy_until=node.busy_until,
        company=tuple(Company(at=at, parcels=n) for at, n in sorted(company.items()) if n > 0),
        free=max(0, free),
        spare=spare,
        drive=market.travel.seconds(Place(lat=node.lat, lon=node.lon), place),
        keeps=curve(market.calibration, node.id, hour),
    )


def _require_known(board: Board, request: QuoteRequest) -> None:
    """Refuse a question about what is not sold at all, or in a market that is none."""
    for i, line in enumerate(request.lines):
        if line.product not in board.products:
            detail = f"there is no product {line.product}"
            raise Nonsense(f"/lines/{i}/product", detail, "unknown")
    if request.market is not None and request.market not in board.markets:
        raise Nonsense("/market", f"there is no market {request.market}", "unknown")


def _nowhere(board: Board, policy: Policy, ids: Ids, request: QuoteRequest, now: datetime) -> Quote:
    """The answer to an address that could not be placed; none of several is chosen silently."""
    what = ", ".join(f"{label} ({score:.2f})" for label, score in request.candidates)
    detail = f"may mean {what}" if what else "no such place is known"
    unplaced = Reason(code="address_not_located", detail=detail)
    return _quote(board, policy, ids, request, now, reasons=(unplaced,))


def _quote(
    board: Board,
    policy: Policy,
    ids: Ids,
    request: QuoteRequest,
    now: datetime,
    *,
    found: Answer | None = None,
    reasons: tuple[Reason, ...] = (),
    market: MarketFacts | None = None,
    cell: str | None = None,
) -> Quote:
    offer = found.offer if found else None
    life = now + timedelta(seconds=policy.promising.quote_life)
    return Quote(
        id=ids.new("qte", now),
        client=request.client,
        market=market.id if market else None,
        zone=market.zone if market else None,
        currency=market.currency if market else None,
        cell=cell,
        lat=request.lat,
        lon=request.lon,
        lines=request.lines,
        state=QuoteState.OPEN,
        serviceable=offer is not None,
        eligible=found.eligible if found else False,
        made_at=now,
        expires_at=min(life, offer.order_by) if offer else life,
        offer=offer,
        alternatives=found.alternatives if found else (),
        reasons=found.reasons if found else reasons,
        board=board.id,
        stock_at=board.made_at,
        decision=ids.new("dec", now) if found else None,
    )


_QUOTES = TypeAdapter(Quote)


def sign(quote: Quote, secret: bytes) -> str:
    """The whole quote as a token that nobody can change: payload and HMAC-SHA256, base64url."""
    payload = base64.urlsafe_b64encode(_QUOTES.dump_json(quote))
    return f"{payload.decode()}.{_mac(payload, secret)}"


def read(token: str, secret: bytes) -> Quote:
    """The quote of a token. Raises Nonsense where it is not one that this service signed."""
    payload, _, mac = token.partition(".")
    if not token.isascii() or not hmac.compare_digest(_mac(payload.encode(), secret), mac):
        raise Nonsense("/token", "is no quote signed by this service", "bad-token")
    try:
        return _QUOTES.validate_json(base64.urlsafe_b64decode(payload))
    except (ValidationError, ValueError):
        raise Nonsense("/token", "was signed for another version of quotes", "bad-token") from None


def _mac(payload: bytes, secret: bytes) -> str:
    return hmac.new(secret, b"surgeport quote\0" + payload, hashlib.sha256).hexdigest()
