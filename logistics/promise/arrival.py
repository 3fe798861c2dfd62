"""When a parcel arrives, as one distribution: departure, drive, place on the route, stops.

The parcel is the k-th of n drops, each k as likely, because the router decides that later. The
first drop is a drive away, each next one a short drive and a stop later. All driving is stretched
by one lognormal factor whose P90 is that of observed drives, so a slow day is slow for all drops.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import erf, log, sqrt

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

    @property
    def _sigma(self) -> float:
        return max(log(self.p90_factor) / Z90, 1e-6)

    def chance_by(self, at: datetime) -> float:
        """The probability that it has arrived by then."""
        return self._chance((at - self.departs_at).total_seconds())

    def _chance(self, seconds: float) -> float:
        """Mean over the drops of Phi(ln((t - stops before) / driving) / sigma)."""
        scale, total = self._sigma * sqrt(2), 0.0
        for before in range(self.drops):
            room = seconds - before * self.service
            if room <= 0:
                break
            driving = max(1, self.drive + before * self.between)
            total += 0.5 * (1 + erf(log(room / driving) / scale))
        return total / self.drops

    def by_chance(self, share: float) -> datetime:
        """The instant by which it has arrived with that probability."""
        low, high = 0, 3600
        while self._chance(high) < share:
            low, high = high, 2 * high
        while high - low > FINEST:
            middle = (low + high) // 2
            low, high = (middle, high) if self._chance(middle) < share else (low, middle)
        return self.departs_at + timedelta(seconds=high)
