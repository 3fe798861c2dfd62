"""A country cut into districts, each small enough to be searched to the end by itself.

Sites far apart hardly meet: they have few cells in common. Where two districts both reach a cell, its
parcels are bought at the price that the pricing found (`prices.py`) instead of being delivered late,
so each district's search stands alone and the sum of the districts' bounds, less what the shared cells
pay twice, bounds the cost of every plan. It is never weaker than the prices' own bound, and stronger
by what whole sites cost more than parts of sites. A district's plan is tried on the whole country, and
kept where it saves something there too.

What a district costs at most (as the best plan serves it) less what it costs at least is its slack. A
period in which a site loses more than that, compared with its best stretch, is in no better plan.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from scipy.sparse import coo_matrix

from logistics.placement.frame import Flags, Frame, Ints
from logistics.placement.polish import Bench, Transport
from logistics.placement.prices import Market, Prices, as_demand
from logistics.placement.problem import PlacementProblem
from logistics.placement.sheet import Numbers
from routing.effort import Effort

Search: TypeAlias = Callable[[Frame, Flags, Effort, float], tuple[float, Flags | None]]
"""Search the model of some facts, beginning with these runs, to this share: a bound, and runs."""

SMALLEST = 0.3
"""Seconds below which it is not worth beginning the search of a district."""
MOST = 8_000
"""Columns of parcels in a district: larger ones are bounded better, and take far longer."""
PATIENCE, CLOSE = 2.0, 0.1
"""A district may take this many times its share of the time; this share of its slack need not be closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """Its sites [j], the cells that it reaches [i] and those of them that another reaches too."""

    sites: Flags
    cells: Flags
    shared: Flags


def districts(frame: Frame, prices: Prices, columns: Ints, most: int) -> tuple[District, ...]:
    """Join sites that save at the same cells, the closest first, while a district stays below
    `most` columns; `columns` [j] are what each site brings."""
    saved = _savings(frame, prices)
    useful = saved > 0
    shape = (frame.sites, frame.demand.shape[2])
    places = (frame.leg_node[useful], frame.leg_cell[useful])
    reach = coo_matrix((np.sqrt(saved[useful]), places), shape).tocsr()
    meet = (reach @ reach.T).tocoo()
    own = np.asarray(reach.multiply(reach).sum(axis=1)).ravel()
    pair = meet.row < meet.col
    first, second = meet.row[pair], meet.col[pair]
    near = meet.data[pair] / np.sqrt(own[first] * own[second])
    label, load = np.arange(frame.sites), columns.astype(np.int64).copy()
    for k in np.argsort(-near, kind="stable").tolist():
        a, b = _root(label, int(first[k])), _root(label, int(second[k]))
        if a != b and load[a] + load[b] <= most:
            label[b] = a
            load[a] += load[b]
    roots = np.array([_root(label, j) for j in range(frame.sites)], np.int64)
    return tuple(_named(frame, roots))


def _savings(frame: Frame, prices: Prices) -> Numbers:
    """What each leg saves over all parcels of its cell at these prices."""
    price = as_demand(frame, prices.price)
    share = frame.weights / frame.weights.sum()
    saved = np.zeros(len(frame.leg_cost))
    for s, p in np.ndindex(frame.demand.shape[:2]):
        gain = np.maximum(price[s, p][frame.leg_cell] - frame.leg_cost[:, None], 0.0)
        takes = frame.accepts[frame.leg_node, p] & frame.leg_kept
        saved += share[s] * takes * (gain * frame.demand[s, p][frame.leg_cell]).sum(axis=1)
    return saved


def _root(label: Ints, j: int) -> int:
    while label[j] != j:
        label[j] = label[label[j]]
        j = int(label[j])
    return j


def _named(frame: Frame, roots: Ints) -> Iterator[District]:
    legs = np.flatnonzero(frame.leg_kept & (frame.leg_node < frame.sites))
    cells = frame.demand.shape[2]
    names, number = np.unique(roots, return_inverse=True)
    reach = np.zeros((len(names), cells), bool)
    reach[number[frame.leg_node[legs]], frame.leg_cell[legs]] = True
    met = reach.sum(axis=0)
    for k in range(len(names)):
        yield District(sites=number == k, cells=reach[k], shared=reach[k] & (met > 1))


class Atlas:
    """The districts, and what each costs at least and at most at the prices that were found."""

    def __init__(self, problem: PlacementProblem, frame: Frame, prices: Prices, most: int) -> None:
        self.problem, self.frame = problem, frame
        self.share = frame.weights / frame.weights.sum()
        # Whole prices, since a transport counts whole money; any prices bound the cost.
        price = np.ceil(prices.price)
        self.price = as_demand(frame, price).astype(np.int64)
        self.losses = Market(problem, frame).losses(price)
        self.districts = districts(frame, prices, self._columns(), most)
        worth = np.einsum("spit,spit,s->i", self.price, frame.demand, self.share)
        self.least = np.array(
            [worth[r.cells].sum() - self.losses.best[r.sites].sum() for r in self.districts]
        )
        times = np.sum([each.cells for each in self.districts], axis=0)
        late = np.einsum("spit,p,s->i", frame.demand, frame.late, self.share)
        self.rest = float(late[times == 0].sum() - (np.maximum(times - 1, 0) * worth).sum())
        """What cells cost that nobody reaches, less what shared cells pay more than once."""

    def _columns(self) -> Ints:
        frame = self.frame
        wanted = (frame.demand > 0).sum(axis=(0, 1))[frame.leg_cell]
        own = np.flatnonzero(frame.leg_kept & (frame.leg_node < frame.sites))
        count = (wanted[own] * frame.may_run[frame.leg_node[own]]).sum(axis=1)
        return np.bincount(frame.leg_node[own], count, minlength=frame.sites).astype(np.int64)

    def within(self, k: int, slack: float) -> Frame:
        """The facts of one district: its sites, its cells, and shared cells bought at their price.

        Periods of running that lose more than the slack are left out.
        """
        frame, district = self.frame, self.districts[k]
        here = district.sites[:, None]
        return replace(
            frame,
            may_start=frame.may_start & here & (self.losses.starting <= slack),
            may_run=frame.may_run & here & (self.losses.running <= slack),
            must_run=here & (self.losses.shut > slack),
            leg_kept=frame.leg_kept & district.sites[frame.leg_node],
            demand=np.where(district.cells[None, None, :, None], frame.demand, 0),
            bought=self.bought(district),
        )

    def bought(self, district: District) -> Ints:
        """What a parcel costs that the district does not deliver, [s, p, i, t]."""
        dear = np.broadcast_to(self.frame.late[None, :, None, None], self.frame.demand.shape)
        return np.where(district.shared[None, None, :, None], np.minimum(self.price, dear), dear)

    def at_most(self, k: int, bench: Bench, serve: Transport) -> float:
        """What a district costs as it is run now: fees, and its cells served at their prices."""
        sites = np.flatnonzero(self.districts[k].sites)
        cost = sum(bench.fees(j, bench.stretch(j)) for j in sites.tolist())
        for s, t in np.ndindex(len(self.share), self.frame.demand.shape[3]):
            cost += float(self.share[s]) * serve(s, t, bench.capacity[:, t])
        return cost


def search(
    atlas: Atlas,
    bench: Bench,
    serve: tuple[Transport, ...],
    solve: Search,
    effort: Effort,
    gap: float,
) -> float:
    """Search the districts, those with the most slack first; gives the bound on the cost of any plan.

    What is found is kept on the bench where it saves something for the whole country too. The search
    ends when the slack of all together is within `gap`, or with the effort.
    """
    began, least = time.monotonic(), atlas.least.copy()
    most = np.array([atlas.at_most(k, bench, each) for k, each in enumerate(serve)])
    waiting = list(range(len(serve)))
    while waiting:
        slack = np.maximum(0.0, most - least)
        k = max(waiting, key=lambda one: slack[one])
        left = effort.at_most - (time.monotonic() - began)
        enough = gap * abs(float(least.sum()) + atlas.rest)
        if left < SMALLEST or slack.sum() <= enough:
            break
        waiting.remove(k)
        fair = max(SMALLEST, PATIENCE * left * slack[k] / max(1.0, slack[waiting].sum() + slack[k]))
        given = replace(effort, at_most=min(left, fair))
        close = CLOSE * slack[k] / max(1.0, abs(most[k]))
        runs = bench.runs & atlas.districts[k].sites[:, None]
        bound, found = solve(atlas.within(k, slack[k] + 1.0), runs, given, close)
        least[k] = min(most[k], max(least[k], bound))
        if found is not None and bench.follow(found, atlas.districts[k].sites) > 0:
            most[k] = min(most[k], atlas.at_most(k, bench, serve[k]))
    return float(least.sum()) + atlas.rest
