"""Whole futures instead of bands: sample paths that rise and fall together, reduced to a few.

A node is placed for demand that comes jointly: when a video takes off, all its regions do. Paths
are drawn with a Gaussian copula: one normal number per product line, one per neighbourhood, one per
day and one of each path's own, in stated proportions, move the logs of the rates; counts are then
Poisson. The few that stand for the many are chosen by fast forward selection (Heitsch & Roemisch,
2003). Which regions are neighbours comes in as data. The same seed draws the same paths.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from forecasting.errors import ImpossibleQuestion
from forecasting.forecast import Forecasts
from forecasting.signals import Floats, Ints

_Z90 = 1.2815515655446004


@dataclass(frozen=True, slots=True, kw_only=True)
class Factors:
    """Parts of the variance that are shared; what is left is each block's own."""

    line: float = 0.55
    """By products of one line (the same video), everywhere and always."""
    neighbourhood: float = 0.15
    day: float = 0.15

    def __post_init__(self) -> None:
        if (
            min(self.line, self.neighbourhood, self.day) < 0
            or self.line + self.neighbourhood + self.day > 1
        ):
            raise ImpossibleQuestion(field="factors", reason="parts of a variance sum to at most 1")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Paths:
    """Drawn futures: orders (s, p, r, k) in blocks of `block_hours`, and how likely each is (s,)."""

    products: tuple[str, ...]
    regions: tuple[str, ...]
    block_hours: int
    orders: npt.NDArray[np.int64]
    weights: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outlooks:
    """What paths are drawn from: medians by region, and the totals of each product.

    `medians` (p, r, h) orders an hour, `windows` (w,) the hours of the totals, `totals` (p, w, 3)
    their quantiles everywhere.
    """

    products: tuple[str, ...]
    regions: tuple[str, ...]
    medians: Floats
    windows: tuple[int, ...]
    totals: Floats


def draw(
    forecasts: Forecasts,
    count: int = 300,
    seed: int = 0,
    *,
    block_hours: int = 6,
    lines: tuple[str, ...] | None = None,
    neighbourhoods: tuple[str, ...] | None = None,
    factors: Factors | None = None,
) -> Paths:
    """Draw `count` equally likely paths of a forecast.

    `lines` names the product line of each product and `neighbourhoods` the neighbourhood of each
    region (each its own where not given). Hours that fill no whole block are left out.
    """
    outlooks = Outlooks(
        products=forecasts.products,
        regions=forecasts.regions,
        medians=forecasts.steps[:, :-1, :, 1],
        windows=forecasts.windows,
        totals=forecasts.totals[:, -1],
    )
    return draw_from(
        outlooks, count, seed, block_hours=block_hours, lines=lines,
        neighbourhoods=neighbourhoods, factors=factors,
    )  # fmt: skip


def draw_from(
    outlooks: Outlooks,
    count: int = 300,
    seed: int = 0,
    *,
    block_hours: int = 6,
    lines: tuple[str, ...] | None = None,
    neighbourhoods: tuple[str, ...] | None = None,
    factors: Factors | None = None,
) -> Paths:
    """The same from what is kept of a forecast."""
    parts = factors or Factors()
    medians = outlooks.medians
    products, regions, hours = medians.shape
    blocks = hours // block_hours
    if not blocks or count < 1:
        raise ImpossibleQuestion(
            field="block_hours", reason=f"{hours} h hold no block of {block_hours} h"
        )
    rate = (
        medians[:, :, : blocks * block_hours]
        .reshape(products, regions, blocks, block_hours)
        .sum(axis=3)
    )
    line = _numbers(lines or outlooks.products)
    place = _numbers(neighbourhoods or outlooks.regions)
    day = np.arange(blocks) * block_hours // 24
    z = _moved(np.random.default_rng(seed), (count, *rate.shape), line, place, day, parts)
    total = _spread(outlooks, blocks, block_hours)
    spread = total * _evened(rate, place, day, parts)
    # what is not shared evens out to its mean, and the total's median must stay where it is
    above = 0.5 * (spread**2 - total**2)
    rng = np.random.default_rng([seed, 1])
    orders = rng.poisson(np.minimum(rate * np.exp(spread * z - above), 1e9))
    return Paths(
        products=outlooks.products,
        regions=outlooks.regions,
        block_hours=block_hours,
        orders=orders,
        weights=np.full(count, 1 / count),
    )


def _moved(
    rng: np.random.Generator,
    shape: tuple[int, ...],
    line: Ints,
    place: Ints,
    day: Ints,
    parts: Factors,
) -> Floats:
    """Standard normal numbers by path, product, region and block, in part shared."""
    count, products = shape[:2]
    own = max(1 - parts.line - parts.neighbourhood - parts.day, 0.0)
    by_line = rng.normal(size=(count, int(line.max(initial=0)) + 1))[:, line, None, None]
    near = rng.normal(size=(count, products, int(place.max(initial=0)) + 1))[:, :, place, None]
    daily = rng.normal(size=(count, int(day[-1]) + 1))[:, None, None, day]
    moved: Floats = (
        np.sqrt(parts.line) * by_line
        + np.sqrt(parts.neighbourhood) * near
        + np.sqrt(parts.day) * daily
        + np.sqrt(own) * rng.normal(size=shape)
    )
    return moved


def _evened(rate: Floats, place: Ints, day: Ints, parts: Factors) -> Floats:
    """By how much blocks must scatter more than totals, because what is not shared evens out.

    (p, 1, 1); to first order in the logs, so that a total's paths scatter as its band says.
    """
    share = rate / np.maximum(rate.sum(axis=(1, 2), keepdims=True), 1e-12)
    near = np.stack([share[:, place == n].sum(axis=(1, 2)) for n in np.unique(place)], axis=1)
    days = np.stack([share[:, :, day == n].sum(axis=(1, 2)) for n in np.unique(day)], axis=1)
    own = max(1 - parts.line - parts.neighbourhood - parts.day, 0.0)
    kept = (
        parts.line
        + parts.neighbourhood * (near**2).sum(axis=1)
        + parts.day * (days**2).sum(axis=1)
        + own * (share**2).sum(axis=(1, 2))
    )
    evened: Floats = 1 / np.sqrt(np.maximum(kept, 0.25))
    return evened[:, None, None]


def _numbers(names: tuple[str, ...]) -> Ints:
    return np.unique(np.array(names, dtype=str), return_inverse=True)[1].astype(np.int64)


def _spread(outlooks: Outlooks, blocks: int, block_hours: int) -> Floats:
    """Sd of the log rate by product, region and block, without the noise of counting: (p, r, k).

    It comes from the totals' bands (hours' bands hold noise that evens out), read at each block's end.
    """
    low, mid, high = (outlooks.totals[:, :, i] for i in range(3))
    sure = np.maximum(mid, 1e-9)
    wide = np.log((high + 0.5) / (np.maximum(low, 0) + 0.5)) / (2 * _Z90)
    counting = 1 / np.maximum(sure, 1.0)
    sd = np.sqrt(np.maximum(wide**2 - counting, 0.01))
    ends = np.log((np.arange(blocks) + 1.0) * block_hours)
    known = np.log(np.array(outlooks.windows, dtype=np.float64))
    by_end = (
        np.stack([np.interp(ends, known, row) for row in sd])
        if len(known)
        else np.full((len(sd), blocks), 0.5)
    )
    return np.repeat(by_end[:, None, :], len(outlooks.regions), axis=1)


def reduce(paths: Paths, keep: int) -> Paths:
    """The `keep` paths that stand best for all, weighted by those that they stand for.

    Distances are between square roots of orders, so that a quiet region counts beside a loud one.
    """
    count = len(paths.weights)
    if keep >= count:
        return paths
    flat = np.sqrt(paths.orders.reshape(count, -1).astype(np.float64))
    square = (flat**2).sum(axis=1)
    apart = np.sqrt(np.maximum(square[:, None] + square[None, :] - 2 * flat @ flat.T, 0.0))
    nearest = np.full(count, np.inf)
    chosen: list[int] = []
    for _ in range(keep):
        costs = paths.weights @ np.minimum(nearest[:, None], apart)
        costs[chosen] = np.inf
        chosen.append(int(costs.argmin()))
        nearest = np.minimum(nearest, apart[:, chosen[-1]])
    stands_for = apart[:, chosen].argmin(axis=1)
    return Paths(
        products=paths.products,
        regions=paths.regions,
        block_hours=paths.block_hours,
        orders=paths.orders[chosen],
        weights=np.bincount(stands_for, paths.weights, keep).astype(np.float64),
    )
