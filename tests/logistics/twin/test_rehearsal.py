"""A rehearsal lives a world through the service's own deeds, and everything adds up throughout."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from logistics.audit import discrepancies
from logistics.dispatch import Route, StopEvent
from logistics.errors import Nonsense
from logistics.identity import Ids
from logistics.memory import MemoryStore
from logistics.orders import Order, OrderState
from logistics.sources import Inline
from logistics.twin.places import NoAddresses
from logistics.twin.policies import jobs_of, rehearsal
from logistics.twin.report import outcomes
from logistics.twin.truth import truth_of
from logistics.workflows.means import Means
from tests.builders.worlds import COUNTED, NO_FAULTS, a_served_world

HOURS = 20


def unwatched(*_):
    """Nobody looks on."""


def lived(world, watch=unwatched):
    means = Means(
        store=MemoryStore(),
        compute=Inline(),
        policy=COUNTED,
        ids=Ids(world.seed),
        gazetteer=NoAddresses(),
    )
    life = rehearsal(world, truth_of(world), means, "static")
    life.found()
    until = world.starts_at + timedelta(hours=world.hours)
    life.run(until, lambda now: watch(means, now))
    with means.store.read() as seen:
        return seen, outcomes(world, seen, life.shop.visits, until)


@pytest.fixture(scope="module")
def a_day():
    """One day lived, with what did not add up at any step."""
    wrong = []

    def watch(means, now):
        with means.store.read() as seen:
            wrong.extend(f"{now}: {one}" for one in discrepancies(seen))

    seen, result = lived(a_served_world(hours=HOURS), watch)
    return seen, result, wrong


def test_stock_orders_money_and_promises_add_up_at_every_step(a_day):
    assert a_day[2] == []


def test_no_van_leaves_before_it_is_back_from_slow_roads():
    slow = replace(NO_FAULTS, slow_drives=2.0)
    seen, _ = lived(replace(a_served_world(hours=30), faults=slow))
    told = {(one.route, one.step): one.happened_at for one in seen.find(StopEvent)}
    waited = []
    for van in ("van-1", "van-2"):
        routes = [one for one in seen.find(Route, vehicle=van) if (one.id, "depart") in told]
        routes.sort(key=lambda one: told[one.id, "depart"])
        for before, after in pairwise(routes):
            leaves = told[after.id, "depart"]
            assert told[before.id, "return"] <= leaves
            waited.append(leaves - after.departs_at)
    assert max(waited) > timedelta(minutes=5)


def test_buyers_near_the_centre_are_served_within_six_hours(a_day):
    seen, result, _ = a_day
    assert result.six_hours > 5
    assert seen.count(Order, state=OrderState.DELIVERED) >= result.six_hours


def test_the_same_world_is_lived_the_same_way(a_day):
    assert lived(a_served_world(hours=HOURS))[1] == a_day[1]


def test_the_static_network_proposes_nothing():
    names = {job.name for job in jobs_of("static")}
    assert names == {job.name for job in jobs_of("surgeport")} - {"position"}


def test_a_policy_nobody_knows_is_refused():
    with pytest.raises(Nonsense, match="no policy"):
        jobs_of("wishful")
