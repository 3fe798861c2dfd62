"""Which van may drive a route: of the asked carrier, with room and hours, and nowhere else then.

The planned van drives where it is that carrier's. A van that stands in for it must have hours for
the whole route and room for all of it, and be back and loaded again by then.
"""

from collections.abc import Iterable
from datetime import timedelta

from logistics.carriers import Vehicle
from logistics.catalogue import Market, Product
from logistics.clocks import spans
from logistics.dispatch import Route, RouteState, Stop
from logistics.errors import Nonsense, Unknown
from logistics.orders import Order
from logistics.promise.board import active_vans
from logistics.store import Reading
from logistics.workflows.due import LOCKED
from logistics.workflows.means import Means
from logistics.workflows.stops import OPEN_STOP

TAKEN = (RouteState.ACCEPTED, RouteState.IN_PROGRESS)
"""Routes that a carrier has said yes to: their vans drive them."""


def van_to_offer(reading: Reading, means: Means, route: Route, carrier: str) -> str | None:
    """The carrier's van that could drive the route, the planned one first; None where none could.

    Vans of routes that are on offer are spoken for as well.
    """
    return _free_van(reading, means, route, carrier, _others(reading, route, LOCKED))


def van_that_drives(
    reading: Reading, means: Means, route: Route, carrier: str, named: str | None
) -> str:
    """The van with which the carrier takes the route: the one it names, or one that is free.

    Raises Unknown where the named van is not the carrier's in this market, and Nonsense where that
    van, or where none is named every van, drives another route that it took at that time.
    """
    taken = _others(reading, route, TAKEN)
    if named is None:
        van = _free_van(reading, means, route, carrier, taken)
        if van is None:
            raise Nonsense("/vehicle", "none of your vans is free for the whole route", "van_busy")
        return van
    if named not in {van.id for van in _own(reading, route, carrier)}:
        raise Unknown("vehicle", named)
    for other in taken:
        if other.vehicle == named and _meet(route, other, timedelta()):
            until = f"drives {other.id} until {other.returns_at.isoformat()}"
            raise Nonsense("/vehicle", until, "van_busy")
    return named


def _free_van(
    reading: Reading, means: Means, route: Route, carrier: str, others: Iterable[Route]
) -> str | None:
    loading = timedelta(seconds=means.policy.promising.loading)
    own = _own(reading, route, carrier)
    busy = {one.vehicle for one in others if _meet(route, one, loading)}
    planned = {one.vehicle for one in others if _meet(route, one, timedelta())}
    if route.vehicle in {van.id for van in own} and route.vehicle not in planned:
        return route.vehicle
    free = [van for van in own if van.id not in busy]
    if not free:
        return None
    zone, load = reading.get(Market, route.market).zone, _load(reading, route)
    return next((v.id for v in free if _has_hours(v, zone, route) and _has_room(v, load)), None)


def _own(reading: Reading, route: Route, carrier: str) -> list[Vehicle]:
    return active_vans(reading, carrier=carrier, market=route.market)


def _others(reading: Reading, route: Route, states: tuple[RouteState, ...]) -> list[Route]:
    found = reading.find(Route, market=route.market, state=states)
    return [other for other in found if other.id != route.id]


def _meet(one: Route, other: Route, between: timedelta) -> bool:
    """Whether one van cannot drive both, where it needs so long between them."""
    return (
        one.departs_at < other.returns_at + between and other.departs_at < one.returns_at + between
    )


def _load(reading: Reading, route: Route) -> tuple[int, int, int]:
    """Parcels, grams and cubic centimetres that are still to be brought."""
    stops = reading.find(Stop, route=route.id, state=OPEN_STOP)
    lines = [line for stop in stops for line in reading.get(Order, stop.order).lines]
    goods = [(reading.get(Product, line.product), line.units) for line in lines]
    weight = sum(product.weight_grams * units for product, units in goods)
    return len(stops), weight, sum(product.volume_cm3 * units for product, units in goods)


def _has_room(van: Vehicle, load: tuple[int, int, int]) -> bool:
    room = (van.parcels, van.weight_grams, van.volume_cm3)
    return all(needed <= given for needed, given in zip(load, room, strict=True))


def _has_hours(van: Vehicle, zone: str, route: Route) -> bool:
    hours = (van.shift_from_hour, van.shift_until_hour)
    opens, closes = next(spans(zone, hours, route.departs_at))
    drive = (route.returns_at - route.departs_at).total_seconds()
    return opens <= route.departs_at and route.returns_at <= closes and drive <= van.longest_drive
