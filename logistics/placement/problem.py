"""The question of placement: which sites to open, for which cells, when and with how much stock.

Everything that the answer depends on is in the problem, so a problem can be written to a file,
sent in a bug report and solved again. Money is whole cents, goods are whole parcels or units, and
times are whole seconds counted from the moment of the question. Reach is decided before we come
here: a node that cannot meet the target for a cell, the drive to the k-th drop included, has no
leg to it. Demand is what could be promised within the target; what falls outside of node hours or
the delivery curfew is not in it.

Two readings that are easy to miss. A problem without lanes takes the goods to be at hand wherever
a node opens. A problem without centres takes the permanent network to have all that it needs to
deliver late.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from logistics.errors import require
from logistics.units import Cents, Grams, Millilitres, Parcels, Seconds, Units

Cell: TypeAlias = str
Kind: TypeAlias = Literal["float", "shelf", "standby", "lease"]
DAY: Seconds = 86_400
BLOCK: Seconds = 21_600


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A stretch of the plan, from its start for so many seconds."""

    start: Seconds
    seconds: Seconds

    def __post_init__(self) -> None:
        require(self.start >= 0, "start", f"{self.start} is before the question")
        require(self.seconds > 0, "seconds", f"a period of {self.seconds} seconds is none")


def blocks_then_days(days: int) -> tuple[Period, ...]:
    """Six-hour blocks for the first two days and whole days after them, `days` days in all."""
    blocks = tuple(Period(start=BLOCK * k, seconds=BLOCK) for k in range(4 * min(days, 2)))
    return blocks + tuple(Period(start=DAY * k, seconds=DAY) for k in range(2, days))


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """What is sold: its measures, what a sale earns, and what sending a unit back costs."""

    name: str
    volume: Millilitres = 1
    weight: Grams = 1
    margin: Cents = 0
    return_cost: Cents = 0

    def __post_init__(self) -> None:
        require(self.volume > 0, "volume", f"{self.name} has no volume")
        require(self.weight > 0, "weight", f"{self.name} has no weight")
        require(self.margin >= 0, "margin", f"{self.name} loses money with every sale")
        require(self.return_cost >= 0, "return_cost", f"{self.name} earns by being sent back")


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """So many units of a product."""

    product: str
    units: Units

    def __post_init__(self) -> None:
        require(self.units >= 0, "units", f"{self.units} units of {self.product}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A node that is approved or open already: its first period, what holds it, what lies there."""

    start: int = 0
    keep_until: Seconds = 0
    on_hand: tuple[Goods, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A place that may become a node, one rung of the ladder of options.

    `capacity` is the orders picked and packed in each period when the node runs fully; zero is a
    black-out. For `ramp` seconds after the start only `ramp_permille` of it is there. Rent is
    `per_day * seconds // 86400` for each period that is begun, and at least for `shortest_term`,
    even where that ends after the last period. The retainer is paid whatever is decided, so it
    is told and never weighed. `latest_start` is a black-out of starting, not of running.
    """

    name: str
    kind: Kind
    capacity: tuple[Parcels, ...]
    lead: Seconds = 0
    shortest_term: Seconds = 0
    set_up: Cents = 0
    per_day: Cents = 0
    per_order: Cents = 0
    retainer_per_day: Cents = 0
    deposit: Cents = 0
    ramp: Seconds = 0
    ramp_permille: int = 500
    space: Millilitres | None = None
    intake_a_day: Units | None = None
    latest_start: Seconds | None = None
    refuses: tuple[str, ...] = ()
    standing: Standing | None = None

    def __post_init__(self) -> None:
        for field in ("lead", "shortest_term", "set_up", "per_day", "per_order", "deposit", "ramp"):
            value = getattr(self, field)
            require(value >= 0, field, f"{self.name} has {value}")
        require(min(self.capacity, default=0) >= 0, "capacity", f"{self.name} picks below zero")
        require(0 <= self.ramp_permille <= 1000, "ramp_permille", f"{self.ramp_permille}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """What a centre has of a product, what is on its way in, and how dear it is to let it go.

    `floor` is never sent to a node: it protects the centre's own region. `scarcity_price` is what
    a unit is worth to another market or channel. `arrivals` has one number for each period.
    """

    product: str
    on_hand: Units
    arrivals: tuple[Units, ...] = ()
    floor: Units = 0
    scarcity_price: Cents = 0

    def __post_init__(self) -> None:
        require(self.on_hand >= 0, "on_hand", f"{self.on_hand} units of {self.product}")
        require(min(self.arrivals, default=0) >= 0, "arrivals", f"{self.product} arrives below 0")
        require(self.floor >= 0, "floor", f"a floor of {self.floor} {self.product}")
        require(self.scarcity_price >= 0, "scarcity_price", f"{self.scarcity_price}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Centre:
    """A permanent node with finite stock; it serves its own reach and sends to the others.

    `capacity` is the orders within the target in each period; an empty one is no limit.
    """

    name: str
    supplies: tuple[Supply, ...]
    capacity: tuple[Parcels, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A cell that a node can serve within the target, and the cost of a parcel there."""

    node: str
    cell: Cell
    cost: Cents

    def __post_init__(self) -> None:
        require(self.cost >= 0, "cost", f"a parcel from {self.node} to {self.cell}: {self.cost}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A way from a centre to a site: loading, drive and put-away, and what it costs.

    What is sent on a lane can be promised from the first period that begins at least `seconds`
    after the departure. `handling` is the inbound cost of a unit.
    """

    centre: str
    site: str
    seconds: Seconds = 0
    metres: int = 0
    handling: Cents = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Truck:
    """The one kind of truck that runs the lanes; products share its volume and weight."""

    fixed: Cents
    per_km: Cents
    volume: Millilitres
    weight: Grams

    def trip(self, lane: Lane) -> Cents:
        """Cost of one truck on a lane."""
        return self.fixed + self.per_km * lane.metres // 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class VanPool:
    """Vans that share their trips among some nodes in one period; no trips, no parcels."""

    name: str
    nodes: tuple[str, ...]
    period: int
    trips: int
    drops: Parcels

    def __post_init__(self) -> None:
        require(self.trips >= 0, "trips", f"{self.name} has {self.trips}")
        require(self.drops >= 0, "drops", f"{self.name} has {self.drops}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Demand for one product in one cell: parcels in each period."""

    product: str
    cell: Cell
    parcels: tuple[Parcels, ...]

    def __post_init__(self) -> None:
        require(min(self.parcels, default=0) >= 0, "parcels", f"{self.product} in {self.cell}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplePath:
    """One future, with a whole-number weight beside the others."""

    name: str
    demand: tuple[Series, ...]
    weight: int = 1

    def __post_init__(self) -> None:
        require(self.weight > 0, "weight", f"path {self.name} weighs {self.weight}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLimit:
    """A planner's floor (for a site that opens anew) and ceiling on what is sent to a site."""

    site: str
    product: str
    at_least: Units = 0
    at_most: Units | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What planners and the last approved plan ask for.

    `approved` are the sites of the last approved plan; opening another one, or dropping one of
    them, is charged `change_price` when plans are compared. `least_benefit` is what an opening
    must gain to be proposed. `keep` holds a site open until a time. Neither price is in the cost
    of the plan: they only steer.
    """

    must_open: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()
    keep: tuple[tuple[str, Seconds], ...] = ()
    approved: tuple[str, ...] = ()
    change_price: Cents = 0
    least_benefit: Cents = 0
    limits: tuple[StockLimit, ...] = ()
    budget: Cents | None = None
    most_new_a_day: int | None = None
    most_open: int | None = None
    tail_permille: int | None = None
    """Largest CVaR90 of the loss against opening nothing, per thousand of the cash at risk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementProblem:
    """The whole question.

    A parcel delivered late costs `next_day_parcel` and `lateness_price`, and the lift of
    conversion that the promise would have brought; a parcel not delivered at all costs its margin,
    the lift and `lateness_price`. What leaves a centre at or after `review` may differ from path
    to path; what leaves before it may not.
    """

    periods: tuple[Period, ...]
    products: tuple[Product, ...]
    sites: tuple[Site, ...]
    paths: tuple[SamplePath, ...]
    centres: tuple[Centre, ...] = ()
    legs: tuple[Leg, ...] = ()
    lanes: tuple[Lane, ...] = ()
    truck: Truck | None = None
    vans: tuple[VanPool, ...] = ()
    wishes: Wishes = Wishes()
    next_day_parcel: Cents = 0
    lateness_price: Cents = 0
    lift_permille: int = 0
    review: Seconds = DAY

    def __post_init__(self) -> None:
        """Refuse a question that contradicts itself, naming the contradiction."""
        for field, detail in contradictions(self):
            require(condition=False, field=field, detail=detail)

    def late_price(self, product: Product) -> Cents:
        """What a parcel delivered late costs, all told."""
        lift = product.margin * self.lift_permille // 1000
        return self.next_day_parcel + self.lateness_price + lift

    def lost_price(self, product: Product) -> Cents:
        """What a parcel not delivered costs, all told."""
        return product.margin + product.margin * self.lift_permille // 1000 + self.lateness_price

    @property
    def nodes(self) -> tuple[str, ...]:
        """Names of the sites, then of the centres."""
        return tuple(s.name for s in self.sites) + tuple(c.name for c in self.centres)

    @property
    def horizon(self) -> Seconds:
        """When the last period ends."""
        return self.periods[-1].start + self.periods[-1].seconds if self.periods else 0


def starts(problem: PlacementProblem, site: Site) -> tuple[int, ...]:
    """List the periods in which a site can start: after its lead, not after its latest start."""
    if site.standing is not None:
        return (site.standing.start,)
    latest = problem.horizon if site.latest_start is None else site.latest_start
    return tuple(
        k for k, period in enumerate(problem.periods) if site.lead <= period.start <= latest
    )


def contradictions(problem: PlacementProblem) -> Iterator[tuple[str, str]]:
    """Yield what cannot be so, each with its field."""
    yield from _names(problem)
    yield from _lengths(problem)
    yield from _pins(problem)


def _names(problem: PlacementProblem) -> Iterator[tuple[str, str]]:
    products = [each.name for each in problem.products]
    for field, names in (("sites", list(problem.nodes)), ("products", products)):
        if twins := sorted(name for name, times in Counter(names).items() if times > 1):
            yield field, f"{', '.join(twins)} stands there twice"
    sites, centres = {each.name for each in problem.sites}, {c.name for c in problem.centres}
    used = (
        ("legs", {leg.node for leg in problem.legs}, sites | centres),
        ("lanes", {lane.site for lane in problem.lanes}, sites),
        ("lanes", {lane.centre for lane in problem.lanes}, centres),
        ("vans", {node for pool in problem.vans for node in pool.nodes}, sites | centres),
        ("paths", {row.product for path in problem.paths for row in path.demand}, set(products)),
        ("wishes/must_open", set(problem.wishes.must_open), sites),
        ("wishes/keep", {name for name, _ in problem.wishes.keep}, sites),
        ("wishes/limits", {limit.site for limit in problem.wishes.limits}, sites),
        ("centres", {s.product for c in problem.centres for s in c.supplies}, set(products)),
    )
    for field, named, known in used:
        if unknown := sorted(named - known):
            yield field, f"there is no {', '.join(unknown)}"
    if problem.lanes and problem.truck is None:
        yield "truck", "there are lanes and no truck to run them"


def _lengths(problem: PlacementProblem) -> Iterator[tuple[str, str]]:
    count = len(problem.periods)
    if not problem.periods or not problem.paths:
        yield "periods", "a plan needs a period and a sample path"
    for before, after in zip(problem.periods, problem.periods[1:], strict=False):
        if before.start + before.seconds != after.start:
            yield "periods", f"the period after {before.start} begins at {after.start}"
    for site in problem.sites:
        if len(site.capacity) != count:
            yield "sites", f"{site.name} has {len(site.capacity)} capacities for {count} periods"
        if site.standing is not None and not 0 <= site.standing.start < count:
            yield "sites", f"{site.name} stands from period {site.standing.start} of {count}"
    for centre in problem.centres:
        if centre.capacity and len(centre.capacity) != count:
            yield "centres", f"{centre.name} has {len(centre.capacity)} capacities"
        for supply in centre.supplies:
            if supply.arrivals and len(supply.arrivals) != count:
                yield "centres", f"{centre.name} has {len(supply.arrivals)} arrivals"
    yield from _spans(problem, count)


def _spans(problem: PlacementProblem, count: int) -> Iterator[tuple[str, str]]:
    for path in problem.paths:
        if any(len(row.parcels) != count for row in path.demand):
            yield "paths", f"path {path.name} does not have {count} periods everywhere"
    if any(not 0 <= pool.period < count for pool in problem.vans):
        yield "vans", "a van pool runs in a period that is not there"


def _pins(problem: PlacementProblem) -> Iterator[tuple[str, str]]:
    wishes, sites = problem.wishes, {site.name: site for site in problem.sites}
    pinned = [sites[name] for name in wishes.must_open if name in sites]
    for name in sorted(set(wishes.must_open) & set(wishes.must_not)):
        yield "wishes/must_open", f"{name} must open and must not"
    for name in wishes.must_not:
        if name in sites and sites[name].standing is not None:
            yield "wishes/must_not", f"{name} must not open and stands already"
    for site in pinned:
        if not starts(problem, site):
            yield "wishes/must_open", f"{site.name} must open and cannot start within the plan"
    fresh = [site for site in pinned if site.standing is None]
    standing = sum(s.standing is not None and s.standing.start == 0 for s in problem.sites)
    if wishes.most_open is not None and wishes.most_open < max(standing, min(len(fresh), 1)):
        yield "wishes/most_open", f"more than {wishes.most_open} nodes stand or must open"
    days = -(-problem.horizon // DAY)
    if wishes.most_new_a_day is not None and len(fresh) > wishes.most_new_a_day * days:
        yield "wishes/most_new_a_day", f"{len(fresh)} sites must open within {days} days"
    if wishes.budget is not None:
        least = sum(
            site.set_up + site.deposit + site.per_day * site.shortest_term // DAY for site in fresh
        )
        if least > wishes.budget:
            yield "wishes/budget", f"what must open costs {least} and the budget is {wishes.budget}"
