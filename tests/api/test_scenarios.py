"""Planners ask what if through the door: at once, exactly, side by side, and back to a verdict."""

import pytest

from api.cli.portfolio import lines
from logistics.access import Role
from logistics.whatif import Figures
from logistics.workflows.explore import run_scenarios
from logistics.workflows.position import propose
from tests.builders.doors import House, problem, under_key
from tests.builders.supply import SEVEN, an_outlook
from tests.logistics.workflows.test_position import SITES, a_metro

SCENARIOS = "/v1/scenarios"


@pytest.fixture
def house():
    tools = a_metro(sites=SITES[:1])
    an_outlook(tools, 25)
    return House(tools)


def ask(house, **body):
    told = {"name": "careful", **body}
    return house.caller(Role.PLANNER).post(SCENARIOS, json=told, headers=under_key())


def test_a_what_if_is_estimated_at_once_worked_out_and_promoted(house):
    (about,) = propose(house.means, now=SEVEN)
    units = sum(line.units for line in about.proposal.stock) - 30
    asked = ask(house, recommendation=about.id, change={"stock": units, "demand_factor": 0.6})
    assert asked.status_code == 202, asked.text
    made = asked.json()
    assert (made["state"], made["exact"]) == ("running", None)
    assert made["estimate"]["expected_gain"] < about.expected_gain
    planner = house.caller(Role.PLANNER)
    assert planner.get(f"/v1/operations/{made['operation']}").json()["state"] == "queued"
    run_scenarios(house.means, now=house.clock.on(minutes=1))
    shown = planner.get(f"{SCENARIOS}/{made['id']}").json()
    assert shown["state"] == "ready"
    assert shown["exact"]["planned"] or shown["exact"]["says"]
    promoted = planner.put(f"{SCENARIOS}/{made['id']}/promotion").json()
    follower = planner.get(f"/v1/node-recommendations/{promoted['promoted_to']}").json()
    assert follower["supersedes"] == about.id
    told = problem(planner.put(f"{SCENARIOS}/{made['id']}/discard"), "state-conflict")
    assert told["status"] == 409


def test_up_to_four_what_ifs_are_compared_by_what_differs(house):
    ids = [ask(house, market="la", change={"vans": vans}).json()["id"] for vans in (0, 30)]
    run_scenarios(house.means, now=house.clock.on(minutes=1))
    planner = house.caller(Role.PLANNER)
    told = planner.get(f"{SCENARIOS}/{ids[0]}/comparison", params={"with": ids[1:]}).json()
    rows = {row["figure"]: row["values"] for row in told["rows"]}
    assert told["exact"] == [True, True]
    assert rows["change.vans"] == [0, 30]
    assert rows["orders"][0] == 0 < rows["orders"][1]
    assert "change.budget" not in rows
    whole = planner.get(
        f"{SCENARIOS}/{ids[0]}/comparison", params={"with": ids[1:], "everything": "true"}
    ).json()
    assert len(whole["rows"]) > len(told["rows"])


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        ({"change": {"demand_factor": 9.0}, "market": "la"}, "validation-failed"),
        ({"change": {"target_hours": 5}, "market": "la"}, "validation-failed"),
        ({"market": "atlantis"}, "not-found"),
        ({}, "validation-failed"),
        ({"market": "la", "change": {"stock": 5}}, "validation-failed"),
    ],
)
def test_a_senseless_what_if_is_refused(house, body, slug):
    problem(ask(house, **body), slug)


def test_carriers_ask_no_what_ifs(house):
    problem(house.caller(Role.CARRIER).get(SCENARIOS), "forbidden-scope")


def test_a_portfolio_is_told_in_sentences():
    assert lines(Figures(expected_gain=0, orders=0, says=("nothing is held",))) == (
        "nothing is held.",
    )


def test_b12_coverage_is_told_by_area_with_and_without_a_site(house):
    planner = house.caller(Role.PLANNER)
    told = planner.get("/v1/coverage/la")
    assert told.status_code == 200, told.text
    now = told.json()
    then = planner.get("/v1/coverage/la", params={"site": ["vernon"]}).json()
    assert now["of_residents"] < then["of_residents"] == 1.0
    assert {band["people"] for band in then["bands"]} == {"few", "some", "many"}
    problem(planner.get("/v1/coverage/atlantis"), "not-found")
