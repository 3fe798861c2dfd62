"""What a replay's files seldom tell: centres, spaces, vans and stock, by plain defaults.

Each place is a real town. A market has one permanent centre, outside of it and far from most of its
people, and six spaces where most of them live. Vans and stock are sized by the window's own orders, which no planner could
have known: they are there so that supply is neither absent nor endless.
"""

from collections import Counter
from math import ceil

from data.sources.markets import Town, towns
from logistics.carriers import PER_KM, PER_ROUTE, PER_STOP, Carrier, Vehicle
from logistics.catalogue import Market
from logistics.network import Site
from logistics.policy import Policy, SiteType
from logistics.twin.truth import Buyer
from logistics.twin.world import Opening
from routing.geography import Place, cell_of, straight_km

CENTRE_KM = 400.0
"""How far the centre lies from the middle of the market's people."""
CENTRE_PEOPLE = 100_000
LADDER = (
    SiteType.SHELF,
    SiteType.STANDBY,
    SiteType.SHELF,
    SiteType.LEASE,
    SiteType.STANDBY,
    SiteType.SHELF,
)
"""The spaces of a market, from its largest town on."""
APART_KM = 25.0
ORDERS_PER_VAN = 10
"""Orders of the busiest day for each van."""
VANS = (4, 24)
"""Fewest and most vans of a market."""
STOCK = 2
"""Units at the centre for each unit that the window orders."""
LEAST_STOCK = 24
CARRIERS = (("swift-couriers", "Swift Couriers", 1), ("metro-vans", "Metro Vans", 2))


def drawn_centre(market: Market, policy: Policy) -> Site:
    """The market's centre: the large town outside of it whose distance is nearest to the default."""
    middle = _middle(market)
    inside = {region.cell for region in market.regions}
    outside = (
        town
        for town in towns(market.country)
        if town.residents >= CENTRE_PEOPLE
        and cell_of(_place(town), policy.planning_resolution) not in inside
    )
    at = min(outside, key=lambda town: abs(straight_km(middle, _place(town)) - CENTRE_KM))
    return _site(market, at, SiteType.CENTRE, policy)


def drawn_spaces(market: Market, policy: Policy) -> tuple[Site, ...]:
    """Spaces at the market's largest towns that are not next to each other."""
    cells = {region.cell for region in market.regions}
    chosen: list[Town] = []
    for town in towns(market.country):
        apart = all(straight_km(_place(town), _place(other)) >= APART_KM for other in chosen)
        if apart and cell_of(_place(town), policy.planning_resolution) in cells:
            chosen.append(town)
        if len(chosen) == len(LADDER):
            break
    return tuple(
        _site(market, town, kind, policy) for town, kind in zip(chosen, LADDER, strict=False)
    )


def drawn_carriers(markets: tuple[Market, ...]) -> tuple[Carrier, ...]:
    """Two carriers that drive in every market."""
    return tuple(
        Carrier(
            id=id,
            name=name,
            markets=tuple(market.id for market in markets),
            rank=rank,
            per_route=PER_ROUTE,
            per_stop=PER_STOP,
            per_km=PER_KM,
        )
        for id, name, rank in CARRIERS
    )


def drawn_vans(markets: tuple[Market, ...], buyers: tuple[Buyer, ...]) -> tuple[Vehicle, ...]:
    """Vans by the busiest day of each market; every third is the second carrier's."""
    days = Counter((buyer.market, buyer.at.date()) for buyer in buyers)
    vans = []
    for market in markets:
        busiest = max((n for (of, _), n in days.items() if of == market.id), default=0)
        fleet = min(max(ceil(busiest / ORDERS_PER_VAN), VANS[0]), VANS[1])
        vans += [_van(market, number) for number in range(fleet)]
    return tuple(vans)


def drawn_stock(sites: tuple[Site, ...], buyers: tuple[Buyer, ...]) -> tuple[Opening, ...]:
    """Stock of each product at the first centre of each market where it is ordered.

    Half of it is kept there, so that what lies in a temporary space never costs a parcel its goods.
    """
    centres: dict[str, str] = {}
    for site in sites:
        if site.type is SiteType.CENTRE:
            centres.setdefault(site.market, site.id)
    wanted: Counter[tuple[str, str]] = Counter()
    for buyer in buyers:
        wanted[buyer.market, buyer.product] += buyer.units
    return tuple(
        Opening(
            centre=centres[market],
            product=product,
            units=max(STOCK * units, LEAST_STOCK),
            floor=max(STOCK * units, LEAST_STOCK) // 2,
        )
        for (market, product), units in sorted(wanted.items())
    )


def _van(market: Market, number: int) -> Vehicle:
    carrier = CARRIERS[number % 3 == 2][0]
    return Vehicle(
        id=f"{carrier}-{market.id}-{number + 1:02d}",
        carrier=carrier,
        market=market.id,
        parcels=40,
        weight_grams=600_000,
        volume_cm3=5_000_000,
    )


def _site(market: Market, town: Town, kind: SiteType, policy: Policy) -> Site:
    slug = "-".join("".join(c if c.isalnum() and c.isascii() else " " for c in town.name).split())
    return Site(
        id=f"{market.id[:24]}-{slug[:24].lower()}-{kind.value}",
        name=f"{town.name} {kind.value}",
        market=market.id,
        type=kind,
        provider="own-centres" if kind is SiteType.CENTRE else f"{kind.value}-spaces",
        lat=town.lat,
        lon=town.lon,
        cell=cell_of(_place(town), policy.planning_resolution),
        terms=policy.terms[kind],
    )


def _middle(market: Market) -> Place:
    people = sum(region.residents for region in market.regions)
    return Place(
        lat=sum(region.lat * region.residents for region in market.regions) / people,
        lon=sum(region.lon * region.residents for region in market.regions) / people,
    )


def _place(town: Town) -> Place:
    return Place(lat=town.lat, lon=town.lon)
