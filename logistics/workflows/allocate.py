"""Orders find the node that serves them.

An order goes to the node of its quote while that can still do it. Orders whose node closed, or
whose units a count took away, are given to other nodes at the least expected cost, and what no
node can do goes to the permanent network as a parcel, said so. Picking goes by the clock of the
node's queue; whoever runs the space may report it sooner.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from logistics.allocation.plan import AllocationPlan
from logistics.allocation.problem import AllocationProblem, Ask, Leg
from logistics.allocation.problem import Line as AskedLine
from logistics.allocation.problem import Node as AskedNode
from logistics.allocation.problem import Stock as AskedStock
from logistics.allocation.rules import broken
from logistics.allocation.solver import allocate as solved
from logistics.errors import BrokenPlan
from logistics.inventory import Stock
from logistics.network import Node, NodeState
from logistics.orders import ORDER, Order, OrderState, OrderStep, ServiceLevel
from logistics.policy import SiteType
from logistics.promise.board import Board, NodeFacts, build_board, straight_km
from logistics.promise.offers import PROMISE, Promise
from logistics.records import DecisionRecord, record_of
from logistics.store import Deed, Reading, seen
from logistics.workflows.keeping import break_promise
from logistics.workflows.means import Means
from logistics.workflows.moves import move
from logistics.workflows.parcels import release, reserve
from logistics.workflows.picking import pick_and_pack as pick_and_pack
from logistics.workflows.picking import report_picks as report_picks
from logistics.workflows.stops import drop_stop, project
from logistics.workflows.withdrawing import book_sale
from routing.effort import Effort
from routing.geography import Place

WORKING = (NodeState.LIVE, NodeState.DRAINING)
WAITING = (OrderState.PROMISED, OrderState.ALLOCATED)
CODE_VERSION = "allocation-1"


def allocate(means: Means, *, now: datetime) -> tuple[Order, ...]:
    """Settle where every promised order is served; the orders that moved to another node."""
    with means.store.read() as reading:
        waiting = reading.find(Order, state=WAITING, sort="accepted_at")
        homeless = _homeless(reading, waiting)
        problem = _problem(reading, means, homeless, now) if homeless else None
    plan = None
    if problem is not None:
        plan = means.compute.run(
            solved, problem, Effort(steps=means.policy.efforts.allocation_steps)
        )
        if breaches := broken(problem, plan):
            raise BrokenPlan(breaches)
    moved: tuple[Order, ...] = ()
    with means.store.begin() as deed:
        if problem is not None and plan is not None:
            deed.require_unchanged(seen(*homeless))
            moved = _apply(deed, means, problem, plan, homeless, now)
        lost = {order.id for order in homeless}
        for order in waiting:
            if order.state is OrderState.PROMISED and order.id not in lost:
                _settle(deed, means, deed.lock(Order, order.id), "quote", now)
    return moved


def _settle(deed: Deed, means: Means, order: Order, cause: str, now: datetime) -> None:
    if order.state is OrderState.PROMISED:
        why = order.quote or order.id if cause == "quote" else cause
        told = {"node": order.node}
        move(
            deed,
            means.ids,
            ORDER,
            order,
            OrderStep.ALLOCATE,
            now=now,
            cause=why,
            audience=(order.client,),
            data=told,
            updated_at=now,
        )


def _homeless(reading: Reading, waiting: Iterable[Order]) -> list[Order]:
    """Orders whose node cannot do them: it does not work any more, or its stock was overcounted."""
    known = tuple(waiting)
    at_work = {node.id for node in reading.find(Node, state=WORKING)}
    lost = [order for order in known if order.node not in at_work]
    for stock in reading.find(Stock, node=tuple({o.node for o in known if o.node in at_work})):
        if (short := -stock.free) <= 0:
            continue
        for order in sorted(known, key=lambda order: order.accepted_at, reverse=True):
            wanted = sum(line.units for line in order.lines if line.product == stock.product)
            if short > 0 and order.node == stock.node and wanted and order not in lost:
                lost.append(order)
                short -= wanted
    return lost


def _problem(
    reading: Reading, means: Means, homeless: Iterable[Order], now: datetime
) -> AllocationProblem:
    """Which node could serve each of the orders, at what cost and how late."""
    board, prices = build_board(reading, means.policy, now), means.policy.prices
    orders = tuple(homeless)
    nodes = {n.id: n for order in orders for n in board.nodes[order.market]}
    asks = tuple(
        Ask(
            order=order.id,
            cell=order.id,
            lines=tuple(AskedLine(product=line.product, units=line.units) for line in order.lines),
            seconds=max(0, int((order.due_at - now).total_seconds())),
            lateness=prices.broken_promise,
            network=prices.parcel_next_day + prices.broken_promise,
            at=order.node,
        )
        for order in orders
    )
    return AllocationProblem(
        orders=asks,
        nodes=tuple(_asked_node(node) for node in nodes.values()),
        legs=tuple(_legs(means, board, orders)),
        move_price=prices.pick_pack,
    )


def _asked_node(node: NodeFacts) -> AskedNode:
    stock = tuple(AskedStock(product=p, units=units) for p, units in sorted(node.free.items()))
    return AskedNode(name=node.id, stock=stock, picks=node.left_today)


def _legs(means: Means, board: Board, orders: Iterable[Order]) -> Iterator[Leg]:
    """From each node to each order: the usual cost of a stop, and P90 from door to door."""
    promising, prices = means.policy.promising, means.policy.prices
    half_a_route = promising.drops_per_route * (promising.between_drops + promising.service_at_stop)
    for order in orders:
        travel = board.markets[order.market].travel
        buyer = Place(lat=order.lat, lon=order.lon)
        for node in board.nodes[order.market]:
            drive = travel.seconds(Place(lat=node.lat, lon=node.lon), buyer)
            km = round(straight_km(order.lat, order.lon, node))
            waiting = 3600 // node.per_hour + promising.loading + promising.wave_every
            yield Leg(
                node=node.id,
                cell=order.id,
                cost=prices.pick_pack + prices.last_mile_per_order + prices.last_mile_per_km * km,
                seconds=waiting + round(travel.p90_factor * (drive + half_a_route // 2)),
            )


def _apply(
    deed: Deed,
    means: Means,
    problem: AllocationProblem,
    plan: AllocationPlan,
    homeless: Iterable[Order],
    now: datetime,
) -> tuple[Order, ...]:
    """Move the orders as the plan says, those first that came first."""
    orders = {order.id: order for order in homeless}
    record = _record(means, problem, plan, orders, now)
    deed.add(record)
    given = {one.order: one.node for one in plan.allocations}
    for order in orders.values():
        release(deed, order.id)
        drop_stop(deed, means, order, now=now)
    by_age = sorted(orders.values(), key=lambda order: (order.accepted_at, order.id))
    return tuple(
        _rehome(deed, means, order, given.get(order.id), record.id, now) for order in by_age
    )


def _rehome(
    deed: Deed, means: Means, order: Order, node: str | None, cause: str, now: datetime
) -> Order:
    """Reserve at the node, else at the nearest centre, else give up with an apology."""
    order = deed.lock(Order, order.id)
    if node is not None and not reserve(deed, means.ids, order.id, node, order.lines, now=now):
        return _moved(deed, means, order, node, order.service_level, cause, now)
    for centre in _centres(deed, order):
        if not reserve(deed, means.ids, order.id, centre.id, order.lines, now=now):
            return _moved(deed, means, order, centre.id, ServiceLevel.STANDARD, cause, now)
    return _given_up(deed, means, order, cause, now)


def _centres(deed: Deed, order: Order) -> Iterator[Node]:
    live = deed.find(Node, type=SiteType.CENTRE, state=NodeState.LIVE)
    buyer = order.lat, order.lon
    yield from sorted(
        live, key=lambda node: (node.lat - buyer[0]) ** 2 + (node.lon - buyer[1]) ** 2
    )


def _moved(
    deed: Deed,
    means: Means,
    order: Order,
    node: str,
    level: ServiceLevel,
    cause: str,
    now: datetime,
) -> Order:
    promising = means.policy.promising
    ready = max(order.ready_at or now, now + timedelta(seconds=promising.loading))
    wave = order.wave_at if level is order.service_level else None
    kept = deed.change(
        order,
        node=node,
        service_level=level,
        wave_at=wave,
        ready_at=ready,
        route=None,
        updated_at=now,
    )
    _settle(deed, means, kept, cause, now)
    promise = deed.lock(Promise, order.promise or "")
    late = timedelta(days=1) if level is ServiceLevel.STANDARD else ready - (order.ready_at or now)
    if late and not PROMISE.terminal(promise.state):
        at = (promise.projected_at or order.due_at) + late
        audience = (order.client,)
        project(deed, means, promise, at, "node_lost", audience=audience, cause=cause, now=now)
    return deed.get(Order, order.id)


def _given_up(deed: Deed, means: Means, order: Order, cause: str, now: datetime) -> Order:
    """Nobody has it: the order is cancelled, its income given back, its promise broken."""
    audience = (order.client,)
    cancelled = move(
        deed,
        means.ids,
        ORDER,
        order,
        OrderStep.CANCEL,
        now=now,
        cause=cause,
        audience=audience,
        closed_reason="no_stock",
        updated_at=now,
    )
    book_sale(deed, means, order, -1, now)
    break_promise(deed, means, order, cause=cause, now=now)
    return cancelled


def _record(
    means: Means,
    problem: AllocationProblem,
    plan: AllocationPlan,
    orders: Iterable[str],
    now: datetime,
) -> DecisionRecord:
    return record_of(
        means.ids.new("dec", now),
        "allocation",
        at=now,
        parents=tuple(orders),
        inputs=problem,
        result=plan,
        code_version=CODE_VERSION,
        model_version="min-cost-flow",
        write=means.writer(),
    )
