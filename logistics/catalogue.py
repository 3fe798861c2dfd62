"""What is sold, what is watched, and where: products, videos, the links between them, markets.

Ids of products, videos and markets are the user's own words (a SKU, a platform's video id), not
ours, so they carry no prefix. A market's regions are H3 cells at the planning resolution.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from logistics.errors import Nonsense, require
from logistics.units import Cents

WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")


def require_word(text: str, field: str) -> None:
    """Refuse an id that would not survive a path, a file name or a log line."""
    require(
        WORD.fullmatch(text) is not None, field, "1 to 64 letters, digits and . _ : - are allowed"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A cell of a market, with the place that stands for it and how many people live there."""

    cell: str
    lat: float
    lon: float
    residents: int

    def __post_init__(self) -> None:
        """Refuse a place that is not on earth."""
        require(-90 <= self.lat <= 90, "lat", "is between -90 and 90")
        require(-180 <= self.lon <= 180, "lon", "is between -180 and 180")
        require(self.residents >= 0, "residents", "must not be negative")


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """A metro with its clock, money, calendar and residency zone."""

    id: str
    name: str
    zone: str
    """The IANA time zone, like `America/Los_Angeles`."""
    currency: str
    residency: str
    regions: tuple[Region, ...]
    deliver_from_hour: int = 8
    deliver_until_hour: int = 22
    holidays: tuple[date, ...] = ()
    country: str = "US"
    """ISO 3166 code whose public holidays the forecast knows."""
    version: int = 1

    def __post_init__(self) -> None:
        """Refuse a market without a clock, a coin or a day."""
        require_word(self.id, "id")
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise Nonsense("/zone", f"{self.zone!r} is no IANA time zone") from None
        require(bool(re.fullmatch(r"[A-Z]{3}", self.currency)), "currency", "is an ISO 4217 code")
        require(self.residency in {"us", "eu"}, "residency", "is us or eu")
        hours = 0 <= self.deliver_from_hour < self.deliver_until_hour <= 24
        require(hours, "deliver_until_hour", "must come after deliver_from_hour")
        cells = [region.cell for region in self.regions]
        require(len(set(cells)) == len(cells), "regions", "name each cell once")


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A kind of product, and what is expected of it before it has sold at all."""

    id: str
    name: str
    orders_per_view: float = 0.002
    """Orders per view before any sale is seen: the prior to which conversion shrinks."""
    return_share: float = 0.08
    version: int = 1

    def __post_init__(self) -> None:
        """Refuse shares that are none."""
        require_word(self.id, "id")
        require(0 <= self.orders_per_view <= 1, "orders_per_view", "is a share of views")
        require(0 <= self.return_share <= 1, "return_share", "is a share of orders")


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """Something that is sold, with the facts that carrying and storing it need."""

    id: str
    name: str
    category: str
    price: Cents
    margin: Cents
    return_cost: Cents = 205
    weight_grams: int = 500
    volume_cm3: int = 2_000
    chilled: bool = False
    dangerous: bool = False
    family: str | None = None
    variant: str | None = None
    """Size or colour within the family."""
    gtin: str | None = None
    recalled: bool = False
    """Called back: nothing of it is promised, sent out, picked or routed until that is lifted."""
    version: int = 1

    def __post_init__(self) -> None:
        """Refuse a thing that weighs nothing."""
        require_word(self.id, "id")
        require(self.weight_grams > 0, "weight_grams", "must be positive")
        require(self.volume_cm3 > 0, "volume_cm3", "must be positive")
        require(self.price >= 0, "price", "must not be negative")
        require(self.return_cost >= 0, "return_cost", "must not be negative")
        if self.gtin is not None:
            require(valid_gtin(self.gtin), "gtin", "is 8, 12, 13 or 14 digits with a check digit")


def valid_gtin(text: str) -> bool:
    """Whether the text is a GTIN, the number of an item."""
    return len(text) in {8, 12, 13, 14} and _checks(text)


def valid_gln(text: str) -> bool:
    """Whether the text is a GLN, the number of a place."""
    return len(text) == 13 and _checks(text)


def valid_sscc(text: str) -> bool:
    """Whether the text is an SSCC, the number on a parcel's label."""
    return len(text) == 18 and _checks(text)


def _checks(text: str) -> bool:
    """Whether these are digits and the last one checks (GS1 General Specifications, 7.9)."""
    if not (text.isascii() and text.isdigit()):
        return False
    weighted = sum(int(digit) * (3, 1)[i % 2] for i, digit in enumerate(reversed(text[:-1])))
    return (10 - weighted % 10) % 10 == int(text[-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """A short video that may sell a product."""

    id: str
    title: str
    platform: str
    published_at: datetime
    removed_at: datetime | None = None
    version: int = 1

    def __post_init__(self) -> None:
        """Refuse times without a zone."""
        require_word(self.id, "id")
        require(self.published_at.tzinfo is not None, "published_at", "needs a UTC offset")


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoLink:
    """That a video shows a product, and which share of its clicks goes to it."""

    id: str
    video: str
    product: str
    share: float = 1.0
    version: int = 1

    def __post_init__(self) -> None:
        """Refuse a share that is none."""
        require(0 < self.share <= 1, "share", "is a share of clicks above 0, up to 1")


def link_id(video: str, product: str) -> str:
    """The id of the link between a video and a product."""
    return f"{video}~{product}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidPush:
    """A paid push that is known ahead: when it runs and how many views it should bring."""

    id: str
    video: str
    market: str
    starts_at: datetime
    ends_at: datetime
    expected_paid_views: int
    version: int = 1

    def __post_init__(self) -> None:
        """Refuse a push that ends before it begins."""
        aware = self.starts_at.tzinfo is not None and self.ends_at.tzinfo is not None
        require(aware, "starts_at", "needs a UTC offset")
        require(self.starts_at < self.ends_at, "ends_at", "must come after starts_at")
        require(self.expected_paid_views >= 0, "expected_paid_views", "must not be negative")
