"""What every allocation must keep, whoever made it; counted again from the problem."""

from collections import Counter
from collections.abc import Callable, Iterator

from logistics.allocation.plan import AllocationPlan
from logistics.allocation.problem import AllocationProblem

Rule = Callable[[AllocationProblem, AllocationPlan], Iterator[str]]


def every_order_has_one_answer(problem: AllocationProblem, plan: AllocationPlan) -> Iterator[str]:
    """Each order is answered once, and nobody else's."""
    told = Counter(each.order for each in plan.allocations)
    for name in {ask.order for ask in problem.orders} | set(told):
        if told[name] != 1 or name not in {ask.order for ask in problem.orders}:
            yield f"order {name} is answered {told[name]} times"


def nodes_reach_their_orders(problem: AllocationProblem, plan: AllocationPlan) -> Iterator[str]:
    """A node that is given an order has a leg to it, and says rightly whether it is in time."""
    legs = {(leg.node, leg.cell): leg for leg in problem.legs}
    asks = {ask.order: ask for ask in problem.orders}
    for each in plan.allocations:
        ask = asks.get(each.order)
        if ask is None or each.node is None:
            if each.in_time:
                yield f"order {each.order} is said to be in time with the network"
            continue
        leg = legs.get((each.node, ask.cell))
        if leg is None:
            yield f"{each.node} does not reach order {each.order} in {ask.cell}"
        elif each.in_time != (leg.seconds <= ask.seconds):
            yield f"order {each.order} takes {leg.seconds} and has {ask.seconds} seconds"


def stock_is_free(problem: AllocationProblem, plan: AllocationPlan) -> Iterator[str]:
    """No node gives more of a product than it has free."""
    asks, taken = {ask.order: ask for ask in problem.orders}, Counter[tuple[str | None, str]]()
    for each in plan.allocations:
        for line in asks[each.order].lines if each.order in asks else ():
            taken[each.node, line.product] += line.units
    free = {(n.name, stock.product): stock.units for n in problem.nodes for stock in n.stock}
    for (node, product), units in taken.items():
        if node is not None and units > free.get((node, product), 0):
            has = free.get((node, product), 0)
            yield f"{node} has {has} {product} free and gives {units}"


def picking_fits(problem: AllocationProblem, plan: AllocationPlan) -> Iterator[str]:
    """No node picks more orders than it can."""
    load = Counter(each.node for each in plan.allocations)
    for node in problem.nodes:
        if load[node.name] > node.picks:
            yield f"{node.name} can pick {node.picks} orders and is given {load[node.name]}"


def costs_add_up(problem: AllocationProblem, plan: AllocationPlan) -> Iterator[str]:
    """Each order's expected cost and the sum, to the cent."""
    asks = {ask.order: ask for ask in problem.orders}
    legs = {(leg.node, leg.cell): leg for leg in problem.legs}
    worth = {(n.name, stock.product): stock.price for n in problem.nodes for stock in n.stock}
    for each in plan.allocations:
        ask = asks.get(each.order)
        if ask is None:
            continue
        cost = problem.move_price if ask.at not in (None, each.node) else 0
        if each.node is None:
            cost += ask.network
        elif leg := legs.get((each.node, ask.cell)):
            share = leg.late_permille if leg.seconds <= ask.seconds else 1000
            cost += leg.cost + ask.lateness * share // 1000
            cost += sum(n.units * worth.get((each.node, n.product), 0) for n in ask.lines)
        if cost != each.cost:
            yield f"order {each.order} costs {cost} and the plan says {each.cost}"
    total = sum(each.cost for each in plan.allocations)
    if total != plan.cost:
        yield f"the orders cost {total} and the plan says {plan.cost}"


def the_network_alone_is_not_cheaper(
    problem: AllocationProblem, plan: AllocationPlan
) -> Iterator[str]:
    """No answer is worse than sending everything through the network; none beats its bound."""
    network = sum(a.network + problem.move_price * (a.at is not None) for a in problem.orders)
    if plan.cost > network:
        yield f"the plan costs {plan.cost} and the network alone {network}"
    if plan.bound > plan.cost + 1e-6 * abs(plan.cost) + 1:
        yield f"the bound {plan.bound} is above the cost {plan.cost}"


RULES: tuple[Rule, ...] = (
    every_order_has_one_answer,
    nodes_reach_their_orders,
    stock_is_free,
    picking_fits,
    costs_add_up,
    the_network_alone_is_not_cheaper,
)


def broken(problem: AllocationProblem, plan: AllocationPlan) -> tuple[str, ...]:
    """Everything that is wrong with an allocation, in words; empty when it may be used."""
    return tuple(wrong for rule in RULES for wrong in rule(problem, plan))
