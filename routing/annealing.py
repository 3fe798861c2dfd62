"""The steps of the search at one temperature: a removal, its repair, and whether it is kept.

What a step touches is kept (`keeping`) until it is accepted. `improve` sets the temperatures, and asks
for the best orders at the end.
"""

import numpy as np

from routing.chains import Routes, draw, link, paid
from routing.compiling import compiled, woven
from routing.crossing import crossed
from routing.flat import Flat, Floats, Ints
from routing.keeping import Kept, copy, restore, save
from routing.moving import insert, remove
from routing.pricing import ANY, ANYTHING, IDLE, NEAR, cheapest
from routing.ruin import also_absent, ruin, sort
from routing.timing import refresh

_LENIENT = 0.1
"""The share of steps that may open a vehicle at a loss, in the hope that others will join: any number
whose fixed cost is the loss, one whose way is too."""

_ALL_ASKED = 320
"""Stops up to which every route is looked at for an insertion; beyond, those of its neighbours."""


@compiled
def lay(flat: Flat, routes: Routes, chains: Ints) -> None:
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
def start(
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
    if price >= paid(routes.vans, vehicle):
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
def anneal(
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
    crossings: int,
    steps: int,
) -> None:
    """So many steps at one temperature; what a step touches is kept in `saved` until accepted.

    How much dearer a step may be is drawn before anything is put back, and a step is given up as soon
    as what is back already costs more, whatever the rest would.
    """
    for _ in range(steps):
        cost, absent = status[0], routes.idle[-1]
        copy(routes.pile, saved.pile)
        kept, out = ruin(flat, routes, space, saved, touched, removed, longest, status[5])
        sort(flat, routes, space, out, key)
        change = _prices(flat, space, out)
        position = 0
        while position < kept:
            vehicle, size = saved.layout[position], saved.layout[position + 1]
            change += paid(routes.vans, vehicle) - paid(saved.vans, vehicle)
            position += 2 + size
        lenient = draw(routes.chance) < _LENIENT
        out += also_absent(flat, routes, space, out, lenient)
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
                kept = save(flat, routes, saved, kept, vehicle)
                touched[vehicle] = 1
            old = paid(routes.vans, vehicle)
            if insert(flat, routes, stop, where, depot):
                change += paid(routes.vans, vehicle) - old - price
        now = cost + change
        if now < limit:
            status[0] = now
            _note_if_best(flat, routes, best, best_source, status)
        else:
            restore(flat, routes, saved, kept)
            routes.idle[-1] = absent
        position = 0
        while position < kept:
            touched[saved.layout[position]] = 0
            position += 2 + saved.layout[position + 1]
        _cross(flat, routes, best, best_source, status, saved, heat, crossings)


@compiled
def _cross(
    flat: Flat,
    routes: Routes,
    best: Ints,
    best_source: Ints,
    status: Floats,
    saved: Kept,
    heat: float,
    times: int,
) -> None:
    """Let routes change their ends, so many times, where it is not much dearer."""
    for _ in range(times):
        limit = -heat * np.log(max(draw(routes.chance), 1e-300))
        change = crossed(flat, routes, saved, limit)
        if change < limit:
            status[0] += change
            _note_if_best(flat, routes, best, best_source, status)


@compiled
def _note_if_best(
    flat: Flat, routes: Routes, best: Ints, best_source: Ints, status: Floats
) -> None:
    """Count the cost anew where it seems the least so far, and remember the routes."""
    if status[0] < status[1] - 1e-6:
        _count(flat, routes, status)
        status[1] = status[0]
        _note_best(routes, best, best_source)


@compiled
def _prices(flat: Flat, space: Ints, out: int) -> float:
    whole = 0.0
    for k in range(out):
        whole += flat.stops[space[k]].price
    return whole
