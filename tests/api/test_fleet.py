"""Carriers tell where their vans are and when they drive; others' vans are unknown to them."""

from datetime import timedelta

import pytest

from logistics.access import Role
from tests.builders.demand import DOWNTOWN, TEN, a_world
from tests.builders.doors import Clock, House, problem

HERE = {"lat": DOWNTOWN[0], "lon": DOWNTOWN[1]}


@pytest.fixture
def house():
    return House(a_world(), clock=Clock(TEN))


@pytest.fixture
def carrier(house):
    return house.caller(Role.CARRIER)


def seen(carrier, van="van-0", minutes_ago=0, **more):
    told = {**HERE, "seen_at": (TEN - timedelta(minutes=minutes_ago)).isoformat(), **more}
    return carrier.put(f"/v1/positions/{van}", json=told)


def test_of_a_van_the_last_place_is_known_and_no_other(carrier):
    assert seen(carrier, minutes_ago=5).json()["vehicle"] == "van-0"
    assert seen(carrier, lat=34.1).json()["lat"] == 34.1
    older = seen(carrier, minutes_ago=3, lat=33.9)
    assert older.json()["lat"] == 34.1
    assert [one["lat"] for one in carrier.get("/v1/positions").json()["items"]] == [34.1]
    assert carrier.get("/v1/positions/van-0").headers["etag"] == older.headers["etag"]


def test_a_clock_that_is_ahead_is_not_believed(carrier):
    assert seen(carrier, minutes_ago=-30).json()["seen_at"] == "2026-11-24T18:05:00Z"


def test_a_van_of_another_is_unknown(house, carrier):
    problem(seen(carrier, "van-1"), "not-found")
    assert seen(house.caller(Role.CARRIER, "steady"), "van-1").status_code == 200
    problem(carrier.get("/v1/positions/van-1"), "not-found")
    assert carrier.get("/v1/positions").json()["items"] == []
    everyone = house.caller(Role.PLANNER).get("/v1/positions?market=la").json()["items"]
    assert [one["vehicle"] for one in everyone] == ["van-1"]
    problem(carrier.get("/v1/shifts/van-1"), "not-found")
    problem(roster(carrier, "van-1"), "not-found")


@pytest.mark.parametrize(
    ("more", "pointer"),
    [({"lat": 91}, "/lat"), ({"seen_at": "2026-11-24T10:00:00"}, "/seen_at"), ({"x": 1}, "/x")],
)
def test_a_place_that_cannot_be_is_pointed_at(carrier, more, pointer):
    answer = seen(carrier, **more)
    assert problem(answer, "validation-failed")["errors"][0]["pointer"] == pointer
    problem(carrier.get("/v1/positions/van-0"), "not-found")


def roster(caller, van="van-0", **more):
    said = {"from_hour": 6, "until_hour": 14, **more}
    return caller.put(f"/v1/shifts/{van}", json=said)


def test_a_carrier_says_when_its_driver_works(house, carrier):
    told = roster(carrier).json()
    assert (told["from_hour"], told["until_hour"], told["market"]) == (6, 14, "la")
    assert (told["starts_at"], told["ends_at"]) == (
        "2026-11-24T06:00:00-08:00",
        "2026-11-24T14:00:00-08:00",
    )
    assert carrier.get("/v1/shifts/van-0").json() == told
    operator = house.caller(Role.OPERATOR)
    assert operator.get("/v1/vehicles/van-0").json()["shift_until_hour"] == 14
    assert len(operator.get("/v1/shifts?market=la").json()["items"]) == 6
    assert roster(operator, "van-1").status_code == 200
    wrong = roster(carrier, from_hour=14)
    assert problem(wrong, "validation-failed")["errors"][0]["pointer"] == "/until_hour"


def test_a_service_area_is_drawn_and_names_who_drives_there(house, carrier):
    (area,) = house.caller(Role.PLANNER).get("/v1/service-areas").json()["items"]
    assert area["carriers"] == ["swift", "steady"]
    shown = carrier.get("/v1/service-areas/la").json()
    assert shown["carriers"] == ["swift"]
    assert shown["geometry"]["type"] == "MultiPolygon"
    assert len(shown["geometry"]["coordinates"]) == len(area["cells"])
    ring = shown["geometry"]["coordinates"][0][0]
    assert ring[0] == ring[-1]
    assert all(lon < -100 and lat > 30 for lon, lat in ring)
    problem(carrier.get("/v1/service-areas/mars"), "not-found")
