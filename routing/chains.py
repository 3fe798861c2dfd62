"""Routes under way, as chains of nodes.

A route is a chain of nodes from its vehicle's start to its end; a further loading is a node of the
chain. What is kept of each node makes an insertion test take constant time:

- `begin`, `free`: when its service begins at the earliest, and when the driver is free again;
- `latest`: the latest beginning that keeps every hard time limit after it;
- `slack`: by how much it may be delayed before anything after it is later past its due time;
- prefix and suffix (duration, first and last start), as Vidal et al. 2013 concatenate segments,
  where paid hours or a longest duration matter. Rests count as part of the drive they lie on.

Here chains are made, linked and unlinked; `timing` keeps their times.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.compiling import compiled
from routing.flat import LOAD, Flat, Ints, Records


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
def note_idle(flat: Flat, routes: Routes, vehicle: int) -> None:
    """The vehicle has no stop any more."""
    kind = flat.vans[vehicle].kind
    routes.idle[kind] = min(routes.idle[kind], vehicle)


@compiled
def pile_of(flat: Flat, routes: Routes, stop: int, head: int, vehicle: int) -> int:
    """The pile that the stop takes from on that trip, -1 where it takes from none."""
    source = routes.nodes[head].source
    if source == len(flat.depots):
        return flat.ways[stop, flat.vans[vehicle].kind].pile
    return flat.goods[stop, source].pile


@compiled
def paid(vans: Records, vehicle: int) -> float:
    """What the vehicle costs, nothing while it is idle."""
    return vans[vehicle].cost if vans[vehicle].stops > 0 else 0.0
