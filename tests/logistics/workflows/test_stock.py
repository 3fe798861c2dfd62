"""Spaces that answer or do not, goods that come short, days that are paid once, and the way home."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logistics.decisions import Choice, Kind, Recommendation
from logistics.errors import Nonsense, NotAllowedNow, StaleVersion, SurgeportError, Unknown
from logistics.events import Event
from logistics.exceptions import Case, CaseKind
from logistics.inventory import (
    Load,
    Replenishment,
    ReplenishmentState,
    Reservation,
    ReservationState,
    Stock,
)
from logistics.ledger import Entry, EntryKind
from logistics.network import Lease, LeaseState, Node, NodeState
from logistics.policy import SiteType
from logistics.workflows.decide import carry_out, give_verdict
from logistics.workflows.register import set_stock
from logistics.workflows.stock import answer_lease, count, expire_leases, move_nodes, receive
from tests.builders.supply import (
    SEVEN,
    a_proposal,
    a_recommendation,
    a_site,
    a_world,
    all_of,
    centre_node,
    journal_agrees,
)


def after(**ahead):
    return SEVEN + timedelta(**ahead)


def approved(tools, **more):
    """A world whose one recommendation is approved and carried out at 07:06."""
    asked = a_recommendation(tools, **more)
    give_verdict(
        tools,
        asked.id,
        Choice.APPROVE,
        planner="ana",
        expected_version=1,
        substitutes=more.get("substitutes", True),
        now=after(minutes=5),
    )
    carry_out(tools, now=after(minutes=6))
    return tools


def leases(tools, *states):
    return [lease for lease in all_of(tools, Lease) if lease.state in states]


def answers(tools, answer, *, now, **more):
    (lease,) = leases(tools, LeaseState.REQUESTED)
    return answer_lease(tools, lease.id, answer, provider="spaces", now=now, **more)


def temporary(tools):
    return [node for node in all_of(tools, Node) if node.type is not SiteType.CENTRE]


def stock_at(tools, node):
    return sum(one.on_hand for one in all_of(tools, Stock, node=node))


def booked(tools):
    sums = Counter()
    for entry in all_of(tools, Entry):
        sums[entry.kind] += entry.amount
    return sums


def live(tools, received=None, damaged=0):
    """A world with a live node that has counted in its first truck."""
    approved(tools)
    answers(tools, "confirm", now=after(minutes=21))
    move_nodes(tools, now=after(minutes=50))
    (truck,) = all_of(tools, Replenishment)
    units = truck.loads[0].units
    loads = (
        Load(
            product="lamp",
            units=units,
            received=units if received is None else received,
            damaged=damaged,
        ),
    )
    receive(tools, truck.id, loads, provider="spaces", now=truck.arrives_at)
    move_nodes(tools, now=after(hours=6))
    return temporary(tools)[0]


def test_a_confirmed_lease_books_its_call_off_and_releases_the_goods():
    tools = approved(a_world())
    lease = answers(tools, "confirm", now=after(minutes=21))
    assert (
        answer_lease(tools, lease.id, "confirm", provider="spaces", now=after(minutes=22)) == lease
    )
    assert booked(tools) == {EntryKind.SET_UP: -90_000}
    assert temporary(tools)[0].state is NodeState.RAMPING
    assert all_of(tools, Replenishment)[0].state is ReplenishmentState.RELEASED


def test_b1_a_refused_lease_asks_the_runner_up_that_is_nearly_as_good():
    tools = approved(a_world())
    answers(tools, "refuse", now=after(minutes=18), reason="flooded")
    (refused,) = leases(tools, LeaseState.REFUSED)
    (second,) = leases(tools, LeaseState.REQUESTED)
    assert (refused.site, refused.refusal_reason, second.site) == ("vernon", "flooded", "shelf-a")
    assert second.requested_at == after(minutes=18)
    states = {load.state for load in all_of(tools, Replenishment)}
    assert states == {ReplenishmentState.CANCELLED, ReplenishmentState.PROPOSED}
    assert stock_at(tools, centre_node(tools).id) == 11_400
    answers(tools, "refuse", now=after(minutes=19))
    assert leases(tools, LeaseState.REQUESTED) == []
    (case,) = all_of(tools, Case)
    assert (case.kind, case.subject) == (CaseKind.LEASE_REFUSED, "rec_1")
    assert {node.state for node in temporary(tools)} == {NodeState.CANCELLED}


def test_b1_without_leave_to_substitute_a_person_is_asked():
    tools = approved(a_world(), substitutes=False)
    answers(tools, "refuse", now=after(minutes=18))
    assert leases(tools, LeaseState.REQUESTED) == []
    assert [case.kind for case in all_of(tools, Case)] == [CaseKind.LEASE_REFUSED]


def test_b2_silence_until_respond_by_is_a_refusal():
    tools = approved(a_world())
    expire_leases(tools, now=after(minutes=25))
    assert len(leases(tools, LeaseState.REQUESTED)) == 1
    with pytest.raises(NotAllowedNow):
        answers(tools, "confirm", now=after(minutes=26))
    for _ in range(2):
        expire_leases(tools, now=after(minutes=26))
    assert [lease.site for lease in leases(tools, LeaseState.EXPIRED)] == ["vernon"]
    assert [lease.site for lease in leases(tools, LeaseState.REQUESTED)] == ["shelf-a"]


def test_a_lease_is_answered_by_its_own_provider_only_and_once():
    tools = approved(a_world())
    (lease,) = all_of(tools, Lease)
    with pytest.raises(Unknown):
        answer_lease(tools, lease.id, "confirm", provider="other", now=after(minutes=7))
    with pytest.raises(StaleVersion):
        answers(tools, "confirm", now=after(minutes=7), expected_version=9)
    with pytest.raises(Nonsense):
        answers(tools, "perhaps", now=after(minutes=7))
    answers(tools, "offer", now=after(minutes=8))
    answer_lease(tools, lease.id, "confirm", provider="spaces", now=after(minutes=9))
    with pytest.raises(NotAllowedNow):
        answer_lease(tools, lease.id, "refuse", provider="spaces", now=after(minutes=9))


def test_goods_leave_the_centre_once_and_never_below_its_floor():
    tools = a_world(stock=2_500)
    centre = centre_node(tools).id
    set_stock(tools, centre, "lamp", 2_500, floor=700, now=SEVEN, by="buyer")
    approved(tools)
    answers(tools, "confirm", now=after(minutes=21))
    move_nodes(tools, now=after(minutes=49))
    assert stock_at(tools, centre) == 2_500
    for _ in range(2):
        move_nodes(tools, now=after(minutes=50))
    (truck,) = all_of(tools, Replenishment)
    assert (truck.state, truck.loads[0].units) == (ReplenishmentState.IN_TRANSIT, 1_800)
    assert stock_at(tools, centre) == 700
    assert booked(tools)[EntryKind.TRUCK] == -truck.cost
    assert journal_agrees(tools)


def test_a_truck_that_finds_nothing_does_not_leave():
    tools = approved(a_world(stock=0))
    answers(tools, "confirm", now=after(minutes=21))
    move_nodes(tools, now=after(minutes=50))
    assert all_of(tools, Replenishment)[0].state is ReplenishmentState.CANCELLED
    assert EntryKind.TRUCK not in booked(tools)


def test_b10_a_short_receipt_frees_only_what_is_whole():
    tools = a_world()
    approved(tools, proposal=a_proposal(tools, units=1_900))
    answers(tools, "confirm", now=after(minutes=21))
    move_nodes(tools, now=after(minutes=50))
    (truck,) = all_of(tools, Replenishment)
    loads = (Load(product="lamp", units=1_900, received=1_780, damaged=12),)
    first = receive(tools, truck.id, loads, provider="spaces", now=truck.arrives_at)
    again = receive(tools, truck.id, loads, provider="spaces", now=truck.arrives_at)
    (stock,) = all_of(tools, Stock, node=truck.to_node)
    assert (stock.free, stock.damaged) == (1_768, 12)
    assert first == again
    assert len(all_of(tools, Event, type="stock.received_short")) == 1
    assert [case.kind for case in all_of(tools, Case)] == [CaseKind.SHORT_RECEIPT]
    assert booked(tools)[EntryKind.INBOUND] == -1_780 * 15
    assert journal_agrees(tools)
    move_nodes(tools, now=after(days=2))
    assert all_of(tools, Replenishment)[0].state is ReplenishmentState.CLOSED


@pytest.mark.parametrize(
    ("product", "received", "damaged", "field"),
    [
        ("ring", 5, 0, "/loads/0/product"),
        ("lamp", 2_201, 0, "/loads/0/received"),
        ("lamp", -1, 0, "/loads/0/received"),
        ("lamp", 5, 6, "/loads/0/damaged"),
    ],
)
def test_a_receipt_that_cannot_be_is_refused_with_its_field(product, received, damaged, field):
    tools = approved(a_world())
    answers(tools, "confirm", now=after(minutes=21))
    move_nodes(tools, now=after(minutes=50))
    (truck,) = all_of(tools, Replenishment)
    loads = (Load(product=product, units=0, received=received, damaged=damaged),)
    with pytest.raises(Nonsense) as refused:
        receive(tools, truck.id, loads, provider="spaces", now=after(hours=5))
    assert refused.value.field == field
    with pytest.raises(Unknown):
        receive(tools, truck.id, (), provider="other", now=after(hours=5))
    assert all_of(tools, Replenishment)[0] == truck


def test_a_node_goes_live_drains_and_closes_by_its_exit_plan():
    tools = a_world()
    node = live(tools)
    assert node.state is NodeState.LIVE
    assert leases(tools, LeaseState.ACTIVE)
    move_nodes(tools, now=node.drain_from)
    assert temporary(tools)[0].state is NodeState.DRAINING
    assert leases(tools, LeaseState.ENDING)
    for _ in range(2):
        move_nodes(tools, now=node.closes_at)
    assert temporary(tools)[0].state is NodeState.CLOSED
    assert leases(tools, LeaseState.ENDED)
    home = all_of(tools, Replenishment, from_node=node.id)
    assert [(one.state, one.loads[0].units) for one in home] == [
        (ReplenishmentState.IN_TRANSIT, 2_200)
    ]
    assert booked(tools)[EntryKind.RETURN] == -2_200 * 205
    assert stock_at(tools, node.id) == 0
    assert journal_agrees(tools)


def test_a_node_waits_with_closing_for_what_is_spoken_for():
    tools = a_world()
    node = live(tools)
    held = Reservation(
        id="rsv_1",
        order="ord_1",
        node=node.id,
        product="lamp",
        units=1,
        state=ReservationState.HELD,
        made_at=SEVEN,
    )
    with tools.store.begin() as deed:
        deed.add(held)
    move_nodes(tools, now=node.closes_at)
    assert temporary(tools)[0].state is NodeState.DRAINING
    with tools.store.begin() as deed:
        deed.forget(Reservation, "rsv_1")
    move_nodes(tools, now=node.closes_at + timedelta(hours=1))
    assert temporary(tools)[0].state is NodeState.CLOSED


def test_each_day_of_a_lease_is_booked_once_however_often_or_seldom_we_look():
    tools = a_world()
    node = live(tools)
    (lease,) = all_of(tools, Lease)
    for hours in (7, 8, 8, 60):
        move_nodes(tools, now=after(hours=hours))
    days = (after(hours=60) - lease.starts_at) // timedelta(days=1) + 1
    assert booked(tools)[EntryKind.SPACE] == -145_000 * days
    move_nodes(tools, now=node.closes_at)
    whole = -(-(node.closes_at - lease.starts_at) // timedelta(days=1))
    assert booked(tools)[EntryKind.SPACE] == -145_000 * whole


def test_closing_early_owes_the_shortest_term():
    tools = a_world()
    node = live(tools)
    a_recommendation(tools, "rec_2", kind=Kind.CLOSE, node=node.id, decide_by=after(days=1))
    give_verdict(
        tools, "rec_2", Choice.APPROVE, planner="ana", expected_version=1, now=after(hours=7)
    )
    carry_out(tools, now=after(hours=8))
    move_nodes(tools, now=after(hours=8))
    assert temporary(tools)[0].state is NodeState.CLOSED
    assert booked(tools)[EntryKind.SPACE] == -145_000 * 3


def test_a_retainer_is_paid_every_day_and_once():
    tools = a_world()
    for hours in (0, 1, 2, 30, 30, 100):
        move_nodes(tools, now=after(hours=hours))
    assert booked(tools) == {EntryKind.RETAINER: -6_000 * 5}


def test_goods_for_a_node_that_is_no_more_turn_round():
    tools = approved(a_world())
    answers(tools, "confirm", now=after(minutes=21))
    move_nodes(tools, now=after(minutes=50))
    (node,), centre = temporary(tools), centre_node(tools).id
    a_recommendation(tools, "rec_2", kind=Kind.CANCEL, node=node.id)
    give_verdict(
        tools, "rec_2", Choice.APPROVE, planner="ana", expected_version=1, now=after(minutes=52)
    )
    carry_out(tools, now=after(hours=1))
    (truck,) = all_of(tools, Replenishment)
    with pytest.raises(NotAllowedNow):
        receive(tools, truck.id, truck.loads, provider="spaces", now=truck.arrives_at)
    move_nodes(tools, now=after(hours=1))
    (back,) = all_of(tools, Replenishment)
    assert (back.to_node, back.from_node) == (centre, node.id)
    full = (Load(product="lamp", units=2_200, received=2_200),)
    receive(tools, back.id, full, provider="own", now=back.arrives_at)
    assert stock_at(tools, centre) == 11_400
    assert journal_agrees(tools)


def test_a_count_is_believed_and_journalled():
    tools = a_world()
    node = live(tools)
    kept = count(tools, node.id, "lamp", 2_190, 6, provider="spaces", now=after(hours=7))
    assert (kept.on_hand, kept.damaged) == (2_190, 6)
    assert count(tools, node.id, "lamp", 2_190, 6, provider=None, now=after(hours=8)) == kept
    count(tools, node.id, "lamp", 0, 6, provider="spaces", now=after(hours=9))
    assert len(all_of(tools, Event, type="stock.out")) == 1
    assert journal_agrees(tools)
    with pytest.raises(Unknown):
        count(tools, node.id, "ring", 1, 0, provider="spaces", now=after(hours=9))
    with pytest.raises(Nonsense):
        count(tools, node.id, "lamp", -1, 0, provider="spaces", now=after(hours=9))


STEPS = st.sampled_from(
    ["confirm", "refuse", "receive", "short", "count", "drain", "close", "open", "wait", "buy"]
)


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(STEPS, min_size=3, max_size=14), hours=st.integers(1, 30))
def test_stock_and_money_conserve_over_any_sequence_of_supply_deeds(steps, hours):
    tools, now, bought = a_world(sites=(a_site(), a_site("vernon-b"))), SEVEN, 11_400
    for i, step in enumerate(steps):
        now += timedelta(hours=hours)
        bought += deed_of(tools, step, i, now)
        expire_leases(tools, now=now)
        carry_out(tools, now=now + timedelta(minutes=1))
        move_nodes(tools, now=now + timedelta(minutes=1))
        assert journal_agrees(tools)
    trucks = all_of(tools, Replenishment)
    on_the_road = sum(
        load.units for t in trucks if t.state is ReplenishmentState.IN_TRANSIT for load in t.loads
    )
    arrived = [t for t in trucks if t.received_at is not None]
    missing = sum(load.units - load.received for t in arrived for load in t.loads)
    there = sum(one.on_hand + one.damaged for one in all_of(tools, Stock))
    assert there + on_the_road + missing == bought
    sums = booked(tools)
    assert sums[EntryKind.TRUCK] == -sum(
        t.cost
        for t in trucks
        if t.state is not ReplenishmentState.CANCELLED
        and t.cost
        and t.state not in {ReplenishmentState.PROPOSED, ReplenishmentState.RELEASED}
    )
    confirmed = {
        LeaseState.CONFIRMED,
        LeaseState.ACTIVE,
        LeaseState.ENDING,
        LeaseState.ENDED,
    }
    taken = [one for one in all_of(tools, Lease) if one.state in confirmed]
    cancelled = [
        one
        for one in all_of(tools, Lease)
        if one.state is LeaseState.CANCELLED and one.answered_at is not None
    ]
    assert sums[EntryKind.SET_UP] == -90_000 * (len(taken) + len(cancelled))
    assert sums[EntryKind.SPACE] % 145_000 == 0


def deed_of(tools, step, i, now):
    """One random deed, allowed or refused; returns the units that came from outside."""
    nodes, trucks = temporary(tools), all_of(tools, Replenishment)
    try:
        if step in {"open", "drain", "close"}:
            kind = {"open": Kind.OPEN, "drain": Kind.DRAIN, "close": Kind.CLOSE}[step]
            node = nodes[-1].id if nodes and step != "open" else None
            if node is None and step != "open":
                return 0
            proposal = a_proposal(tools, units=1_000, starts=now + timedelta(hours=5), days=3)
            site = ("vernon", "vernon-b")[i % 2]
            asked = a_recommendation(
                tools, f"rec_{i}", kind=kind, node=node, site=site, proposal=proposal,
                decide_by=now + timedelta(hours=1),
            )  # fmt: skip
            give_verdict(
                tools, asked.id, Choice.APPROVE, planner="ana", expected_version=1, now=now
            )
        if step in {"confirm", "refuse"}:
            for lease in leases(tools, LeaseState.REQUESTED):
                answer_lease(tools, lease.id, step, provider="spaces", now=lease.requested_at)
        if step in {"receive", "short"}:
            for truck in trucks:
                if truck.state is ReplenishmentState.IN_TRANSIT:
                    loads = tuple(
                        Load(product=x.product, units=x.units, received=x.units - x.units // 9,
                             damaged=x.units // 50)
                        if step == "short" else Load(product=x.product, units=x.units, received=x.units)
                        for x in truck.loads
                    )  # fmt: skip
                    receive(tools, truck.id, loads, provider=None, now=now)
        if step == "count":
            for one in all_of(tools, Stock):
                count(
                    tools, one.node, one.product, one.on_hand, one.damaged, provider=None, now=now
                )
        if step == "buy":
            centre = centre_node(tools).id
            set_stock(tools, centre, "lamp", stock_at(tools, centre) + 500, now=now, by="buyer")
            return 500
    except SurgeportError:
        return 0
    return 0


def test_the_recommendation_of_a_substitute_stays_the_planners_own():
    tools = approved(a_world())
    answers(tools, "refuse", now=after(minutes=18))
    assert {lease.recommendation for lease in all_of(tools, Lease)} == {"rec_1"}
    assert len(all_of(tools, Recommendation)) == 1
