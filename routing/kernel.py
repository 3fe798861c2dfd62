"""The compiled heart of the search: routes as linked lists, their times, and the cheapest insertion.

Everything here is called from other compiled code and compiled on first use (numba keeps the
result on disk). A route is a chain of nodes from its vehicle's start to its end; a further loading
is a node of the chain. For each node we keep what makes an insertion test take constant time:

- `begin`, `free`: when its service begins at the earliest, and when the driver is free again;
- `latest`: the latest beginning that keeps every hard time limit after it;
- `slack`: by how much it may be delayed before anything after it is later past its due time;
- prefix and suffix (duration, first and last start), as Vidal et al. 2013 concatenate segments,
  where paid hours or a longest duration matter. Rests count as part of the drive they lie on.

The tests are exact for level travel times without rests; `refresh` then times the changed route
in full and says whether it really fits, so an insertion that only seemed to fit is taken back.
"""

from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numba import config, njit
from numpy.typing import NDArray

from routing.flat import (
    ABOARD,
    DEPOTS,
    LOAD,
    METRES,
    METRES_TO,
    NEVER,
    SECONDS,
    SECONDS_TO,
    Flat,
    Ints,
    Records,
)
from routing.problem import HORIZON

ANYTHING = 1e18
"""More than any insertion costs."""

ANY, IDLE, NEAR = 0, 1, 2
"""Which vehicles are asked: all, those without a stop, or these and those that serve a near one."""

_NEAR = 40
"""So many stops count as near."""

COMPILED = ("flat.py", "improve.py", "kernel.py", "problem.py")
"""The rooms that go into the compiled search, with the constants that it takes from them."""

_Compute = TypeVar("_Compute", bound=Callable[..., Any])


def kept_in(rooms: Path) -> Path:
    """Where the compiled search is kept: a folder for each state of its code.

    Numba looks at the file of the called function alone, and would load a search from disk whose
    inner parts have changed since.
    """
    state = blake2b(digest_size=8)
    for name in COMPILED:
        state.update((rooms / name).read_bytes())
    return rooms / "__pycache__" / f"search-{state.hexdigest()}"


_settings: Any = config
_settings.CACHE_DIR = _settings.CACHE_DIR or str(kept_in(Path(__file__).parent))


def compiled(function: _Compute) -> _Compute:
    """Compile the function on its first call, or load it from disk; it must make no array.

    So that nobody counts who holds an array: with the counting, which is atomic and done for every
    row that is looked at, a step of the search takes three times as long.
    """
    uncounted: Any = {"_nrt": False}
    made: _Compute = njit(cache=True, error_model="numpy", boundscheck=False, **uncounted)(function)
    return made


def woven(function: _Compute) -> _Compute:
    """As `compiled`, and made part of whatever calls it: a call costs more than a small answer."""
    uncounted: Any = {"_nrt": False}
    made: _Compute = njit(
        cache=True, error_model="numpy", boundscheck=False, forceinline=True, **uncounted
    )(function)
    return made


class Routes(NamedTuple):
    """A solution under way. Stops absent from it have vehicle -1."""

    nodes: Records
    vans: Records
    pile: Ints
    """Parcels left in each pile."""
    chance: NDArray[np.uint64]
    """The state of the random numbers."""
    asked: Ints
    """2 x (v + 1): the vehicles that are asked for one insertion; when each was last, and the time."""
    idle: Ints
    """For each kind of vehicle one before which none of it is idle; last, how many stops are absent."""


NODE = np.dtype(
    [
        # what every insertion test reads comes first, to share a line of the cache
        ("after", np.int64),
        ("place", np.int64),
        ("metres", np.int64),  # on the way to the node
        ("free", np.int64),
        ("latest", np.int64),
        ("begin", np.int64),
        ("slack", np.int64),
        ("rest", np.int64),  # seconds of rest on the way to the node
        ("before", np.int64),
        ("vehicle", np.int64),
        ("source", np.int64),  # of a start or loading: the depot, or d for what is on board
        ("head", np.int64),  # the start or loading that the node's trip began with
        ("onward", np.int64),  # of a head: the next loading, -1 where there is none
        ("tail", np.int64),  # of a head: the last node of its trip
        ("ready", np.int64),  # of a head: when its goods are ready
        ("low", np.int64),  # the window in force, closed where it would be later past due
        ("high", np.int64),
        *((name, np.int64) for name in LOAD),  # of a head: what its trip carries
        *((name, np.int64) for name in ("span", "first", "last")),  # the route up to the node
        *((name, np.int64) for name in ("rest_span", "rest_first", "rest_last")),  # from it on
    ],
    align=True,
)
VAN_STATE = np.dtype([("cost", np.float64), ("trips", np.int64), ("stops", np.int64)])


def empty_routes(flat: Flat, seed: int) -> Routes:
    """No stop on any route."""
    n, v = len(flat.stops), len(flat.vans)
    extra = flat.vans["loading_to"] - flat.vans["loading_from"]
    nodes = np.zeros(n + 2 * v + int(extra.sum()), NODE)
    starts, ends = np.arange(n, n + v), np.arange(n + v, n + 2 * v)
    nodes["after"] = nodes["before"] = nodes["vehicle"] = -1
    nodes["vehicle"][n:] = np.concatenate(
        (np.arange(v), np.arange(v), np.repeat(np.arange(v), extra))
    )
    nodes["place"][:n] = np.arange(n)
    nodes["place"][starts], nodes["place"][ends] = flat.vans["start"], flat.vans["end"]
    nodes["after"][starts], nodes["before"][ends] = ends, starts
    nodes["source"][starts] = flat.vans["home"]
    state = (seed * 2862933555777941757 + 88172645463325252) % 2**64
    return Routes(
        nodes=nodes,
        vans=np.zeros(v, VAN_STATE),
        pile=flat.pile.copy(),
        chance=np.array([state], np.uint64),
        asked=np.zeros((2, v + 1), np.int64),
        idle=np.append(np.zeros(int(flat.vans["kind"].max(initial=-1)) + 1, np.int64), n),
    )


@compiled
def draw(chance: NDArray[np.uint64]) -> float:
    """A random number from 0 up to 1 (xorshift64*)."""
    x = chance[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    chance[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


@compiled
def reach(clock: Ints, leaving: int, drive: int) -> int:
    """When a drive of so many level seconds ends (`travel.arrival`)."""
    if clock[0] or drive >= HORIZON:
        return leaving + drive
    now, left = leaving, drive
    while True:
        second = now - clock[1]
        factor = clock[3 + second // 3600 % 24]
        room = 3600 - second % 3600
        needed = (left * factor + 999) // 1000
        if needed <= room:
            return now + needed
        left = max(0, left - room * 1000 // factor)
        now += room


@compiled
def leave(clock: Ints, at: int, drive: int) -> int:
    """The latest departure that arrives by `at`."""
    leaving = at - drive
    if clock[0] or drive >= HORIZON:
        return leaving
    for _ in range(8):
        over = reach(clock, leaving, drive) - at
        if over <= 0:
            return leaving
        leaving -= over
    return leaving


@compiled
def opening(windows: Ints, asked: Records, at: int) -> int:
    """The earliest beginning of service from `at` on, NEVER where no window is left."""
    for w in range(asked.window_from, asked.window_to):
        if at <= windows[w, 1]:
            return max(at, windows[w, 0])
    return NEVER


@compiled
def _closing(windows: Ints, asked: Records, by: int) -> int:
    """The latest allowed beginning of service at or before `by`."""
    for w in range(asked.window_to - 1, asked.window_from - 1, -1):
        if by >= windows[w, 0]:
            return min(by, windows[w, 1])
    return -NEVER


@compiled
def _around(windows: Ints, asked: Records, begin: int) -> tuple[int, int]:
    """The window that holds the beginning."""
    for w in range(asked.window_from, asked.window_to):
        if begin <= windows[w, 1]:
            return windows[w, 0], windows[w, 1]
    return begin, begin


@woven
def _gather(flat: Flat, routes: Routes, vehicle: int) -> None:
    """What each trip of the vehicle loads, when that is ready, and where the trip ends."""
    n, d = len(flat.stops), len(flat.depots)
    nodes = routes.nodes
    van, state = flat.vans[vehicle], routes.vans[vehicle]
    state.trips = 0
    state.stops = 0
    head = n + vehicle
    nodes[head].weight = van.aboard_weight
    nodes[head].volume = van.aboard_volume
    nodes[head].parcels = van.aboard_parcels
    nodes[head].ready = van.opens
    while True:
        tail, node = head, nodes[head].after
        nodes[head].head = head
        while node < n:
            stop = flat.stops[node]
            nodes[node].head = head
            nodes[head].weight += stop.weight
            nodes[head].volume += stop.volume
            nodes[head].parcels += stop.parcels
            ready = flat.goods[node, nodes[head].source].ready
            nodes[head].ready = max(nodes[head].ready, ready)
            state.stops += 1
            tail, node = node, nodes[node].after
        if nodes[head].source < d:
            opens = flat.depots[nodes[head].source, 1]
            nodes[head].ready = max(nodes[head].ready, opens)
        state.trips += tail != head
        nodes[head].tail = tail
        if node < n + 2 * len(flat.vans):
            nodes[node].head = head
            nodes[head].onward = -1
            if state.stops == 0:
                note_idle(flat, routes, vehicle)
            return
        nodes[head].onward = node
        head = node
        nodes[head].weight = 0
        nodes[head].volume = 0
        nodes[head].parcels = 0
        nodes[head].ready = -HORIZON


@compiled
def note_idle(flat: Flat, routes: Routes, vehicle: int) -> None:
    """The vehicle has no stop any more."""
    kind = flat.vans[vehicle].kind
    routes.idle[kind] = min(routes.idle[kind], vehicle)


@compiled
def _last_departure(flat: Flat, routes: Routes, head: int) -> int:
    source = routes.nodes[head].source
    return flat.depots[source, 2] if source < len(flat.depots) else NEVER


@woven
def refresh(flat: Flat, routes: Routes, vehicle: int) -> bool:
    """Time the vehicle's route anew; False where it breaks a time limit."""
    n, v = len(flat.stops), len(flat.vans)
    _gather(flat, routes, vehicle)
    if not _forward(flat, routes, vehicle):
        return False
    start = _backward(flat, routes, vehicle)
    end = n + v + vehicle
    length = routes.nodes[end].begin - start
    routes.vans[vehicle].cost += flat.vans[vehicle].per_second * length
    if routes.vans[vehicle].stops == 0:
        routes.vans[vehicle].cost = 0.0
        return True
    return length <= flat.vans[vehicle].longest


@woven
def _forward(flat: Flat, routes: Routes, vehicle: int) -> bool:
    """Earliest times along the route, and what it costs but for its hours; False if too late."""
    n, v = len(flat.stops), len(flat.vans)
    nodes, van, clock, windows = routes.nodes, flat.vans[vehicle], flat.clock, flat.windows
    seconds, metres = flat.travel[SECONDS], flat.travel[METRES]
    level, timed = clock[0], clock[2]
    node, end = n + vehicle, n + v + vehicle
    here = nodes[node]
    free = here.begin = here.free = here.low = here.first = here.ready
    here.high = here.last = _last_departure(flat, routes, node)
    here.rest = here.span = 0
    if free > here.high:
        return False
    pending, rests = van.rest_from, van.rest_to
    while pending < rests and free >= flat.rests[pending, 1]:
        pending += 1
    cost, driven_metres = van.fixed, 0
    while node != end:
        node = here.after
        before, here = here, nodes[node]
        drive = int(seconds[before.place, here.place])
        wheels = free + drive if level else reach(clock, free, drive)
        way, pause, service = wheels - free, 0, 0
        if node < n:
            asked = flat.stops[node]
            service = asked.service
            begin, low, high = max(wheels, asked.opens), asked.opens, asked.closes
            if asked.window_to - asked.window_from > 1:
                begin = opening(windows, asked, wheels)
        elif node == end:
            begin, low, high = wheels, -NEVER, van.closes
        else:
            pause = van.turnaround
            low, high = here.ready, _last_departure(flat, routes, node)
            begin = max(wheels + pause, low)
        here.rest = 0
        if pending < rests:
            pending, taken, begin = _rest(
                flat, here, vehicle, node, pending, free, wheels, begin, service
            )
            here.rest = taken
            if begin >= NEVER:
                return False
        if begin > high:
            return False
        if node < n:
            if asked.window_to - asked.window_from > 1:
                low, high = _around(windows, asked, begin)
            if begin > asked.due:
                cost += asked.late * (begin - asked.due)
            if asked.late > 0:
                high = min(high, max(begin, asked.due))
        here.low, here.high = low, high
        here.metres = metres[before.place, here.place]
        driven_metres += here.metres
        free = begin + service
        here.begin, here.free = begin, free
        if timed:
            span = before.span + way + here.rest + pause
            wait = max(0, low - span - before.last)
            here.span = span + wait + service
            here.first = max(before.first, low - span - wait)
            here.last = max(here.first, min(before.last, high - span))
    routes.vans[vehicle].cost = cost + van.per_metre * driven_metres
    return True


@compiled
def quick(flat: Flat, vehicle: int) -> bool:
    """True where a change of the route is felt only as far as it shifts a beginning: level travel, no
    rests, and nobody asks how long the route is."""
    van = flat.vans[vehicle]
    return flat.clock[0] == 1 and flat.clock[2] == 0 and van.rest_from == van.rest_to


@woven
def retime(flat: Flat, routes: Routes, vehicle: int, prior: int, until: int) -> bool:
    """As `refresh` of a `quick` vehicle whose loads are right and whose route changed behind `prior` and
    before `until` alone. False where it breaks a time limit; its times are stale then."""
    n, v = len(flat.stops), len(flat.vans)
    nodes, van, windows = routes.nodes, flat.vans[vehicle], flat.windows
    seconds, metres = flat.travel[SECONDS], flat.travel[METRES]
    end, node, here = n + v + vehicle, prior, nodes[prior]
    extra, late, passed = 0, 0.0, False
    while node != end:
        before, node = here, here.after
        here = nodes[node]
        drive, way = seconds[before.place, here.place], metres[before.place, here.place]
        begin, service, was = before.free + drive, 0, here.begin
        extra += way - here.metres
        if node < n:
            asked = flat.stops[node]
            service = asked.service
            if asked.window_to - asked.window_from > 1:
                begin = opening(windows, asked, begin)
            begin = max(begin, asked.opens)
            if begin > asked.closes:
                return False
            if asked.late > 0:
                late += asked.late * (max(0, begin - asked.due) - max(0, was - asked.due))
        elif node == end:
            if begin > van.closes:
                return False
        else:
            begin = max(begin + van.turnaround, here.ready)
            if begin > here.high:
                return False
        here.metres, here.begin, here.free = way, begin, begin + service
        passed = passed or node == until
        if passed and begin == was:
            break
    routes.vans[vehicle].cost += late + van.per_metre * extra
    _retime_back(flat, routes, vehicle, node, prior)
    return True


@compiled
def _retime_back(flat: Flat, routes: Routes, vehicle: int, node: int, until: int) -> None:
    """Latest times before the node, as far as they change and at least to `until`."""
    n, v = len(flat.stops), len(flat.vans)
    nodes, van, windows, seconds = (
        routes.nodes,
        flat.vans[vehicle],
        flat.windows,
        flat.travel[SECONDS],
    )
    here, passed = nodes[node], False
    while node != n + vehicle:
        extra = van.turnaround if node >= n + 2 * v else 0
        later, node = here, here.before
        here = nodes[node]
        way = seconds[here.place, later.place] + extra
        latest = later.latest - way
        slack = max(0, later.begin - here.free - way) + later.slack
        if node < n:
            asked = flat.stops[node]
            latest = min(latest - asked.service, asked.closes)
            if asked.window_to - asked.window_from > 1:
                latest = _closing(windows, asked, latest)
            if asked.late > 0:
                slack = min(slack, max(0, asked.due - here.begin))
        else:
            latest = min(latest, here.high)
        slack = min(slack, NEVER)
        passed = passed or node == until
        if passed and latest == here.latest and slack == here.slack:
            return
        here.latest, here.slack = latest, slack


@compiled
def _rest(
    flat: Flat,
    here: Records,
    vehicle: int,
    node: int,
    pending: int,
    free: int,
    wheels: int,
    begin: int,
    service: int,
) -> tuple[int, int, int]:
    """Take the rests that are due on the way to a node, or that cost nothing there.

    Returns the next rest, the seconds rested, and when the node then begins (NEVER: too late).
    """
    n, v = len(flat.stops), len(flat.vans)
    van = flat.vans[vehicle]
    taken = 0
    while pending < van.rest_to:
        opens, closes, length = flat.rests[pending]
        pause = max(free, opens)
        paused = max(wheels, pause) + length
        if node < n:
            paused = opening(flat.windows, flat.stops[node], paused)
        elif node >= n + 2 * v:
            paused = max(paused + van.turnaround, here.ready)
        due = begin + service > closes
        if not due and (paused > begin or pause > closes):
            break
        if pause > closes:
            return pending, taken, NEVER
        rested = max(0, pause - wheels) + length
        taken += rested
        wheels += rested
        begin = paused
        pending += 1
    return pending, taken, begin


@woven
def _backward(flat: Flat, routes: Routes, vehicle: int) -> int:
    """Latest times along the route; returns the latest start that costs nothing."""
    n, v = len(flat.stops), len(flat.vans)
    nodes, van, clock, windows = routes.nodes, flat.vans[vehicle], flat.clock, flat.windows
    seconds, level, timed = flat.travel[SECONDS], clock[0], clock[2]
    node = n + v + vehicle
    here = nodes[node]
    here.latest = here.rest_last = van.closes
    here.slack, here.rest_span, here.rest_first = NEVER, 0, -NEVER
    cap = here.begin
    while node != n + vehicle:
        extra = here.rest
        if node >= n + 2 * v:
            extra += van.turnaround
        later, node = here, here.before
        here = nodes[node]
        drive = int(seconds[here.place, later.place])
        if level:
            leaving, free, way = later.latest - extra - drive, cap - extra - drive, drive + extra
        else:
            leaving = leave(clock, later.latest - extra, drive)
            free = leave(clock, cap - extra, drive)
            way = extra + reach(clock, here.free, drive) - here.free
        slack = max(0, later.begin - here.free - way) + later.slack
        service = 0
        if node < n:
            asked = flat.stops[node]
            service = asked.service
            latest = min(leaving - service, asked.closes)
            if asked.window_to - asked.window_from > 1:
                latest = _closing(windows, asked, latest)
            if asked.late > 0:
                slack = min(slack, max(0, asked.due - here.begin))
            here.latest = latest
        else:
            here.latest = min(leaving, here.high)
        here.slack = min(slack, NEVER)
        cap = min(free - service, here.high)
        if timed:
            span = service + way
            pause = max(0, later.rest_first - span - here.high)
            here.rest_span = span + pause + later.rest_span
            here.rest_first = max(here.low, later.rest_first - span - pause)
            here.rest_last = max(here.rest_first, min(here.high, later.rest_last - span))
    return max(cap, here.begin)


@compiled
def cheapest(
    flat: Flat,
    routes: Routes,
    stop: int,
    blink: float,
    whom: int,
    most: float,
) -> tuple[float, int, int]:
    """Where the stop costs least, if less than `most`: the cost, the node to follow, and a depot for a
    trip of its own.

    The depot is -1 for an insertion into an existing trip; -2 - depot means a trip of its own
    before the first one. The node is -1 where it fits nowhere. A share `blink` of places is not
    looked at (Christiaens and Vanden Berghe 2020). `whom` says who is asked.
    """
    n, v, d = len(flat.stops), len(flat.vans), len(flat.depots)
    nodes, clock = routes.nodes, flat.clock
    asked = flat.stops[stop]
    late, due, service, closes = asked.late, asked.due, asked.service, asked.closes
    level, timed, simple = clock[0], clock[2], asked.window_to - asked.window_from == 1
    to_me, from_me = flat.travel[METRES_TO, stop], flat.travel[METRES, stop]
    drive_to_me, drive_from_me = flat.travel[SECONDS_TO, stop], flat.travel[SECONDS, stop]
    best, where, depot = most, -1, -1
    count = _asked(flat, routes, stop, whom)
    for one in range(count):
        vehicle = routes.asked[0, one]
        van, state = flat.vans[vehicle], routes.vans[vehicle]
        way = flat.ways[stop, van.kind].way
        if way == 0:
            continue
        idle = state.stops == 0
        base = 0.0
        if idle:
            if van.fixed >= best:
                continue
            base = van.fixed
        full = state.trips >= van.trips
        head = n + vehicle
        while head >= 0:
            loading = nodes[head]
            head = loading.onward
            if (
                loading.weight + asked.weight > van.weight
                or loading.volume + asked.volume > van.volume
                or loading.parcels + asked.parcels > van.parcels
            ):
                continue
            source = loading.source
            if way & (ABOARD if source == d else DEPOTS) == 0:
                continue
            goods = flat.goods[stop, source]
            pile = flat.ways[stop, van.kind].pile if source == d else goods.pile
            if pile >= 0 and routes.pile[pile] < asked.parcels:
                continue
            held = goods.ready > loading.begin
            if held and goods.ready > loading.latest:
                continue
            prior, following = loading.head, loading.after
            if full and following >= n:
                continue
            free = goods.ready if held else loading.free
            while True:
                if free > closes:
                    break
                to, ahead = nodes[prior].place, nodes[following]
                cost = base + van.per_metre * (to_me[to] + from_me[ahead.place] - ahead.metres)
                if cost < best and not (following < n and flat.stops[following].fixed == 1):
                    begin = free + drive_to_me[to]
                    if not level:
                        begin = reach(clock, free, drive_to_me[to])
                    if simple and begin <= closes:
                        begin = max(begin, asked.opens)
                    else:
                        begin = opening(flat.windows, asked, begin)
                    left = begin + service
                    arrive = left + drive_from_me[ahead.place]
                    if not level:
                        arrive = reach(clock, left, drive_from_me[ahead.place])
                    arrive += ahead.rest
                    if following >= n + 2 * v:
                        arrive += van.turnaround
                    if arrive <= ahead.latest:
                        if begin > due:
                            cost += late * (begin - due)
                        if arrive - ahead.begin > ahead.slack or held:
                            cost += _lateness(
                                flat, routes, vehicle, loading.head, prior, goods.ready, arrive
                            )
                        if timed and cost < best:
                            cost += _hours(flat, routes, vehicle, stop, prior, following, begin)
                        if cost < best and (blink == 0 or draw(routes.chance) >= blink):
                            best, where, depot = cost, prior, -1
                if following >= n:
                    break
                prior, following = following, ahead.after
                free = _passing(flat, routes, prior, free) if held else ahead.free
        if full or not way & DEPOTS:
            continue
        for own in range(d):
            if not flat.reloads[vehicle, own] or flat.goods[stop, own].ready >= NEVER:
                continue
            if idle and own == van.home:
                continue
            pile = flat.goods[stop, own].pile
            if pile >= 0 and routes.pile[pile] < asked.parcels:
                continue
            head = n + vehicle
            while head >= 0:
                tail = nodes[head].tail
                cost = _own_trip(flat, routes, stop, vehicle, tail, nodes[tail].after, own, best)
                if cost < best and (blink == 0 or draw(routes.chance) >= blink):
                    best, where, depot = cost, tail, own
                head = nodes[head].onward
            if own == van.home and _first_may_move(flat, routes, vehicle):
                cost = _first_trip(flat, routes, stop, vehicle, own, best)
                if cost < best:
                    best, where, depot = cost, n + vehicle, -2 - own
    return best, where, depot


@compiled
def _asked(flat: Flat, routes: Routes, stop: int, whom: int) -> int:
    """Write down who is asked for the insertion, of idle ones one of each kind; returns how many."""
    v, count, asked = len(flat.vans), 0, routes.asked
    if whom == NEAR:
        asked[1, v] += 1
        for k in range(min(_NEAR, flat.near.shape[1])):
            vehicle = routes.nodes[flat.near[stop, k]].vehicle
            if vehicle >= 0 and asked[1, vehicle] != asked[1, v]:
                asked[1, vehicle] = asked[1, v]
                asked[0, count] = vehicle
                count += 1
    elif whom == ANY:
        for vehicle in range(v):
            if routes.vans[vehicle].stops > 0:
                asked[0, count] = vehicle
                count += 1
    for kind in range(len(routes.idle) - 1):
        vehicle = routes.idle[kind]
        while vehicle < v and (flat.vans[vehicle].kind != kind or routes.vans[vehicle].stops > 0):
            vehicle += 1
        routes.idle[kind] = vehicle
        if vehicle < v:
            asked[0, count] = vehicle
            count += 1
    return count


@compiled
def _first_may_move(flat: Flat, routes: Routes, vehicle: int) -> bool:
    """True where the first trip carries something and may become the second one."""
    first = routes.nodes[len(flat.stops) + vehicle].after
    return first < len(flat.stops) and flat.stops[first].fixed != 1


@compiled
def _floats(flat: Flat, vehicle: int) -> bool:
    """True where the vehicle sets out with float stock."""
    van = flat.vans[vehicle]
    return van.aboard_weight + van.aboard_volume + van.aboard_parcels > 0


@compiled
def _passing(flat: Flat, routes: Routes, node: int, free: int) -> int:
    """When the driver is free after a stop, having been free at `free` before the way to it."""
    drive = flat.travel[
        SECONDS, routes.nodes[routes.nodes[node].before].place, routes.nodes[node].place
    ]
    wheels = reach(flat.clock, free, drive) + routes.nodes[node].rest
    return opening(flat.windows, flat.stops[node], wheels) + flat.stops[node].service


@compiled
def _lateness(
    flat: Flat, routes: Routes, vehicle: int, head: int, prior: int, ready: int, arrive: int
) -> float:
    """What is added past due times when the trip leaves at `ready` and `prior`'s follower is met at `arrive`."""
    n, v = len(flat.stops), len(flat.vans)
    extra = 0.0
    if ready > routes.nodes[head].begin:
        node, free = head, ready
        while node != prior:
            node = routes.nodes[node].after
            free = _passing(flat, routes, node, free)
            begin = free - flat.stops[node].service
            late = max(0, begin - flat.stops[node].due) - max(
                0, routes.nodes[node].begin - flat.stops[node].due
            )
            extra += flat.stops[node].late * late
    node, at = routes.nodes[prior].after, arrive
    while True:
        begin = at
        if node < n:
            begin = opening(flat.windows, flat.stops[node], at)
        elif node >= n + 2 * v:
            begin = max(at, routes.nodes[node].ready)
        if begin <= routes.nodes[node].begin:
            return extra
        if node < n:
            late = max(0, begin - flat.stops[node].due) - max(
                0, routes.nodes[node].begin - flat.stops[node].due
            )
            extra += flat.stops[node].late * late
            begin += flat.stops[node].service
        if n + v <= node < n + 2 * v:
            return extra
        following = routes.nodes[node].after
        drive = flat.travel[SECONDS, routes.nodes[node].place, routes.nodes[following].place]
        at = reach(flat.clock, begin, drive) + routes.nodes[following].rest
        if following >= n + 2 * v:
            at += flat.vans[vehicle].turnaround
        node = following


@compiled
def _hours(
    flat: Flat, routes: Routes, vehicle: int, stop: int, prior: int, following: int, begin: int
) -> float:
    """What the insertion adds to the paid hours, ANYTHING where the route gets too long."""
    to, back = routes.nodes[prior].place, routes.nodes[following].place
    low = flat.windows[flat.stops[stop].window_from, 0]
    for w in range(flat.stops[stop].window_from, flat.stops[stop].window_to):
        if flat.windows[w, 0] <= begin:
            low = flat.windows[w, 0]
    way = flat.travel[SECONDS_TO, stop, to]
    if not flat.clock[0]:
        way = reach(flat.clock, routes.nodes[prior].free, way) - routes.nodes[prior].free
    span = routes.nodes[prior].span + way
    wait = max(0, low - span - routes.nodes[prior].last)
    last = min(routes.nodes[prior].last, max(begin, min(flat.stops[stop].due, NEVER)) - span)
    last = max(last, routes.nodes[prior].first)
    left = begin + flat.stops[stop].service
    span += wait + flat.stops[stop].service
    onward = (
        reach(flat.clock, left, flat.travel[SECONDS, stop, back])
        - left
        + routes.nodes[following].rest
    )
    if following >= len(flat.stops) + 2 * len(flat.vans):
        onward += flat.vans[vehicle].turnaround
    span += onward
    length = (
        span
        + routes.nodes[following].rest_span
        + max(0, routes.nodes[following].rest_first - last - span)
    )
    if length > flat.vans[vehicle].longest:
        return ANYTHING
    end = len(flat.stops) + len(flat.vans) + vehicle
    now = 0
    if routes.vans[vehicle].stops > 0:
        now = routes.nodes[end].span
    return flat.vans[vehicle].per_second * (length - now)


@compiled
def _own_trip(
    flat: Flat,
    routes: Routes,
    stop: int,
    vehicle: int,
    tail: int,
    following: int,
    depot: int,
    best: float,
) -> float:
    """The cost of a trip for this stop alone, loaded at the depot after `tail`."""
    at, to, back = flat.depots[depot, 0], routes.nodes[tail].place, routes.nodes[following].place
    metres = (
        flat.travel[METRES, to, at]
        + flat.travel[METRES_TO, stop, at]
        + flat.travel[METRES, stop, back]
    )
    cost = flat.vans[vehicle].per_metre * (metres - routes.nodes[following].metres)
    if routes.vans[vehicle].stops == 0:
        cost = flat.vans[vehicle].fixed + flat.vans[vehicle].per_metre * metres
    if cost >= best:
        return ANYTHING
    leaving = (
        reach(flat.clock, routes.nodes[tail].free, flat.travel[SECONDS, to, at])
        + flat.vans[vehicle].turnaround
    )
    leaving = max(leaving, flat.goods[stop, depot].ready, flat.depots[depot, 1])
    if leaving > flat.depots[depot, 2]:
        return ANYTHING
    begin = opening(
        flat.windows,
        flat.stops[stop],
        reach(flat.clock, leaving, flat.travel[SECONDS_TO, stop, at]),
    )
    left = begin + flat.stops[stop].service
    arrive = (
        reach(flat.clock, left, flat.travel[SECONDS, stop, back]) + routes.nodes[following].rest
    )
    if following >= len(flat.stops) + 2 * len(flat.vans):
        arrive += flat.vans[vehicle].turnaround
    if arrive > routes.nodes[following].latest:
        return ANYTHING
    cost += flat.stops[stop].late * max(0, begin - flat.stops[stop].due)
    delay = arrive - routes.nodes[following].begin
    if delay > routes.nodes[following].slack:
        cost += _lateness(flat, routes, vehicle, tail, tail, -NEVER, arrive)
    return cost + flat.vans[vehicle].per_second * max(0, delay)


@compiled
def _first_trip(
    flat: Flat, routes: Routes, stop: int, vehicle: int, depot: int, best: float
) -> float:
    """The cost of a trip for this stop alone before all others, from the depot and back to it."""
    n = len(flat.stops)
    if _floats(flat, vehicle):
        return ANYTHING
    start, following = n + vehicle, routes.nodes[n + vehicle].after
    at, to = flat.depots[depot, 0], routes.nodes[start].place
    back = routes.nodes[following].place
    metres = (
        flat.travel[METRES_TO, stop, to]
        + flat.travel[METRES, stop, at]
        + flat.travel[METRES, at, back]
    )
    cost = flat.vans[vehicle].per_metre * (metres - routes.nodes[following].metres)
    if cost >= best:
        return ANYTHING
    leaving = max(flat.vans[vehicle].opens, flat.goods[stop, depot].ready, flat.depots[depot, 1])
    begin = opening(
        flat.windows,
        flat.stops[stop],
        reach(flat.clock, leaving, flat.travel[SECONDS_TO, stop, to]),
    )
    left = begin + flat.stops[stop].service
    again = reach(flat.clock, left, flat.travel[SECONDS, stop, at]) + flat.vans[vehicle].turnaround
    again = max(again, routes.nodes[start].ready)
    if again > flat.depots[depot, 2]:
        return ANYTHING
    arrive = reach(flat.clock, again, flat.travel[SECONDS, at, back]) + routes.nodes[following].rest
    if arrive > routes.nodes[following].latest:
        return ANYTHING
    cost += flat.stops[stop].late * max(0, begin - flat.stops[stop].due)
    delay = arrive - routes.nodes[following].begin
    if delay > routes.nodes[following].slack:
        cost += _lateness(flat, routes, vehicle, start, start, -NEVER, arrive)
    return cost + flat.vans[vehicle].per_second * (again - leaving)


@compiled
def link(routes: Routes, prior: int, node: int, vehicle: int) -> None:
    """Put the node behind `prior`."""
    following = routes.nodes[prior].after
    routes.nodes[prior].after = node
    routes.nodes[node].before = prior
    routes.nodes[node].after = following
    routes.nodes[following].before = node
    routes.nodes[node].vehicle = vehicle


@compiled
def unlink(routes: Routes, node: int) -> None:
    """Take the node out of its route."""
    prior, following = routes.nodes[node].before, routes.nodes[node].after
    routes.nodes[prior].after = following
    routes.nodes[following].before = prior
    routes.nodes[node].after = -1


@compiled
def pile_of(flat: Flat, routes: Routes, stop: int, head: int, vehicle: int) -> int:
    """The pile that the stop takes from on that trip, -1 where it takes from none."""
    source = routes.nodes[head].source
    if source == len(flat.depots):
        return flat.ways[stop, flat.vans[vehicle].kind].pile
    return flat.goods[stop, source].pile


@woven
def insert(flat: Flat, routes: Routes, stop: int, where: int, depot: int) -> bool:
    """Put the stop behind `where`, on a trip of its own if a depot is given; False if it does not fit."""
    n, v = len(flat.stops), len(flat.vans)
    vehicle = routes.nodes[where].vehicle
    loading = -1
    if depot != -1:
        for k in range(flat.vans[vehicle].loading_from, flat.vans[vehicle].loading_to):
            if routes.nodes[n + 2 * v + k].after < 0:
                loading = n + 2 * v + k
                break
        if loading < 0:
            return False
        own = depot if depot >= 0 else -2 - depot
        routes.nodes[loading].source = own
        routes.nodes[loading].place = flat.depots[own, 0]
    head = routes.nodes[where].head
    following = routes.nodes[where].after
    if depot >= 0:
        link(routes, where, loading, vehicle)
        link(routes, loading, stop, vehicle)
    else:
        link(routes, where, stop, vehicle)
        if loading >= 0:
            link(routes, stop, loading, vehicle)
    fits = False
    if depot == -1 and _joins(flat, routes, stop, head, where):
        fits = retime(flat, routes, vehicle, where, following)
    else:
        fits = refresh(flat, routes, vehicle)
    if fits:
        routes.idle[-1] -= 1
        pile = pile_of(flat, routes, stop, routes.nodes[stop].head, vehicle)
        if pile >= 0:
            routes.pile[pile] -= flat.stops[stop].parcels
        return True
    unlink(routes, stop)
    routes.nodes[stop].vehicle = -1
    if loading >= 0:
        unlink(routes, loading)
    refresh(flat, routes, vehicle)
    return False


@compiled
def _joins(flat: Flat, routes: Routes, stop: int, head: int, where: int) -> bool:
    """Load the stop on the trip of that head where nothing but loads and times changes by it."""
    vehicle = routes.nodes[head].vehicle
    asked, trip, node = flat.stops[stop], routes.nodes[head], routes.nodes[stop]
    late = flat.goods[stop, trip.source].ready > trip.ready
    if late or trip.tail == head or not quick(flat, vehicle):
        return False
    trip.weight += asked.weight
    trip.volume += asked.volume
    trip.parcels += asked.parcels
    if trip.tail == where:
        trip.tail = stop
    routes.vans[vehicle].stops += 1
    node.head, node.metres, node.begin = head, 0, -NEVER
    return True


@compiled
def remove(flat: Flat, routes: Routes, stop: int) -> bool:
    """Take the stop off its route, and its trip's loading with it if nothing else is loaded.

    The route's times are stale until `refresh`, or `retime` if the answer is True.
    """
    n, v = len(flat.stops), len(flat.vans)
    vehicle, head = routes.nodes[stop].vehicle, routes.nodes[stop].head
    pile = pile_of(flat, routes, stop, head, vehicle)
    if pile >= 0:
        routes.pile[pile] += flat.stops[stop].parcels
    alone = quick(flat, vehicle) and _leaves(flat, routes, stop, head)
    unlink(routes, stop)
    routes.nodes[stop].vehicle = -1
    routes.idle[-1] += 1
    if routes.nodes[head].after < n:
        return alone
    if head >= n + 2 * v:
        unlink(routes, head)
        return False
    following = routes.nodes[head].after
    same = following >= n + 2 * v and routes.nodes[following].source == routes.nodes[head].source
    if same and not _floats(flat, vehicle):
        node = routes.nodes[following].after
        while node < n:
            routes.nodes[node].head = head
            node = routes.nodes[node].after
        unlink(routes, following)
    return False


@compiled
def _leaves(flat: Flat, routes: Routes, stop: int, head: int) -> bool:
    """Take the stop off its trip's load and the route's cost; True where the trip was not waiting for it."""
    vehicle, source = routes.nodes[head].vehicle, routes.nodes[head].source
    asked, trip, node = flat.stops[stop], routes.nodes[head], routes.nodes[stop]
    trip.weight -= asked.weight
    trip.volume -= asked.volume
    trip.parcels -= asked.parcels
    if trip.tail == stop:
        trip.tail = node.before
    van, state = flat.vans[vehicle], routes.vans[vehicle]
    state.stops -= 1
    state.cost -= van.per_metre * node.metres + asked.late * max(0, node.begin - asked.due)
    ready = -HORIZON
    if source < len(flat.depots):
        ready = flat.depots[source, 1]
    if head < len(flat.stops) + 2 * len(flat.vans):
        ready = max(ready, van.opens)
    return trip.ready == ready or flat.goods[stop, source].ready < trip.ready
