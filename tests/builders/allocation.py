"""Small allocation questions, made up."""

from typing import Any

from hypothesis import strategies as st

from logistics.allocation.problem import AllocationProblem, Ask, Leg, Line, Node, Stock

HOUR = 3600


def an_ask(order: str = "ord_1", **facts: Any) -> Ask:
    """One lamp for Los Angeles, five hours left, 15.00 if late, 24.00 by the network."""
    usual: dict[str, Any] = {
        "cell": "la",
        "lines": (Line(product="lamp"),),
        "seconds": 5 * HOUR,
        "lateness": 1_500,
        "network": 2_400,
    }
    return Ask(order=order, **usual | facts)


def a_node(name: str, *, lamps: int = 10, picks: int = 10, price: int = 0) -> Node:
    """A node with lamps."""
    return Node(name=name, stock=(Stock(product="lamp", units=lamps, price=price),), picks=picks)


def a_leg(node: str, cost: int, *, cell: str = "la", hours: int = 2, late: int = 0) -> Leg:
    """A leg to Los Angeles."""
    return Leg(node=node, cell=cell, cost=cost, seconds=hours * HOUR, late_permille=late)


@st.composite
def allocation_problems(draw: st.DrawFn, *, plain: bool = False) -> AllocationProblem:
    """Small questions; `plain` ones want one unit an order."""
    few = st.integers
    names = ("a", "b", "c")[: draw(few(0, 3))]
    nodes = tuple(
        Node(
            name=name,
            picks=draw(few(0, 8)),
            stock=tuple(
                Stock(product=p, units=draw(few(0, 8)), price=draw(few(0, 300)))
                for p in ("lamp", "mug")
            ),
        )
        for name in names
    )
    legs = tuple(
        Leg(
            node=name,
            cell=cell,
            cost=draw(few(0, 2_000)),
            seconds=draw(few(1, 8)) * HOUR,
            late_permille=draw(few(0, 1_000)),
        )
        for name in names
        for cell in ("la", "sf")
        if draw(st.booleans())
    )
    orders = tuple(
        Ask(
            order=f"ord_{k}",
            cell=draw(st.sampled_from(("la", "sf", "reno"))),
            lines=tuple(
                Line(product=p, units=1 if plain else draw(few(1, 3)))
                for p in draw(st.sampled_from((("lamp",), ("mug",), ("lamp", "mug"))))
            )[: 1 if plain else 2],
            seconds=draw(few(1, 6)) * HOUR,
            lateness=draw(few(0, 1_500)),
            network=draw(few(0, 3_000)),
            at=draw(st.none() | st.sampled_from(("a", "b"))),
        )
        for k in range(draw(few(0, 12)))
    )
    return AllocationProblem(
        orders=orders, nodes=nodes, legs=legs, move_price=draw(st.sampled_from((0, 0, 200)))
    )
