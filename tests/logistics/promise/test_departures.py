from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from logistics.policy import Policy, Promising
from logistics.promise.board import Holds
from logistics.promise.departures import Departures, able, tour
from tests.builders.demand import QUICK, TEN, a_van, a_world, an_order, board_of, quoted

NOON = datetime(2026, 11, 24, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
POOLED = Policy(efforts=QUICK.efforts, promising=Promising(pool_for=2 * 3600))


def departures(able, taken, tour_of=2.5):
    return Departures(
        able={NOON + n * HOUR: drops for n, drops in enumerate(able)},
        taken={NOON + n * HOUR: parcels for n, parcels in taken.items()},
        tour=tour_of * HOUR,
    )


def test_a_van_on_tour_is_missed_by_the_departures_before_and_after_it():
    room = departures([20] * 6, {2: 15}).room({})
    assert list(room.values()) == [5, 5, 5, 5, 5, 20]


def test_vans_that_left_before_now_are_back_after_a_tour():
    room = departures([20] * 4, {-1: 20}).room({})
    assert list(room.values()) == [0, 0, 20, 20]


def test_what_open_quotes_hold_is_taken_too():
    held = {NOON: 6}
    assert departures([20], {0: 10}).room(held)[NOON] == 4


@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=12),
    st.lists(st.integers(0, 11), max_size=60),
    st.floats(0.5, 4),
)
def test_filling_every_room_in_turn_never_sends_more_parcels_out_than_the_vans_hold(
    able, wishes, tour_of
):
    most, taken = max(able), {}
    for wish in wishes:
        wave = NOON + wish * HOUR
        if departures(able, taken, tour_of).room({}).get(wave, 0) > 0:
            taken[wish] = taken.get(wish, 0) + 1
    for start in range(12):
        together = sum(n for at, n in taken.items() if start <= at < start + tour_of)
        assert together <= most


def test_an_order_waits_up_to_the_policys_time_for_others_to_ride_with():
    means = a_world(policy=POOLED)
    at_once = quoted(a_world()).quote.offer
    waits = quoted(means).quote.offer
    assert timedelta(0) < waits.wave_at - at_once.wave_at <= 2 * HOUR
    assert waits.window.latest <= TEN + 6 * HOUR
    assert waits.keep_probability >= 0.90


def test_the_next_buyer_joins_the_departure_that_is_made_already():
    means = a_world(policy=POOLED)
    first = an_order(means)
    assert quoted(means, now=TEN + HOUR / 2).quote.offer.wave_at == first.wave_at
    much_later = quoted(means, now=TEN + 2.9 * HOUR).quote.offer
    assert much_later.wave_at > first.wave_at


def test_an_open_quote_is_company_too():
    means, holds = a_world(policy=POOLED), Holds()
    board = board_of(means)
    first = quoted(means, holds=holds, board=board).quote.offer
    second = quoted(means, now=TEN + HOUR / 6, holds=holds, board=board).quote.offer
    assert second.wave_at == first.wave_at


def test_a_tour_is_loading_the_way_out_the_drops_and_the_way_back():
    rules = Promising(
        loading=600, ideal_drive=900, drops_per_route=10, between_drops=360, service_at_stop=240
    )
    assert tour(Policy(promising=rules)) == timedelta(seconds=600 + 2 * 900 + 10 * 600)


def test_vans_of_a_carrier_that_takes_half_of_its_offers_count_half():
    vans, waves = [a_van("a", "swift"), a_van("b", "steady")], [NOON, NOON + HOUR]
    drops = Promising().drops_per_route
    whole = able("America/Los_Angeles", vans, QUICK, waves)
    less = able("America/Los_Angeles", vans, QUICK, waves, {"steady": 0.5})
    assert list(whole.values()) == [2 * drops] * 2
    assert list(less.values()) == [int(1.5 * drops)] * 2
