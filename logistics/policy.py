"""The numbers that the business chooses: times, limits, prices, terms.

Every figure here is a default to be replaced by the user's own; where one comes from a paper or
a measurement, the comment says so. Money is whole cents of the market's currency.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from logistics.errors import require
from logistics.units import Cents, Parcels, Seconds

HOUR: Seconds = 3600
DAY: Seconds = 24 * HOUR


class SiteType(StrEnum):
    """The rungs of the ladder: what kind of space a site is."""

    CENTRE = "centre"
    """A permanent fulfilment centre: always open, stock finite."""
    SHELF = "shelf"
    """A partner store's shelf or a van cross-dock."""
    STANDBY = "standby"
    """A space held on retainer under a call-off contract."""
    LEASE = "lease"
    """A space leased anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteTerms:
    """What a space of one type costs, how soon it is there and how much it does in a day."""

    lead: Seconds
    shortest_term: Seconds
    set_up: Cents
    """Paid once: set-up of a lease, call-off of a standby space."""
    per_day: Cents
    per_order: Cents
    retainer_per_day: Cents
    """Paid every day whether the space is used or not."""
    orders_per_day: Parcels
    first_day_share: float
    """The share of `orders_per_day` that the first day can do, while people and racks arrive."""
    space: Parcels
    intake_per_day: Parcels | None = None
    """Units that can be put away in a day; None where there is no such limit."""

    def __post_init__(self) -> None:
        """Refuse terms nobody would sign."""
        taken = self.intake_per_day is None or self.intake_per_day > 0
        require(taken, "intake_per_day", "must be positive")
        require(self.lead >= 0, "lead", "must not be negative")
        require(self.shortest_term > 0, "shortest_term", "must be positive")
        require(self.orders_per_day >= 0, "orders_per_day", "must not be negative")
        require(0 < self.first_day_share <= 1, "first_day_share", "is a share above 0, up to 1")
        fees = (self.set_up, self.per_day, self.per_order, self.retainer_per_day)
        require(all(fee >= 0 for fee in fees), "fees", "must not be negative")


SHELF = SiteTerms(
    lead=2 * HOUR,
    shortest_term=DAY,
    set_up=0,
    per_day=15_000,
    per_order=120,
    retainer_per_day=0,
    orders_per_day=150,
    first_day_share=1.0,
    space=400,
)
STANDBY = SiteTerms(
    lead=5 * HOUR,
    shortest_term=3 * DAY,
    set_up=90_000,
    per_day=145_000,
    per_order=0,
    retainer_per_day=6_000,
    orders_per_day=600,
    first_day_share=0.5,
    space=4_000,
)
LEASE = SiteTerms(
    lead=3 * DAY,
    shortest_term=7 * DAY,
    set_up=800_000,
    per_day=120_000,
    per_order=0,
    retainer_per_day=0,
    orders_per_day=2_000,
    first_day_share=0.5,
    space=20_000,
)
CENTRE = SiteTerms(
    lead=0,
    shortest_term=DAY,
    set_up=0,
    per_day=0,
    per_order=0,
    retainer_per_day=0,
    orders_per_day=20_000,
    first_day_share=1.0,
    space=1_000_000,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What the work costs (US defaults of the design paper, section 3)."""

    pick_pack: Cents = 110
    inbound_per_unit: Cents = 15
    truck_fixed: Cents = 48_000
    truck_per_km: Cents = 190
    truck_units: Parcels = 1_200
    last_mile_per_order: Cents = 600
    last_mile_per_km: Cents = 6
    parcel_next_day: Cents = 900
    """A parcel through the permanent network at its own service level."""
    broken_promise: Cents = 1_500
    """Refund and goodwill; also the price of an eligible order not delivered within six hours."""
    return_per_unit: Cents = 205
    margin_per_order: Cents = 1_200
    six_hour_fee: Cents = 790
    next_morning_fee: Cents = 290
    conversion_lift: float = 0.15
    """More orders where six hours are promised: an estimate with an interval, learnt later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalLimits:
    """When a signal row is late, too late or from the future (product paper, "Decided")."""

    late_after: Seconds = 15 * 60
    refused_after: Seconds = 6 * HOUR
    future_refused_after: Seconds = 10 * 60
    privacy_minimum: int = 10
    """Fewer unique viewers than this are merged up to the market."""
    by_quarter: bool = True
    """Whether growth within a video's first hours is read, where rows are of 15 minutes or less; off where
    a platform spreads whole hours over shorter rows, which would be read as no growth."""


class LapsePolicy(StrEnum):
    """What becomes of a recommendation whose decide-by passes with nobody there."""

    LAPSE = "lapse"
    CARRY_OUT = "carry_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictLimits:
    """What one planner may decide alone, and what happens when nobody decides."""

    undo: Seconds = 30
    second_planner_above: Cents = 5_000_000
    cold_second_planner_above: Cents = 500_000
    """Money limit for a product that is forecast from its category's prior alone."""
    alert_before_decide_by: Seconds = HOUR
    if_nobody: LapsePolicy = LapsePolicy.LAPSE
    automatic_money_at_most: Cents = 1_000_000
    """What is carried out with nobody there never risks more than this."""
    stale_forecast_share: float = 0.20
    """A forecast that moved by more than this since it was read stops an approval."""
    dead_time_after_rejection: Seconds = 6 * HOUR
    review: Seconds = 6 * HOUR
    """How long an approved change of a node is left to work before another is proposed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leasing:
    """How spaces are asked for."""

    respond_within: Seconds = 20 * 60
    substitute_within: float = 0.10
    """A runner-up is asked without a new verdict when its gain is at most this share smaller."""
    put_away: Seconds = HOUR
    """From a truck's arrival until its first pallets can be promised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promising:
    """How offers to buyers are made."""

    target: Seconds = 6 * HOUR
    quote_life: Seconds = 15 * 60
    window: Seconds = 2 * HOUR
    least_keep_probability: float = 0.90
    full_pace_hours: int = 8
    """A day's orders can be picked in so many hours at full pace: 600 a day are 75 an hour."""
    wave_every: Seconds = HOUR
    pool_for: Seconds = 2 * HOUR
    """A six-hour order may wait so long for others to ride with, while its promise keeps its
    margin: fuller vans drive shorter hops, and more orders find a place."""
    loading: Seconds = 10 * 60
    service_at_stop: Seconds = 4 * 60
    drops_per_route: int = 14
    pick_and_pack: Seconds = 30 * 60
    """From the wave's release to the last parcel packed, at P90."""
    between_drops: Seconds = 6 * 60
    """Median drive from one drop to the next, until the router's own routes say otherwise."""
    attempts: int = 2
    """Deliveries that are tried before an order fails."""
    word_within: Seconds = 30 * 60
    """Word of a delivery may come so long after it: only then does silence break a promise."""
    ideal_drive: Seconds = 15 * 60
    """The drive from a node next door: what decides whether six hours were possible at all."""
    next_morning_by_hour: int = 10
    next_morning_cut_off_hour: int = 20
    parcel_keep_probability: float = 0.95
    """How often the permanent network delivers on the next day: assumed until observed."""
    p90_travel_factor: float = 1.35
    """P90 of a drive over its median until drives have been observed (design paper, section 2)."""
    overbooking: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """How orders that could leave are held back for company."""

    futures: int = 4
    """Draws of the orders that may come; with none, all that is due leaves at once."""
    ahead: Seconds = HOUR
    """How far the draws look, and how much before its departure an order may ride along."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tendering:
    """How routes are offered to carriers."""

    respond_within: Seconds = 15 * 60
    silent_after: Seconds = 25 * 60
    refuse_update_within: Seconds = 5 * 60
    moved_stops_per_van: int = 3
    frozen_stops: int = 2
    trust: float = 1.0
    """How far carriers are judged by their record, from 0 (by rank alone) to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Efforts:
    """How hard each solver tries; `steps` set makes runs repeat, at the cost of speed."""

    placement_seconds: float = 10.0
    placement_steps: int | None = None
    runners_up: int = 2
    """Plans that are sought without a site that is proposed, to be told beside it."""
    routing_seconds: float = 2.0
    routing_steps: int | None = None
    allocation_steps: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often each job is due."""

    sense: Seconds = 15 * 60
    position: Seconds = HOUR
    decide: Seconds = 60
    dispatch: Seconds = 15 * 60
    watch: Seconds = 60
    learn: Seconds = HOUR
    refit: Seconds = DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """All that the business chooses, in one value."""

    terms: dict[SiteType, SiteTerms] = field(
        default_factory=lambda: {
            SiteType.CENTRE: CENTRE,
            SiteType.SHELF: SHELF,
            SiteType.STANDBY: STANDBY,
            SiteType.LEASE: LEASE,
        }
    )
    prices: Prices = Prices()
    signals: SignalLimits = SignalLimits()
    verdicts: VerdictLimits = VerdictLimits()
    promising: Promising = Promising()
    leasing: Leasing = Leasing()
    holding: Holding = Holding()
    tendering: Tendering = Tendering()
    efforts: Efforts = Efforts()
    rhythm: Rhythm = Rhythm()
    cvar_share: float = 0.60
    """CVaR90 of the loss may be at most this share of the cash at risk."""
    sample_paths: int = 0
    """Futures that placement asks together which sites to leave shut; 0 asks the mean alone."""
    planning_resolution: int = 4
    """H3 resolution of the regions of plans."""
    horizon: Seconds = 10 * DAY
    new_nodes_per_day: int = 4
    least_gain: Cents = 20_000
    """A recommendation that gains less is not worth a planner's time."""
    least_return: float = 0.5
    """A recommendation that puts cash at risk gains at least this share of it: what is proposed is
    what a forecast looked best for, and on average it was too bright."""
    cold_return: float = 1.0
    """The same where most of the units are of products that only their category speaks for yet: a
    video that is watched may still sell nothing, and a few hours tell."""
    change_price: Cents = 10_000
    """What an answer must gain to differ from the last approved plan."""
    zone: str = "us"
    """The residency zone of this deployment."""
