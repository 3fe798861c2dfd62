"""What every store answers when it is asked."""

from datetime import timedelta, timezone

import pytest

from logistics.errors import Nonsense, Unknown
from logistics.events import Event
from logistics.inventory import Stock
from logistics.orders import Order, OrderState
from logistics.records import DecisionRecord
from logistics.store import Range
from tests.builders.orders import NOON, a_record, an_event, an_order, some_stock


def keep(store, *values):
    with store.begin() as deed:
        deed.add_all(values)


def found(store, kind, **asked):
    with store.read() as seen:
        return tuple(value.id for value in seen.find(kind, **asked))


def test_a_value_is_got_as_it_was_added(store):
    order = an_order(node="nod_1", ready_at=NOON)
    keep(store, order, a_record())
    with store.read() as seen:
        assert seen.get(Order, "ord_1") == order
        assert seen.get(DecisionRecord, "dec_1") == a_record()


def test_times_come_back_aware(store):
    keep(store, an_order(accepted_at=NOON.astimezone(timezone(timedelta(hours=-8)))))
    with store.read() as seen:
        kept = seen.get(Order, "ord_1").accepted_at
    assert kept == NOON
    assert kept.tzinfo is not None


def test_an_id_that_is_nowhere_is_unknown(store):
    with store.read() as seen:
        with pytest.raises(Unknown, match="there is no order ord_9") as said:
            seen.get(Order, "ord_9")
        assert (said.value.kind, said.value.id) == ("order", "ord_9")
        assert seen.maybe(Order, "ord_9") is None


def test_maybe_gives_the_value_where_there_is_one(store):
    keep(store, some_stock())
    with store.read() as seen:
        assert seen.maybe(Stock, "nod_1~lamp") == some_stock()


def test_a_value_is_found_by_its_unique_fields_together(store):
    keep(store, an_order("ord_1", external_id="A-1"), an_order("ord_2", external_id="A-2"))
    assert found(store, Order, client="shop", external_id="A-1") == ("ord_1",)
    assert found(store, Order, client=("shop",), external_id="A-2") == ("ord_2",)
    assert found(store, Order, client="other", external_id="A-1") == ()


def test_values_are_found_by_a_field_that_equals(store):
    keep(store, an_order("ord_1", market="la"), an_order("ord_2", market="ny"))
    assert found(store, Order, market="ny") == ("ord_2",)
    assert found(store, Order, market="rome") == ()


def test_values_are_found_by_an_enum(store):
    keep(store, an_order("ord_1"), an_order("ord_2", state=OrderState.PICKED))
    assert found(store, Order, state=OrderState.PICKED) == ("ord_2",)
    assert found(store, Order, state=(OrderState.PICKED, OrderState.PROMISED)) == ("ord_1", "ord_2")


@pytest.mark.parametrize("of", [tuple, set, frozenset])
def test_values_are_found_by_a_field_that_is_one_of(store, of):
    keep(store, *(an_order(f"ord_{n}", node=f"nod_{n}") for n in range(4)))
    assert found(store, Order, node=of(("nod_1", "nod_3", "nod_9"))) == ("ord_1", "ord_3")
    assert found(store, Order, id=of(("ord_0", "ord_9"))) == ("ord_0",)
    assert found(store, Order, node=of(())) == ()


def test_one_of_may_include_nothing(store):
    keep(store, an_order("ord_1", node="nod_1"), an_order("ord_2"), an_order("ord_3", node="nod_3"))
    assert found(store, Order, node=("nod_1", None)) == ("ord_1", "ord_2")


def test_moments_are_found_that_are_one_of(store):
    keep(store, *(an_order(f"ord_{n}", accepted_at=NOON + timedelta(hours=n)) for n in range(3)))
    wanted = (NOON, NOON + timedelta(hours=2))
    assert found(store, Order, accepted_at=wanted) == ("ord_0", "ord_2")


def test_thousands_may_be_asked_for_at_once(store):
    keep(store, *(an_order(f"ord_{n:05}") for n in range(20)))
    assert len(found(store, Order, id={f"ord_{n:05}" for n in range(70_000)})) == 20


def test_values_are_found_by_an_absent_field(store):
    keep(store, an_order("ord_1", node="nod_1"), an_order("ord_2"))
    assert found(store, Order, node=None) == ("ord_2",)


def test_a_range_holds_its_least_and_not_its_end(store):
    keep(store, *(an_order(f"ord_{n}", accepted_at=NOON + timedelta(hours=n)) for n in range(5)))
    one, three = NOON + timedelta(hours=1), NOON + timedelta(hours=3)
    assert found(store, Order, accepted_at=Range(least=one, below=three)) == ("ord_1", "ord_2")
    assert found(store, Order, accepted_at=Range(below=one)) == ("ord_0",)
    assert found(store, Order, accepted_at=Range(least=three)) == ("ord_3", "ord_4")


def test_a_range_finds_no_absent_field(store):
    keep(store, an_order("ord_1", node="nod_1"), an_order("ord_2"))
    assert found(store, Order, node=Range(below="z")) == ("ord_1",)
    assert found(store, Order, node=Range()) == ("ord_1",)


def test_a_range_compares_moments_and_not_their_words(store):
    keep(store, an_order(accepted_at=NOON.astimezone(timezone(timedelta(hours=14)))))
    west = timezone(timedelta(hours=-11))
    just_after = Range(below=(NOON + timedelta(microseconds=1)).astimezone(west))
    assert found(store, Order, accepted_at=just_after) == ("ord_1",)
    assert found(store, Order, accepted_at=Range(below=NOON.astimezone(west))) == ()


def test_all_conditions_must_hold(store):
    keep(
        store,
        an_order("ord_1", market="la", node="nod_1"),
        an_order("ord_2", market="la"),
        an_order("ord_3", market="ny", node="nod_1"),
    )
    assert found(store, Order, market="la", node="nod_1") == ("ord_1",)


@pytest.mark.parametrize("limit", [None, 100])
@pytest.mark.parametrize("market", ["la", "ny"])
def test_a_range_of_one_market_finds_nothing_of_another(store, market, limit):
    hours = [NOON + timedelta(hours=n) for n in range(80)]
    keep(
        store,
        *(an_order(f"ord_{n:03}", market="la", accepted_at=at) for n, at in enumerate(hours)),
        *(
            an_order(f"ord_{n:03}x", market="ny", accepted_at=at, state=OrderState.DELIVERED)
            for n, at in enumerate(hours)
        ),
    )
    asked = {"market": market, "accepted_at": Range(least=hours[10], below=hours[60])}
    delivered = found(
        store, Order, state=(OrderState.DELIVERED,), sort="accepted_at", limit=limit, **asked
    )
    of_ny = tuple(f"ord_{n:03}x" for n in range(10, 60))
    assert delivered == (of_ny if market == "ny" else ())
    assert found(store, Order, sort="accepted_at", descending=True, limit=2, **asked) == (
        ("ord_059", "ord_058") if market == "la" else ("ord_059x", "ord_058x")
    )


def test_the_found_are_sorted_by_a_field_and_then_by_id(store):
    keep(
        store,
        an_order("ord_3", market="la"),
        an_order("ord_1", market="ny"),
        an_order("ord_2", market="la"),
    )
    assert found(store, Order) == ("ord_1", "ord_2", "ord_3")
    assert found(store, Order, sort="market") == ("ord_2", "ord_3", "ord_1")
    assert found(store, Order, sort="market", descending=True) == ("ord_1", "ord_3", "ord_2")


def test_what_is_absent_sorts_first(store):
    keep(store, an_order("ord_1", node="b"), an_order("ord_2"), an_order("ord_3", node="a"))
    assert found(store, Order, sort="node") == ("ord_2", "ord_3", "ord_1")
    assert found(store, Order, sort="node", descending=True) == ("ord_1", "ord_3", "ord_2")


def test_words_sort_by_code_point_in_every_store(store):
    names = ("B", "Z", "_", "a", "b", "~", "é", "水")
    keep(store, *(an_order(f"ord_{name}", node=name) for name in names))
    assert found(store, Order, sort="node") == tuple(f"ord_{name}" for name in names)
    assert found(store, Order) == tuple(f"ord_{name}" for name in names)


def test_a_limit_takes_the_first(store):
    keep(store, *(an_order(f"ord_{n}") for n in range(5)))
    assert found(store, Order, limit=2) == ("ord_0", "ord_1")
    assert found(store, Order, limit=2, descending=True) == ("ord_4", "ord_3")
    assert found(store, Order, limit=0) == ()


def test_a_count_counts_what_find_would_find(store):
    keep(store, an_order("ord_1", node="nod_1"), an_order("ord_2"))
    with store.read() as seen:
        assert seen.count(Order) == 2
        assert seen.count(Order, node=None) == 1
        assert seen.count(Order, market=("la", "ny")) == 2
        assert seen.count(Order, market="rome") == 0


@pytest.mark.parametrize("asked", [{"price": 3}, {"nonsense": 1}, {"order": "price"}])
def test_only_the_fields_of_its_kind_find_a_value(store, asked):
    keep(store, an_order())
    with store.read() as seen, pytest.raises(Nonsense, match="is not found by it"):
        seen.find(Order, **asked)


def test_the_feed_begins_at_nothing_and_ends_at_its_last_event(store):
    with store.read() as seen:
        assert seen.position() == 0
    with store.begin() as deed:
        deed.tell(an_event("evt_1"))
        deed.tell(an_event("evt_2"))
    with store.read() as seen:
        assert seen.position() == 2
        assert [one.id for one in seen.find(Event, position=Range(least=2))] == ["evt_2"]


def test_a_picture_does_not_move_while_it_is_looked_at(sql_store):
    keep(sql_store, an_order("ord_1"))
    with sql_store.read() as seen:
        assert seen.count(Order) == 1
        keep(sql_store, an_order("ord_2"))
        assert seen.count(Order) == 1
        assert seen.maybe(Order, "ord_2") is None
    with sql_store.read() as seen:
        assert seen.count(Order) == 2


def test_a_range_of_ids_is_a_page(store):
    keep(store, *(an_order(f"ord_{n}") for n in range(5)))
    page = found(store, Order, id=Range(least="ord_1"), sort="id", limit=2)
    assert page == ("ord_1", "ord_2")
    assert found(store, Order, id=Range(below="ord_1")) == ("ord_0",)
