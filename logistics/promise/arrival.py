"""When a parcel arrives, as one distribution: departure, drive, place on the route, stops.

The parcel is the k-th of n drops, each k as likely, because the router decides that later. The
first drop is a drive away, each next one a short drive and a stop later. All driving is stretched
by one lognormal factor whose P90 is that of observed drives, so a slow day is slow for all drops.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from math import erf, log, sqrt
from typing import TypeAlias

from logistics.units import Seconds

Z90 = 1.2815515655446004
"""The 90th percentile of the standard normal distribution."""
FINEST: Seconds = 5
"""Quantiles are found to so many seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """The distribution of one parcel's arrival."""

    departs_at: datetime
    drive: Seconds
    between: Seconds
    service: Seconds
    drops: int
    p90_factor: float

    def chance_by(self, at: datetime) -> float:
        """The probability that it has arrived by then."""
        return _chance(self._shape, (at - self.departs_at).total_seconds())

    def by_chance(self, share: float) -> datetime:
        """The instant by which it has arrived with that probability."""
        return self.departs_at + timedelta(seconds=_quantile(self._shape, share))

    def with_fewer_drops(self, at: datetime, share: float, fewest: int) -> "Arrival":
        """The same on a route of so few drops, down to the fewest, that it has come by then with that
        probability."""
        late, drops = (at - self.departs_at).total_seconds(), self.drops
        rest = (self.drive, self.between, self.service)
        while drops > fewest and _chance((*rest, drops, self.p90_factor), late) < share:
            drops -= 1
        return self if drops == self.drops else replace(self, drops=drops)

    @property
    def _shape(self) -> "Shape":
        return self.drive, self.between, self.service, self.drops, self.p90_factor


Shape: TypeAlias = tuple[Seconds, Seconds, Seconds, int, float]
"""Drive, between drops, service, drops and P90 factor: all but the departure."""


@lru_cache(maxsize=512)
def _drops(shape: Shape) -> tuple[float, tuple[tuple[Seconds, Seconds], ...]]:
    """How far drives scatter, and of each drop the stops before it and all driving to it."""
    drive, between, service, drops, p90_factor = shape
    legs = ((n * service, max(1, drive + n * between)) for n in range(drops))
    return max(log(p90_factor) / Z90, 1e-6) * sqrt(2), tuple(legs)


def _chance(shape: Shape, seconds: float) -> float:
    """Mean over the drops of Phi(ln((t - stops before) / driving) / sigma)."""
    scale, drops = _drops(shape)
    total = 0.0
    for before, driving in drops:
        if seconds <= before:
            break
        total += 0.5 * (1 + erf(log((seconds - before) / driving) / scale))
    return total / len(drops)


@lru_cache(maxsize=65_536)
def _quantile(shape: Shape, share: float) -> Seconds:
    """Seconds from the departure; kept, because many buyers live equally far from a node."""
    low, high = 0, 3600
    while _chance(shape, high) < share:
        low, high = high, 2 * high
    while high - low > FINEST:
        middle = (low + high) // 2
        low, high = (middle, high) if _chance(shape, middle) < share else (low, middle)
    return high
