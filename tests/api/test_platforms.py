"""Platforms tell of videos and what is watched; each row is answered alone."""

from datetime import timedelta

import pytest

from api.platforms.schemas import EXAMPLE_ROW, SignalRowIn
from logistics.access import Role
from logistics.signals import SignalHour
from tests.builders.doors import House, problem
from tests.builders.supply import CELLS, SEVEN, a_world, all_of


@pytest.fixture
def house():
    return House(a_world())


def row(minutes_ago=20, **more):
    start = (SEVEN - timedelta(minutes=minutes_ago)).isoformat()
    told = {"video_id": "v1", "market": "la", "region": CELLS[0], "bucket_minutes": 5}
    return {**told, "bucket_start": start, "views": 1000, "unique_viewers": 900, **more}


def send(house, *rows, id="b1", **more):
    batch = {"id": id, "residency": "us", "rows": list(rows), **more}
    return house.caller(Role.PLATFORM).post("/v1/signal-batches", json=batch)


def views(house):
    return sum(hour.views for hour in all_of(house.means, SignalHour))


def test_a4_a_late_row_is_taken_and_marked(house):
    answer = send(house, row(minutes_ago=100))
    assert answer.status_code == 200
    assert answer.json()["results"][0]["late"] is True
    assert answer.json()["applied"] == 1


def test_a5_a_row_too_late_is_refused_alone(house):
    told = send(house, row(minutes_ago=30 * 60), row()).json()
    assert [one["state"] for one in told["results"]] == ["refused", "applied"]
    first = told["results"][0]
    assert first["reason"] == "signal-too-late"
    assert first["problem"] == "/problems/signal-too-late"
    assert (first["limit_seconds"], first["event_at"]) == (6 * 3600, "2026-11-23T09:00:00Z")
    assert house.stranger().get(first["problem"]).status_code == 200
    assert (told["applied"], told["refused"]) == (1, 1)


def test_a6_a_row_from_the_future_is_refused_or_clamped(house):
    told = send(house, row(minutes_ago=-9), row(minutes_ago=-11)).json()["results"]
    assert told[0]["state"] == "applied"
    assert told[0]["skew_seconds"] == 540
    assert told[1]["reason"] == "signal-from-future"


def test_a7_a_batch_that_comes_three_times_counts_once(house):
    answers = [send(house, row()).json() for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert views(house) == 1000


def test_a_batch_under_a_used_id_with_other_rows_is_refused(house):
    first = send(house, row()).json()
    answer = send(house, row(views=2000))
    assert problem(answer, "duplicate-external-id")["existing"] == first["id"]
    assert views(house) == 1000


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"user_id": "u-77"}, "/user_id"),
        ({"views": -1}, "/views"),
        ({"views": "12"}, "/views"),
        ({"views": 1.5}, "/views"),
        ({"bucket_start": "2026-11-24T07:00:00"}, "/bucket_start"),
        ({"bucket_start": 1_700_000_000}, "/bucket_start"),
        ({"bucket_minutes": 0}, "/bucket_minutes"),
        ({"paid_views": 1001}, "/paid_views"),
    ],
)
def test_e3_a_row_that_is_none_is_refused_alone_with_its_place(house, more, pointer):
    told = send(house, row(**more), row()).json()
    assert [one["state"] for one in told["results"]] == ["refused", "applied"]
    assert told["results"][0]["reason"].startswith(f"validation-failed {pointer}:")
    assert "u-77" not in str(told)
    assert views(house) == 1000


def test_e5_a_batch_of_another_zone_is_refused_whole(house):
    told = problem(send(house, row(), residency="eu"), "residency-violation")
    assert (told["region"], told["allowed_regions"]) == ("eu", ["us"])
    assert views(house) == 0


def test_a_number_that_is_none_is_refused_before_it_is_read(house):
    client = house.caller(Role.PLATFORM)
    text = '{"id":"b","residency":"us","rows":[{"views":NaN,"video_id":"v1"}]}'
    answer = client.post(
        "/v1/signal-batches", content=text, headers={"Content-Type": "application/json"}
    )
    assert answer.json()["results"][0]["state"] == "refused"
    assert views(house) == 0


def test_a_platform_sees_its_own_batches_only(house):
    made = send(house, row()).json()
    path = f"/v1/signal-batches/{made['id']}"
    assert house.caller(Role.PLATFORM).get(path).json() == made
    problem(house.caller(Role.PLATFORM, "other").get(path), "not-found")
    assert house.caller(Role.PLATFORM, "other").get("/v1/signal-batches").json()["items"] == []


def test_a_video_is_told_linked_pushed_and_removed(house):
    client = house.caller(Role.PLATFORM)
    told = {"title": "Glow", "platform": "clips", "published_at": "2026-11-24T06:00:00-08:00"}
    made = client.put("/v1/videos/v9", json=told)
    assert made.status_code == 201
    assert made.json()["published_at"] == "2026-11-24T14:00:00Z"
    again = client.put("/v1/videos/v9", json=told)
    assert (again.status_code, again.headers["etag"]) == (200, '"1"')
    link = client.put("/v1/video-product-links/v9/lamp", json={"share": 0.5})
    assert link.json()["id"] == "v9~lamp"
    push = {
        "video": "v9",
        "market": "la",
        "starts_at": "2026-11-24T12:00:00Z",
        "ends_at": "2026-11-24T15:00:00Z",
        "expected_paid_views": 5000,
    }
    assert client.put("/v1/paid-pushes/p1", json=push).status_code == 201
    removal = client.put("/v1/videos/v9/removal", json={"at": "2026-11-24T14:30:00Z"})
    assert removal.json()["removed_at"] == "2026-11-24T14:30:00Z"
    assert client.get("/v1/videos/v9").json() == removal.json()
    assert [one["id"] for one in client.get("/v1/paid-pushes?video=v9").json()["items"]] == ["p1"]


def test_a_link_to_a_thing_unknown_points_at_the_field(house):
    answer = house.caller(Role.PLATFORM).put("/v1/video-product-links/v1/nothing", json={})
    fault = problem(answer, "validation-failed")["errors"][0]
    assert fault["pointer"] == "/product"


def test_the_documented_row_is_a_row():
    assert SignalRowIn.model_validate(EXAMPLE_ROW).value().views == 9200
