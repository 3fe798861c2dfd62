"""A small made-up metro: three regions around a centre far away, one video, one lamp, three sites."""

from datetime import UTC, datetime, timedelta

from logistics.catalogue import Category, Market, Product, Region, Video, VideoLink, link_id
from logistics.identity import Ids
from logistics.inventory import Movement, Stock
from logistics.memory import MemoryStore
from logistics.network import Node, NodeState, Site
from logistics.policy import Policy, SiteType
from logistics.signals import SignalRow
from logistics.sources import Inline
from logistics.workflows.hear import IncomingBatch, receive_signals
from logistics.workflows.means import Means
from logistics.workflows.register import register, set_stock

SEVEN = datetime(2026, 11, 24, 15, tzinfo=UTC)
"""07:00 in Los Angeles."""
CELLS = ("84298e9ffffffff", "84298edffffffff", "84298ebffffffff")


class Nowhere:
    """A gazetteer that knows no address."""

    def candidates(self, address, country):
        del address, country
        return ()


def means(policy=None, seed=7):
    return Means(
        store=MemoryStore(),
        compute=Inline(),
        policy=policy or Policy(),
        ids=Ids(seed=seed),
        gazetteer=Nowhere(),
    )


def a_market(**more):
    told = {
        "id": "la",
        "name": "Los Angeles",
        "zone": "America/Los_Angeles",
        "currency": "USD",
        "residency": "us",
        "regions": (
            Region(cell=CELLS[0], lat=34.05, lon=-118.24, residents=900_000),
            Region(cell=CELLS[1], lat=33.90, lon=-118.10, residents=600_000),
            Region(cell=CELLS[2], lat=34.15, lon=-118.40, residents=500_000),
        ),
    }
    return Market(**{**told, **more})


def a_product(id="lamp", **more):
    told = {"name": "Glow lamp", "category": "home", "price": 3900, "margin": 1200}
    return Product(id=id, **{**told, **more})


def a_video(id="v1", **more):
    told = {"title": "Glow!", "platform": "clips", "published_at": SEVEN - timedelta(hours=3)}
    return Video(id=id, **{**told, **more})


def a_link(video="v1", product="lamp", share=1.0):
    return VideoLink(id=link_id(video, product), video=video, product=product, share=share)


def a_site(id="vernon", type=SiteType.STANDBY, terms=None, **more):
    told = {
        "name": id.title(),
        "market": "la",
        "provider": "spaces",
        "lat": 34.00,
        "lon": -118.22,
        "cell": CELLS[0],
    }
    return Site(id=id, type=type, terms=terms or Policy().terms[type], **{**told, **more})


def a_centre(id="reno", **more):
    """A permanent centre a long drive away from the metro."""
    told = {"lat": 36.20, "lon": -119.30, "provider": "own"}
    return a_site(id=id, type=SiteType.CENTRE, **{**told, **more})


def a_world(tools=None, *, stock=11_400, sites=None, now=SEVEN):
    """Means that know the small metro, with so many lamps at its far centre."""
    tools = tools or means()
    fresh = (
        a_site(),
        a_site("shelf-a", SiteType.SHELF, lat=34.06),
        a_site("unit-9", SiteType.LEASE),
    )
    things = (
        a_market(),
        Category(id="home", name="Home"),
        a_product(),
        a_video(),
        a_link(),
        a_centre(),
        *(fresh if sites is None else sites),
    )
    for thing in things:
        register(tools, thing, now=now, by="test")
    if stock:
        set_stock(tools, centre_node(tools).id, "lamp", stock, now=now, by="test")
    return tools


def centre_node(tools):
    with tools.store.read() as seen:
        return seen.find(Node, type=SiteType.CENTRE, state=NodeState.LIVE)[0]


def a_row(start=SEVEN - timedelta(minutes=20), minutes=5, views=1000, region=CELLS[0], **more):
    told = {"video_id": "v1", "market": "la", "unique_viewers": views, "completed": views // 2}
    return SignalRow(
        bucket_start=start, bucket_minutes=minutes, views=views, region=region, **{**told, **more}
    )


def a_batch(*rows, id="b1", client="clips", residency="us"):
    return IncomingBatch(id=id, client=client, residency=residency, rows=rows)


def heard(tools, *rows, id="b1", now=SEVEN):
    return receive_signals(tools, a_batch(*rows, id=id), now=now)


def all_of(tools, kind, **where):
    with tools.store.read() as seen:
        return seen.find(kind, **where)


def journal_agrees(tools):
    """Whether every stock row is the sum of its movements."""
    sums = {}
    for move in all_of(tools, Movement):
        sums[move.node, move.product] = sums.get((move.node, move.product), 0) + move.units
    return all(sums.get((s.node, s.product), 0) == s.on_hand for s in all_of(tools, Stock))
