"""What operators tell and are shown."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from api.schemas import (
    Asked,
    Count,
    Day,
    Hour,
    Id,
    Latitude,
    Longitude,
    Moment,
    Share,
    Shown,
    Some,
    Text,
    Word,
    Yes,
)
from logistics.access import Role
from logistics.carriers import Carrier, Vehicle
from logistics.catalogue import Category, Market, Product, Region
from logistics.network import Site
from logistics.policy import Policy, SiteTerms, SiteType
from routing.geography import Place, cell_of

Seconds = Annotated[int, Field(strict=True, ge=0, le=366 * 86_400)]


class RegionIn(Asked):
    """A place of a market that stands for the people around it."""

    lat: Latitude
    lon: Longitude
    residents: Count

    def value(self, resolution: int) -> Region:
        """The region, in the hexagon that holds the place."""
        cell = cell_of(Place(lat=self.lat, lon=self.lon), resolution)
        return Region(cell=cell, **self.model_dump())


class MarketIn(Asked):
    """A metro with its clock, money, calendar and residency zone."""

    name: Text
    zone: Annotated[str, StringConstraints(max_length=64, pattern=r"^[A-Za-z0-9_+/-]+$")]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    residency: str
    regions: Annotated[list[RegionIn], Field(min_length=1, max_length=2000)]
    deliver_from_hour: Hour = 8
    deliver_until_hour: Hour = 22
    holidays: Annotated[tuple[Day, ...], Field(max_length=400)] = ()
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] = "US"

    def value(self, id: str, policy: Policy) -> Market:
        """The market as the business knows it."""
        told = self.model_dump(exclude={"regions", "holidays"})
        regions = tuple(region.value(policy.planning_resolution) for region in self.regions)
        return Market(id=id, regions=regions, holidays=self.holidays, **told)


class RegionOut(Shown):
    """A region of a market."""

    cell: str
    lat: float
    lon: float
    residents: int


class MarketOut(Shown):
    """A market."""

    id: str
    name: str
    zone: str
    currency: str
    residency: str
    regions: list[RegionOut]
    deliver_from_hour: int
    deliver_until_hour: int
    holidays: list[date]
    country: str
    version: int


class CalendarIn(Asked):
    """The days and hours of a market; those of its country the forecast knows by itself."""

    holidays: Annotated[tuple[Day, ...], Field(max_length=400)]
    deliver_from_hour: Hour
    deliver_until_hour: Hour


class CalendarOut(Shown):
    """The days and hours of a market, by its own clock."""

    market: str = Field(validation_alias="id")
    time_zone: str = Field(validation_alias="zone")
    country: str
    holidays: list[date]
    deliver_from_hour: int
    deliver_until_hour: int
    version: int


class CategoryIn(Asked):
    """A kind of product, and what is expected of it before it has sold."""

    name: Text
    orders_per_view: Share = 0.002
    return_share: Share = 0.08

    def value(self, id: str) -> Category:
        """The category as the business knows it."""
        return Category(id=id, **self.model_dump())


class CategoryOut(Shown):
    """A category."""

    id: str
    name: str
    orders_per_view: float
    return_share: float
    version: int


class ProductIn(Asked):
    """Something that is sold; money in hundredths of the market's currency."""

    name: Text
    category: Word
    price: Count
    margin: Annotated[int, Field(strict=True, ge=-1_000_000_000, le=1_000_000_000)]
    return_cost: Count = 205
    weight_grams: Some = 500
    volume_cm3: Annotated[int, Field(strict=True, ge=1, le=100_000_000)] = 2_000
    chilled: Yes = False
    dangerous: Yes = False
    family: Word | None = None
    variant: Text | None = None
    gtin: Annotated[str, StringConstraints(pattern=r"^\d{8,14}$")] | None = None
    recalled: Yes = False
    """Called back: nothing of it is promised, sent out, picked or routed until that is lifted."""

    def value(self, id: str) -> Product:
        """The product as the business knows it."""
        return Product(id=id, **self.model_dump(exclude={"id"}))


class ProductOut(Shown):
    """A product."""

    id: str
    name: str
    category: str
    price: int
    margin: int
    return_cost: int
    weight_grams: int
    volume_cm3: int
    chilled: bool
    dangerous: bool
    family: str | None
    variant: str | None
    gtin: str | None
    recalled: bool
    version: int


class TermsIn(Asked):
    """What a space costs, how soon it is there and how much it does in a day."""

    lead: Seconds
    shortest_term: Annotated[int, Field(strict=True, ge=1, le=366 * 86_400)]
    set_up: Count
    per_day: Count
    per_order: Count
    retainer_per_day: Count
    orders_per_day: Count
    first_day_share: Annotated[float, Field(strict=True, gt=0, le=1, allow_inf_nan=False)]
    space: Count
    intake_per_day: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] | None = None


class SiteIn(Asked):
    """A candidate place which may become a node; terms are those of its type where left out."""

    name: Text
    market: Word
    type: SiteType
    provider: Word
    lat: Latitude
    lon: Longitude
    terms: TermsIn | None = None
    open_from_hour: Hour = 0
    open_until_hour: Hour = 24
    chilled: Yes = False
    dangerous: Yes = False
    available_from: Moment | None = None
    available_until: Moment | None = None
    active: Yes = True
    gln: Annotated[str, StringConstraints(pattern=r"^[0-9]{13}$")] | None = None

    def value(self, id: str, policy: Policy) -> Site:
        """The site as the business knows it."""
        cell = cell_of(Place(lat=self.lat, lon=self.lon), policy.planning_resolution)
        own = None if self.terms is None else SiteTerms(**self.terms.model_dump())
        told = self.model_dump(exclude={"terms", "id"})
        return Site(id=id, cell=cell, terms=own or policy.terms[self.type], **told)


class TermsOut(Shown):
    """The terms of a space."""

    lead: int
    shortest_term: int
    set_up: int
    per_day: int
    per_order: int
    retainer_per_day: int
    orders_per_day: int
    first_day_share: float
    space: int
    intake_per_day: int | None


class SiteOut(Shown):
    """A site."""

    id: str
    name: str
    market: str
    type: SiteType
    provider: str
    lat: float
    lon: float
    cell: str
    terms: TermsOut
    open_from_hour: int
    open_until_hour: int
    chilled: bool
    dangerous: bool
    available_from: datetime | None
    available_until: datetime | None
    active: bool
    gln: str | None
    version: int


class CarrierIn(Asked):
    """A courier company under contract; pay in hundredths of the market's currency."""

    name: Text
    markets: Annotated[list[Word], Field(min_length=1, max_length=100)]
    rank: Annotated[int, Field(strict=True, ge=1, le=1000)]
    per_route: Count
    per_stop: Count
    per_km: Count
    accepts_updates: Yes = True
    active: Yes = True

    def value(self, id: str) -> Carrier:
        """The carrier as the business knows it."""
        told = self.model_dump(exclude={"markets"})
        return Carrier(id=id, markets=tuple(self.markets), **told)


class CarrierOut(Shown):
    """A carrier."""

    id: str
    name: str
    markets: list[str]
    rank: int
    per_route: int
    per_stop: int
    per_km: int
    accepts_updates: bool
    active: bool
    version: int


class VehicleIn(Asked):
    """A van with its load limits and the local hours of its shift."""

    carrier: Word
    market: Word
    parcels: Some
    weight_grams: Annotated[int, Field(strict=True, ge=1, le=100_000_000)]
    volume_cm3: Annotated[int, Field(strict=True, ge=1, le=1_000_000_000)]
    chilled: Yes = False
    shift_from_hour: Hour = 7
    shift_until_hour: Hour = 22
    longest_drive: Annotated[int, Field(strict=True, ge=60, le=86_400)] = 36_000
    active: Yes = True

    def value(self, id: str) -> Vehicle:
        """The vehicle as the business knows it."""
        return Vehicle(id=id, **self.model_dump())


class VehicleOut(Shown):
    """A vehicle."""

    id: str
    carrier: str
    market: str
    parcels: int
    weight_grams: int
    volume_cm3: int
    chilled: bool
    shift_from_hour: int
    shift_until_hour: int
    longest_drive: int
    active: bool
    version: int


class StockIn(Asked):
    """How many units of a product a centre has, and how many are kept for its own region."""

    units: Count
    floor: Count | None = None


class StockOut(Shown):
    """One product at one node; `free` may still be promised."""

    id: str
    node: str
    product: str
    on_hand: int
    reserved: int
    damaged: int
    floor: int
    free: int
    version: int


class KeyIn(Asked):
    """A key for one party of one kind; with less than the kind's scopes, where they are named."""

    name: Text
    role: Role
    party: Word
    scopes: Annotated[list[Id], Field(max_length=40)] | None = None
    expires_at: Moment | None = None


class KeyOut(Shown):
    """A key as it is kept: never its secret."""

    id: str
    name: str
    role: Role
    party: str
    prefix: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    version: int


class NewKeyOut(KeyOut):
    """A key that was just made; `key` is shown this once."""

    key: str


class SettingsOut(Shown):
    """The business's numbers as they are in force, and how this deployment stands."""

    residency: str
    embedded: bool
    compute: str
    policy: dict[str, Any]


class ProductRow(ProductIn):
    """A line of a file of products."""

    id: Word


class SiteRow(SiteIn):
    """A line of a file of sites; the terms are those of the site's type."""

    id: Word
    terms: None = None


class StockRow(Asked):
    """A line of a file of stock, at a node or at the permanent centre of a site."""

    product: Word
    units: Count
    node: Id | None = None
    site: Word | None = None
    floor: Count | None = None
