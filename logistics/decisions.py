"""What is put before the planners, and what they say of it.

A recommendation's life::

    open ─▸ awaiting_second ─▸ APPROVED      (above the money limit: two different planners)
      │ ◂─▸ held │
      └──────────┴─▸ APPROVED, REJECTED, LAPSED, SUPERSEDED

An approval takes effect after the undo window. An amendment makes a successor and supersedes.
Every opening carries its exit plan: there is no recommendation without one.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from logistics.policy import SiteType
from logistics.states import Life
from logistics.units import Cents, Parcels


class Kind(StrEnum):
    """What a recommendation asks for."""

    OPEN = "open"
    TOP_UP = "top_up"
    EXTEND = "extend"
    SHRINK = "shrink"
    DRAIN = "drain"
    CLOSE = "close"
    CANCEL = "cancel"


class RecommendationState(StrEnum):
    """Where a recommendation is in its life."""

    OPEN = "open"
    HELD = "held"
    AWAITING_SECOND = "awaiting_second"
    APPROVED = "approved"
    REJECTED = "rejected"
    LAPSED = "lapsed"
    SUPERSEDED = "superseded"


class RecommendationStep(StrEnum):
    """What may happen to a recommendation."""

    APPROVE = "approve"
    APPROVE_FIRST = "approve_first"
    REJECT = "reject"
    HOLD = "hold"
    RESUME = "resume"
    LAPSE = "lapse"
    SUPERSEDE = "supersede"
    UNDO = "undo"


S, T = RecommendationState, RecommendationStep

RECOMMENDATION = Life(
    resource="recommendation",
    states=RecommendationState,
    steps=RecommendationStep,
    leads_to={
        (S.OPEN, T.APPROVE): S.APPROVED,
        (S.OPEN, T.APPROVE_FIRST): S.AWAITING_SECOND,
        (S.OPEN, T.REJECT): S.REJECTED,
        (S.OPEN, T.HOLD): S.HELD,
        (S.OPEN, T.LAPSE): S.LAPSED,
        (S.OPEN, T.SUPERSEDE): S.SUPERSEDED,
        (S.HELD, T.RESUME): S.OPEN,
        (S.HELD, T.REJECT): S.REJECTED,
        (S.HELD, T.LAPSE): S.LAPSED,
        (S.HELD, T.SUPERSEDE): S.SUPERSEDED,
        (S.AWAITING_SECOND, T.APPROVE): S.APPROVED,
        (S.AWAITING_SECOND, T.REJECT): S.REJECTED,
        (S.AWAITING_SECOND, T.LAPSE): S.LAPSED,
        (S.AWAITING_SECOND, T.SUPERSEDE): S.SUPERSEDED,
        (S.AWAITING_SECOND, T.UNDO): S.OPEN,
        (S.APPROVED, T.UNDO): S.OPEN,
        (S.REJECTED, T.UNDO): S.OPEN,
    },
)
"""Undo is allowed within the undo window only; `workflows.decide` checks the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLine:
    """So many units of a product, from which centre, to arrive when."""

    product: str
    units: Parcels
    from_node: str
    departs_at: datetime
    arrives_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine:
    """One line of the cost table; incomes are positive, costs negative."""

    name: str
    amount: Cents


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One rung of the ladder: what could be done instead, until when, and what it would gain."""

    type: str
    """A site type, or `nothing`, `ration`, `line_haul`, `float_stock`."""
    site: str | None
    detail: str
    expected_gain: Cents
    decide_by: datetime | None
    wait_cost_per_hour: Cents
    addressable_share: float
    """The share of the episode's remaining orders that come after it could go live."""
    chosen: bool = False
    refused_because: str | None = None

    @property
    def priced(self) -> bool:
        """Whether its gain was worked out."""
        return self.chosen or self.decide_by is not None or self.expected_gain != 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskPoint:
    """One stock size with its gain, the chance of a loss and the tail (product paper, 4.2)."""

    units: Parcels
    fill_rate: float
    no_stock_out: float
    left_over: float
    expected_gain: Cents
    chance_of_loss: float
    cvar90_share: float
    """CVaR90 of the loss as a share of the cash at risk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitPlan:
    """How and when the node closes again."""

    drain_from: datetime
    closes_at: datetime
    return_to: str
    return_truck_at: datetime
    refund_terms: str
    late_returns_to: str
    early_close_when: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A candidate site that was not taken, and why."""

    site: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerUp:
    """A plan that came close, with its difference in plain words."""

    site: str
    """The site that opens instead; empty where nothing does."""
    expected_gain: Cents
    difference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stake:
    """What the curve over stock sizes is drawn from, so that another size can be judged the same.

    Demand is lognormal: `log_mean` and `log_sd` are those of its logarithm. `fixed` is spent
    whatever is sold; `per_order` comes or goes with each order that the site serves; a unit that is
    left over costs `back_per_unit`. `moved` is the share of the site's orders that come late without
    it; the others would come from a centre as soon.
    """

    log_mean: float
    log_sd: float
    fixed: tuple[CostLine, ...]
    per_order: tuple[CostLine, ...]
    back_per_unit: Cents
    moved: float = 1.0

    @property
    def fees(self) -> Cents:
        """What is spent whatever is sold."""
        return -sum(line.amount for line in self.fixed)

    @property
    def gain_per_unit(self) -> Cents:
        """What an order that the site serves brings on average."""
        return sum(line.amount for line in self.per_order)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """All that a planner reads before a verdict; every figure follows from the stored inputs."""

    lines: tuple[str, ...]
    """Why, in the five fixed lines."""
    stock: tuple[StockLine, ...]
    starts_at: datetime
    live_from: datetime
    ends_at: datetime
    orders_p10: int
    orders_p50: int
    orders_p90: int
    coverage_with: float
    """Share of the forecast orders that six hours reach, with the node and without it."""
    coverage_without: float
    expected_gain: Cents
    chance_of_loss: float
    cash_at_risk: Cents
    cost_per_extra_order: Cents
    break_even_share: float
    """It pays if demand is at least this share of the P50."""
    lateness_price_stop: Cents
    regret_of_nothing: Cents
    regret_of_waiting: Cents
    binding_reason: str
    proof_gap: float
    costs: tuple[CostLine, ...]
    ladder: tuple[Option, ...]
    risk: tuple[RiskPoint, ...]
    exit: ExitPlan
    runners_up: tuple[RunnerUp, ...] = ()
    refused: tuple[Refusal, ...] = ()
    takes_home: tuple[StockLine, ...] = ()
    """What nobody there asks for any more and goes home, so that there is room for the stock; its
    lines begin at the node."""
    stake: Stake | None = None
    """None where nothing is sent: a drain, a close, a cancellation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """What a planner is asked: one site, one kind of deed, with all that is needed to decide."""

    id: str
    kind: Kind
    state: RecommendationState
    market: str
    site: str
    site_type: SiteType
    node: str | None
    products: tuple[str, ...]
    opened_at: datetime
    decide_by: datetime
    expected_gain: Cents
    money_at_stake: Cents
    needs_two: bool
    basis: str
    """What the forecast rests on, `category_prior` for a product with no history."""
    forecasts: tuple[str, ...]
    forecast_units: float
    """The P50 that was read, to tell how far the forecast has moved since."""
    decision: str
    proposal: Proposal
    held_because: str | None = None
    first_verdict: str | None = None
    last_verdict: str | None = None
    effective_at: datetime | None = None
    """When an approval takes effect: the end of its undo window."""
    substitutes: bool = True
    """Whether the approval lets a runner-up stand in for a site that is refused."""
    carried_out_at: datetime | None = None
    supersedes: str | None = None
    superseded_by: str | None = None
    changed_by: str | None = None
    version: int = 1


class Choice(StrEnum):
    """What a planner says."""

    APPROVE = "approve"
    REJECT = "reject"
    HOLD = "hold"
    RESUME = "resume"
    AMEND = "amend"
    UNDO = "undo"


class RejectReason(StrEnum):
    """Why a planner disagrees; training data for the weekly report."""

    FORECAST_NOT_BELIEVED = "forecast_not_believed"
    SITE_UNSUITABLE = "site_unsuitable"
    COST = "cost"
    DUPLICATE = "duplicate"
    BRAND_OR_SAFETY = "brand_or_safety"
    CAPACITY = "capacity"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one planner said of one recommendation, and why."""

    id: str
    recommendation: str
    planner: str
    choice: Choice
    reason_code: RejectReason | None
    reason: str | None
    at: datetime
    automatic: bool = False


def hides_reason(verdict: Verdict, about: Recommendation, planner: str) -> bool:
    """Whether a planner may not yet see why: the second gives theirs before seeing the first's."""
    waits = about.state is RecommendationState.AWAITING_SECOND
    return waits and verdict.id == about.first_verdict and verdict.planner != planner
