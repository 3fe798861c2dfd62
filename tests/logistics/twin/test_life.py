"""A life is the same whatever remembers it; in its own memory it writes no decision down."""

from dataclasses import replace

import pytest

from logistics.records import DecisionRecord
from logistics.twin.life import live
from logistics.twin.policies import way_of
from logistics.twin.watchkeeper import NotingStore
from tests.builders.worlds import COUNTED, a_served_world

WORLD = replace(a_served_world(hours=16), hours=10)
SERVICE = way_of("surgeport")


@pytest.fixture(scope="module")
def kept():
    """A life in a store that somebody gave it, and may ask afterwards."""
    store = NotingStore()
    life = live(WORLD, SERVICE, policy=COUNTED, store=store)
    with store.read() as seen:
        return life, seen.find(DecisionRecord)


def test_what_was_decided_is_written_into_a_store_that_was_given(kept):
    _, records = kept
    assert {record.kind for record in records} >= {"quote", "forecast"}
    assert all(record.inputs and record.result for record in records)


def test_a_life_that_writes_nothing_down_is_the_same_to_the_last_event(kept):
    life, _ = kept
    assert live(WORLD, SERVICE, policy=COUNTED).figures() == life.figures()
