"""What carriers tell of their vans beside the routes: where one is, and when its driver works.

Of a van only the last place is kept, so nobody can follow a driver's day afterwards. A place that
is older than the one we know changes nothing. A place on a route is a sign of life from it.
"""

from dataclasses import replace
from datetime import datetime

from logistics.carriers import Position, Vehicle
from logistics.dispatch import Route, RouteState
from logistics.errors import Unknown, require
from logistics.store import Deed
from logistics.units import Seconds
from logistics.workflows.deliver import hear_of
from logistics.workflows.means import Means


def see_van(
    means: Means,
    vehicle: str,
    *,
    carrier: str,
    lat: float,
    lon: float,
    seen_at: datetime,
    now: datetime,
) -> Position:
    """Note where a van is; the place as it is now known.

    Raises:
        Unknown: for a van that is not the carrier's.
    """
    with means.store.begin() as deed:
        van = _own(deed, vehicle, carrier)
        driven = deed.find(Route, vehicle=vehicle, state=RouteState.IN_PROGRESS)
        told = Position(
            id=vehicle,
            carrier=carrier,
            market=van.market,
            lat=lat,
            lon=lon,
            seen_at=min(seen_at, now),
            received_at=now,
            route=driven[0].id if driven else None,
        )
        kept = deed.maybe(Position, vehicle)
        if kept is not None:
            kept = deed.lock(Position, vehicle)
            if told.seen_at <= kept.seen_at:
                return kept
        for route in driven:
            hear_of(deed, means, route.id, carrier, now)
        return deed.add(told) if kept is None else deed.change(replace(told, version=kept.version))


def set_shift(
    means: Means,
    vehicle: str,
    *,
    carrier: str | None,
    from_hour: int,
    until_hour: int,
    longest_drive: Seconds,
) -> Vehicle:
    """Say when a van's driver works, in local hours; it holds for plans that are made from now on.

    `carrier` is who says so, None for the business itself.

    Raises:
        Unknown: for a van that is not the carrier's.
        Nonsense: for a shift that ends before it begins.
    """
    require(from_hour < until_hour, "until_hour", "must come after from_hour")
    with means.store.begin() as deed:
        _own(deed, vehicle, carrier)
        kept = deed.lock(Vehicle, vehicle)
        wanted = replace(
            kept,
            shift_from_hour=from_hour,
            shift_until_hour=until_hour,
            longest_drive=longest_drive,
        )
        return kept if wanted == kept else deed.change(wanted)


def _own(deed: Deed, vehicle: str, carrier: str | None) -> Vehicle:
    van = deed.maybe(Vehicle, vehicle)
    if van is None or carrier not in {None, van.carrier}:
        raise Unknown("vehicle", vehicle)
    return van
