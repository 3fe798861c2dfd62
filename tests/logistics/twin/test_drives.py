"""What happens on the way to a buyer is the buyer's luck, whoever is visited before."""

from dataclasses import replace
from datetime import timedelta

import pytest

from logistics.dispatch import Route, RouteState, Stop, StopState
from logistics.twin.drives import Visited, drive
from logistics.twin.world import Faults
from routing.geography import Place
from tests.builders.worlds import MIDNIGHT, a_served_world

DEPOT = Place(lat=34.0, lon=-118.2)
WORLD = replace(a_served_world(), faults=Faults(missed_stop=0.4, returned=0.3))
NOON = MIDNIGHT + timedelta(hours=12)


def a_route(van="van-1", id="rte_1"):
    return Route(
        id=id,
        plan="pln_1",
        market="metro",
        node="nod_1",
        vehicle=van,
        carrier="couriers",
        state=RouteState.ACCEPTED,
        departs_at=NOON,
        returns_at=NOON + timedelta(hours=2),
        distance_m=10_000,
        stop_count=1,
        cost=1_000,
        updated_at=NOON,
    )


def a_stop(name, position):
    return Stop(
        id=f"stp_{name}",
        route="rte_1",
        order=f"ord_{name}",
        promise=None,
        market="metro",
        position=position,
        lat=34.0 + 0.01 * int(name),
        lon=-118.2,
        parcels=1,
        service=180,
        state=StopState.PLANNED,
        due_at=NOON + timedelta(hours=4),
        planned_at=NOON,
        projected_at=NOON,
    )


def told(names, van="van-1", id="rte_1", tried=0):
    """What becomes of each buyer: the outcome and why."""
    stops = tuple(a_stop(name, n) for n, name in enumerate(names, start=1))
    visited = {stop.id: Visited(name=stop.order, tried=tried, opens=None) for stop in stops}
    reports = drive(WORLD, a_route(van, id), stops, DEPOT, visited, leaves=NOON).told
    return {one.stop: (one.outcome, one.outcome_reason) for one in reports if one.step == "close"}


NAMES = tuple(str(n) for n in range(1, 13))


def test_whoever_is_visited_before_changes_nothing_at_the_door():
    alone = {stop: fate for name in NAMES for stop, fate in told([name]).items()}
    assert told(NAMES) == alone
    assert len(set(alone.values())) > 1


def test_another_van_and_another_route_meet_the_same_doors():
    assert told(NAMES) == told(NAMES, van="van-2", id="rte_2")


def test_another_try_has_luck_of_its_own():
    assert told(NAMES) != told(NAMES, tried=1)


@pytest.mark.parametrize("van", ["van-1", "van-2"])
def test_the_clock_of_a_van_is_always_off_or_never(van):
    wrong = replace(WORLD, faults=Faults(wrong_clock=0.5, late_report=0, doubled_report=0))
    shown = set()
    for hours in range(6):
        route = replace(a_route(van), departs_at=NOON + timedelta(hours=hours))
        reports = drive(wrong, route, (), DEPOT, {}, leaves=NOON).told
        shown |= {one.happened_at - one.sent_at for one in reports}
    assert len(shown) == 1


def test_a_van_that_leaves_late_comes_back_late():
    stops = (a_stop("1", 1),)
    visited = {stop.id: Visited(name=stop.order, tried=0, opens=None) for stop in stops}
    hour = timedelta(hours=1)
    calm = replace(WORLD, faults=Faults(bad_weather=0.0, spread_of_drives=0.0))
    soon, late = (
        drive(calm, a_route(), stops, DEPOT, visited, leaves=at) for at in (NOON, NOON + hour)
    )
    assert late.back_at - soon.back_at == hour
    pairs = zip(soon.told, late.told, strict=True)
    assert {two.happened_at - one.happened_at for one, two in pairs} == {hour}
