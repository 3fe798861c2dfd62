"""Where routes are pulled; a reader who polls is told in one line that nothing changed."""

from typing import Annotated

from fastapi import APIRouter, Response, Security

from api.answers import Listed, tagged
from api.auth import Caller, admitted, own
from api.carriers import schemas as s
from api.conditional import IfNoneMatch, etag, unchanged
from api.schemas import Id, IdPath, Page, Word
from api.service import Service, Wired
from logistics.dispatch import Proof, Route, RouteState, Stop, StopState, Tender, TenderState
from logistics.network import Node
from logistics.orders import Order
from logistics.store import Reading
from logistics.workflows.contacts import contact_of
from routing.geography import Place

router = APIRouter(prefix="/v1", tags=["routing"])

DRIVEN = (RouteState.ACCEPTED, RouteState.IN_PROGRESS)
"""The states of a route in which its carrier must know to whom it goes."""

Reader = Annotated[Caller, Security(admitted, scopes=["routes:read"])]


@router.get("/routes")
def routes(
    caller: Reader,
    listed: Listed,
    state: RouteState | None = None,
    market: Word | None = None,
    plan: Id | None = None,
) -> Page[s.RouteOut]:
    """List the routes; a carrier sees its own."""
    asked = {"state": state, "market": market, "plan": plan}
    where = {} if caller.sees_all else {"carrier": caller.party}
    return listed.page(Route, s.RouteOut.model_validate, asked, where)


@router.get("/routes/{id}", response_model=s.RouteOut)
def route(
    id: IdPath,
    caller: Reader,
    service: Wired,
    response: Response,
    geometry: s.GeometryKind = s.GeometryKind.NONE,
    if_none_match: IfNoneMatch = None,
) -> Response | s.RouteOut:
    """Show a route; 304 to a reader who holds it as it is.

    Its line goes straight from stop to stop; the road between them is the driver's to choose.
    """
    with service.means.store.read() as reading:
        kept = _own(reading, caller, id)
        if (same := unchanged(if_none_match, etag(kept))) is not None:
            return same
        line = () if geometry is s.GeometryKind.NONE else _line(reading, kept)
    shown = tagged(response, kept, s.RouteOut)
    return shown.model_copy(update={"geometry": s.drawn(geometry, line)})


@router.get("/routes/{id}/stops", response_model=list[s.StopOut])
def stops(
    id: IdPath,
    caller: Reader,
    service: Wired,
    response: Response,
    if_none_match: IfNoneMatch = None,
) -> Response | list[s.StopOut]:
    """Show the stops of a route in their order; 304 to a reader who holds them as they are."""
    with service.means.store.read() as reading:
        kept = _own(reading, caller, id)
        found = sorted(reading.find(Stop, route=id), key=lambda stop: stop.position)
        may = kept.carrier == caller.party and kept.state in DRIVEN
        shown = [_stop(reading, service, stop, may=may) for stop in found]
    tag = f'"{kept.version + sum(stop.version for stop in found)}"'
    response.headers["ETag"] = tag
    return unchanged(if_none_match, tag) or shown


@router.get("/route-tenders")
def tenders(
    caller: Reader, listed: Listed, state: TenderState | None = None, route: Id | None = None
) -> Page[s.TenderOut]:
    """List the offers; a carrier sees those made to it."""
    where = {} if caller.sees_all else {"carrier": caller.party}
    asked = {"state": state, "route": route}
    return listed.page(Tender, s.TenderOut.model_validate, asked, where)


@router.get("/route-tenders/{id}")
def tender(id: IdPath, caller: Reader, service: Wired, response: Response) -> s.TenderOut:
    """Show an offer; its `ETag` is what the answer rests on."""
    with service.means.store.read() as reading:
        kept = reading.get(Tender, id)
    own(caller, "route-tender", id, kept.carrier)
    return tagged(response, kept, s.TenderOut)


@router.get("/stops/{id}/proofs")
def proofs(id: IdPath, caller: Reader, service: Wired) -> list[s.ProofOut]:
    """Show the proofs of a stop, the first one first."""
    with service.means.store.read() as reading:
        stop = reading.get(Stop, id)
        own(caller, "stop", id, reading.get(Route, stop.route).carrier)
        found = reading.find(Proof, stop=id)
    return [s.ProofOut.model_validate(proof) for proof in found]


def _stop(reading: Reading, service: Service, stop: Stop, *, may: bool) -> s.StopOut:
    """The stop; who receives it is told to the courier alone, until it is closed."""
    order = reading.get(Order, stop.order)
    shown = s.StopOut.model_validate(stop).model_copy(update={"sscc": order.sscc})
    if not may or stop.state is StopState.CLOSED:
        return shown
    contact = contact_of(reading, service.means, order)
    return shown.model_copy(update={"contact": contact})


def _line(reading: Reading, route: Route) -> tuple[Place, ...]:
    """From the node along the stops and back to the node."""
    node = reading.get(Node, route.node)
    stops = sorted(reading.find(Stop, route=route.id), key=lambda stop: stop.position)
    home = Place(lat=node.lat, lon=node.lon)
    return (home, *(Place(lat=stop.lat, lon=stop.lon) for stop in stops), home)


def _own(reading: Reading, caller: Caller, id: str) -> Route:
    """The route, where the caller drives it or is asked to."""
    kept = reading.get(Route, id)
    asked = reading.find(Tender, route=id, carrier=caller.party, state=TenderState.OFFERED)
    own(caller, "route", id, kept.carrier, *(tender.carrier for tender in asked))
    return kept
