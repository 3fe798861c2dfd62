"""The departures of a market's vans: their grid, and how many parcels still find room on each.

Departures ("waves") stand on a grid of elapsed time, and their room belongs to the market: its
vans are not bound to a node. A van that leaves on one departure is away for those within a tour of
it, so what rides on all departures of any one tour's time together fits the vans there are.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from logistics.carriers import Vehicle
from logistics.clocks import spans
from logistics.orders import Order
from logistics.policy import DAY, Policy
from logistics.units import Parcels, Seconds

AHEAD: Seconds = 2 * DAY
"""How far departures are looked at."""
NOBODY_KNOWN: Mapping[str, float] = {}
"""No carrier has a record: each is taken by its word."""


def tour(policy: Policy) -> timedelta:
    """How long a usual route takes from loading to the return."""
    rules = policy.promising
    drops = rules.drops_per_route * (rules.between_drops + rules.service_at_stop)
    return timedelta(seconds=rules.loading + 2 * rules.ideal_drive + drops)


def wave_grid(every: Seconds, at: datetime) -> datetime:
    """The first departure of the grid at or after an instant."""
    seconds = int(-(-at.timestamp() // every)) * every
    return datetime.fromtimestamp(seconds, UTC)


def able(
    zone: str,
    vans: Iterable[Vehicle],
    policy: Policy,
    waves: Sequence[datetime],
    takes: Mapping[str, float] = NOBODY_KNOWN,
) -> dict[datetime, Parcels]:
    """For each departure, in order of time, the drops of all vans that could leave then and end a
    tour within their shift.

    `takes` tells of each carrier which share of its offers it takes: its vans count for as much.
    """
    drops: dict[tuple[int, int], float] = defaultdict(float)
    for van in vans:
        shift = (van.shift_from_hour, van.shift_until_hour)
        carried = min(van.parcels, policy.promising.drops_per_route)
        drops[shift] += carried * takes.get(van.carrier, 1.0)
    length, days = tour(policy), (waves[-1] - waves[0]).days + 2
    rooms = [0.0] * len(waves)
    for shift, places in drops.items():
        fit: set[int] = set()
        for start, end in spans(zone, shift, waves[0], days):
            fit.update(range(bisect_left(waves, start), bisect_right(waves, end - length)))
        for n in fit:
            rooms[n] += places
    return {wave: int(room) for wave, room in zip(waves, rooms, strict=True)}


def even_places(
    zone: str, vans: Iterable[Vehicle], policy: Policy, waves: Sequence[datetime]
) -> dict[datetime, Parcels]:
    """The places on departures where each takes its even share, as plans far ahead assume."""
    share = min(1.0, timedelta(seconds=policy.promising.wave_every) / tour(policy))
    return {wave: int(room * share) for wave, room in able(zone, vans, policy, waves).items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Departures:
    """What could ride and what rides on the departures of one market."""

    able: dict[datetime, Parcels]
    """The drops of all vans that could leave on each departure to come."""
    taken: dict[datetime, Parcels]
    """The parcels that ride on each departure, those of vans still away included."""
    tour: timedelta

    def room(self, held: Mapping[datetime, Parcels]) -> dict[datetime, Parcels]:
        """The room of every departure to come, less what open quotes hold: that of the busiest
        stretch of one tour that it falls into."""
        speak_for = dict(self.taken)
        for at, parcels in held.items():
            speak_for[at] = speak_for.get(at, 0) + parcels
        times = sorted(at for at, parcels in speak_for.items() if parcels)
        before = [0, *accumulate(speak_for[at] for at in times)]

        def riding(start: datetime) -> Parcels:
            """The parcels of the tour's time from an instant on."""
            return before[bisect_left(times, start + self.tour)] - before[bisect_left(times, start)]

        left = {}
        for wave, drops in self.able.items():
            near = times[bisect_right(times, wave - self.tour) : bisect_left(times, wave)]
            left[wave] = max(0, drops - max(map(riding, (wave, *near))))
        return left


def departures_of(
    zone: str,
    vans: Iterable[Vehicle],
    riding: Iterable[Order],
    policy: Policy,
    now: datetime,
    takes: Mapping[str, float] = NOBODY_KNOWN,
) -> Departures:
    """The departures to come, as the shifts of the market's vans allow.

    `riding` are the orders that have, or had, a place on one; those that missed theirs ride on the
    first one to come. `takes` is the share of its offers that each carrier takes.
    """
    every = policy.promising.wave_every
    waves = [wave_grid(every, now)]
    while waves[-1] <= now + timedelta(seconds=AHEAD):
        waves.append(waves[-1] + timedelta(seconds=every))
    to_come = {
        wave: drops for wave, drops in able(zone, vans, policy, waves, takes).items() if drops
    }
    taken: Counter[datetime] = Counter()
    for order in riding:
        if order.wave_at is not None:
            missed = order.wave_at < waves[0] and order.route is None
            taken[next(iter(to_come), waves[0]) if missed else order.wave_at] += 1
    return Departures(able=to_come, taken=dict(taken), tour=tour(policy))
