"""One process leads, and another takes over when it falls silent: in every store."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from logistics.workflows.lead import lead, resign

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TEN = timedelta(seconds=10)


def at(seconds):
    return NOON + timedelta(seconds=seconds)


def test_the_first_to_ask_leads_and_the_others_wait(store):
    assert lead(store, "a", now=at(0), for_=TEN)
    assert not lead(store, "b", now=at(1), for_=TEN)
    assert not lead(store, "c", now=at(9), for_=TEN)


def test_a_leader_that_renews_keeps_leading(store):
    assert all(lead(store, "a", now=at(n), for_=TEN) for n in range(0, 60, 3))
    assert not lead(store, "b", now=at(60), for_=TEN)


def test_a_silent_leader_is_followed_by_another_when_its_lease_runs_out(store):
    assert lead(store, "a", now=at(0), for_=TEN)
    assert not lead(store, "b", now=at(9.999), for_=TEN)
    assert lead(store, "b", now=at(10), for_=TEN)
    assert not lead(store, "a", now=at(11), for_=TEN)


def test_a_leader_that_resigns_is_followed_at_once(store):
    assert lead(store, "a", now=at(0), for_=TEN)
    resign(store, "a", now=at(1))
    assert lead(store, "b", now=at(1), for_=TEN)


def test_nobody_can_resign_for_another(store):
    resign(store, "b", now=at(0))
    assert lead(store, "a", now=at(0), for_=TEN)
    resign(store, "b", now=at(1))
    assert not lead(store, "b", now=at(2), for_=TEN)


def test_of_many_that_ask_at_once_one_leads(store):
    gate = threading.Barrier(6)

    def ask(name):
        gate.wait()
        first = lead(store, name, now=at(0), for_=TEN)
        gate.wait()
        return first, lead(store, name, now=at(20), for_=TEN)

    with ThreadPoolExecutor(6) as crowd:
        answers = list(crowd.map(ask, "abcdef"))
    assert sum(first for first, _ in answers) == 1
    assert sum(second for _, second in answers) == 1
