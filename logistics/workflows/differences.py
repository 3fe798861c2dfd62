"""What differs between two plans of a market, as whoever read the first would notice it.

Both are told by their stops as they were planned: which van serves an order, and when. An order that
only one of them serves has moved from nobody or to nobody.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from logistics.dispatch import Plan, Route, Stop
from logistics.errors import Nonsense
from logistics.store import Reading
from logistics.units import Cents


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedOrder:
    """An order that another van now serves; None stands for nobody."""

    order: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftedOrder:
    """An order that the same van now serves at another time."""

    order: str
    before: datetime
    after: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDifference:
    """What a reader of the plan `against` would notice in this one."""

    plan: str
    against: str
    moved: tuple[MovedOrder, ...]
    shifted: tuple[ShiftedOrder, ...]
    most_moved: int
    """The most orders that any one van gave to another or to nobody."""
    cost: Cents
    """Of this plan less that of the other."""


def plan_difference(reading: Reading, plan: str, against: str) -> PlanDifference:
    """What is new in a plan; Unknown where one of them is not there, Nonsense across markets."""
    new, old = reading.get(Plan, plan), reading.get(Plan, against)
    if new.market != old.market:
        raise Nonsense("/against", f"{against} is a plan of {old.market}, not of {new.market}")
    before, after = _served(reading, old), _served(reading, new)
    moved, shifted = [], []
    for order in [*before, *(o for o in after if o not in before)]:
        van, at = before.get(order, (None, None))
        new_van, new_at = after.get(order, (None, None))
        if van != new_van:
            moved.append(MovedOrder(order=order, before=van, after=new_van))
        elif at is not None and new_at is not None and at != new_at:
            shifted.append(ShiftedOrder(order=order, before=at, after=new_at))
    given = Counter(move.before for move in moved if move.before is not None)
    return PlanDifference(
        plan=plan,
        against=against,
        moved=tuple(moved),
        shifted=tuple(shifted),
        most_moved=max(given.values(), default=0),
        cost=new.cost - old.cost,
    )


def _served(reading: Reading, plan: Plan) -> dict[str, tuple[str, datetime]]:
    """The van and the planned time of each order of a plan."""
    vans = {route.id: route.vehicle for route in reading.find(Route, id=plan.routes)}
    stops = reading.find(Stop, route=plan.routes)
    return {stop.order: (vans[stop.route], stop.planned_at) for stop in stops}
