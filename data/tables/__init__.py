"""All that is remembered, one table for each kind of value."""

from typing import Any

from data.tables.access import ApiKeyRow, KeptAnswerRow
from data.tables.carriers import CarrierRow, PositionRow, VehicleRow
from data.tables.catalogue import (
    CategoryRow,
    MarketRow,
    PaidPushRow,
    ProductRow,
    VideoLinkRow,
    VideoRow,
)
from data.tables.columns import Row
from data.tables.decisions import CaseRow, RecommendationRow, ScenarioRow, VerdictRow
from data.tables.demand import (
    AccuracyRow,
    BacktestRow,
    BaselineRow,
    ForecastOverrideRow,
    HabitsRow,
    LostDemandRow,
    OutlookRow,
)
from data.tables.dispatch import PlanRow, ProofRow, RouteRow, StopEventRow, StopRow, TenderRow
from data.tables.feed import EventRow, WebhookDeliveryRow, WebhookEndpointRow
from data.tables.network import LeaseRow, NodeRow, SiteRow
from data.tables.operations import LeadershipRow, OperationRow, TickRow
from data.tables.orders import BuyerKeyRow, ContactRow, OrderRow, PrivacyRequestRow
from data.tables.promises import CalibrationRow, PromiseRow, QuoteRow
from data.tables.records import DecisionRecordRow, EntryRow
from data.tables.signals import EpisodeRow, SignalBatchRow, SignalHourRow
from data.tables.stock import MovementRow, ReplenishmentRow, ReservationRow, StockRow
from logistics.access import ApiKey, KeptAnswer
from logistics.carriers import Carrier, Position, Vehicle
from logistics.catalogue import Category, Market, PaidPush, Product, Video, VideoLink
from logistics.decisions import Recommendation, Verdict
from logistics.demand import (
    Accuracy,
    Backtest,
    Baseline,
    ForecastOverride,
    Habits,
    LostDemand,
    Outlook,
)
from logistics.dispatch import Plan, Proof, Route, Stop, StopEvent, Tender
from logistics.episodes import Episode
from logistics.events import Event
from logistics.exceptions import Case
from logistics.inventory import Movement, Replenishment, Reservation, Stock
from logistics.ledger import Entry
from logistics.network import Lease, Node, Site
from logistics.operations import Leadership, Operation, Tick
from logistics.orders import Order
from logistics.outbox import WebhookDelivery, WebhookEndpoint
from logistics.privacy import BuyerKey, Contact, PrivacyRequest
from logistics.promise.calibration import Calibration
from logistics.promise.offers import Promise, Quote
from logistics.records import DecisionRecord
from logistics.signals import SignalBatch, SignalHour
from logistics.whatif import Scenario

TABLES: dict[type[Any], type[Row]] = {
    Market: MarketRow,
    Category: CategoryRow,
    Product: ProductRow,
    Video: VideoRow,
    VideoLink: VideoLinkRow,
    PaidPush: PaidPushRow,
    SignalBatch: SignalBatchRow,
    SignalHour: SignalHourRow,
    Episode: EpisodeRow,
    Outlook: OutlookRow,
    ForecastOverride: ForecastOverrideRow,
    Accuracy: AccuracyRow,
    Baseline: BaselineRow,
    Habits: HabitsRow,
    Backtest: BacktestRow,
    Scenario: ScenarioRow,
    LostDemand: LostDemandRow,
    Site: SiteRow,
    Node: NodeRow,
    Lease: LeaseRow,
    Stock: StockRow,
    Movement: MovementRow,
    Reservation: ReservationRow,
    Replenishment: ReplenishmentRow,
    Order: OrderRow,
    Contact: ContactRow,
    BuyerKey: BuyerKeyRow,
    PrivacyRequest: PrivacyRequestRow,
    Quote: QuoteRow,
    Promise: PromiseRow,
    Calibration: CalibrationRow,
    Carrier: CarrierRow,
    Vehicle: VehicleRow,
    Position: PositionRow,
    Plan: PlanRow,
    Route: RouteRow,
    Stop: StopRow,
    StopEvent: StopEventRow,
    Proof: ProofRow,
    Tender: TenderRow,
    Recommendation: RecommendationRow,
    Verdict: VerdictRow,
    Case: CaseRow,
    Entry: EntryRow,
    DecisionRecord: DecisionRecordRow,
    Event: EventRow,
    WebhookEndpoint: WebhookEndpointRow,
    WebhookDelivery: WebhookDeliveryRow,
    ApiKey: ApiKeyRow,
    KeptAnswer: KeptAnswerRow,
    Operation: OperationRow,
    Tick: TickRow,
    Leadership: LeadershipRow,
}
"""The table of each value class."""
