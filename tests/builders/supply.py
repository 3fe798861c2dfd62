"""A small made-up metro: three regions around a centre far away, one video, one lamp, three sites."""

from datetime import UTC, datetime, timedelta

from forecasting import Band, Forecast, Part, Total
from logistics.catalogue import Category, Market, Product, Region, Video, VideoLink, link_id
from logistics.decisions import (
    CostLine,
    ExitPlan,
    Kind,
    Proposal,
    Recommendation,
    RecommendationState,
    RunnerUp,
    Stake,
    StockLine,
)
from logistics.demand import Outlook, RegionOutlook
from logistics.episodes import Episode, EpisodeState
from logistics.identity import Ids
from logistics.inventory import Movement, Stock
from logistics.memory import MemoryStore
from logistics.network import Node, NodeState, Site
from logistics.policy import Policy, SiteType
from logistics.signals import SignalRow
from logistics.siting.chance import cost_table, points, risk_point, sizes_around, spread
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


def a_world(tools=None, *, stock=11_400, sites=None, centre=None, now=SEVEN):
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
        centre or a_centre(),
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


def all_of(tools, kind, /, **where):
    with tools.store.read() as seen:
        return seen.find(kind, **where)


def journal_agrees(tools):
    """Whether every stock row is the sum of its movements."""
    sums = {}
    for move in all_of(tools, Movement):
        sums[move.node, move.product] = sums.get((move.node, move.product), 0) + move.units
    return all(sums.get((s.node, s.product), 0) == s.on_hand for s in all_of(tools, Stock))


def a_stake(p10=741, p50=1900, p90=4871, **more):
    """The worked example of the product paper, 4.2."""
    log_mean, log_sd = spread(p10, p50, p90)
    told = {
        "log_mean": log_mean,
        "log_sd": log_sd,
        "fixed": (
            CostLine(name="call-off", amount=-90_000),
            CostLine(name="days", amount=-580_000),
        ),
        "per_order": (CostLine(name="within six hours", amount=620),),
        "back_per_unit": 205,
    }
    return Stake(**{**told, **more})


def a_proposal(tools, *, units=2200, starts=SEVEN + timedelta(hours=5), days=4):
    """The proposal of the worked example, with a shelf as the runner-up."""
    stake, centre = a_stake(), centre_node(tools).id
    (point,) = points(stake, (units,))
    ends = starts + timedelta(days=days)
    return Proposal(
        lines=("one", "two", "three", "four", "five"),
        stock=(
            StockLine(
                product="lamp",
                units=units,
                from_node=centre,
                departs_at=SEVEN + timedelta(minutes=50),
                arrives_at=SEVEN + timedelta(hours=4, minutes=40),
            ),
        ),
        starts_at=starts,
        live_from=starts,
        ends_at=ends,
        orders_p10=741,
        orders_p50=1900,
        orders_p90=2200,
        coverage_with=0.8,
        coverage_without=0.1,
        expected_gain=round(point.gain),
        chance_of_loss=point.chance_of_loss,
        cash_at_risk=point.cash_at_risk,
        cost_per_extra_order=120,
        break_even_share=0.62,
        lateness_price_stop=400,
        regret_of_nothing=round(point.gain),
        regret_of_waiting=20_000,
        binding_reason="fees",
        proof_gap=0.0,
        costs=cost_table(stake, point),
        ladder=(),
        risk=tuple(risk_point(one) for one in points(stake, sizes_around(stake, units))),
        exit=ExitPlan(
            drain_from=ends - timedelta(hours=12),
            closes_at=ends,
            return_to=centre,
            return_truck_at=ends,
            refund_terms="days begun are paid",
            late_returns_to=centre,
            early_close_when="fewer than 40 orders a day",
        ),
        runners_up=(
            RunnerUp(site="shelf-a", expected_gain=round(point.gain * 0.95), difference="smaller"),
            RunnerUp(site="unit-9", expected_gain=round(point.gain * 0.80), difference="later"),
        ),
        stake=stake,
    )


def a_recommendation(tools, id="rec_1", **more):
    """An opening put before the planners of a world, kept in its store."""
    proposal = more.pop("proposal", None) or a_proposal(tools)
    told = {
        "id": id,
        "kind": Kind.OPEN,
        "state": RecommendationState.OPEN,
        "market": "la",
        "site": "vernon",
        "site_type": SiteType.STANDBY,
        "node": None,
        "products": ("lamp",),
        "opened_at": SEVEN,
        "decide_by": SEVEN + timedelta(minutes=100),
        "expected_gain": proposal.expected_gain,
        "money_at_stake": proposal.cash_at_risk,
        "needs_two": False,
        "basis": "own_conversion",
        "forecasts": (),
        "forecast_units": 1900.0,
        "decision": "dec_1",
        "proposal": proposal,
    }
    with tools.store.begin() as deed:
        return deed.add(Recommendation(**{**told, **more}))


def an_episode(tools, state=EpisodeState.STARTED, *, at=SEVEN, video="v1"):
    """An episode of a video in Los Angeles, kept in the store of a world."""
    with tools.store.begin() as deed:
        return deed.add(
            Episode(
                id=f"epi_{video}",
                video=video,
                market="la",
                state=state,
                started_at=at,
                seen_at=at,
                views=9200,
                views_per_hour=9000.0,
                doubling_minutes=47.0,
                half_life_hours=None,
                evidence=(),
            )
        )


def an_outlook(tools, each_hour, *, made_at=SEVEN, product="lamp", hours=168, id=None, width=2.5):
    """A kept forecast of so many orders in each hour, evenly over the regions; the P90 of a total is
    `width` times its P50, and its P10 as far below."""
    start = made_at.replace(minute=0, second=0, microsecond=0)
    flat = (float(each_hour),) * hours
    windows = [h for h in (6, 24, 72, 168) if h <= hours]
    totals = tuple(
        Total(
            hours=h,
            p10=h * each_hour / width,
            p50=h * each_hour,
            p90=h * each_hour * width,
        )
        for h in windows
    )
    whole = Forecast(
        product=product,
        region="",
        made_at=made_at,
        start=start,
        basis="own_conversion",
        hourly=Band(p10=tuple(x * 0.3 for x in flat), p50=flat, p90=tuple(x * 3.0 for x in flat)),
        totals=totals,
        parts=(Part(kind="video", name="v1", hourly=flat, words="video v1, 412,000 views so far"),),
    )
    third = tuple(x / 3 for x in flat)
    with tools.store.begin() as deed:
        return deed.add(
            Outlook(
                id=id or tools.ids.new("fct", made_at),
                product=product,
                market="la",
                made_at=made_at,
                start=start,
                hours=hours,
                basis="own_conversion",
                whole=whole,
                regions=tuple(RegionOutlook(cell=c, hourly=third, totals=()) for c in CELLS),
                decision="dec_f",
            )
        )
