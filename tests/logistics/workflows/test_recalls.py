"""What is called back stays where it is: nobody is promised it, nothing of it leaves but home."""

from dataclasses import replace
from datetime import timedelta

import pytest

from logistics.catalogue import Product
from logistics.errors import NotAllowedNow, QuoteWithdrawn
from logistics.exceptions import Case, CaseKind
from logistics.inventory import Replenishment, ReplenishmentState
from logistics.orders import Order, OrderState, OrderStep
from logistics.workflows.picking import pick_and_pack, report_picks
from logistics.workflows.position import propose
from logistics.workflows.register import register
from logistics.workflows.stock import move_nodes
from tests.builders import supply
from tests.builders.demand import (
    DEMAND,
    TEN,
    a_world,
    an_order,
    clock,
    found,
    kept,
    quoted,
)
from tests.logistics.workflows.test_position import a_metro, opened

HOUR = timedelta(hours=1)


def call_back(means, *, now, product="lamp", recalled=True):
    with means.store.read() as reading:
        known = reading.get(Product, product)
    register(means, replace(known, recalled=recalled), now=now, by="operator")


def test_nobody_is_offered_what_is_recalled_and_everybody_again_once_that_is_lifted():
    means = a_world()
    call_back(means, now=TEN)
    quote = quoted(means).quote
    assert quote.offer is None
    assert [reason.code for reason in quote.reasons] == ["recalled"]
    call_back(means, now=TEN, recalled=False)
    assert quoted(means).quote.offer is not None


def test_an_offer_is_lost_where_its_goods_are_recalled_before_it_is_taken():
    means = a_world()
    made = quoted(means)
    call_back(means, now=TEN)
    with pytest.raises(QuoteWithdrawn) as lost:
        an_order(means, made=made)
    assert lost.value.reason == "recalled"
    assert found(means, Order) == ()


def test_orders_of_recalled_goods_wait_before_a_person_and_go_on_when_that_is_lifted():
    means = a_world()
    order = an_order(means)
    clock(means, TEN, TEN, jobs=[job for job in DEMAND if job.name == "allocate"])
    call_back(means, now=TEN)
    later = TEN + 2 * HOUR
    assert pick_and_pack(means, now=later) == 0
    assert pick_and_pack(means, now=later) == 0
    (case,) = found(means, Case, kind=CaseKind.RECALLED)
    assert case.subject == "lamp~la"
    with pytest.raises(NotAllowedNow):
        report_picks(means, order.node, [order.id], OrderStep.PICK, provider=None, now=later)
    call_back(means, now=later, recalled=False)
    assert pick_and_pack(means, now=later) == 2
    assert kept(means, Order, order.id).state is OrderState.PACKED


def test_no_van_is_planned_for_recalled_goods():
    means = a_world()
    order = an_order(means)
    call_back(means, now=TEN)
    clock(means, TEN, TEN + 3 * HOUR)
    assert kept(means, Order, order.id).state is OrderState.ALLOCATED


def test_nothing_recalled_is_proposed_or_sent_to_a_node():
    means = a_metro()
    supply.an_outlook(means, 25)
    (asked, *_) = propose(means, now=supply.SEVEN)
    opened(means, asked, now=supply.SEVEN + timedelta(minutes=5))
    call_back(means, now=supply.SEVEN + HOUR)
    move_nodes(means, now=supply.SEVEN + 24 * HOUR)
    trucks = supply.all_of(means, Replenishment)
    assert {truck.state for truck in trucks} == {ReplenishmentState.CANCELLED}
    supply.an_outlook(means, 60, made_at=supply.SEVEN + HOUR)
    assert not [one for one in propose(means, now=supply.SEVEN + HOUR) if one.proposal.stock]
