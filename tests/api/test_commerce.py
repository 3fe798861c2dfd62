"""Shops ask what can be promised, order upon it, and take back what is not packed yet."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from api import problems
from api.board import QuoteDesk
from api.errors import Overloaded
from logistics.access import Role
from logistics.demand import LostDemand
from logistics.inventory import Stock
from logistics.orders import Order, OrderState
from logistics.privacy import Contact
from logistics.promise.offers import Quote
from logistics.records import fingerprint
from logistics.workflows.register import register
from logistics.workflows.sense import sense
from tests.builders.demand import DOWNTOWN, TEN, a_market, a_product, a_request, a_world
from tests.builders.doors import Clock, House, problem, under_key
from tests.builders.orders import a_record
from tests.builders.supply import a_link, a_row, a_video, all_of, heard

LINES = [{"product": "lamp", "units": 1}]
PLACE = {"lat": DOWNTOWN[0], "lon": DOWNTOWN[1], "lines": LINES}


@pytest.fixture
def house():
    return House(a_world(), clock=Clock(TEN))


@pytest.fixture
def shop(house):
    return house.caller(Role.COMMERCE)


def quote(shop, **more):
    return shop.post("/v1/delivery-quotes", json={**PLACE, **more})


def order(shop, key=None, **more):
    asked = {"external_id": "web-1", "buyer": "b-1", **more}
    return shop.post("/v1/orders", json=asked, headers=under_key(key))


def reserved(house):
    return sum(stock.reserved for stock in all_of(house.means, Stock))


def test_a_quote_says_what_when_and_why(shop):
    made = quote(shop)
    assert made.status_code == 200
    told = made.json()
    assert told["serviceable"] is True
    assert told["as_of"]["stock"] == told["made_at"]
    assert told["service_level"] == "six_hour"
    assert told["promise"]["time_zone"] == "America/Los_Angeles"
    assert told["promise"]["window"]["latest"].endswith("-08:00")
    assert told["price"] == {"amount": 790, "currency": "USD"}
    assert {"node_selected", "pick_queue", "spread"} <= {r["code"] for r in told["reasons"]}
    assert told["alternatives"][0]["service_level"] == "next_morning"


def test_a_quote_does_not_touch_the_store_until_it_is_written_down(house, shop):
    told = quote(shop).json()
    assert all_of(house.means, Quote) == ()
    assert shop.get(f"/v1/delivery-quotes/{told['id']}").json() == told
    assert house.service.desk.flush(house.clock()) == 1
    assert house.service.desk.flush(house.clock()) == 0
    assert all_of(house.means, Quote)[0].id == told["id"]
    assert shop.get(f"/v1/delivery-quotes/{told['id']}").json() == told
    problem(
        house.caller(Role.COMMERCE, "other").get(f"/v1/delivery-quotes/{told['id']}"), "not-found"
    )


def test_no_is_an_answer_for_a_place_out_of_reach(shop):
    told = quote(shop, lat=64.8, lon=-147.7).json()
    assert told["serviceable"] is False
    assert told["reasons"][0]["code"] == "region_closed"


def test_c6_an_address_that_is_none_is_a_no_at_the_quote_and_an_error_at_the_order(shop):
    asked = {"lines": LINES, "address": "behind the old mill"}
    told = shop.post("/v1/delivery-quotes", json=asked).json()
    assert told["serviceable"] is False
    assert told["reasons"][0]["code"] == "address_not_located"
    problem(order(shop, place=asked), "address-not-located")


def test_c7_an_address_of_two_meanings_names_both(shop):
    answer = order(shop, place={"lines": LINES, "address": "Main St 5"})
    assert len(problem(answer, "address-ambiguous")["candidates"]) == 2


@pytest.mark.parametrize("flushed", [False, True])
def test_an_order_upon_a_quote_takes_its_units_and_is_promised(house, shop, flushed):
    offered = quote(shop).json()
    if flushed:
        house.service.desk.flush(house.clock())
    made = order(shop, quote_id=offered["id"], contact={"name": "Ann", "phone": "+1"})
    assert made.status_code == 201, made.text
    told = made.json()
    assert told["state"] == "promised"
    assert made.headers["location"] == f"/v1/orders/{told['id']}"
    assert reserved(house) == 1
    assert "Ann" not in made.text + str(all_of(house.means, Contact))
    promise = shop.get(f"/v1/promises/{told['promise']}").json()
    assert promise["state"] == "on_track"
    assert promise["window"] == offered["promise"]["window"]
    assert shop.get(f"/v1/promises/{told['promise']}/history").status_code == 200
    house.service.desk.flush(house.clock())
    assert shop.get(f"/v1/delivery-quotes/{offered['id']}").json()["state"] == "accepted"


def test_an_order_may_carry_the_signed_quote_to_another_process(house, shop):
    token = quote(shop).json()["token"]
    other = House(house.means, clock=house.clock)
    made = order(other.caller(Role.COMMERCE), token=token)
    assert made.status_code == 201, made.text
    forged = order(shop, external_id="web-2", token=token[:-3] + "abc")
    assert problem(forged, "validation-failed")["errors"][0]["pointer"] == "/token"


def test_an_order_may_be_quoted_on_the_spot(shop):
    made = order(shop, place=PLACE)
    assert made.status_code == 201, made.text


def test_c2_an_order_upon_an_expired_quote_is_told_to_ask_again(house, shop):
    offered = quote(shop).json()
    house.clock.on(minutes=16)
    told = problem(order(shop, quote_id=offered["id"]), "quote-expired")
    assert told["requote"] == "/v1/delivery-quotes"
    assert reserved(house) == 0
    assert all_of(house.means, Order) == ()
    fresh = quote(shop).json()
    assert order(shop, quote_id=fresh["id"]).status_code == 201


def test_c3_a_second_order_under_the_same_outside_id_points_at_the_first(house, shop):
    first = order(shop, key="one", quote_id=quote(shop).json()["id"]).json()
    twin = order(shop, key="two", quote_id=quote(shop).json()["id"])
    assert problem(twin, "duplicate-external-id")["existing"] == first["id"]
    assert reserved(house) == 1


def test_c3_the_same_key_gives_the_same_order_and_another_body_is_refused(house, shop):
    offered = quote(shop).json()["id"]
    first = order(shop, key="one", quote_id=offered)
    again = order(shop, key="one", quote_id=offered)
    assert again.json() == first.json()
    assert again.status_code == 201
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]
    problem(order(shop, key="one", quote_id=offered, buyer="b-2"), "idempotency-key-reused")
    assert reserved(house) == 1


def test_c4_an_order_cancelled_in_time_frees_its_units_at_once(house, shop):
    told = order(shop, quote_id=quote(shop).json()["id"]).json()
    gone = shop.put(f"/v1/orders/{told['id']}/cancellation")
    assert gone.json()["state"] == "cancelled"
    assert reserved(house) == 0
    assert shop.get(f"/v1/promises/{told['promise']}").json()["state"] == "released"
    again = problem(shop.put(f"/v1/orders/{told['id']}/cancellation"), "state-conflict")
    assert (again["from"], again["allowed"]) == ("cancelled", [])


def test_c5_an_order_on_its_way_can_only_be_called_back(house, shop):
    told = order(shop, quote_id=quote(shop).json()["id"]).json()
    with house.means.store.begin() as deed:
        kept = deed.lock(Order, told["id"])
        deed.change(replace(kept, state=OrderState.OUT_FOR_DELIVERY))
    late = problem(shop.put(f"/v1/orders/{told['id']}/cancellation"), "state-conflict")
    assert (late["from"], late["to"]) == ("out_for_delivery", "cancel")
    assert "return" in late["allowed"]


@pytest.mark.parametrize(
    ("at", "latest"),
    [("2026-11-01T00:30:00-07:00", "2026-11-01T05:30:00-08:00")],
)
def test_c8_six_hours_are_six_hours_when_the_clock_is_changed(at, latest):
    accepted = datetime.fromisoformat(at)
    now = accepted.astimezone(UTC)
    world = a_world(now=now, market=_open_all_night(), van=_all_night_van())
    house = House(world, clock=Clock(now))
    shop = house.caller(Role.COMMERCE)
    offered = quote(shop).json()
    assert offered["service_level"] == "six_hour", offered
    window = offered["promise"]["window"]
    assert datetime.fromisoformat(window["latest"]) <= datetime.fromisoformat(latest)
    assert window["latest"].endswith("-08:00")
    made = order(shop, quote_id=offered["id"]).json()
    due = datetime.fromisoformat(made["due_at"])
    assert due - datetime.fromisoformat(made["accepted_at"]) <= timedelta(hours=6)


def _open_all_night():
    return a_market(deliver_from_hour=0, deliver_until_hour=24)


def _all_night_van():
    return {"shift_from_hour": 0, "shift_until_hour": 24}


def test_a_shop_sees_its_own_orders_only(house, shop):
    told = order(shop, quote_id=quote(shop).json()["id"]).json()
    other = house.caller(Role.COMMERCE, "other")
    for path in (f"/v1/orders/{told['id']}", f"/v1/promises/{told['promise']}"):
        problem(other.get(path), "not-found")
        assert house.caller(Role.PLANNER).get(path).status_code == 200
    problem(other.put(f"/v1/orders/{told['id']}/cancellation"), "not-found")
    problem(order(other, quote_id=told["quote"]), "not-found")
    assert other.get("/v1/orders").json()["items"] == []
    later = (house.clock() + timedelta(seconds=1)).isoformat()
    params = {"updated_after": later}
    assert shop.get("/v1/orders", params=params).json()["items"] == []
    assert len(shop.get("/v1/orders?external_id=web-1").json()["items"]) == 1


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"quote_id": "qte_x", "token": "x" * 20}, "/quote_id"),
        ({}, "/quote_id"),
        ({"quote_id": "qte_x", "buyer": "Ann Smith"}, "/buyer"),
        ({"quote_id": "qte_x", "contact": {"ssn": "1"}}, "/contact/ssn"),
        ({"place": {**PLACE, "lat": "34"}}, "/place/lat"),
        ({"place": {**PLACE, "lines": []}}, "/place/lines"),
        ({"place": {**PLACE, "lon": None}}, "/place/lat"),
        ({"place": {**PLACE, "lines": [{"product": "lamp", "units": 0}]}}, "/place/lines/0/units"),
        ({"place": PLACE, "service_level": "teleport"}, "/service_level"),
    ],
)
def test_an_order_that_cannot_be_so_is_pointed_at(house, shop, more, pointer):
    answer = order(shop, **more)
    assert problem(answer, "validation-failed")["errors"][0]["pointer"] == pointer
    assert all_of(house.means, Order) == ()


def test_a_list_whose_only_item_is_at_fault_is_not_called_too_short(shop):
    answer = order(shop, place={**PLACE, "lines": [{"sku": "lamp", "units": 1}]})
    told = problem(answer, "validation-failed")["errors"]
    assert sorted(fault["pointer"] for fault in told) == [
        "/place/lines/0/product",
        "/place/lines/0/sku",
    ]


def test_an_order_upon_nothing_known_is_refused(shop):
    problem(order(shop, quote_id="qte_none"), "not-found")


def test_a_file_of_orders_places_the_good_ones(house, shop):
    text = (
        "external_id,buyer,product,units,lat,lon,colour\n"
        "w1,b1,lamp,2,34.05,-118.24,red\n"
        "w2,b2,lamp,0,34.05,-118.24,\n"
        "w1,b1,lamp,2,34.05,-118.24,\n"
        "w3,b3,lamp,1,64.8,-147.7,\n"
    )
    told = shop.post("/v1/imports/orders", content=text, headers={"Content-Type": "text/csv"})
    items = told.json()["items"]
    assert [item["state"] for item in items] == ["created", "refused", "refused", "refused"]
    assert items[1]["pointer"] == "/units"
    assert items[2]["problem"] == "/problems/duplicate-external-id"
    assert told.json()["unknown_columns"] == ["colour"]
    assert reserved(house) == 2


def test_e1_a_buyer_is_erased_and_the_receipt_says_what_was_touched(house, shop):
    told = order(shop, quote_id=quote(shop).json()["id"], contact={"name": "Ann"}).json()
    shop.put(f"/v1/orders/{told['id']}/cancellation")
    made = shop.post("/v1/privacy-requests", json={"buyer": "b-1"}, headers=under_key())
    assert made.status_code == 201, made.text
    receipt = made.json()
    assert receipt["erased_orders"] == [told["id"]]
    assert receipt["completed_at"] is not None
    assert "contact" in receipt["tables_touched"]
    assert all_of(house.means, Contact) == ()
    path = made.headers["location"]
    assert shop.get(path).json() == receipt
    problem(house.caller(Role.COMMERCE, "other").get(path), "not-found")


def test_c13_a_quotes_decision_computed_again_gives_the_same(house, shop):
    told = quote(shop).json()
    house.service.desk.flush(house.clock())
    planner = house.caller(Role.PLANNER)
    again = planner.post(f"/v1/decisions/{told['decision']}/replay").json()
    assert (again["same"], again["reason"]) == (True, None)
    kept = planner.get(f"/v1/decisions/{told['decision']}").json()
    assert again["result_hash"] == kept["result_hash"]


def test_e6_a_decision_of_another_code_is_named_as_such(house):
    records = [
        a_record("dec_1", kind="quote", code_version="promise-0"),
        a_record("dec_2", kind="routing"),
        a_record("dec_3", kind="quote", inputs="{}"),
    ]
    with house.means.store.begin() as deed:
        deed.add_all(
            replace(r, inputs_hash="none" if r.id == "dec_3" else fingerprint(r.inputs))
            for r in records
        )
    planner = house.caller(Role.PLANNER)
    reasons = [planner.post(f"/v1/decisions/{r.id}/replay").json()["reason"] for r in records]
    assert reasons == ["code_version_missing", "needs_a_solver", "inputs_changed"]
    problem(planner.post("/v1/decisions/dec_none/replay"), "not-found")


def test_a_quote_for_what_nobody_sells_points_at_the_line_and_is_not_lost_demand(house, shop):
    answer = quote(shop, lines=[{"product": "lamp", "units": 1}, {"product": "x", "units": 1}])
    assert problem(answer, "validation-failed")["errors"][0]["pointer"] == "/lines/1/product"
    answer = quote(shop, market="atlantis")
    assert problem(answer, "validation-failed")["errors"][0]["pointer"] == "/market"
    house.service.desk.flush(house.clock())
    assert all_of(house.means, LostDemand) == all_of(house.means, Quote) == ()


def test_a_product_that_was_told_a_moment_ago_can_be_asked_for(house, shop):
    assert quote(shop).status_code == 200
    register(house.means, a_product("vase"), now=TEN, by="test")
    told = quote(shop, lines=[{"product": "vase", "units": 1}])
    assert told.json()["reasons"][0]["code"] == "no_stock"


def test_an_order_for_what_nobody_sells_points_into_its_place(shop):
    asked = {**PLACE, "lines": [{"product": "x", "units": 1}]}
    told = problem(order(shop, place=asked), "validation-failed")
    assert told["errors"][0]["pointer"] == "/place/lines/0/product"


def test_a4_signals_that_come_late_leave_an_open_quote_as_it_is(house, shop):
    for thing in (a_video(), a_link()):
        register(house.means, thing, now=TEN, by="test")
    offered = quote(shop).json()
    house.service.desk.flush(TEN)
    now = house.clock.on(minutes=5)
    start = now - timedelta(minutes=105)
    late = heard(house.means, replace(a_row(start), region=None), now=now)
    assert (late.late, late.applied) == (1, 1)
    assert len(sense(house.means, now=now)) > 0
    assert shop.get(f"/v1/delivery-quotes/{offered['id']}").json() == offered
    assert order(shop, quote_id=offered["id"]).status_code == 201


def test_a_desk_that_cannot_write_down_any_more_says_so(house):
    desk = QuoteDesk(house.means, most_waiting=1)
    desk.quote(a_request(), TEN)
    with pytest.raises(Overloaded) as full:
        desk.quote(a_request(), TEN)
    answer = problems.answer(full.value)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
