"""Every allocation keeps every rule, and the small stories come out right."""

import random
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings

from logistics.allocation.problem import AllocationProblem, Ask, Leg, Line, Node, Stock
from logistics.allocation.rules import broken
from logistics.allocation.solver import allocate
from logistics.errors import Nonsense
from logistics.written import as_text, from_text
from routing.effort import Effort
from tests.builders.allocation import HOUR, a_leg, a_node, allocation_problems, an_ask

QUICK = Effort(steps=100)


VERNON = a_node("vernon")
FROM_VERNON = a_leg("vernon", 700)


def a_question(*orders: Ask, nodes=(VERNON,), legs=(FROM_VERNON,), move=0):
    return AllocationProblem(orders=orders, nodes=nodes, legs=legs, move_price=move)


def nodes_of(plan):
    return [each.node for each in plan.allocations]


@settings(max_examples=150, derandomize=True, deadline=None)
@given(allocation_problems())
def test_every_allocation_keeps_every_rule(problem):
    assert broken(problem, allocate(problem, QUICK)) == ()
    assert from_text(AllocationProblem, as_text(problem)) == problem


@settings(max_examples=60, derandomize=True, deadline=None)
@given(allocation_problems(plain=True))
def test_the_flow_costs_what_the_integer_program_costs(problem):
    flow = allocate(problem, QUICK)
    never = Ask(
        order="two lines",
        cell="nowhere",
        seconds=1,
        lateness=0,
        network=0,
        lines=(Line(product="lamp"), Line(product="mug")),
    )
    program = allocate(replace(problem, orders=(*problem.orders, never)), QUICK)
    assert flow.cost == program.cost
    assert flow.gap == 0


def test_an_order_goes_to_the_cheapest_node_that_has_it():
    nodes = (a_node("colton", lamps=0), a_node("vernon"), a_node("ontario"))
    legs = (a_leg("colton", 300), a_leg("vernon", 700), a_leg("ontario", 900))
    plan = allocate(a_question(an_ask(), nodes=nodes, legs=legs), QUICK)
    assert nodes_of(plan) == ["vernon"]


def test_the_last_lamp_goes_where_it_saves_most():
    dear = an_ask("dear", network=9_000)
    plan = allocate(a_question(an_ask("cheap"), dear, nodes=(a_node("vernon", lamps=1),)), QUICK)
    assert nodes_of(plan) == [None, "vernon"]
    assert "is worth more to other orders" in plan.allocations[0].reason


def test_a_late_leg_pays_for_lateness_and_says_so():
    legs = (a_leg("vernon", 700, hours=6),)
    (late,) = allocate(a_question(an_ask(), legs=legs), QUICK).allocations
    assert (late.node, late.cost, late.in_time) == ("vernon", 2_200, False)


def test_an_order_with_two_products_goes_to_one_node_that_has_both():
    both = (Line(product="lamp", units=2), Line(product="mug"))
    full = Node(
        name="ontario",
        picks=5,
        stock=(Stock(product="lamp", units=2), Stock(product="mug", units=1)),
    )
    nodes, legs = (a_node("vernon"), full), (a_leg("vernon", 100), a_leg("ontario", 900))
    plan = allocate(a_question(an_ask(lines=both), nodes=nodes, legs=legs), QUICK)
    assert nodes_of(plan) == ["ontario"]


def test_an_order_stays_where_it_is_for_a_small_difference():
    nodes, legs = (a_node("vernon"), a_node("colton")), (a_leg("vernon", 700), a_leg("colton", 650))
    ask = an_ask(at="vernon")
    assert nodes_of(allocate(a_question(ask, nodes=nodes, legs=legs, move=100), QUICK)) == [
        "vernon"
    ]
    assert nodes_of(allocate(a_question(ask, nodes=nodes, legs=legs, move=10), QUICK)) == ["colton"]


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"legs": ()}, "no node reaches la"),
        ({"nodes": (a_node("vernon", lamps=0),)}, "has 1 lamp free"),
        ({"legs": (a_leg("vernon", 5_000),)}, "the network is cheaper"),
    ],
)
def test_an_order_for_the_network_is_told_why(facts, told):
    plan = allocate(a_question(an_ask(), **facts), QUICK)
    assert nodes_of(plan) == [None]
    assert told in plan.allocations[0].reason


def test_an_order_beyond_the_picks_is_told_so():
    asks = [an_ask(f"ord_{k}") for k in range(3)]
    plan = allocate(a_question(*asks, nodes=(a_node("vernon", picks=2),)), QUICK)
    assert sorted(nodes_of(plan), key=str) == [None, "vernon", "vernon"]
    assert any("can pick no more orders" in each.reason for each in plan.allocations)


def test_nobody_asks_and_nobody_is_answered():
    assert allocate(a_question(), QUICK).allocations == ()


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"legs": (a_leg("mars", 1),)}, "there is no mars"),
        ({"nodes": (a_node("vernon"), a_node("vernon"))}, "twice"),
    ],
)
def test_a_question_that_contradicts_itself_is_refused(facts, told):
    with pytest.raises(Nonsense, match=told):
        a_question(an_ask(), **facts)


def test_three_thousand_orders_take_about_a_second():
    draw = random.Random(5)
    cells = [f"cell {k}" for k in range(200)]
    nodes = tuple(a_node(f"node {k}", lamps=90, picks=80) for k in range(40))
    legs = tuple(
        Leg(node=node.name, cell=cell, cost=draw.randint(400, 2_000), seconds=3 * HOUR)
        for node in nodes
        for cell in draw.sample(cells, 30)
    )
    orders = tuple(an_ask(f"ord_{k}", cell=draw.choice(cells)) for k in range(3_000))
    problem = a_question(*orders, nodes=nodes, legs=legs)
    began = time.process_time()
    plan = allocate(problem, QUICK)
    assert time.process_time() - began < 3
    assert broken(problem, plan) == ()
    assert plan.gap == 0
