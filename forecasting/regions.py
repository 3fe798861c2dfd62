"""Where the orders will be: shares of each product by region, and each region's own day.

A share begins as the region's part of the people, leans to where the views come from, and follows
the product's own orders as they arrive (a Dirichlet prior worth `doubt` orders). Shares sum to 1,
so regions always sum to the product. Hours are local: four in the morning in Los Angeles is quiet
whatever New York does.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from forecasting.errors import ImpossibleQuestion
from forecasting.signals import Floats, Ints, hour_at

USUAL_DAY = (
    0.35, 0.20, 0.12, 0.10, 0.10, 0.15, 0.30, 0.55, 0.85, 1.15, 1.40, 1.50,
    1.45, 1.40, 1.45, 1.45, 1.45, 1.40, 1.35, 1.40, 1.50, 1.50, 1.30, 0.85,
)  # fmt: skip
"""Orders by local hour against the mean: a shop's usual day, a prior that nothing bends yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A place that orders come from: an opaque name, its part of the people, its IANA zone."""

    name: str
    population: float = 1.0
    zone: str = "UTC"

    def __post_init__(self) -> None:
        if not self.population >= 0:
            raise ImpossibleQuestion(field="population", reason=f"{self.population} is below zero")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """How fast shares leave the population for what was seen; the defaults are priors."""

    doubt: float = 40.0
    """Orders that the prior shares are worth."""
    views_worth: float = 0.6
    """How far a region's part of the views counts against its part of the people, 0..1."""
    least_views: float = 5000.0
    """Views that must be seen before they count for half of that."""


def shares(
    populations: Floats, views: Floats, orders: Floats, prior: Shares
) -> tuple[Floats, Floats]:
    """Shares of each product by region (p, r), and the sd of log share (p, r).

    `populations` (r,), `views` of the product's videos (p, r), `orders` so far (p, r).
    """
    people = populations / max(populations.sum(), 1e-12)
    seen = views.sum(axis=1, keepdims=True)
    trust = prior.views_worth * seen / (seen + prior.least_views)
    begins = (1 - trust) * people + trust * views / np.maximum(seen, 1e-12)
    told = orders.sum(axis=1, keepdims=True)
    share = (prior.doubt * begins + orders) / (prior.doubt + told)
    share = share / np.maximum(share.sum(axis=1, keepdims=True), 1e-12)
    # of a Dirichlet: var(share) = share (1 - share) / (weight + 1)
    spread = np.sqrt((1 - share) / np.maximum(share, 1e-9) / (prior.doubt + told + 1))
    return share, np.minimum(spread, 1.5)


@lru_cache(maxsize=4096)
def _offset(zone: str, day: int) -> int:
    """Whole hours that a zone is ahead of UTC on a day counted from 1970 (noon)."""
    shift = hour_at(day * 24 + 12).astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
    return round(shift.total_seconds() / 3600)


def rhythm(regions: tuple[Region, ...], profile: Floats, start: int, hours: int) -> Floats:
    """Each region's usual part of its day's orders by hour, (r, t), 1 on average."""
    usual = np.asarray(profile, dtype=np.float64)
    usual = usual / usual.mean()
    rows = {z: usual[hours_of_day(z, start, hours)] for z in {region.zone for region in regions}}
    return np.stack([rows[region.zone] for region in regions])


def hours_of_day(zone: str, start: int, hours: int) -> Ints:
    """The local hour of each of so many hours from an hour since 1970 on, (t,)."""
    when = start + np.arange(hours)
    days = range(start // 24, (start + hours) // 24 + 1)
    ahead = np.array([_offset(zone, day) for day in days])
    local: Ints = (when + ahead[when // 24 - start // 24]) % 24
    return local
