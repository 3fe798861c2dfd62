"""Three processes on one PostgreSQL are one clock, also when the one that leads is killed."""

import time

import pytest

from data.migrations import upgrade
from data.store import open_store
from logistics.operations import Tick
from tests.builders.clocks import clocks, noted, wait_until

BEAT = 0.3


@pytest.fixture
def address(postgres):
    made = postgres.fresh_from("migrated", upgrade)
    yield made
    postgres.drop(made)


def test_e8_three_clocks_run_each_tick_once_and_a_killed_leader_is_followed(address, tmp_path):
    notes = tmp_path / "notes"
    with clocks(3, address, notes, BEAT) as processes:
        wait_until(lambda: len(noted(notes)) >= 3)
        leader = noted(notes)[-1][0]
        next(one for one in processes if one.pid == leader).kill()
        killed_at = time.time()

        def by_another():
            return [at for pid, _, at in noted(notes) if pid != leader and at > killed_at]

        wait_until(lambda: len(by_another()) >= 2)
    due = [due for _, due, _ in noted(notes)]
    assert len(due) == len(set(due)), "a tick ran twice"
    store = open_store(address)
    with store.read() as reading:
        ticks = {round(tick.due_at.timestamp()) for tick in reading.find(Tick, job="note")}
    store.database.close()
    assert set(due) <= ticks
    assert len(ticks) - len(due) <= 2, (
        "a claimed tick lacks its note only where its clock was killed"
    )
