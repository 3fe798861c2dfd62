"""What is sold and what is watched in a replay: products, categories, and videos with their links."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from data.sources.signal_files import SignalLine
from logistics.catalogue import Category, Market, Product
from logistics.signals import SignalRow
from logistics.twin.truth import Buyer
from logistics.twin.world import Course, Film, Share

GENERAL = "general"
PRICE = 2_990
MARGIN = 1_200
HOUR = timedelta(hours=1)
UNLINKED = "rows of videos that show no product of the run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """Products with their categories, and in words which facts are defaults."""

    products: tuple[Product, ...]
    categories: tuple[Category, ...]
    drawn: tuple[str, ...]


def goods(
    known: tuple[Product, ...],
    buyers: tuple[Buyer, ...],
    lines: tuple[SignalLine, ...],
    worth: float | None,
) -> Goods:
    """The products of the file, and defaults for those that are only ordered or shown.

    Args:
        known: What the product file says.
        buyers: Who comes.
        lines: The rows of the signal file.
        worth: Orders per view before the window, where any were seen.
    """
    told = {product.id: product for product in known}
    shown = {line.product for line in lines if line.product}
    missing = sorted(({buyer.product for buyer in buyers} | shown) - set(told))
    products = (*told.values(), *(_plain(id) for id in missing))
    categories = tuple(
        Category(id=id, name=id)
        if worth is None
        else Category(id=id, name=id, orders_per_view=worth)
        for id in sorted({product.category for product in products})
    )
    said = [_belief(worth)]
    if missing:
        said.append(
            f"price ({PRICE} cents), margin ({MARGIN} cents), weight and volume of "
            f"{len(missing)} products: defaults"
        )
    return Goods(products=products, categories=categories, drawn=tuple(said))


def films(
    lines: tuple[SignalLine, ...],
    rows: tuple[SignalRow, ...],
    products: Iterable[Product],
    markets: tuple[Market, ...],
    starts: datetime,
) -> tuple[Film, ...]:
    """The videos of the rows, each on air from its first row; their course is told, not made."""
    shows: dict[str, set[str]] = defaultdict(set)
    sold = {product.id for product in products}
    for line in lines:
        if line.product in sold and line.product is not None:
            shows[line.video].add(line.product)
    first: dict[str, datetime] = {}
    for row in rows:
        first[row.video_id] = min(row.bucket_start, first.get(row.video_id, row.bucket_start))
    return tuple(
        Film(
            id=video,
            title=video,
            course=Course.TOLD,
            starts_at_hour=(at - starts) / HOUR,
            peak_views_per_hour=0.0,
            rise_hours=1.0,
            half_life_hours=1.0,
            orders_per_view=0.0,
            products=tuple(
                Share(of=of, share=1 / len(shows[video])) for of in sorted(shows[video])
            ),
            markets=tuple(Share(of=market.id, share=1 / len(markets)) for market in markets),
        )
        for video, at in sorted(first.items())
        if shows[video]
    )


def _plain(id: str) -> Product:
    return Product(id=id, name=id, category=GENERAL, price=PRICE, margin=MARGIN)


def _belief(worth: float | None) -> str:
    if worth is None:
        return "what a view is worth before any sale: the policy's default"
    return (
        f"what a view is worth before any sale: {worth:.6f} orders, from the rows before the window"
    )
