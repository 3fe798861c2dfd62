"""What it costs to put a stop on a route, and where that is least.

The tests are exact for level travel times without rests; whoever inserts has the changed route timed
in full, so an insertion that only seemed to fit is taken back.
"""

from routing.chains import Routes, draw
from routing.compiling import compiled, woven
from routing.flat import (
    ABOARD,
    DEPOTS,
    METRES,
    METRES_TO,
    NEVER,
    SECONDS,
    SECONDS_TO,
    Flat,
)
from routing.timing import opening, reach

ANYTHING = 1e18
"""More than any insertion costs."""

ANY, IDLE, NEAR = 0, 1, 2
"""Which vehicles are asked: all, those without a stop, or these and those that serve a near one."""

_NEAR = 40
"""So many stops count as near."""


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
    soonest = asked.opens + service
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
            while (
                following < n and nodes[following].latest < soonest
            ):  # nobody is so early before it
                prior, following = following, nodes[following].after
                free = _passing(flat, routes, prior, free) if held else nodes[prior].free
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
                if tail == head and nodes[head].source == own:  # an empty trip from there has room
                    head = nodes[head].onward
                    continue
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
        vehicle = idle_of(flat, routes, kind)
        if vehicle < v:
            asked[0, count] = vehicle
            count += 1
    return count


@woven
def idle_of(flat: Flat, routes: Routes, kind: int) -> int:
    """The first idle vehicle of the kind, one beyond all where there is none."""
    v, vehicle = len(flat.vans), routes.idle[kind]
    while vehicle < v and (flat.vans[vehicle].kind != kind or routes.vans[vehicle].stops > 0):
        vehicle += 1
    routes.idle[kind] = vehicle
    return vehicle


@compiled
def _first_may_move(flat: Flat, routes: Routes, vehicle: int) -> bool:
    """True where the first trip carries something and may become the second one."""
    first = routes.nodes[len(flat.stops) + vehicle].after
    return first < len(flat.stops) and flat.stops[first].fixed != 1


@compiled
def floats(flat: Flat, vehicle: int) -> bool:
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
    if floats(flat, vehicle):
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
