"""Carriers are offered routes, drive them, and report; what comes late or twice moves nothing."""

from datetime import timedelta

import pytest

from api.carriers.schemas import polyline5
from logistics.access import Role
from logistics.dispatch import Plan
from logistics.workflows.allocate import allocate, pick_and_pack
from logistics.workflows.publish import expire_tenders
from logistics.workflows.route import plan_routes
from routing.geography import Place
from tests.builders.demand import DOWNTOWN, TEN, a_world
from tests.builders.doors import Clock, House, problem, under_key
from tests.builders.supply import all_of

LINES = [{"product": "lamp", "units": 1}]


@pytest.fixture
def house():
    """Two lamps ordered downtown, packed, and a plan to bring them solved."""
    house = House(a_world(), clock=Clock(TEN))
    shop = house.caller(Role.COMMERCE)
    for n in range(2):
        place = {"lat": DOWNTOWN[0] + n / 100, "lon": DOWNTOWN[1], "lines": LINES}
        asked = {"external_id": f"w{n}", "buyer": "b", "place": place, "contact": {"name": "Ann"}}
        assert shop.post("/v1/orders", json=asked, headers=under_key()).status_code == 201
    for _ in range(12):
        now = house.clock.on(minutes=15)
        allocate(house.means, now=now)
        pick_and_pack(house.means, now=now)
        if (plan := plan_routes(house.means, "la", now=now)) is not None:
            assert plan.routes
            return house
    raise AssertionError("no plan was made")


def publish(house):
    planner = house.caller(Role.PLANNER)
    plan = all_of(house.means, Plan)[-1]
    path = f"/v1/plans/{plan.id}"
    shown = planner.get(path)
    done = planner.put(f"{path}/publication", headers={"If-Match": shown.headers["etag"]})
    assert done.json()["state"] == "published", done.text
    return shown, done


def offered(house):
    """The first carrier's offer and its tag, after the plan is released."""
    publish(house)
    carrier = house.caller(Role.CARRIER)
    tender = carrier.get("/v1/route-tenders?state=offered").json()["items"][0]
    return carrier, tender, carrier.get(f"/v1/route-tenders/{tender['id']}").headers["etag"]


def respond(caller, tender, tag, answer="accept", **more):
    path = f"/v1/route-tenders/{tender['id']}/response"
    return caller.put(path, json={"answer": answer, **more}, headers={"If-Match": tag})


def test_a_plan_is_released_once_on_what_was_read(house):
    shown, done = publish(house)
    planner = house.caller(Role.PLANNER)
    path = f"/v1/plans/{shown.json()['id']}/publication"
    problem(planner.put(path), "precondition-required")
    problem(planner.put(path, headers={"If-Match": shown.headers["etag"]}), "stale-version")
    again = planner.put(path, headers={"If-Match": done.headers["etag"]})
    problem(again, "state-conflict")


def test_a_route_is_driven_to_delivered_orders(house):
    carrier, tender, tag = offered(house)
    stranger = house.caller(Role.CARRIER, "steady")
    problem(respond(stranger, tender, tag), "not-found")
    problem(
        carrier.put(f"/v1/route-tenders/{tender['id']}/response", json={"answer": "accept"}),
        "precondition-required",
    )
    hidden = carrier.get(f"/v1/routes/{tender['route']}/stops").json()
    assert all(stop["contact"] is None for stop in hidden)
    taken = respond(carrier, tender, tag, driver="Jo")
    assert taken.json()["state"] == "accepted", taken.text
    told = problem(respond(carrier, tender, taken.headers["etag"]), "tender-closed")
    assert told["tender_state"] == "accepted"

    path = f"/v1/routes/{tender['route']}"
    route = carrier.get(path)
    assert carrier.get(path, headers={"If-None-Match": route.headers["etag"]}).status_code == 304
    problem(stranger.get(path), "not-found")
    line = carrier.get(f"{path}?geometry=geojson").json()["geometry"]
    assert (line["type"], len(line["coordinates"])) == (
        "LineString",
        route.json()["stop_count"] + 2,
    )
    assert isinstance(carrier.get(f"{path}?geometry=polyline5").json()["geometry"], str)
    stops = carrier.get(f"{path}/stops").json()
    assert [stop["contact"] for stop in stops] == [{"name": "Ann"}] * len(stops)
    house.clock.at = house.clock.at.fromisoformat(route.json()["departs_at"])

    events = [report(house, "go", route=tender["route"], step="depart")]
    for n, stop in enumerate(stops):
        told = {"route": tender["route"], "stop": stop["id"]}
        events.append(report(house, f"a{n}", n * 20 + 10, step="arrive", **told))
        events.append(
            report(house, f"c{n}", n * 20 + 12, step="close", **told, outcome="succeeded")
        )
    house.clock.on(hours=1)
    sent = carrier.post("/v1/stop-events", json={"events": events}, headers=under_key())
    assert {item["state"] for item in sent.json()["items"]} == {"applied"}, sent.text
    again = carrier.post("/v1/stop-events", json={"events": events}, headers=under_key())
    assert {item["state"] for item in again.json()["items"]} == {"duplicate"}
    orders = house.caller(Role.COMMERCE).get("/v1/orders?state=delivered").json()["items"]
    assert len(orders) == len(stops)
    assert carrier.get(path, headers={"If-None-Match": route.headers["etag"]}).status_code == 200
    assert carrier.get(f"{path}/stops").json()[0]["contact"] is None

    proof = {
        "kind": "photo",
        "sha256": "a" * 64,
        "size": 1000,
        "taken_at": house.clock().isoformat(),
    }
    where = f"/v1/stops/{stops[0]['id']}/proofs"
    first = carrier.post(where, json=proof, headers=under_key())
    other = carrier.post(where, json={**proof, "sha256": "b" * 64}, headers=under_key())
    assert (first.json()["first"], other.json()["first"]) == (True, False)
    assert len(carrier.get(where).json()) == 2
    problem(stranger.get(where), "not-found")


def test_a_line_is_coded_as_its_inventor_does():
    """The example of Google's page "Encoded Polyline Algorithm Format"."""
    line = [
        Place(lat=38.5, lon=-120.2),
        Place(lat=40.7, lon=-120.95),
        Place(lat=43.252, lon=-126.453),
    ]
    assert polyline5(line) == "_p~iF~ps|U_ulLnnqC_mqNvxq`@"


def report(house, id, minutes=0, **more):
    at = house.clock() + timedelta(minutes=minutes)
    return {"id": id, "happened_at": at.isoformat(), "sequence": minutes, **more}


def test_d3_a_declined_route_is_offered_to_the_next_carrier(house):
    carrier, tender, tag = offered(house)
    assert respond(carrier, tender, tag, "decline", reason="no_capacity").status_code == 200
    after = house.caller(Role.CARRIER, "steady").get("/v1/route-tenders?state=offered").json()
    assert tender["route"] in {one["route"] for one in after["items"]}


def test_d4_an_answer_after_the_deadline_is_too_late(house):
    carrier, tender, tag = offered(house)
    expire_tenders(house.means, now=house.clock.on(minutes=16))
    late = respond(carrier, tender, tag)
    assert problem(late, "tender-closed")["tender_state"] == "expired"


def test_a_report_on_anothers_route_is_refused_alone(house):
    _, tender, _ = offered(house)
    stranger = house.caller(Role.CARRIER, "steady")
    events = [report(house, "go", route=tender["route"], step="depart")]
    answer = stranger.post("/v1/stop-events", json={"events": events}, headers=under_key())
    assert [item["state"] for item in answer.json()["items"]] == ["refused"]


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"step": "fly"}, "/events/0/step"),
        ({"sequence": "1"}, "/events/0/sequence"),
        ({"happened_at": "2026-11-24T10:00:00"}, "/events/0/happened_at"),
        ({"outcome": "perhaps"}, "/events/0/outcome"),
        ({"lat": 91}, "/events/0/lat"),
        ({"speed": 3}, "/events/0/speed"),
    ],
)
def test_a_report_that_cannot_be_so_is_pointed_at(more, pointer):
    house = House(a_world(), clock=Clock(TEN))
    told = {**report(house, "x", route="rte_1", step="depart"), **more}
    carrier = house.caller(Role.CARRIER)
    answer = carrier.post("/v1/stop-events", json={"events": [told]}, headers=under_key())
    assert problem(answer, "validation-failed")["errors"][0]["pointer"] == pointer
