"""Small worlds to rehearse in."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from logistics.carriers import Carrier, Vehicle
from logistics.catalogue import Category, Market, Product, Region
from logistics.network import Site
from logistics.policy import CENTRE, SHELF, Efforts, Policy, Rhythm, SiteTerms, SiteType
from logistics.twin.world import Base, Course, Faults, Film, Opening, Share, World
from routing.geography import Place, cell_of

MIDNIGHT = datetime(2026, 11, 23, 8, tzinfo=UTC)
"""Midnight in Los Angeles."""


def a_metro(regions: int = 4) -> Market:
    """A market of a few regions east of Los Angeles."""
    places = [Place(lat=34.0 + 0.6 * n, lon=-118.2) for n in range(regions)]
    return Market(
        id="metro",
        name="Metro",
        zone="America/Los_Angeles",
        currency="USD",
        residency="us",
        regions=tuple(
            Region(cell=cell_of(p, 4), lat=p.lat, lon=p.lon, residents=100_000 * (n + 1))
            for n, p in enumerate(places)
        ),
    )


def a_film(**changes: Any) -> Film:
    """A video that spikes after six hours."""
    facts: dict[str, Any] = {
        "id": "film",
        "title": "Film",
        "course": Course.SPIKE,
        "starts_at_hour": 6.0,
        "peak_views_per_hour": 20_000.0,
        "rise_hours": 3.0,
        "half_life_hours": 12.0,
        "orders_per_view": 0.002,
        "products": (Share(of="lamp", share=1.0),),
        "markets": (Share(of="metro", share=1.0),),
    }
    return Film(**(facts | changes))


def a_world(**changes: Any) -> World:
    """A world of one metro, one product and one video, without faults."""
    facts: dict[str, Any] = {
        "name": "small",
        "seed": 7,
        "starts_at": MIDNIGHT,
        "hours": 48,
        "markets": (a_metro(),),
        "categories": (Category(id="home", name="Home"),),
        "products": (Product(id="lamp", name="Lamp", category="home", price=2990, margin=1200),),
        "base": (Base(product="lamp", orders_per_day=20.0),),
        "films": (a_film(),),
        "sites": (),
        "openings": (),
        "carriers": (),
        "vehicles": (),
        "faults": NO_FAULTS,
    }
    return World(**(facts | changes))


NO_FAULTS = Faults(
    lease_refused=0,
    lease_silent=0,
    tender_declined=0,
    tender_silent=0,
    missed_stop=0,
    returned=0,
    doubled_report=0,
    late_report=0,
    wrong_clock_minutes=0,
    doubled_batch=0,
    late_batch=0,
    missing_batch=0,
    short_receipt=0,
    slow_drives=1.0,
    spread_of_drives=0,
    bad_weather=0,
    planner_rejects=0,
)

COUNTED = Policy(
    efforts=Efforts(placement_seconds=60, placement_steps=5, routing_seconds=60, routing_steps=50),
    rhythm=Rhythm(sense=2 * 3600, position=4 * 3600),
)
"""Efforts in steps, so that a day is lived the same way again; a day has to pass in seconds."""


def a_served_world(**changes: Any) -> World:
    """A metro with a centre in its midst, two vans, and a video in the morning."""
    market = a_metro(regions=2)
    place = market.regions[0]
    carrier = Carrier(
        id="couriers", name="C", markets=(market.id,), rank=1, per_route=1, per_stop=1, per_km=1
    )
    van = Vehicle(
        id="van-1",
        carrier="couriers",
        market=market.id,
        parcels=40,
        weight_grams=900_000,
        volume_cm3=9_000_000,
    )
    centre = a_space("centre", SiteType.CENTRE, CENTRE, place.lat, place.lon)
    facts: dict[str, Any] = {
        "hours": 48,
        "markets": (market,),
        "openings": (Opening(centre="centre", product="lamp", units=400),),
        "carriers": (carrier,),
        "vehicles": (van, replace(van, id="van-2")),
    }
    sites = (centre, *changes.get("sites", ()))
    return a_world(**(facts | changes | {"sites": sites}))


def a_shelf() -> Site:
    """A partner's shelf in the market's second region."""
    place = a_metro(regions=2).regions[1]
    return a_space("shelf", SiteType.SHELF, SHELF, place.lat, place.lon)


def a_space(id: str, type: SiteType, terms: SiteTerms, lat: float, lon: float) -> Site:
    """A space of the metro."""
    return Site(
        id=id,
        name=id.title(),
        market="metro",
        type=type,
        provider="own",
        lat=lat,
        lon=lon,
        cell=cell_of(Place(lat=lat, lon=lon), 4),
        terms=terms,
    )


A_WORLD_FILE = """\
name = "plain"
seed = 4
starts_at = 2026-11-23T06:00:00-05:00
hours = 48

[[markets]]
id = "dallas"
place = "Dallas"
radius_km = 30

[[categories]]
id = "home"

[[products]]
id = "lamp"
category = "home"
price = 2990
margin = 1200
orders_per_day = 20

[[videos]]
id = "film"
course = "spike"
starts_at_hour = 6
peak_views_per_hour = 9_000
rise_hours = 3
half_life_hours = 12
orders_per_view = 0.002
products = { lamp = 1.0 }
markets = { dallas = 1.0 }

[[sites]]
id = "irving-shelf"
market = "dallas"
type = "shelf"
place = "Irving"
per_day = 12000

[[centres]]
id = "garland"
market = "dallas"
place = "Garland"
stock = { lamp = 300 }
floor = { lamp = 100 }

[[carriers]]
id = "swift"
markets = ["dallas"]
rank = 1

[[vans]]
id = "van"
count = 2
carrier = "swift"
market = "dallas"

[costs]
pick_pack = 130

[faults]
missed_stop = 0.05
"""
