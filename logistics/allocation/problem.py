"""The question of allocation: which node serves which order at the least expected cost.

Every order can go to the permanent network, at the network's own price and service; so there is
always an answer. Stock is what is free (on hand, less what is reserved and held), picking is the
orders that a node can still pick in time. A leg that takes longer than an order has left is of no
use to it in time; the node may still serve it late, and pays the price of lateness.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from logistics.errors import require
from logistics.units import Cents, Parcels, Seconds, Units


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """So many units of one product."""

    product: str
    units: Units = 1

    def __post_init__(self) -> None:
        require(self.units > 0, "units", f"{self.units} units of {self.product}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """An order that wants a node: its cell, its goods, the seconds it has left.

    `at` is the node that serves it at present, None for the network or nobody yet; `lateness` is
    what being late costs, `network` what the permanent network costs, its lateness included.
    """

    order: str
    cell: str
    lines: tuple[Line, ...]
    seconds: Seconds
    lateness: Cents
    network: Cents
    at: str | None = None

    def __post_init__(self) -> None:
        require(bool(self.lines), "lines", f"order {self.order} wants nothing")
        require(self.lateness >= 0, "lateness", f"order {self.order} earns by being late")
        require(self.network >= 0, "network", f"order {self.order} earns by the network")
        names = [line.product for line in self.lines]
        require(len(set(names)) == len(names), "lines", f"{self.order} names a product twice")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """Free units of a product at a node, and what a unit is worth to others (scarcity)."""

    product: str
    units: Units
    price: Cents = 0

    def __post_init__(self) -> None:
        require(self.units >= 0, "units", f"{self.units} units of {self.product}")
        require(self.price >= 0, "price", f"{self.product} is worth {self.price} to others")


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node: what it has free, and how many more orders it can pick."""

    name: str
    stock: tuple[Stock, ...]
    picks: Parcels

    def __post_init__(self) -> None:
        require(self.picks >= 0, "picks", f"{self.name} picks {self.picks}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A cell that a node reaches: cost of an order, time from door to door (P90), and how many in
    a thousand come late all the same."""

    node: str
    cell: str
    cost: Cents
    seconds: Seconds
    late_permille: int = 0

    def __post_init__(self) -> None:
        require(self.cost >= 0, "cost", f"from {self.node} to {self.cell}: {self.cost}")
        require(0 <= self.late_permille <= 1000, "late_permille", f"{self.late_permille}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationProblem:
    """The whole question. `move_price` is charged when an order leaves the node it is at."""

    orders: tuple[Ask, ...]
    nodes: tuple[Node, ...] = ()
    legs: tuple[Leg, ...] = ()
    move_price: Cents = 0

    def __post_init__(self) -> None:
        """Refuse a question that contradicts itself, naming the contradiction."""
        for field, detail in contradictions(self):
            require(condition=False, field=field, detail=detail)


def expected(problem: AllocationProblem, ask: Ask, node: Node, leg: Leg) -> Cents:
    """Cost of an order on a leg: the way, the goods' worth to others, lateness, and moving."""
    worth = {stock.product: stock.price for stock in node.stock}
    goods = sum(line.units * worth.get(line.product, 0) for line in ask.lines)
    late = ask.lateness
    if leg.seconds <= ask.seconds:
        late = ask.lateness * leg.late_permille // 1000
    moved = problem.move_price if ask.at not in (None, node.name) else 0
    return leg.cost + goods + late + moved


def networked(problem: AllocationProblem, ask: Ask) -> Cents:
    """Cost of an order in the permanent network."""
    return ask.network + (problem.move_price if ask.at is not None else 0)


def contradictions(problem: AllocationProblem) -> Iterator[tuple[str, str]]:
    """Yield what cannot be so, each with its field."""
    named = (
        ("orders", [ask.order for ask in problem.orders]),
        ("nodes", [node.name for node in problem.nodes]),
        ("legs", [f"{leg.node} to {leg.cell}" for leg in problem.legs]),
    )
    for field, names in named:
        if twins := sorted(name for name, times in Counter(names).items() if times > 1):
            yield field, f"{', '.join(twins)} stands there twice"
    known = {node.name for node in problem.nodes}
    if unknown := sorted({leg.node for leg in problem.legs} - known):
        yield "legs", f"there is no {', '.join(unknown)}"
    for node in problem.nodes:
        products = [stock.product for stock in node.stock]
        if len(set(products)) < len(products):
            yield "nodes", f"{node.name} names a product twice"
