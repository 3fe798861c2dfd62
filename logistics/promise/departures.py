"""The departures of a market's vans: their grid, and how many parcels still find room on each.

Departures ("waves") stand on a grid of elapsed time, and their room belongs to the market: its
vans are not bound to a node. A van that leaves on one departure is away for those within a tour of
it, so what rides on all departures of any one tour's time together fits the vans there are.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from logistics.carriers import Vehicle
from logistics.clocks import spans
from logistics.orders import Order
from logistics.policy import DAY, Policy
from logistics.units import Parcels, Seconds

AHEAD: Seconds = 2 * DAY
"""How far departures are looked at."""


def tour(policy: Policy) -> timedelta:
    """How long a usual route takes from loading to the return."""
    rules = policy.promising
    drops = rules.drops_per_route * (rules.between_drops + rules.service_at_stop)
    return timedelta(seconds=rules.loading + 2 * rules.ideal_drive + drops)


def wave_grid(every: Seconds, at: datetime) -> datetime:
    """The first departure of the grid at or after an instant."""
    seconds = int(-(-at.timestamp() // every)) * every
    return datetime.fromtimestamp(seconds, UTC)


def able_at(zone: str, vans: Iterable[Vehicle], policy: Policy, wave: datetime) -> Parcels:
    """The drops of all vans that could leave then and end a tour within their shift."""
    length = tour(policy)
    drops: Counter[tuple[int, int]] = Counter()
    for van in vans:
        shift = (van.shift_from_hour, van.shift_until_hour)
        drops[shift] += min(van.parcels, policy.promising.drops_per_route)
    return sum(
        places
        for shift, places in drops.items()
        if any(start <= wave and wave + length <= end for start, end in spans(zone, shift, wave, 1))
    )


def places_at(zone: str, vans: Iterable[Vehicle], policy: Policy, wave: datetime) -> Parcels:
    """The places on one departure where each takes its even share, as plans far ahead assume."""
    share = timedelta(seconds=policy.promising.wave_every) / tour(policy)
    return int(able_at(zone, vans, policy, wave) * min(1.0, share))


@dataclass(frozen=True, slots=True, kw_only=True)
class Departures:
    """What could ride and what rides on the departures of one market."""

    able: dict[datetime, Parcels]
    """The drops of all vans that could leave on each departure to come."""
    taken: dict[datetime, Parcels]
    """The parcels that ride on each departure, those of vans still away included."""
    tour: timedelta

    def room(self, held: Mapping[datetime, Parcels]) -> dict[datetime, Parcels]:
        """The room of every departure to come, less what open quotes hold."""
        speak_for = Counter(self.taken)
        speak_for.update(held)
        return {wave: self._left(wave, speak_for) for wave in self.able}

    def _left(self, wave: datetime, speak_for: Mapping[datetime, Parcels]) -> Parcels:
        """The least room of any stretch of one tour that the departure falls into."""
        near = {at: n for at, n in speak_for.items() if n and abs(at - wave) < self.tour}
        starts = [wave, *(at for at in near if at < wave)]
        busiest = max(
            sum(n for at, n in near.items() if start <= at < start + self.tour) for start in starts
        )
        return max(0, self.able[wave] - busiest)


def departures_of(
    zone: str, vans: Iterable[Vehicle], riding: Iterable[Order], policy: Policy, now: datetime
) -> Departures:
    """The departures to come, as the shifts of the market's vans allow.

    `riding` are the orders that have, or had, a place on one; those that missed theirs ride on the
    first one to come.
    """
    known, every = tuple(vans), policy.promising.wave_every
    waves = [wave_grid(every, now)]
    while waves[-1] <= now + timedelta(seconds=AHEAD):
        waves.append(waves[-1] + timedelta(seconds=every))
    able = {wave: able_at(zone, known, policy, wave) for wave in waves}
    to_come = {wave: drops for wave, drops in able.items() if drops}
    taken: Counter[datetime] = Counter()
    for order in riding:
        if order.wave_at is not None:
            missed = order.wave_at < waves[0] and order.route is None
            taken[next(iter(to_come), waves[0]) if missed else order.wave_at] += 1
    return Departures(able=to_come, taken=dict(taken), tour=tour(policy))
