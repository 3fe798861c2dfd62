"""The doors over a database of two processes: what one of them kept, the other one knows."""

from dataclasses import replace

import pytest

from data.migrations import upgrade
from data.store import open_store
from logistics.access import ApiKey, Role
from tests.builders.demand import DOWNTOWN
from tests.builders.doors import Clock, House, problem, under_key
from tests.builders.supply import a_world, all_of, means

ASKED = {"name": "n", "role": "carrier", "party": "swift"}


@pytest.fixture
def processes(tmp_path):
    """Two services over one database, each with connections of its own."""
    url, clock = f"sqlite:///{tmp_path}/two.sqlite3", Clock()
    upgrade(url)
    stores = [open_store(url) for _ in range(2)]
    tools = [
        replace(means(seed=seed), store=store, secret=b"s" * 32)
        for seed, store in enumerate(stores)
    ]
    a_world(tools[0])
    yield [House(one, clock=clock) for one in tools]
    for store in stores:
        store.database.close()


def test_a_repeat_at_another_process_gets_the_first_answer(processes):
    first, second = (house.caller(Role.OPERATOR) for house in processes)
    made = first.post("/v1/api-keys", json=ASKED, headers=under_key("one"))
    before = len(all_of(processes[0].means, ApiKey))
    again = second.post("/v1/api-keys", json=ASKED, headers=under_key("one"))
    assert again.json() == made.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert len(all_of(processes[0].means, ApiKey)) == before
    other = second.post("/v1/api-keys", json={**ASKED, "name": "m"}, headers=under_key("one"))
    problem(other, "idempotency-key-reused")


def test_lists_and_tags_are_the_same_from_both(processes):
    first, second = (house.caller(Role.OPERATOR) for house in processes)
    told = first.get("/v1/sites?limit=2")
    onward = second.get("/v1/sites", params={"limit": 2, "cursor": told.json()["next"]})
    ids = [site["id"] for page in (told, onward) for site in page.json()["items"]]
    assert ids == ["reno", "shelf-a", "unit-9", "vernon"]


def test_a_quote_of_one_process_is_ordered_at_the_other_when_it_is_written_down(processes):
    here, there = processes
    lines = [{"product": "lamp", "units": 1}]
    place = {"lat": DOWNTOWN[0], "lon": DOWNTOWN[1], "lines": lines, "market": "la"}
    offered = here.caller(Role.COMMERCE).post("/v1/delivery-quotes", json=place).json()
    assert offered["serviceable"], offered
    shop = there.caller(Role.COMMERCE)
    asked = {"external_id": "w1", "buyer": "b", "quote_id": offered["id"]}
    problem(shop.post("/v1/orders", json=asked, headers=under_key()), "not-found")
    here.service.desk.flush(here.clock())
    made = shop.post("/v1/orders", json=asked, headers=under_key())
    assert made.status_code == 201, made.text
    assert made.json()["quote"] == offered["id"]
