"""Times the routes: when each stop begins, and how late it could.

`refresh` times a route in full and says whether it fits; `retime` times one that changed in one
place, only as far as the change is felt, and says the same.
"""

from routing.chains import Routes, note_idle
from routing.compiling import compiled, woven
from routing.flat import METRES, NEVER, SECONDS, Flat, Ints, Records
from routing.problem import HORIZON


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
