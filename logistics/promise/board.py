"""What a quote reads: free stock, pick queues, departures with room, roads; all in memory.

A board is a picture of one moment and never changes; a process builds a new one when the store
has moved. What was offered since then is counted by `Holds`: units and places that open quotes
speak for until they expire, or until a newer board knows their orders. Both are of this process;
the last word is the order's, under the row lock.
"""

import heapq
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import asin, cos, radians, sin, sqrt
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from logistics.carriers import Carrier, Vehicle
from logistics.catalogue import Market, Product
from logistics.clocks import local_day, local_instant
from logistics.inventory import Stock
from logistics.network import Node, NodeState, Site
from logistics.orders import Line, Order, OrderState
from logistics.policy import Policy, Promising, SiteType
from logistics.promise.calibration import Calibration, as_driven, roads, trust_in
from logistics.promise.departures import Departures, departures_of
from logistics.ranges import Range
from logistics.units import Parcels
from routing.travel import GreatCircle

V = TypeVar("V")

TO_PACK = (OrderState.RECEIVED, OrderState.PROMISED, OrderState.ALLOCATED, OrderState.PICKED)
TO_LEAVE = (*TO_PACK, OrderState.PACKED)
ON_THE_WAVE = (*TO_LEAVE, OrderState.OUT_FOR_DELIVERY)
"""Orders that have, or had, a place on their departure."""

PLACELESS = frozenset({OrderState.CANCELLED, OrderState.UNSERVICEABLE})
"""Orders that take no place in their node's day."""


class Picture(Protocol):
    """The part of `store.Reading` that a board needs; this room stands below the store."""

    def find(
        self,
        kind: type[V],
        /,
        *,
        sort: str = "id",
        descending: bool = False,
        limit: int | None = None,
        **where: Any,
    ) -> tuple[V, ...]:
        """All values that match."""
        ...

    def position(self) -> int:
        """The place of the last event in the feed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFacts:
    """A node that can ship: where, in which hours, how fast, and when its queue is through."""

    id: str
    market: str
    type: SiteType
    zone: str
    hours: tuple[int, int]
    lat: float
    lon: float
    per_hour: int
    left_today: Parcels
    """Orders that its day still has room for."""
    busy_until: datetime
    company: dict[datetime, Parcels]
    """Parcels of the node that ride on each departure to come."""
    free: dict[str, Parcels]
    spare: dict[str, Parcels]
    """What is free above the floor: a centre keeps it for its own region, a temporary node for
    orders of six hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketFacts:
    """A market's clock and hours, and the departures of its vans that have room."""

    id: str
    zone: str
    currency: str
    deliver_hours: tuple[int, int]
    node_hours: tuple[int, int]
    """The widest hours of any of its spaces: what an ideal node could keep."""
    departures: Departures
    waves: dict[datetime, Parcels]
    """Room of each departure to come, those that the vans' shifts allow; 0 where it is full."""
    travel: GreatCircle
    promising: Promising
    """The policy's rules, with routes as this market's vans drive them."""
    calibration: Calibration | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A picture of one moment, for quotes."""

    id: str
    made_at: datetime
    markets: dict[str, MarketFacts]
    cells: dict[str, str]
    """The market of each region's cell."""
    nodes: dict[str, tuple[NodeFacts, ...]]
    """Live nodes by market."""
    centres: tuple[NodeFacts, ...]
    accepted: frozenset[str]
    """Quotes that became orders lately: their holds are reservations by now."""
    products: frozenset[str]
    """All that is known to be sold."""
    recalled: frozenset[str] = frozenset()
    """What is called back, and is promised to nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """What one open quote speaks for."""

    quote: str
    node: str
    lines: tuple[Line, ...]
    market: str
    wave_at: datetime | None
    expires_at: datetime


@dataclass(slots=True)
class Holds:
    """The soft holds of this process; used as a context, it keeps other threads out."""

    _lock: threading.RLock = field(default_factory=threading.RLock)
    _by_quote: dict[str, Hold] = field(default_factory=dict)
    _expiring: list[tuple[datetime, str]] = field(default_factory=list)
    _units: Counter[tuple[str, str]] = field(default_factory=Counter)
    _places: dict[str, Counter[datetime]] = field(default_factory=lambda: defaultdict(Counter))
    _company: dict[str, Counter[datetime]] = field(default_factory=lambda: defaultdict(Counter))
    _orders: Counter[str] = field(default_factory=Counter)
    _board: str = ""

    def __enter__(self) -> Self:
        self._lock.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._lock.release()

    def __len__(self) -> int:
        """How many quotes hold something."""
        return len(self._by_quote)

    def units(self, node: str, product: str) -> Parcels:
        """Units of a product at a node that open quotes hold."""
        return self._units[node, product]

    def places(self, market: str) -> Mapping[datetime, Parcels]:
        """Places on each departure of a market that open quotes hold."""
        return self._places[market]

    def company(self, node: str) -> Mapping[datetime, Parcels]:
        """Parcels of a node that would ride on each departure, were the open quotes taken."""
        return self._company[node]

    def orders(self, node: str) -> int:
        """How many open quotes would be picked at the node."""
        return self._orders[node]

    def take(self, hold: Hold) -> None:
        """Hold what a quote offers."""
        with self:
            self._by_quote[hold.quote] = hold
            heapq.heappush(self._expiring, (hold.expires_at, hold.quote))
            self._count(hold, 1)

    def drop(self, quote: str) -> None:
        """Give back what a quote holds, where it holds something."""
        with self:
            if (hold := self._by_quote.pop(quote, None)) is not None:
                self._count(hold, -1)

    def settle(self, board: Board, now: datetime) -> None:
        """Drop the holds that are over, and those whose orders the board knows."""
        with self:
            while self._expiring and self._expiring[0][0] < now:
                self.drop(heapq.heappop(self._expiring)[1])
            if self._board != board.id:
                self._board = board.id
                for quote in board.accepted & self._by_quote.keys():
                    self.drop(quote)

    def _count(self, hold: Hold, by: int) -> None:
        for line in hold.lines:
            self._units[hold.node, line.product] += by * line.units
        self._orders[hold.node] += by
        if hold.wave_at is not None:
            self._places[hold.market][hold.wave_at] += by
            self._company[hold.node][hold.wave_at] += by


def build_board(reading: Picture, policy: Policy, now: datetime) -> Board:
    """Read once all that quotes need until something changes."""
    markets = {market.id: market for market in reading.find(Market)}
    sites = {site.id: site for site in reading.find(Site)}
    riding = reading.find(Order, state=ON_THE_WAVE)
    day_ago = Range(least=now - timedelta(days=1))
    lately = reading.find(Order, accepted_at=day_ago)
    learnt = {one.id: one for one in reading.find(Calibration)}
    vehicles = active_vans(reading)
    nodes = _nodes(reading, markets, sites, riding, lately, policy, now)
    products = reading.find(Product)
    quotes_since = now - 2 * timedelta(seconds=policy.promising.quote_life)
    return Board(
        id=f"brd_{reading.position()}",
        made_at=now,
        markets={
            market.id: _market_facts(
                market,
                [site for site in sites.values() if site.market == market.id],
                [van for van in vehicles if van.market == market.id],
                [order for order in riding if order.market == market.id],
                learnt.get(market.id),
                policy,
                now,
            )
            for market in markets.values()
        },
        cells={region.cell: market.id for market in markets.values() for region in market.regions},
        nodes={id: tuple(n for n in nodes if n.market == id) for id in markets},
        centres=tuple(node for node in nodes if node.type is SiteType.CENTRE),
        accepted=frozenset(o.quote for o in lately if o.quote and o.accepted_at >= quotes_since),
        products=frozenset(product.id for product in products),
        recalled=frozenset(product.id for product in products if product.recalled),
    )


def active_vans(reading: Picture, **where: Any) -> list[Vehicle]:
    """The vans that can be asked, of carriers that are under contract."""
    active = {carrier.id for carrier in reading.find(Carrier) if carrier.active}
    found = reading.find(Vehicle, **where)
    return [van for van in found if van.active and van.carrier in active]


def _nodes(
    reading: Picture,
    markets: dict[str, Market],
    sites: dict[str, Site],
    riding: Iterable[Order],
    lately: Iterable[Order],
    policy: Policy,
    now: datetime,
) -> tuple[NodeFacts, ...]:
    live = reading.find(Node, state=NodeState.LIVE)
    stocks: dict[str, list[Stock]] = defaultdict(list)
    for stock in reading.find(Stock, node=tuple(node.id for node in live)):
        stocks[stock.node].append(stock)
    busy = dict.fromkeys((node.id for node in live), now)
    company: dict[str, Counter[datetime]] = defaultdict(Counter)
    for order in riding:
        if order.node in busy and order.state in TO_PACK and order.ready_at is not None:
            busy[order.node] = max(busy[order.node], order.ready_at)
        if order.wave_at is not None and order.wave_at > now:
            company[order.node or ""][order.wave_at] += 1
    midnights = {id: local_instant(m.zone, local_day(m.zone, now), 0) for id, m in markets.items()}
    today = Counter(
        o.node for o in lately if o.state not in PLACELESS and o.accepted_at >= midnights[o.market]
    )
    return tuple(
        _node_facts(
            node,
            sites[node.site],
            markets[node.market].zone,
            stocks[node.id],
            busy_until=busy[node.id],
            company=dict(company[node.id]),
            done_today=today[node.id],
            policy=policy,
            now=now,
        )
        for node in live
    )


def _node_facts(
    node: Node,
    site: Site,
    zone: str,
    stocks: Iterable[Stock],
    *,
    busy_until: datetime,
    company: dict[datetime, Parcels],
    done_today: int,
    policy: Policy,
    now: datetime,
) -> NodeFacts:
    known = tuple(stocks)
    day = orders_in_a_day(node, site, now)
    return NodeFacts(
        id=node.id,
        market=node.market,
        type=node.type,
        zone=zone,
        hours=(site.open_from_hour, site.open_until_hour),
        lat=node.lat,
        lon=node.lon,
        per_hour=pick_pace(node, site, policy, now),
        left_today=max(0, day - done_today),
        busy_until=busy_until,
        company=company,
        free={stock.product: max(0, stock.free) for stock in known},
        spare={stock.product: max(0, stock.free - stock.floor) for stock in known},
    )


def orders_in_a_day(node: Node, site: Site, now: datetime) -> Parcels:
    """What the node can do in a day, less while people and racks arrive on its first."""
    first = node.live_from is not None and now < node.live_from + timedelta(days=1)
    share = site.terms.first_day_share if first and node.type is not SiteType.CENTRE else 1.0
    return int(node.orders_per_day * share)


def pick_pace(node: Node, site: Site, policy: Policy, now: datetime) -> int:
    """Orders an hour at full pace, at least one."""
    return max(1, orders_in_a_day(node, site, now) // policy.promising.full_pace_hours)


def _market_facts(
    market: Market,
    sites: list[Site],
    vans: list[Vehicle],
    riding: list[Order],
    learnt: Calibration | None,
    policy: Policy,
    now: datetime,
) -> MarketFacts:
    driven = as_driven(policy, learnt)
    takes = trust_in(learnt, policy).takes
    departures = departures_of(market.zone, vans, riding, driven, now, takes)
    return MarketFacts(
        id=market.id,
        zone=market.zone,
        currency=market.currency,
        deliver_hours=(market.deliver_from_hour, market.deliver_until_hour),
        node_hours=(
            min((site.open_from_hour for site in sites), default=0),
            max((site.open_until_hour for site in sites), default=24),
        ),
        departures=departures,
        waves=departures.room({}),
        travel=roads(learnt, policy.promising.p90_travel_factor),
        promising=driven.promising,
        calibration=learnt,
    )


def straight_km(lat: float, lon: float, node: NodeFacts) -> float:
    """Great-circle kilometres, quick enough to sort nodes by."""
    phi, psi = radians(lat), radians(node.lat)
    half = sin((psi - phi) / 2) ** 2 + cos(phi) * cos(psi) * sin(radians(node.lon - lon) / 2) ** 2
    return 12742.0176 * asin(sqrt(min(1.0, half)))
