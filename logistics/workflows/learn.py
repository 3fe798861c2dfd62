"""What happened goes back into what is promised and forecast: promises, drives, carriers, conversion.

Learnt anew each time from the outcomes of the last days, so doing it twice changes nothing; one
value for each market, which the next board reads.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import median
from typing import TypeAlias
from zoneinfo import ZoneInfo

from logistics.carriers import Carrier
from logistics.catalogue import Market
from logistics.dispatch import Outcome as Delivery
from logistics.dispatch import Route, RouteState, Stop, Tender, TenderState
from logistics.network import Node
from logistics.orders import Order, ServiceLevel
from logistics.policy import Policy
from logistics.promise.calibration import Calibration, Outcome, brier, keep_bins
from logistics.promise.offers import Promise, PromiseState, Quote
from logistics.promise.trust import CarrierRecord
from logistics.ranges import Range
from logistics.store import Reading
from logistics.units import Seconds
from logistics.workflows.means import Means
from logistics.workflows.score import track_forecasts
from routing.geography import Place
from routing.travel import GreatCircle, Trip

MEMORY = timedelta(days=7)
MOST = 5_000
"""Outcomes that are looked at: the newest."""
LONGEST_DRIVE = timedelta(hours=3)
PRIOR_HOPS = 30
"""As many observed hops as the policy's own number is worth."""

Driven: TypeAlias = tuple[Route, list[Stop]]
"""A finished route and its stops."""


def learn(means: Means, *, now: datetime) -> tuple[Calibration, ...]:
    """Learn from the outcomes of every market; the calibrations of promises that changed."""
    track_forecasts(means, now=now)
    with means.store.read() as reading:
        known = {one.id: one for one in reading.find(Calibration)}
        learnt = [_learnt(reading, means, market, now) for market in reading.find(Market)]
    changed = [one for one in learnt if one is not None and _differs(one, known.get(one.id))]
    if not changed:
        return ()
    with means.store.begin() as deed:
        return tuple(
            deed.add(one)
            if deed.maybe(Calibration, one.id) is None
            else deed.change(replace(one, version=deed.lock(Calibration, one.id).version))
            for one in changed
        )


def _differs(one: Calibration, known: Calibration | None) -> bool:
    same = None if known is None else replace(known, learnt_at=one.learnt_at, version=one.version)
    return one != same


def _learnt(reading: Reading, means: Means, market: Market, now: datetime) -> Calibration | None:
    since = Range(least=now - MEMORY)
    outcomes = tuple(_outcomes(reading, market, since))
    driven = _driven(reading, market, since)
    routes = [tuple(_legs(route, reading.get(Node, route.node), stops)) for route, stops in driven]
    trips = tuple(trip for route in routes for trip in route)
    offered, taken = _conversion(reading, market, now)
    if not outcomes and not trips and not offered:
        return None
    told = [(one.said, one.kept) for one in outcomes]
    rate = sum(kept for _, kept in told) / len(told) if told else 0.0
    travel = GreatCircle(p90_factor=means.policy.promising.p90_travel_factor).learnt(trips)
    six = ServiceLevel.SIX_HOUR
    return Calibration(
        id=market.id,
        learnt_at=now,
        outcomes=len(outcomes),
        bins=keep_bins(outcomes),
        brier=brier(told),
        brier_constant=brier((rate, kept) for _, kept in told),
        local_factor=travel.local_factor,
        p90_factor=travel.p90_factor if trips else None,
        drives=len(trips),
        between_drops=_between_drops(means.policy, routes),
        six_hour_quotes=offered[six],
        six_hour_orders=taken[six],
        other_quotes=sum(offered.values()) - offered[six],
        other_orders=sum(taken.values()) - taken[six],
        carriers=tuple(_records(reading, market, driven, now)),
    )


def _outcomes(reading: Reading, market: Market, since: Range) -> Iterator[Outcome]:
    """Promises on our own vans that were kept or broken, the newest first."""
    closed = reading.find(
        Promise,
        market=market.id,
        state=(PromiseState.KEPT, PromiseState.BROKEN),
        made_at=since,
        sort="made_at",
        descending=True,
        limit=MOST,
    )
    zone = ZoneInfo(market.zone)
    for promise in closed:
        if promise.service_level is not ServiceLevel.STANDARD:
            yield Outcome(
                node=promise.node or "",
                hour=promise.made_at.astimezone(zone).hour,
                raw=promise.raw_keep,
                said=promise.keep_probability,
                kept=promise.state is PromiseState.KEPT,
            )


def _driven(reading: Reading, market: Market, since: Range) -> list[Driven]:
    """The newest finished routes, each with its stops."""
    routes = reading.find(Route, market=market.id, state=RouteState.COMPLETED, departs_at=since)[
        -MOST // 10 :
    ]
    stops: dict[str, list[Stop]] = defaultdict(list)
    for stop in reading.find(Stop, route=tuple(route.id for route in routes)):
        stops[stop.route].append(stop)
    return [(route, stops[route.id]) for route in routes]


def _records(
    reading: Reading, market: Market, driven: list[Driven], now: datetime
) -> Iterator[CarrierRecord]:
    """What each carrier of the market did with its offers, and when its parcels came."""
    lately = Range(least=now - MEMORY, below=now)
    brought: dict[str, list[bool]] = defaultdict(list)
    for route, stops in driven:
        brought[route.carrier or ""] += [
            stop.closed_at is not None and stop.closed_at <= stop.due_at
            for stop in stops
            if stop.outcome is Delivery.SUCCEEDED
        ]
    for carrier in reading.find(Carrier):
        offers = reading.find(Tender, carrier=carrier.id, respond_by=lately)
        counted = Counter(one.state for one in offers if one.market == market.id)
        taken, declined = counted[TenderState.ACCEPTED], counted[TenderState.DECLINED]
        silent = counted[TenderState.EXPIRED]
        if taken + declined + silent:
            yield CarrierRecord(
                carrier=carrier.id,
                offered=taken + declined + silent,
                taken=taken,
                declined=declined,
                silent=silent,
                delivered=len(brought[carrier.id]),
                in_time=sum(brought[carrier.id]),
            )


def _between_drops(policy: Policy, routes: list[tuple[Trip, ...]]) -> Seconds | None:
    """The median hop, drawn towards the policy's by the weight of as many; None of no hops."""
    hops = [trip.seconds for route in routes for trip in route[1:]]
    if not hops:
        return None
    weight = len(hops) / (len(hops) + PRIOR_HOPS)
    return round(weight * median(hops) + (1 - weight) * policy.promising.between_drops)


def _legs(route: Route, node: Node, stops: Iterable[Stop]) -> Iterator[Trip]:
    here, left_at = Place(lat=node.lat, lon=node.lon), route.started_at
    for stop in sorted(stops, key=lambda stop: stop.position):
        there = Place(lat=stop.lat, lon=stop.lon)
        if left_at is not None and stop.arrived_at is not None:
            drive = stop.arrived_at - left_at
            if timedelta(seconds=60) <= drive <= LONGEST_DRIVE and here != there:
                yield Trip(origin=here, destination=there, seconds=int(drive.total_seconds()))
        if stop.arrived_at is not None:
            here, left_at = there, stop.closed_at


def _conversion(
    reading: Reading, market: Market, now: datetime
) -> tuple[Counter[ServiceLevel], Counter[ServiceLevel]]:
    """Offers whose time is over by level, and those of them that became orders."""
    since = Range(least=now - MEMORY, below=now)
    quotes = reading.find(
        Quote, market=market.id, expires_at=since, sort="expires_at", descending=True, limit=MOST
    )
    orders = {
        o.quote
        for o in reading.find(Order, market=market.id, accepted_at=Range(least=now - MEMORY))
    }
    over = [(q.offer.service_level, q.id in orders) for q in quotes if q.offer is not None]
    return Counter(level for level, _ in over), Counter(level for level, bought in over if bought)
