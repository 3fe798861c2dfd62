"""Better openings by trying: open, close, shift or swap one node and serve the periods it changes.

Only for questions in which, the openings given, every period of every path stands alone; then a
move costs a few small transports and not the whole question. The sites tried are those of which
the prices were in two minds.
"""

import time
from collections.abc import Callable, Iterator

import numpy as np

from logistics.placement.frame import Flags, Frame, Ints
from logistics.placement.prices import Market, Prices
from logistics.placement.problem import PlacementProblem
from logistics.placement.sheet import Numbers
from logistics.placement.whole import running_capacity
from routing.effort import Effort

Transport = Callable[[int, int, Ints], int]
"""Least cost of serving path s in period t with so many parcels from each node."""
Stretch = tuple[int, int] | None
"""Periods in which a site runs: from, to (not included); None when it stays shut."""


class Bench:
    """The openings being worked on, and what each period of each path costs with them."""

    def __init__(
        self, problem: PlacementProblem, frame: Frame, runs: Flags, transport: Transport
    ) -> None:
        self.problem, self.frame, self._transport = problem, frame, transport
        self.share = frame.weights / frame.weights.sum()
        self.runs = runs.copy()
        self.market = Market(problem, frame)
        self.capacity = running_capacity(problem, frame, runs)
        paths, periods = frame.demand.shape[0], frame.demand.shape[3]
        self.costs = np.array(
            [[transport(s, t, self.capacity[:, t]) for t in range(periods)] for s in range(paths)],
            float,
        )

    def stretch(self, j: int) -> Stretch:
        """When a site runs."""
        on = np.flatnonzero(self.runs[j])
        return (int(on[0]), int(on[-1]) + 1) if len(on) else None

    def fees(self, j: int, stretch: Stretch) -> float:
        """Fees and steering prices of a stretch."""
        if stretch is None:
            return 0.0
        start, end = stretch
        return float(self.market.entry[j, start] + self.frame.rent[j, start:end].sum())

    def allowed(self, j: int, stretch: Stretch) -> bool:
        """Whether a site may run so: its lead, its term, its pin."""
        if stretch is None:
            return not self.market.forced[j]
        start, end = stretch
        fits = 0 <= start < end <= self.runs.shape[1] and bool(self.frame.may_start[j, start])
        return fits and end >= self.market.earliest_end[j, start]

    def attempt(self, moves: dict[int, Stretch]) -> float:
        """Make the moves if they save something; returns what is saved, zero when nothing is."""
        runs, delta = self.runs.copy(), 0.0
        for j, stretch in moves.items():
            if not self.allowed(j, stretch):
                return 0.0
            delta += self.fees(j, stretch) - self.fees(j, self.stretch(j))
            runs[j] = False
            if stretch is not None:
                runs[j, stretch[0] : stretch[1]] = True
        most = self.market.most_open
        if most is not None and runs.any(axis=1).sum() > most:
            return 0.0
        capacity = running_capacity(self.problem, self.frame, runs)
        costs, ample = self.costs.copy(), float(self.costs.sum())
        for t in np.flatnonzero((capacity != self.capacity).any(axis=0)):
            for s in range(len(self.share)):
                costs[s, t] = self._transport(s, int(t), capacity[:, t])
                delta += self.share[s] * (costs[s, t] - self.costs[s, t])
            if delta > ample:
                return 0.0
        if delta >= -0.5:
            return 0.0
        self.runs, self.capacity, self.costs = runs, capacity, costs
        return -delta


def polish(bench: Bench, prices: Prices, effort: Effort) -> Flags:
    """Try moves until none saves anything or the effort ends; a step is one move tried."""
    began, tried = time.monotonic(), 0
    draw = np.random.default_rng(effort.seed)
    while True:
        saved = 0.0
        for moves in _moves(bench, prices, draw):
            over = time.monotonic() - began > effort.at_most
            if over or (effort.steps is not None and tried >= effort.steps):
                return bench.runs
            tried += 1
            saved += bench.attempt(moves)
        if saved <= 0:
            return bench.runs


def _moves(bench: Bench, prices: Prices, draw: np.random.Generator) -> Iterator[dict[int, Stretch]]:
    """Open or close what the prices doubt, then shift starts and ends, then swap neighbours."""
    ran = prices.ran.max(axis=1, initial=0.0)
    doubtful = draw.permutation(np.flatnonzero((ran > 0.02) & (ran < 0.98)))
    for j in doubtful.tolist():
        if bench.stretch(j) is not None:
            yield {j: None}
        elif (usual := _usual(prices.ran[j])) is not None:
            yield {j: usual}
    if bench.runs.shape[1] > 1:
        for j in draw.permutation(np.flatnonzero(ran > 0.02)).tolist():
            for early, late in ((0, -1), (1, 0), (0, 1), (-1, 0)):
                if (now := bench.stretch(j)) is not None:
                    yield {j: (now[0] + early, now[1] + late)}
    near = _overlap(bench.frame)
    for j in draw.permutation(np.flatnonzero((ran > 0.02) & bench.runs.any(axis=1))).tolist():
        rivals = np.flatnonzero((near[j] > 0) & (ran > 0.02) & ~bench.runs.any(axis=1))
        for k in rivals[np.argsort(-near[j][rivals], kind="stable")][:3].tolist():
            if bench.stretch(j) is not None and (usual := _usual(prices.ran[k])) is not None:
                yield {j: None, k: usual}


def _usual(ran: Numbers) -> Stretch:
    """The stretch in which a site ran at least half as often as in its best period."""
    on = np.flatnonzero(ran >= 0.5 * ran.max())
    return (int(on[0]), int(on[-1]) + 1) if ran.max() > 0 else None


def _overlap(frame: Frame) -> Numbers:
    """How much demand two sites both reach, [j, j]."""
    wanted = frame.demand.sum(axis=(0, 1, 3)).astype(float)
    reach = np.zeros((frame.sites, len(wanted)))
    own = frame.leg_node < frame.sites
    reach[frame.leg_node[own], frame.leg_cell[own]] = 1.0
    both: Numbers = (reach * wanted) @ reach.T
    np.fill_diagonal(both, 0.0)
    return both
