"""What is read before asking where nodes are wanted: one market's demand, spaces, stock and vans.

Everything here was kept before; nothing is computed but sums. Goods that are already promised to
another node are taken off a centre's free stock, so that no unit is planned twice.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from logistics.carriers import Vehicle
from logistics.catalogue import Market, Product
from logistics.decisions import Kind, Recommendation, RecommendationState
from logistics.demand import Outlook
from logistics.inventory import Replenishment, ReplenishmentState, Stock
from logistics.network import STANDING, Lease, LeaseState, Node, NodeState, Site
from logistics.policy import Policy, SiteType
from logistics.promise.board import active_vans
from logistics.ranges import Range
from logistics.siting.experience import Met, Promised, promised_by_centres, take_up, what_was_met
from logistics.store import Reading
from logistics.units import Units

FRESH = timedelta(hours=3)
"""An outlook older than this is no ground for a decision."""
UNDECIDED = (
    RecommendationState.OPEN,
    RecommendationState.HELD,
    RecommendationState.AWAITING_SECOND,
)
COMING = (
    ReplenishmentState.PROPOSED,
    ReplenishmentState.RELEASED,
    ReplenishmentState.IN_TRANSIT,
)
UNSENT = (ReplenishmentState.PROPOSED, ReplenishmentState.RELEASED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Available:
    """A product at a centre: what could be sent, and what stays for the centre's own region."""

    node: str
    product: str
    units: Units
    floor: Units


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A temporary node with its site, its lease, and what lies there or is on its way."""

    node: Node
    site: Site
    lease: Lease | None
    goods: tuple[tuple[str, Units], ...]
    approved_at: datetime | None = None
    """When its opening was approved; None where no planner was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One market at one moment, as siting sees it."""

    market: Market
    outlooks: tuple[Outlook, ...]
    products: tuple[Product, ...]
    sites: tuple[Site, ...]
    """Spaces that could be asked for now."""
    barred: tuple[tuple[str, str], ...]
    """Sites that may not be asked for now, each with the reason."""
    standing: tuple[Standing, ...]
    centres: tuple[Node, ...]
    available: tuple[Available, ...]
    vans: tuple[Vehicle, ...]
    before: tuple[Recommendation, ...]
    """What is before the planners now."""
    settled: tuple[str, ...]
    """Nodes on which a planner has just decided: approved and not carried out, or rejected."""
    met: tuple[Met, ...] = ()
    """What became of the totals that were forecast, in any market."""
    take_up: float = 1.0
    """The share of what was believed that the market's nodes really sold."""
    promised: tuple[Promised, ...] = ()
    """What centres promised of late, by cell."""


def scene_of(reading: Reading, policy: Policy, market: Market, now: datetime) -> Scene | None:
    """What siting needs to know of a market; None where there is no fresh outlook."""
    scene = picture_of(reading, policy, market, now)
    return with_promises(reading, scene, now) if scene.outlooks else None


def with_promises(reading: Reading, scene: Scene, now: datetime) -> Scene:
    """The scene with what centres promised of late: every quote of two weeks is read for it, so it is
    asked last, where a space may be worth asking for."""
    told = promised_by_centres(reading, scene.market, scene.centres, now)
    return replace(scene, promised=told)


def picture_of(reading: Reading, policy: Policy, market: Market, now: datetime) -> Scene:
    """A market as it stands, with or without a fresh outlook, but for what centres promised."""
    outlooks = _fresh_outlooks(reading, market, now)
    products = tuple(reading.get(Product, outlook.product) for outlook in outlooks)
    called_back = {product.id for product in products if product.recalled}
    standing = tuple(
        _standing(reading, node, called_back)
        for node in reading.find(Node, market=market.id, state=STANDING)
        if node.type is not SiteType.CENTRE
    )
    taken = {one.site.id for one in standing}
    spaces = tuple(
        site
        for site in reading.find(Site, market=market.id)
        if site.type is not SiteType.CENTRE and site.id not in taken
    )
    barred = tuple(
        (site.id, why) for site in spaces if (why := _barred(reading, policy, site, now))
    )
    shut = {id for id, _ in barred}
    centres = tuple(reading.find(Node, type=SiteType.CENTRE, state=NodeState.LIVE))
    return Scene(
        market=market,
        outlooks=outlooks,
        products=products,
        sites=tuple(site for site in spaces if site.id not in shut),
        barred=barred,
        standing=standing,
        centres=centres,
        available=_available(reading, market, centres, products),
        vans=tuple(active_vans(reading, market=market.id)),
        before=tuple(reading.find(Recommendation, market=market.id, state=UNDECIDED)),
        settled=tuple(
            one.node.id for one in standing if _settled(reading, policy, one.node.id, now)
        ),
        met=what_was_met(reading),
        take_up=take_up(reading, market, now),
    )


def _fresh_outlooks(reading: Reading, market: Market, now: datetime) -> tuple[Outlook, ...]:
    """The newest outlook of each product, unless it is stale."""
    newest: dict[str, Outlook] = {}
    for outlook in reading.find(Outlook, market=market.id, made_at=Range(least=now - FRESH)):
        held = newest.get(outlook.product)
        if held is None or outlook.made_at > held.made_at:
            newest[outlook.product] = outlook
    return tuple(newest[name] for name in sorted(newest))


def _standing(reading: Reading, node: Node, called_back: set[str]) -> Standing:
    goods: dict[str, Units] = {}
    for stock in reading.find(Stock, node=node.id):
        goods[stock.product] = goods.get(stock.product, 0) + max(0, stock.free)
    for load in reading.find(Replenishment, to_node=node.id, state=COMING):
        for one in load.loads:
            goods[one.product] = goods.get(one.product, 0) + one.units
    for load in reading.find(Replenishment, from_node=node.id, state=UNSENT):
        for one in load.loads:
            goods[one.product] = max(0, goods.get(one.product, 0) - one.units)
    for product in called_back & goods.keys():
        goods[product] = 0
    lease = None if node.lease is None else reading.get(Lease, node.lease)
    asked = None
    if node.recommendation is not None:
        asked = reading.get(Recommendation, node.recommendation)
    return Standing(
        node=node,
        site=reading.get(Site, node.site),
        lease=lease,
        goods=tuple(sorted(goods.items())),
        approved_at=None if asked is None else asked.effective_at,
    )


def _barred(reading: Reading, policy: Policy, site: Site, now: datetime) -> str | None:
    """Why a space may not be asked for now; None where it may."""
    if not site.active:
        return "the site is not in use any more"
    if site.available_from is not None and site.available_from > now:
        return f"the site is free from {site.available_from.isoformat()}"
    if site.available_until is not None and site.available_until <= now:
        return "the site is not free any more"
    return _spoken_for(reading, policy, site, now)


def _spoken_for(reading: Reading, policy: Policy, site: Site, now: datetime) -> str | None:
    """What a planner or the provider has just said of a space; None where nobody has."""
    since = now - timedelta(seconds=policy.verdicts.dead_time_after_rejection)
    approved, rejected = RecommendationState.APPROVED, RecommendationState.REJECTED
    if reading.find(Recommendation, site=site.id, state=approved, carried_out_at=None):
        return "an approval of it is being carried out"
    for one in reading.find(Recommendation, site=site.id, state=rejected, kind=Kind.OPEN):
        if one.effective_at is not None and one.effective_at > since:
            return f"a planner rejected it at {one.effective_at.isoformat()}"
    for lease in reading.find(Lease, site=site.id, state=(LeaseState.REFUSED, LeaseState.EXPIRED)):
        if (lease.answered_at or lease.respond_by) > since:
            return f"{site.provider} did not give it at {lease.respond_by.isoformat()}"
    return None


def _settled(reading: Reading, policy: Policy, node: str, now: datetime) -> bool:
    """Whether a planner has just decided on a node: what was approved gets until the next review to
    show its worth, what was rejected is left alone for its dead time."""
    limits = policy.verdicts
    dead = {
        RecommendationState.APPROVED: limits.review,
        RecommendationState.REJECTED: limits.dead_time_after_rejection,
    }
    return any(
        (one.state is RecommendationState.APPROVED and one.carried_out_at is None)
        or (
            one.effective_at is not None
            and now < one.effective_at + timedelta(seconds=dead[one.state])
        )
        for one in reading.find(Recommendation, node=node, state=tuple(dead))
    )


def _available(
    reading: Reading, market: Market, centres: tuple[Node, ...], products: tuple[Product, ...]
) -> tuple[Available, ...]:
    """Free units at each centre, less what is on order from it or asked for by other markets."""
    names = {product.id for product in products if not product.recalled}
    spoken: dict[tuple[str, str], Units] = {}
    for load in reading.find(Replenishment, state=UNSENT):
        for one in load.loads:
            key = (load.from_node, one.product)
            spoken[key] = spoken.get(key, 0) + one.units
    for asked in reading.find(Recommendation, state=UNDECIDED):
        for line in asked.proposal.stock if asked.market != market.id else ():
            key = (line.from_node, line.product)
            spoken[key] = spoken.get(key, 0) + line.units
    return tuple(
        Available(
            node=centre.id,
            product=stock.product,
            units=max(0, stock.free - spoken.get((centre.id, stock.product), 0)),
            floor=stock.floor,
        )
        for centre in centres
        for stock in reading.find(Stock, node=centre.id)
        if stock.product in names
    )
