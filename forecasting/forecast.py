"""What we believe will be asked for: each hour from P10 to P90, and each total with a band of its own.

The quantiles of a total are never the sum of the hours' quantiles: those are far too wide. Medians
are coherent: the regions' P50 sum to the product's. They are rates (0.3 orders in an hour is a
median here), so that they add up. All numbers are orders, at least 0, and never cross.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from forecasting.errors import ImpossibleQuestion

Floats = npt.NDArray[np.float64]

LEVELS = (0.1, 0.5, 0.9)
TOTALS = (6, 24, 72, 168)
"""Hours over which a total has quantiles of its own: a shift, a day, three days, a week."""
Z = 1.2815515655446004
"""The standard normal's P90."""
LEAST_SPREAD = 0.05
"""Sd of the log of a count at least."""
SURGE = 1.5
"""What comes is a surge where it is so many times what came lately."""
EVERYWHERE = ""
"""The region of a forecast of the whole product."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Quantiles of each hour, in orders; the three are equally long."""

    p10: tuple[float, ...]
    p50: tuple[float, ...]
    p90: tuple[float, ...]

    def __post_init__(self) -> None:
        if not len(self.p10) == len(self.p50) == len(self.p90):
            raise ImpossibleQuestion(field="band", reason="its quantiles are not equally long")


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """Quantiles of all orders over the first so many hours."""

    hours: int
    p10: float
    p50: float
    p90: float

    def chance_above(self, orders: float) -> float:
        """The chance that more than so many orders come."""
        return float(chance_above(np.array([self.p10, self.p50, self.p90]), np.array(orders)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One cause of the P50, hour by hour; the parts of a forecast sum to its P50."""

    kind: str
    """`baseline`, `video`, `paid`, `sentiment`, `taken`, `gate` or `override`."""
    name: str
    """Of what: the video, the sibling product, the override; "" for the baseline."""
    hourly: tuple[float, ...]
    words: str
    """The cause for a planner: "+340 orders in 24 h: video V1, 1.2 M views so far"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """One product in one region ("" is everywhere), from `start` on, as believed at `made_at`."""

    product: str
    region: str
    made_at: datetime
    start: datetime
    basis: str
    """`category_prior`, `own_conversion`, `own_history`: what the level rests on."""
    hourly: Band
    totals: tuple[Total, ...]
    parts: tuple[Part, ...]

    @property
    def ends(self) -> datetime:
        """The end of the last hour."""
        return self.start + timedelta(hours=len(self.hourly.p50))

    def total(self, hours: int) -> Total:
        """The total over the first so many hours; refused where none was made."""
        for total in self.totals:
            if total.hours == hours:
                return total
        raise ImpossibleQuestion(field="hours", reason=f"no total over {hours} h was made")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cause:
    """One part of one product in all regions: (r, h) orders of the P50."""

    kind: str
    name: str
    hourly: Floats
    words: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forecasts:
    """All products in all regions, as arrays; `of` cuts the small value that is kept and sent.

    `steps` (p, r + 1, h, 3) and `totals` (p, r + 1, w, 3) hold the quantiles by region, the last
    row the whole product; `windows` (w) are the hours of each total; `causes` one tuple a product.
    """

    made_at: datetime
    start: datetime
    products: tuple[str, ...]
    regions: tuple[str, ...]
    bases: tuple[str, ...]
    steps: Floats
    windows: tuple[int, ...]
    totals: Floats
    causes: tuple[tuple[Cause, ...], ...]

    def __post_init__(self) -> None:
        for name, grid in (("steps", self.steps), ("totals", self.totals)):
            if (
                not np.isfinite(grid).all()
                or (grid < 0).any()
                or (np.diff(grid, axis=-1) < 0).any()
            ):
                raise ImpossibleQuestion(field=name, reason="quantiles cross, or are no numbers")

    def of(self, product: str, region: str = EVERYWHERE) -> Forecast:
        """The forecast of one product in one region, or everywhere."""
        p = _place(self.products, product, "product")
        r = len(self.regions) if region == EVERYWHERE else _place(self.regions, region, "region")
        low, mid, high = (tuple(q) for q in np.round(self.steps[p, r], 4).T.tolist())
        return Forecast(
            product=product,
            region=region,
            made_at=self.made_at,
            start=self.start,
            basis=self.bases[p],
            hourly=Band(p10=low, p50=mid, p90=high),
            totals=tuple(
                Total(hours=hours, p10=q[0], p50=q[1], p90=q[2])
                for hours, q in zip(
                    self.windows, np.round(self.totals[p, r], 4).tolist(), strict=True
                )
            ),
            parts=tuple(self._part(cause, r) for cause in self.causes[p]),
        )

    def _part(self, cause: Cause, r: int) -> Part:
        hourly = cause.hourly.sum(axis=0) if r == len(self.regions) else cause.hourly[r]
        values = tuple(np.round(hourly, 4).tolist())
        words = f"{sum(values[:24]):+,.0f} orders in 24 h: {cause.words}"
        return Part(kind=cause.kind, name=cause.name, hourly=values, words=words)

    def all(self) -> tuple[Forecast, ...]:
        """Every product in every region, and everywhere."""
        places = (*self.regions, EVERYWHERE)
        return tuple(self.of(product, place) for product in self.products for place in places)


def _place(names: tuple[str, ...], name: str, kind: str) -> int:
    if name not in names:
        raise ImpossibleQuestion(field=kind, reason=f"{name!r} is not in this forecast")
    return names.index(name)


def ordered(quantiles: Floats) -> Floats:
    """The same quantiles (..., 3), never negative and never crossing; the median stays."""
    mid = np.maximum(quantiles[..., 1], 0.0)
    low = np.clip(quantiles[..., 0], 0.0, mid)
    high = np.maximum(quantiles[..., 2], mid)
    return np.stack([low, mid, high], axis=-1)


def chance_above(quantiles: Floats, counts: Floats) -> Floats:
    """The chance (...) that more than so many counts (...) come, by their quantiles (..., 3).

    Logs of counts are taken for normal on each side of their median, with the sd that the side
    has; a band of no width still leaves what a single count scatters.
    """
    low, mid, high = (np.log1p(quantiles[..., i]) for i in range(3))
    beyond = np.log1p(counts) - mid
    side = np.where(beyond > 0, high - mid, mid - low) / Z
    chance: Floats = ndtr(-beyond / np.maximum(side, LEAST_SPREAD))
    return chance
