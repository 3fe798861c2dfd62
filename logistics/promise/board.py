"""What a quote reads: free stock, pick queues, departures with room, roads; all in memory.

A board is a picture of one moment and never changes; a process builds a new one when the store
has moved. What was offered since then is counted by `Holds`: units and places that open quotes
speak for until they expire, or until a newer board knows their orders. Both are of this process;
the last word is the order's, under the row lock.

Departures ("waves") stand on a grid of elapsed time, and their room belongs to the market: its
vans are not bound to a node. A van on tour gives `wave_every / tour` of its drops to each wave.
"""

import heapq
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import asin, cos, radians, sin, sqrt
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from logistics.carriers import Carrier, Vehicle
from logistics.catalogue import Market, Product
from logistics.clocks import local_day, local_instant, spans
from logistics.inventory import Stock
from logistics.network import Node, NodeState, Site
from logistics.orders import Line, Order, OrderState
from logistics.policy import DAY, Policy, Promising, SiteType
from logistics.promise.calibration import Calibration, as_driven, roads
from logistics.ranges import Range
from logistics.units import Parcels, Seconds
from routing.travel import GreatCircle

V = TypeVar("V")

TO_PACK = (OrderState.RECEIVED, OrderState.PROMISED, OrderState.ALLOCATED, OrderState.PICKED)
TO_LEAVE = (*TO_PACK, OrderState.PACKED)
ON_THE_WAVE = (*TO_LEAVE, OrderState.OUT_FOR_DELIVERY)
"""Orders that have, or had, a place on their departure."""
AHEAD: Seconds = 2 * DAY
"""How far departures are looked at."""


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
    free: dict[str, Parcels]
    free_elsewhere: dict[str, Parcels]
    """Free to other markets: what is above the floor of its own region."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketFacts:
    """A market's clock and hours, and the departures of its vans that have room."""

    id: str
    zone: str
    currency: str
    deliver_hours: tuple[int, int]
    node_hours: tuple[int, int]
    """The widest hours of any of its spaces: what an ideal node could keep."""
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
    _places: Counter[tuple[str, datetime]] = field(default_factory=Counter)
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

    def places(self, market: str, wave_at: datetime) -> Parcels:
        """Places on a departure that open quotes hold."""
        return self._places[market, wave_at]

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
            self._places[hold.market, hold.wave_at] += by


def build_board(reading: Picture, policy: Policy, now: datetime) -> Board:
    """Read once all that quotes need until something changes."""
    markets = {market.id: market for market in reading.find(Market)}
    sites = {site.id: site for site in reading.find(Site)}
    open_orders = reading.find(Order, state=TO_LEAVE)
    day_ago = Range(least=now - timedelta(days=1))
    lately = reading.find(Order, accepted_at=day_ago, sort="accepted_at")
    learnt = {one.id: one for one in reading.find(Calibration)}
    vehicles = active_vans(reading)
    nodes = _nodes(reading, markets, sites, open_orders, lately, policy, now)
    quotes_since = now - 2 * timedelta(seconds=policy.promising.quote_life)
    return Board(
        id=f"brd_{reading.position()}",
        made_at=now,
        markets={
            market.id: _market_facts(
                market,
                [site for site in sites.values() if site.market == market.id],
                [van for van in vehicles if van.market == market.id],
                [order for order in open_orders if order.market == market.id],
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
        products=frozenset(product.id for product in reading.find(Product)),
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
    open_orders: Iterable[Order],
    lately: Iterable[Order],
    policy: Policy,
    now: datetime,
) -> tuple[NodeFacts, ...]:
    live = reading.find(Node, state=NodeState.LIVE)
    stocks: dict[str, list[Stock]] = defaultdict(list)
    for stock in reading.find(Stock, node=tuple(node.id for node in live)):
        stocks[stock.node].append(stock)
    busy = dict.fromkeys((node.id for node in live), now)
    for order in open_orders:
        if order.node in busy and order.state in TO_PACK and order.ready_at is not None:
            busy[order.node] = max(busy[order.node], order.ready_at)
    today = Counter(order.node for order in lately if _today(order, markets, now))
    return tuple(
        _node_facts(
            node,
            sites[node.site],
            markets[node.market].zone,
            stocks[node.id],
            busy_until=busy[node.id],
            done_today=today[node.id],
            policy=policy,
            now=now,
        )
        for node in live
    )


def _today(order: Order, markets: dict[str, Market], now: datetime) -> bool:
    zone = markets[order.market].zone
    open_or_done = order.state not in {OrderState.CANCELLED, OrderState.UNSERVICEABLE}
    return open_or_done and order.accepted_at >= local_instant(zone, local_day(zone, now), 0)


def _node_facts(
    node: Node,
    site: Site,
    zone: str,
    stocks: Iterable[Stock],
    *,
    busy_until: datetime,
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
        free={stock.product: max(0, stock.free) for stock in known},
        free_elsewhere={stock.product: max(0, stock.free - stock.floor) for stock in known},
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
    open_orders: list[Order],
    learnt: Calibration | None,
    policy: Policy,
    now: datetime,
) -> MarketFacts:
    driven = as_driven(policy, learnt)
    return MarketFacts(
        id=market.id,
        zone=market.zone,
        currency=market.currency,
        deliver_hours=(market.deliver_from_hour, market.deliver_until_hour),
        node_hours=(
            min((site.open_from_hour for site in sites), default=0),
            max((site.open_until_hour for site in sites), default=24),
        ),
        waves=_less_spoken_for(wave_room(market.zone, vans, driven, now), open_orders),
        travel=roads(learnt, policy.promising.p90_travel_factor),
        promising=driven.promising,
        calibration=learnt,
    )


def tour(policy: Policy) -> Seconds:
    """How long a usual route takes from loading to the return."""
    promising = policy.promising
    drops = promising.drops_per_route * (promising.between_drops + promising.service_at_stop)
    return promising.loading + 2 * promising.ideal_drive + drops


def wave_grid(every: Seconds, at: datetime) -> datetime:
    """The first departure of the grid at or after an instant."""
    seconds = int(-(-at.timestamp() // every)) * every
    return datetime.fromtimestamp(seconds, UTC)


def wave_room(
    zone: str, vans: Iterable[Vehicle], policy: Policy, now: datetime
) -> dict[datetime, Parcels]:
    """The places on each departure to come, as the shifts of the market's vans allow."""
    known, every = tuple(vans), policy.promising.wave_every
    waves = [wave_grid(every, now)]
    while waves[-1] <= now + timedelta(seconds=AHEAD):
        waves.append(waves[-1] + timedelta(seconds=every))
    room = {wave: places_at(zone, known, policy, wave) for wave in waves}
    return {wave: places for wave, places in room.items() if places}


def places_at(zone: str, vans: Iterable[Vehicle], policy: Policy, wave: datetime) -> Parcels:
    """The places on one departure: of each van that can end a tour within its shift, a share.

    A van on tour is away for several departures, so each has only `wave_every / tour` of it.
    """
    promising, length = policy.promising, timedelta(seconds=tour(policy))
    drops: Counter[tuple[int, int]] = Counter()
    for van in vans:
        shift = (van.shift_from_hour, van.shift_until_hour)
        drops[shift] += min(van.parcels, promising.drops_per_route)
    able = sum(
        places
        for shift, places in drops.items()
        if any(start <= wave and wave + length <= end for start, end in spans(zone, shift, wave, 1))
    )
    return int(able * min(1.0, promising.wave_every / length.total_seconds()))


def _less_spoken_for(
    room: dict[datetime, Parcels], open_orders: Iterable[Order]
) -> dict[datetime, Parcels]:
    """The room that is left; orders that missed their departure go before new ones."""
    known = [order for order in open_orders if order.wave_at is not None]
    taken = Counter(order.wave_at for order in known)
    waiting = sum(order.wave_at not in room and order.route is None for order in known)
    left: dict[datetime, Parcels] = {}
    for wave in sorted(room):
        free = max(0, room[wave] - taken[wave])
        overdue = min(free, waiting)
        waiting -= overdue
        left[wave] = free - overdue
    return left


def straight_km(lat: float, lon: float, node: NodeFacts) -> float:
    """Great-circle kilometres, quick enough to sort nodes by."""
    phi, psi = radians(lat), radians(node.lat)
    half = sin((psi - phi) / 2) ** 2 + cos(phi) * cos(psi) * sin(radians(node.lon - lon) / 2) ** 2
    return 12742.0176 * asin(sqrt(min(1.0, half)))
