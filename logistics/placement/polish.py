"""Better openings by trying: open, close, shift or swap one node and serve the periods it changes.

Only for questions in which, the openings given, every period of every path stands alone; then a
move costs a few small transports and not the whole question: those of the periods that it changes,
among the nodes that have cells in common, directly or through others. The sites tried are those of
which the prices were in two minds.
"""

import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from logistics.placement.frame import Flags, Frame, Ints
from logistics.placement.prices import Market, Prices
from logistics.placement.problem import PlacementProblem
from logistics.placement.sheet import Numbers
from logistics.placement.whole import capacity_of, running_capacity
from routing.effort import Effort

Transport = Callable[[int, int, Ints], int]
"""Least cost of serving path s in period t, in some part, with so many parcels from each node."""
Stretch = tuple[int, int] | None
"""Periods in which a site runs: from, to (not included); None when it stays shut."""


def parts(frame: Frame) -> tuple[Ints, Ints]:
    """Number what hangs together, [n] and [i]: nodes and cells of one part share no leg with others."""
    nodes, cells = len(frame.capacity), frame.demand.shape[2]
    useful = frame.leg_kept & (frame.leg_cost < frame.late.max(initial=0))
    legs = (frame.leg_node[useful], nodes + frame.leg_cell[useful])
    size = nodes + cells
    graph = coo_matrix((np.ones(len(legs[0])), legs), (size, size))
    label = connected_components(graph, directed=False)[1].astype(np.int64)
    return label[:nodes], label[nodes:]


class Bench:
    """The openings being worked on, and what each period of each path costs with them in each part."""

    def __init__(
        self,
        problem: PlacementProblem,
        frame: Frame,
        runs: Flags,
        part: Ints,
        transports: Sequence[Transport],
    ) -> None:
        self.problem, self.frame = problem, frame
        self.part, self._transports = part, transports
        self.share = frame.weights / frame.weights.sum()
        self.runs = runs.copy()
        self.market = Market(problem, frame)
        self.capacity = running_capacity(problem, frame, runs)
        paths, periods = frame.demand.shape[0], frame.demand.shape[3]
        self.costs = np.zeros((paths, periods, len(transports)))
        for s, t, c in np.ndindex(self.costs.shape):
            self.costs[s, t, c] = transports[c](s, t, self.capacity[:, t])

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
        runs, capacity, delta = self.runs.copy(), self.capacity.copy(), 0.0
        for j, stretch in moves.items():
            if not self.allowed(j, stretch):
                return 0.0
            delta += self.fees(j, stretch) - self.fees(j, self.stretch(j))
            runs[j] = False
            if stretch is not None:
                runs[j, stretch[0] : stretch[1]] = True
            capacity[j] = capacity_of(self.problem, self.frame, j, runs[j])
        most = self.market.most_open
        if most is not None and runs.any(axis=1).sum() > most:
            return 0.0
        changed = capacity != self.capacity
        here = np.unique(self.part[list(moves)])
        ample = float(self.costs[:, :, here].sum())
        news = []
        for t in np.flatnonzero(changed.any(axis=0)).tolist():
            for c in np.unique(self.part[changed[:, t]]).tolist():
                for s in range(len(self.share)):
                    cost = self._transports[c](s, t, capacity[:, t])
                    news.append((s, t, c, cost))
                    delta += self.share[s] * (cost - self.costs[s, t, c])
            if delta > ample:
                return 0.0
        if delta >= -0.5:
            return 0.0
        self.runs, self.capacity = runs, capacity
        for s, t, c, cost in news:
            self.costs[s, t, c] = cost
        return -delta

    def follow(self, runs: Flags, sites: Flags) -> float:
        """Run these sites as somebody says if that saves something; returns what is saved."""
        moves: dict[int, Stretch] = {}
        for j in np.flatnonzero((runs != self.runs).any(axis=1) & sites).tolist():
            on = np.flatnonzero(runs[j])
            moves[j] = (int(on[0]), int(on[-1]) + 1) if len(on) else None
        return self.attempt(moves) if moves else 0.0


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
