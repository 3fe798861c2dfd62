"""What a recommendation is drawn from: fans of its products, its stakes, and the map around it.

Reach on the map is door to door at P90, with the drops that a region's share of a wave gives; the
solver's own legs are finer, and decide.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from api.console.drawings.fan import BEFORE, Fan, FanQuestion, draw_fan
from api.console.drawings.maps import Hex, Map, Spot, draw_map
from api.console.drawings.stakes import draw_stakes
from logistics.catalogue import Market, Product, Video, VideoLink
from logistics.decisions import Recommendation
from logistics.demand import HOUR, Outlook
from logistics.network import STANDING, Node, NodeState, Site
from logistics.orders import Order
from logistics.policy import Policy, SiteType
from logistics.reach import FEWEST, drops_in_time, way
from logistics.signals import SignalHour
from logistics.siting.question import LEAST_DROPS
from logistics.store import Range, Reading
from routing.geography import Cell, Place, place_of

REACHING = (NodeState.LIVE, NodeState.RAMPING)
"""Nodes that keep promises now or soon."""
SHAPES = {
    SiteType.CENTRE: "centre",
    SiteType.SHELF: "shelf",
    SiteType.STANDBY: "standby",
    SiteType.LEASE: "lease",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """One row of the table beside the map."""

    number: int
    hex: Hex


def evidence(
    reading: Reading, policy: Policy, ask: Recommendation, now: datetime
) -> dict[str, Any]:
    """The drawings of one recommendation, with their tables."""
    market = reading.maybe(Market, ask.market)
    outlooks = [one for product in ask.products for one in _latest(reading, product, ask.market)]
    sent = Counter[str]()
    for line in ask.proposal.stock:
        sent[line.product] += line.units
    outlooks.sort(key=lambda one: -sent[one.product])
    currency = market.currency if market else "USD"
    around = _map(reading, policy, ask, market, outlooks) if market else (None, (), ())
    return {
        "fans": tuple(_fan(reading, ask, market, one, now) for one in outlooks) if market else (),
        "stakes": draw_stakes(ask.proposal.risk, sent.total(), policy.cvar_share, currency),
        "map": around[0],
        "regions": around[1],
        "sites": around[2],
    }


def _latest(reading: Reading, product: str, market: str) -> tuple[Outlook, ...]:
    return reading.find(
        Outlook, product=product, market=market, sort="made_at", descending=True, limit=1
    )


def _fan(
    reading: Reading, ask: Recommendation, market: Market, outlook: Outlook, now: datetime
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
            sold=_sold(reading, outlook, since),
            views=_views(reading, market, videos, since),
            videos=videos,
            zone=market.zone,
            now=now,
            live_from=ask.proposal.live_from,
            ends_at=ask.proposal.ends_at,
        )
    )


def _sold(reading: Reading, outlook: Outlook, since: datetime) -> Counter[datetime]:
    """Units of the product that were ordered, by hour."""
    sold: Counter[datetime] = Counter()
    for order in reading.find(Order, market=outlook.market, accepted_at=Range(least=since)):
        units = sum(line.units for line in order.lines if line.product == outlook.product)
        sold[order.accepted_at.replace(minute=0, second=0, microsecond=0)] += units
    return sold


def _views(
    reading: Reading, market: Market, videos: Iterable[Video], since: datetime
) -> Counter[datetime]:
    views: Counter[datetime] = Counter()
    for video in videos:
        heard = reading.find(SignalHour, video=video.id, market=market.id, hour=Range(least=since))
        for one in heard:
            views[one.hour] += one.views
    return views


def _map(
    reading: Reading,
    policy: Policy,
    ask: Recommendation,
    market: Market,
    outlooks: list[Outlook],
) -> tuple[Map, tuple[Region, ...], tuple[Spot, ...]]:
    sites = {one.id: one for one in reading.find(Site, market=market.id)}
    nodes = reading.find(Node, market=market.id, state=STANDING)
    hexes = _hexes(policy, ask, market, outlooks, sites, nodes)
    spots = tuple(_spots(ask, sites, nodes))
    drawn = draw_map(market.country, hexes=hexes, spots=spots)
    ranked = sorted(hexes, key=lambda one: -one.orders)
    return drawn, tuple(Region(number=n, hex=one) for n, one in enumerate(ranked, 1)), spots


def _hexes(
    policy: Policy,
    ask: Recommendation,
    market: Market,
    outlooks: list[Outlook],
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
    return tuple(
        Hex(
            cell=cell,
            place=place_of(Cell(cell)),
            orders=orders,
            reached=here is not None and _reaches(policy, (here.lat, here.lon), places[cell]),
            by_others=tuple(
                _named(one, sites)
                for one in others
                if _reaches(policy, (one.lat, one.lon), places[cell])
            ),
        )
        for cell, orders in wanted.items()
        if cell in places
    )


def _between(outlook: Outlook, hourly: tuple[float, ...], ask: Recommendation) -> float:
    """The P50 of a region over the time of the node, by whole hours."""
    first = max(0, int((ask.proposal.live_from - outlook.start) / timedelta(hours=1)))
    last = max(0, int((ask.proposal.ends_at - outlook.start) / timedelta(hours=1)))
    return sum(hourly[first:last])


def _reaches(policy: Policy, origin: tuple[float, float], region: tuple[float, float]) -> bool:
    return drops_in_time(policy, way(origin, region).seconds, FEWEST) >= LEAST_DROPS


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
