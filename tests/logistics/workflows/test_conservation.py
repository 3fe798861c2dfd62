"""Over random days everything adds up after every step: stock, orders, money, promises, feed."""

from datetime import timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from logistics.audit import discrepancies
from logistics.dispatch import (
    FailureReason,
    Outcome,
    Route,
    RouteState,
    Stop,
    StopState,
    Tender,
    TenderState,
)
from logistics.errors import Refused, TenderClosed
from logistics.inventory import Stock
from logistics.network import NODE, Node, NodeState, NodeStep
from logistics.orders import Order, OrderState
from logistics.policy import Efforts, Policy, Promising
from logistics.workflows.deliver import report
from logistics.workflows.intake import cancel_order, return_order
from logistics.workflows.moves import move
from logistics.workflows.publish import answer_tender
from logistics.workflows.stock import count
from logistics.workflows.tick import run_due
from tests.builders.demand import (
    BARSTOW,
    DEMAND,
    DOWNTOWN,
    HARBOUR,
    TEN,
    a_world,
    an_order,
    found,
    kept,
    lamps,
    says,
)

QUICK = Policy(
    efforts=Efforts(routing_steps=1, allocation_steps=1),
    promising=Promising(quote_life=30 * 60),
)
ACTIONS = (
    *["order"] * 6,
    "cancel",
    "return_order",
    *["answer"] * 2,
    *["depart"] * 2,
    *["drive"] * 4,
    "come_back",
    "count",
    "close_node",
    *["time"] * 5,
)


class Day:
    """A made-up day; each action picks what it does by a number."""

    def __init__(self, near, vans):
        self.means = a_world(near=near, far=40, vans=vans, policy=QUICK)
        self.now, self.number = TEN, 0

    def do(self, action, pick):
        getattr(self, action)(pick)
        with self.means.store.read() as reading:
            wrong = discrepancies(reading)
        assert wrong == (), f"after {action}: {wrong}"

    def order(self, pick):
        self.number += 1
        place = BARSTOW if pick % 11 == 0 else (DOWNTOWN, HARBOUR)[pick % 2]
        lines = lamps(1 + (pick % 5 == 0), "mug" if pick % 13 == 0 else "lamp")
        try:
            an_order(self.means, number=str(self.number), now=self.now, place=place, lines=lines)
        except Refused:
            return

    def cancel(self, pick):
        early = found(self.means, Order, state=(OrderState.PROMISED, OrderState.ALLOCATED))
        orders = early if early and pick % 4 else found(self.means, Order)
        self._take_back(cancel_order, orders, pick)

    def return_order(self, pick):
        away = found(self.means, Order, state=OrderState.OUT_FOR_DELIVERY)
        self._take_back(return_order, away, pick)

    def _take_back(self, deed, orders, pick):
        if orders:
            try:
                deed(self.means, orders[pick % len(orders)].id, client="shop", now=self.now)
            except Refused:
                return

    def answer(self, pick):
        for tender in found(self.means, Tender, state=TenderState.OFFERED):
            said = "decline" if pick % 4 == 0 else "accept"
            try:
                answer_tender(self.means, tender.id, said, carrier=tender.carrier, now=self.now)
            except TenderClosed:
                continue

    def depart(self, pick):
        for route in found(self.means, Route, state=RouteState.ACCEPTED):
            self.now = max(self.now, route.departs_at) if pick % 2 else self.now
            self._say(route, "depart")

    def drive(self, pick):
        open_stops = [s for s in found(self.means, Stop) if s.state is not StopState.CLOSED]
        for stop in open_stops[: 1 + pick % 4]:
            route = kept(self.means, Route, stop.route)
            if route.state is RouteState.IN_PROGRESS:
                self.now += timedelta(minutes=pick % 12)
                self._say(route, "arrive", stop.id)
                self._close(route, stop, pick)

    def _close(self, route, stop, pick):
        reasons = (
            FailureReason.NOT_HOME,
            FailureReason.REFUSED,
            FailureReason.DAMAGED,
            FailureReason.NO_TIME,
        )
        if pick % 3 == 0:
            self._say(route, "close", stop.id, Outcome.FAILED, reasons[pick // 3 % 4])
        else:
            self._say(route, "close", stop.id, Outcome.SUCCEEDED)

    def come_back(self, _):
        for route in found(self.means, Route, state=RouteState.IN_PROGRESS):
            self._say(route, "return")

    def _say(self, route, step, stop=None, outcome=None, reason=None):
        self.number += 1
        told = says(route, step, self.now, self.number, stop, outcome, reason)
        report(self.means, route.carrier, (told, told), now=self.now)

    def count(self, pick):
        count(
            self.means,
            "nod_vernon",
            "lamp",
            max(0, kept(self.means, Stock, "nod_vernon~lamp").on_hand + pick % 7 - 3),
            0,
            provider="spaces-inc",
            now=self.now,
        )

    def close_node(self, pick):
        if pick % 5 and kept(self.means, Node, "nod_vernon").state is NodeState.LIVE:
            return
        with self.means.store.begin() as deed:
            node = deed.lock(Node, "nod_vernon")
            suspended = node.state is NodeState.SUSPENDED
            step = NodeStep.RESUME if suspended else NodeStep.SUSPEND
            move(deed, self.means.ids, NODE, node, step, now=self.now, cause="test")

    def time(self, pick):
        for _ in range(1 + pick % 4):
            self.now += timedelta(minutes=5 + 10 * (pick % 4 == 0) + 600 * (pick == 29))
            ran = run_due(self.means, now=self.now, holder="test", jobs=DEMAND)
            assert {tick.outcome for tick in ran} <= {"done"}, ran


@settings(max_examples=15, deadline=None)
@given(
    st.integers(0, 40),
    st.integers(0, 3),
    st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 200)), min_size=15, max_size=40),
)
def test_over_random_days_everything_adds_up_to_the_unit_at_every_step(near, vans, steps):
    day = Day(near, vans)
    for action, pick in steps:
        day.do(action, pick)


def test_over_one_long_day_all_that_can_happen_happens_and_adds_up():
    day = Day(120, 4)
    draw = Random(6)
    for _ in range(800):
        day.do(draw.choice(ACTIONS), draw.randrange(200))
    states = {order.state for order in found(day.means, Order)}
    assert {"delivered", "cancelled", "returned", "failed"} <= states
    assert len(found(day.means, Route, state=RouteState.COMPLETED)) > 5
