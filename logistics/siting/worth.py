"""What one site would be worth by itself: an estimate at once, for the ladder and the runners-up.

The plan chooses sites together; this looks at each alone, over the demand that no standing node or
centre reaches. It takes the best end: as long as a further period earns its rent.
"""

from dataclasses import dataclass

from logistics.placement.problem import DAY, PlacementProblem, Site
from logistics.units import Cents, Parcels, Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """A site alone: what it gains from which period to which, and for how many orders."""

    site: str
    gain: Cents
    start: int
    end: int
    orders: Parcels
    addressable: float
    """Share of all orders still to come that come after its start."""


def gain_per_order(problem: PlacementProblem, site: Site) -> Cents:
    """What moving one order into the target saves, on average over the products and the legs."""
    legs = [leg.cost for leg in problem.legs if leg.node == site.name]
    late = [problem.late_price(product) for product in problem.products]
    lanes = [lane.handling for lane in problem.lanes if lane.site == site.name]
    if not legs or not late:
        return 0
    mean = sum(late) // len(late) - sum(legs) // len(legs)
    return mean - site.per_order - min(lanes, default=0)


def unreached(problem: PlacementProblem, site: Site) -> list[Parcels]:
    """The demand by period that the site reaches, and no centre or standing node does."""
    others = {centre.name for centre in problem.centres}
    others |= {one.name for one in problem.sites if one.standing is not None}
    covered = {leg.cell for leg in problem.legs if leg.node in others - {site.name}}
    mine = {leg.cell for leg in problem.legs if leg.node == site.name} - covered
    wanted = [0] * len(problem.periods)
    for series in problem.paths[0].demand:
        if series.cell in mine and series.product not in site.refuses:
            for k, parcels in enumerate(series.parcels):
                wanted[k] += parcels
    return wanted


def worth(problem: PlacementProblem, site: Site, delay: Seconds = 0) -> Worth | None:
    """The best that the site alone can do when it is asked for after so many seconds; None where
    it comes too late, reaches nobody, or no centre can supply it."""
    lanes = [lane for lane in problem.lanes if lane.site == site.name]
    stock = sum(max(0, s.on_hand - s.floor) for c in problem.centres for s in c.supplies)
    if site.standing is not None:
        soonest, stock = delay, stock + sum(goods.units for goods in site.standing.on_hand)
    elif lanes:
        soonest = max(site.lead, min(lane.seconds for lane in lanes)) + delay
    else:
        return None
    starts = [k for k, period in enumerate(problem.periods) if period.start >= soonest]
    if not starts:
        return None
    return _best_end(problem, site, starts[0], stock)


def _best_end(problem: PlacementProblem, site: Site, start: int, stock: Parcels) -> Worth | None:
    wanted, each = unreached(problem, site), gain_per_order(problem, site)
    total = sum(wanted)
    if not total or each <= 0:
        return None
    sold, best = 0, None
    for k in range(start, len(problem.periods)):
        sold += min(wanted[k], _able(problem, site, start, k), max(0, stock - sold))
        ends = problem.periods[k].start + problem.periods[k].seconds
        rented = max(ends - problem.periods[start].start, site.shortest_term)
        gain = sold * each - site.set_up - site.per_day * rented // DAY - _truck(problem, site)
        if best is None or gain > best.gain:
            best = Worth(
                site=site.name,
                gain=gain,
                start=start,
                end=k + 1,
                orders=sold,
                addressable=round(sum(wanted[start:]) / total, 4),
            )
    return best


def _able(problem: PlacementProblem, site: Site, start: int, k: int) -> Parcels:
    """What the site picks in a period, less while it ramps up."""
    since = problem.periods[k].start - problem.periods[start].start
    share = site.ramp_permille if since < site.ramp else 1000
    return site.capacity[k] * share // 1000


def _truck(problem: PlacementProblem, site: Site) -> Cents:
    if problem.truck is None or site.standing is not None:
        return 0
    return min(
        (problem.truck.trip(lane) for lane in problem.lanes if lane.site == site.name), default=0
    )


def ranked(problem: PlacementProblem) -> tuple[Worth, ...]:
    """Every free site that is worth something by itself, the best first."""
    found = [worth(problem, site) for site in problem.sites if site.standing is None]
    return tuple(sorted((one for one in found if one is not None), key=lambda one: -one.gain))
