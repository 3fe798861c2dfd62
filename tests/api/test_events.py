"""Everybody reads the feed in one order, and only what is theirs to read."""

import json
import threading

import httpx
import pytest

from api.feed import cursor_of
from logistics.access import Role
from logistics.events import Event
from logistics.workflows.moves import tell
from tests.builders.doors import House, problem
from tests.builders.serving import served


def told(house, type="route.updated", subject="rte_1", audience=(), **data):
    with house.means.store.begin() as deed:
        event = tell(
            deed,
            house.means.ids,
            type,
            subject,
            now=house.clock(),
            cause="test",
            audience=audience,
            data=data,
        )
    with house.means.store.read() as reading:
        return reading.get(Event, event.id)


@pytest.fixture
def house():
    return House()


def test_the_feed_is_read_page_by_page_without_a_gap(house):
    wanted = [told(house, n=n).id for n in range(7)]
    planner, seen, after = house.caller(Role.PLANNER), [], None
    while True:
        params = {"limit": 3, **({"after": after} if after else {})}
        page = planner.get("/v1/events", params=params).json()
        if not page["items"]:
            break
        seen += [item["id"] for item in page["items"]]
        after = page["next"]
    assert seen == wanted
    told(house)
    assert len(planner.get(f"/v1/events?after={after}").json()["items"]) == 1


def test_a_party_reads_its_own_events_only(house):
    told(house, audience=("swift",), n=1)
    told(house, audience=("slow",), n=2)
    items = house.caller(Role.CARRIER).get("/v1/events").json()["items"]
    assert [item["data"] for item in items] == [{"n": 1}]
    assert items[0]["sequence"] == 1
    assert items[0]["decision"] == "test"
    assert len(house.caller(Role.OPERATOR).get("/v1/events").json()["items"]) == 2


def test_a_reader_may_ask_for_some_types_or_groups(house):
    told(house, "route.updated")
    told(house, "order.delivered", "ord_1")
    told(house, "order.cancelled", "ord_2")
    planner = house.caller(Role.PLANNER)
    kinds = [e["type"] for e in planner.get("/v1/events?type=order.*").json()["items"]]
    assert kinds == ["order.delivered", "order.cancelled"]
    both = planner.get("/v1/events?type=route.updated&type=order.cancelled").json()["items"]
    assert len(both) == 2
    answer = planner.get("/v1/events?type=unicorn.born")
    assert problem(answer, "validation-failed")["errors"][0]["pointer"] == "/type/0"


def test_e9_a_cursor_from_before_a_restore_is_gone(house):
    told(house)
    ahead = told(house)
    restored = House()
    told(restored)
    planner = restored.caller(Role.PLANNER)
    beyond = planner.get(f"/v1/events?after={cursor_of(ahead)}")
    assert problem(beyond, "gone")["resync"] == "/v1/events"
    told(restored, n="another at that place")
    problem(planner.get(f"/v1/events?after={cursor_of(ahead)}"), "gone")


@pytest.mark.parametrize("after", ["nonsense", "1", "-1-aaaaaaaa", "1-a", "\u0661-aaaaaaaa"])
def test_a_cursor_that_is_none_is_refused(house, after):
    told(house)
    answer = house.caller(Role.PLANNER).get("/v1/events", params={"after": after})
    assert problem(answer, "validation-failed")["errors"][0]["pointer"] == "/after"


def test_the_stream_goes_on_where_it_broke(house):
    first = told(house, audience=("swift",), n=0)
    told(house, audience=("swift",), n=1)
    told(house, audience=("slow",), n=2)
    key = house.key(Role.CARRIER)[1]
    headers = {"Authorization": f"Bearer {key}", "Last-Event-ID": cursor_of(first)}
    with served(house) as url, httpx.stream("GET", f"{url}/v1/events/stream", headers=headers) as s:
        assert s.headers["content-type"].startswith("text/event-stream")
        later = threading.Timer(0.2, told, (house,), {"audience": ("swift",), "n": 3})
        later.start()
        got = []
        for line in s.iter_lines():
            if line.startswith("data:"):
                got.append(json.loads(line[5:])["data"]["n"])
            if len(got) == 2:
                break
        later.join()
    assert got == [1, 3]


def test_a_stream_from_a_lost_place_is_refused_before_it_begins(house):
    answer = house.caller(Role.PLANNER).get(
        "/v1/events/stream", headers={"Last-Event-ID": "5-aaaaaaaa"}
    )
    problem(answer, "gone")


def test_the_feed_is_read_as_cloud_events_by_who_asks_for_them(house):
    wanted = told(house, n=1)
    planner = house.caller(Role.PLANNER)
    answer = planner.get("/v1/events", headers={"Accept": "application/cloudevents-batch+json"})
    assert answer.headers["content-type"] == "application/cloudevents-batch+json"
    (event,) = answer.json()
    assert (event["specversion"], event["source"]) == ("1.0", "urn:surgeport:us")
    assert (event["id"], event["type"], event["subject"]) == (wanted.id, "route.updated", "rte_1")
    assert (event["sequence"], event["data"]) == ("1", {"n": 1})
    assert all(name.isalnum() and name.islower() for name in event)
    onward = answer.headers["link"].split(">")[0].removeprefix("<")
    assert planner.get(onward).json()["items"] == []


def test_the_link_onward_keeps_the_types_that_were_asked_for(house):
    told(house, "order.delivered", "ord_1")
    planner = house.caller(Role.PLANNER)
    onward = planner.get("/v1/events?type=order.*").headers["link"].split(">")[0].strip("<")
    told(house, "route.updated")
    told(house, "order.cancelled", "ord_2")
    assert [e["type"] for e in planner.get(onward).json()["items"]] == ["order.cancelled"]
