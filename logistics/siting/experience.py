"""What became of what was believed: of forecasts, of a market's nodes, and of what its vans cost.

A forecast may be out of its band, and a plan may believe in orders that no van comes for. Whatever
it is, a market whose nodes sold half of what their proposals believed is planned for half, until
they sell more. The belief of a proposal is spread over its time as its own forecast was.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import exp

from logistics.carriers import Carrier
from logistics.catalogue import Market
from logistics.decisions import Recommendation
from logistics.demand import Accuracy, Outlook
from logistics.dispatch import Outcome, Route, RouteState, Stop
from logistics.inventory import Movement, MovementReason
from logistics.network import Node
from logistics.orders import ServiceLevel
from logistics.policy import Policy, Prices, SiteType
from logistics.promise.offers import Quote
from logistics.ranges import Range
from logistics.store import Reading

LATELY = timedelta(days=14)
"""Nodes that were planned, and quotes that were given, before this say nothing of today."""
FIRST_HOURS = timedelta(hours=6)
"""What a node sells in its first hours says little yet."""
DOUBT = 60.0
"""So many orders are taken as sold just as believed: a few hours of bad luck shrink nothing."""
LEAST = 0.2
OTHERS = 0.25
"""What became of other products' forecasts says this much of a product's own."""
LEAST_REALLY = 0.25
"""Whatever was learnt, a forecast is not believed less than this."""
OF_LATE = timedelta(days=3)
"""Routes that were paid before this are not what a van costs now."""
USUAL_QUOTES = 20
"""So many quotes are worth as much as what is usual."""
USUAL_KM = 15
"""The last mile of a usual order from a space in town, by road."""
USUAL_STOPS, KM_A_STOP = 5, 20
"""A route of six-hour orders: they come a few at a time, from all over a metro."""


def take_up(reading: Reading, market: Market, now: datetime) -> float:
    """The share of the believed orders that the nodes of a market took, at most one."""
    believed = sold = DOUBT
    for node in reading.find(Node, market=market.id):
        if node.type is SiteType.CENTRE or node.recommendation is None:
            continue
        if node.planned_at > now - LATELY:
            asked = reading.get(Recommendation, node.recommendation)
            until = min(now, node.closed_at or now)
            if node.live_from is not None and until >= node.live_from + FIRST_HOURS:
                believed += _believed(reading, asked, node.live_from, until)
                sold += _sold(reading, node, until)
    return max(LEAST, min(1.0, sold / believed))


def _believed(reading: Reading, asked: Recommendation, since: datetime, until: datetime) -> float:
    """The orders that the proposal believed in for that time."""
    told = asked.proposal
    outlooks = [reading.get(Outlook, id) for id in asked.forecasts]
    whole = sum(outlook.expected(since, told.ends_at) for outlook in outlooks)
    part = sum(outlook.expected(since, min(until, told.ends_at)) for outlook in outlooks)
    if told.stake is None or whole <= 0:
        return 0.0
    return min(exp(told.stake.log_mean), sum(line.units for line in told.stock)) * part / whole


def _sold(reading: Reading, node: Node, until: datetime) -> float:
    return -sum(
        one.units
        for one in reading.find(Movement, node=node.id)
        if one.reason is MovementReason.SOLD and one.at <= until
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """Totals of one length that were forecast of a product, and what was asked for in their hours."""

    product: str
    hours: int
    believed: float
    """The sum of their P50."""
    actual: float


def what_was_met(reading: Reading) -> tuple[Met, ...]:
    """What became of the forecasts of whole markets, by product and length, all markets together."""
    believed: dict[tuple[str, int], float] = defaultdict(float)
    actual: dict[tuple[str, int], float] = defaultdict(float)
    for known in reading.find(Accuracy):
        for one in known.outcomes:
            if one.cell == "":
                believed[known.product, one.hours] += one.p50
                actual[known.product, one.hours] += one.actual
    return tuple(
        Met(product=product, hours=hours, believed=believed[product, hours], actual=orders)
        for (product, hours), orders in sorted(actual.items())
    )


def really(met: tuple[Met, ...], product: str, hours: int) -> float:
    """The mean of a total over its P50, by what became of totals about as long; those of other
    products count at a part of their weight.

    A wide band says that the mean lies above the median, by exp(sd^2 / 2) were it lognormal; for
    fading videos it does not, so nothing is added before outcomes are known. Totals longer than
    any that was followed are taken as the longest that were.
    """
    lengths = {one.hours for one in met}
    if not lengths:
        return 1.0
    length = max((one for one in lengths if one <= hours), default=min(lengths))
    believed = actual = DOUBT
    for one in met:
        if one.hours == length:
            weight = 1.0 if one.product == product else OTHERS
            believed += weight * one.believed
            actual += weight * one.actual
    return min(max(actual / believed, LEAST_REALLY), 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """How often centres promised six hours to a cell of late, where that could be kept at all."""

    cell: str
    asked: int
    """Quotes, less those that a temporary node promised."""
    promised: int

    def share(self, usual: float) -> float:
        """The share that centres promise, where the usual one counts as `USUAL_QUOTES` more."""
        return (self.promised + USUAL_QUOTES * usual) / (self.asked + USUAL_QUOTES)


def promised_by_centres(
    reading: Reading, market: Market, centres: tuple[Node, ...], now: datetime
) -> tuple[Promised, ...]:
    """What centres promised to the cells of a market: a plan counts the worst departure and the last
    drop, and at the edge of their reach centres keep more than it believes, or less."""
    asked: Counter[str] = Counter()
    promised: Counter[str] = Counter()
    permanent = {node.id for node in centres}
    for quote in reading.find(Quote, market=market.id, expires_at=Range(least=now - LATELY)):
        if not quote.eligible or quote.cell is None:
            continue
        offer = quote.offer
        soon = offer is not None and offer.service_level is ServiceLevel.SIX_HOUR
        if soon and offer is not None and offer.node not in permanent:
            continue
        asked[quote.cell] += 1
        promised[quote.cell] += soon
    return tuple(
        Promised(cell=cell, asked=count, promised=promised[cell])
        for cell, count in sorted(asked.items())
    )


def as_paid(policy: Policy, reading: Reading, market: Market, now: datetime) -> Policy:
    """The policy with the last mile as the routes of a market cost it of late, each delivered parcel
    bearing its part; what its carriers ask for a usual route counts as `DOUBT` parcels more. Routes
    of the permanent network come from far away and say nothing of a space in town."""
    near = tuple(
        node.id for node in reading.find(Node, market=market.id) if node.type is not SiteType.CENTRE
    )
    driven = reading.find(
        Route,
        market=market.id,
        node=near,
        state=RouteState.COMPLETED,
        departs_at=Range(least=now - OF_LATE),
    )
    stops = reading.find(Stop, route=tuple(route.id for route in driven)) if driven else ()
    parcels = sum(stop.outcome is Outcome.SUCCEEDED for stop in stops)
    paid = sum(route.cost for route in driven)
    each = (DOUBT * _asked(policy.prices, reading, market) + paid) / (DOUBT + parcels)
    own = max(0, round(each) - USUAL_KM * policy.prices.last_mile_per_km)
    return replace(policy, prices=replace(policy.prices, last_mile_per_order=own))


def _asked(prices: Prices, reading: Reading, market: Market) -> float:
    """What a parcel of a usual route costs by the tariffs of the market's carriers; by the policy's
    price where there are none."""
    asked = [
        one.per_route / USUAL_STOPS + one.per_stop + one.per_km * KM_A_STOP
        for one in reading.find(Carrier)
        if one.active and market.id in one.markets
    ]
    policys = prices.last_mile_per_order + USUAL_KM * prices.last_mile_per_km
    return sum(asked) / len(asked) if asked else policys
