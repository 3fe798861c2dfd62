"""The answer: who drives where and when, what it costs, and what was left out and why.

All times are seconds from the problem's origin, all money whole cents. A plan is only a value: it
may break rules (a planner may have edited it), and `rules.broken` says which. Routes are listed
in the order of the problem's vehicles, and a vehicle that stays where it is has none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from routing.problem import Cents, Load
from routing.travel import Metres, Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One stop served: arrival, beginning of service, and departure when service is done."""

    stop: str
    arrival: Seconds
    start: Seconds
    departure: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """One load: from which depot (None: what was on board), when it left, and its visits."""

    depot: str | None
    departure: Seconds
    visits: tuple[Visit, ...]
    load: Load

    @property
    def stops(self) -> tuple[str, ...]:
        """The names of its stops in order."""
        return tuple(visit.stop for visit in self.visits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """A break that is taken."""

    start: Seconds
    end: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What a route or a plan costs, in parts."""

    fixed: Cents = 0
    hours: Cents = 0
    kilometres: Cents = 0
    late: Cents = 0
    left_out: Cents = 0

    @property
    def total(self) -> Cents:
        """The sum of the parts: what solvers make small."""
        return self.fixed + self.hours + self.kilometres + self.late + self.left_out

    def __add__(self, other: "Costs") -> "Costs":
        return Costs(
            fixed=self.fixed + other.fixed,
            hours=self.hours + other.hours,
            kilometres=self.kilometres + other.kilometres,
            late=self.late + other.late,
            left_out=self.left_out + other.left_out,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One vehicle's day: its trips, its rests, and from when to when it is paid."""

    vehicle: str
    trips: tuple[Trip, ...]
    start: Seconds
    end: Seconds
    rests: tuple[Rest, ...]
    metres: Metres
    driving: Seconds
    late: Seconds
    """The sum of seconds by which its stops are past their due time."""
    costs: Costs

    @property
    def visits(self) -> tuple[Visit, ...]:
        """All visits in order, over all trips."""
        return tuple(visit for trip in self.trips for visit in trip.visits)

    @property
    def stops(self) -> tuple[str, ...]:
        """The names of all its stops in order."""
        return tuple(visit.stop for visit in self.visits)


class Why(StrEnum):
    """What is known about a stop that was left out."""

    INFEASIBLE = "infeasible"
    """Proven: no vehicle could serve it even if that were all it had to do beside its locks."""
    NOT_CHOSEN = "not_chosen"
    """It would fit into the plan, at a cost that is not below its price."""
    UNKNOWN = "unknown"
    """It does not fit into this plan as it stands; another plan might have room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """A rule that stands in the way, at how many of how many vehicles, and one of them."""

    rule: str
    vehicles: int
    of: int
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """The smallest change found that makes the stop plannable, checked by solving again."""

    change: str
    """What changes: latest, price, capacity, skill, unit, shift, vehicle, or several together."""
    by: int
    """By how much, in the unit of what changes; 1 where it is not a matter of degree."""
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A stop without a visit, the price paid for that, and why."""

    stop: str
    price: Cents
    why: Why = Why.UNKNOWN
    obstacles: tuple[Obstacle, ...] = ()
    insertion: Cents | None = None
    """What the cheapest insertion into the plan would cost, where one is possible."""
    fix: Fix | None = None


class Stopped(StrEnum):
    """Why the solver stopped."""

    DONE = "done"
    STEPS = "steps"
    TIME_LIMIT = "time_limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutePlan:
    """Every stop of the problem once: on a route or left out."""

    routes: tuple[Route, ...]
    left_out: tuple[LeftOut, ...]
    costs: Costs
    stopped: Stopped = Stopped.DONE
    gap: float | None = None
    """(cost - proven bound) / cost: no plan is cheaper by more than this share."""

    @property
    def cost(self) -> Cents:
        """The whole cost, left-out prices included."""
        return self.costs.total

    def visits(self) -> Iterator[tuple[str, Visit]]:
        """Every visit with its vehicle's name."""
        for route in self.routes:
            for visit in route.visits:
                yield route.vehicle, visit

    def route_of(self, vehicle: str) -> Route | None:
        """The route of that vehicle, or None when it stays."""
        return next((route for route in self.routes if route.vehicle == vehicle), None)
