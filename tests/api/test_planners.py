"""Planners read what is believed and asked, and decide on what they read."""

from datetime import timedelta

import pytest

from logistics.access import Role
from logistics.decisions import RecommendationState, Verdict
from logistics.exceptions import CaseKind
from logistics.network import Lease
from logistics.records import DecisionRecord
from logistics.workflows.cases import open_case
from logistics.workflows.decide import carry_out
from tests.builders.doors import House, problem, under_key
from tests.builders.orders import a_record
from tests.builders.supply import (
    CELLS,
    SEVEN,
    a_recommendation,
    a_world,
    all_of,
    an_outlook,
    centre_node,
)

PATH = "/v1/node-recommendations/rec_1"


@pytest.fixture
def house():
    return House(a_world())


@pytest.fixture
def asked(house):
    return a_recommendation(house.means)


def say(house, choice="approve", tag='"1"', planner="ann", **more):
    headers = {"If-Match": tag} if tag else {}
    client = house.caller(Role.PLANNER, planner)
    return client.put(f"{PATH}/decision", json={"choice": choice, **more}, headers=headers)


def test_a_recommendation_is_shown_with_all_that_is_needed(house, asked):
    shown = house.caller(Role.PLANNER).get(PATH)
    assert shown.headers["etag"] == '"1"'
    told = shown.json()
    assert told["proposal"]["exit"]["closes_at"]
    assert told["proposal"]["stock"][0]["units"] == asked.proposal.stock[0].units
    listed = house.caller(Role.PLANNER).get("/v1/node-recommendations?state=open").json()
    assert [one["id"] for one in listed["items"]] == ["rec_1"]
    problem(house.caller(Role.SPACE).get(PATH), "forbidden-scope")


@pytest.mark.usefixtures("asked")
def test_a_verdict_needs_the_version_it_rests_on(house):
    problem(say(house, tag=None), "precondition-required")
    fault = problem(say(house, tag="seven"), "validation-failed")["errors"][0]
    assert (fault["pointer"], fault["in"]) == ("/If-Match", "header")
    assert all_of(house.means, Verdict) == ()


@pytest.mark.usefixtures("asked")
def test_b3_the_second_of_two_planners_is_told_who_was_first(house):
    first = say(house)
    assert first.json()["state"] == "approved"
    late = say(house, "reject", planner="bob", reason_code="cost")
    told = problem(late, "stale-version")
    assert told["changed_by"] == "ann"
    assert told["current_etag"] == first.headers["etag"]
    assert "state" in told["changed_fields"]
    assert house.caller(Role.PLANNER).get(PATH).json() == first.json()
    assert len(all_of(house.means, Verdict)) == 1


@pytest.mark.usefixtures("asked")
def test_b4_an_approval_that_is_sent_twice_asks_for_one_lease(house):
    first = say(house)
    second = say(house)
    assert (first.status_code, second.status_code) == (200, 200)
    assert second.json() == first.json()
    for _ in range(2):
        carry_out(house.means, now=house.clock.on(seconds=31))
    assert len(all_of(house.means, Lease)) == 1
    assert len(all_of(house.means, Verdict)) == 1


def test_b5_an_approval_on_a_forecast_that_moved_is_stopped(house):
    forecast = an_outlook(house.means, 10.0)
    a_recommendation(house.means, forecasts=(forecast.id,), forecast_units=100_000.0)
    told = problem(say(house), "stale-version")
    assert "forecast" in told["detail"]
    assert all_of(house.means, Verdict) == ()


def test_two_planners_decide_above_the_limit_and_the_first_reason_stays_hidden(house):
    a_recommendation(house.means, needs_two=True)
    first = say(house, reason="gain is fine")
    assert first.json()["state"] == "awaiting_second"
    bob = house.caller(Role.PLANNER, "bob")
    assert bob.get(f"{PATH}/decision").json()["reason"] is None
    assert house.caller(Role.PLANNER, "ann").get(f"{PATH}/decision").json()["reason"]
    problem(say(house, tag=first.headers["etag"]), "second-planner-needed")
    second = say(house, tag=first.headers["etag"], planner="bob")
    assert second.json()["state"] == "approved"
    assert [v["reason"] for v in bob.get(f"{PATH}/history").json()] == ["gain is fine", None]


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"choice": "reject"}, "/reason_code"),
        ({"choice": "shrug"}, "/choice"),
        ({"choice": "reject", "reason_code": "mood"}, "/reason_code"),
        ({"choice": "amend"}, "/amendment"),
        ({"choice": "approve", "forecast_read": "many"}, "/forecast_read"),
        ({"choice": "approve", "note": "x"}, "/note"),
    ],
)
def test_a_verdict_that_cannot_be_so_is_pointed_at(house, said, pointer):
    told = problem(say(house, **said), "validation-failed")
    assert told["errors"][0]["pointer"] == pointer
    assert all_of(house.means, Verdict) == ()


@pytest.mark.usefixtures("asked")
def test_an_amendment_makes_a_successor(house):
    made = say(house, "amend", amendment={"units": [{"product": "lamp", "units": 1900}]})
    told = made.json()
    assert told["supersedes"] == "rec_1"
    assert told["proposal"]["stock"][0]["units"] == 1900
    assert house.caller(Role.PLANNER).get(PATH).json()["state"] == "superseded"
    again = problem(say(house, tag='"9"'), "stale-version")
    assert again["changed_by"] == "ann"


def test_a_forecast_is_shown_hour_by_hour(house):
    made = an_outlook(house.means, 12.0)
    planner = house.caller(Role.PLANNER)
    assert planner.get(f"/v1/forecasts/{made.id}").json()["basis"] == "own_conversion"
    whole = planner.get(f"/v1/forecasts/{made.id}/series").json()
    assert len(whole["p50"]) == len(whole["p90"]) == made.hours
    assert whole["parts"][0]["name"] == "v1"
    part = planner.get(f"/v1/forecasts/{made.id}/series?region={CELLS[0]}").json()
    assert part["p50"][0] == pytest.approx(4.0)
    assert part["p90"] is None
    problem(planner.get(f"/v1/forecasts/{made.id}/series?region=mars"), "not-found")
    assert len(planner.get("/v1/forecasts?product=lamp").json()["items"]) == 1


@pytest.mark.usefixtures("asked")
def test_a_space_answers_its_own_leases_only(house):
    say(house)
    carry_out(house.means, now=house.clock.on(seconds=31))
    lease = all_of(house.means, Lease)[0]
    stranger = house.caller(Role.SPACE, "others")
    said = {"lease": lease.id, "answer": "confirm"}
    problem(
        stranger.post("/v1/spaces/lease-responses", json=said, headers=under_key()), "not-found"
    )
    problem(stranger.get(f"/v1/leases/{lease.id}"), "not-found")
    problem(stranger.get(f"/v1/nodes/{lease.node}"), "not-found")
    space = house.caller(Role.SPACE)
    assert [n["id"] for n in space.get("/v1/nodes").json()["items"]] == [lease.node]
    assert len(house.caller(Role.PLANNER).get("/v1/nodes").json()["items"]) == 2
    answered = space.post("/v1/spaces/lease-responses", json=said, headers=under_key())
    assert answered.json()["state"] == "confirmed"
    assert space.get(f"/v1/leases/{lease.id}").json()["state"] == "confirmed"
    assert space.get("/v1/inventory-positions").json()["items"] == []
    assert len(house.caller(Role.PLANNER).get("/v1/inventory-positions").json()["items"]) == 1


def test_a_space_counts_its_own_goods(house):
    node = centre_node(house.means)
    said = {"node": node.id, "product": "lamp", "counted": 11_000, "damaged": 12}
    own = house.caller(Role.SPACE, "own")
    told = own.post("/v1/spaces/counts", json=said, headers=under_key()).json()
    assert (told["on_hand"], told["damaged"]) == (11_000, 12)
    others = house.caller(Role.SPACE, "others")
    problem(others.post("/v1/spaces/counts", json=said, headers=under_key()), "not-found")


def test_a_case_is_taken_and_settled_by_one_planner(house):
    with house.means.store.begin() as deed:
        case = open_case(
            deed,
            house.means.ids,
            CaseKind.NO_CARRIER,
            market="la",
            subject="rte_1",
            detail="nobody drives",
            cause="t",
            now=SEVEN,
        )
    ann, bob = house.caller(Role.PLANNER, "ann"), house.caller(Role.PLANNER, "bob")
    path = f"/v1/exceptions/{case.id}"
    assert ann.get("/v1/exceptions?state=open").json()["items"][0]["id"] == case.id
    taken = ann.put(f"{path}/handling", json={"step": "take"}, headers={"If-Match": '"1"'})
    assert (taken.json()["state"], taken.json()["owner"]) == ("taken", "ann")
    late = bob.put(f"{path}/handling", json={"step": "take"}, headers={"If-Match": '"1"'})
    assert problem(late, "stale-version")["changed_by"] == "ann"
    tag = {"If-Match": taken.headers["etag"]}
    silent = ann.put(f"{path}/handling", json={"step": "resolve"}, headers=tag)
    assert problem(silent, "validation-failed")["errors"][0]["pointer"] == "/resolution"
    done = {"step": "resolve", "resolution": "steady drives"}
    assert ann.put(f"{path}/handling", json=done, headers=tag).json()["state"] == "resolved"


def test_a_decision_is_followed_back_to_what_was_seen(house):
    records = [
        a_record("dec_1", parents=("fct_1", "brd_9")),
        a_record("dec_2", parents=("v1~la~2026112407", "dec_1")),
    ]
    with house.means.store.begin() as deed:
        deed.add_all(records)
    an_outlook(house.means, 1.0, id="fct_1", made_at=SEVEN - timedelta(hours=1))
    planner = house.caller(Role.PLANNER)
    shown = planner.get("/v1/decisions/dec_2").json()
    assert shown["inputs_hash"] == records[1].inputs_hash
    links = planner.get("/v1/decisions/dec_2/lineage").json()["links"]
    hops = {link["id"]: (link["hop"], link["kind"]) for link in links}
    assert hops["v1~la~2026112407"] == (1, "signal")
    assert hops["fct_1"] == (2, "forecast")
    assert hops["dec_f"][0] == 3
    problem(planner.get("/v1/decisions/dec_none/lineage"), "not-found")
    assert len(all_of(house.means, DecisionRecord)) == 2


def test_what_is_not_there_is_unknown(house):
    planner = house.caller(Role.PLANNER)
    for path in (
        "nodes",
        "leases",
        "replenishments",
        "plans",
        "routes",
        "route-tenders",
        "exceptions",
        "decisions",
        "forecasts",
        "virality-episodes",
        "node-recommendations",
        "orders",
        "promises",
    ):
        problem(planner.get(f"/v1/{path}/none"), "not-found")
        listed = planner.get(f"/v1/{path}")
        assert listed.status_code == 200 or path == "promises", listed.text
    assert RecommendationState.OPEN.value == "open"
