"""Makes a plan cheaper by taking neighbouring stops out and putting them back where they cost least.

This is *slack induction by string removals* (Christiaens and Vanden Berghe 2020) with simulated
annealing, compiled with numba, on the whole problem: several depots and trips, a limited fleet,
releases, soft and hard deadlines, rests, piles of goods, locks, and stops left out at a price.

One step is one removal and its repair. With steps and a seed the answer is the same on every run
of one machine; with a clock it is not. Nothing is compiled before the first call; `warm` does it
ahead of time, so that the first plan of the day does not wait.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from routing.effort import Effort
from routing.flat import METRES_TO, Flat, Floats, Ints, Records, flattened
from routing.kernel import (
    ANY,
    ANYTHING,
    IDLE,
    NEAR,
    Routes,
    cheapest,
    compiled,
    draw,
    empty_routes,
    insert,
    link,
    note_idle,
    refresh,
    remove,
    retime,
    woven,
)
from routing.problem import Depot, Load, RoutingProblem, Stop, Vehicle, Window
from routing.timetable import Book, Order
from routing.travel import Travel

_TRIED_AGAIN = 8
"""Stops left out that each step tries to bring in, beside those it took out."""

_LENIENT = 0.1
"""The share of steps that may open a vehicle at a loss, in the hope that others will join: any number
whose fixed cost is the loss, one whose way is too."""

_TRIED_TOGETHER = 40
"""Stops left out that such a step tries, neighbours of one another."""

_ALL_ASKED = 320
"""Stops up to which every route is looked at for an insertion; beyond, those of its neighbours."""

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


class Kept(NamedTuple):
    """The routes touched in a step as they were before it."""

    layout: Ints
    """Route after route: vehicle, number of nodes, the nodes."""
    nodes: Records
    """Copies of the nodes, at the same positions."""
    vans: Records
    pile: Ints


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
) -> Found:
    """The best orders found from these; they must fit, and what they lack is inserted first.

    Pinned stops keep their vehicle and their order among themselves; others may come between.
    """
    usual = Annealing() if effort.steps is not None else STEADY
    search = _Search(book, effort, annealing or usual)
    search.pin(pinned)
    search.begin(orders)
    search.run()
    return search.found()


class _Search:
    """One run: the routes, the best of them, and the clock."""

    def __init__(self, book: Book, effort: Effort, annealing: Annealing) -> None:
        self.began = time.perf_counter()
        self.book, self.effort, self.annealing = book, effort, annealing
        self.flat = flattened(book)
        self.routes = empty_routes(self.flat, effort.seed)
        self.names = [s.name for s in book.problem.stops]
        self.number = {name: i for i, name in enumerate(self.names)}
        self.depots = {d.name: i for i, d in enumerate(book.problem.depots)}
        self.pool: dict[tuple[str, Order], None] = {}
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
        _lay(flat, routes, np.array([node for chain in chains for node in chain], dtype=np.int64))
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
        _start(flat, routes, self.absent, self.best, self.best_source, self.status)

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
            _anneal(
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
                chunk,
            )
            self.steps += chunk
            self._note()
            if self.effort.steps is None:
                pace = (time.perf_counter() - started) / chunk
                chunk = max(1, min(5000, int(self._slice() / max(pace, 1e-7))))

    def _hopeless(self) -> bool:
        """True where nothing is served and no stop fits anywhere even by itself: no search can help."""
        return self.status[3] == 0 and self.status[6] == 0

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
        self.pool.update(dict.fromkeys(self._orders(after, source)))

    def _orders(self, after: Ints, source: Ints) -> Iterator[tuple[str, Order]]:
        n, v = len(self.names), len(self.book.problem.vehicles)
        depots = [*(d.name for d in self.book.problem.depots), None]
        for j, vehicle in enumerate(self.book.problem.vehicles):
            node = int(after[n + j])
            if node == n + v + j:
                continue
            trips: list[tuple[str | None, list[str]]] = [(vehicle.depot, [])]
            while node != n + v + j:
                if node < n:
                    trips[-1][1].append(self.names[node])
                else:
                    trips.append((depots[source[node]], []))
                node = int(after[node])
            yield vehicle.name, tuple((d, tuple(s)) for d, s in trips)

    def found(self) -> Found:
        """The best of it."""
        orders = dict(self._orders(self.best, self.best_source))
        return Found(orders, list(self.pool), float(self.status[1]), self.steps, self.trace)


@compiled
def _lay(flat: Flat, routes: Routes, chains: Ints) -> None:
    """Lay the given order of every vehicle; negative numbers are loadings."""
    n, v = len(flat.stops), len(flat.vans)
    position = 0
    for vehicle in range(v):
        node, spare = n + vehicle, flat.vans[vehicle].loading_from
        head = node
        beyond = position + 1 + chains[position]
        for k in range(position + 1, beyond):
            code = following = chains[k]
            if code < 0:
                following = n + 2 * v + spare
                spare += 1
                routes.nodes[following].source = -1 - code
                routes.nodes[following].place = flat.depots[-1 - code, 0]
                head = following
            link(routes, node, following, vehicle)
            if code >= 0:
                source = routes.nodes[head].source
                routes.idle[-1] -= 1
                pile = flat.goods[code, source].pile
                if source == len(flat.depots):
                    pile = flat.ways[code, flat.vans[vehicle].kind].pile
                if pile >= 0:
                    routes.pile[pile] -= flat.stops[code].parcels
            node = following
        refresh(flat, routes, vehicle)
        position = beyond


@compiled
def _start(
    flat: Flat,
    routes: Routes,
    absent: Ints,
    best: Ints,
    best_source: Ints,
    status: Floats,
) -> None:
    """Insert what is missing, most urgent first, and count the cost.

    One stop seldom pays for a vehicle and its way, several do: so idle vehicles are sent whatever they
    cost, and looked at afterwards.

    status: cost now, best cost, cost of the served, number of the served, steps, mean length,
    number of the stops that fitted somewhere.
    """
    for stop in absent:
        _, where, depot = _place_for(flat, routes, stop, 0.0, 1, ANYTHING)
        status[6] += where >= 0
        if where >= 0:
            insert(flat, routes, stop, where, depot)
    for vehicle in range(len(flat.vans)):
        _give_up(flat, routes, vehicle)
    _count(flat, routes, status)
    status[1] = status[0]
    _note_best(routes, best, best_source)


@compiled
def _note_best(routes: Routes, best: Ints, best_source: Ints) -> None:
    """Remember the routes as they are."""
    for node in range(len(best)):
        best[node] = routes.nodes[node].after
        best_source[node] = routes.nodes[node].source


@compiled
def _copy(pile: Ints, to: Ints) -> None:
    for k in range(len(pile)):
        to[k] = pile[k]


@woven
def _place_for(
    flat: Flat, routes: Routes, stop: int, blink: float, lenient: int, most: float
) -> tuple[float, int, int]:
    """Where the stop costs least, less than `most` and than its price, or else, if `lenient`, on an
    idle vehicle.
    """
    whom, price = ANY if len(flat.stops) <= _ALL_ASKED else NEAR, flat.stops[stop].price
    extra, where, depot = cheapest(flat, routes, stop, blink, whom, most)
    if where < 0 and most <= price:
        return extra, where, depot
    if where < 0 and whom == NEAR:
        extra, where, depot = cheapest(flat, routes, stop, blink, ANY, most)
    if extra >= price:
        where = -1
        if lenient:
            extra, where, depot = cheapest(flat, routes, stop, blink, IDLE, most)
    return extra, where, depot


@compiled
def _give_up(flat: Flat, routes: Routes, vehicle: int) -> None:
    """Empty a vehicle that costs more than leaving all its stops out, unless a lock holds one."""
    n = len(flat.stops)
    end = n + len(flat.vans) + vehicle
    price, node = 0.0, routes.nodes[n + vehicle].after
    while node != end:
        if node < n:
            price += flat.stops[node].price
            if flat.stops[node].fixed:
                return
        node = routes.nodes[node].after
    if price >= _paid(routes.vans, vehicle):
        return
    node = routes.nodes[n + vehicle].after
    while node != end:
        if node >= n:
            node = routes.nodes[node].after
            continue
        remove(flat, routes, node)
        node = routes.nodes[n + vehicle].after
    refresh(flat, routes, vehicle)


@compiled
def _count(flat: Flat, routes: Routes, status: Floats) -> None:
    n = len(flat.stops)
    served, left_out = 0, 0.0
    for stop in range(n):
        if routes.nodes[stop].vehicle >= 0:
            served += 1
        else:
            left_out += flat.stops[stop].price
    paid, used = 0.0, 0
    for vehicle in range(len(flat.vans)):
        if routes.vans[vehicle].stops > 0:
            paid += routes.vans[vehicle].cost
            used += 1
    status[0] = paid + left_out
    status[2] = paid
    status[3] = served
    status[5] = served / max(1, used)


@compiled
def _anneal(
    flat: Flat,
    routes: Routes,
    best: Ints,
    best_source: Ints,
    status: Floats,
    space: Ints,
    saved: Kept,
    key: Floats,
    touched: Ints,
    heat: float,
    removed: float,
    longest: int,
    blink: float,
    steps: int,
) -> None:
    """So many steps at one temperature; what a step touches is kept in `saved` until accepted.

    How much dearer a step may be is drawn before anything is put back, and a step is given up as soon
    as what is back already costs more, whatever the rest would.
    """
    for _ in range(steps):
        cost, absent = status[0], routes.idle[-1]
        _copy(routes.pile, saved.pile)
        kept, out = _ruin(flat, routes, space, saved, touched, removed, longest, status[5])
        _sort(flat, routes, space, out, key)
        change = _prices(flat, space, out)
        position = 0
        while position < kept:
            vehicle, size = saved.layout[position], saved.layout[position + 1]
            change += _paid(routes.vans, vehicle) - _paid(saved.vans, vehicle)
            position += 2 + size
        lenient = draw(routes.chance) < _LENIENT
        out += _also_absent(flat, routes, space, out, lenient)
        limit = cost - heat * np.log(max(draw(routes.chance), 1e-300))
        rest = _prices(flat, space, out)
        for k in range(out):
            stop = space[k]
            price = flat.stops[stop].price
            rest -= price
            most = limit - (cost + change - price - rest)
            extra, where, depot = _place_for(flat, routes, stop, blink, lenient, most)
            if where < 0 and most <= price:
                break
            if where < 0:
                continue
            vehicle = routes.nodes[where].vehicle
            if extra >= price:
                lenient = extra - flat.vans[vehicle].fixed < price
            if not touched[vehicle]:
                kept = _save(flat, routes, saved, kept, vehicle)
                touched[vehicle] = 1
            old = _paid(routes.vans, vehicle)
            if insert(flat, routes, stop, where, depot):
                change += _paid(routes.vans, vehicle) - old - price
        now = cost + change
        if now < limit:
            status[0] = now
            if now < status[1] - 1e-6:
                _count(flat, routes, status)
                status[1] = status[0]
                _note_best(routes, best, best_source)
        else:
            _restore(flat, routes, saved, kept)
            routes.idle[-1] = absent
        position = 0
        while position < kept:
            touched[saved.layout[position]] = 0
            position += 2 + saved.layout[position + 1]


@compiled
def _prices(flat: Flat, space: Ints, out: int) -> float:
    whole = 0.0
    for k in range(out):
        whole += flat.stops[space[k]].price
    return whole


@compiled
def _paid(vans: Records, vehicle: int) -> float:
    return vans[vehicle].cost if vans[vehicle].stops > 0 else 0.0


@woven
def _save(flat: Flat, routes: Routes, saved: Kept, kept: int, vehicle: int) -> int:
    """Copy the vehicle's route behind what is kept already; returns how much is kept then."""
    end = len(flat.stops) + len(flat.vans) + vehicle
    node, size = len(flat.stops) + vehicle, 0
    while True:
        saved.layout[kept + 2 + size] = node
        saved.nodes[kept + 2 + size] = routes.nodes[node]
        size += 1
        if node == end:
            break
        node = routes.nodes[node].after
    saved.vans[vehicle] = routes.vans[vehicle]
    saved.layout[kept] = vehicle
    saved.layout[kept + 1] = size
    return kept + 2 + size


@woven
def _restore(flat: Flat, routes: Routes, saved: Kept, kept: int) -> None:
    """Put the touched routes back as they were."""
    n, v = len(flat.stops), len(flat.vans)
    position = 0
    while position < kept:
        vehicle = saved.layout[position]
        node = routes.nodes[n + vehicle].after
        while node != n + v + vehicle:
            following = routes.nodes[node].after
            routes.nodes[node].after = -1
            if node < n:
                routes.nodes[node].vehicle = -1
            node = following
        position += 2 + saved.layout[position + 1]
    position = 0
    while position < kept:
        vehicle, size = saved.layout[position], saved.layout[position + 1]
        for k in range(position + 2, position + 2 + size):
            routes.nodes[saved.layout[k]] = saved.nodes[k]
        routes.vans[vehicle] = saved.vans[vehicle]
        if routes.vans[vehicle].stops == 0:
            note_idle(flat, routes, vehicle)
        position += 2 + size
    _copy(saved.pile, routes.pile)


@woven
def _ruin(
    flat: Flat,
    routes: Routes,
    space: Ints,
    saved: Kept,
    touched: Ints,
    removed: float,
    longest: int,
    mean: float,
) -> tuple[int, int]:
    """Take strings of stops near a random one out of their routes; how much was saved, how many."""
    n = len(flat.stops)
    most = max(1.0, min(float(longest), mean))
    strings = int((4 * removed / (1 + most) - 1) * draw(routes.chance) + 1)
    kept, out, done = 0, 0, 0
    seed = int(draw(routes.chance) * n)
    line = space[n : 2 * n]
    for k in range(flat.near.shape[1]):
        stop = int(flat.near[seed, k])
        vehicle = routes.nodes[stop].vehicle
        if vehicle < 0 or touched[vehicle] or flat.stops[stop].fixed:
            continue
        size, at = 0, 0
        node = routes.nodes[n + vehicle].after
        while node < n or node >= n + 2 * len(flat.vans):
            if node < n and not flat.stops[node].fixed:
                if node == stop:
                    at = size
                line[size] = node
                size += 1
            node = routes.nodes[node].after
        kept = _save(flat, routes, saved, kept, vehicle)
        touched[vehicle] = 1
        length = int(min(float(size), most) * draw(routes.chance) + 1)
        length = min(length, size)
        skipped = 0
        if 1 < length < size and draw(routes.chance) < 0.5:
            skipped = 1
            while length + skipped < size and draw(routes.chance) < 0.01:
                skipped += 1
        span = length + skipped
        low, high = max(0, at - span + 1), min(at, size - span)
        first = low + int(draw(routes.chance) * (high - low + 1))
        hole = first + 1 + int(draw(routes.chance) * length) if skipped else size
        prior = routes.nodes[line[first]].before
        until = routes.nodes[line[first + span - 1]].after
        alone = True
        for i in range(first, first + span):
            if hole <= i < hole + skipped and line[i] != stop:
                continue
            space[out] = line[i]
            out += 1
            alone &= remove(flat, routes, line[i])
        if not (alone and retime(flat, routes, vehicle, prior, until)):
            refresh(flat, routes, vehicle)
        done += 1
        if done >= strings:
            break
    return kept, out


@compiled
def _sort(flat: Flat, routes: Routes, space: Ints, out: int, key: Floats) -> None:
    """Order the stops to insert: at random, big first, far or near first, tight or early first."""
    pick = draw(routes.chance) * 17
    depot = flat.vans[0].start
    for k in range(out):
        stop = space[k]
        last = flat.stops[stop].window_to - 1
        opens, closes = (
            flat.windows[flat.stops[stop].window_from, 0],
            min(flat.stops[stop].due, flat.windows[last, 1]),
        )
        if pick < 4:
            key[k] = draw(routes.chance)
        elif pick < 8:
            key[k] = -flat.stops[stop].weight - flat.stops[stop].volume - flat.stops[stop].parcels
        elif pick < 10:
            key[k] = -flat.travel[METRES_TO, stop, depot]
        elif pick < 11:
            key[k] = flat.travel[METRES_TO, stop, depot]
        elif pick < 13:
            key[k] = closes - opens
        elif pick < 15:
            key[k] = opens
        else:
            key[k] = -closes
    for k in range(1, out):
        stop, value = space[k], key[k]
        at = k
        while at > 0 and key[at - 1] > value:
            space[at], key[at] = space[at - 1], key[at - 1]
            at -= 1
        space[at], key[at] = stop, value


@woven
def _also_absent(flat: Flat, routes: Routes, space: Ints, out: int, together: int) -> int:
    """Add some stops that were left out before this step behind those taken out in it."""
    n = len(flat.stops)
    added = 0
    offset = int(draw(routes.chance) * n)
    if routes.idle[-1] == out:
        return 0
    marked = space[3 * n : 4 * n]
    for k in range(out):
        marked[space[k]] = 1
    for k in range(n):
        stop = (k + offset) % n
        if routes.nodes[stop].vehicle >= 0 or marked[stop]:
            continue
        if together:
            added = _near_absent(flat, routes, space, out, marked, stop)
            break
        space[out + added] = stop
        added += 1
        if added == _TRIED_AGAIN:
            break
    for k in range(out):
        marked[space[k]] = 0
    return added


@compiled
def _near_absent(flat: Flat, routes: Routes, space: Ints, out: int, marked: Ints, seed: int) -> int:
    """Add those near that one, itself before all."""
    added = 0
    for k in range(flat.near.shape[1]):
        stop = int(flat.near[seed, k])
        if routes.nodes[stop].vehicle < 0 and not marked[stop]:
            space[out + added] = stop
            added += 1
            if added == _TRIED_TOGETHER:
                break
    return added
