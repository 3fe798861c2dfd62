"""What a recommendation is drawn from: fans of its products, its stakes, and the map around it.

Reach on the map is door to door at P90, with the drops that a region's share of a wave gives; the
solver's own legs are finer, and decide.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from api.console.drawings.fan import BEFORE, Fan, FanQuestion, draw_fan
from api.console.drawings.ground import names_at
from api.console.drawings.maps import Hex, Spot, draw_map
from api.console.drawings.stakes import draw_stakes
from api.console.words import MINUS, count, share
from logistics.catalogue import Market, Product, Video, VideoLink
from logistics.decisions import Recommendation
from logistics.demand import HOUR, Outlook
from logistics.network import STANDING, Node, NodeState, Site
from logistics.orders import Order
from logistics.policy import Policy, SiteType
from logistics.promise.calibration import Calibration, as_driven
from logistics.reach import FEWEST, drops_in_time, ways
from logistics.signals import SignalHour
from logistics.store import Range, Reading
from logistics.units import Seconds
from routing.geography import Cell, Place, place_of

REACHING = (NodeState.LIVE, NodeState.RAMPING)
"""Nodes that keep promises now or soon."""
SHAPES = {
    SiteType.CENTRE: "centre",
    SiteType.SHELF: "shelf",
    SiteType.STANDBY: "standby",
    SiteType.LEASE: "lease",
}


AT_ONCE = 40
"""Regions of one table of drives, which grows with the square of its places."""
MOST_ROWS = 200
"""Regions in the table beside the map; what is less is told together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """One row of the table beside the map."""

    name: str
    hex: Hex


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What lies around a recommendation: regions with their demand, sites and nodes."""

    country: str
    hexes: tuple[Hex, ...]
    spots: tuple[Spot, ...]

    @property
    def ranked(self) -> tuple[Hex, ...]:
        """The regions with most orders first."""
        return tuple(sorted(self.hexes, key=lambda one: -one.orders))


def evidence(
    reading: Reading, policy: Policy, ask: Recommendation, now: datetime
) -> dict[str, Any]:
    """The drawings of one recommendation, with their tables."""
    market = reading.maybe(Market, ask.market)
    outlooks = _outlooks(reading, ask)
    sent = Counter[str]()
    for line in ask.proposal.stock:
        sent[line.product] += line.units
    outlooks.sort(key=lambda one: -sent[one.product])
    currency = market.currency if market else "USD"
    here = around(reading, policy, ask, outlooks)
    ranked = here.ranked
    return {
        "fans": _fans(reading, ask, market, outlooks, now) if market else (),
        "stakes": draw_stakes(ask.proposal.risk, sent.total(), policy.cvar_share, currency),
        "map": draw_map(here.country, hexes=here.hexes, spots=here.spots) if market else None,
        "regions": regions_of(here.country, ranked[:MOST_ROWS]),
        "reach": reach_of(ranked),
        "unlisted": (len(ranked[MOST_ROWS:]), sum(one.orders for one in ranked[MOST_ROWS:])),
        "sites": here.spots,
    }


def around(
    reading: Reading,
    policy: Policy,
    ask: Recommendation,
    outlooks: Iterable[Outlook] | None = None,
) -> Around:
    """What the map shows; nothing where the market is not registered."""
    market = reading.maybe(Market, ask.market)
    if market is None:
        return Around(country="", hexes=(), spots=())
    known = _outlooks(reading, ask) if outlooks is None else outlooks
    sites = {one.id: one for one in reading.find(Site, market=market.id)}
    nodes = reading.find(Node, market=market.id, state=STANDING)
    driven = as_driven(policy, reading.maybe(Calibration, market.id))
    return Around(
        country=market.country,
        hexes=_hexes(driven, ask, market, known, sites, nodes),
        spots=tuple(_spots(ask, sites, nodes)),
    )


def _outlooks(reading: Reading, ask: Recommendation) -> list[Outlook]:
    return [one for product in ask.products for one in _latest(reading, product, ask.market)]


def reach_of(hexes: tuple[Hex, ...]) -> str:
    """The map in a sentence: how much is expected, who reaches it, and what both reach."""
    orders = sum(one.orders for one in hexes)
    if orders <= 0:
        return f"No orders are expected in its {count(len(hexes))} regions while it is live."
    mine = [one for one in hexes if one.reached]
    reached = sum(one.orders for one in mine)
    shared = sum(one.orders for one in mine if one.by_others)
    told = (
        f"{count(orders)} orders are expected in {count(len(hexes))} regions while it is live; "
        f"{share(reached / orders)} of them lie within six hours of it"
    )
    return f"{told}, {share(shared / orders)} of another node too." if shared else f"{told}."


def regions_of(country: str, hexes: tuple[Hex, ...]) -> tuple[Region, ...]:
    """The rows of the table, each called by its county and its middle."""
    names = names_at(country, ((one.place.lon, one.place.lat) for one in hexes))
    return tuple(_region(name, one) for name, one in zip(names, hexes, strict=True))


def _region(name: str, one: Hex) -> Region:
    at = f"{one.place.lat:.2f}°, {one.place.lon:.2f}°".replace("-", MINUS)
    return Region(name=f"{name}, {at}" if name else at, hex=one)


def _latest(reading: Reading, product: str, market: str) -> tuple[Outlook, ...]:
    return reading.find(
        Outlook, product=product, market=market, sort="made_at", descending=True, limit=1
    )


def _fans(
    reading: Reading, ask: Recommendation, market: Market, outlooks: list[Outlook], now: datetime
) -> tuple[Fan, ...]:
    """One fan for each product; what was ordered is read once for all of them."""
    since = min((one.start for one in outlooks), default=now) - BEFORE * HOUR
    sold: dict[str, Counter[datetime]] = defaultdict(Counter)
    for order in reading.find(Order, market=market.id, accepted_at=Range(least=since)):
        hour = order.accepted_at.replace(minute=0, second=0, microsecond=0)
        for line in order.lines:
            sold[line.product][hour] += line.units
    return tuple(_fan(reading, ask, market, one, sold[one.product], now) for one in outlooks)


def _fan(
    reading: Reading,
    ask: Recommendation,
    market: Market,
    outlook: Outlook,
    sold: Counter[datetime],
    now: datetime,
) -> Fan:
    since = outlook.start - BEFORE * HOUR
    videos = tuple(
        video
        for link in reading.find(VideoLink, product=outlook.product)
        if (video := reading.maybe(Video, link.video)) is not None
    )
    product = reading.maybe(Product, outlook.product)
    return draw_fan(
        FanQuestion(
            name=product.name if product else outlook.product,
            outlook=outlook,
            sold=sold,
            views=_views(reading, market, videos, since),
            videos=videos,
            zone=market.zone,
            now=now,
            live_from=ask.proposal.live_from,
            ends_at=ask.proposal.ends_at,
        )
    )


def _views(
    reading: Reading, market: Market, videos: Iterable[Video], since: datetime
) -> Counter[datetime]:
    views: Counter[datetime] = Counter()
    for video in videos:
        heard = reading.find(SignalHour, video=video.id, market=market.id, hour=Range(least=since))
        for one in heard:
            views[one.hour] += one.views
    return views


def _hexes(
    policy: Policy,
    ask: Recommendation,
    market: Market,
    outlooks: Iterable[Outlook],
    sites: dict[str, Site],
    nodes: tuple[Node, ...],
) -> tuple[Hex, ...]:
    wanted: dict[str, float] = defaultdict(float)
    for outlook in outlooks:
        for region in outlook.regions:
            wanted[region.cell] += _between(outlook, region.hourly, ask)
    places = {one.cell: (one.lat, one.lon) for one in market.regions}
    here = sites.get(ask.site)
    others = [one for one in nodes if one.state in REACHING and one.site != ask.site]
    cells = [cell for cell in wanted if cell in places]
    towards = [places[cell] for cell in cells]
    mine = _reached(policy, (here.lat, here.lon), towards) if here else [False] * len(cells)
    theirs = [(_named(one, sites), _reached(policy, (one.lat, one.lon), towards)) for one in others]
    return tuple(
        Hex(
            cell=cell,
            place=place_of(Cell(cell)),
            orders=wanted[cell],
            reached=mine[at],
            by_others=tuple(name for name, reached in theirs if reached[at]),
        )
        for at, cell in enumerate(cells)
    )


def _between(outlook: Outlook, hourly: tuple[float, ...], ask: Recommendation) -> float:
    """The P50 of a region over the time of the node, by whole hours."""
    first = max(0, int((ask.proposal.live_from - outlook.start) / timedelta(hours=1)))
    last = max(0, int((ask.proposal.ends_at - outlook.start) / timedelta(hours=1)))
    return sum(hourly[first:last])


def _reached(
    policy: Policy, origin: tuple[float, float], regions: list[tuple[float, float]]
) -> list[bool]:
    """Of each region whether the last drop of a usual route there would be in time."""
    farthest = _farthest(policy)
    return [
        drive.seconds < farthest
        for start in range(0, len(regions), AT_ONCE)
        for drive in ways((origin,), tuple(regions[start : start + AT_ONCE]))[0]
    ]


def _farthest(policy: Policy) -> Seconds:
    """The shortest drive, in seconds, that leaves no time for the last drop of a usual route."""
    drives, whole = range(policy.promising.target + 1), policy.promising.drops_per_route
    return bisect_left(
        drives, x=True, key=lambda drive: drops_in_time(policy, drive, FEWEST) < whole
    )


def _named(node: Node, sites: dict[str, Site]) -> str:
    return sites[node.site].name if node.site in sites else node.site


def _spots(ask: Recommendation, sites: dict[str, Site], nodes: tuple[Node, ...]) -> Iterable[Spot]:
    taken = {node.site: node for node in nodes}
    for site in sorted(sites.values(), key=lambda one: one.id == ask.site):
        place, node = Place(lat=site.lat, lon=site.lon), taken.get(site.id)
        kind = SHAPES[site.type]
        said = f"{site.type.value}, no node"
        if node is not None:
            kind = "centre" if site.type is SiteType.CENTRE else "node"
            said = f"{site.type.value}, {node.state.value}"
        if site.id == ask.site:
            kind, said = "proposed", f"{said}, proposed here"
        yield Spot(name=site.name, place=place, kind=kind, title=f"{site.name}: {said}")
