"""A real road engine, over a small town of the test's own, gives the tables that routes are made of."""

import numpy as np
import pytest

from data.sources.osrm import Osrm
from routing.effort import Effort
from routing.geography import Place
from routing.problem import Depot, Load, RoutingProblem, Stop, Vehicle, Window
from routing.rules import broken
from routing.solver import route
from tests import road_engine
from tests.road_engine import ONE_WAY, corner

pytestmark = pytest.mark.skipif(
    not road_engine.available(), reason="the set-up could not have a road engine on this machine"
)
CORNERS = tuple(corner(row, column) for row in range(5) for column in range(5))


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    started = road_engine.RoadEngine(tmp_path_factory.mktemp("town"), at_once=20)
    yield started
    started.close()


@pytest.fixture
def roads(engine):
    return Osrm(address=engine.address, at_once=20, instead=None)


def test_the_table_is_of_roads_and_knows_the_one_way_street(roads):
    travel = roads.table(CORNERS)
    assert travel.source == "osrm"
    assert len(travel) == 25
    assert (np.diag(travel.seconds) == 0).all()
    south, north = ONE_WAY, 20 + ONE_WAY
    assert travel.metres[south, north] == pytest.approx(4 * 556, rel=0.02)
    assert travel.metres[north, south] > travel.metres[south, north] + 1000
    assert travel.metres[0, 24] == pytest.approx(4 * 556 + 4 * 553, rel=0.02)


def test_what_was_said_is_not_asked_again_and_a_new_place_asks_for_itself_alone(engine, roads):
    whole = roads.table(CORNERS[:20])
    before = engine.asked()
    assert roads.table(CORNERS[:20]) == whole
    assert roads.table(CORNERS[4:9]).seconds.tolist() == whole.seconds[4:9, 4:9].tolist()
    assert engine.asked() == before
    more = roads.table(CORNERS[:21])
    assert engine.asked() <= before + 6
    assert more.seconds[:20, :20].tolist() == whole.seconds.tolist()
    fresh = Osrm(address=engine.address, at_once=20, instead=None)
    assert fresh.table(CORNERS[:21]) == more


def test_a_place_beside_the_road_is_on_the_nearest_one(roads):
    beside = Place(lat=34.0003, lon=-118.0)
    travel = roads.table((beside, corner(4, 0)))
    assert travel.seconds[0, 1] > 0


def test_a_van_keeps_its_windows_by_real_roads(roads):
    problem = RoutingProblem(
        stops=tuple(
            Stop(name=f"s{n}", place=n, price=100_000, service=60, load=Load(parcels=1))
            for n in range(1, 25)
        ),
        depots=(Depot(name="node", place=0),),
        vehicles=tuple(
            Vehicle(
                name=f"van{k}",
                start=0,
                end=0,
                depot="node",
                shift=Window(opens=0, closes=2 * 3600),
                capacity=Load(parcels=15),
                per_km=100,
                per_hour=2000,
            )
            for k in range(2)
        ),
        travel=roads.table(CORNERS),
    )
    plan = route(problem, Effort(steps=300))
    assert broken(problem, plan) == ()
    assert plan.left_out == ()
