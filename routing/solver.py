"""The front door: a plan for a routing problem, always, and always a legal one.

`route` starts from the incumbent (or from nothing), inserts what is missing, searches
(`improve`), recombines the good routes it met on the way (`recombine`), times everything exactly
(`schedule`), and checks the answer by every rule. It never answers worse than the incumbent, and
it says in the plan why it stopped. Stops that do not pay, or do not fit, are left out.
"""

import time
from dataclasses import replace

from routing.effort import Effort
from routing.errors import BrokenPlan
from routing.improve import improve
from routing.insertion import locked_orders
from routing.plan import RoutePlan, Stopped
from routing.problem import RoutingProblem
from routing.rules import broken
from routing.timetable import Book, Order, orders_of, planned

Trace = list[tuple[float, float]]
"""Seconds since the call, and the least cost found by then."""


def route(
    problem: RoutingProblem, effort: Effort, *, incumbent: RoutePlan | None = None
) -> RoutePlan:
    """The best plan found within the effort; one step is one removal and repair of `improve`.

    `incumbent` is any earlier plan: stops that are gone are dropped from it, new ones inserted.
    Raises BrokenPlan where even the locked stops cannot be served as they are locked.
    """
    return traced(problem, effort, incumbent=incumbent)[0]


def traced(
    problem: RoutingProblem, effort: Effort, *, incumbent: RoutePlan | None = None
) -> tuple[RoutePlan, Trace]:
    """As `route`, with the cost over time."""
    began = time.perf_counter()
    book = Book.of(problem)
    first = locked_orders(book) if incumbent is None else kept_orders(book, incumbent)
    start = planned(book, first)
    if breaches := broken(problem, start):
        first = locked_orders(book)
        start = planned(book, first)
        breaches = broken(problem, start)
        if breaches:
            raise BrokenPlan(breaches)
    spent = time.perf_counter() - began
    found = improve(book, first, replace(effort, at_most=max(0.001, effort.at_most - spent)))
    stopped = Stopped.STEPS if effort.steps is not None else Stopped.TIME_LIMIT
    best = replace(planned(book, found.orders), stopped=stopped)
    if broken(problem, best) or best.cost > start.cost:
        best = replace(start, stopped=stopped)
    return best, [(spent + at, cost) for at, cost in found.trace]


def kept_orders(book: Book, incumbent: RoutePlan) -> dict[str, Order]:
    """What is left of the incumbent: locks first, and only stops and vehicles that still exist."""
    orders = locked_orders(book)
    for name, order in orders_of(incumbent).items():
        if name in book.vehicles:
            orders[name] = _kept(book, name, order)
    return orders


def _kept(book: Book, name: str, order: Order) -> Order:
    vehicle = book.vehicles[name]
    trips = [
        (depot, tuple(s for s in stops if s in book.stops and s not in book.locked))
        for depot, stops in order
    ]
    if trips and trips[0][0] == vehicle.depot:
        trips[0] = (vehicle.depot, (*vehicle.locked, *trips[0][1]))
    else:
        trips.insert(0, (vehicle.depot, vehicle.locked))
    return (trips[0], *(trip for trip in trips[1:] if trip[1]))
