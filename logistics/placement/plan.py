"""The answer of placement: what opens and closes, what travels where, and what it costs.

A plan is read in three layers. Openings are what a planner approves. Shipments, flows and the late
and lost parcels say how each sample path would be served, so that the cost can be added up again
by somebody who has never seen the solver. The rest says how sure the answer is and why it is so.
"""

from dataclasses import dataclass, fields
from typing import Literal, TypeAlias

from logistics.placement.problem import Cell
from logistics.units import Cents, Parcels, Units

Stopped: TypeAlias = Literal["proven", "time_limit", "step_limit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """How an opening ends: from when it takes nothing in, what is sent back, and what ends it.

    `drain` is the first period that brings no more stock, `left_over` the mean of the units sent
    back. `early_close_below` is the orders a day below which the rent is not earned any more.
    """

    drain: int
    left_over: Units
    return_cost: Cents
    early_close_below: Parcels
    late_returns_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A site that runs from the start of one period to the start of another (not included).

    `end` is the number of periods when it runs past the plan. `fees` are set-up and all rent,
    `orders` the mean of the parcels that it delivers within the target.
    """

    site: str
    start: int
    end: int
    fees: Cents
    orders: Parcels
    exit: Exit
    standing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """Units on a lane, there from a period on; `path` is None when every path has it."""

    path: str | None
    centre: str
    site: str
    product: str
    period: int
    units: Units


@dataclass(frozen=True, slots=True, kw_only=True)
class Truckload:
    """Trucks on a lane, arriving for a period."""

    path: str | None
    centre: str
    site: str
    period: int
    trucks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """Units sent back from a site before a period begins."""

    path: str
    site: str
    product: str
    period: int
    units: Units


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Parcels that a node delivers to a cell within the target."""

    path: str
    product: str
    period: int
    node: str
    cell: Cell
    parcels: Parcels


@dataclass(frozen=True, slots=True, kw_only=True)
class Unserved:
    """Parcels of a cell that come late (`lost` is false) or not at all."""

    path: str
    product: str
    period: int
    cell: Cell
    parcels: Parcels
    lost: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LateSupply:
    """Parcels that a centre sends late."""

    path: str
    product: str
    period: int
    centre: str
    parcels: Parcels


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Cost by part. Fees are the same on every path; the rest is of one path.

    `next_day` is what the permanent network is paid for late parcels. Three parts are no cash:
    `scarcity` (goods worth more elsewhere), `lateness` (refund and goodwill, the price of each
    parcel not within the target) and `forgone` (lift not won, margin of what is lost).
    """

    set_up: Cents = 0
    rent: Cents = 0
    delivery: Cents = 0
    per_order: Cents = 0
    trucks: Cents = 0
    handling: Cents = 0
    scarcity: Cents = 0
    returns: Cents = 0
    next_day: Cents = 0
    lateness: Cents = 0
    forgone: Cents = 0

    @property
    def cash(self) -> Cents:
        """What is paid to somebody."""
        return self.total - self.scarcity - self.lateness - self.forgone

    @property
    def penalised(self) -> Cents:
        """Cash, and the price of lateness: the figure by which policies are compared."""
        return self.cash + self.lateness

    @property
    def total(self) -> Cents:
        """The sum of all parts."""
        return sum(getattr(self, field.name) for field in fields(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class PathCosts:
    """What one sample path costs with the plan, and before it: with nothing new opened.

    `in_time` are its parcels within the target, `before_in_time` those without the plan.
    """

    path: str
    weight: int
    costs: Costs
    in_time: Parcels
    before: Costs
    before_in_time: Parcels

    @property
    def nothing(self) -> Cents:
        """Cost with nothing new opened."""
        return self.before.total

    @property
    def gain(self) -> Cents:
        """What the plan saves on this path; a loss is below zero."""
        return self.before.total - self.costs.total


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A candidate that is not in the plan, and why."""

    site: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementPlan:
    """The whole answer.

    `cost` and `nothing` are the means over the paths, rounded down. `bound` is proven: no plan
    costs less (change price and least benefit included, as in `steered`). `stopped` is `proven`
    when the gap asked for was closed, else what ran out.
    """

    openings: tuple[Opening, ...] = ()
    shipments: tuple[Shipment, ...] = ()
    trucks: tuple[Truckload, ...] = ()
    returns: tuple[Return, ...] = ()
    flows: tuple[Flow, ...] = ()
    unserved: tuple[Unserved, ...] = ()
    late_supplies: tuple[LateSupply, ...] = ()
    paths: tuple[PathCosts, ...] = ()
    cost: Cents = 0
    nothing: Cents = 0
    steered: Cents = 0
    bound: float = 0.0
    stopped: Stopped = "proven"
    reasons: tuple[str, ...] = ()
    rejected: tuple[Rejected, ...] = ()

    @property
    def gain(self) -> Cents:
        """What the plan saves against opening nothing new."""
        return self.nothing - self.cost

    @property
    def gap(self) -> float:
        """Share of the steered cost that is not proven to be needed."""
        return max(0.0, self.steered - self.bound) / max(1, abs(self.steered))


def mean_cents(amounts: list[tuple[int, Cents]]) -> Cents:
    """Mean of amounts by whole-number weights, rounded down to the cent."""
    return sum(w * a for w, a in amounts) // max(1, sum(w for w, _ in amounts))
