"""Who answers in the twin: planners, those who run the spaces, and carriers.

Each bot looks at what is remembered, as the real one would through its door, and answers by the
same deeds. Their moods come from the world's faults and each thing's own luck.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from logistics.decisions import Choice, Recommendation, RecommendationState, RejectReason
from logistics.dispatch import Outcome, Route, RouteState, Stop, StopState, Tender, TenderState
from logistics.errors import Refused
from logistics.inventory import Load, Replenishment, ReplenishmentState
from logistics.network import Lease, LeaseState, Node
from logistics.orders import Order
from logistics.policy import SiteType
from logistics.promise.offers import Promise
from logistics.store import Reading
from logistics.twin.drives import Telling, Visited, drive
from logistics.twin.luck import luck
from logistics.twin.world import World
from logistics.workflows.decide import give_verdict
from logistics.workflows.deliver import StopReport, report
from logistics.workflows.means import Means
from logistics.workflows.publish import answer_tender
from logistics.workflows.stock import answer_lease, receive
from routing.geography import Place

OPEN = (RecommendationState.OPEN, RecommendationState.AWAITING_SECOND)


@dataclass(slots=True)
class PlannerBot:
    """Decides by policy: takes what gains and rarely loses, rejects a few, sleeps after a time."""

    world: World
    until: datetime | None = None
    """After this moment nobody sits at the desk."""
    most_chance_of_loss: float = 0.45
    verdicts: dict[str, int] = field(default_factory=dict)

    def act(self, means: Means, now: datetime) -> None:
        """Give the verdicts that are due."""
        if self.until is not None and now >= self.until:
            return
        ripe = now - timedelta(minutes=self.world.faults.planner_minutes)
        with means.store.read() as seen:
            waiting = seen.find(Recommendation, state=OPEN, sort="decide_by")
            due = [one for one in waiting if _asked_since(seen, one) <= ripe]
        for recommendation in due:
            self._decide(means, recommendation, now)

    def _decide(self, means: Means, asked: Recommendation, now: datetime) -> None:
        second = asked.state is RecommendationState.AWAITING_SECOND
        choice = Choice.APPROVE if second or self._believes(asked) else Choice.REJECT
        try:
            give_verdict(
                means,
                asked.id,
                choice,
                planner="planner-bot-2" if second else "planner-bot-1",
                reason_code=RejectReason.COST if choice is Choice.REJECT else None,
                reason="decided by the demo's policy",
                expected_version=asked.version,
                now=now,
            )
        except Refused:
            return
        self.verdicts[choice.value] = self.verdicts.get(choice.value, 0) + 1

    def _believes(self, asked: Recommendation) -> bool:
        names = (asked.kind, asked.site, asked.opened_at)
        if luck(self.world.seed, "planner", *names).random() < self.world.faults.planner_rejects:
            return False
        return asked.proposal.chance_of_loss <= self.most_chance_of_loss


def _asked_since(seen: Reading, asked: Recommendation) -> datetime:
    """Since when the question has lain before the planners: a successor takes its place in the
    pile, and whoever comes to it reads the newest."""
    first = asked
    while first.supersedes is not None:
        first = seen.get(Recommendation, first.supersedes)
    return first.opened_at


@dataclass(slots=True)
class SpaceBot:
    """Runs every space: confirms, refuses or stays silent, and counts what the trucks bring."""

    world: World

    def act(self, means: Means, now: datetime) -> None:
        """Answer the leases."""
        with means.store.read() as seen:
            asked = seen.find(Lease, state=LeaseState.REQUESTED)
        for lease in asked:
            self._answer(means, lease, now)

    def work(self, means: Means, now: datetime) -> None:
        """Receive the trucks that have come."""
        with means.store.read() as seen:
            trucks = seen.find(Replenishment, state=ReplenishmentState.IN_TRANSIT)
            nodes = {truck.to_node: seen.get(Node, truck.to_node) for truck in trucks}
        for truck in trucks:
            if truck.arrives_at <= now:
                self._receive(means, truck, nodes[truck.to_node], now)

    def _answer(self, means: Means, lease: Lease, now: datetime) -> None:
        draw = luck(self.world.seed, "lease", lease.site, lease.requested_at)
        fate, faults = draw.random(), self.world.faults
        thinks = timedelta(minutes=float(draw.uniform(2, 12)))
        if fate < faults.lease_silent or now < lease.requested_at + thinks:
            return
        refused = fate < faults.lease_silent + faults.lease_refused
        answer_lease(
            means,
            lease.id,
            "refuse" if refused else "confirm",
            provider=lease.provider,
            reason="no space left" if refused else None,
            now=now,
        )

    def _receive(self, means: Means, truck: Replenishment, node: Node, now: datetime) -> None:
        draw = luck(self.world.seed, "receipt", node.site, truck.departs_at)
        short = node.type is not SiteType.CENTRE and draw.random() < self.world.faults.short_receipt
        loads = tuple(
            Load(
                product=load.product,
                units=load.units,
                received=load.units - (round(load.units * 0.03) if short else 0),
                damaged=round(load.units * 0.01) if short else 0,
            )
            for load in truck.loads
        )
        receive(means, truck.id, loads, provider=None, now=now)


@dataclass(slots=True)
class CarrierBot:
    """Answers tenders, drives accepted routes and reports what happens on them.

    A van sets off when it should, or when it is back from the route before.
    """

    world: World
    _due: list[Telling] = field(default_factory=list)
    _driven: set[str] = field(default_factory=set)
    _back: dict[str, datetime] = field(default_factory=dict)
    """When each van really is back, whatever was planned or told."""

    def act(self, means: Means, now: datetime) -> None:
        """Answer the tenders."""
        with means.store.read() as seen:
            offered = [
                (tender, seen.get(Route, tender.route))
                for tender in seen.find(Tender, state=TenderState.OFFERED)
            ]
        for tender, route in offered:
            self._answer(means, tender, route, now)

    def work(self, means: Means, now: datetime) -> None:
        """Set off, and send the reports that are due."""
        with means.store.read() as seen:
            ready = [
                route
                for route in seen.find(Route, state=RouteState.ACCEPTED, sort="departs_at")
                if route.departs_at <= now and route.id not in self._driven
            ]
            for route in ready:
                leaves = max(route.departs_at, self._back.get(route.vehicle, route.departs_at))
                if leaves <= now:
                    self._due.extend(self._ride(seen, route, leaves))
        self._report(means, now)

    def _ride(self, seen: Reading, route: Route, leaves: datetime) -> tuple[Telling, ...]:
        self._driven.add(route.id)
        stops, node = seen.find(Stop, route=route.id), seen.get(Node, route.node)
        visited = {stop.id: _visited(seen, stop) for stop in stops}
        spot = Place(lat=node.lat, lon=node.lon)
        driven = drive(self.world, route, stops, spot, visited, leaves=leaves)
        self._back[route.vehicle] = driven.back_at
        return driven.told

    def _answer(self, means: Means, tender: Tender, route: Route, now: datetime) -> None:
        names = (tender.carrier, route.vehicle, route.departs_at)
        draw = luck(self.world.seed, "tender", *names)
        fate, faults = draw.random(), self.world.faults
        if fate < faults.tender_silent:
            return
        declined = fate < faults.tender_silent + faults.tender_declined
        answer_tender(
            means,
            tender.id,
            "decline" if declined else "accept",
            carrier=tender.carrier,
            reason="no_capacity" if declined else None,
            driver=None if declined else f"driver-{tender.id[-4:]}",
            expected_version=tender.version,
            now=now,
        )

    def _report(self, means: Means, now: datetime) -> None:
        due = sorted((t for t in self._due if t.sent_at <= now), key=lambda t: (t.sent_at, t.id))
        self._due = [t for t in self._due if t.sent_at > now]
        for carrier in dict.fromkeys(told.carrier for told in due):
            own = tuple(_report_of(told) for told in due if told.carrier == carrier)
            report(means, carrier, own, now=now)

    def on_the_road(self) -> Iterator[Telling]:
        """What is still to be told, for whoever wants to see the day end."""
        yield from self._due


def _visited(seen: Reading, stop: Stop) -> Visited:
    """Who is visited, as the shop and the buyer would say it."""
    tries = seen.find(Stop, order=stop.order, state=StopState.CLOSED)
    promise = None if stop.promise is None else seen.get(Promise, stop.promise)
    return Visited(
        name=seen.get(Order, stop.order).external_id,
        tried=sum(one.outcome is not Outcome.SKIPPED for one in tries),
        opens=None if promise is None else promise.window.earliest,
    )


def _report_of(told: Telling) -> StopReport:
    return StopReport(
        id=told.id,
        route=told.route,
        stop=told.stop,
        step=told.step,
        happened_at=told.happened_at,
        sequence=told.sequence,
        outcome=told.outcome,
        outcome_reason=told.outcome_reason,
    )
