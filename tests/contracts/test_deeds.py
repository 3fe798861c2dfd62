"""What every store does and refuses in one transaction."""

from dataclasses import replace

import pytest

from logistics.errors import ChangedMeanwhile, Duplicate, Nonsense, StaleVersion, Unknown
from logistics.events import Event
from logistics.inventory import Stock
from logistics.orders import Order, OrderState
from logistics.store import seen
from tests.builders.orders import a_record, an_event, an_order, some_stock


class Fault(Exception):
    pass


def keep(store, *values):
    with store.begin() as deed:
        deed.add_all(values)


def fail_after(store, act):
    """Do something in a deed and let the deed fail."""

    def fail():
        with store.begin() as deed:
            act(deed)
            raise Fault

    with pytest.raises(Fault):
        fail()


def got(store, kind, id):
    with store.read() as reading:
        return reading.get(kind, id)


def test_a_deed_that_ends_well_is_kept(store):
    with store.begin() as deed:
        deed.add(an_order())
        assert deed.get(Order, "ord_1") == an_order()
    assert got(store, Order, "ord_1") == an_order()


def test_nothing_of_a_deed_that_fails_is_kept(store):
    keep(store, some_stock(on_hand=5), an_order("ord_1"), an_order("ord_2"))

    def everything(deed):
        deed.change(deed.lock(Stock, "nod_1~lamp").reserve(2))
        deed.change(replace(deed.get(Order, "ord_1"), node="nod_1"))
        deed.forget(Order, "ord_2")
        deed.add(an_order("ord_3"))
        deed.add_all([an_order("ord_4"), a_record()])
        deed.tell(an_event())

    fail_after(store, everything)
    with store.read() as reading:
        assert reading.get(Stock, "nod_1~lamp") == some_stock(on_hand=5)
        assert reading.find(Order) == (an_order("ord_1"), an_order("ord_2"))
        assert reading.find(Order, node="nod_1") == ()
        assert reading.position() == 0
        assert reading.count(Event) == 0


def test_after_a_failed_deed_the_feed_has_no_gap(store):
    fail_after(store, lambda deed: deed.tell(an_event("evt_0")))
    with store.begin() as deed:
        deed.tell(an_event("evt_1"))
    told = got(store, Event, "evt_1")
    assert (told.position, told.sequence) == (1, 1)


def test_add_gives_back_the_value(store):
    with store.begin() as deed:
        assert deed.add(an_order()) == an_order()


def test_an_id_is_taken_once(store):
    keep(store, an_order())
    with pytest.raises(Duplicate) as said, store.begin() as deed:
        deed.add(an_order(external_id="other"))
    assert (said.value.kind, said.value.existing) == ("order", "ord_1")


def test_a_duplicate_points_at_its_twin(store):
    keep(store, an_order("ord_1", external_id="A-1"))
    with pytest.raises(Duplicate, match="order A-1 exists as ord_1") as said, store.begin() as deed:
        deed.add(an_order("ord_2", external_id="A-1"))
    assert (said.value.external_id, said.value.existing) == ("A-1", "ord_1")


def test_the_same_outside_id_of_another_client_is_no_twin(store):
    keep(store, an_order("ord_1", external_id="A-1", client="shop"))
    keep(store, an_order("ord_2", external_id="A-1", client="other"))


def test_a_deed_goes_on_after_a_duplicate_that_it_expected(store):
    keep(store, an_order("ord_1", external_id="A-1"))
    with store.begin() as deed:
        with pytest.raises(Duplicate):
            deed.add(an_order("ord_2", external_id="A-1"))
        deed.add(an_order("ord_3"))
    with store.read() as reading:
        assert [order.id for order in reading.find(Order)] == ["ord_1", "ord_3"]


def test_many_are_added_at_once_and_of_several_kinds(store):
    keep(store, an_order("ord_1"), an_order("ord_2"), a_record(), some_stock(), an_order("ord_3"))
    with store.read() as reading:
        assert reading.count(Order) == 3
        assert reading.get(Stock, "nod_1~lamp") == some_stock()


def test_nothing_at_all_may_be_added(store):
    keep(store)


@pytest.mark.parametrize("twin", [{"id": "ord_2"}, {"id": "ord_9", "external_id": "shop-ord_2"}])
def test_a_duplicate_among_many_is_named(store, twin):
    keep(store, an_order("ord_2"))
    with pytest.raises(Duplicate) as said:
        keep(store, an_order("ord_1"), an_order(**twin), an_order("ord_3"))
    assert said.value.existing == "ord_2"
    with store.read() as reading:
        assert reading.count(Order) == 1


def test_twins_among_the_many_are_named_too(store):
    with pytest.raises(Duplicate, match="order ord_1 exists"):
        keep(store, an_order("ord_1"), an_order("ord_2"), an_order("ord_1"))


def test_a_change_raises_the_version_by_one(store):
    keep(store, an_order())
    with store.begin() as deed:
        changed = deed.change(replace(an_order(), state=OrderState.PICKED))
        assert changed == replace(an_order(), state=OrderState.PICKED, version=2)
        assert deed.get(Order, "ord_1") == changed
    assert got(store, Order, "ord_1") == changed


def test_a_change_may_say_which_fields_are_others(store):
    keep(store, an_order())
    with store.begin() as deed:
        changed = deed.change(an_order(), state=OrderState.PICKED, node="nod_1")
    assert changed == replace(an_order(), state=OrderState.PICKED, node="nod_1", version=2)
    assert got(store, Order, "ord_1") == changed


def test_a_change_is_refused_what_no_value_may_be_made_of(store):
    keep(store, some_stock(on_hand=3))
    with pytest.raises(Nonsense), store.begin() as deed:
        deed.change(some_stock(on_hand=3), reserved=-1)
    assert got(store, Stock, "nod_1~lamp") == some_stock(on_hand=3)


def test_what_was_changed_is_found_by_what_it_is_now(store):
    keep(store, an_order(node="nod_1"))
    with store.begin() as deed:
        deed.change(replace(an_order(node="nod_1"), node="nod_2"))
    with store.read() as reading:
        assert reading.count(Order, node="nod_1") == 0
        assert reading.count(Order, node="nod_2") == 1


def test_a_change_of_what_somebody_else_changed_is_stale(store):
    keep(store, an_order())
    with store.begin() as deed:
        deed.change(replace(an_order(), node="nod_1"))
    with (
        pytest.raises(StaleVersion, match="order ord_1 is now at version 2") as said,
        store.begin() as deed,
    ):
        deed.change(replace(an_order(), node="nod_2"))
    assert said.value.current == 2
    assert got(store, Order, "ord_1").node == "nod_1"


def test_what_is_not_there_cannot_be_changed(store):
    with pytest.raises(Unknown), store.begin() as deed:
        deed.change(an_order())


def test_no_change_touches_a_unique_field(store):
    keep(store, an_order(external_id="A-1"))
    with pytest.raises(Nonsense, match="stays A-1"), store.begin() as deed:
        deed.change(an_order(external_id="A-2"))
    with pytest.raises(Nonsense, match="stays A-1"), store.begin() as deed:
        deed.change(an_order(external_id="A-1"), external_id="A-2")


def test_a_locked_value_is_as_it_is_now(store):
    keep(store, some_stock(on_hand=3))
    with store.begin() as deed:
        assert deed.lock(Stock, "nod_1~lamp") == some_stock(on_hand=3)
        with pytest.raises(Unknown):
            deed.lock(Stock, "nod_1~chair")


def test_what_is_forgotten_is_gone(store):
    keep(store, an_order("ord_1"), an_order("ord_2"))
    with store.begin() as deed:
        deed.forget(Order, "ord_1")
    with store.read() as reading:
        assert [order.id for order in reading.find(Order, market="la")] == ["ord_2"]
    with pytest.raises(Unknown), store.begin() as deed:
        deed.forget(Order, "ord_1")


def test_a_forgotten_outside_id_is_free_again(store):
    keep(store, an_order("ord_1", external_id="A-1"))
    with store.begin() as deed:
        deed.forget(Order, "ord_1")
        deed.add(an_order("ord_2", external_id="A-1"))


def test_events_are_counted_for_each_subject_and_placed_in_one_feed(store):
    with store.begin() as deed:
        deed.tell(an_event("evt_1", subject="ord_1"))
        deed.tell(an_event("evt_2", subject="ord_2"))
        deed.tell(an_event("evt_3", subject="ord_1"))
    with store.begin() as deed:
        deed.tell(an_event("evt_4", subject="ord_2"))
        deed.tell(an_event("evt_5", subject="ord_1"))
    with store.read() as reading:
        feed = reading.find(Event, sort="position")
    assert [(one.id, one.position, one.sequence) for one in feed] == [
        ("evt_1", 1, 1),
        ("evt_2", 2, 1),
        ("evt_3", 3, 2),
        ("evt_4", 4, 2),
        ("evt_5", 5, 3),
    ]


def test_an_event_is_placed_when_its_deed_ends(store):
    with store.begin() as deed:
        assert deed.tell(an_event()) == an_event()
        assert deed.find(Event) == ()
        assert deed.position() == 0
    assert got(store, Event, "evt_1") == an_event(position=1, sequence=1)


def test_an_event_told_twice_is_a_duplicate_and_its_deed_is_undone(store):
    with store.begin() as deed:
        deed.tell(an_event("evt_1"))

    def tell_again():
        with store.begin() as deed:
            deed.add(an_order())
            deed.tell(an_event("evt_2"))
            deed.tell(an_event("evt_1"))

    with pytest.raises(Duplicate, match="event evt_1 exists"):
        tell_again()
    with store.read() as reading:
        assert reading.count(Order) == 0
        assert reading.position() == 1


def test_what_was_seen_and_is_unchanged_lets_a_deed_go_on(store):
    keep(store, an_order("ord_1"), an_order("ord_2"), some_stock())
    with store.begin() as deed:
        deed.require_unchanged(seen(an_order("ord_1"), an_order("ord_2"), some_stock()))
        deed.require_unchanged(())


def test_what_was_seen_and_has_moved_stops_a_deed(store):
    keep(store, an_order("ord_1"), an_order("ord_2"))
    with store.begin() as deed:
        deed.change(replace(an_order("ord_2"), node="nod_1"))
    with pytest.raises(ChangedMeanwhile, match="order ord_2") as said, store.begin() as deed:
        deed.require_unchanged(seen(an_order("ord_1"), an_order("ord_2")))
    assert said.value.id == "ord_2"


def test_what_was_seen_and_is_gone_stops_a_deed(store):
    with pytest.raises(ChangedMeanwhile), store.begin() as deed:
        deed.require_unchanged(seen(an_order("ord_9")))
