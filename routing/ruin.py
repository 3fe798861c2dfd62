"""Takes neighbouring stops out of their routes, and says in which order they are put back.

Strings of stops near a random one leave together (Christiaens and Vanden Berghe 2020); some that were
left out before try their luck beside them.
"""

from routing.chains import Routes, draw
from routing.compiling import compiled, woven
from routing.flat import METRES_TO, Flat, Floats, Ints
from routing.keeping import Kept, save
from routing.moving import remove
from routing.timing import refresh, retime

_TRIED_AGAIN = 8
"""Stops left out that each step tries to bring in, beside those it took out."""

_TRIED_TOGETHER = 40
"""Stops left out that a lenient step tries, neighbours of one another."""


@woven
def ruin(
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
        kept = save(flat, routes, saved, kept, vehicle)
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
def sort(flat: Flat, routes: Routes, space: Ints, out: int, key: Floats) -> None:
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
def also_absent(flat: Flat, routes: Routes, space: Ints, out: int, together: int) -> int:
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
