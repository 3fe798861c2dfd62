"""Nobody comes in unknown, every answer is labelled, and no error is a stranger."""

from datetime import timedelta

import httpx
import pytest

from logistics.access import KeptAnswer, Role
from tests.builders.doors import House, problem, under_key
from tests.builders.serving import served


@pytest.fixture
def house():
    return House()


def test_a_request_without_a_key_is_told_how_to_bring_one(house):
    answer = house.stranger().get("/v1/products")
    problem(answer, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("key", ["nonsense", "spk_abc_def", "spk_" + "a" * 12 + "_" + "b" * 43])
def test_a_key_that_opens_nothing_is_refused(house, key):
    problem(house.stranger(key).get("/v1/products"), "unauthenticated")


def test_a_key_with_another_secret_behind_its_prefix_is_refused(house):
    kept, text = house.key(Role.PLANNER)
    assert house.stranger(text).get("/v1/products").status_code == 200
    forged = f"spk_{kept.prefix}_{'x' * 43}"
    problem(house.stranger(forged).get("/v1/products"), "unauthenticated")


def test_a_key_ends_when_its_time_is_over(house):
    text = house.key(Role.PLANNER, expires_at=house.clock() + timedelta(hours=1))[1]
    assert house.stranger(text).get("/v1/products").status_code == 200
    house.clock.on(hours=1)
    problem(house.stranger(text).get("/v1/products"), "unauthenticated")


def test_a_revoked_key_is_refused_at_once(house):
    kept, text = house.key(Role.PLANNER)
    assert house.stranger(text).get("/v1/products").status_code == 200
    operator = house.caller(Role.OPERATOR)
    assert operator.delete(f"/v1/api-keys/{kept.id}").status_code == 204
    problem(house.stranger(text).get("/v1/products"), "unauthenticated")
    assert operator.delete(f"/v1/api-keys/{kept.id}").status_code == 204
    assert operator.get(f"/v1/api-keys/{kept.id}").json()["revoked_at"] is not None


def test_a_key_does_only_what_its_scopes_say(house):
    answer = house.caller(Role.CARRIER).get("/v1/api-keys")
    assert problem(answer, "forbidden-scope")["scope"] == "keys:admin"


def test_when_a_key_was_last_used_is_written_down_later(house):
    kept, text = house.key(Role.PLANNER)
    house.stranger(text).get("/v1/products")
    assert house.service.keys.note_use() == 1
    assert house.service.keys.note_use() == 0
    shown = house.caller(Role.OPERATOR).get(f"/v1/api-keys/{kept.id}").json()
    assert shown["last_used_at"] == house.clock().isoformat().replace("+00:00", "Z")
    assert "hash" not in shown


def test_a_new_key_is_shown_once_and_works(house):
    operator = house.caller(Role.OPERATOR)
    asked = {"name": "van app", "role": "carrier", "party": "swift", "scopes": ["routes:read"]}
    made = operator.post("/v1/api-keys", json=asked, headers=under_key("one"))
    assert made.status_code == 201
    assert made.headers["location"] == f"/v1/api-keys/{made.json()['id']}"
    again = operator.post("/v1/api-keys", json=asked, headers=under_key("one"))
    assert again.json() == made.json()
    assert again.headers["idempotent-replayed"] == "true"
    caller = house.stranger(made.json()["key"])
    assert caller.get("/v1/vehicles").status_code == 200
    assert "key" not in operator.get(made.headers["location"]).json()
    with house.means.store.read() as reading:
        assert made.json()["key"] not in reading.find(KeptAnswer)[0].body


def test_a_key_cannot_be_made_with_scopes_beyond_its_role(house):
    asked = {"name": "n", "role": "carrier", "party": "swift", "scopes": ["keys:admin"]}
    answer = house.caller(Role.OPERATOR).post("/v1/api-keys", json=asked, headers=under_key())
    assert problem(answer, "validation-failed")["errors"][0]["pointer"] == "/scopes/0"


def test_a_path_that_is_none_is_a_problem(house):
    problem(house.caller(Role.PLANNER).get("/v1/unicorns"), "not-found")
    problem(house.stranger().get("/unicorns"), "not-found")


def test_a_method_that_is_none_names_those_that_are(house):
    answer = house.caller(Role.OPERATOR).patch("/v1/products/lamp", json={})
    problem(answer, "method-not-allowed")
    assert answer.headers["allow"] == "GET, PUT"


def test_a_body_of_another_kind_is_refused(house):
    answer = house.caller(Role.OPERATOR).put(
        "/v1/products/lamp", content="<a/>", headers={"Content-Type": "application/xml"}
    )
    assert problem(answer, "unsupported-media-type")["wanted"] == "application/json"


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_beyond_the_limit_is_refused(chunked):
    house = House(body_limit=1000)
    body = b'{"name":"' + b"x" * 2000 + b'"}'
    answer = house.caller(Role.OPERATOR).put(
        "/v1/products/lamp",
        content=iter([body]) if chunked else body,
        headers={"Content-Type": "application/json"},
    )
    assert problem(answer, "body-too-large")["limit"] == 1000


def test_too_many_requests_are_told_when_to_come_again():
    house = House(requests_per_minute=2)
    caller = house.caller(Role.PLANNER)
    first = caller.get("/v1/products")
    assert first.headers["ratelimit"].startswith('"minute";r=1;t=')
    assert first.headers["ratelimit-policy"] == '"minute";q=2;w=60'
    caller.get("/v1/products")
    answer = caller.get("/v1/products")
    problem(answer, "rate-limited")
    assert answer.headers["ratelimit"].startswith('"minute";r=0;t=')
    assert int(answer.headers["retry-after"]) >= 1


def test_every_answer_is_labelled_and_safe_to_show(house):
    for path in ("/healthz", "/v1/products", "/unicorns"):
        headers = house.caller(Role.PLANNER).get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert len(headers["x-request-id"]) == 16
    mine = house.stranger().get("/healthz", headers={"X-Request-Id": "trace-0001"})
    assert mine.headers["x-request-id"] == "trace-0001"
    spoilt = house.stranger().get("/healthz", headers={"X-Request-Id": "a b\tc"})
    assert spoilt.headers["x-request-id"] != "a b\tc"


def test_the_process_tells_how_it_stands(house):
    assert house.stranger().get("/healthz").json() == {"state": "alive"}
    assert house.stranger().get("/readyz").json() == {"state": "ready", "position": 0}
    house.caller(Role.PLANNER).get("/v1/products/lamp")
    told = house.stranger().get("/metrics").text
    assert 'path="/v1/products/{id}",status="404"' in told
    assert "lamp" not in told


def test_a_page_explains_each_problem(house):
    page = house.stranger().get("/problems/state-conflict")
    assert page.status_code == 200
    assert "allowed" in page.text
    problem(house.stranger().get("/problems/unicorns"), "not-found")


def test_a_head_is_answered_as_a_get_without_its_body(house):
    with served(house) as url:
        key = house.key(Role.PLANNER)[1]
        asked = {"headers": {"Authorization": f"Bearer {key}"}, "timeout": 10}
        shown, head = (ask(f"{url}/v1/products", **asked) for ask in (httpx.get, httpx.head))
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == shown.headers["content-length"]
