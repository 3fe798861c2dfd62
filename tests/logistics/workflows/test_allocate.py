from datetime import timedelta

import pytest

from logistics.errors import Nonsense, NotAllowedNow, Unknown
from logistics.inventory import Reservation, ReservationState, Stock
from logistics.ledger import Entry, EntryKind
from logistics.network import NODE, Node, NodeStep
from logistics.orders import Order, OrderState, OrderStep, ServiceLevel
from logistics.policy import SiteType
from logistics.promise.offers import Promise, PromiseState
from logistics.records import DecisionRecord
from logistics.workflows.allocate import allocate
from logistics.workflows.moves import move
from logistics.workflows.picking import pick_and_pack, report_picks
from logistics.workflows.stock import count
from tests.builders.demand import (
    HARBOUR,
    TEN,
    a_node,
    a_site,
    a_world,
    an_order,
    found,
    kept,
    stocked,
)

HOUR = timedelta(hours=1)


def suspend(means, node="nod_vernon"):
    with means.store.begin() as deed:
        standing = deed.lock(Node, node)
        move(deed, means.ids, NODE, standing, NodeStep.SUSPEND, now=TEN, cause="test")


def a_second_node(means, units=50):
    site = a_site("harbour", SiteType.STANDBY, HARBOUR)
    with means.store.begin() as deed:
        deed.add_all([site, a_node(site), *stocked("nod_harbour", units=units)])


def test_an_order_stays_at_the_node_of_its_quote_while_that_can_do_it():
    means = a_world()
    order = an_order(means)
    assert allocate(means, now=TEN) == ()
    assert kept(means, Order, order.id).state is OrderState.ALLOCATED
    assert found(means, DecisionRecord, kind="allocation") == ()
    before = kept(means, Order, order.id)
    allocate(means, now=TEN)
    assert kept(means, Order, order.id) == before


def test_an_order_whose_node_stopped_moves_to_another_with_its_units_and_says_why():
    means = a_world()
    a_second_node(means)
    order = an_order(means)
    suspend(means)
    moved = allocate(means, now=TEN)[0]
    assert (moved.node, moved.service_level) == ("nod_harbour", ServiceLevel.SIX_HOUR)
    assert kept(means, Stock, "nod_vernon~lamp").reserved == 0
    assert kept(means, Stock, "nod_harbour~lamp").reserved == 1
    record = found(means, DecisionRecord, kind="allocation")[0]
    assert record.parents == (order.id,)


def test_what_no_node_has_goes_to_the_permanent_network_and_its_buyer_is_told():
    means = a_world()
    order = an_order(means)
    suspend(means)
    moved = allocate(means, now=TEN)[0]
    assert (moved.node, moved.wave_at) == ("nod_barstow", None) or moved.node == "nod_barstow"
    assert moved.state is OrderState.ALLOCATED
    assert order.node == "nod_vernon"


def test_what_nobody_has_is_cancelled_with_an_apology():
    means = a_world(far=0)
    order = an_order(means)
    suspend(means)
    gone = allocate(means, now=TEN)[0]
    assert (gone.state, gone.closed_reason) == (OrderState.CANCELLED, "no_stock")
    assert kept(means, Promise, order.promise).state is PromiseState.BROKEN
    entries = [e.amount for e in found(means, Entry, cause=order.id)]
    assert sum(entries) == -1500


def test_a_short_count_takes_from_the_newest_orders_first():
    means = a_world(near=3, far=0)
    a_second_node(means, units=1)
    orders = [an_order(means, number=str(n), now=TEN + n * timedelta(seconds=20)) for n in range(3)]
    assert {order.node for order in orders} == {"nod_vernon"}
    count(means, "nod_vernon", "lamp", 2, 0, provider=None, now=TEN + HOUR / 12)
    allocate(means, now=TEN + HOUR / 12)
    nodes = [kept(means, Order, order.id).node for order in orders]
    assert nodes == ["nod_vernon", "nod_vernon", "nod_harbour"]
    held = found(means, Reservation, node="nod_vernon", state=ReservationState.HELD)
    assert len(held) == 2


def test_picking_goes_by_the_queues_clock_and_packing_is_paid_once():
    means = a_world()
    order = an_order(means)
    allocate(means, now=TEN)
    assert pick_and_pack(means, now=order.ready_at - timedelta(minutes=3)) == 0
    assert pick_and_pack(means, now=order.ready_at - timedelta(minutes=1)) == 1
    assert kept(means, Order, order.id).state is OrderState.PICKED
    pick_and_pack(means, now=order.ready_at)
    pick_and_pack(means, now=order.ready_at + HOUR)
    assert kept(means, Order, order.id).state is OrderState.PACKED
    assert [e.amount for e in found(means, Entry, kind=EntryKind.HANDLING)] == [-110]


def test_a_shelf_is_paid_for_each_order_beside_the_packing():
    means = a_world(site={"type": SiteType.SHELF})
    order = an_order(means)
    allocate(means, now=TEN)
    pick_and_pack(means, now=order.ready_at)
    assert [e.amount for e in found(means, Entry, kind=EntryKind.HANDLING)] == [-230]


def test_whoever_runs_the_space_may_report_picks_sooner():
    means = a_world()
    order = an_order(means)
    allocate(means, now=TEN)
    picked = report_picks(
        means, "nod_vernon", (order.id,), OrderStep.PICK, provider="spaces-inc", now=TEN
    )
    assert picked[0].state is OrderState.PICKED
    packed = report_picks(
        means,
        "nod_vernon",
        (order.id,),
        OrderStep.PACK,
        provider="spaces-inc",
        now=TEN,
        labels={order.id: "340123450000000000"},
    )
    assert (packed[0].state, packed[0].ready_at) == (OrderState.PACKED, TEN)
    assert packed[0].sscc == "340123450000000000"
    with pytest.raises(NotAllowedNow):
        report_picks(
            means, "nod_vernon", (order.id,), OrderStep.PACK, provider="spaces-inc", now=TEN
        )
    with pytest.raises(Unknown):
        report_picks(means, "nod_vernon", (order.id,), OrderStep.PACK, provider="else", now=TEN)
    with pytest.raises(Unknown):
        report_picks(means, "nod_barstow", (order.id,), OrderStep.PACK, provider=None, now=TEN)


@pytest.mark.parametrize("sscc", ["340123450000000001", "34012345"])
def test_a_label_whose_number_does_not_check_is_refused_with_all_of_its_picks(sscc):
    means = a_world()
    order = an_order(means)
    allocate(means, now=TEN)
    told = {"provider": "spaces-inc", "now": TEN, "labels": {order.id: sscc}}
    with pytest.raises(Nonsense):
        report_picks(means, "nod_vernon", (order.id,), OrderStep.PICK, **told)
    elsewhere = {**told, "labels": {"ord_2": "340123450000000000"}}
    with pytest.raises(Nonsense):
        report_picks(means, "nod_vernon", (order.id,), OrderStep.PICK, **elsewhere)


def test_a_draining_node_still_does_the_orders_that_it_has():
    means = a_world()
    order = an_order(means)
    with means.store.begin() as deed:
        node = deed.lock(Node, "nod_vernon")
        move(deed, means.ids, NODE, node, NodeStep.DRAIN, now=TEN, cause="test")
    assert allocate(means, now=TEN) == ()
    assert kept(means, Order, order.id).node == "nod_vernon"
