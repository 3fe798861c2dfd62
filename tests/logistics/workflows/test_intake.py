import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from logistics.demand import LostDemand
from logistics.errors import (
    Duplicate,
    Nonsense,
    NotAllowedNow,
    NotLocated,
    QuoteExpired,
    QuoteWithdrawn,
    Unknown,
)
from logistics.events import Event
from logistics.inventory import Reservation, ReservationState, Stock
from logistics.ledger import Entry
from logistics.orders import Order, OrderState, ServiceLevel
from logistics.policy import Policy, Promising
from logistics.privacy import BuyerKey, Contact
from logistics.promise.answers import Question, answer
from logistics.promise.board import Holds
from logistics.promise.offers import Promise, PromiseState, Quote, QuoteState
from logistics.promise.quote import make_quote, sign
from logistics.records import DecisionRecord, shape
from logistics.workflows.contacts import contact_of, erase_waiting
from logistics.workflows.intake import (
    OrderRequest,
    cancel_order,
    erase_buyer,
    keep_quotes,
    locate,
    place_order,
)
from tests.builders.demand import (
    TEN,
    a_request,
    a_world,
    an_order,
    board_of,
    found,
    kept,
    lamps,
    quoted,
)

MINUTE = timedelta(minutes=1)


def test_an_order_takes_its_units_its_place_its_promise_and_its_income():
    means = a_world()
    order = an_order(means)
    assert order.state is OrderState.PROMISED
    assert kept(means, Stock, "nod_vernon~lamp").reserved == 1
    assert [r.state for r in found(means, Reservation, order=order.id)] == [ReservationState.HELD]
    promise = kept(means, Promise, order.promise)
    assert promise.state is PromiseState.ON_TRACK
    assert promise.window.latest == order.due_at <= TEN + timedelta(hours=6)
    assert sum(e.amount for e in found(means, Entry, cause=order.id)) == 1200 + 790
    assert kept(means, Quote, order.quote).state is QuoteState.ACCEPTED
    told = [event.type for event in found(means, Event, sort="position")]
    assert [t for t in told if not t.startswith("quote.made")] == [
        "order.received",
        "quote.accepted",
        "promise.made",
        "order.promised",
    ]


def test_c2_an_order_after_the_quotes_time_is_refused_and_the_quote_is_expired():
    means = a_world()
    made = quoted(means)
    keep_quotes(means, (made,), now=TEN)
    late = made.quote.expires_at + MINUTE
    with pytest.raises(QuoteExpired):
        an_order(means, made=made, now=late)
    assert kept(means, Quote, made.quote.id).state is QuoteState.EXPIRED
    assert an_order(means, now=late).state is OrderState.PROMISED


def test_c3_a_second_order_of_the_same_outside_id_points_at_the_first():
    means = a_world()
    first = an_order(means)
    with pytest.raises(Duplicate) as refused:
        an_order(means)
    assert refused.value.existing == first.id
    assert kept(means, Stock, "nod_vernon~lamp").reserved == 1


def test_a_quote_is_accepted_once():
    means = a_world()
    made = quoted(means)
    an_order(means, made=made)
    with pytest.raises(NotAllowedNow):
        an_order(means, made=made, number="2")


def test_b9_without_stock_the_order_is_refused_and_counts_as_lost_demand():
    means = a_world(near=1, far=0)
    board = board_of(means)
    first, second = (
        make_quote(board, Holds(), means.policy, means.ids, a_request(), TEN) for _ in range(2)
    )
    keep_quotes(means, (first, second), now=TEN)
    an_order(means, made=first)
    with pytest.raises(QuoteWithdrawn) as refused:
        an_order(means, made=second, number="2")
    assert refused.value.reason == "no_stock"
    assert kept(means, Quote, second.quote.id).state is QuoteState.WITHDRAWN
    assert [lost.units for lost in found(means, LostDemand)] == [1]
    assert "quote.withdrawn" in {event.type for event in found(means, Event)}
    assert kept(means, Stock, "nod_vernon~lamp").reserved == 1


def test_a_buyer_who_can_be_offered_nothing_is_lost_demand():
    means = a_world(near=0, far=0)
    keep_quotes(means, (quoted(means), quoted(means)), now=TEN)
    keep_quotes(means, (quoted(means, a_request(buying=False)),), now=TEN)
    assert [lost.units for lost in found(means, LostDemand)] == [2]


def test_c12_places_on_a_departure_are_never_oversold_whatever_boards_say():
    means = a_world(vans=1)
    board = board_of(means)
    taken, reasons = 0, set()
    for number in range(20):
        made = make_quote(board, Holds(), means.policy, means.ids, a_request(), TEN)
        try:
            an_order(means, made=made, number=str(number))
            taken += 1
        except QuoteWithdrawn as refused:
            reasons.add(refused.reason)
    assert reasons == {"node_capacity"}
    assert 0 < taken == board.markets["la"].waves[made.quote.offer.wave_at] < 20


def test_c12_eight_threads_never_reserve_a_unit_twice():
    means = a_world(near=30, far=0)
    holds, board, failed, taken = Holds(), board_of(means), [], []

    def buy(thread):
        for number in range(10):
            made = make_quote(board, holds, means.policy, means.ids, a_request(), TEN)
            try:
                taken.append(an_order(means, made=made, number=f"{thread}-{number}"))
            except QuoteWithdrawn as refused:
                failed.append(refused)

    threads = [threading.Thread(target=buy, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stock = kept(means, Stock, "nod_vernon~lamp")
    assert stock.reserved == len(taken) <= stock.on_hand == 30
    assert len(taken) + len(failed) == 80


def test_a_token_is_as_good_as_a_kept_quote_and_its_reasons_come_later():
    means = a_world()
    made = quoted(means)
    token = sign(made.quote, means.secret)
    request = OrderRequest(client="shop", external_id="1", buyer="b", token=token)
    order = place_order(means, request, now=TEN)
    keep_quotes(means, (made,), now=TEN)
    assert order.quote == made.quote.id
    assert kept(means, DecisionRecord, made.quote.decision).kind == "quote"


def test_another_shops_quote_is_unknown():
    means = a_world()
    made = quoted(means)
    keep_quotes(means, (made,), now=TEN)
    request = OrderRequest(client="other", external_id="1", buyer="b", quote=made.quote.id)
    with pytest.raises(Unknown):
        place_order(means, request, now=TEN)


def test_an_order_may_take_an_alternative_of_its_quote():
    means = a_world()
    order = an_order(means, service_level=ServiceLevel.STANDARD)
    assert (order.service_level, order.node, order.wave_at) == ("standard", "nod_barstow", None)


def test_an_alternative_that_was_not_offered_is_refused():
    means = a_world(vans=0)
    with pytest.raises(Nonsense):
        an_order(means, service_level=ServiceLevel.SIX_HOUR)


def test_an_order_by_address_is_quoted_within_the_deed():
    means = a_world()
    asked = replace(a_request(), lat=None, lon=None, address="1 Main St")
    request = OrderRequest(client="shop", external_id="1", buyer="b", request=asked)
    assert place_order(means, request, now=TEN).node == "nod_vernon"


def test_c6_c7_an_order_to_an_address_without_one_sure_place_is_refused_with_candidates():
    means = a_world()
    for address, count in (("behind the old mill", 0), ("Main St 5", 2)):
        asked = replace(a_request(), lat=None, lon=None, address=address)
        request = OrderRequest(client="shop", external_id="1", buyer="b", request=asked)
        with pytest.raises(NotLocated) as refused:
            place_order(means, request, now=TEN)
        assert len(refused.value.candidates) == count
        assert locate(means, asked).lat is None


def test_c13_a_quotes_decision_is_replayed_to_the_same_result():
    means = a_world()
    made = quoted(means)
    keep_quotes(means, (made,), now=TEN)
    record = kept(means, DecisionRecord, made.quote.decision)
    again = answer(shape(Question).validate_json(record.inputs))
    assert (again.offer, again.alternatives) == (made.quote.offer, made.quote.alternatives)
    assert "34.05" not in record.inputs + record.result


def test_c4_cancelling_in_time_frees_the_unit_the_place_and_the_income():
    means = a_world()
    order = an_order(means)
    cancelled = cancel_order(means, order.id, client="shop", now=TEN + MINUTE)
    assert cancelled.state is OrderState.CANCELLED
    assert kept(means, Stock, "nod_vernon~lamp").reserved == 0
    assert kept(means, Promise, order.promise).state is PromiseState.RELEASED
    assert sum(e.amount for e in found(means, Entry, cause=order.id)) == 0
    room = board_of(means).markets["la"].waves[order.wave_at]
    assert room == board_of(a_world()).markets["la"].waves[order.wave_at]


def test_only_the_shop_that_ordered_may_cancel():
    means = a_world()
    order = an_order(means)
    with pytest.raises(Unknown):
        cancel_order(means, order.id, client="other", now=TEN)


def test_contacts_are_sealed_and_open_only_with_the_services_secret():
    means = a_world()
    order = an_order(means, contact={"name": "Ada Lovelace", "phone": "+1 555"})
    assert "Ada" not in kept(means, Contact, order.id).sealed
    with means.store.read() as reading:
        assert contact_of(reading, means, order)["name"] == "Ada Lovelace"


def test_a_field_that_no_contact_has_is_refused():
    with pytest.raises(Nonsense):
        an_order(a_world(), contact={"religion": "none of your business"})


def test_e1_erasing_a_buyer_takes_closed_orders_at_once_and_the_open_one_after_30_days():
    means = a_world()
    contact = {"name": "Ada", "address": "1 Main St"}
    closed = an_order(means, contact=contact)
    cancel_order(means, closed.id, client="shop", now=TEN)
    live = an_order(means, number="2", contact=contact)
    old = kept(means, Contact, closed.id)
    receipt = erase_buyer(means, "buyer-1", client="shop", now=TEN)
    assert (receipt.erased_orders, receipt.waiting_orders) == ((closed.id,), (live.id,))
    assert kept(means, Order, closed.id).lat != 34.05
    assert found(means, Contact, id=closed.id) == ()
    with means.store.begin() as deed:
        deed.add(old)
        with pytest.raises(Exception, match="secret"):
            contact_of(deed, means, closed)
        assert contact_of(deed, means, live)["name"] == "Ada"
        deed.forget(Contact, old.id)
    cancel_order(means, live.id, client="shop", now=TEN + MINUTE)
    erase_waiting(means, now=TEN + timedelta(days=29))
    assert found(means, Contact) != ()
    erase_waiting(means, now=TEN + timedelta(days=31))
    assert found(means, Contact) == ()
    assert kept(means, BuyerKey, "shop~buyer-1").sealed_key is None
    assert "privacy.completed" in {event.type for event in found(means, Event)}


def test_e2_a_decision_is_replayed_after_its_buyer_is_erased():
    means = a_world()
    made = quoted(means)
    order = an_order(means, made=made)
    cancel_order(means, order.id, client="shop", now=TEN)
    before = kept(means, DecisionRecord, made.quote.decision)
    erase_buyer(means, "buyer-1", client="shop", now=TEN)
    record = kept(means, DecisionRecord, made.quote.decision)
    assert record == before
    assert answer(shape(Question).validate_json(record.inputs)).offer == made.quote.offer


def test_overbooking_is_a_setting():
    policy = Policy(promising=Promising(overbooking=1.0))
    for means, factor in ((a_world(vans=1), 1), (a_world(vans=1, policy=policy), 2)):
        board, taken = board_of(means), 0
        for number in range(20):
            made = make_quote(board, Holds(), means.policy, means.ids, a_request(), TEN)
            try:
                an_order(means, made=made, number=str(number))
                taken += 1
            except QuoteWithdrawn:
                break
        wave = made.quote.offer.wave_at
        assert taken == factor * board_of(a_world(vans=1)).markets["la"].waves[wave]


def test_lines_of_several_products_are_reserved_together_or_not_at_all():
    means = a_world()
    lines = (*lamps(), *lamps(2, "mug"))
    made = quoted(means, a_request(lines=lines))
    assert made.quote.offer.node == "nod_barstow"
    order = an_order(means, made=made)
    assert {r.product: r.units for r in found(means, Reservation, order=order.id)} == {
        "lamp": 1,
        "mug": 2,
    }


def test_few_free_units_are_told_once_and_the_last_one_too():
    means = a_world(near=12, far=0)
    told = []
    for n in range(12):
        an_order(means, number=str(n))
        told.append([event.type for event in found(means, Event, subject="nod_vernon~lamp")])
    assert [len(events) for events in told] == [0, *[1] * 10, 2]
    assert told[-1] == ["stock.low", "stock.out"]
