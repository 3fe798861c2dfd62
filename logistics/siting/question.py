"""A scene put as a placement problem: periods from now, legs within reach, lanes, vans, wishes.

Demand is what the outlooks expect on average, and only of hours in which an order could be kept
within six hours at all: some departure of the market's vans falls between its packing and the
delivery curfew. Times are seconds from now. Sites carry their own names, centres the ids of their nodes.
"""

from bisect import bisect_left
from collections import defaultdict
from datetime import datetime, timedelta
from itertools import accumulate
from statistics import mean

import numpy as np

from forecasting.signals import Floats
from logistics.clocks import opens
from logistics.decisions import Kind
from logistics.demand import Outlook
from logistics.network import LeaseState, NodeState, Site
from logistics.placement.problem import (
    Centre,
    Goods,
    Lane,
    Leg,
    Period,
    PlacementProblem,
    SamplePath,
    Series,
    Supply,
    Truck,
    VanPool,
    Wishes,
    blocks_then_days,
)
from logistics.placement.problem import Product as Sold
from logistics.placement.problem import Site as Candidate
from logistics.placement.problem import Standing as Holding
from logistics.policy import DAY, Policy, SiteType
from logistics.promise.departures import even_places, wave_grid
from logistics.reach import drops_in_time, parcel_cost, promised_in_time, truck_cost, way, ways
from logistics.siting.experience import Met, really
from logistics.siting.scene import Scene, Standing
from logistics.units import Cents, Parcels, Seconds, Units

PARCEL_ML = 8_000
"""A usual parcel, by which the space of a site and of a truck is measured: 400 of them are three
cubic metres of a store, 1,200 of them ten of a truck."""
PARCEL_GRAMS = 2_500
TRUCK_FILL = 0.6
"""The share of a truck that is usually filled: each unit pays for its part of a trip. Whole trucks
would keep the search busy for seconds over small change; what is sent in the end is billed whole."""
LEAST_DROPS = 3
"""A route that can make fewer drops in time is not run."""
LEAST_LIFT, MOST_LIFT = 0.25, 4.0
"""Hours are not lifted beyond these: their medians are next to nothing then."""
MARKET = "market"
"""The one pool that all of a market's vans make."""
UNANSWERED = (LeaseState.REQUESTED, LeaseState.OFFERED)
"""A lease that nobody has confirmed yet can be called off for nothing."""
HOUR = timedelta(hours=1)
KINDS = {SiteType.SHELF: "shelf", SiteType.STANDBY: "standby", SiteType.LEASE: "lease"}


def notice(policy: Policy) -> Seconds:
    """What passes between a verdict and a lease that is confirmed, at most."""
    return policy.verdicts.undo + policy.leasing.respond_within


def question_of(scene: Scene, policy: Policy, now: datetime) -> PlacementProblem:
    """The placement problem of a scene."""
    periods = blocks_then_days(policy.horizon // DAY)
    rooms = departures(scene, policy, now)
    leaves = leaving_hours(scene, policy, rooms, now)
    work = working_hours(leaves, periods)
    demand = _demand(scene, leaves, periods, now)
    legs = _legs(scene, policy, demand) if scene.vans else ()
    return PlacementProblem(
        periods=periods,
        products=tuple(
            Sold(
                name=product.id,
                volume=product.volume_cm3,
                weight=product.weight_grams,
                margin=max(0, product.margin),
                return_cost=product.return_cost,
            )
            for product in scene.products
        ),
        sites=(
            *(_candidate(scene, policy, site, work) for site in scene.sites),
            *(
                _holding(scene, policy, one, work, periods, now)
                for one in scene.standing
                if _stays(one)
            ),
        ),
        paths=(SamplePath(name="p50", demand=demand),),
        centres=tuple(_centre(scene, centre.id) for centre in scene.centres),
        legs=legs,
        lanes=_lanes(scene, policy),
        truck=_truck(policy),
        vans=_vans(scene, policy, rooms, periods, now),
        wishes=Wishes(
            approved=tuple(
                sorted({one.site for one in scene.before if one.kind is Kind.OPEN} & _free(scene))
            ),
            change_price=policy.change_price,
            least_benefit=policy.least_gain,
            most_new_a_day=policy.new_nodes_per_day,
        ),
        next_day_parcel=policy.prices.parcel_next_day,
        lateness_price=round(
            policy.prices.broken_promise * policy.promising.least_keep_probability
        ),
        lift_permille=round(1000 * policy.prices.conversion_lift),
    )


def _free(scene: Scene) -> set[str]:
    return {site.id for site in scene.sites}


def _stays(one: Standing) -> bool:
    """Whether the node can still serve; one that drains is on its way out."""
    return one.node.state is not NodeState.DRAINING


def departures(scene: Scene, policy: Policy, now: datetime) -> dict[datetime, Parcels]:
    """The places on each departure of the market's vans over the plan."""
    every = policy.promising.wave_every
    first = wave_grid(every, now)
    count = policy.horizon // every
    waves = [first + timedelta(seconds=i * every) for i in range(count)]
    return even_places(scene.market.zone, scene.vans, policy, waves)


def leaving_hours(
    scene: Scene, policy: Policy, rooms: dict[datetime, Parcels], now: datetime
) -> list[int | None]:
    """For each hour from now on, in which hour an order of it leaves the node at the earliest;
    None where it cannot be kept within six hours. What is ordered before dawn leaves at dawn, so
    that it asks for vans and picks when there are some."""
    rules, market = policy.promising, scene.market
    hours = (market.deliver_from_hour, market.deliver_until_hour)
    ride = timedelta(seconds=rules.loading + rules.ideal_drive)
    packed, target = timedelta(seconds=rules.pick_and_pack), timedelta(seconds=rules.target)
    drives = [(wave, wave + ride) for wave, places in sorted(rooms.items()) if places]
    is_open = opens(market.zone, hours, [at for _, at in drives])
    useful = [wave for (wave, _), there in zip(drives, is_open, strict=True) if there]
    found: list[int | None] = []
    for i in range(policy.horizon // 3600):
        at = now + i * HOUR
        first = bisect_left(useful, at + packed)
        kept = first < len(useful) and useful[first] + ride <= at + target
        found.append((useful[first] - now) // HOUR if kept else None)
    return found


def _demand(
    scene: Scene, leaves: list[int | None], periods: tuple[Period, ...], now: datetime
) -> tuple[Series, ...]:
    """Whole parcels by product, cell and period; rounding never loses more than one of a series."""
    rows = []
    known = [(i, hour) for i, hour in enumerate(leaves) if hour is not None and hour < len(leaves)]
    ordered, left = np.array(known, dtype=np.int64).reshape(-1, 2).T
    for outlook in scene.outlooks:
        first = (outlook.start - now) / HOUR
        lifts = np.array(lift_to_the_mean(outlook, scene.met))
        for region in outlook.regions:
            means = np.array(region.hourly) * lifts * scene.take_up
            hourly = np.zeros(len(leaves))
            np.add.at(hourly, left, _from_now(means, first, len(leaves))[ordered])
            parcels = _whole(hourly.tolist(), periods)
            if any(parcels):
                rows.append(Series(product=outlook.product, cell=region.cell, parcels=parcels))
    return tuple(rows)


def lift_to_the_mean(outlook: Outlook, met: tuple[Met, ...]) -> tuple[float, ...]:
    """For each hour, the mean of orders over the P50 of that hour.

    What pays for a site is the mean of the demand's total, and hours' medians add up to less. The
    means of the kept totals are met at the end of each, as what became of earlier totals says.
    """
    hourly, lifts, before, summed = outlook.whole.hourly.p50, [], 0, 0.0
    for total in sorted(outlook.whole.totals, key=lambda one: one.hours):
        if total.hours > len(hourly):
            break
        mean = total.p50 * really(met, outlook.product, total.hours)
        medians = sum(hourly[before : total.hours])
        lift = min(max((mean - summed) / medians, LEAST_LIFT), MOST_LIFT) if medians > 0 else 1.0
        lifts += [lift] * (total.hours - before)
        before, summed = total.hours, summed + lift * medians
    return (*lifts, *[lifts[-1] if lifts else 1.0] * (len(hourly) - before))


def _from_now(hourly: Floats, first: float, length: int) -> Floats:
    """The outlook's hours as hours from now; `first` is when it begins, in hours from now."""
    at = np.arange(length) - round(first)
    there = (at >= 0) & (at < len(hourly))
    shifted: Floats = np.where(there, hourly[np.where(there, at, 0)], 0.0)
    return shifted


def _whole(hourly: list[float], periods: tuple[Period, ...]) -> tuple[Parcels, ...]:
    sums, total, before = [], 0.0, 0
    for period in periods:
        first = period.start // 3600
        total += sum(hourly[first : first + period.seconds // 3600])
        sums.append(round(total) - before)
        before = round(total)
    return tuple(sums)


def working_hours(leaves: list[int | None], periods: tuple[Period, ...]) -> tuple[float, ...]:
    """The part of a day's work that falls into each period: a day's picks are done for the hours
    whose orders can be kept, not evenly through the night."""
    a_day = max(1.0, 24 * sum(hour is not None for hour in leaves) / max(1, len(leaves)))
    due = [0] * len(leaves)
    for hour in leaves:
        if hour is not None and hour < len(due):
            due[hour] += 1
    return tuple(sum(due[p.start // 3600 : (p.start + p.seconds) // 3600]) / a_day for p in periods)


def _capacity(a_day: Parcels, work: tuple[float, ...]) -> tuple[Parcels, ...]:
    return tuple(round(a_day * part) for part in work)


def _refuses(scene: Scene, site: Site) -> tuple[str, ...]:
    """The products that a site has no power or licence for."""
    return tuple(
        product.id
        for product in scene.products
        if (product.chilled and not site.chilled) or (product.dangerous and not site.dangerous)
    )


def _candidate(scene: Scene, policy: Policy, site: Site, work: tuple[float, ...]) -> Candidate:
    terms = site.terms
    return Candidate(
        name=site.id,
        kind=KINDS[site.type],  # type: ignore[arg-type]  # the dictionary holds the literals
        capacity=_capacity(terms.orders_per_day, work),
        lead=terms.lead + notice(policy),
        shortest_term=terms.shortest_term,
        set_up=terms.set_up,
        per_day=terms.per_day,
        per_order=terms.per_order,
        retainer_per_day=terms.retainer_per_day,
        ramp=DAY if terms.first_day_share < 1 else 0,
        ramp_permille=round(1000 * terms.first_day_share),
        space=terms.space * PARCEL_ML,
        intake_a_day=terms.intake_per_day,
        refuses=_refuses(scene, site),
    )


def _holding(
    scene: Scene,
    policy: Policy,
    one: Standing,
    work: tuple[float, ...],
    periods: tuple[Period, ...],
    now: datetime,
) -> Candidate:
    """A node that stands: what it costs from here on, and until when it is owed anyway."""
    volume = {product.id: product.volume_cm3 for product in scene.products}
    goods = tuple(Goods(product=p, units=units) for p, units in one.goods if p in volume)
    begins = one.lease.starts_at if one.lease is not None else now
    owed = begins + timedelta(seconds=one.site.terms.shortest_term)
    opens = max(timedelta(), (one.node.live_from or now) - now)
    start = next((k for k, p in enumerate(periods) if p.start >= opens.total_seconds()), 0)
    unanswered = one.lease is None or one.lease.state in UNANSWERED
    keep = 0 if unanswered else max(0, int((owed - now).total_seconds()))
    fresh = _candidate(scene, policy, one.site, work)
    return Candidate(
        name=fresh.name,
        kind=fresh.kind,
        capacity=fresh.capacity,
        per_day=fresh.per_day,
        per_order=fresh.per_order,
        # What lies there, or is on its way, lies there: a space that is over-full can only sell.
        space=max(fresh.space or 0, sum(each.units * volume[each.product] for each in goods)),
        refuses=fresh.refuses,
        standing=Holding(
            start=start,
            keep_until=keep,
            on_hand=goods,
        ),
    )


def _centre(scene: Scene, node: str) -> Centre:
    return Centre(
        name=node,
        supplies=tuple(
            Supply(product=one.product, on_hand=one.units, floor=min(one.floor, one.units))
            for one in scene.available
            if one.node == node
        ),
    )


def _legs(scene: Scene, policy: Policy, demand: tuple[Series, ...]) -> tuple[Leg, ...]:
    """Each cell that a node reaches with a route worth running, and what a parcel there costs."""
    regions = {region.cell: region for region in scene.market.regions}
    wanted: dict[str, Parcels] = defaultdict(int)
    for series in demand:
        wanted[series.cell] += sum(series.parcels[:8])
    cells = [regions[cell] for cell in sorted(wanted) if cell in regions]
    nodes = _places(scene)
    table = ways(tuple(nodes.values()), tuple((cell.lat, cell.lon) for cell in cells))
    return tuple(
        Leg(node=name, cell=cell.cell, cost=parcel_cost(policy.prices, drive.metres))
        for name, row in zip(nodes, table, strict=True)
        for cell, drive in zip(cells, row, strict=True)
        if within_reach(policy, drive.seconds, wanted[cell.cell])
    )


def within_reach(policy: Policy, drive: Seconds, parcels: float) -> bool:
    """Whether an area that wants so many parcels in two days is reached: a quote would promise it,
    and a route there is worth running."""
    worth = drops_in_time(policy, drive, _per_wave(parcels, policy)) >= LEAST_DROPS
    return worth and promised_in_time(policy, drive)


def _per_wave(parcels: float, policy: Policy) -> float:
    """Drops of a wave in a cell that wants so many parcels in two days of sixteen hours each."""
    return parcels * policy.promising.wave_every / (32 * 3600)


def _places(scene: Scene) -> dict[str, tuple[float, float]]:
    """Where each node of the problem is."""
    spaces = {site.id: (site.lat, site.lon) for site in scene.sites}
    stands = {one.site.id: (one.node.lat, one.node.lon) for one in scene.standing if _stays(one)}
    centres = {centre.id: (centre.lat, centre.lon) for centre in scene.centres}
    return {**spaces, **stands, **centres}


def _lanes(scene: Scene, policy: Policy) -> tuple[Lane, ...]:
    """The way from each centre with stock to each site: loading, drive and put-away."""
    stocked = {one.node for one in scene.available if one.units > 0}
    centres = [centre for centre in scene.centres if centre.id in stocked]
    homes = {centre.id for centre in scene.centres}
    sites = {name: at for name, at in _places(scene).items() if name not in homes}
    handled = policy.promising.loading + policy.leasing.put_away
    room = _rooms(scene)
    lanes = []
    for centre in centres:
        for name, at in sites.items():
            drive = way((centre.lat, centre.lon), at)
            lanes.append(
                Lane(
                    centre=centre.id,
                    site=name,
                    seconds=drive.seconds + handled,
                    metres=drive.metres,
                    handling=policy.prices.inbound_per_unit
                    + ride_of_a_unit(policy, drive.metres, room[name]),
                )
            )
    return tuple(lanes)


def _rooms(scene: Scene) -> dict[str, Units]:
    """How many units of the usual mix each site can hold."""
    volume = max(1, round(mean(product.volume_cm3 for product in scene.products)))
    sites = [*scene.sites, *(one.site for one in scene.standing)]
    return {site.id: site.terms.space * PARCEL_ML // volume for site in sites}


def ride_of_a_unit(policy: Policy, metres: int, room: Units) -> Cents:
    """A unit's part of a truck's trip to a site that holds so many: a truck that is sent to a shelf
    brings no more than the shelf takes."""
    carried = max(1.0, min(TRUCK_FILL * policy.prices.truck_units, room))
    return round(truck_cost(policy.prices, metres, 1) / carried)


def _truck(policy: Policy) -> Truck:
    """A truck whose price is in the handling of its units already."""
    prices = policy.prices
    return Truck(
        fixed=0,
        per_km=0,
        volume=prices.truck_units * PARCEL_ML,
        weight=prices.truck_units * PARCEL_GRAMS,
    )


def _vans(
    scene: Scene,
    policy: Policy,
    rooms: dict[datetime, Parcels],
    periods: tuple[Period, ...],
    now: datetime,
) -> tuple[VanPool, ...]:
    """What the market's vans can carry in each period, whoever they load at."""
    drops, nodes = policy.promising.drops_per_route, tuple(_places(scene))
    waves = sorted(rooms)
    before = [0, *accumulate(rooms[wave] for wave in waves)]
    pools = []
    for k, period in enumerate(periods):
        begins = now + timedelta(seconds=period.start)
        ends = begins + timedelta(seconds=period.seconds)
        places = before[bisect_left(waves, ends)] - before[bisect_left(waves, begins)]
        pools.append(
            VanPool(name=f"{MARKET}-{k}", nodes=nodes, period=k, trips=places // drops, drops=drops)
        )
    return tuple(pools)
