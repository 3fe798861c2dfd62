"""What we believe will be asked for, as it was published, and what was asked for in vain.

An outlook is written once and never edited; a newer one supersedes it and the older stays
readable. Numbers are orders (floats: an expected 0.3 orders in an hour is a belief, not a parcel).
The product's whole forecast keeps its bands and its causes; of each region the median hours and
the totals are kept, because regions' medians sum to the product's and their bands do not.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from forecasting import Forecast, Total
from logistics.errors import require

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionOutlook:
    """The part of an outlook that falls to one region of the market."""

    cell: str
    hourly: tuple[float, ...]
    """P50 of each hour from the outlook's start, in orders."""
    totals: tuple[Total, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """The published forecast of one product in one market."""

    id: str
    product: str
    market: str
    made_at: datetime
    start: datetime
    """The whole hour with which the forecast begins."""
    hours: int
    basis: str
    """What the level rests on: `category_prior` for a product with no history."""
    whole: Forecast
    """Everywhere in the market, with bands, totals and causes."""
    regions: tuple[RegionOutlook, ...]
    decision: str
    """The decision record that keeps the inputs."""
    supersedes: str | None = None

    def __post_init__(self) -> None:
        """Refuse an outlook whose parts are not equally long."""
        require(len(self.whole.hourly.p50) == self.hours, "whole", f"has {self.hours} hours")
        even = all(len(region.hourly) == self.hours for region in self.regions)
        require(even, "regions", f"have {self.hours} hours each")

    def expected(self, since: datetime, until: datetime) -> float:
        """The P50 of the orders between two moments everywhere, hours cut by the part that lies in."""
        opens = max(0.0, (since - self.start) / HOUR)
        closes = min(float(self.hours), (until - self.start) / HOUR)
        first, hourly = int(opens), self.whole.hourly.p50
        parts = (
            hourly[i] * (min(i + 1, closes) - max(i, opens))
            for i in range(first, self.hours)
            if i < closes
        )
        return sum(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class LostDemand:
    """Units asked for in one hour that could not be promised: demand too, never a zero."""

    id: str
    product: str
    market: str
    cell: str
    hour: datetime
    units: int
    version: int = 1


def lost_demand_id(product: str, market: str, cell: str, hour: datetime) -> str:
    """The id of the one count of a product, region and hour."""
    return f"{product}~{market}~{cell}~{hour:%Y%m%d%H}"
