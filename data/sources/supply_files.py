"""Products and sites from files: what is sold, and where goods can be.

What a file leaves out of a site's terms is the policy's for its type; what it leaves out of a
product's facts is the default of a small parcel.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

from data.sources.files import Column, Told, number, place_at, text, told, truth, whole
from logistics.catalogue import Product, require_word
from logistics.errors import Nonsense
from logistics.network import Site
from logistics.policy import Policy, SiteType
from routing.geography import cell_of

PRODUCT_COLUMNS = (
    Column(name="id", read=text, also=("product", "sku")),
    Column(name="name", read=text, default=None),
    Column(name="category", read=text, default="general"),
    Column(name="price", read=whole, also=("price_cents",)),
    Column(name="margin", read=whole, default=None, also=("margin_cents",)),
    Column(name="weight_grams", read=whole, default=500),
    Column(name="volume_cm3", read=whole, default=2_000),
    Column(name="chilled", read=truth, default=False),
    Column(name="dangerous", read=truth, default=False),
    Column(name="family", read=text, default=None, also=("brand",)),
    Column(name="variant", read=text, default=None),
    Column(name="gtin", read=text, default=None),
)
TERMS = ("lead", "shortest_term", "set_up", "per_day", "per_order", "orders_per_day", "space")
SITE_COLUMNS = (
    Column(name="id", read=text, also=("site",)),
    Column(name="name", read=text, default=None),
    Column(name="market", read=text, default=None),
    Column(name="type", read=text),
    Column(name="provider", read=text, default="own"),
    Column(name="lat", read=number, also=("latitude",)),
    Column(name="lon", read=number, also=("longitude", "lng")),
    *(Column(name=name, read=whole, default=None) for name in TERMS),
)


def read_products(file: Path) -> Told[Product]:
    """The products of a file; money in cents, a margin that is not told is 30 % of the price."""
    return told(file, PRODUCT_COLUMNS, _product)


def read_sites(file: Path, policy: Policy, market: str) -> Told[Site]:
    """The sites of a file; one that names no market lies in the given one."""

    def site(**cells: Any) -> Site:
        return _site(policy, market, **cells)

    return told(file, SITE_COLUMNS, site)


def _product(
    *, id: str, name: str | None, category: str, price: int, margin: int | None, **rest: Any
) -> Product:
    require_word(category, "category")
    thirty = price * 30 // 100 if margin is None else margin
    return Product(id=id, name=name or id, category=category, price=price, margin=thirty, **rest)


def _site(
    policy: Policy,
    default_market: str,
    *,
    id: str,
    name: str | None,
    market: str | None,
    type: str,
    provider: str,
    lat: float,
    lon: float,
    **terms: int | None,
) -> Site:
    try:
        kind = SiteType(type.casefold())
    except ValueError:
        raise Nonsense("/type", f"is one of {', '.join(SiteType)}") from None
    known: dict[str, Any] = {term: value for term, value in terms.items() if value is not None}
    return Site(
        id=id,
        name=name or id,
        market=market or default_market,
        type=kind,
        provider=provider,
        lat=lat,
        lon=lon,
        cell=cell_of(place_at(lat, lon), policy.planning_resolution),
        terms=replace(policy.terms[kind], **known),
    )
