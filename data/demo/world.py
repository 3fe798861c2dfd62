"""The demo's world: what `./run` lives through.

Los Angeles and New York have never stocked the products; their centres lie in Las Vegas and near
Harrisburg, too far for six hours. Dallas has its centre in town. Prices and terms are the policy's
defaults. The places are real, everything else is made up.
"""

from datetime import UTC, datetime

from data.sources.markets import market_about
from logistics.carriers import PER_KM, PER_ROUTE, PER_STOP, Carrier, Vehicle
from logistics.catalogue import Category, Product
from logistics.network import Site
from logistics.policy import CENTRE, LEASE, SHELF, STANDBY, SiteTerms, SiteType
from logistics.twin.world import Base, Course, Film, Opening, Share, World
from routing.geography import Place, cell_of

STARTS_AT = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
"""Monday, 05:00 in Los Angeles, 08:00 in New York."""
HOURS = 72
MIDDLES = {
    "los-angeles": ("Los Angeles", Place(lat=34.02, lon=-118.16)),
    "new-york": ("New York", Place(lat=40.74, lon=-73.98)),
    "dallas": ("Dallas", Place(lat=32.80, lon=-96.95)),
}
TERMS = {SiteType.SHELF: SHELF, SiteType.STANDBY: STANDBY, SiteType.LEASE: LEASE}
SPACES = (
    ("vernon-shelf", "Vernon shelf", "los-angeles", SiteType.SHELF, 34.001, -118.211),
    ("pasadena-shelf", "Pasadena shelf", "los-angeles", SiteType.SHELF, 34.147, -118.132),
    ("anaheim-shelf", "Anaheim shelf", "los-angeles", SiteType.SHELF, 33.836, -117.912),
    ("vernon-b", "Vernon B", "los-angeles", SiteType.STANDBY, 33.996, -118.196),
    ("ontario-hall", "Ontario hall", "los-angeles", SiteType.STANDBY, 34.050, -117.600),
    ("carson-hall", "Carson hall", "los-angeles", SiteType.LEASE, 33.831, -118.263),
    ("harlem-shelf", "Harlem shelf", "new-york", SiteType.SHELF, 40.806, -73.943),
    ("red-hook-shelf", "Red Hook shelf", "new-york", SiteType.SHELF, 40.676, -74.008),
    ("newark-dock", "Newark dock", "new-york", SiteType.STANDBY, 40.713, -74.150),
    ("maspeth-hall", "Maspeth hall", "new-york", SiteType.STANDBY, 40.724, -73.905),
    ("elizabeth-hall", "Elizabeth hall", "new-york", SiteType.LEASE, 40.660, -74.190),
    ("irving-shelf", "Irving shelf", "dallas", SiteType.SHELF, 32.814, -96.948),
    ("fort-worth-hall", "Fort Worth hall", "dallas", SiteType.STANDBY, 32.755, -97.330),
)
CENTRES = (
    ("las-vegas", "Las Vegas centre", "los-angeles", 36.113, -115.103),
    ("carlisle", "Carlisle centre", "new-york", 40.201, -77.189),
    ("garland", "Garland centre", "dallas", 32.912, -96.638),
)
STOCK = (
    ("glow-lamp", {"las-vegas": 3200, "carlisle": 2400, "garland": 1000}),
    ("cloud-slippers", {"las-vegas": 1800, "carlisle": 2600, "garland": 900}),
    ("mini-blender", {"las-vegas": 1500, "carlisle": 1500, "garland": 700}),
    ("pet-brush", {"las-vegas": 900, "carlisle": 900, "garland": 500}),
)
FLEETS = (
    ("swift-couriers", "Swift Couriers", 1, {"los-angeles": 9, "new-york": 8, "dallas": 4}),
    ("metro-vans", "Metro Vans", 2, {"los-angeles": 5, "new-york": 5, "dallas": 2}),
)


def demo_world(seed: int = 1, starts_at: datetime = STARTS_AT, hours: int = HOURS) -> World:
    """The demo's world; the seed changes who comes when, and what goes wrong."""
    return World(
        name="demo",
        seed=seed,
        starts_at=starts_at,
        hours=hours,
        markets=tuple(
            market_about(id, name, middle, radius_km=55) for id, (name, middle) in MIDDLES.items()
        ),
        categories=(
            Category(id="home", name="Home and light", orders_per_view=0.0012),
            Category(id="fashion", name="Fashion", orders_per_view=0.0015),
            Category(id="kitchen", name="Kitchen", orders_per_view=0.0010),
            Category(id="pets", name="Pets", orders_per_view=0.0008),
        ),
        products=(
            _product("glow-lamp", "Glow lamp", "home", 2990, 700, 4_000),
            _product("cloud-slippers", "Cloud slippers", "fashion", 2490, 450, 5_500),
            _product("mini-blender", "Mini blender", "kitchen", 3490, 1_300, 6_000),
            _product("pet-brush", "Pet brush", "pets", 1590, 250, 1_500),
        ),
        base=(
            Base(product="glow-lamp", orders_per_day=30),
            Base(product="cloud-slippers", orders_per_day=50),
            Base(product="mini-blender", orders_per_day=40),
            Base(product="pet-brush", orders_per_day=25),
        ),
        films=_films(),
        sites=(*(_space(*space) for space in SPACES), *(_centre(*centre) for centre in CENTRES)),
        openings=tuple(
            Opening(centre=centre, product=product, units=units, floor=units // 3)
            for product, lots in STOCK
            for centre, units in lots.items()
        ),
        carriers=tuple(_carrier(id, name, rank, fleet) for id, name, rank, fleet in FLEETS),
        vehicles=tuple(
            _van(f"{carrier}-{market}-{number + 1:02d}", carrier, market)
            for carrier, _, _, fleet in FLEETS
            for market, vans in fleet.items()
            for number in range(vans)
        ),
    )


def _films() -> tuple[Film, ...]:
    return (
        _film("v-glow", "My room at night", Course.SPIKE, 3, 52_000, 4, 15, 0.0012,
              {"glow-lamp": 1.0}, {"los-angeles": 0.6, "new-york": 0.3, "dallas": 0.1}),
        _film("v-slippers", "Walking on clouds", Course.SLOW_BURNER, 10, 26_000, 16, 48, 0.0012,
              {"cloud-slippers": 1.0}, {"new-york": 0.6, "los-angeles": 0.25, "dallas": 0.15}),
        _film("v-blender", "Thirty-second lunch", Course.DOUBLE_PEAK, 22, 30_000, 5, 12, 0.0011,
              {"mini-blender": 0.85, "glow-lamp": 0.15},
              {"los-angeles": 0.45, "new-york": 0.4, "dallas": 0.15}),
        _film("v-prank", "The loudest prank", Course.DUD, 8, 90_000, 3, 20, 0.00001,
              {"pet-brush": 1.0}, {"los-angeles": 0.5, "new-york": 0.5}),
        _film("v-couch", "Sunday couch", Course.PAID_PUSH, 34, 22_000, 4, 20, 0.0010,
              {"cloud-slippers": 1.0}, {"los-angeles": 0.7, "new-york": 0.3}, push=(3.0, 15.0)),
        _film("v-cat", "The cat who came back", Course.SPIKE, 63, 240_000, 4, 30, 0.0010,
              {"pet-brush": 1.0}, {"los-angeles": 0.55, "new-york": 0.35, "dallas": 0.1}),
    )  # fmt: skip


def _film(
    id: str,
    title: str,
    course: Course,
    starts: float,
    peak: float,
    rise: float,
    half_life: float,
    pull: float,
    products: dict[str, float],
    markets: dict[str, float],
    push: tuple[float, float] | None = None,
) -> Film:
    return Film(
        id=id,
        title=title,
        course=course,
        starts_at_hour=starts,
        peak_views_per_hour=peak,
        rise_hours=rise,
        half_life_hours=half_life,
        orders_per_view=pull,
        products=tuple(Share(of=of, share=share) for of, share in products.items()),
        markets=tuple(Share(of=of, share=share) for of, share in markets.items()),
        push_hours=push,
    )


def _product(id: str, name: str, category: str, price: int, grams: int, cm3: int) -> Product:
    return Product(
        id=id,
        name=name,
        category=category,
        price=price,
        margin=1_200,
        weight_grams=grams,
        volume_cm3=cm3,
    )


def _space(id: str, name: str, market: str, type: SiteType, lat: float, lon: float) -> Site:
    return _site(id, name, market, type, lat, lon, TERMS[type], f"{type.value}-spaces")


def _centre(id: str, name: str, market: str, lat: float, lon: float) -> Site:
    return _site(id, name, market, SiteType.CENTRE, lat, lon, CENTRE, "own-centres")


def _site(
    id: str,
    name: str,
    market: str,
    type: SiteType,
    lat: float,
    lon: float,
    terms: SiteTerms,
    provider: str,
) -> Site:
    return Site(
        id=id,
        name=name,
        market=market,
        type=type,
        provider=provider,
        lat=lat,
        lon=lon,
        cell=cell_of(Place(lat=lat, lon=lon), 4),
        terms=terms,
    )


def _carrier(id: str, name: str, rank: int, fleet: dict[str, int]) -> Carrier:
    return Carrier(
        id=id,
        name=name,
        markets=tuple(fleet),
        rank=rank,
        per_route=PER_ROUTE,
        per_stop=PER_STOP,
        per_km=PER_KM,
    )


def _van(id: str, carrier: str, market: str) -> Vehicle:
    return Vehicle(
        id=id,
        carrier=carrier,
        market=market,
        parcels=40,
        weight_grams=600_000,
        volume_cm3=5_000_000,
    )
