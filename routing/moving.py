"""Puts stops on routes and takes them off, with the loading of their trip where it is theirs alone."""

from routing.chains import Routes, link, pile_of, unlink
from routing.compiling import compiled, woven
from routing.flat import NEVER, Flat
from routing.pricing import floats
from routing.problem import HORIZON
from routing.timing import quick, refresh, retime


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
    _close_up(flat, routes, vehicle)
    return False


@compiled
def _close_up(flat: Flat, routes: Routes, vehicle: int) -> None:
    """Let the second trip be the first, where that has become empty and would load at the same depot."""
    n, v, nodes = len(flat.stops), len(flat.vans), routes.nodes
    start = n + vehicle
    loading = nodes[start].after
    if loading < n + 2 * v or nodes[loading].source != nodes[start].source or floats(flat, vehicle):
        return
    node = nodes[loading].after
    while node < n:
        nodes[node].head = start
        node = nodes[node].after
    unlink(routes, loading)


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
