"""A question asked of several futures instead of one.

A question is written for what is expected, with all that makes orders eligible already in it. Sample
paths (`logistics.demand.sample_paths`) say how products and areas may come out together. Each series
of the question follows its product and cell along every path, in the proportion in which that path
differs from the mean of all. The mean over the paths stays what the question expects, but for
rounding. What is shipped before the review is the same on every path, what leaves later is not.
"""

from dataclasses import replace

import numpy as np

from forecasting.scenarios import Paths
from logistics.errors import require
from logistics.placement.frame import Ints
from logistics.placement.problem import PlacementProblem, SamplePath, Series
from logistics.placement.sheet import Numbers
from logistics.units import Seconds

WEIGHTS = 1_000
"""Weights are whole: thousandths."""


def along(problem: PlacementProblem, paths: Paths, since: Seconds = 0) -> PlacementProblem:
    """The question with the paths in place of its one; `since` is how long ago the paths began.

    A product or a cell that the paths do not know is the same on all of them, and so is what lies
    beyond their end.
    """
    require(len(problem.paths) == 1, "paths", f"the question has {len(problem.paths)} already")
    factors = _factors(problem, paths, since)
    products = {name: p for p, name in enumerate(paths.products)}
    cells = {name: r for r, name in enumerate(paths.regions)}
    futures = []
    for s, weight in enumerate(paths.weights.tolist()):
        rows = []
        for row in problem.paths[0].demand:
            if row.product in products and row.cell in cells:
                factor = factors[s, products[row.product], cells[row.cell]]
                parcels = _whole(np.array(row.parcels) * factor)
                rows.append(replace(row, parcels=tuple(parcels.tolist())))
            else:
                rows.append(row)
        futures.append(_path(s, weight, rows))
    return replace(problem, paths=tuple(futures))


def _path(s: int, weight: float, rows: list[Series]) -> SamplePath:
    return SamplePath(name=f"path {s}", demand=tuple(rows), weight=max(1, round(WEIGHTS * weight)))


def _factors(problem: PlacementProblem, paths: Paths, since: Seconds) -> Numbers:
    """How many times the mean comes on each path, [s, p, r, t]."""
    block, blocks = 3600 * paths.block_hours, paths.orders.shape[3]
    found = np.ones((*paths.orders.shape[:3], len(problem.periods)))
    for t, period in enumerate(problem.periods):
        first = (period.start + since) // block
        last = max(first + 1, (period.start + since + period.seconds) // block)
        if first >= blocks:
            continue
        orders = paths.orders[:, :, :, first:last].sum(axis=3)
        mean = np.einsum("spr,s->pr", orders, paths.weights) / paths.weights.sum()
        np.divide(orders, mean, out=found[:, :, :, t], where=mean > 0)
    return found


def _whole(parcels: Numbers) -> Ints:
    """Whole parcels whose sums up to each period are off by no more than a half."""
    sums = np.floor(np.cumsum(parcels) + 0.5).astype(np.int64)
    whole: Ints = np.diff(sums, prepend=0)
    return whole
