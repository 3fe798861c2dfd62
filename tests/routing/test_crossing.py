"""Two trips that change their ends: timed, paid and loaded as routes that were made so, and undone without a trace."""

import numpy as np
import pytest

from routing.annealing import lay
from routing.chains import empty_routes, paid
from routing.crossing import crossed
from routing.flat import flattened
from routing.keeping import Kept
from routing.moving import insert
from routing.pricing import ANY, ANYTHING, cheapest
from routing.problem import Load
from routing.timetable import Book
from routing.timing import refresh
from tests.routing.builders import a_problem, a_random_problem, a_stop, a_van


def _kept(routes):
    room = 4 * len(routes.nodes)
    return Kept(
        np.zeros(room, np.int64),
        np.zeros(room, routes.nodes.dtype),
        routes.vans.copy(),
        routes.pile.copy(),
    )


def _filled(flat, seed):
    """Every stop where it costs least."""
    routes = empty_routes(flat, seed)
    for vehicle in range(len(flat.vans)):
        refresh(flat, routes, vehicle)
    for stop in range(len(flat.stops)):
        _, where, depot = cheapest(flat, routes, stop, 0.0, ANY, ANYTHING)
        if where >= 0:
            insert(flat, routes, stop, where, depot)
    return routes


def _paid(flat, routes):
    return sum(paid(routes.vans, vehicle) for vehicle in range(len(flat.vans)))


def _stops_of(flat, routes, vehicle):
    n, v = len(flat.stops), len(flat.vans)
    node, stops = routes.nodes["after"][n + vehicle], []
    while node != n + v + vehicle:
        stops.append(int(node))
        node = routes.nodes["after"][node]
    return stops


@pytest.mark.parametrize("seed", range(30))
def test_routes_that_changed_their_ends_are_as_routes_that_were_made_so(seed):
    flat = flattened(Book.of(a_random_problem(seed, stops=25, vehicles=5)))
    routes = _filled(flat, seed)
    saved, cost, served = _kept(routes), _paid(flat, routes), routes.nodes["vehicle"][:25] >= 0
    for _ in range(600):
        before = [_stops_of(flat, routes, vehicle) for vehicle in range(5)]
        change = crossed(flat, routes, saved, 5_000.0)
        if change >= ANYTHING:
            assert before == [_stops_of(flat, routes, vehicle) for vehicle in range(5)]
            continue
        assert change < 5_000
        cost += change
    kept = routes.nodes.copy()
    for vehicle in range(5):
        assert refresh(flat, routes, vehicle)
    assert _paid(flat, routes) == pytest.approx(cost)
    assert ((routes.nodes["vehicle"][:25] >= 0) == served).all()
    on_a_route = kept["vehicle"] >= 0
    on_a_route[:25] &= served
    for name in ("begin", "latest", "slack", "parcels"):
        assert kept[name][:25][served].tolist() == routes.nodes[name][:25][served].tolist()


def two_vans_that_cross_over(**facts):
    """Stops on one road, each van's second one beyond the other van's."""
    stops = [a_stop(str(k), place) for k, place in enumerate((1, 8, 7, 2))]
    flat = flattened(Book.of(a_problem(stops, [a_van("a", **facts), a_van("b", **facts)])))
    routes = empty_routes(flat, 0)
    lay(flat, routes, np.array([2, 0, 1, 2, 2, 3]))
    return flat, routes


def _cross_often(flat, routes):
    saved = _kept(routes)
    for _ in range(200):
        crossed(flat, routes, saved, 0.0)


def test_two_vans_that_cross_over_change_their_ends():
    flat, routes = two_vans_that_cross_over(fixed=0)
    was = _paid(flat, routes)
    _cross_often(flat, routes)
    assert _paid(flat, routes) < was


def test_a_van_whose_end_fits_behind_another_stays_at_home():
    flat, routes = two_vans_that_cross_over(fixed=50_000)
    _cross_often(flat, routes)
    assert sorted(len(_stops_of(flat, routes, k)) for k in range(2)) == [0, 4]


def test_a_van_takes_no_end_that_it_has_no_room_for():
    flat, routes = two_vans_that_cross_over(fixed=50_000, capacity=Load(parcels=3))
    _cross_often(flat, routes)
    assert all(len(_stops_of(flat, routes, k)) <= 3 for k in range(2))
    assert sum(len(_stops_of(flat, routes, k)) for k in range(2)) == 4
