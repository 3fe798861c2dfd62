"""A small metro that sells lamps: a store near the buyers, a centre far away, two couriers."""

from datetime import UTC, datetime, timedelta

from logistics.carriers import Carrier, Vehicle
from logistics.catalogue import Category, Market, Product, Region
from logistics.dispatch import Route, RouteState, Tender, TenderState
from logistics.identity import Ids
from logistics.inventory import Movement, MovementReason, Stock, stock_id
from logistics.memory import MemoryStore
from logistics.network import Node, NodeState, Site
from logistics.orders import Line
from logistics.policy import (
    CENTRE,
    LEASE,
    SHELF,
    STANDBY,
    Efforts,
    Holding,
    Policy,
    Promising,
    SiteType,
)
from logistics.promise.board import Holds, build_board
from logistics.promise.quote import QuoteRequest, make_quote
from logistics.sources import Candidate, Inline
from logistics.workflows.deliver import StopReport
from logistics.workflows.intake import OrderRequest, place_order
from logistics.workflows.means import Means
from logistics.workflows.publish import answer_tender
from logistics.workflows.tick import JOBS, run_due
from routing.geography import Place, cell_of

QUICK = Policy(
    holding=Holding(futures=0),  # all that is due leaves at once
    efforts=Efforts(routing_steps=5, allocation_steps=1),
    promising=Promising(pool_for=0),  # a departure is the first one that can be met
)
"""Steps, not seconds: the same plans on any run, and soon."""
TEN = datetime(2026, 11, 24, 18, 5, tzinfo=UTC)
"""10:05 in Los Angeles."""
DOWNTOWN = (34.05, -118.24)
HARBOUR = (33.77, -118.19)
BARSTOW = (34.90, -117.02)
"""A centre a long drive away."""
DEMAND = tuple(
    job
    for job in JOBS
    if job.name in {"allocate", "pick", "dispatch", "tenders", "watch", "learn", "privacy"}
)
"""The jobs of this side of the house."""
TERMS = {
    SiteType.CENTRE: CENTRE,
    SiteType.SHELF: SHELF,
    SiteType.STANDBY: STANDBY,
    SiteType.LEASE: LEASE,
}


class Streets:
    """A gazetteer that knows two addresses."""

    def candidates(self, address, country):
        known = {
            "1 Main St": (Candidate(label="1 Main St, LA", lat=34.05, lon=-118.25, score=0.97),),
            "Main St 5": (
                Candidate(label="Main St 5, LA", lat=34.05, lon=-118.25, score=0.71),
                Candidate(label="Main St 5, Pomona", lat=34.06, lon=-117.75, score=0.70),
            ),
        }
        return known.get(address, ()) if country == "US" else ()


def a_region(place, residents=500_000):
    lat, lon = place
    cell = cell_of(Place(lat=lat, lon=lon), Policy().planning_resolution)
    return Region(cell=cell, lat=lat, lon=lon, residents=residents)


def a_market(**more):
    told = {
        "id": "la",
        "name": "Los Angeles",
        "zone": "America/Los_Angeles",
        "currency": "USD",
        "residency": "us",
        "regions": tuple({a_region(p).cell: a_region(p) for p in (DOWNTOWN, HARBOUR)}.values()),
    }
    return Market(**{**told, **more})


def a_site(id="vernon", type=SiteType.STANDBY, place=DOWNTOWN, market="la", **more):
    lat, lon = place
    told = {"name": id, "provider": "spaces-inc", "terms": TERMS[type]}
    cell = a_region(place).cell
    return Site(id=id, type=type, market=market, lat=lat, lon=lon, cell=cell, **{**told, **more})


def a_node(site, now=TEN, state=NodeState.LIVE, **more):
    told = {
        "planned_at": now - timedelta(days=3),
        "live_from": now - timedelta(days=2),
        "orders_per_day": site.terms.orders_per_day,
        "space": site.terms.space,
    }
    return Node(
        id=f"nod_{site.id}",
        site=site.id,
        market=site.market,
        type=site.type,
        state=state,
        lat=site.lat,
        lon=site.lon,
        **{**told, **more},
    )


def a_product(id="lamp", **more):
    told = {"name": "Glow lamp", "category": "home", "price": 3900, "margin": 1200}
    return Product(id=id, **{**told, **more})


def carriers(markets=("la",)):
    pay = {"per_route": 2000, "per_stop": 450, "per_km": 80}
    return [
        Carrier(id="swift", name="Swift", markets=markets, rank=1, **pay),
        Carrier(id="steady", name="Steady", markets=markets, rank=2, **pay),
    ]


def a_van(id, carrier="swift", market="la", **more):
    told = {"parcels": 60, "weight_grams": 800_000, "volume_cm3": 6_000_000}
    return Vehicle(id=id, carrier=carrier, market=market, **{**told, **more})


def stocked(node, product="lamp", units=200, now=TEN, **more):
    yield Stock(id=stock_id(node, product), node=node, product=product, on_hand=units, **more)
    yield Movement(
        id=f"mov_{node}_{product}",
        node=node,
        product=product,
        units=units,
        reason=MovementReason.OPENING,
        cause="test",
        at=now,
    )


def a_world(
    *,
    now=TEN,
    policy=None,
    market=None,
    near=200,
    far=500,
    vans=6,
    seed=7,
    node=None,
    site=None,
    van=None,
):
    """Means over a store that holds the metro."""
    market = market or a_market()
    site = a_site(market=market.id, **(site or {}))
    centre = a_site("barstow", SiteType.CENTRE, BARSTOW, market.id)
    values = [
        market,
        Category(id="home", name="Home"),
        a_product(),
        a_product("mug", margin=500),
        site,
        a_node(site, now, **(node or {})),
        centre,
        a_node(centre, now),
        *carriers((market.id,)),
        *(
            a_van(f"van-{n}", ("swift", "steady")[n % 2], market.id, **(van or {}))
            for n in range(vans)
        ),
        *stocked("nod_vernon", units=near, now=now),
        *stocked("nod_barstow", units=far, now=now),
        *stocked("nod_barstow", "mug", units=far, now=now),
    ]
    store = MemoryStore()
    with store.begin() as deed:
        deed.add_all(values)
    return Means(
        store=store,
        compute=Inline(),
        policy=policy or QUICK,
        ids=Ids(seed=seed),
        gazetteer=Streets(),
        secret=b"a secret for tests only, 32 bytes",
    )


def lamps(units=1, product="lamp"):
    return (Line(product=product, units=units),)


def a_request(place=DOWNTOWN, lines=None, **more):
    lat, lon = place
    return QuoteRequest(client="shop", lines=lines or lamps(), lat=lat, lon=lon, **more)


def board_of(means, now=TEN):
    with means.store.read() as reading:
        return build_board(reading, means.policy, now)


def quoted(means, request=None, *, now=TEN, holds=None, board=None):
    """One quote from a fresh board."""
    asked = request or a_request()
    kept = holds if holds is not None else Holds()
    return make_quote(board or board_of(means, now), kept, means.policy, means.ids, asked, now)


def kept(means, kind, id):
    with means.store.read() as reading:
        return reading.get(kind, id)


def found(means, kind, /, **where):
    with means.store.read() as reading:
        return reading.find(kind, **where)


def an_order(means, *, number="1", now=TEN, made=None, place=DOWNTOWN, lines=None, **more):
    """One order on a fresh quote."""
    made = made or quoted(means, a_request(place, lines), now=now)
    request = OrderRequest(
        client="shop", external_id=f"web-{number}", buyer="buyer-1", quoted=made, **more
    )
    return place_order(means, request, now=now)


def clock(means, now, until, *, jobs=None, each=None, every=timedelta(minutes=5)):
    """Let the demand's jobs run until a time; `each` is called after every tick."""
    while now <= until:
        run_due(means, now=now, holder="test", jobs=jobs or DEMAND)
        if each is not None:
            each(now)
        now += every
    return now


def accept_all(means, now):
    """Every carrier takes what it is offered."""
    for tender in found(means, Tender, state=TenderState.OFFERED):
        answer_tender(means, tender.id, "accept", carrier=tender.carrier, now=now)


def on_a_route(means, *, orders=3, now=TEN, place=DOWNTOWN):
    """Orders, packed, on one accepted route; the route and the time."""
    for number in range(orders):
        an_order(means, number=str(number), now=now, place=place)
    while not (ready := found(means, Route, state=RouteState.ACCEPTED)):
        now += timedelta(minutes=5)
        run_due(means, now=now, holder="test", jobs=DEMAND)
        accept_all(means, now)
        assert now < TEN + timedelta(hours=6), "no route was ever made"
    return ready[0], now


def says(route, step, at, number, stop=None, outcome=None, reason=None):
    """A report of a route's van."""
    return StopReport(
        id=f"{route.id}-{number}",
        route=route.id,
        step=step,
        happened_at=at,
        sequence=number,
        stop=stop,
        outcome=outcome,
        outcome_reason=reason,
    )
