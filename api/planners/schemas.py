"""What planners are shown and what they say.

Parts of what is written once (a proposal, a forecast's causes) are shown as the business keeps
them; what lives is shown field by field.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from api.schemas import Asked, Count, Id, Moment, Note, Shown, Word, Yes
from forecasting import Part, Total
from forecasting.explanation import Driver, Uplift
from logistics.decisions import (
    Choice,
    Kind,
    Proposal,
    Recommendation,
    RecommendationState,
    RejectReason,
    Verdict,
    hides_reason,
)
from logistics.demand import Backtest, Outlook, PartTrack, Track
from logistics.dispatch import PlanState, Unplanned
from logistics.episodes import EpisodeState, Evidence
from logistics.exceptions import CaseKind, CaseState, CaseStep
from logistics.inventory import Load, ReplenishmentState
from logistics.network import LeaseState, NodeState
from logistics.operations import Operation, OperationState
from logistics.policy import SiteType
from logistics.promise.calibration import KeepBin
from logistics.promise.trust import CarrierRecord
from logistics.siting.equity import Area, Share
from logistics.whatif import Change, Figures, ScenarioKind, ScenarioState
from logistics.workflows.checks import TimedRoute
from logistics.workflows.differences import MovedOrder, ShiftedOrder
from logistics.workflows.slots import SlotOffer
from routing.rules import Breach


class ForecastOut(Shown):
    """The published forecast of one product in one market; never edited, only superseded."""

    id: str
    product: str
    market: str
    made_at: datetime
    start: datetime
    hours: int
    basis: str = Field(description="`category_prior` for a product with no history.")
    totals: list[Total]
    decision: str
    supersedes: str | None

    @classmethod
    def of(cls, outlook: Outlook) -> "ForecastOut":
        """The forecast without its hours."""
        return cls(
            id=outlook.id,
            product=outlook.product,
            market=outlook.market,
            made_at=outlook.made_at,
            start=outlook.start,
            hours=outlook.hours,
            basis=outlook.basis,
            totals=list(outlook.whole.totals),
            decision=outlook.decision,
            supersedes=outlook.supersedes,
        )


class SeriesOut(Shown):
    """The hours of a forecast: of the whole market with its bands and causes, or of one region."""

    id: str
    region: str | None
    start: datetime
    p10: list[float] | None = Field(description="Of the whole market only: bands do not add up.")
    p50: list[float]
    p90: list[float] | None
    totals: list[Total]
    parts: list[Part] = Field(description="The causes of the P50; they sum to it.")


class DriversOut(Shown):
    """Why a forecast says what it says, in words."""

    id: str
    hours: int
    drivers: list[Driver] = Field(description="The strongest first; they sum to the P50.")
    uplift: Uplift = Field(
        description="What videos bring the product's family: gross = net + taken from siblings"
        " + pulled forward from days to come."
    )
    surge: float | None = Field(
        description="The chance that the first 24 hours bring more than 1.5 times what was asked"
        " for in the 24 before; null where the forecast is shorter."
    )


class SnapshotOut(Shown):
    """What was believed of the same hours some time before."""

    lag_hours: int
    forecast: str | None = Field(description="Null where nothing was forecast then.")
    made_at: datetime | None
    expected: float | None


class SnapshotsOut(Shown):
    """The P50 of a forecast's first day, now and as it was believed before."""

    id: str
    since: datetime
    until: datetime
    expected: float
    snapshots: list[SnapshotOut]


class OverrideIn(Asked):
    """A planner's change to what is forecast."""

    product: Word
    market: Word
    cell: Word | None = Field(default=None, description="A region of the market; all of it if absent.")  # fmt: skip
    factor: Annotated[float, Field(strict=True, ge=0, le=100, allow_inf_nan=False)] = Field(
        description="So many times the demand; 1 changes nothing."
    )
    starts_at: Moment
    ends_at: Moment
    expires_at: Moment = Field(description="From then on no forecast counts it in.")
    reason: Note


class OverrideOut(Shown):
    """A planner's change, and whether it was withdrawn."""

    id: str
    product: str
    market: str
    cell: str | None
    factor: float
    starts_at: datetime
    ends_at: datetime
    expires_at: datetime
    made_at: datetime
    author: str
    reason: str
    withdrawn_at: datetime | None
    version: int


class AccuracyOut(Shown):
    """What became of the forecasts of one product in one market over the last week."""

    product: str
    market: str
    learnt_at: datetime
    width: float = Field(description="A factor on its next bands, from misses and hits.")
    gated: bool = Field(description="Whether the last day repeated stands in for the chain.")
    tracks: list[Track]
    parts: list[PartTrack] = Field(
        description="What each video, its paid views and its mood added to the days' medians."
    )


class PromiseCalibrationOut(Shown):
    """What became of one market's promises."""

    id: str
    learnt_at: datetime
    outcomes: int
    bins: list[KeepBin]
    brier: float | None
    brier_constant: float | None
    carriers: list[CarrierRecord] = Field(
        description="What each carrier took of what it was offered, and how much came in time."
    )


class BacktestIn(Asked):
    """From when to when, and how often, to look back."""

    market: Word
    starts_at: Moment
    ends_at: Moment
    every_hours: Annotated[int, Field(strict=True, ge=1, le=168)] = 6


class BacktestOut(Shown):
    """A backtest: how far it is, and its scores once it is done."""

    id: str
    market: str
    asked_by: str
    asked_at: datetime
    starts_at: datetime
    ends_at: datetime
    every_hours: int
    operation: str
    state: OperationState | None = Field(description="Of its operation; null in a list.")
    progress: float | None
    done_at: datetime | None
    tracks: list[Track]

    @classmethod
    def of(cls, kept: Backtest, work: Operation | None) -> "BacktestOut":
        """The backtest, and its work where one looks at it alone."""
        return cls(
            id=kept.id,
            market=kept.market,
            asked_by=kept.asked_by,
            asked_at=kept.asked_at,
            starts_at=kept.starts_at,
            ends_at=kept.ends_at,
            every_hours=kept.every_hours,
            operation=kept.operation,
            state=work and work.state,
            progress=work and work.progress,
            done_at=kept.done_at,
            tracks=list(kept.tracks),
        )


class EpisodeOut(Shown):
    """A bounded period in which a video's reach grows faster than normal."""

    id: str
    video: str
    market: str
    state: EpisodeState
    started_at: datetime
    seen_at: datetime
    ended_at: datetime | None
    views: int
    views_per_hour: float
    doubling_minutes: float | None
    half_life_hours: float | None
    evidence: list[Evidence]
    version: int


class CoverageOut(Shown):
    """Whom six hours reach in one market, by area and by how many people live in it."""

    market: str
    at: datetime
    of_residents: float
    of_orders: float = Field(description="Of the P50 of the next seven days.")
    bands: list[Share]
    areas: list[Area]
    warnings: list[str] = Field(description="Areas that are left out between two that are reached.")


class ChangeIn(Asked):
    """What is different from today; what is left out stays as it is."""

    demand_factor: Annotated[float, Field(strict=True, ge=0.3, le=3.0, allow_inf_nan=False)] = 1.0
    lease_days: Annotated[int, Field(strict=True, ge=1, le=90)] | None = None
    stock: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] | None = None
    vans: Annotated[int, Field(strict=True, ge=0, le=10_000)] | None = None
    target_hours: Literal[4, 6, 8] | None = None
    must_open: list[Word] = Field(default_factory=list, max_length=50)
    must_not: list[Word] = Field(default_factory=list, max_length=500)
    budget: Annotated[int, Field(strict=True, ge=0, le=10**12)] | None = None
    days: Annotated[int, Field(strict=True, ge=1, le=366)] = Field(
        default=91, description="How long the quarter of a portfolio is."
    )
    most: Annotated[int, Field(strict=True, ge=0, le=1_000)] | None = None


class ScenarioIn(Asked):
    """A what-if: of a market, of a recommendation, or of the standby portfolio."""

    name: Note
    kind: ScenarioKind = ScenarioKind.NODES
    market: Word | None = None
    recommendation: Id | None = None
    change: ChangeIn = Field(default_factory=ChangeIn)


class ScenarioOut(Shown):
    """A what-if and its answers so far."""

    id: str
    name: str
    kind: ScenarioKind
    state: ScenarioState
    market: str | None
    recommendation: str | None
    asked_by: str
    created_at: datetime
    change: Change
    estimate: Figures | None = Field(description="At once; of a recommendation only.")
    exact: Figures | None = Field(description="Once its operation is done.")
    operation: str | None
    answered_at: datetime | None
    promoted_to: str | None
    error: str | None
    version: int


class ComparedOut(Shown):
    """One figure of several what-ifs, in their order."""

    figure: str
    values: list[float | str | None]


class ComparisonOut(Shown):
    """What-ifs side by side; `exact` says whose figures are no estimates."""

    scenarios: list[str]
    names: list[str]
    exact: list[bool]
    rows: list[ComparedOut]


class RecommendationOut(Shown):
    """What a planner is asked, with all that is needed to decide."""

    id: str
    kind: Kind
    state: RecommendationState
    market: str
    site: str
    site_type: SiteType
    node: str | None
    products: list[str]
    opened_at: datetime
    decide_by: datetime
    expected_gain: int
    money_at_stake: int
    needs_two: bool
    basis: str
    forecasts: list[str]
    forecast_units: float
    decision: str
    proposal: Proposal
    held_because: str | None
    effective_at: datetime | None
    carried_out_at: datetime | None
    supersedes: str | None
    superseded_by: str | None
    changed_by: str | None
    version: int


class VerdictOut(Shown):
    """What one planner said; a first verdict's reason is hidden until the second is given."""

    id: str
    planner: str
    choice: Choice
    reason_code: RejectReason | None
    reason: str | None
    at: datetime
    automatic: bool

    @classmethod
    def seen_by(cls, planner: str, verdict: Verdict, about: Recommendation) -> "VerdictOut":
        """The verdict as a planner may see it at this moment."""
        shown = cls.model_validate(verdict)
        if hides_reason(verdict, about, planner):
            return shown.model_copy(update={"reason_code": None, "reason": None})
        return shown


class UnitsIn(Asked):
    """How many units of a product are to be sent instead."""

    product: Word
    units: Count


class AmendmentIn(Asked):
    """What a planner changes of a proposal; what is not named stays."""

    units: Annotated[tuple[UnitsIn, ...], Field(min_length=1, max_length=50)]


class VerdictIn(Asked):
    """What a planner says of a recommendation."""

    choice: Choice
    reason_code: RejectReason | None = None
    reason: Note | None = None
    amendment: AmendmentIn | None = None
    substitutes: Yes = Field(
        default=True, description="Whether a runner-up may stand in where the site is refused."
    )
    forecast_read: (
        Annotated[float, Field(strict=True, ge=0, le=1e9, allow_inf_nan=False)] | None
    ) = Field(default=None, description="The forecast's units on the page that was read.")


class NodeOut(Shown):
    """A place which holds stock and can ship an order."""

    id: str
    site: str
    market: str
    type: SiteType
    state: NodeState
    lat: float
    lon: float
    planned_at: datetime
    live_from: datetime | None
    drain_from: datetime | None
    closes_at: datetime | None
    closed_at: datetime | None
    orders_per_day: int
    space: int
    recommendation: str | None
    lease: str | None
    version: int


class LeaseOut(Shown):
    """The right to use a site for a time."""

    id: str
    site: str
    node: str
    market: str
    provider: str
    recommendation: str
    state: LeaseState
    requested_at: datetime
    respond_by: datetime
    starts_at: datetime
    ends_at: datetime
    set_up: int
    per_day: int
    per_order: int
    answered_at: datetime | None
    refusal_reason: str | None
    version: int


class ReplenishmentOut(Shown):
    """A truck load from one node to another."""

    id: str
    from_node: str
    to_node: str
    market: str
    state: ReplenishmentState
    loads: list[Load]
    departs_at: datetime
    arrives_at: datetime
    cost: int
    recommendation: str | None
    received_at: datetime | None
    version: int


class PositionOut(Shown):
    """One product at one node; `free` may still be promised."""

    id: str
    node: str
    product: str
    on_hand: int
    reserved: int
    damaged: int
    floor: int
    free: int
    version: int


class PlanOut(Shown):
    """A set of routes from one solve, and the orders that it leaves out with reasons."""

    id: str
    market: str
    state: PlanState
    made_at: datetime
    published_at: datetime | None
    routes: list[str]
    unplanned: list[Unplanned]
    cost: int
    stopped: str
    gap: float | None
    decision: str | None
    version: int


class EditIn(Asked):
    """A route as you would have it: its orders in the order in which they are visited."""

    route: Id
    orders: Annotated[tuple[Id, ...], Field(max_length=500)]
    vehicle: Word | None = Field(default=None, description="Another van for the route.")


class ChecksIn(Asked):
    """The routes that you changed; those that you do not name stay as they are."""

    routes: Annotated[tuple[EditIn, ...], Field(max_length=500)] = ()


class ChecksOut(Shown):
    """What would come of the change: the rules that it breaks, its cost, and the new times."""

    plan: str
    breaches: list[Breach] = Field(description="Empty where every rule is kept.")
    cost: int
    cost_before: int
    left_out: list[str] = Field(description="Orders of the plan that no route serves then.")
    routes: list[TimedRoute]


class DifferenceOut(Shown):
    """What a reader of the plan `against` would notice in this one."""

    plan: str
    against: str
    moved: list[MovedOrder] = Field(description="Another van serves it; null stands for nobody.")
    shifted: list[ShiftedOrder] = Field(description="The same van serves it at another time.")
    most_moved: int = Field(description="The most orders that any one van gave away.")
    cost: int = Field(description="Of this plan less that of the other, in cents.")


class SlotsOut(Shown):
    """The windows in which one more stop has room, the cheapest first."""

    market: str
    currency: str
    as_of: datetime
    plan: str | None = Field(description="The latest released plan of the market.")
    slots: list[SlotOffer]


class CaseOut(Shown):
    """One thing that needs a person."""

    id: str
    kind: CaseKind
    state: CaseState
    market: str
    subject: str
    detail: str
    money_at_stake: int
    opened_at: datetime
    act_by: datetime | None
    owner: str | None
    resolution: str | None
    closed_at: datetime | None
    version: int


class StepIn(Asked):
    """What a planner does about a case; a resolution says how it was settled."""

    step: CaseStep
    resolution: Note | None = None


class DecisionOut(Shown):
    """One automatic decision, with what it stood on; all inputs at the record itself."""

    id: str
    kind: str
    at: datetime
    parents: list[str]
    inputs_hash: str
    result_hash: str
    code_version: str
    model_version: str


class RecordOut(DecisionOut):
    """One automatic decision with its inputs and its result."""

    inputs: Any
    result: Any


class ReplayOut(Shown):
    """What came of computing a decision again; a reason says why it could not be."""

    decision: str
    same: bool | None
    result_hash: str | None
    reason: str | None


class LinkOut(Shown):
    """One thing on the way from a decision back to what was seen."""

    id: str
    kind: str
    hop: int
    led_to: str | None = Field(description="The thing one hop nearer to the decision.")


class LineageOut(Shown):
    """Everything that a decision stands on, as far as ids lead."""

    decision: str
    links: list[LinkOut]
