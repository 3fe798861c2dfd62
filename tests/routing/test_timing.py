"""A route that is timed where it changed is as one that is timed anew from end to end."""

from dataclasses import replace

import numpy as np
import pytest

from routing.chains import empty_routes
from routing.flat import flattened
from routing.moving import insert, remove
from routing.pricing import ANY, ANYTHING, cheapest
from routing.timetable import Book
from routing.timing import quick, refresh, retime
from routing.travel import LEVEL_DAY
from tests.routing.builders import a_random_problem

TIMES = (
    "begin",
    "free",
    "latest",
    "slack",
    "metres",
    "weight",
    "volume",
    "parcels",
    "tail",
    "head",
)


def a_level_problem(seed):
    """A random problem of level travel without rests, paid hours and bounds on a route's length."""
    problem = a_random_problem(seed, stops=20, vehicles=3)
    return replace(
        problem,
        travel=replace(problem.travel, hours=LEVEL_DAY),
        vehicles=tuple(
            replace(v, per_hour=0, max_duration=None, breaks=(), locked=())
            for v in problem.vehicles
        ),
    )


def _holds(flat, routes):
    """Every vehicle's times and costs are those of a refresh."""
    nodes, vans = routes.nodes.copy(), routes.vans.copy()
    for vehicle in range(len(flat.vans)):
        assert refresh(flat, routes, vehicle)
    on_a_route = (nodes["after"] >= 0) | (nodes["before"] >= 0)
    on_a_route[: len(flat.stops)] = nodes["vehicle"][: len(flat.stops)] >= 0
    for name in TIMES:
        old, new = nodes[name][on_a_route], routes.nodes[name][on_a_route]
        assert old.tolist() == new.tolist(), name
    np.testing.assert_allclose(vans["cost"], routes.vans["cost"], atol=1e-6)
    for name in ("trips", "stops"):
        assert vans[name].tolist() == routes.vans[name].tolist()


@pytest.mark.parametrize("seed", range(40))
def test_a_route_timed_where_it_changed_is_as_one_timed_whole(seed):
    rng = np.random.default_rng(seed)
    flat = flattened(Book.of(a_level_problem(seed)))
    routes = empty_routes(flat, seed)
    for vehicle in range(len(flat.vans)):
        refresh(flat, routes, vehicle)
        assert quick(flat, vehicle)
    absent = set(range(len(flat.stops)))
    for _ in range(60):
        stop = int(rng.integers(len(flat.stops)))
        if stop in absent:
            _, where, depot = cheapest(flat, routes, stop, 0.0, ANY, ANYTHING)
            if where >= 0 and insert(flat, routes, stop, where, depot):
                absent.discard(stop)
        else:
            node = routes.nodes[stop]
            vehicle, prior, until = int(node["vehicle"]), int(node["before"]), int(node["after"])
            if not (remove(flat, routes, stop) and retime(flat, routes, vehicle, prior, until)):
                refresh(flat, routes, vehicle)
            absent.add(stop)
        _holds(flat, routes)
        assert routes.idle[-1] == len(absent)
    assert len(absent) < len(flat.stops)
