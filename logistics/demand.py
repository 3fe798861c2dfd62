"""What we believe will be asked for, as it was published, and what was asked for in vain.

An outlook is written once and never edited; a newer one supersedes it and the older stays
readable. Numbers are orders (floats: an expected 0.3 orders in an hour is a belief, not a parcel).
The product's whole forecast keeps its bands and its causes; of each region the median hours and
the totals are kept, because regions' medians sum to the product's and their bands do not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from forecasting import Forecast, Total
from forecasting.courses import Courses
from forecasting.scenarios import Outlooks, Paths, draw_from, reduce
from forecasting.seasons import Curve
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

    def without(self, hours: int, *kinds: str) -> float:
        """The P50 of the first so many hours as it was before parts of these kinds changed it."""
        changed = sum(sum(part.hourly[:hours]) for part in self.whole.parts if part.kind in kinds)
        return max(sum(self.whole.hourly.p50[:hours]) - changed, 0.0)


def sample_paths(
    outlooks: Sequence[Outlook],
    count: int = 300,
    keep: int = 10,
    seed: int = 0,
    *,
    block_hours: int = 6,
    lines: Mapping[str, str] | None = None,
) -> Paths:
    """Whole futures of a market's products that rise and fall together, reduced to a few.

    Orders (s, p, r, k) by path, product, region and block, with weights; the same outlooks and seed
    give the same paths, so none is kept. `lines` names what products share (a video, a family).
    The outlooks are of one market and begin and end together.
    """
    first = outlooks[0]
    same = all((one.start, one.hours) == (first.start, first.hours) for one in outlooks)
    require(same, "outlooks", "begin and end together")
    cells = tuple(region.cell for region in first.regions)
    kept = Outlooks(
        products=tuple(one.product for one in outlooks),
        regions=cells,
        medians=np.array([[region.hourly for region in one.regions] for one in outlooks]),
        windows=tuple(total.hours for total in first.whole.totals),
        totals=np.array([[(t.p10, t.p50, t.p90) for t in one.whole.totals] for one in outlooks]),
    )
    shared = lines or {}
    named = tuple(shared.get(product, product) for product in kept.products)
    return reduce(draw_from(kept, count, seed, block_hours=block_hours, lines=named), keep)


CHANGE, GATE = "override", "gate"
"""The kinds of the parts of a forecast that planners made, and that its own record did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastOverride:
    """A planner's change to a forecast: so many times the demand of some hours, and why.

    It stops by itself when it expires, or when it is withdrawn; forecasts that rest on it stay.
    """

    id: str
    product: str
    market: str
    factor: float
    starts_at: datetime
    ends_at: datetime
    expires_at: datetime
    made_at: datetime
    author: str
    reason: str
    cell: str | None = None
    """A region of the market; None changes all of it."""
    withdrawn_at: datetime | None = None
    version: int = 1

    def __post_init__(self) -> None:
        """Refuse a change of no hours, and one beyond all measure."""
        require(0 <= self.factor <= MOST_TIMES, "factor", f"lies between 0 and {MOST_TIMES}")
        require(self.starts_at < self.ends_at, "ends_at", "comes after starts_at")

    def counts(self, now: datetime) -> bool:
        """Whether it still changes what is forecast now."""
        return self.withdrawn_at is None and min(self.expires_at, self.ends_at) > now


MOST_TIMES = 100
"""A planner may expect so many times the demand at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What one part of a forecast was to bring to a total: a video, its paid views, or its mood."""

    kind: str
    name: str
    orders: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Believed:
    """One total of a published forecast whose hours are over, and what was asked for in them."""

    outlook: str
    start: datetime
    cell: str
    """"" is the whole market."""
    hours: int
    p10: float
    p50: float
    p90: float
    statistical: float
    """The P50 before planners changed it."""
    chain: float
    """The P50 as the chain said it, before the gate too."""
    naive: float
    """The last day, repeated."""
    actual: float
    parts: tuple[Brought, ...] = ()
    """What videos were to bring, where it is a day everywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """How good the forecasts of one product were, in one place and over one length of time.

    Shares of what was asked for: `wql` is the mean quantile loss, `bias` what was said too much,
    `value_added` the part of the naive forecast's loss that was saved, `override_value_added` the
    part of the statistical median's error that planners' changes saved (None without any),
    `chain_value_added` the part of the naive median's error that the chain itself saved.
    """

    product: str
    cell: str
    hours: int
    outcomes: int
    actual: float
    wape: float
    bias: float
    coverage: float
    """The part that lay within the 80 % band, its edges counted in."""
    coverage_half: float
    """The same with a tie counted half: counts tie often."""
    wql: float
    naive_wql: float
    value_added: float
    override_value_added: float | None
    chain_value_added: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PartTrack:
    """Whether one part of a product's forecasts made its days better, and is used."""

    kind: str
    """`video` (with its paid views and its mood), `paid`, `sentiment`."""
    name: str
    outcomes: int
    value_added: float
    """The part of the median's error, without it, that it saved."""
    used: bool
    """Only while its value added is above 0, once there are outcomes enough to tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """What became of the forecasts of one product in one market: the last outcomes and their scores."""

    id: str
    product: str
    market: str
    learnt_at: datetime
    width: float
    """A factor on the next bands: above 1 after misses, below it after hits."""
    gated: bool
    """Whether the last day repeated was closer than the chain, and stands in for it."""
    tracks: tuple[Track, ...]
    outcomes: tuple[Believed, ...]
    parts: tuple[PartTrack, ...] = ()
    version: int = 1


def accuracy_id(product: str, market: str) -> str:
    """The id of the one record of a product in a market."""
    return f"{product}~{market}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What one product sells in one market on ordinary days: a fitted curve, and whether it is used."""

    id: str
    product: str
    market: str
    fitted_at: datetime
    days: int
    """Ordinary days that it was fitted on."""
    value_added: float
    """The part of the level's error over the last week that the curve, not having seen it, saved."""
    used: bool
    """Only while its value added is above 0."""
    drift: float
    """How far the last week has left it, in standard deviations, when it was fitted anew."""
    curve: Curve
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AttentionModels:
    """Models of attention that a market's own finished videos taught, as text; used because they
    surely beat the courses on videos that they were not learned from."""

    ages: tuple[int, ...]
    """Hours seen that there is a model for."""
    videos: int
    value_added: float
    """The part of the courses' error at those ages, on the videos held out, that was saved."""
    mark: str
    """What the text is known by in decision records, which do not repeat it."""
    content: str = ""

    @property
    def name(self) -> str:
        """What a decision record calls them."""
        return f"attention-{self.mark[:12]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What a market's own finished videos taught of the courses that videos take there."""

    id: str
    """The market's."""
    market: str
    learnt_at: datetime
    videos: int
    value_added: float
    """The part of the priors' error, on the half of the videos not learned from, that was saved."""
    used: bool
    """Only while its value added is above 0."""
    courses: Courses
    attention: AttentionModels | None = None
    """None where there are too few videos, or no age at which models are surely better."""
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """What forecasts of a market would have been at past moments, and how good; asked by a person."""

    id: str
    market: str
    asked_by: str
    asked_at: datetime
    starts_at: datetime
    ends_at: datetime
    every_hours: int
    operation: str
    """Tells how far it is."""
    done_at: datetime | None = None
    tracks: tuple[Track, ...] = ()
    version: int = 1


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
