"""Small worlds to rehearse in."""

from datetime import UTC, datetime
from typing import Any

from logistics.catalogue import Category, Market, Product, Region
from logistics.twin.world import Base, Course, Faults, Film, Share, World
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
