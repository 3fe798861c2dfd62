"""Where carriers tell of their vans: where they are, when they drive, and which areas they serve."""

from typing import Annotated

from fastapi import APIRouter, Response, Security

from api.answers import Listed, tagged
from api.auth import Caller, admitted, own
from api.carriers import schemas as s
from api.conditional import etag
from api.schemas import IdPath, Page, Word, WordPath
from api.service import Now, Wired
from logistics.carriers import Carrier, Position, Vehicle
from logistics.catalogue import Market
from logistics.store import Reading
from logistics.workflows.fleet import see_van, set_shift

router = APIRouter(prefix="/v1", tags=["fleet"])

Reader = Annotated[Caller, Security(admitted, scopes=["routes:read", "settings:write"])]
Driver = Annotated[Caller, Security(admitted, scopes=["stops:write"])]
Rosterer = Annotated[Caller, Security(admitted, scopes=["tenders:respond", "settings:write"])]


@router.put("/positions/{vehicle}")
def seen(
    vehicle: WordPath,
    said: s.PositionIn,
    caller: Driver,
    service: Wired,
    now: Now,
    response: Response,
) -> s.PositionOut:
    """Tell where a van is; what is older than the place we know changes nothing."""
    told = said.model_dump()
    kept = see_van(service.means, vehicle, carrier=caller.party, now=now, **told)
    return tagged(response, kept, s.PositionOut)


@router.get("/positions/{vehicle}")
def position(vehicle: IdPath, caller: Reader, service: Wired, response: Response) -> s.PositionOut:
    """Show where a van was seen last; a carrier sees its own."""
    with service.means.store.read() as reading:
        kept = reading.get(Position, vehicle)
    own(caller, "position", vehicle, kept.carrier)
    return tagged(response, kept, s.PositionOut)


@router.get("/positions")
def positions(caller: Reader, listed: Listed, market: Word | None = None) -> Page[s.PositionOut]:
    """List where the vans were seen last; a carrier sees its own."""
    where = {} if caller.sees_all else {"carrier": caller.party}
    return listed.page(Position, s.PositionOut.model_validate, {"market": market}, where)


@router.put("/shifts/{vehicle}")
def roster(
    vehicle: WordPath,
    said: s.ShiftIn,
    caller: Rosterer,
    service: Wired,
    now: Now,
    response: Response,
) -> s.ShiftOut:
    """Say when a van's driver works; plans that are made from now on go by it."""
    carrier = None if caller.sees_all else caller.party
    kept = set_shift(service.means, vehicle, carrier=carrier, **said.model_dump())
    response.headers["ETag"] = etag(kept)
    with service.means.store.read() as reading:
        return s.ShiftOut.of(kept, _zone(reading, kept), now)


@router.get("/shifts/{vehicle}")
def shift(
    vehicle: IdPath, caller: Reader, service: Wired, now: Now, response: Response
) -> s.ShiftOut:
    """Show when a van's driver works, with the shift that is on or comes next."""
    with service.means.store.read() as reading:
        kept = reading.get(Vehicle, vehicle)
        own(caller, "shift", vehicle, kept.carrier)
        response.headers["ETag"] = etag(kept)
        return s.ShiftOut.of(kept, _zone(reading, kept), now)


@router.get("/shifts")
def shifts(
    caller: Reader, service: Wired, listed: Listed, now: Now, market: Word | None = None
) -> Page[s.ShiftOut]:
    """List the shifts, one for each van; a carrier sees its own."""
    with service.means.store.read() as reading:
        zones = {one.id: one.zone for one in reading.find(Market)}
    where = {} if caller.sees_all else {"carrier": caller.party}

    def show(van: Vehicle) -> s.ShiftOut:
        return s.ShiftOut.of(van, zones[van.market], now)

    return listed.page(Vehicle, show, {"market": market}, where)


@router.get("/service-areas/{market}")
def area(market: IdPath, caller: Reader, service: Wired, response: Response) -> s.AreaShapeOut:
    """Show where in a market parcels are brought to, as GeoJSON too, and who drives there."""
    with service.means.store.read() as reading:
        kept = reading.get(Market, market)
        response.headers["ETag"] = etag(kept)
        shown = s.AreaOut.of(kept, _drivers(reading, caller))
    return s.AreaShapeOut(**shown.model_dump(), geometry=s.shape_of(kept))


@router.get("/service-areas")
def areas(caller: Reader, service: Wired, listed: Listed) -> Page[s.AreaOut]:
    """List where parcels are brought to, and who drives there; a carrier sees itself."""
    with service.means.store.read() as reading:
        drivers = _drivers(reading, caller)
    return listed.page(Market, lambda market: s.AreaOut.of(market, drivers))


def _zone(reading: Reading, van: Vehicle) -> str:
    return reading.get(Market, van.market).zone


def _drivers(reading: Reading, caller: Caller) -> tuple[Carrier, ...]:
    """The carriers under contract that the caller may know of, by the rank in which they are asked."""
    found = reading.find(Carrier, sort="rank")
    return tuple(one for one in found if one.active and caller.owns(one.id))
