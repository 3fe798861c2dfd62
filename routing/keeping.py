"""Keeps the routes that a step touches as they were before it, and puts them back."""

from typing import NamedTuple

from routing.chains import Routes, note_idle
from routing.compiling import compiled, woven
from routing.flat import Flat, Ints, Records


class Kept(NamedTuple):
    """The routes touched in a step as they were before it."""

    layout: Ints
    """Route after route: vehicle, number of nodes, the nodes."""
    nodes: Records
    """Copies of the nodes, at the same positions."""
    vans: Records
    pile: Ints


@woven
def save(flat: Flat, routes: Routes, saved: Kept, kept: int, vehicle: int) -> int:
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
def restore(flat: Flat, routes: Routes, saved: Kept, kept: int) -> None:
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
    copy(saved.pile, routes.pile)


@compiled
def copy(pile: Ints, to: Ints) -> None:
    """Write what is left in the piles there."""
    for k in range(len(pile)):
        to[k] = pile[k]
