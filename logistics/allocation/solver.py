"""Allocate orders to nodes: the one room of allocation that knows OR-Tools.

Orders that are alike (same cell, goods, time left and prices) are one class, and only how many of
a class go to each node is decided. Where every order is one unit of one product this is a minimum
cost flow, class -> product at node (free stock) -> node (picks) -> done, solved exactly in
milliseconds. Otherwise it is a small integer program for HiGHS through MathOpt; a step of effort
is a node of its search tree, and every class can fall back on the network.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from ortools.graph.python import min_cost_flow
from ortools.math_opt.python import mathopt

from logistics.allocation.plan import Allocation, AllocationPlan
from logistics.allocation.problem import (
    AllocationProblem,
    Ask,
    Leg,
    Line,
    Node,
    expected,
    networked,
)
from logistics.units import Cents
from routing.effort import Effort


@dataclass(frozen=True, slots=True, kw_only=True)
class Class:
    """Orders that are alike: the first of them, their names, and the legs worth a thought."""

    ask: Ask
    orders: tuple[str, ...]
    legs: tuple[tuple[Node, Leg, Cents], ...]


Counts = dict[tuple[int, str], int]
"""How many orders of a class go to a node."""


def allocate(problem: AllocationProblem, effort: Effort) -> AllocationPlan:
    """Give every order a node or the network, at the least expected cost in all."""
    classes = _classes(problem)
    single = all(ask.lines[0].units == 1 and len(ask.lines) == 1 for ask in problem.orders)
    counts, bound = _flow(problem, classes) if single else _program(problem, classes, effort)
    return _plan(problem, classes, counts, bound)


def _classes(problem: AllocationProblem) -> list[Class]:
    nodes = {node.name: node for node in problem.nodes}
    legs: dict[str, list[Leg]] = defaultdict(list)
    for leg in problem.legs:
        legs[leg.cell].append(leg)
    alike: dict[tuple[object, ...], list[Ask]] = defaultdict(list)
    for ask in problem.orders:
        in_time = tuple(leg.seconds <= ask.seconds for leg in legs[ask.cell])
        key = (ask.cell, ask.lines, in_time, ask.lateness, ask.network, ask.at)
        alike[key].append(ask)
    found = []
    for same in alike.values():
        ask = same[0]
        priced = (
            (nodes[w.node], w, expected(problem, ask, nodes[w.node], w)) for w in legs[ask.cell]
        )
        useful = tuple(
            (node, leg, cost)
            for node, leg, cost in priced
            if cost < networked(problem, ask) and _has(node, ask)
        )
        found.append(Class(ask=ask, orders=tuple(a.order for a in same), legs=useful))
    return found


def _has(node: Node, ask: Ask) -> bool:
    free = {stock.product: stock.units for stock in node.stock}
    return node.picks > 0 and all(free.get(n.product, 0) >= n.units for n in ask.lines)


def _flow(problem: AllocationProblem, classes: list[Class]) -> tuple[Counts, float]:
    """The exact answer for orders of one unit."""
    sink = len(classes)
    at = {node.name: sink + 1 + n for n, node in enumerate(problem.nodes)}
    shelf = {
        (node.name, stock.product): sink + 1 + len(at) + k
        for k, (node, stock) in enumerate((n, s) for n in problem.nodes for s in n.stock)
    }
    arcs: list[tuple[int, int, int, int]] = []
    chosen: list[tuple[int, int, str]] = []
    for c, each in enumerate(classes):
        arcs.append((c, sink, len(each.orders), networked(problem, each.ask)))
        for node, _, cost in each.legs:
            chosen.append((len(arcs), c, node.name))
            place = shelf[node.name, each.ask.lines[0].product]
            arcs.append((c, place, len(each.orders), cost))
    for node in problem.nodes:
        arcs.append((at[node.name], sink, node.picks, 0))
        arcs += [(shelf[node.name, s.product], at[node.name], s.units, 0) for s in node.stock]
    if not arcs:
        return {}, 0.0
    flow = min_cost_flow.SimpleMinCostFlow()
    tails, heads, capacities, costs = (np.array(part, np.int64) for part in zip(*arcs, strict=True))
    flow.add_arcs_with_capacity_and_unit_cost(tails, heads, capacities, costs)
    supplies = np.array([len(each.orders) for each in classes] + [-len(problem.orders)])
    flow.set_nodes_supplies(np.arange(len(classes) + 1), supplies)
    status = flow.solve()
    if status != flow.OPTIMAL:
        raise RuntimeError(f"a flow that always exists ended with {status}")
    counts = {(c, node): flow.flow(k) for k, c, node in chosen if flow.flow(k)}
    return counts, float(flow.optimal_cost())


def _program(
    problem: AllocationProblem, classes: list[Class], effort: Effort
) -> tuple[Counts, float]:
    """The integer program for orders of several units or products."""
    model = mathopt.Model()
    arcs = [(c, node, leg, cost) for c, each in enumerate(classes) for node, leg, cost in each.legs]
    x = [
        model.add_integer_variable(lb=0, ub=len(classes[c].orders), name="") for c, _, _, _ in arcs
    ]
    rows: dict[tuple[object, ...], list[tuple[int, int]]] = defaultdict(list)
    for k, (c, node, _, _) in enumerate(arcs):
        rows["class", c].append((k, 1))
        rows["picks", node.name].append((k, 1))
        for line in classes[c].ask.lines:
            rows["stock", node.name, line.product].append((k, line.units))
    limits: dict[tuple[object, ...], int] = {}
    limits |= {("class", c): len(each.orders) for c, each in enumerate(classes)}
    limits |= {("picks", node.name): node.picks for node in problem.nodes}
    limits |= {("stock", n.name, s.product): s.units for n in problem.nodes for s in n.stock}
    for row, places in rows.items():
        model.add_linear_constraint(
            mathopt.fast_sum(value * x[k] for k, value in places) <= limits[row]
        )
    network = [networked(problem, each.ask) for each in classes]
    saved = [cost - network[c] for c, _, _, cost in arcs]
    model.minimize(mathopt.fast_sum(value * x[k] for k, value in enumerate(saved)))
    params = mathopt.SolveParameters(
        time_limit=timedelta(seconds=effort.at_most),
        node_limit=effort.steps,
        random_seed=effort.seed % 2**31,
    )
    result = mathopt.solve(model, mathopt.SolverType.HIGHS, params=params)
    base = sum(cost * len(each.orders) for cost, each in zip(network, classes, strict=True))
    if not result.has_primal_feasible_solution():
        return {}, base + min(0.0, result.termination.objective_bounds.dual_bound)
    values = result.variable_values(x)
    counts = {(arcs[k][0], arcs[k][1].name): round(v) for k, v in enumerate(values) if v > 0.5}
    return counts, base + result.termination.objective_bounds.dual_bound


def _plan(
    problem: AllocationProblem, classes: list[Class], counts: Counts, bound: float
) -> AllocationPlan:
    told: dict[str, Allocation] = {}
    left = _left(problem, classes, counts)
    for c, each in enumerate(classes):
        names = iter(each.orders)
        for node, leg, cost in each.legs:
            for _ in range(counts.get((c, node.name), 0)):
                name = next(names)
                told[name] = Allocation(
                    order=name,
                    node=node.name,
                    cost=cost,
                    in_time=leg.seconds <= each.ask.seconds,
                    reason=f"{node.name} serves {each.ask.cell} at the least expected cost",
                )
        why = _why_network(problem, each, left)
        for name in names:
            told[name] = Allocation(
                order=name,
                node=None,
                cost=networked(problem, each.ask),
                in_time=False,
                reason=why,
            )
    cost = sum(each.cost for each in told.values())
    ordered = tuple(told[ask.order] for ask in problem.orders)
    return AllocationPlan(allocations=ordered, cost=cost, bound=min(bound, float(cost)))


def _left(
    problem: AllocationProblem, classes: list[Class], counts: Counts
) -> Counter[tuple[str, str]]:
    """Free units that stay at each node, and picks under the empty name."""
    left = Counter(
        {(n.name, stock.product): stock.units for n in problem.nodes for stock in n.stock}
    )
    left.update({(node.name, ""): node.picks for node in problem.nodes})
    for (c, node), count in counts.items():
        left[node, ""] -= count
        for line in classes[c].ask.lines:
            left[node, line.product] -= line.units * count
    return left


def _why_network(problem: AllocationProblem, each: Class, left: Counter[tuple[str, str]]) -> str:
    cell = each.ask.cell
    reach = {leg.node for leg in problem.legs if leg.cell == cell}
    if not reach:
        return f"no node reaches {cell}"
    stocked = [node for node in problem.nodes if node.name in reach and _has(node, each.ask)]
    if not stocked:
        return f"no node that reaches {cell} has {_goods(each.ask.lines)} free"
    if not each.legs:
        return f"the network is cheaper than any node that reaches {cell}"
    if all(left[node.name, ""] <= 0 for node, _, _ in each.legs):
        return f"the nodes that reach {cell} can pick no more orders"
    return f"{_goods(each.ask.lines)} at the nodes that reach {cell} is worth more to other orders"


def _goods(lines: tuple[Line, ...]) -> str:
    return " and ".join(f"{line.units} {line.product}" for line in lines)
