"""Long work is seen by whoever asked for it, and called off before or while it runs."""

import pytest

from logistics.access import Role
from logistics.operations import Operation, OperationState
from tests.builders.doors import House, problem


@pytest.fixture
def house():
    return House()


def work(house, state=OperationState.QUEUED, id="opr_1"):
    at = house.clock()
    kept = Operation(
        id=id, kind="backtest", state=state, asked_by="ann", created_at=at, updated_at=at
    )
    with house.means.store.begin() as deed:
        return deed.add(kept)


def test_what_waits_is_cancelled_and_stays_so(house):
    work(house)
    planner = house.caller(Role.PLANNER)
    told = planner.put("/v1/operations/opr_1/cancellation").json()
    assert told["state"] == "cancelled"
    assert planner.get("/v1/operations/opr_1").json() == told
    again = planner.put("/v1/operations/opr_1/cancellation")
    assert problem(again, "state-conflict")["from"] == "cancelled"


def test_what_runs_is_wished_to_stop_once(house):
    work(house, OperationState.RUNNING)
    planner = house.caller(Role.PLANNER)
    first, second = (planner.put("/v1/operations/opr_1/cancellation").json() for _ in range(2))
    assert (first["state"], first["cancel_wanted"]) == ("running", True)
    assert second == first


def test_nobody_calls_off_what_is_not_there_or_not_theirs_to_stop(house):
    work(house)
    problem(house.caller(Role.PLANNER).put("/v1/operations/opr_2/cancellation"), "not-found")
    problem(house.caller(Role.CARRIER).put("/v1/operations/opr_1/cancellation"), "forbidden-scope")
