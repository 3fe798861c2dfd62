"""Every rule of the audit finds what it is there for: each is broken once on purpose, and alone sees it."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from logistics.audit import RULES, RULES_OF_A_SCOPE, Scope, discrepancies, the_feed_has_no_gaps
from logistics.dispatch import Outcome, Route, RouteState, Stop, StopState, Tender, TenderState
from logistics.inventory import (
    Load,
    Movement,
    MovementReason,
    Replenishment,
    ReplenishmentState,
    Reservation,
    ReservationState,
    Stock,
)
from logistics.ledger import Entry, EntryKind
from logistics.memory import MemoryStore
from logistics.orders import Order, OrderState
from logistics.promise.offers import Promise, PromiseState, Quote, QuoteState
from logistics.store import Reading
from logistics.twin.policies import in_memory, rehearsal
from logistics.twin.truth import truth_of
from tests.builders.worlds import COUNTED, a_served_world

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def store():
    """What half a day has left behind."""
    world, store = a_served_world(hours=16), MemoryStore()
    life = rehearsal(world, truth_of(world), in_memory(world, COUNTED, store), "static")
    life.found()
    life.run(world.starts_at + 14 * HOUR, lambda _: None)
    return store


def delivered(deed):
    """An order that came, by a van of ours."""
    stop = deed.find(Stop, state=StopState.CLOSED)
    done = {one.order for one in stop if one.outcome is Outcome.SUCCEEDED}
    return next(one for one in deed.find(Order, state=OrderState.DELIVERED) if one.id in done)


def its(deed, kind, /, **more):
    """The first value of a kind about a delivered order."""
    order = delivered(deed).id
    return next(
        one
        for one in deed.find(kind, **{"cause" if kind in {Movement, Entry} else "order": order})
        if all(getattr(one, name) == value for name, value in more.items())
    )


def write(deed, value, **changes):
    deed.change(replace(deed.lock(type(value), value.id), **changes))


def a_unit_from_nowhere(deed):
    stock = deed.find(Stock)[0]
    write(deed, stock, on_hand=stock.on_hand + 1)


def a_unit_for_nobody(deed):
    stock = deed.find(Stock)[0]
    write(deed, stock, reserved=stock.reserved + 1)


def a_promise_to_nobody(deed):
    deed.add(replace(deed.find(Promise)[0], id="prm_alone"))


def a_quote_taken_by_nobody(deed):
    quote = deed.find(Quote)[0]
    deed.add(replace(quote, id="qte_alone", state=QuoteState.ACCEPTED))


def a_unit_more_than_was_ordered(deed):
    held = its(deed, Reservation)
    write(deed, held, units=held.units + 1)


def goods_that_left_unbooked(deed):
    deed.forget(Movement, its(deed, Movement, reason=MovementReason.SOLD).id)


def a_parcel_that_came_on_a_running_promise(deed):
    write(deed, its(deed, Promise), state=PromiseState.ON_TRACK)


def six_hours_beyond_eligibility(deed):
    write(deed, delivered(deed), eligible=False)


def a_margin_that_nobody_got(deed):
    deed.forget(Entry, its(deed, Entry, kind=EntryKind.MARGIN).id)


def a_route_paid_twice(deed):
    route = deed.find(Route, state=RouteState.COMPLETED)[0]
    paid = next(e for e in deed.find(Entry, cause=route.id) if e.kind is EntryKind.LAST_MILE)
    deed.add(replace(paid, id="ent_again"))


def a_parcel_on_two_vans(deed):
    stop = its(deed, Stop)
    route = deed.get(Route, stop.route)
    for name in ("one", "other"):
        deed.add(replace(route, id=f"rte_{name}", state=RouteState.IN_PROGRESS))
        deed.add(replace(stop, id=f"stp_{name}", route=f"rte_{name}", state=StopState.PLANNED))


def an_offer_of_what_is_done(deed):
    tender = deed.find(Tender, state=TenderState.ACCEPTED)[0]
    deed.add(replace(tender, id="tnd_again", state=TenderState.OFFERED))


def a_van_in_two_places(deed):
    route = deed.find(Route, state=RouteState.COMPLETED)[0]
    half = (route.returns_at - route.departs_at) / 2
    for name, later in (("one", 0 * half), ("other", half)):
        at = {"departs_at": route.departs_at + later, "returns_at": route.returns_at + later}
        deed.add(replace(route, id=f"rte_{name}", state=RouteState.ACCEPTED, **at))


def a_route_to_goods_that_are_elsewhere(deed):
    stop, goods = its(deed, Stop), its(deed, Reservation, state=ReservationState.TAKEN)
    write(deed, deed.get(Route, stop.route), state=RouteState.IN_PROGRESS)
    write(deed, stop, state=StopState.PLANNED)
    write(deed, goods, node="nod_elsewhere")


def a_load_that_left_twice(deed):
    now, node = delivered(deed).accepted_at, deed.find(Stock)[0].node
    deed.add(
        Replenishment(
            id="rep_1",
            market="metro",
            from_node=node,
            to_node=node,
            loads=(Load(product="lamp", units=5),),
            state=ReplenishmentState.IN_TRANSIT,
            departs_at=now,
            arrives_at=now + HOUR,
            cost=100,
        )
    )
    for number in range(2):
        deed.add(
            Movement(
                id=f"mov_{number}",
                node=node,
                product="lamp",
                units=-5,
                reason=MovementReason.SENT,
                cause="rep_1",
                at=now,
            )
        )


BREAKS = {
    "stock_agrees_with_its_journal": a_unit_from_nowhere,
    "what_is_reserved_is_spoken_for": a_unit_for_nobody,
    "every_promise_has_its_order": a_promise_to_nobody,
    "every_accepted_quote_is_one_order": a_quote_taken_by_nobody,
    "every_order_has_its_units": a_unit_more_than_was_ordered,
    "goods_away_were_booked_out": goods_that_left_unbooked,
    "every_promise_fits_its_order": a_parcel_that_came_on_a_running_promise,
    "no_promise_outside_eligibility": six_hours_beyond_eligibility,
    "every_cent_has_its_order": a_margin_that_nobody_got,
    "every_route_is_paid_once": a_route_paid_twice,
    "every_parcel_is_on_one_van": a_parcel_on_two_vans,
    "a_route_has_one_open_tender": an_offer_of_what_is_done,
    "a_van_drives_one_route_at_a_time": a_van_in_two_places,
    "no_route_serves_goods_that_are_not_there": a_route_to_goods_that_are_elsewhere,
    "no_load_is_sent_twice": a_load_that_left_twice,
}


class Undone(Exception):
    """Takes a deed back."""


def said_by(name, store, spoil):
    """What one rule says of a spoiled day; afterwards the day is as it was."""
    said = []
    with suppress(Undone), store.begin() as deed:
        spoil(deed)
        whole = Scope(
            orders=deed.find(Order), routes=deed.find(Route), loads=deed.find(Replenishment)
        )
        apart = {rule.__name__: rule for rule in RULES}
        scoped = {rule.__name__: rule for rule in RULES_OF_A_SCOPE}
        said = list(apart[name](deed) if name in apart else scoped[name](deed, whole))
        raise Undone
    return said


@pytest.mark.parametrize("name", BREAKS)
def test_a_rule_that_is_broken_says_so(store, name):
    assert said_by(name, store, BREAKS[name])
    assert said_by(name, store, lambda _: None) == []


@dataclass(frozen=True)
class WithAGap:
    """A feed that has lost one of its events."""

    of: Reading

    def find(self, kind, **how):
        found = self.of.find(kind, **how)
        return (*found[:5], *found[6:])


def test_an_event_that_is_lost_is_missed(store):
    with store.read() as reading:
        said = list(the_feed_has_no_gaps(WithAGap(reading)))
    assert "should be at 6" in said[0]


def test_no_rule_is_without_a_break():
    broken = BREAKS.keys() | {the_feed_has_no_gaps.__name__}
    assert broken == {rule.__name__ for rule in (*RULES, *RULES_OF_A_SCOPE)}


def test_the_day_itself_adds_up(store):
    with store.read() as reading:
        assert discrepancies(reading) == ()
