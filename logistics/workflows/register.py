"""Make known what the business works with: markets, products, videos, sites, carriers, opening stock.

Telling the same thing twice changes nothing; telling it differently changes it. A thing that names
another must name one that is known. A permanent centre is a site which is also a live node from the
moment it is told.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any, TypeVar

from logistics.carriers import Carrier, Vehicle
from logistics.catalogue import Category, Market, PaidPush, Product, Video, VideoLink, link_id
from logistics.errors import ForeignZone, Nonsense, Unknown, require
from logistics.inventory import Movement, MovementReason, Stock, stock_id
from logistics.network import Node, NodeState, Site
from logistics.policy import SiteType
from logistics.store import Deed
from logistics.units import Parcels
from logistics.workflows.means import Means
from logistics.workflows.moves import tell

V = TypeVar("V", Market, Category, Product, Video, VideoLink, PaidPush, Site, Carrier, Vehicle)


def register(means: Means, value: V, *, now: datetime, by: str) -> tuple[V, bool]:
    """Remember a thing, or what is new about it.

    Returns:
        The thing as it is now kept, and whether it is new.

    Raises:
        Nonsense: where it names something unknown, or shares of a video's clicks exceed the whole.
        ForeignZone: for a market of another residency zone.
    """
    with means.store.begin() as deed:
        _check(means, deed, value)
        kept = deed.maybe(type(value), value.id)
        if kept is None:
            new = deed.add(replace(value, version=1))
            if isinstance(new, Site):
                _stand(means, deed, new, now=now, by=by)
            return new, True
        wanted = _carried_over(kept, value)
        if wanted == kept:
            return kept, False
        deed.lock(type(value), value.id)
        changed = deed.change(wanted)
        if isinstance(changed, Site):
            _stand(means, deed, changed, now=now, by=by)
        return changed, False


def set_calendar(
    means: Means,
    market: str,
    *,
    holidays: tuple[date, ...],
    deliver_from_hour: int,
    deliver_until_hour: int,
) -> Market:
    """Say on which days and at which hours a market lives, and leave the rest of it as it is.

    Raises:
        Unknown: for a market that nobody has told.
        Nonsense: for hours that end before they begin.
    """
    with means.store.begin() as deed:
        deed.get(Market, market)
        kept = deed.lock(Market, market)
        wanted = replace(
            kept,
            holidays=tuple(sorted(set(holidays))),
            deliver_from_hour=deliver_from_hour,
            deliver_until_hour=deliver_until_hour,
        )
        return kept if wanted == kept else deed.change(wanted)


def set_stock(
    means: Means,
    node: str,
    product: str,
    units: Parcels,
    *,
    now: datetime,
    by: str,
    floor: Parcels | None = None,
) -> Stock:
    """Say how many units of a product a node has: opening stock, a purchase, a correction.

    What differs from before is one movement in the journal. `floor` are units kept for the node's
    own region; None leaves it as it is.

    Raises:
        Unknown: for a node or product that nobody has told.
        Nonsense: for units or a floor below zero.
    """
    require(units >= 0, "units", "must not be negative")
    require(floor is None or floor >= 0, "floor", "must not be negative")
    with means.store.begin() as deed:
        deed.get(Node, node)
        deed.get(Product, product)
        id = stock_id(node, product)
        if deed.maybe(Stock, id) is None:
            deed.add(Stock(id=id, node=node, product=product))
            first = True
        else:
            first = False
        kept = deed.lock(Stock, id)
        wanted = replace(kept, on_hand=units, floor=kept.floor if floor is None else floor)
        if wanted == kept:
            return kept
        if more := units - kept.on_hand:
            reason = MovementReason.PURCHASE if more > 0 else MovementReason.COUNT
            deed.add(
                Movement(
                    id=means.ids.new("mov", now),
                    node=node,
                    product=product,
                    units=more,
                    reason=MovementReason.OPENING if first else reason,
                    cause=by,
                    at=now,
                )
            )
        return deed.change(wanted)


def _carried_over(kept: Any, value: Any) -> Any:
    """The new word on a thing; that a video was taken down is never forgotten."""
    wanted = replace(value, version=kept.version)
    if isinstance(wanted, Video) and wanted.removed_at is None:
        wanted = replace(wanted, removed_at=kept.removed_at)
    return wanted


def _check(means: Means, deed: Deed, value: Any) -> None:
    if isinstance(value, Market) and value.residency != means.policy.zone:
        raise ForeignZone(value.residency, (means.policy.zone,))
    for field, kind, id in _named(value):
        try:
            deed.get(kind, id)
        except Unknown as gone:
            raise Nonsense(f"/{field}", str(gone), "unknown") from None
    if isinstance(value, VideoLink):
        require(value.id == link_id(value.video, value.product), "id", "is video~product")
        others = [x for x in deed.find(VideoLink, video=value.video) if x.id != value.id]
        total = value.share + sum(other.share for other in others)
        require(total <= 1 + 1e-9, "share", f"shares of {value.video} would sum to {total:.3f}")


def _named(value: Any) -> Iterator[tuple[str, type[Any], str]]:
    """The things that a thing names: field, kind and id."""
    match value:
        case Product():
            yield "category", Category, value.category
        case VideoLink():
            yield "video", Video, value.video
            yield "product", Product, value.product
        case PaidPush():
            yield "video", Video, value.video
            yield "market", Market, value.market
        case Site():
            yield "market", Market, value.market
        case Carrier():
            yield from ((f"markets/{i}", Market, id) for i, id in enumerate(value.markets))
        case Vehicle():
            yield "carrier", Carrier, value.carrier
            yield "market", Market, value.market


def _stand(means: Means, deed: Deed, site: Site, *, now: datetime, by: str) -> None:
    """Let a permanent centre stand as a live node, with the facts that its site now tells."""
    if site.type is not SiteType.CENTRE:
        return
    standing = deed.find(Node, site=site.id, type=SiteType.CENTRE)
    if standing:
        node = deed.lock(Node, standing[0].id)
        if (wanted := _placed(node, site)) != node:
            deed.change(wanted)
        return
    node = Node(
        id=means.ids.new("nod", now),
        site=site.id,
        market=site.market,
        type=SiteType.CENTRE,
        state=NodeState.LIVE,
        lat=site.lat,
        lon=site.lon,
        planned_at=now,
        live_from=now,
        orders_per_day=site.terms.orders_per_day,
        space=site.terms.space,
    )
    deed.add(node)
    tell(deed, means.ids, "node.live", node.id, now=now, cause=by, audience=(site.provider,))


def _placed(node: Node, site: Site) -> Node:
    """The node with the facts that its site now tells."""
    return replace(
        node,
        lat=site.lat,
        lon=site.lon,
        orders_per_day=site.terms.orders_per_day,
        space=site.terms.space,
    )
