"""What leaves with the next plan and what waits for company, decided over futures.

An order must go when a van that leaves a look later would come too late for its promise; it always
goes. The others are asked over futures that are drawn from the forecast. Some wait although their
departure is near, and some ride early because a van leaves with room for them. The routing library
decides (`routing.sending`), on great circles with what the market's drives have taught. What nobody
could meet at an open door before the next look is not asked at all.
"""

import itertools
from dataclasses import replace
from datetime import datetime, timedelta

from logistics.orders import Order
from logistics.policy import Promising
from logistics.units import Seconds
from logistics.workflows.asked import drawn_stop, routing_problem
from logistics.workflows.due import Facts
from logistics.workflows.means import Means
from routing.effort import Effort
from routing.geography import Place
from routing.problem import RoutingProblem, Stop
from routing.sending import sending

LOOK = 30
"""Steps of a plan that only asks what leaves, where steps are counted."""


def leaving(means: Means, facts: Facts, effort: Effort, now: datetime) -> Facts:
    """The facts with the orders alone that leave now; the others wait for company."""
    next_look = facts.next_look
    if next_look is None:
        return facts
    facts = replace(facts, orders=tuple(o for o in facts.orders if _is_open(facts, o, now)))
    if not facts.orders:
        return facts
    draws = tuple(one for orders in facts.drawn for one in orders)
    asked = routing_problem(means, facts, now, drawn=draws)
    if all(van.shift.opens >= next_look for van in asked.vehicles):
        return replace(facts, orders=())
    first = len(facts.nodes) + len(facts.orders)
    stops = iter(
        [drawn_stop(means, facts, f"maybe{n}", one, first + n, now) for n, one in enumerate(draws)]
    )
    ahead = tuple(tuple(itertools.islice(stops, len(orders))) for orders in facts.drawn)
    steps = None if effort.steps is None else min(LOOK, effort.steps)
    look = replace(effort, steps=steps)
    names = means.compute.run(sent, asked, next_look, ahead, facts.promising, look)
    return replace(facts, orders=tuple(order for order in facts.orders if order.id in names))


def _is_open(facts: Facts, order: Order, now: datetime) -> bool:
    """Whether a van that leaves before the next look could find the order's window open on its way."""
    node = facts.nodes[order.node or ""]
    drive = facts.roads.seconds(
        Place(lat=node.lat, lon=node.lon), Place(lat=order.lat, lon=order.lon)
    )
    tour = drive + 2 * before(facts.promising) + (facts.next_look or 0)
    return facts.earliest.get(order.id, now) <= now + timedelta(seconds=tour)


def before(promising: Promising) -> Seconds:
    """What a usual route has done when it drives to its middle drop."""
    return promising.drops_per_route // 2 * (promising.between_drops + promising.service_at_stop)


def sent(
    problem: RoutingProblem,
    next_look: Seconds,
    drawn: tuple[tuple[Stop, ...], ...],
    promising: Promising,
    effort: Effort,
) -> frozenset[str]:
    """The names of the stops that leave now."""
    decided = sending(
        problem,
        next_look,
        drawn,
        effort,
        before=before(promising),
        full=promising.drops_per_route,
    )
    return frozenset(decided.send)
