"""Worlds drawn by chance: real metros of one country, and everything else made up about them.

The same seed draws the same worlds. A world is sized by its orders (some thousands in a month), so
that videos, spaces, vans and stock fit each other as they would in a real month: some worlds are
worth several nodes, some are worth none. Every price is drawn within 30 % of the default, and so
are the terms of every space.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from data.sources.markets import Town, market_about, towns
from data.worlds.reading import RESOLUTION, TERMS
from logistics.carriers import PER_KM, PER_ROUTE, PER_STOP, Carrier, Vehicle
from logistics.catalogue import Category, Market, Product
from logistics.errors import require
from logistics.network import Site
from logistics.policy import CENTRE, Prices, SiteTerms, SiteType
from logistics.twin.truth import law_of
from logistics.twin.world import (
    Base,
    Course,
    Family,
    Faults,
    Film,
    Opening,
    Share,
    Storm,
    World,
)
from routing.geography import Place, cell_of, straight_km

HOUR = timedelta(hours=1)
FIRST_DAY = datetime(2026, 3, 2, tzinfo=UTC)
"""A Monday; each world begins on one of the 30 after it."""
GERMAN = 0.3
"""Share of the worlds that lie in Germany; a world is of one residency zone."""
METROS = {"US": 24, "DE": 14}
"""The largest metros are drawn from; a world's are far from each other."""
APART_KM = {"US": 400.0, "DE": 150.0}
CENTRE_KM = {"US": (120.0, 480.0), "DE": (100.0, 380.0)}
BORN = {"US": ("USD", "us", 13), "DE": ("EUR", "eu", 6)}
"""Currency, residency zone, and the hour of UTC at which a world begins."""
GOODS = (
    ("glow-lamp", "home", 2_990, 700, 4_000),
    ("cloud-slippers", "fashion", 2_490, 450, 5_500),
    ("mini-blender", "kitchen", 3_490, 1_300, 6_000),
    ("pet-brush", "pets", 1_590, 250, 1_500),
    ("lip-tint", "beauty", 1_290, 60, 120),
    ("desk-fan", "home", 2_690, 900, 7_500),
)
PRIORS = {"home": 12e-4, "fashion": 15e-4, "kitchen": 10e-4, "pets": 8e-4, "beauty": 20e-4}
COURSES = (
    (Course.SPIKE, 0.34),
    (Course.SLOW_BURNER, 0.20),
    (Course.DOUBLE_PEAK, 0.14),
    (Course.DUD, 0.14),
    (Course.NEGATIVE_TURN, 0.08),
    (Course.PAID_PUSH, 0.10),
)
SPACES = (
    SiteType.SHELF,
    SiteType.STANDBY,
    SiteType.SHELF,
    SiteType.LEASE,
    SiteType.SHELF,
    SiteType.STANDBY,
)
"""The spaces of a metro from its largest town on; some have fewer."""


@dataclass(frozen=True, slots=True)
class Luck:
    """One world's source of chance."""

    draw: np.random.Generator

    def between(self, low: float, high: float) -> float:
        """A number between two."""
        return float(self.draw.uniform(low, high))

    def whole(self, low: int, high: int) -> int:
        """A whole number between two, both included."""
        return int(self.draw.integers(low, high + 1))

    def happens(self, share: float) -> bool:
        """Whether something with this chance comes true."""
        return bool(self.draw.random() < share)

    def log_between(self, low: float, high: float) -> float:
        """A number between two, small ones as likely as large ones."""
        return float(np.exp(self.draw.uniform(np.log(low), np.log(high))))

    def near(self, amount: int, by: float = 0.3) -> int:
        """An amount within so large a share of what it usually is."""
        return round(amount * self.between(1 - by, 1 + by))


def drawn_worlds(count: int, seed: int, days: int) -> Iterator[World]:
    """So many worlds of a seed; each is the same whatever the number of the others."""
    require(count >= 1, "worlds", "must be at least 1")
    require(1 <= days <= 90, "days", "is between 1 and 90")
    for number in range(count):
        yield drawn_world(seed, number, days)


def drawn_world(seed: int, number: int, days: int = 28) -> World:
    """One world, by its seed and its number."""
    luck = Luck(np.random.default_rng([seed, 7, number]))
    country = "DE" if luck.happens(GERMAN) else "US"
    markets = _markets(luck, country)
    products, families = _products(luck)
    films = tuple(_film(luck, n, markets, products, days) for n in range(luck.whole(2, 6)))
    starts = FIRST_DAY + timedelta(days=luck.whole(0, 29), hours=BORN[country][2])
    bare = World(
        name=f"drawn-{seed}-{number:03d}",
        seed=1_000 * seed + number,
        starts_at=starts,
        hours=24 * days,
        markets=markets,
        categories=tuple(
            Category(id=id, name=id.title(), orders_per_view=prior) for id, prior in PRIORS.items()
        ),
        products=products,
        base=tuple(
            Base(product=one.id, orders_per_day=round(luck.log_between(3, 25), 1))
            for one in products
        ),
        families=families,
        films=films,
        sites=(),
        openings=(),
        carriers=(),
        vehicles=(),
        storms=_storms(luck, markets, days),
        faults=_faults(luck),
        prices=_prices(luck),
        only_if_six_hours=round(luck.between(0.08, 0.18), 3),
    )
    return _supplied(luck, _sized(luck, bare, days), country)


def _markets(luck: Luck, country: str) -> tuple[Market, ...]:
    """One to three metros that are far from each other."""
    metros = _apart(towns(country)[: 8 * METROS[country]], 60.0)[: METROS[country]]
    chosen: list[Town] = []
    for at in luck.draw.permutation(len(metros)):
        town = metros[at]
        if all(straight_km(_place(town), _place(one)) >= APART_KM[country] for one in chosen):
            chosen.append(town)
        if len(chosen) == 3:
            break
    currency, residency, _ = BORN[country]
    return tuple(
        market_about(
            _word(town.name),
            town.name,
            _place(town),
            radius_km=round(luck.between(35, 60)),
            country=country,
            currency=currency,
            residency=residency,
            resolution=RESOLUTION,
        )
        for town in chosen[: (1, 1, 1, 2, 2, 3)[luck.whole(0, 5)]]
    )


def _apart(known: tuple[Town, ...], km: float) -> list[Town]:
    """The largest towns that are so far from each other."""
    chosen: list[Town] = []
    for town in known:
        if all(straight_km(_place(town), _place(one)) >= km for one in chosen):
            chosen.append(town)
    return chosen


def _place(town: Town) -> Place:
    return Place(lat=town.lat, lon=town.lon)


def _word(name: str) -> str:
    plain = name.lower().translate(str.maketrans("äöüéè", "aouee")).replace("ß", "ss")
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in plain).strip("-")


def _products(luck: Luck) -> tuple[tuple[Product, ...], tuple[Family, ...]]:
    """One to four products; sometimes the first two are variants of one family."""
    chosen = [GOODS[at] for at in luck.draw.permutation(len(GOODS))[: luck.whole(1, 4)]]
    kin = len(chosen) > 1 and luck.happens(0.5)
    products = tuple(
        Product(
            id=id,
            name=id.replace("-", " ").capitalize(),
            category=category,
            price=luck.near(price),
            margin=luck.near(1_200),
            return_cost=luck.near(205),
            weight_grams=grams,
            volume_cm3=cm3,
            family="kin" if kin and n < 2 else None,
            variant=f"variant {n + 1}" if kin and n < 2 else None,
        )
        for n, (id, category, price, grams, cm3) in enumerate(chosen)
    )
    family = Family(
        id="kin",
        substitution=round(luck.between(0.1, 0.6), 2),
        cannibalisation=round(luck.between(0.05, 0.4), 2),
    )
    return products, (family,) if kin else ()


def _film(
    luck: Luck, number: int, markets: tuple[Market, ...], products: tuple[Product, ...], days: int
) -> Film:
    """A video of any course; its size comes later, when the world is sized."""
    courses = [course for course, _ in COURSES]
    course = courses[int(luck.draw.choice(len(courses), p=[share for _, share in COURSES]))]
    slow = course is Course.SLOW_BURNER
    product = products[luck.whole(0, len(products) - 1)]
    prior = PRIORS[product.category]
    begins = luck.between(2, 12)
    return Film(
        id=f"v-{number + 1}",
        title=f"Video {number + 1} of the {product.name.lower()}",
        course=course,
        starts_at_hour=round(luck.between(1, max(2.0, 24.0 * days * 0.7)), 1),
        peak_views_per_hour=round(luck.log_between(0.1, 1.0), 4),
        rise_hours=round(luck.between(12, 30) if slow else luck.between(2, 8), 1),
        half_life_hours=round(luck.between(48, 140) if slow else luck.between(10, 60), 1),
        orders_per_view=prior * 0.01 if course is Course.DUD else prior * luck.log_between(0.5, 2),
        products=(Share(of=product.id, share=1.0),),
        markets=_shares(luck, [market.id for market in markets]),
        lag_hours=round(luck.between(2, 10), 1),
        fatigue=round(luck.between(0.05, 0.4), 2),
        turns_at_hour=round(luck.between(8, 40), 1) if course is Course.NEGATIVE_TURN else None,
        push_hours=(round(begins, 1), round(begins + luck.between(6, 36), 1))
        if course is Course.PAID_PUSH
        else None,
        removed_at_hour=round(luck.between(10, 90), 1) if luck.happens(0.1) else None,
    )


def _shares(luck: Luck, markets: list[str]) -> tuple[Share, ...]:
    """How a video's viewers split over the markets."""
    parts = luck.draw.dirichlet([2.0] * len(markets))
    shares = [round(float(part), 3) for part in parts[:-1]]
    shares.append(round(1.0 - sum(shares), 3))
    pairs = zip(markets, shares, strict=True)
    return tuple(Share(of=of, share=share) for of, share in pairs if share > 0)


def _storms(luck: Luck, markets: tuple[Market, ...], days: int) -> tuple[Storm, ...]:
    if not luck.happens(0.3):
        return ()
    begins = round(luck.between(0, 24.0 * days - 12), 1)
    ends = round(begins + luck.between(6, 30), 1)
    market = markets[luck.whole(0, len(markets) - 1)].id
    factor = round(luck.between(1.2, 1.8), 2)
    return (Storm(market=market, from_hour=begins, until_hour=ends, factor=factor),)


def _faults(luck: Luck) -> Faults:
    """Every fault between never and twice as often as usual; planners who are quick or late."""
    usual = Faults()
    shares = {
        f.name: round(min(1.0, getattr(usual, f.name) * luck.between(0, 2)), 4)
        for f in fields(Faults)
        if f.type is float and f.name != "slow_drives"
    }
    return Faults(
        **shares
        | {
            "slow_drives": round(luck.between(0.95, 1.3), 3),
            "wrong_clock_minutes": luck.whole(2, 15),
            "planner_rejects": 0.2 if luck.happens(0.3) else 0.05,
            "planner_minutes": (10, 10, 30, 120)[luck.whole(0, 3)],
        }
    )


def _prices(luck: Luck) -> Prices:
    """Each price within 30 % of its default; what a truck holds and the lift are no prices."""
    usual = Prices()
    kept = {"truck_units", "conversion_lift"}
    return replace(
        usual,
        **{f.name: luck.near(getattr(usual, f.name)) for f in fields(Prices) if f.name not in kept},
    )


def _sized(luck: Luck, world: World, days: int) -> World:
    """The world with as many views as make its month: some thousands of orders."""
    wanted = luck.log_between(2_500, 12_000) * min(1.0, days / 21)
    base = sum(one.orders_per_day for one in world.base) * days
    pulled = law_of(world).pulled.values()
    each = sum(float(orders.sum()) for film in pulled for orders in film.values())
    scale = max(0.0, wanted - 0.3 * base) / max(each, 1e-6)
    return replace(world, films=tuple(_scaled(luck, film, scale) for film in world.films))


def _scaled(luck: Luck, film: Film, scale: float) -> Film:
    """A video at the size of the world; a dud is watched as much as others and sells nothing."""
    most = 400_000.0
    peak = min(film.peak_views_per_hour * scale, most)
    bots = peak * luck.between(0.5, 3.0) if luck.happens(0.12) else 0.0
    return replace(film, peak_views_per_hour=round(peak), bot_views_per_hour=round(bots))


def _supplied(luck: Luck, world: World, country: str) -> World:
    """The world with centres, spaces, vans and stock that fit what it will want."""
    truth = law_of(world)
    wanted = {id: float(orders.sum()) for id, orders in truth.demand.items()}
    centres = _centres(luck, world.markets, country)
    spaces = tuple(space for market in world.markets for space in _spaces(luck, market))
    carriers = _carriers(luck, world.markets)
    daily = {market.id: _busiest_day(truth, market.id, world.hours) for market in world.markets}
    parts = luck.draw.dirichlet([4.0] * len(centres))
    plenty = luck.between(0.8, 2.0)
    openings = []
    for part, centre in zip(parts, centres, strict=True):
        for id, units in wanted.items():
            lot = round(plenty * float(part) * units) + 20
            floor = round(lot * luck.between(0.0, 0.3))
            openings.append(Opening(centre=centre.id, product=id, units=lot, floor=floor))
    return replace(
        world,
        sites=(*spaces, *centres),
        openings=tuple(openings),
        carriers=carriers,
        vehicles=tuple(
            van
            for rank, carrier in enumerate(carriers)
            for market, orders in daily.items()
            for van in _vans(luck, carrier.id, market, orders / (1 + rank))
        ),
    )


def _busiest_day(truth: Any, market: str, hours: int) -> float:
    columns = [n for n, (of, _) in enumerate(truth.cells) if of == market]
    hourly = sum(orders[:, columns].sum(axis=1) for orders in truth.demand.values())
    days = [float(np.sum(hourly[first : first + 24])) for first in range(0, hours, 24)]
    return max(days)


def _centres(luck: Luck, markets: tuple[Market, ...], country: str) -> tuple[Site, ...]:
    """One or two centres, each in a large town; most lie too far away for six hours."""
    low, high = CENTRE_KM[country]
    found: dict[str, Site] = {}
    for market in markets[: luck.whole(1, 2)]:
        home = max(market.regions, key=lambda region: region.residents)
        middle = Place(lat=home.lat, lon=home.lon)
        far = luck.between(low, high) if luck.happens(0.8) else 15.0
        large = [town for town in towns(country) if town.residents >= 60_000]
        town = min(large, key=lambda one: abs(straight_km(middle, _place(one)) - far))
        id = f"centre-{_word(town.name)}"
        found.setdefault(id, _site(id, town, market.id, SiteType.CENTRE, CENTRE, "own-centres"))
    return tuple(found.values())


def _spaces(luck: Luck, market: Market) -> Iterator[Site]:
    cells = {region.cell for region in market.regions}
    near = [t for t in towns(market.country) if cell_of(_place(t), RESOLUTION) in cells]
    chosen = _apart(tuple(near), 12.0)[: luck.whole(3, len(SPACES))]
    for n, (town, kind) in enumerate(zip(chosen, SPACES, strict=False)):
        id = f"{kind.value}-{n + 1}-{_word(town.name)}"[:64]
        yield _site(id, town, market.id, kind, _terms(luck, kind), f"{kind.value}-spaces")


def _terms(luck: Luck, kind: SiteType) -> SiteTerms:
    usual = TERMS[kind]
    priced = ("set_up", "per_day", "per_order", "retainer_per_day")
    return replace(usual, **{name: luck.near(getattr(usual, name)) for name in priced})


def _site(
    id: str, town: Town, market: str, kind: SiteType, terms: SiteTerms, provider: str
) -> Site:
    return Site(
        id=id,
        name=town.name,
        market=market,
        type=kind,
        provider=provider,
        lat=town.lat,
        lon=town.lon,
        cell=cell_of(_place(town), RESOLUTION),
        terms=terms,
    )


def _carriers(luck: Luck, markets: tuple[Market, ...]) -> tuple[Carrier, ...]:
    names = ("swift-couriers", "metro-vans")[: luck.whole(1, 2)]
    return tuple(
        Carrier(
            id=id,
            name=id.replace("-", " ").title(),
            markets=tuple(market.id for market in markets),
            rank=rank + 1,
            per_route=luck.near(PER_ROUTE),
            per_stop=luck.near(PER_STOP),
            per_km=luck.near(PER_KM),
        )
        for rank, id in enumerate(names)
    )


def _vans(luck: Luck, carrier: str, market: str, orders: float) -> Iterator[Vehicle]:
    count = max(2, min(24, round(orders / luck.between(8, 20))))
    for n in range(count):
        yield Vehicle(
            id=f"{carrier}-{market}-{n + 1:02d}",
            carrier=carrier,
            market=market,
            parcels=40,
            weight_grams=600_000,
            volume_cm3=5_000_000,
        )
