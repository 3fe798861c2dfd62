"""The question of the twin: a world of videos, buyers, spaces, vans and faults, as one value.

Everything that happens follows from the world and its seed. What the service may know of it
comes through its doors only: signals, orders, answers of spaces and carriers. The law by which
views turn into orders stands here and in `truth`, and nowhere that a deed could read it.
Money is cents; hours count from the world's start.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from logistics.carriers import Carrier, Vehicle
from logistics.catalogue import Category, Market, Product
from logistics.errors import require
from logistics.network import Site
from logistics.policy import Prices, SiteType
from logistics.units import Parcels


class Course(StrEnum):
    """How a video's reach goes over time."""

    SPIKE = "spike"
    SLOW_BURNER = "slow_burner"
    DOUBLE_PEAK = "double_peak"
    DUD = "dud"
    """Many views, next to no orders."""
    NEGATIVE_TURN = "negative_turn"
    """Views go on rising while people turn against the product."""
    PAID_PUSH = "paid_push"
    TOLD = "told"
    """Not made here: files tell who watches and who buys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """So much of a whole for one thing (a product of a video, a market of its viewers)."""

    of: str
    share: float

    def __post_init__(self) -> None:
        """Refuse what is no share."""
        require(0 < self.share <= 1, "share", "is above 0, up to 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """A video as the world makes it: its true course, and the true pull on buyers."""

    id: str
    title: str
    course: Course
    starts_at_hour: float
    peak_views_per_hour: float
    rise_hours: float
    half_life_hours: float
    orders_per_view: float
    products: tuple[Share, ...]
    markets: tuple[Share, ...]
    lag_hours: float = 6.0
    """Mean hours from a view to the order that it makes."""
    fatigue: float = 0.15
    """How much of the pull is gone when the reach has halved."""
    turns_at_hour: float | None = None
    """When a negative turn begins, in hours after the start."""
    push_hours: tuple[float, float] | None = None
    """From and until of a paid push, in hours after the start."""
    removed_at_hour: float | None = None
    bot_views_per_hour: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a course that cannot be."""
        require(self.peak_views_per_hour >= 0, "peak_views_per_hour", "must not be negative")
        require(self.rise_hours > 0, "rise_hours", "must be positive")
        require(self.half_life_hours > 0, "half_life_hours", "must be positive")
        require(0 <= self.orders_per_view <= 1, "orders_per_view", "is a share of views")
        require(self.lag_hours > 0, "lag_hours", "must be positive")
        require(0 <= self.fatigue <= 1, "fatigue", "is a share, up to 1")
        require(self.bot_views_per_hour >= 0, "bot_views_per_hour", "must not be negative")
        for name, shares in (("products", self.products), ("markets", self.markets)):
            require(len(shares) > 0, name, f"must name at least one {name[:-1]}")
            whole = sum(share.share for share in shares)
            require(whole <= 1.0 + 1e-6, name, f"are shares of one whole, not {whole:g}")
        self._refuse_times()

    def _refuse_times(self) -> None:
        """Refuse moments that contradict the course."""
        turns = self.turns_at_hour is not None
        require(turns or self.course is not Course.NEGATIVE_TURN, "turns_at_hour", "is missing")
        pushed = self.push_hours is not None
        require(pushed or self.course is not Course.PAID_PUSH, "push_hours", "are missing")
        begins, ends = self.push_hours or (0.0, 1.0)
        require(0 <= begins < ends, "push_hours", "must begin before they end")
        gone = self.removed_at_hour is None or self.removed_at_hour > 0
        require(gone, "removed_at_hour", "comes after the start")


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """What a product sells on a day without any video, over all markets."""

    product: str
    orders_per_day: float

    def __post_init__(self) -> None:
        """Refuse less than nothing."""
        require(self.orders_per_day >= 0, "orders_per_day", "must not be negative")


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Products that stand in for each other: what one takes from its siblings, or leaves to them."""

    id: str
    substitution: float = 0.0
    """Share of the buyers of a product that is sold out who take a sibling instead."""
    cannibalisation: float = 0.0
    """Share of a video's orders that the siblings would have sold without it."""

    def __post_init__(self) -> None:
        """Refuse shares that are none."""
        require(0 <= self.substitution <= 1, "substitution", "is a share, up to 1")
        require(0 <= self.cannibalisation <= 1, "cannibalisation", "is a share, up to 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    """Bad weather that is sure to come: every drive of the market takes so many times as long."""

    market: str
    from_hour: float
    until_hour: float
    factor: float = 1.33

    def __post_init__(self) -> None:
        """Refuse weather that ends before it begins, or speeds vans up."""
        require(self.from_hour < self.until_hour, "until_hour", "must come after from_hour")
        require(self.factor >= 1, "factor", "is at least 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What lies at a permanent centre when the world begins, and what is kept for its region."""

    centre: str
    product: str
    units: Parcels
    floor: Parcels = 0

    def __post_init__(self) -> None:
        """Refuse less than nothing, and a floor above what there is."""
        require(self.units >= 0, "units", "must not be negative")
        require(0 <= self.floor <= self.units, "floor", "is between 0 and the units")


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """How often things go wrong; each a share of the cases."""

    lease_refused: float = 0.10
    lease_silent: float = 0.05
    tender_declined: float = 0.10
    tender_silent: float = 0.03
    missed_stop: float = 0.03
    returned: float = 0.04
    """Share of parcels that are refused at the door."""
    doubled_report: float = 0.02
    late_report: float = 0.02
    wrong_clock: float = 0.05
    """Share of vans whose clock is ahead."""
    wrong_clock_minutes: int = 7
    doubled_batch: float = 0.02
    late_batch: float = 0.02
    missing_batch: float = 0.01
    short_receipt: float = 0.05
    slow_drives: float = 1.10
    """Drive times at execution over what the planner assumes, at the median."""
    spread_of_drives: float = 0.18
    """Standard deviation of the logarithm of a drive's time."""
    bad_weather: float = 0.05
    """Share of market hours with weather that makes drives a third longer."""
    planner_rejects: float = 0.05
    planner_minutes: int = 10
    """How long a question lies before the planner bot answers; a successor takes its place."""

    def __post_init__(self) -> None:
        """Refuse shares that are none."""
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            require(value >= 0, name, "must not be negative")
            if name not in {"wrong_clock_minutes", "slow_drives", "planner_minutes"}:
                require(value <= 1, name, "is a share, up to 1")
        for one, other in (
            (self.lease_refused, self.lease_silent),
            (self.tender_declined, self.tender_silent),
            (self.missed_stop, self.returned),
            (self.missing_batch, self.late_batch),
        ):
            require(one + other <= 1, "faults", "refusals and silence are shares of one whole")


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A world to rehearse in."""

    name: str
    seed: int
    starts_at: datetime
    hours: int
    markets: tuple[Market, ...]
    categories: tuple[Category, ...]
    products: tuple[Product, ...]
    base: tuple[Base, ...]
    films: tuple[Film, ...]
    sites: tuple[Site, ...]
    openings: tuple[Opening, ...]
    carriers: tuple[Carrier, ...]
    vehicles: tuple[Vehicle, ...]
    families: tuple[Family, ...] = ()
    storms: tuple[Storm, ...] = ()
    faults: Faults = field(default_factory=Faults)
    prices: Prices = field(default_factory=Prices)
    only_if_six_hours: float = 0.13
    """Buyers who order only where six hours are promised: a lift of 15 % on the rest."""

    def __post_init__(self) -> None:
        """Refuse a world that contradicts itself."""
        require(self.hours >= 1, "hours", "must be at least 1")
        require(self.starts_at.tzinfo is not None, "starts_at", "needs a UTC offset")
        lost = self.only_if_six_hours
        require(0 <= lost < 1, "only_if_six_hours", "is a share below 1")
        require(len(self.markets) > 0, "markets", "must name at least one market")
        for market in self.markets:
            peopled = sum(region.residents for region in market.regions) > 0
            require(peopled, "markets", f"{market.id} has no places where people live")
        zones = {market.residency for market in self.markets}
        require(len(zones) == 1, "markets", "are of two residency zones, which no service spans")
        self._refuse_strangers()

    def _refuse_strangers(self) -> None:
        """Refuse what names a thing that is not in the world."""
        markets, products = _names(self.markets), _names(self.products)
        categories, _, carriers = _names(self.categories), _names(self.films), _names(self.carriers)
        _names(self.sites), _names(self.vehicles)
        centres = frozenset(site.id for site in self.sites if site.type is SiteType.CENTRE)
        _known((product.category for product in self.products), categories, "products")
        _known((base.product for base in self.base), products, "base")
        _known((share.of for film in self.films for share in film.products), products, "films")
        _known((share.of for film in self.films for share in film.markets), markets, "films")
        _known((site.market for site in self.sites), markets, "sites")
        _known((opening.centre for opening in self.openings), centres, "openings")
        _known((opening.product for opening in self.openings), products, "openings")
        _known((of for carrier in self.carriers for of in carrier.markets), markets, "carriers")
        _known((vehicle.carrier for vehicle in self.vehicles), carriers, "vehicles")
        _known((vehicle.market for vehicle in self.vehicles), markets, "vehicles")
        _known((storm.market for storm in self.storms), markets, "storms")
        named = {product.family for product in self.products}
        _known((one for one in _names(self.families)), frozenset(filter(None, named)), "families")

    @property
    def residency(self) -> str:
        """The one residency zone of its markets."""
        return self.markets[0].residency

    def siblings(self, product: str) -> tuple[str, ...]:
        """The other products of a product's family, in the order of the world."""
        family = next(one.family for one in self.products if one.id == product)
        kin = (one.id for one in self.products if family is not None and one.family == family)
        return tuple(id for id in kin if id != product)

    def family_of(self, product: str) -> Family | None:
        """The law of a product's family; None where it has none."""
        family = next(one.family for one in self.products if one.id == product)
        return next((one for one in self.families if one.id == family), None)


def _names(things: Iterable[Any]) -> frozenset[str]:
    ids = [thing.id for thing in things]
    doubled = next((id for id in ids if ids.count(id) > 1), None)
    require(doubled is None, "id", f"{doubled} is named twice")
    return frozenset(ids)


def _known(named: Iterable[str], known: frozenset[str], field_name: str) -> None:
    for name in named:
        require(name in known, field_name, f"{name!r} is not in this world")
