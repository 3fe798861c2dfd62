"""Small placement questions, made up; a test says only what matters to it."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from logistics.placement.problem import (
    DAY,
    Centre,
    Goods,
    Lane,
    Leg,
    PlacementProblem,
    Product,
    SamplePath,
    Series,
    Site,
    Standing,
    StockLimit,
    Supply,
    Truck,
    VanPool,
    Wishes,
    blocks_then_days,
)

HOUR = 3600
LAMP = Product(name="lamp", volume=4_000, weight=900, margin=1_200, return_cost=205)


def a_site(name: str = "vernon", *, periods: int = 10, **facts: Any) -> Site:
    """A standby space that picks 300 parcels a period."""
    usual: dict[str, Any] = {
        "kind": "standby",
        "capacity": (300,) * periods,
        "lead": 5 * HOUR,
        "shortest_term": 3 * DAY,
        "set_up": 90_000,
        "per_day": 145_000,
    }
    return Site(name=name, **usual | facts)


def a_question(**facts: Any) -> PlacementProblem:
    """One standby space, one city that wants 200 lamps a period for four days, a centre far off."""
    usual: dict[str, Any] = {
        "periods": blocks_then_days(4),
        "products": (LAMP,),
        "sites": (a_site(),),
        "centres": (Centre(name="reno", supplies=(Supply(product="lamp", on_hand=9_000),)),),
        "legs": (Leg(node="vernon", cell="la", cost=700),),
        "lanes": (
            Lane(centre="reno", site="vernon", seconds=6 * HOUR, metres=200_000, handling=15),
        ),
        "truck": Truck(fixed=48_000, per_km=190, volume=4_800_000, weight=9_000_000),
        "paths": (a_path(lamp=(200,) * 10),),
        "next_day_parcel": 900,
        "lateness_price": 1_500,
        "lift_permille": 150,
    }
    return PlacementProblem(**usual | facts)


def a_path(
    name: str = "expected", *, weight: int = 1, cell: str = "la", **wanted: Any
) -> SamplePath:
    """A future in which one cell wants so many parcels of each product."""
    rows = tuple(Series(product=p, cell=cell, parcels=tuple(n)) for p, n in wanted.items())
    return SamplePath(name=name, weight=weight, demand=rows)


@st.composite
def placement_problems(draw: st.DrawFn) -> PlacementProblem:
    """Small questions of every shape: with and without stock, paths, vans, pins and limits."""
    few = st.integers
    count = draw(few(1, 5))
    periods = blocks_then_days(4)[10 - count - 5 :][:count] if draw(st.booleans()) else None
    periods = (
        tuple(replace(each, start=each.start - periods[0].start) for each in periods)
        if periods
        else blocks_then_days(4)[:count]
    )
    products = tuple(
        Product(
            name=name,
            volume=draw(few(1, 5)),
            weight=draw(few(1, 5)),
            margin=draw(few(0, 1_500)),
            return_cost=draw(few(0, 300)),
        )
        for name in ("lamp", "mug")[: draw(few(1, 2))]
    )
    names = tuple(p.name for p in products)
    cells = ("la", "sf", "reno")[: draw(few(1, 3))]
    standing = draw(few(-1, 0))
    sites = tuple(
        Site(
            name=name,
            kind=draw(st.sampled_from(("shelf", "standby", "lease", "float"))),
            capacity=tuple(draw(few(0, 60)) for _ in periods),
            lead=draw(few(0, 12)) * HOUR,
            shortest_term=draw(few(0, 40)) * HOUR,
            set_up=draw(few(0, 20_000)),
            per_day=draw(few(0, 9_999)),
            per_order=draw(few(0, 150)),
            deposit=draw(few(0, 5_000)),
            ramp=draw(few(0, 24)) * HOUR,
            space=draw(st.none() | few(0, 300)),
            intake_a_day=draw(st.none() | few(0, 200)),
            latest_start=draw(st.none() | few(0, 60).map(lambda h: h * HOUR)),
            refuses=names[:1] if draw(few(0, 5)) == 0 else (),
            standing=(
                Standing(
                    keep_until=draw(few(0, 30)) * HOUR,
                    on_hand=(Goods(product="lamp", units=draw(few(0, 30))),),
                )
                if k == standing
                else None
            ),
        )
        for k, name in enumerate(("vernon", "colton", "fresno")[: draw(few(0, 3))])
    )
    if sites and sites[0].standing is not None:
        sites = (replace(sites[0], space=None), *sites[1:])
    centres = tuple(
        Centre(
            name=name,
            capacity=tuple(draw(few(0, 40)) for _ in periods) if draw(st.booleans()) else (),
            supplies=tuple(
                Supply(
                    product=p,
                    on_hand=draw(few(0, 150)),
                    arrivals=tuple(draw(few(0, 40)) for _ in periods)
                    if draw(st.booleans())
                    else (),
                    floor=draw(few(0, 60)),
                    scarcity_price=draw(few(0, 200)),
                )
                for p in names
            ),
        )
        for name in ("north", "south")[: draw(few(0, 2))]
    )
    nodes = tuple(each.name for each in (*sites, *centres))
    legs = tuple(
        Leg(node=node, cell=cell, cost=draw(few(100, 3_000)))
        for node in nodes
        for cell in cells
        if draw(st.booleans())
    )
    lanes = tuple(
        Lane(
            centre=centre.name,
            site=site.name,
            seconds=draw(few(0, 9)) * HOUR,
            metres=draw(few(0, 300_000)),
            handling=draw(few(0, 40)),
        )
        for centre in centres
        for site in sites
        if draw(st.booleans())
    )
    paths = tuple(
        SamplePath(
            name=f"path {k}",
            weight=draw(few(1, 5)),
            demand=tuple(
                Series(product=p, cell=cell, parcels=tuple(draw(few(0, 50)) for _ in periods))
                for p in names
                for cell in cells
            ),
        )
        for k in range(draw(few(1, 3)))
    )
    vans = tuple(
        VanPool(
            name=f"pool {t}",
            nodes=nodes[: draw(few(1, 3))],
            period=t,
            trips=draw(few(0, 4)),
            drops=draw(few(0, 30)),
        )
        for t in range(count)
        if nodes and draw(st.booleans())
    )
    limits = tuple(
        StockLimit(
            site=lane.site,
            product=names[0],
            at_least=least,
            at_most=draw(st.none() | few(least, 60)),
        )
        for lane in lanes[:1]
        for least in (draw(few(0, 20)),)
    )
    wishes = Wishes(
        must_not=tuple(s.name for s in sites if s.standing is None and draw(few(0, 6)) == 0),
        approved=tuple(s.name for s in sites if draw(few(0, 3)) == 0),
        change_price=draw(few(0, 1_000)),
        least_benefit=draw(few(0, 1_000)),
        limits=limits,
        budget=draw(st.none() | few(0, 200_000)),
        most_new_a_day=draw(st.none() | few(0, 2)),
        most_open=draw(st.none() | few(1, 3)),
        keep=tuple((s.name, draw(few(0, 50)) * HOUR) for s in sites if draw(few(0, 4)) == 0),
    )
    return PlacementProblem(
        periods=periods,
        products=products,
        sites=sites,
        centres=centres,
        legs=legs,
        lanes=lanes,
        truck=Truck(
            fixed=draw(few(0, 5_000)),
            per_km=draw(few(0, 20)),
            volume=draw(few(20, 200)),
            weight=draw(few(20, 200)),
        ),
        vans=vans,
        paths=paths,
        wishes=wishes,
        next_day_parcel=draw(few(0, 900)),
        lateness_price=draw(few(0, 1_500)),
        lift_permille=draw(few(0, 200)),
        review=draw(few(0, 30)) * HOUR,
    )
