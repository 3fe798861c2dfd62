"""What was touched is held to the audit at every step, and what is wrong is found where it happens."""

from dataclasses import replace
from datetime import timedelta

import pytest

from logistics.audit import discrepancies
from logistics.demand import Accuracy, Outlook
from logistics.inventory import Stock
from logistics.memory import MemoryStore
from logistics.orders import Order, OrderState
from logistics.twin.policies import in_memory, rehearsal
from logistics.twin.truth import truth_of
from logistics.twin.watchkeeper import NotingStore, Watchkeeper
from logistics.workflows.score import is_followed
from tests.builders.worlds import COUNTED, a_served_world

WORLD = a_served_world(hours=16)
UNTIL = WORLD.starts_at + timedelta(hours=12)


@pytest.fixture
def watched():
    """Half a day that was watched at every step."""
    store = NotingStore()
    life = rehearsal(WORLD, truth_of(WORLD), in_memory(WORLD, COUNTED, store), "static")
    keeper = Watchkeeper(store)
    life.found()
    life.run(UNTIL, keeper.check)
    return store, keeper


def test_a_day_that_adds_up_is_silent(watched):
    store, keeper = watched
    keeper.close(UNTIL)
    assert keeper.said == []
    assert keeper.checks == 48
    with store.read() as seen:
        assert seen.count(Order) > 3
        assert discrepancies(seen) == ()


def spoil(store, kind, change, **where):
    """Write something that no deed would write."""
    with store.begin() as deed:
        one = deed.find(kind, **where)[0]
        deed.change(replace(deed.lock(kind, one.id), **change(one)))


def test_units_that_nobody_brought_are_found(watched):
    store, keeper = watched
    spoil(store, Stock, lambda stock: {"on_hand": stock.on_hand + 1})
    keeper.check(UNTIL)
    assert "in its journal" in keeper.said[0]


def test_units_that_nobody_asked_for_are_found(watched):
    store, keeper = watched
    spoil(store, Stock, lambda stock: {"reserved": stock.reserved + 1})
    keeper.check(UNTIL)
    assert "spoken for" in keeper.said[0]


def test_an_order_that_was_delivered_by_nobody_is_found(watched):
    store, keeper = watched
    spoil(store, Order, lambda _: {"state": OrderState.CANCELLED}, state=OrderState.DELIVERED)
    keeper.check(UNTIL)
    assert any("deliveries" in wrong for wrong in keeper.said)
    assert any("income" in wrong for wrong in keeper.said)


def test_a_promise_of_what_cannot_be_kept_is_found(watched):
    store, keeper = watched
    spoil(store, Order, lambda _: {"eligible": False}, state=OrderState.DELIVERED)
    keeper.check(UNTIL)
    assert any("not eligible" in wrong for wrong in keeper.said)


def test_a_forecast_that_was_superseded_twice_keeps_its_totals_and_not_its_regions():
    world = a_served_world(hours=30)
    store = NotingStore()
    life = rehearsal(world, truth_of(world), in_memory(world, COUNTED, store), "surgeport")
    life.found()
    life.run(world.starts_at + timedelta(hours=14), lambda _: None)
    with store.read() as seen:
        outlooks = seen.find(Outlook, sort="made_at")
    assert len(outlooks) > 3
    assert all(outlook.whole.totals for outlook in outlooks)
    old = [one for one in outlooks if any(later.supersedes == one.id for later in outlooks)][:-1]
    bare = [one for one in old if not one.regions]
    assert bare
    assert not any(is_followed(one.made_at) for one in bare)
    assert all(one.regions for one in outlooks if is_followed(one.made_at))


def test_what_is_learned_of_forecasts_is_the_same_in_a_thrifty_memory():
    world, learned = a_served_world(hours=40), []
    for store in (NotingStore(), MemoryStore()):
        life = rehearsal(world, truth_of(world), in_memory(world, COUNTED, store), "surgeport")
        life.found()
        life.run(world.starts_at + timedelta(hours=36), lambda _: None)
        with store.read() as seen:
            learned.append(seen.find(Accuracy))
    assert learned[0] == learned[1]
    assert any(track for one in learned[0] for track in one.parts)


def test_what_was_not_touched_is_not_looked_at(watched):
    _, keeper = watched
    keeper.check(UNTIL)
    assert keeper.said == []
