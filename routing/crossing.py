"""Lets two trips change their ends: what is behind a stop of one goes behind a stop of the other.

Taking strings of stops out and putting them back one by one hardly ever turns two routes into two
others, splits a long one or joins two short ones; this does (Potvin and Rousseau 1995, *2-opt\\**). One
stop is drawn, and one that is near it and would follow it, or a vehicle that is idle. What the drives
cost is told at once, and hardly any pair passes; those that do are timed in full.

Later trips stay where they are, for a loading belongs to its vehicle, and none is left without a stop.
Only vehicles that pay the same for their way change ends, for else what it costs could not be told at
once.
"""

from routing.chains import Routes, draw, paid
from routing.compiling import compiled, woven
from routing.flat import DEPOTS, METRES, NEVER, SECONDS, Flat, Records
from routing.keeping import Kept, copy, restore, save
from routing.pricing import ANYTHING, idle_of
from routing.timing import refresh

_BESIDE = 10
"""So many near stops may follow the one that was drawn; one time in as many and one an idle vehicle does."""


@compiled
def crossed(flat: Flat, routes: Routes, saved: Kept, limit: float) -> float:
    """Let two trips change their ends where that costs less than `limit` more; what it costs, ANYTHING
    where nothing has changed."""
    n, nodes = len(flat.stops), routes.nodes
    one = int(draw(routes.chance) * n)
    if nodes[one].vehicle < 0:
        return ANYTHING
    other, prior = _partner(flat, routes, one)
    if other < 0 or not _may_part(flat, routes, one, prior):
        return ANYTHING
    mine, its, following = nodes[one].vehicle, nodes[other].vehicle, nodes[one].after
    if not (_in_time(flat, routes, one, other) and _in_time(flat, routes, prior, following)):
        return ANYTHING
    if _change(flat, routes, one, other, prior) >= limit or not (
        _may_move(flat, routes, following, prior)
        and _may_move(flat, routes, other, one)
        and _fit(flat, routes, one, other, prior)
    ):
        return ANYTHING
    old = paid(routes.vans, mine) + paid(routes.vans, its)
    copy(routes.pile, saved.pile)
    kept = save(flat, routes, saved, 0, mine)
    kept = save(flat, routes, saved, kept, its)
    end, its_end = _beyond(routes, one), _beyond(routes, prior)
    _hand(routes, one, other, its_end, end)
    _hand(routes, prior, following, end, its_end)
    if refresh(flat, routes, mine) and refresh(flat, routes, its):
        change = paid(routes.vans, mine) + paid(routes.vans, its) - old
        if change < limit:
            return change
    restore(flat, routes, saved, kept)
    return ANYTHING


@woven
def _partner(flat: Flat, routes: Routes, one: int) -> tuple[int, int]:
    """Who would follow the stop, and whom that one follows now; -1 where nobody does."""
    n, v, nodes = len(flat.stops), len(flat.vans), routes.nodes
    pick = int(draw(routes.chance) * (_BESIDE + 1))
    if pick == _BESIDE:
        vehicle = idle_of(flat, routes, int(draw(routes.chance) * (len(routes.idle) - 1)))
        if vehicle >= v or nodes[one].after >= n:
            return -1, -1
        return n + v + vehicle, n + vehicle
    if pick + 1 >= flat.near.shape[1]:
        return -1, -1
    other = int(flat.near[one, 1 + pick])
    if nodes[other].vehicle < 0 or nodes[other].vehicle == nodes[one].vehicle:
        return -1, -1
    return other, nodes[other].before


@woven
def _beyond(routes: Routes, node: int) -> int:
    """What comes after the trip of that node: the next loading, or the end."""
    return routes.nodes[routes.nodes[routes.nodes[node].head].tail].after


@woven
def _may_part(flat: Flat, routes: Routes, one: int, prior: int) -> bool:
    """True where neither carries what was on board, and no trip would be without a stop before another."""
    nodes, n, d = routes.nodes, len(flat.stops), len(flat.depots)
    mine, its = nodes[nodes[one].head], nodes[nodes[prior].head]
    if mine.source >= d or its.source >= d:
        return False
    gives_all = prior >= n and nodes[one].after >= n
    return not gives_all or (its.onward < 0 and prior < n + 2 * len(flat.vans))


@woven
def _in_time(flat: Flat, routes: Routes, before: int, after: int) -> bool:
    """True where the one is left early enough for the other, if it is a stop and travel is level."""
    if after >= len(flat.stops) or not flat.clock[0]:
        return True
    nodes = routes.nodes
    drive = flat.travel[SECONDS, nodes[before].place, nodes[after].place]
    return nodes[before].free + drive <= nodes[after].latest


@woven
def _way(flat: Flat, routes: Routes, van: Records, before: int, after: int) -> float:
    """What the van pays for that way, in metres and level hours."""
    to, at = routes.nodes[before].place, routes.nodes[after].place
    return (
        van.per_metre * flat.travel[METRES, to, at] + van.per_second * flat.travel[SECONDS, to, at]
    )


@woven
def _change(flat: Flat, routes: Routes, one: int, other: int, prior: int) -> float:
    """What the drives cost more when the ends behind `one` and `prior` have changed, and vehicles less or
    more; ANYTHING where their ways are not paid alike."""
    n, nodes = len(flat.stops), routes.nodes
    mine, its = nodes[one].vehicle, nodes[other].vehicle
    van, its_van = flat.vans[mine], flat.vans[its]
    if van.per_metre != its_van.per_metre or van.per_second != its_van.per_second:
        return ANYTHING
    following, end, its_end = nodes[one].after, _beyond(routes, one), _beyond(routes, prior)
    tail, its_tail = nodes[nodes[one].head].tail, nodes[nodes[prior].head].tail
    change = -_way(flat, routes, van, one, following)
    if following != end:
        change -= _way(flat, routes, van, tail, end)
        change += _way(flat, routes, van, prior, following)
        change += _way(flat, routes, van, tail, its_end)
    elif prior == n + its:
        change -= its_van.fixed
    else:
        change += _way(flat, routes, van, prior, its_end)
    if other == its_end:
        return change + _way(flat, routes, van, one, end) + its_van.fixed
    change -= _way(flat, routes, van, prior, other) + _way(flat, routes, van, its_tail, its_end)
    return change + _way(flat, routes, van, one, other) + _way(flat, routes, van, its_tail, end)


@compiled
def _may_move(flat: Flat, routes: Routes, first: int, to: int) -> bool:
    """True where no lock holds a stop from the first on, and each may ride on the trip of `to`."""
    n, nodes, node = len(flat.stops), routes.nodes, first
    kind, source = flat.vans[nodes[to].vehicle].kind, nodes[nodes[to].head].source
    own = nodes[nodes[first].head].source
    alike = flat.vans[nodes[first].vehicle].kind == kind and own == source
    while node < n:
        if flat.stops[node].fixed:
            return False
        goods = flat.goods[node, source]
        if not alike and (
            flat.ways[node, kind].way & DEPOTS == 0
            or goods.ready >= NEVER
            or goods.pile >= 0
            or flat.goods[node, own].pile >= 0
        ):
            return False
        node = nodes[node].after
    return True


@compiled
def _fit(flat: Flat, routes: Routes, one: int, other: int, prior: int) -> bool:
    """True where both vehicles have room for what they carry then."""
    n, nodes = len(flat.stops), routes.nodes
    weight = volume = parcels = 0
    for first, sign in ((nodes[one].after, -1), (other, 1)):
        node = first
        while node < n:
            asked = flat.stops[node]
            weight += sign * asked.weight
            volume += sign * asked.volume
            parcels += sign * asked.parcels
            node = nodes[node].after
    mine, its = nodes[nodes[one].head], nodes[nodes[prior].head]
    van, its_van = flat.vans[nodes[one].vehicle], flat.vans[nodes[other].vehicle]
    return (
        mine.weight + weight <= van.weight
        and mine.volume + volume <= van.volume
        and mine.parcels + parcels <= van.parcels
        and its.weight - weight <= its_van.weight
        and its.volume - volume <= its_van.volume
        and its.parcels - parcels <= its_van.parcels
    )


@compiled
def _hand(routes: Routes, prior: int, first: int, until: int, end: int) -> None:
    """Let the nodes from the first on follow `prior`, up to the end of their route."""
    nodes, node, following = routes.nodes, prior, first
    while following != until:
        nodes[node].after = following
        nodes[following].before = node
        nodes[following].vehicle = nodes[prior].vehicle
        node, following = following, nodes[following].after
    nodes[node].after = end
    nodes[end].before = node
