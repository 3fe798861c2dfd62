"""Makes a plan cheaper by taking neighbouring stops out and putting them back where they cost least.

This is *slack induction by string removals* (Christiaens and Vanden Berghe 2020) with simulated
annealing, and between two removals routes may change their ends (`crossing`). It is compiled, and
works on the whole problem: several depots and trips, a limited fleet,
releases, soft and hard deadlines, rests, piles of goods, locks, and stops left out at a price.

One step is one removal, its repair, and what crosses after it. With steps and a seed the answer is the same on every run
of one machine; with a clock it is not. Nothing is compiled before the first call; `warm` does it
ahead of time, so that the first plan of the day does not wait.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from routing.annealing import anneal, lay, start
from routing.chains import empty_routes
from routing.effort import Effort
from routing.flat import Ints, flattened
from routing.keeping import Kept
from routing.problem import Depot, Load, RoutingProblem, Stop, Vehicle, Window
from routing.timetable import Book, Order
from routing.travel import Travel

_HEATS, _HEAT = 100, 10
"""So many temperatures, each lower than the one before, when steps are counted, and the fewest steps
of each."""


@dataclass(slots=True)
class Found:
    """What the search found: the best orders, and good routes seen on the way."""

    orders: dict[str, Order]
    pool: list[tuple[str, Order]]
    """Routes of good plans that were met, the oldest first."""
    cost: float
    steps: int
    trace: list[tuple[float, float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Annealing:
    """How daring the search is: temperatures as shares of the mean cost of a served stop, or, where
    `by_hop`, of what the way to a neighbour costs: far from the depot that is little of it."""

    hot: float = 1.0
    cold: float = 0.01
    removed: float = 10.0
    """Mean number of stops taken out in a step."""
    longest: int = 10
    """Most neighbouring stops taken out of one route."""
    blink: float = 0.01
    crossings: int = 10
    """So often after each step two routes may change their ends."""
    by_hop: bool = False


STEADY = Annealing(cold=0.16, by_hop=True)
"""By the clock: with thousands of steps for each stop hardly anything is found in the cold, and how many
vans there are is decided before it. (Few counted steps had better end cold.)"""

CALM = Annealing(hot=0.1, by_hop=True)
"""For a plan that is a good one already: nothing daring is tried."""


def warm() -> None:
    """Compile everything, or load it from disk, on a problem of two stops."""
    table = np.array([[0, 9, 9], [9, 0, 9], [9, 9, 0]], dtype=np.int32)
    problem = RoutingProblem(
        stops=tuple(Stop(name=str(k), place=k, price=1000) for k in (1, 2)),
        depots=(Depot(name="d", place=0),),
        vehicles=(
            Vehicle(
                name="v",
                start=0,
                end=0,
                depot="d",
                shift=Window(opens=0, closes=1000),
                capacity=Load(),
                per_km=1000,
            ),
        ),
        travel=Travel(seconds=table, metres=table),
    )
    improve(Book.of(problem), {}, Effort(steps=3))


def improve(
    book: Book,
    orders: dict[str, Order],
    effort: Effort,
    annealing: Annealing | None = None,
    pinned: frozenset[str] = frozenset(),
    *,
    pooled: bool = True,
) -> Found:
    """The best orders found from these; they must fit, and what they lack is inserted first.

    Pinned stops keep their vehicle and their order among themselves; others may come between. Routes met
    on the way are kept where they are `pooled`.
    """
    usual = Annealing() if effort.steps is not None else STEADY
    search = _Search(book, effort, annealing or usual, pooled=pooled)
    search.pin(pinned)
    search.begin(orders)
    search.run()
    return search.found()


class _Search:
    """One run: the routes, the best of them, and the clock."""

    def __init__(self, book: Book, effort: Effort, annealing: Annealing, *, pooled: bool) -> None:
        self.began = time.perf_counter()
        self.book, self.effort, self.annealing = book, effort, annealing
        self.flat = flattened(book)
        self.routes = empty_routes(self.flat, effort.seed)
        self.names = [s.name for s in book.problem.stops]
        self.number = {name: i for i, name in enumerate(self.names)}
        self.depots = {d.name: i for i, d in enumerate(book.problem.depots)}
        self.pool: dict[tuple[str, Order], None] = {}
        self.pooled = pooled
        self.steps = 0
        self.trace: list[tuple[float, float]] = []

    def pin(self, names: frozenset[str]) -> None:
        """Keep these stops where they are."""
        for name in names - self.book.locked:
            self.flat.stops["fixed"][self.number[name]] = 2

    def begin(self, orders: dict[str, Order]) -> None:
        """Set the routes up and insert what is missing."""
        flat, routes = self.flat, self.routes
        n, v = len(self.names), len(self.book.problem.vehicles)
        chains = [self._chain(orders.get(x.name, ())) for x in self.book.problem.vehicles]
        lay(flat, routes, np.array([node for chain in chains for node in chain], dtype=np.int64))
        urgent = np.argsort(np.minimum(flat.stops["due"], flat.stops["closes"]), kind="stable")
        self.absent = urgent[routes.nodes["vehicle"][urgent] < 0]
        scratch = 4 * (n + 2 * v) + len(routes.nodes)
        self.best = np.full(len(routes.nodes), -1, np.int64)
        self.best_source = routes.nodes["source"].copy()
        self.status = np.zeros(8, np.float64)
        self.space = np.zeros(scratch, np.int64)
        self.kept = Kept(
            np.zeros(scratch, np.int64),
            np.zeros(scratch, routes.nodes.dtype),
            routes.vans.copy(),
            routes.pile.copy(),
        )
        self.key = np.zeros(n + 1, np.float64)
        self.touched = np.zeros(v, np.int64)
        start(flat, routes, self.absent, self.best, self.best_source, self.status)

    def _chain(self, order: Order) -> list[int]:
        """The order as numbers: its length, then stops, and -1 - depot for a further loading."""
        chain = [0]
        for number, (depot, stops) in enumerate(order):
            if number and depot is not None:
                chain.append(-1 - self.depots[depot])
            chain.extend(self.number[name] for name in stops)
        chain[0] = len(chain) - 1
        return chain

    def run(self) -> None:
        """Anneal until the effort is spent."""
        if not self.names or not self.book.problem.vehicles or self._hopeless():
            return
        chunk, each = 32, max(_HEAT, (self.effort.steps or 0) // _HEATS)
        while (share := self._spent()) < 1:
            if self.effort.steps is not None:
                chunk = max(1, min(each, self.effort.steps - self.steps))
            started = time.perf_counter()
            hot, cold = self._temperatures()
            anneal(
                self.flat,
                self.routes,
                self.best,
                self.best_source,
                self.status,
                self.space,
                self.kept,
                self.key,
                self.touched,
                hot * (cold / hot) ** share,
                self.annealing.removed,
                self.annealing.longest,
                self.annealing.blink,
                self.annealing.crossings,
                chunk,
            )
            self.steps += chunk
            self._note()
            if self.effort.steps is None:
                pace = (time.perf_counter() - started) / chunk
                chunk = max(1, min(5000, int(self._slice() / max(pace, 1e-7))))

    def _hopeless(self) -> bool:
        """True where nothing is served and no stop fits anywhere even by itself: no search can help."""
        return bool(self.status[3] == 0 and self.status[6] == 0)

    def _slice(self) -> float:
        left = self.effort.at_most - (time.perf_counter() - self.began)
        return max(0.0, min(self.effort.at_most / 100, 0.1, left))

    def _spent(self) -> float:
        if self.effort.steps is not None:
            if time.perf_counter() - self.began > self.effort.at_most:
                return 1.0
            return self.steps / self.effort.steps
        return (time.perf_counter() - self.began) / self.effort.at_most

    def _temperatures(self) -> tuple[float, float]:
        served = max(1.0, self.status[3])
        mean = max(1e-3, self.status[2] / served)
        if self.annealing.by_hop and self.flat.hop > 0:
            mean = self.flat.hop
        return self.annealing.hot * mean, self.annealing.cold * mean

    def _note(self) -> None:
        cost = float(self.status[1])
        if not self.trace or cost < self.trace[-1][1] - 1e-9:
            self.trace.append((time.perf_counter() - self.began, cost))
            self._remember(self.best, self.best_source)
        else:
            self._remember(self.routes.nodes["after"], self.routes.nodes["source"])

    def _remember(self, after: Ints, source: Ints) -> None:
        if self.pooled:
            self.pool.update(dict.fromkeys(self._orders(after, source)))

    def _orders(self, after: Ints, source: Ints) -> Iterator[tuple[str, Order]]:
        n, v = len(self.names), len(self.book.problem.vehicles)
        depots = [*(d.name for d in self.book.problem.depots), None]
        after, source = after.tolist(), source.tolist()
        for j, vehicle in enumerate(self.book.problem.vehicles):
            node = after[n + j]
            if node == n + v + j:
                continue
            trips: list[tuple[str | None, list[str]]] = [(vehicle.depot, [])]
            while node != n + v + j:
                if node < n:
                    trips[-1][1].append(self.names[node])
                else:
                    trips.append((depots[source[node]], []))
                node = after[node]
            yield vehicle.name, tuple((d, tuple(s)) for d, s in trips)

    def found(self) -> Found:
        """The best of it."""
        orders = dict(self._orders(self.best, self.best_source))
        return Found(orders, list(self.pool), float(self.status[1]), self.steps, self.trace)
