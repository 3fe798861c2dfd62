import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logistics.errors import Nonsense
from logistics.inventory import Stock, stock_id
from logistics.network import NodeState
from logistics.orders import ServiceLevel
from logistics.policy import Policy, Promising
from logistics.promise.answers import Question, answer, six_hours_after
from logistics.promise.arrival import Arrival
from logistics.promise.board import Holds
from logistics.promise.quote import make_quote, read, sign
from logistics.records import canonical, shape
from tests.builders.demand import (
    BARSTOW,
    DOWNTOWN,
    HARBOUR,
    TEN,
    a_market,
    a_region,
    a_request,
    a_world,
    board_of,
    lamps,
    quoted,
)

LA = ZoneInfo("America/Los_Angeles")
NIGHT_DELIVERY = {"deliver_from_hour": 0, "deliver_until_hour": 24}
NIGHT_SHIFT = {"shift_from_hour": 0, "shift_until_hour": 24}


def local(text):
    return datetime.fromisoformat(text).astimezone(UTC)


def codes(quote):
    return [reason.code for reason in quote.reasons]


def test_c1_a_near_node_with_stock_is_promised_within_six_hours_in_a_window_of_two():
    quote = quoted(a_world()).quote
    window = quote.offer.window
    assert quote.offer.service_level is ServiceLevel.SIX_HOUR
    assert window.latest <= TEN + timedelta(hours=6)
    assert window.latest - window.earliest <= timedelta(hours=2)
    assert quote.offer.keep_probability >= 0.90
    assert quote.eligible
    assert quote.expires_at <= quote.offer.order_by
    assert [o.service_level for o in quote.alternatives] == ["next_morning", "standard"]


def test_the_reasons_add_up_to_the_latest_arrival():
    for place in (DOWNTOWN, HARBOUR):
        quote = quoted(a_world(), a_request(place)).quote
        minutes = sum(reason.minutes or 0 for reason in quote.reasons)
        assert TEN + timedelta(minutes=minutes) == quote.offer.window.latest
        assert codes(quote)[:1] == ["node_selected"]
        assert {"pick_queue", "next_departure", "drive", "route_position", "spread"} <= {
            *codes(quote)
        }


def test_c13_the_stored_question_answers_with_the_same_bytes():
    made = quoted(a_world())
    again = shape(Question).validate_json(canonical(made.question))
    assert canonical(answer(again)) == canonical(answer(made.question))
    assert answer(again).offer == made.quote.offer


def test_a_question_knows_no_place_but_its_region():
    text = canonical(quoted(a_world()).question)
    assert "34.05" not in text
    assert "118.24" not in text


def test_without_stock_nearby_the_permanent_network_brings_a_parcel_and_says_why():
    quote = quoted(a_world(near=0, far=0), a_request(lines=lamps(product="mug"))).quote
    assert not quote.serviceable
    assert "no_stock" in codes(quote)
    assert quote.eligible
    quote = quoted(a_world(near=0, market=a_market(regions=(a_region(DOWNTOWN),)))).quote
    assert quote.serviceable
    assert quote.offer.node == "nod_barstow"


def a_world_that_keeps(units):
    """Vernon holds ten lamps; of those it keeps so many for orders of six hours."""
    tools = a_world(near=10)
    with tools.store.begin() as deed:
        deed.change(replace(deed.lock(Stock, stock_id("nod_vernon", "lamp")), floor=units))
    return tools


def test_what_a_node_keeps_for_six_hours_is_promised_for_six_hours_alone():
    quote = quoted(a_world_that_keeps(10)).quote
    assert quote.offer.service_level is ServiceLevel.SIX_HOUR
    assert [o.service_level for o in quote.alternatives] == ["standard"]
    quote = quoted(a_world_that_keeps(9)).quote
    assert [o.service_level for o in quote.alternatives] == ["next_morning", "standard"]


def test_at_night_what_is_kept_is_left_for_the_orders_of_the_day():
    late = local("2026-03-02T19:00-08:00")
    quote = quoted(a_world_that_keeps(10), now=late).quote
    assert quote.offer.service_level is ServiceLevel.STANDARD
    quote = quoted(a_world_that_keeps(0), now=late).quote
    assert quote.offer.service_level is ServiceLevel.NEXT_MORNING


def test_what_is_kept_is_the_reason_where_no_parcel_can_be_sent_either():
    tools = a_world(near=10, far=0)
    with tools.store.begin() as deed:
        deed.change(replace(deed.lock(Stock, stock_id("nod_vernon", "lamp")), floor=10))
    quote = quoted(tools, now=local("2026-03-02T19:00-08:00")).quote
    assert not quote.serviceable
    assert any("kept for orders of six hours" in reason.detail for reason in quote.reasons)


def test_open_quotes_take_from_what_is_not_kept():
    tools, holds = a_world_that_keeps(9), Holds()
    first, second = (quoted(tools, holds=holds).quote for _ in range(2))
    assert [
        "next_morning" in {o.service_level for o in q.alternatives} for q in (first, second)
    ] == [
        True,
        False,
    ]


def test_a_buyer_outside_every_market_is_told_so():
    quote = quoted(a_world(), a_request((47.6, -122.3))).quote
    assert not quote.serviceable
    assert not quote.eligible
    assert codes(quote) == ["region_closed"]


def test_c6_an_address_without_a_place_is_answered_and_not_refused():
    request = a_request(BARSTOW)
    unplaced = replace(request, lat=None, lon=None, address="behind the old mill")
    quote = quoted(a_world(), unplaced).quote
    assert (quote.serviceable, codes(quote)) == (False, ["address_not_located"])


def test_c7_of_two_towns_none_is_chosen_silently():
    two = (("Main St 5, LA", 0.71), ("Main St 5, Pomona", 0.70))
    request = replace(a_request(), lat=None, lon=None, candidates=two)
    quote = quoted(a_world(), request).quote
    assert not quote.serviceable
    assert "Pomona" in quote.reasons[0].detail
    assert "LA" in quote.reasons[0].detail


def test_c8_in_autumn_six_hours_are_six_real_hours():
    accepted = local("2026-11-01T00:30:00-07:00")
    latest = six_hours_after(accepted, Promising())
    assert latest.astimezone(LA).isoformat() == "2026-11-01T05:30:00-08:00"
    quote = quoted(night_world(accepted), now=accepted).quote
    assert quote.offer.service_level is ServiceLevel.SIX_HOUR
    assert quote.offer.window.latest <= latest
    assert latest - accepted == timedelta(hours=6)
    assert latest < local("2026-11-01T06:30:00-08:00")


@pytest.mark.parametrize(
    ("accepted", "latest"),
    [
        ("2027-03-13T23:30:00-08:00", "2027-03-14T06:30:00-07:00"),
        ("2027-03-28T00:30:00+01:00", "2027-03-28T07:30:00+02:00"),
        ("2027-03-13T23:30:00-07:00", "2027-03-14T05:30:00-07:00"),
    ],
)
def test_c9_in_spring_six_hours_are_six_real_hours(accepted, latest):
    assert six_hours_after(local(accepted), Promising()) == local(latest)


def test_c9_a_quote_on_the_night_of_spring_may_use_the_wall_clocks_seventh_hour():
    accepted = local("2027-03-13T23:30:00-08:00")
    policy = Policy(promising=Promising(wave_every=4 * 3600))
    quote = quoted(night_world(accepted, policy), now=accepted).quote
    assert quote.offer.service_level is ServiceLevel.SIX_HOUR
    assert quote.offer.window.latest <= local("2027-03-14T06:30:00-07:00")


def night_world(now, policy=None):
    market = a_market(**NIGHT_DELIVERY)
    return a_world(now=now, market=market, van=NIGHT_SHIFT, policy=policy)


def test_c10_an_offers_cut_off_in_a_skipped_hour_falls_at_the_first_real_instant_after_it():
    night = local("2027-03-14T01:59:00-08:00")
    policy = Policy(promising=Promising(next_morning_cut_off_hour=2))
    quote = quoted(a_world(now=night, policy=policy, near=0, vans=0), now=night).quote
    collected = sum(r.minutes for r in quote.reasons if r.code in {"pick_queue", "next_departure"})
    at = night + timedelta(minutes=collected)
    assert at.astimezone(LA).isoformat() == "2027-03-14T03:00:00-07:00"


def test_c11_the_window_is_told_in_the_buyers_zone_and_is_the_same_instant():
    quote = quoted(a_world(market=a_market(zone="America/Phoenix"))).quote
    assert quote.zone == "America/Phoenix"
    assert quote.offer.window.latest.tzinfo is UTC


def test_late_in_the_day_the_next_morning_is_offered_and_six_hours_were_not_possible():
    evening = local("2026-11-24T19:30:00-08:00")
    quote = quoted(a_world(now=evening), now=evening).quote
    assert quote.offer.service_level is ServiceLevel.NEXT_MORNING
    assert not quote.eligible
    assert quote.offer.window.latest <= local("2026-11-25T10:00:00-08:00")
    assert quote.offer.window.earliest >= local("2026-11-25T08:00:00-08:00")
    assert "past_cut_off" in codes(quote)


def test_a_centre_a_long_drive_away_keeps_no_six_hours_though_they_were_possible():
    quote = quoted(a_world(near=0, policy=Policy(promising=Promising(target=2 * 3600)))).quote
    assert quote.offer.service_level is not ServiceLevel.SIX_HOUR
    assert "outside_reach" in codes(quote) or "past_cut_off" in codes(quote)


def test_without_vans_six_hours_are_neither_offered_nor_eligible():
    quote = quoted(a_world(vans=0)).quote
    assert quote.offer.service_level is ServiceLevel.STANDARD
    assert not quote.eligible


def test_a_suspended_node_offers_nothing_but_the_demand_stays_eligible():
    quote = quoted(a_world(node={"state": NodeState.SUSPENDED}, far=0)).quote
    assert (quote.serviceable, quote.eligible) == (False, True)


def test_a_hold_expires_with_its_quote_and_settles_with_its_order():
    means, holds = a_world(near=1, far=0), Holds()
    first = quoted(means, holds=holds).quote
    assert not quoted(means, holds=holds).quote.serviceable
    board = replace(board_of(means), id="brd_next", accepted=frozenset({first.id}))
    holds.settle(board, TEN)
    assert len(holds) == 0
    later = TEN + timedelta(minutes=16)
    quoted(means, holds=holds)
    assert quoted(means, holds=holds, now=later).quote.serviceable


@settings(max_examples=8, deadline=None)
@given(st.integers(1, 40), st.integers(1, 4), st.integers(30, 90))
def test_c12_under_threads_no_unit_and_no_place_is_promised_twice(units, vans, buyers):
    means, holds = a_world(near=units, far=0, vans=vans), Holds()
    board = board_of(means)
    made, lock = [], threading.Lock()

    def buy(count):
        for _ in range(count):
            one = make_quote(board, holds, means.policy, means.ids, a_request(), TEN)
            with lock:
                made.append(one.quote)

    threads = [threading.Thread(target=buy, args=(buyers // 3,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    offers = [quote.offer for quote in made if quote.offer]
    assert sum(offer.node == "nod_vernon" for offer in offers) <= units
    for wave, room in board.markets["la"].waves.items():
        assert sum(offer.wave_at == wave for offer in offers) <= room
    for offer in offers:
        assert offer.window.latest > TEN
        assert offer.keep_probability >= 0.90


def test_c12_later_buyers_get_the_next_level_and_then_the_next():
    means, holds = a_world(near=500, vans=1), Holds()
    board = board_of(means)
    levels = [
        make_quote(
            board, holds, means.policy, means.ids, a_request(), TEN
        ).quote.offer.service_level
        for _ in range(120)
    ]
    order = ["six_hour", "next_morning", "standard"]
    ranks = [order.index(level) for level in levels]
    assert all(a <= b for a, b in pairwise(ranks))
    assert {*levels} == {*order}


def test_a_token_carries_the_quote_and_cannot_be_changed():
    quote = quoted(a_world()).quote
    token = sign(quote, b"secret")
    assert read(token, b"secret") == quote
    for wrong in (token[:-1] + ("0" if token[-1] != "0" else "1"), "x" + token, "", "é.é"):
        with pytest.raises(Nonsense):
            read(wrong, b"secret")
    with pytest.raises(Nonsense):
        read(token, b"other")


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 47),
    st.sampled_from([DOWNTOWN, HARBOUR, BARSTOW]),
    st.integers(1, 3),
    st.integers(0, 5),
    st.integers(0, 8),
)
def test_no_offer_is_ever_impossible_at_its_birth(half_hour, place, units, near, vans):
    now = TEN.replace(hour=0, minute=7) + timedelta(minutes=30 * half_hour)
    means = a_world(now=now, near=near, vans=vans)
    quote = quoted(means, a_request(place, lamps(units)), now=now).quote
    for offer in filter(None, (quote.offer, *quote.alternatives)):
        hours = offer.window.earliest.astimezone(LA).hour, offer.window.latest.astimezone(LA)
        assert hours[0] >= 8
        assert hours[1].hour * 60 + hours[1].minute <= 22 * 60
        assert now <= offer.order_by <= offer.window.latest
        assert offer.window.earliest < offer.window.latest
        if offer.service_level is ServiceLevel.SIX_HOUR:
            assert offer.window.latest <= now + timedelta(hours=6)
            assert quote.eligible
        if offer.wave_at:
            assert offer.order_by < offer.wave_at <= offer.window.latest
            assert offer.node == "nod_vernon" or near < units or place == BARSTOW


@given(st.integers(60, 7200), st.integers(1, 20), st.floats(1.01, 2.5), st.floats(0.01, 0.99))
def test_a_quantile_is_where_its_probability_is_reached(drive, drops, factor, share):
    arrival = Arrival(
        departs_at=TEN, drive=drive, between=360, service=240, drops=drops, p90_factor=factor
    )
    at = arrival.by_chance(share)
    assert arrival.chance_by(at) >= share
    assert arrival.chance_by(at - timedelta(seconds=6)) < share
