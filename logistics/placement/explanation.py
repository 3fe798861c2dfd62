"""What a planner asks before saying yes: how sure, how soon, what else, and what if we wait.

Everything here is found by asking the solver again with the question changed a little, so it can
be recomputed from the kept question. The ladder has a rung for each type of site: the best plan
with that type alone, how much of the demand comes after it can be open, and what waiting costs.
"""

from dataclasses import dataclass, replace

from logistics.placement.plan import PlacementPlan
from logistics.placement.problem import (
    Kind,
    PlacementProblem,
    SamplePath,
    Series,
    Site,
    starts,
)
from logistics.placement.reasons import money
from logistics.placement.risk import cash_at_risk, cvar90
from logistics.placement.solver import place, serve
from logistics.units import Cents, Parcels, Seconds
from routing.effort import Effort

HOUR: Seconds = 3600
WAITS: tuple[Seconds, ...] = (6 * HOUR, 12 * HOUR, 24 * HOUR, 48 * HOUR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """What is still to be gained when the decision comes so many seconds later."""

    seconds: Seconds
    gain: Cents


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """The best plan with one type of site alone.

    `addressable_permille` of the demand comes after the type can be open, in cells it reaches.
    `decide_by` is the last moment at which a decision for it still gains, None when none does;
    `hour_price` is what each hour of waiting costs over the first day.
    """

    kind: Kind
    sites: tuple[str, ...]
    gain: Cents
    addressable_permille: int
    decide_by: Seconds | None
    hour_price: Cents
    waits: tuple[Wait, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerUp:
    """Another plan, and its difference in plain words."""

    sites: tuple[str, ...]
    gain: Cents
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The figures of a recommendation. Shares are per thousand, money is cents.

    `moved` are P10, P50 and P90 of the parcels that the plan brings within the target;
    `coverage` and `coverage_before` the share of all that is wanted; `break_even_permille` the
    demand, as a share of the expected one, at which the commitments pay exactly;
    `pays_from_lateness_price` the price of a late parcel below which they stop paying. A figure
    that does not exist (nothing opens, or it always pays) is None.
    """

    moved: tuple[Parcels, Parcels, Parcels]
    coverage: int
    coverage_before: int
    chance_of_loss: int
    tail: Cents
    cash_at_risk: Cents
    extra_cash_per_order: Cents | None
    pays_from_lateness_price: Cents | None
    break_even_permille: int | None
    regret_of_nothing: Cents
    regret_of_a_day: Cents
    ladder: tuple[Rung, ...]
    runner_ups: tuple[RunnerUp, ...]
    binding: str


def explain(problem: PlacementProblem, plan: PlacementPlan, effort: Effort) -> Explanation:
    """Find the figures of a recommendation; each asks the solver with this effort at most."""
    gains = [(each.gain, each.weight) for each in plan.paths]
    total = sum(weight for _, weight in gains)
    losing = sum(weight for gain, weight in gains if gain < 0)
    wanted = sum(p.weight * sum(sum(row.parcels) for row in p.demand) for p in problem.paths)
    inside = sum(each.weight * each.in_time for each in plan.paths)
    before = sum(each.weight * each.before_in_time for each in plan.paths)
    new = any(not each.standing for each in plan.openings)
    return Explanation(
        moved=_moved(plan),
        coverage=1000 * inside // max(1, wanted),
        coverage_before=1000 * before // max(1, wanted),
        chance_of_loss=1000 * losing // total,
        tail=round(cvar90([gain for gain, _ in gains], [weight for _, weight in gains])),
        cash_at_risk=cash_at_risk(problem, plan),
        extra_cash_per_order=_extra_cash(plan),
        pays_from_lateness_price=_lateness_price(problem, plan) if new else None,
        break_even_permille=_break_even(problem, plan, effort) if new else None,
        regret_of_nothing=max(0, plan.gain),
        regret_of_a_day=max(0, plan.gain - place(delayed(problem, 24 * HOUR), effort).gain),
        ladder=ladder(problem, effort),
        runner_ups=runner_ups(problem, plan, effort),
        binding=plan.reasons[-1] if plan.reasons else "",
    )


def _moved(plan: PlacementPlan) -> tuple[Parcels, Parcels, Parcels]:
    more = sorted((each.in_time - each.before_in_time, each.weight) for each in plan.paths)
    total, found = sum(weight for _, weight in more), []
    for share in (10, 50, 90):
        reached = 0
        for parcels, weight in more:
            reached += weight
            if 100 * reached >= share * total:
                found.append(parcels)
                break
    return found[0], found[1], found[2]


def _late(problem: PlacementProblem, plan: PlacementPlan) -> tuple[int, int]:
    """Parcels not within the target before and with the plan, times the paths' weights."""
    wanted = {p.name: sum(sum(row.parcels) for row in p.demand) for p in problem.paths}
    before = sum(e.weight * (wanted[e.path] - e.before_in_time) for e in plan.paths)
    return before, sum(e.weight * (wanted[e.path] - e.in_time) for e in plan.paths)


def _extra_cash(plan: PlacementPlan) -> Cents | None:
    """Cash spent more for each parcel more within the target."""
    more = sum(each.weight * (each.in_time - each.before_in_time) for each in plan.paths)
    spent = sum(each.weight * (each.costs.cash - each.before.cash) for each in plan.paths)
    return spent // more if more > 0 else None


def _lateness_price(problem: PlacementProblem, plan: PlacementPlan) -> Cents | None:
    """With what moves as it is, gain falls by one late parcel's price for each one avoided."""
    before, after = _late(problem, plan)
    gain = sum(each.weight * each.gain for each in plan.paths)
    if after >= before:
        return None
    price = problem.lateness_price - gain // (before - after)
    return price if price > 0 else None


def scaled(problem: PlacementProblem, permille: int) -> PlacementProblem:
    """The same question with all demand multiplied."""
    return replace(
        problem,
        paths=tuple(
            SamplePath(
                name=path.name,
                weight=path.weight,
                demand=tuple(
                    Series(
                        product=row.product,
                        cell=row.cell,
                        parcels=tuple(n * permille // 1000 for n in row.parcels),
                    )
                    for row in path.demand
                ),
            )
            for path in problem.paths
        ),
    )


def delayed(problem: PlacementProblem, seconds: Seconds) -> PlacementProblem:
    """The same question when the decision comes later: nothing new starts, no truck leaves sooner."""
    sites = tuple(
        site if site.standing is not None else replace(site, lead=site.lead + seconds)
        for site in problem.sites
    )
    late = {site.name for site in problem.sites if site.standing is None}
    lanes = tuple(
        replace(lane, seconds=lane.seconds + seconds) if lane.site in late else lane
        for lane in problem.lanes
    )
    able = {site.name for site in sites if starts(problem, site)}
    must = tuple(name for name in problem.wishes.must_open if name in able)
    return replace(
        problem, sites=sites, lanes=lanes, wishes=replace(problem.wishes, must_open=must)
    )


def _break_even(problem: PlacementProblem, plan: PlacementPlan, effort: Effort) -> int | None:
    """Halve the interval of demand in which the plan's commitments begin to pay."""
    low, high = 0, 1000
    if plan.gain <= 0 or serve(scaled(problem, 0), plan, effort).gain >= 0:
        return None
    while high - low > 5:
        middle = (low + high) // 2
        pays = serve(scaled(problem, middle), plan, effort).gain >= 0
        low, high = (low, middle) if pays else (middle, high)
    return high


def ladder(problem: PlacementProblem, effort: Effort) -> tuple[Rung, ...]:
    """Rank the types of site by what each gains alone, the best first."""
    kinds = dict.fromkeys(site.kind for site in problem.sites if site.standing is None)
    rungs = [_rung(_alone(problem, kind), kind, effort) for kind in kinds]
    return tuple(sorted(rungs, key=lambda rung: -rung.gain))


def _alone(problem: PlacementProblem, kind: Kind) -> PlacementProblem:
    others = [s.name for s in problem.sites if s.standing is None and s.kind != kind]
    wishes = problem.wishes
    must = tuple(name for name in wishes.must_open if name not in others)
    banned = tuple(sorted({*wishes.must_not, *others}))
    return replace(problem, wishes=replace(wishes, must_open=must, must_not=banned))


def _rung(problem: PlacementProblem, kind: Kind, effort: Effort) -> Rung:
    plan = place(problem, effort)
    sites = [s for s in problem.sites if s.kind == kind and s.standing is None]
    waits = tuple(
        Wait(
            seconds=seconds,
            gain=place(delayed(problem, seconds), effort).gain if plan.gain > 0 else 0,
        )
        for seconds in WAITS
    )
    return Rung(
        kind=kind,
        sites=tuple(each.site for each in plan.openings if not each.standing),
        gain=plan.gain,
        addressable_permille=addressable(problem, sites),
        decide_by=_decide_by(problem, sites, effort) if plan.gain > 0 else None,
        hour_price=max(0, plan.gain - waits[2].gain) // 24,
        waits=waits,
    )


def addressable(problem: PlacementProblem, sites: list[Site]) -> int:
    """Per thousand of all demand: what comes after a site can be open, in cells that it reaches."""
    opens = {site.name: begins[0] for site in sites if (begins := starts(problem, site))}
    first: dict[str, int] = {}
    for leg in problem.legs:
        if leg.node in opens:
            first[leg.cell] = min(first.get(leg.cell, len(problem.periods)), opens[leg.node])
    inside = total = 0
    for path in problem.paths:
        for row in path.demand:
            total += path.weight * sum(row.parcels)
            if row.cell in first:
                inside += path.weight * sum(row.parcels[first[row.cell] :])
    return 1000 * inside // max(1, total)


def _decide_by(problem: PlacementProblem, sites: list[Site], effort: Effort) -> Seconds:
    """Last moment at which the best plan still gains; found among those where a start is lost."""
    moments = sorted(
        {problem.periods[t].start - site.lead for site in sites for t in starts(problem, site)}
    )
    low, high = 0, len(moments)
    while high - low > 1:
        middle = (low + high) // 2
        gains = place(delayed(problem, moments[middle]), effort).gain > 0
        low, high = (middle, high) if gains else (low, middle)
    return moments[low]


def runner_ups(
    problem: PlacementProblem, plan: PlacementPlan, effort: Effort, count: int = 2
) -> tuple[RunnerUp, ...]:
    """The next best plans, each without the site that the one before relied on most."""
    found, banned, last = [], list(problem.wishes.must_not), plan
    for _ in range(count):
        mine = [
            o for o in last.openings if not o.standing and o.site not in problem.wishes.must_open
        ]
        if not mine:
            break
        banned.append(max(mine, key=lambda each: each.orders).site)
        wishes = replace(problem.wishes, must_not=tuple(banned))
        last = place(replace(problem, wishes=wishes), effort)
        found.append(_runner_up(plan, last))
    return tuple(found)


def _runner_up(plan: PlacementPlan, other: PlacementPlan) -> RunnerUp:
    mine = {each.site for each in plan.openings}
    theirs = {each.site for each in other.openings}
    opened, left = sorted(theirs - mine), sorted(mine - theirs)
    words = [f"without {', '.join(left)}"] if left else []
    words.append(f"with {', '.join(opened)} instead" if opened else "with nothing in its place")
    parcels = sum(e.in_time * e.weight for e in other.paths)
    parcels -= sum(e.in_time * e.weight for e in plan.paths)
    parcels //= max(1, sum(each.weight for each in plan.paths))
    words.append(f"{abs(parcels):,} parcels {'more' if parcels > 0 else 'fewer'} within the target")
    words.append(f"gain {money(other.gain)} and not {money(plan.gain)}")
    return RunnerUp(sites=tuple(sorted(theirs)), gain=other.gain, words=", ".join(words))
