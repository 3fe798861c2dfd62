"""What may stand in a world file: one table for each kind of thing, and nothing else.

Money is whole cents, weights are grams, volumes cubic centimetres; hours count from the world's
start. A key that is not here is refused, so a slip of the pen never becomes a default. What a file
leaves out has the default that stands here; those of costs, faults and terms are the policy's.
"""

from dataclasses import fields
from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from logistics.carriers import PER_KM, PER_ROUTE, PER_STOP
from logistics.policy import Prices
from logistics.twin.world import Faults

Id = Field(min_length=1, max_length=64)
Count = Field(ge=0)


class Row(BaseModel):
    """A table of the file; a key that it does not know is refused."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class RegionRow(Row):
    """A cell of a market with the place where its people are."""

    cell: str | None = None
    """The H3 cell at resolution 4; by default that of the place."""
    lat: float
    lon: float
    residents: int = Count


class MarketRow(Row):
    """A metro: the towns within a radius of a place or a point, or its regions one by one."""

    id: str = Id
    name: str | None = None
    country: str = "US"
    place: str | None = None
    """A town, by its GeoNames name; the largest of that name in the country."""
    lat: float | None = None
    lon: float | None = None
    radius_km: float = Field(default=55.0, gt=0)
    regions: list[RegionRow] | None = None
    zone: str | None = None
    """The IANA time zone; needed with regions, else that of the largest town."""
    currency: str | None = None
    residency: Literal["us", "eu"] | None = None
    deliver_from_hour: int = 8
    deliver_until_hour: int = 22
    holidays: list[date] = []


class CategoryRow(Row):
    """A kind of product, and what the service expects of it before it has sold."""

    id: str = Id
    name: str | None = None
    orders_per_view: float = Field(default=0.002, ge=0, le=1)
    return_share: float = Field(default=0.08, ge=0, le=1)


class ProductRow(Row):
    """Something that is sold."""

    id: str = Id
    name: str | None = None
    category: str
    price: int = Count
    margin: int = Count
    return_cost: int = Field(default=205, ge=0)
    weight_grams: int = Field(default=500, gt=0)
    volume_cm3: int = Field(default=2_000, gt=0)
    chilled: bool = False
    dangerous: bool = False
    family: str | None = None
    variant: str | None = None
    orders_per_day: float = Field(default=0.0, ge=0)
    """What it sells on a day without any video, over all markets."""


class FamilyRow(Row):
    """What the products of a family take from each other, and leave to each other."""

    id: str = Id
    substitution: float = Field(default=0.0, ge=0, le=1)
    cannibalisation: float = Field(default=0.0, ge=0, le=1)


class VideoRow(Row):
    """A video: its true course and its true pull, which no service is told."""

    id: str = Id
    title: str | None = None
    course: Literal["spike", "slow_burner", "double_peak", "dud", "negative_turn", "paid_push"]
    starts_at_hour: float = Field(ge=0)
    peak_views_per_hour: float = Field(ge=0)
    rise_hours: float = Field(gt=0)
    half_life_hours: float = Field(gt=0)
    orders_per_view: float = Field(ge=0, le=1)
    products: dict[str, float]
    """Which share of its orders goes to each product."""
    markets: dict[str, float]
    """Which share of its views each market has."""
    lag_hours: float = Field(default=6.0, gt=0)
    fatigue: float = Field(default=0.15, ge=0, le=1)
    turns_at_hour: float | None = None
    push_from_hour: float | None = None
    push_until_hour: float | None = None
    removed_at_hour: float | None = None
    bot_views_per_hour: float = Field(default=0.0, ge=0)


class SiteRow(Row):
    """A space that may be asked for; what is left out of its terms is the default of its type."""

    id: str = Id
    name: str | None = None
    market: str
    type: Literal["shelf", "standby", "lease"]
    provider: str | None = None
    place: str | None = None
    lat: float | None = None
    lon: float | None = None
    open_from_hour: int = 0
    open_until_hour: int = 24
    chilled: bool = False
    dangerous: bool = False
    lead_hours: float | None = Field(default=None, ge=0)
    shortest_term_days: float | None = Field(default=None, gt=0)
    set_up: int | None = Field(default=None, ge=0)
    per_day: int | None = Field(default=None, ge=0)
    per_order: int | None = Field(default=None, ge=0)
    retainer_per_day: int | None = Field(default=None, ge=0)
    orders_per_day: int | None = Field(default=None, ge=0)
    first_day_share: float | None = Field(default=None, gt=0, le=1)
    space: int | None = Field(default=None, ge=0)


class CentreRow(Row):
    """A permanent centre with its finite stock, and what of it stays for its own region."""

    id: str = Id
    name: str | None = None
    market: str
    provider: str = "own-centres"
    place: str | None = None
    lat: float | None = None
    lon: float | None = None
    stock: dict[str, int] = {}
    floor: dict[str, int] = {}


class CarrierRow(Row):
    """A courier company under contract."""

    id: str = Id
    name: str | None = None
    markets: list[str]
    rank: int = Field(ge=1)
    per_route: int = Field(default=PER_ROUTE, ge=0)
    per_stop: int = Field(default=PER_STOP, ge=0)
    per_km: int = Field(default=PER_KM, ge=0)
    accepts_updates: bool = True


class VansRow(Row):
    """So many equal vans of a carrier in a market; of several each has its number behind the id."""

    id: str = Id
    count: int | None = Field(default=None, ge=1, le=99)
    carrier: str
    market: str
    parcels: int = Field(default=40, gt=0)
    weight_grams: int = Field(default=600_000, gt=0)
    volume_cm3: int = Field(default=5_000_000, gt=0)
    chilled: bool = False
    shift_from_hour: int = 7
    shift_until_hour: int = 22
    longest_drive_hours: float = Field(default=10.0, gt=0)


class StormRow(Row):
    """Bad weather that is sure to come in a market."""

    market: str
    from_hour: float = Field(ge=0)
    until_hour: float
    factor: float = Field(default=1.33, ge=1)


def _numbers_of(kind: type[Any], name: str) -> Any:
    """A table with one number for each field of a value, at its default and never negative."""
    named: dict[str, Any] = {f.name: (f.type, Field(default=f.default, ge=0)) for f in fields(kind)}
    return create_model(name, __base__=Row, **named)


CostsRow: Any = _numbers_of(Prices, "CostsRow")
FaultsRow: Any = _numbers_of(Faults, "FaultsRow")


class WorldFile(Row):
    """The whole file."""

    name: str
    seed: int = Count
    starts_at: datetime
    """With its UTC offset; the first hour of the world."""
    hours: int | None = Field(default=None, ge=1, le=24 * 90)
    days: int | None = Field(default=None, ge=1, le=90)
    only_if_six_hours: float = Field(default=0.13, ge=0, lt=1)
    """Share of buyers who order only where six hours are promised."""
    markets: list[MarketRow]
    categories: list[CategoryRow]
    products: list[ProductRow]
    families: list[FamilyRow] = []
    videos: list[VideoRow] = []
    centres: list[CentreRow] = []
    sites: list[SiteRow] = []
    carriers: list[CarrierRow] = []
    vans: list[VansRow] = []
    storms: list[StormRow] = []
    costs: CostsRow = Field(default_factory=CostsRow)
    faults: FaultsRow = Field(default_factory=FaultsRow)
