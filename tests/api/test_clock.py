"""One process is the clock; the others wait, and one of them follows when it is gone."""

from datetime import timedelta

import httpx
import pytest

from api.clock import Clock
from api.webhooks import Sender
from logistics.errors import Unready
from logistics.operations import Tick
from logistics.workflows.tick import Job, run_due
from tests.builders.doors import House


@pytest.fixture
def client():
    with httpx.Client(trust_env=False) as client:
        yield client


def a_clock(house, client, ran, name):
    def run(means, now, holder):
        del means, now, holder
        ran.append(name)

    return Clock(house.service, run, Sender(house.service, client))


def test_e8_of_three_clocks_one_runs_what_is_due(client):
    house, ran = House(), []
    clocks = [a_clock(house, client, ran, n) for n in range(3)]
    for _ in range(4):
        house.clock.on(seconds=5)
        for clock in clocks:
            clock.beat()
    assert ran == [0] * 4
    assert [clock.leads for clock in clocks] == [True, False, False]


def test_e8_a_job_runs_once_for_each_due_time_whoever_asks():
    house, ran = House(), []
    job = Job(name="count", every=lambda _: 60, deed=lambda _, now: ran.append(now))
    for holder in ("a", "b", "c"):
        run_due(house.means, now=house.clock(), holder=holder, jobs=(job,))
    house.clock.on(seconds=60)
    run_due(house.means, now=house.clock(), holder="b", jobs=(job,))
    assert len(ran) == 2
    with house.means.store.read() as reading:
        assert {tick.holder for tick in reading.find(Tick)} == {"a", "b"}


def test_a_leader_that_died_is_followed_within_three_beats(client):
    house, ran = House(), []
    first, second = (a_clock(house, client, ran, n) for n in range(2))
    first.beat()
    house.clock.on(seconds=14)
    second.beat()
    assert ran == [0]
    house.clock.on(seconds=1)
    second.beat()
    assert ran == [0, 1]
    first.beat()
    assert not first.leads


def test_a_clock_that_stops_makes_room_at_once(client):
    house, ran = House(), []
    first, second = (a_clock(house, client, ran, n) for n in range(2))
    first.start()
    first.beat()
    first.stop()
    second.beat()
    assert second.leads
    assert ran[-1] == 1


def test_a_beat_that_fails_is_logged_and_tried_again(client, caplog):
    house, answers = House(), [Unready("the database"), None]

    def shaky(means, now, holder):
        del means, now, holder
        if (error := answers.pop(0)) is not None:
            raise error

    clock = Clock(house.service, shaky, Sender(house.service, client))
    clock.beat()
    assert "a beat of the clock failed" in caplog.text
    house.clock.on(seconds=5)
    clock.beat()
    assert answers == []


def test_only_the_leader_sends_and_tidies(client):
    house, ran = House(), []
    clock = a_clock(house, client, ran, 0)
    clock.send()
    clock.tidy()
    clock.beat()
    clock.send()
    clock.tidy()
    assert clock.leads
    assert house.clock() + timedelta(0) == house.service.clock()
