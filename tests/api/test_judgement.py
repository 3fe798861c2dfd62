"""Planners change forecasts, see what became of them, and look back."""

from datetime import timedelta

import pytest

from logistics.access import Role
from logistics.demand import Backtest, ForecastOverride, Outlook
from logistics.exceptions import Case, CaseKind
from logistics.workflows.backtest import run_backtests
from logistics.workflows.learn import learn
from logistics.workflows.sense import sense
from tests.builders.buyers import buy, watch
from tests.builders.doors import House, problem, under_key
from tests.builders.supply import CELLS, SEVEN, a_row, a_world, all_of, an_outlook, heard

BURST = (200, 900, 4_000, 16_000, 40_000, 60_000)
OVERRIDES = "/v1/forecast-overrides"


@pytest.fixture
def house():
    return House(a_world())


def at(**ahead):
    return (SEVEN + timedelta(**ahead)).isoformat()


def a_change(**more):
    told = {
        "product": "lamp",
        "market": "la",
        "factor": 2.0,
        "starts_at": at(hours=1),
        "ends_at": at(hours=9),
        "expires_at": at(hours=20),
        "reason": "a talk show tonight",
    }
    return {**told, **more}


def change(house, **more):
    return house.caller(Role.PLANNER).post(OVERRIDES, json=a_change(**more), headers=under_key())


def newest(tools):
    return all_of(tools, Outlook, product="lamp", sort="made_at")[-1]


def test_an_override_doubles_its_hours_says_so_and_is_a_part_of_its_own(house):
    watch(house.means, BURST)
    sense(house.means, now=SEVEN)
    before = newest(house.means)
    kept = change(house)
    assert kept.status_code == 201, kept.text
    sense(house.means, now=house.clock.on(minutes=5))
    after = newest(house.means)
    part = next(part for part in after.whole.parts if part.kind == "override")
    assert part.name == kept.json()["id"]
    assert "ann: a talk show tonight" in part.words
    assert all(added == pytest.approx(p50 / 2, abs=0.01) for added, p50 in zip(part.hourly[1:8], after.whole.hourly.p50[1:8], strict=True))  # fmt: skip
    assert part.hourly[10:20] == (0.0,) * 10
    assert after.without(24, "override") == pytest.approx(before.whole.total(24).p50, rel=0.1)
    told = house.caller(Role.PLANNER).get(f"/v1/forecasts/{after.id}/drivers").json()
    assert sum(one["orders"] for one in told["drivers"]) == pytest.approx(
        sum(after.whole.hourly.p50[:24]), rel=0.01
    )
    assert "override" in {one["kind"] for one in told["drivers"]}


def test_a_product_that_goes_viral_is_told_as_a_surge_before_it_sells(house):
    watch(house.means, BURST)
    sense(house.means, now=SEVEN)
    told = house.caller(Role.PLANNER).get(f"/v1/forecasts/{newest(house.means).id}/drivers").json()
    assert 0.9 < told["surge"] <= 1.0


def test_an_override_that_expired_or_was_withdrawn_changes_nothing(house):
    watch(house.means, BURST)
    kept = change(house, expires_at=at(minutes=30)).json()
    two = change(house, ends_at=at(hours=30)).json()
    client = house.caller(Role.PLANNER)
    gone = client.put(f"{OVERRIDES}/{two['id']}/withdrawal", headers={"If-Match": '"1"'})
    assert gone.json()["withdrawn_at"] is not None
    sense(house.means, now=house.clock.on(minutes=31))
    assert "override" not in {part.kind for part in newest(house.means).whole.parts}
    listed = client.get(OVERRIDES, params={"product": "lamp"}).json()["items"]
    assert [one["id"] for one in listed] == sorted([kept["id"], two["id"]])


def test_a_withdrawal_rests_on_the_version_that_was_read(house):
    id = change(house).json()["id"]
    client = house.caller(Role.PLANNER)
    problem(client.put(f"{OVERRIDES}/{id}/withdrawal"), "precondition-required")
    assert (
        client.put(f"{OVERRIDES}/{id}/withdrawal", headers={"If-Match": '"1"'}).status_code == 200
    )
    stale = client.put(f"{OVERRIDES}/{id}/withdrawal", headers={"If-Match": '"1"'})
    problem(stale, "stale-version")
    problem(client.put(f"{OVERRIDES}/ovr_0/withdrawal", headers={"If-Match": '"1"'}), "not-found")


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"factor": 101.0}, "/factor"),
        ({"factor": -1.0}, "/factor"),
        ({"reason": "  "}, "/reason"),
        ({"ends_at": at(hours=-3)}, "/ends_at"),
        ({"ends_at": at(minutes=30)}, "/ends_at"),
        ({"expires_at": at(hours=-1)}, "/expires_at"),
        ({"cell": "8400000ffffffff"}, "/cell"),
        ({"who": "me"}, "/who"),
    ],
)
def test_a_senseless_override_is_refused_with_its_place(house, wrong, pointer):
    told = problem(change(house, **wrong), "validation-failed")
    assert pointer.strip("/") in {one["pointer"].strip("/") for one in told["errors"]}
    assert all_of(house.means, ForecastOverride) == ()


def test_an_override_of_an_unknown_product_or_by_a_shop_is_refused(house):
    problem(change(house, product="nothing"), "not-found")
    problem(change(house, market="nowhere"), "not-found")
    shop = house.caller(Role.COMMERCE)
    problem(shop.post(OVERRIDES, json=a_change(), headers=under_key()), "forbidden-scope")
    problem(house.caller(Role.PLANNER).post(OVERRIDES, json=a_change()), "idempotency-key-missing")


def test_a_forecast_says_what_was_believed_a_day_and_three_days_before(house):
    an_outlook(house.means, 5, made_at=SEVEN - timedelta(hours=73), id="fct_a")
    an_outlook(house.means, 10, made_at=SEVEN - timedelta(hours=25), id="fct_b")
    an_outlook(house.means, 20, id="fct_c")
    told = house.caller(Role.PLANNER).get("/v1/forecasts/fct_c/snapshots").json()
    assert told["expected"] == 480
    assert [(one["lag_hours"], one["forecast"], one["expected"]) for one in told["snapshots"]] == [
        (24, "fct_b", 240),
        (72, "fct_a", 120),
    ]
    first = house.caller(Role.PLANNER).get("/v1/forecasts/fct_a/snapshots").json()
    assert [one["forecast"] for one in first["snapshots"]] == [None, None]
    problem(house.caller(Role.PLANNER).get("/v1/forecasts/fct_x/snapshots"), "not-found")


def test_calibration_tells_value_added_bias_and_coverage_by_product_and_region(house):
    for number in range(5):
        made = SEVEN - timedelta(hours=27 + 6 * number)
        an_outlook(house.means, 10, made_at=made)
    for hour in range(24 * 4):
        buy(house.means, 4, at=SEVEN - timedelta(hours=hour, minutes=30), id=f"o{hour}")
    learn(house.means, now=SEVEN)
    (told,) = house.caller(Role.PLANNER).get("/v1/calibration").json()["items"]
    assert (told["product"], told["market"]) == ("lamp", "la")
    day = next(t for t in told["tracks"] if (t["cell"], t["hours"]) == ("", 24))
    assert day["outcomes"] == 5
    assert day["bias"] == pytest.approx(1.5)
    assert day["coverage"] == 1.0
    assert day["value_added"] < 0
    assert told["width"] < 1
    assert {t["hours"] for t in told["tracks"] if t["cell"] == ""} == {6, 24}
    (case,) = all_of(house.means, Case, kind=CaseKind.FORECAST_BIAS)
    assert "150% too much" in case.detail
    shown = house.caller(Role.PLANNER).get("/v1/exceptions", params={"kind": "forecast_bias"})
    assert [one["id"] for one in shown.json()["items"]] == [case.id]
    learn(house.means, now=SEVEN)
    (again,) = house.caller(Role.PLANNER).get("/v1/calibration").json()["items"]
    assert again["tracks"] == told["tracks"]
    problem(house.caller(Role.CARRIER).get("/v1/calibration"), "forbidden-scope")


def lived(house):
    """Two days of views and orders up to seven."""
    for hours in range(48, 0, -1):
        begin = SEVEN - timedelta(hours=hours)
        views = round(30_000 * 0.5 ** ((48 - hours) / 20))
        heard(
            house.means,
            a_row(begin, 60, views, CELLS[0]),
            id=f"h{hours}",
            now=begin + timedelta(hours=1),
        )
        buy(house.means, 1 + views // 900, at=begin + timedelta(minutes=20), id=f"o{hours}")


def test_a_backtest_is_an_operation_that_tells_how_far_it_is(house):
    lived(house)
    client = house.caller(Role.PLANNER)
    body = {"market": "la", "starts_at": at(hours=-40), "ends_at": at(hours=-8), "every_hours": 8}
    asked = client.post("/v1/backtests", json=body, headers=under_key())
    assert asked.status_code == 202
    where = asked.headers["location"]
    before = client.get(where).json()
    assert (before["state"], before["progress"], before["tracks"]) == ("queued", 0.0, [])
    assert len(run_backtests(house.means, now=SEVEN)) == 1
    done = client.get(where).json()
    assert (done["state"], done["progress"]) == ("succeeded", 1.0)
    day = next(t for t in done["tracks"] if (t["cell"], t["hours"]) == ("", 24))
    assert day["outcomes"] == 3
    assert day["wape"] < 0.8
    work = client.get(f"/v1/operations/{done['operation']}").json()
    assert (work["state"], work["result"]) == ("succeeded", done["id"])
    assert run_backtests(house.means, now=SEVEN) == ()


def test_a_backtest_can_be_cancelled_and_one_of_nothing_fails_with_its_reason(house):
    client = house.caller(Role.PLANNER)
    body = {"market": "la", "starts_at": at(hours=-40), "ends_at": at(hours=-8)}
    first = client.post("/v1/backtests", json=body, headers=under_key()).json()
    gone = client.put(f"/v1/backtests/{first['id']}/cancellation").json()
    assert gone["state"] == "cancelled"
    second = client.post("/v1/backtests", json=body, headers=under_key()).json()
    assert run_backtests(house.means, now=SEVEN) == ()
    failed = client.get(f"/v1/operations/{second['operation']}").json()
    assert failed["state"] == "failed"
    assert "no total" in failed["error"]
    assert len(all_of(house.means, Backtest)) == 2


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"starts_at": at(days=-15)}, "/starts_at"),
        ({"ends_at": at(hours=1)}, "/ends_at"),
        ({"ends_at": at(hours=-50)}, "/ends_at"),
        ({"starts_at": at(days=-13), "every_hours": 1}, "/every_hours"),
        ({"every_hours": 0}, "/every_hours"),
    ],
)
def test_a_senseless_backtest_is_refused(house, wrong, pointer):
    body = {"market": "la", "starts_at": at(hours=-40), "ends_at": at(hours=-8), **wrong}
    told = problem(
        house.caller(Role.PLANNER).post("/v1/backtests", json=body, headers=under_key()),
        "validation-failed",
    )
    assert pointer.strip("/") in {one["pointer"].strip("/") for one in told["errors"]}
