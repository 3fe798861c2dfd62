"""The front door: a plan for a routing problem, always, and always a legal one.

`route` never answers worse than the incumbent it is given, keeps every rule of `rules`, and says
in the plan why it stopped. Stops that do not pay, or do not fit, are left out with their price.
"""

from routing.effort import Effort
from routing.errors import BrokenPlan
from routing.insertion import Draft, constructed, insert_all, locked_orders
from routing.plan import RoutePlan
from routing.problem import RoutingProblem
from routing.rules import broken
from routing.timetable import Book, Order, orders_of, planned


def route(
    problem: RoutingProblem, effort: Effort, *, incumbent: RoutePlan | None = None
) -> RoutePlan:
    """The best plan found within the effort.

    `incumbent` is any earlier plan: stops that are gone are dropped from it, new ones inserted.
    Raises BrokenPlan where even the locked stops cannot be served as they are locked.
    """
    del effort
    book = Book.of(problem)
    plans = [] if incumbent is None else [repaired(book, incumbent)]
    plans = [plan for plan in plans if not broken(problem, plan)]
    plans.append(constructed(book))
    best = min(plans, key=lambda plan: plan.cost)
    if breaches := broken(problem, best):
        raise BrokenPlan(breaches)
    return best


def repaired(book: Book, incumbent: RoutePlan) -> RoutePlan:
    """The incumbent with what is gone dropped and what is new inserted."""
    orders = locked_orders(book)
    for name, order in orders_of(incumbent).items():
        if name in book.vehicles:
            orders[name] = _kept(book, name, order)
    draft = Draft.of(book, orders)
    served = {stop for order in orders.values() for _, stops in order for stop in stops}
    insert_all(draft, [s.name for s in book.problem.stops if s.name not in served])
    return planned(book, draft.orders)


def _kept(book: Book, name: str, order: Order) -> Order:
    vehicle = book.vehicles[name]
    elsewhere = book.locked
    trips = [
        (depot, tuple(s for s in stops if s in book.stops and s not in elsewhere))
        for depot, stops in order
    ]
    first = (vehicle.depot, (*vehicle.locked, *(trips[0][1] if trips else ())))
    return (first, *(trip for trip in trips[1:] if trip[1]))
