"""A placement problem as arrays: the same facts, numbered, so that a model is built in one sweep.

Indices are positions in the problem: j sites, n nodes (sites, then centres), a legs, l lanes,
p products, i cells, t periods, s sample paths. Nothing is decided here.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from logistics.placement.problem import DAY, PlacementProblem, Site, starts

Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The numbered facts. `demand` is [s, p, i, t]; `capacity` [n, t], minus one for no limit.

    Four facts thin a model when somebody has priced the cells: `leg_kept` marks the legs that it is
    built from, `worth` [s, p, i, t] is the most that a leg may cost to be in it, `bought` is what a
    parcel that is not delivered costs there instead of being late, and `must_run` [j, t] marks the
    periods in which a site runs in every plan that matters.
    """

    cells: tuple[str, ...]
    weights: Ints
    demand: Ints
    begin: Ints
    length: Ints
    may_start: Flags
    may_run: Flags
    capacity: Ints
    rent: Ints
    entry: Ints
    accepts: Flags
    leg_node: Ints
    leg_cell: Ints
    leg_cost: Ints
    leg_kept: Flags
    worth: NDArray[np.float64]
    late: Ints
    lost: Ints
    bought: Ints | None = None
    must_run: Flags | None = None

    @property
    def sites(self) -> int:
        """How many sites there are; nodes from this number on are centres."""
        return int(self.rent.shape[0])


def rent(problem: PlacementProblem, site: Site) -> Ints:
    """Rent of each period, in cents."""
    return np.array([site.per_day * each.seconds // DAY for each in problem.periods], np.int64)


def entry(problem: PlacementProblem, site: Site) -> Ints:
    """What starting in each period costs at once: set-up, and rent owed beyond the last period."""
    if site.standing is not None:
        return np.zeros(len(problem.periods), np.int64)
    owed = [p.start + site.shortest_term - problem.horizon for p in problem.periods]
    return np.array([site.set_up + site.per_day * max(0, each) // DAY for each in owed], np.int64)


def frame(problem: PlacementProblem) -> Frame:
    """Number the facts of a problem."""
    cells = tuple(
        dict.fromkeys(
            [leg.cell for leg in problem.legs]
            + [row.cell for path in problem.paths for row in path.demand]
        )
    )
    cell = {name: k for k, name in enumerate(cells)}
    node = {name: k for k, name in enumerate(problem.nodes)}
    product = {each.name: k for k, each in enumerate(problem.products)}
    count = len(problem.periods)
    may_start = np.zeros((len(problem.sites), count), bool)
    for j, site in enumerate(problem.sites):
        may_start[j, list(starts(problem, site))] = site.name not in problem.wishes.must_not
    limits = [site.capacity for site in problem.sites]
    limits += [centre.capacity or (-1,) * count for centre in problem.centres]
    demand = np.zeros((len(problem.paths), len(product), len(cells), count), np.int64)
    for s, path in enumerate(problem.paths):
        for row in path.demand:
            demand[s, product[row.product], cell[row.cell]] += row.parcels
    accepts = np.ones((len(node), len(product)), bool)
    for j, site in enumerate(problem.sites):
        accepts[j, [product[name] for name in site.refuses if name in product]] = False
    return Frame(
        cells=cells,
        weights=np.array([path.weight for path in problem.paths], np.int64),
        demand=demand,
        begin=np.array([each.start for each in problem.periods], np.int64),
        length=np.array([each.seconds for each in problem.periods], np.int64),
        may_start=may_start,
        may_run=np.logical_or.accumulate(may_start, axis=1),
        capacity=np.array(limits, np.int64).reshape(len(node), count),
        rent=_stack([rent(problem, site) for site in problem.sites], count),
        entry=_stack([entry(problem, site) for site in problem.sites], count),
        accepts=accepts,
        leg_node=np.array([node[leg.node] for leg in problem.legs], np.int64),
        leg_cell=np.array([cell[leg.cell] for leg in problem.legs], np.int64),
        leg_cost=np.array([leg.cost for leg in problem.legs], np.int64)
        + np.array(
            [
                problem.sites[node[leg.node]].per_order
                if node[leg.node] < len(problem.sites)
                else 0
                for leg in problem.legs
            ],
            np.int64,
        ),
        leg_kept=np.ones(len(problem.legs), bool),
        worth=np.full((1, 1, 1, 1), np.inf),
        late=np.array([problem.late_price(each) for each in problem.products], np.int64),
        lost=np.array([problem.lost_price(each) for each in problem.products], np.int64),
    )


def _stack(rows: list[Ints], count: int) -> Ints:
    return np.array(rows, np.int64).reshape(len(rows), count)
