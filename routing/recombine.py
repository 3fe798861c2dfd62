"""Picks the best set of routes from all the good ones that the search met on its way.

Each route of the pool was part of some good plan; the best plan may take one from here and one
from there. This is set partitioning (each stop on one route, or left out at its price; each kind
of vehicle no oftener than there are such), solved by CP-SAT from the best plan as a hint. What a
route costs is what `timetable` says, so the answer adds up to the cent.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from ortools.sat.python import cp_model

from routing.effort import Effort
from routing.flat import kinds
from routing.plan import RoutePlan
from routing.problem import Vehicle
from routing.timetable import Book, Order, orders_of, timetable

MOST_ROUTES = 4000
"""Routes beyond this many, the earliest met first, are not looked at."""

Pool: TypeAlias = Iterable[tuple[str, Order]]
"""Routes met: the vehicle's name and its trips."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    vehicle: Vehicle
    kind: int
    order: Order
    stops: tuple[str, ...]
    cost: int


def recombined(book: Book, pool: Pool, best: RoutePlan, effort: Effort) -> dict[str, Order] | None:
    """The cheapest orders that routes of the pool and of the plan make; None where not cheaper.

    A step of the effort is a thousandth of CP-SAT's deterministic second.
    """
    columns = _columns(book, pool, best)
    model = cp_model.CpModel()
    chosen = [model.new_bool_var(f"route{i}") for i in range(len(columns))]
    through = defaultdict(list)
    for column, is_chosen in zip(columns, chosen, strict=True):
        for name in column.stops:
            through[name].append(is_chosen)
    out = {s.name: model.new_bool_var(s.name) for s in book.problem.stops}
    for name, is_out in out.items():
        model.add_exactly_one([*through[name], is_out])
        if name in book.locked:
            model.add(is_out == 0)
    for kind, count in Counter(kinds(book).tolist()).items():
        alike = [x for c, x in zip(columns, chosen, strict=True) if c.kind == kind]
        model.add(sum(alike) <= count)
    for pile in book.problem.piles:
        taken = [_taken(book, c, pile.name) * x for c, x in zip(columns, chosen, strict=True)]
        model.add(sum(taken) <= pile.parcels)
    model.minimize(
        sum(c.cost * x for c, x in zip(columns, chosen, strict=True))
        + sum(book.stops[name].price * is_out for name, is_out in out.items())
    )
    served = {name for route in best.routes for name in route.stops}
    own = orders_of(best)
    for column, is_chosen in zip(columns, chosen, strict=True):
        model.add_hint(is_chosen, own.get(column.vehicle.name) == column.order)
    for name, is_out in out.items():
        model.add_hint(is_out, name not in served)
    solver = _solver(effort)
    if solver.solve(model) not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return None
    if round(solver.objective_value) >= best.cost:  # whole cents, told as a float
        return None
    return _assigned(book, [c for c, x in zip(columns, chosen, strict=True) if solver.value(x)])


def _solver(effort: Effort) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = effort.seed
    solver.parameters.max_time_in_seconds = effort.at_most
    if effort.steps is not None:
        solver.parameters.max_deterministic_time = effort.steps / 1000
    return solver


def _columns(book: Book, pool: Pool, best: RoutePlan) -> list[_Column]:
    """The plan's own routes first, then those of the pool that differ and really fit."""
    kind_of = dict(zip(book.vehicles, kinds(book).tolist(), strict=True))
    columns = [
        _Column(
            vehicle=book.vehicles[route.vehicle],
            kind=kind_of[route.vehicle],
            order=orders_of(best)[route.vehicle],
            stops=route.stops,
            cost=route.costs.total,
        )
        for route in best.routes
    ]
    seen = {(c.kind, c.order) for c in columns}
    for name, order in list(pool)[-MOST_ROUTES:]:
        if (kind_of[name], order) in seen:
            continue
        seen.add((kind_of[name], order))
        route, fits = timetable(book, book.vehicles[name], order)
        if fits:
            columns.append(
                _Column(
                    vehicle=book.vehicles[name],
                    kind=kind_of[name],
                    order=order,
                    stops=route.stops,
                    cost=route.costs.total,
                )
            )
    return columns


def _taken(book: Book, column: _Column, pile: str) -> int:
    taken = 0
    for depot, names in column.order:
        source = column.vehicle.name if depot is None else depot
        for name in names:
            unit = book.stops[name].unit_at(source, is_depot=depot is not None)
            if unit is not None and unit.pile == pile:
                taken += book.stops[name].load.parcels
    return taken


def _assigned(book: Book, columns: list[_Column]) -> dict[str, Order]:
    """Give each route a vehicle of its kind, its own where that is free."""
    orders: dict[str, Order] = {}
    waiting = []
    for column in columns:
        if column.vehicle.name in orders:
            waiting.append(column)
        else:
            orders[column.vehicle.name] = column.order
    kind_of = dict(zip(book.vehicles, kinds(book).tolist(), strict=True))
    for column in waiting:
        free = next(n for n, k in kind_of.items() if k == column.kind and n not in orders)
        orders[free] = column.order
    return orders
