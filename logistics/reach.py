"""How far a node reaches within the target, and how long goods take to get there.

Reach is door to door at P90: wait for the wave, pick, load, drive to the region, and the time on the
route to the k-th drop at the density of drops (continuous approximation; Beardwood, Halton and
Hammersley 1959: a tour of n stops over an area A grows with sqrt(A n)). Distances are
great circle with the default road factors until a road engine is asked.
"""

from dataclasses import dataclass
from math import sqrt

from logistics.policy import Policy, Prices, Promising
from logistics.units import Cents, Parcels, Seconds, Units
from routing.geography import Place
from routing.travel import GreatCircle

FEWEST = 4
"""Drops of a wave below which the hop is taken as that of four."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A drive between two places, in median seconds and road metres."""

    seconds: Seconds
    metres: int


def way(origin: tuple[float, float], destination: tuple[float, float]) -> Way:
    """The drive from one latitude and longitude to another."""
    return ways((origin,), (destination,))[0][0]


def ways(
    origins: tuple[tuple[float, float], ...], destinations: tuple[tuple[float, float], ...]
) -> tuple[tuple[Way, ...], ...]:
    """The drives from each origin (outer) to each destination (inner)."""
    places = tuple(Place(lat=lat, lon=lon) for lat, lon in (*origins, *destinations))
    if not places:
        return ()
    table, first = GreatCircle().table(places), len(origins)
    return tuple(
        tuple(
            Way(seconds=int(table.seconds[i, j]), metres=int(table.metres[i, j]))
            for j in range(first, len(places))
        )
        for i in range(first)
    )


def between_drops(policy: Policy, drops_per_wave: float) -> Seconds:
    """Median drive from one drop to the next in a region with so many drops in a wave.

    The policy's number is that of one full route; by the formula of tours the hop shrinks with the
    square root of the drops that share the area.
    """
    rules = policy.promising
    density = max(drops_per_wave, FEWEST) / rules.drops_per_route
    return round(rules.between_drops / sqrt(density))


def kth_drop(policy: Policy, drive: Seconds, k: Parcels, drops_per_wave: float) -> Seconds:
    """P90 seconds from the acceptance of an order to its delivery as the k-th drop of a route."""
    rules: Promising = policy.promising
    slow = rules.p90_travel_factor
    hop = between_drops(policy, drops_per_wave) * slow + rules.service_at_stop
    before = rules.wave_every + rules.pick_and_pack + rules.loading
    return round(before + drive * slow + (k - 1) * hop + rules.service_at_stop)


def drops_in_time(policy: Policy, drive: Seconds, drops_per_wave: float) -> Parcels:
    """How many drops of a route so far away are in time, at most a van's usual route."""
    rules = policy.promising
    first = kth_drop(policy, drive, 1, drops_per_wave)
    if first > rules.target:
        return 0
    hop = between_drops(policy, drops_per_wave) * rules.p90_travel_factor + rules.service_at_stop
    return min(rules.drops_per_route, 1 + int((rules.target - first) / hop))


def promised_in_time(policy: Policy, drive: Seconds) -> bool:
    """Whether a quote would promise the target so far away: the last drop of a usual route, at the
    usual density, is in time at P90. What no quote offers is not within reach."""
    drops = policy.promising.drops_per_route
    return kth_drop(policy, drive, drops, drops) <= policy.promising.target


def route_seconds(policy: Policy, drive: Seconds, drops: Parcels, drops_per_wave: float) -> Seconds:
    """Median seconds that a van is away: loading, out, the drops, and back."""
    rules = policy.promising
    hop = between_drops(policy, drops_per_wave) + rules.service_at_stop
    return round(rules.loading + 2 * drive + drops * hop)


def parcel_cost(prices: Prices, metres: int) -> Cents:
    """The last mile of one parcel: a price an order and a price a road kilometre."""
    return prices.last_mile_per_order + prices.last_mile_per_km * metres // 1000


def truck_cost(prices: Prices, metres: int, units: Units) -> Cents:
    """What the trucks for so many units cost; the last one may be half empty."""
    trucks = -(-units // prices.truck_units)
    return trucks * (prices.truck_fixed + prices.truck_per_km * metres // 1000)
