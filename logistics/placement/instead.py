"""The plans that came close to the best one, found by asking again without what it relies on."""

from dataclasses import dataclass, replace

from logistics.placement.plan import PlacementPlan
from logistics.placement.problem import PlacementProblem
from logistics.placement.reasons import money
from logistics.placement.solver import place
from logistics.units import Cents, Seconds
from routing.effort import Effort


@dataclass(frozen=True, slots=True, kw_only=True)
class Instead:
    """Another plan: the site that opens instead, what the plan gains less, and the difference in words."""

    site: str | None
    """None where nothing opens in the place of what was left out."""
    less: Cents
    words: str


def instead(
    problem: PlacementProblem,
    plan: PlacementPlan,
    site: str,
    effort: Effort,
    *,
    count: int = 2,
    gap: float = 0.0,
    decided: Seconds | None = None,
) -> tuple[Instead, ...]:
    """The next best plans without a site that the plan opens, each without the ones before as well.

    At most `count`, the last of them that in which nothing opens instead. `gap` and `decided` are those
    of the plan (`solver.place`).
    """
    found: list[Instead] = []
    shut, without = {site}, site
    for _ in range(count):
        names = tuple(sorted({*problem.wishes.must_not, *shut}))
        asked = replace(problem, wishes=replace(problem.wishes, must_not=names))
        other = place(asked, effort, gap=gap, decided=decided, like=plan)
        found.append(_difference(plan, other, without))
        if (fresh := found[-1].site) is None:
            break
        shut.add(fresh)
    return tuple(found)


def _difference(plan: PlacementPlan, other: PlacementPlan, without: str) -> Instead:
    mine = {each.site for each in plan.openings}
    more = [each for each in other.openings if each.site not in mine]
    best = max(more, key=lambda each: each.orders, default=None)
    parcels = sum(each.in_time * each.weight for each in other.paths)
    parcels -= sum(each.in_time * each.weight for each in plan.paths)
    parcels //= max(1, sum(each.weight for each in plan.paths))
    words = (
        f"without {without}",
        "nothing opens in its place" if best is None else f"{best.site} opens instead",
        f"{abs(parcels):,} parcels {'more' if parcels > 0 else 'fewer'} come in time",
        f"the whole plan gains {money(other.gain)} and not {money(plan.gain)}",
    )
    return Instead(
        site=None if best is None else best.site,
        less=max(0, plan.gain - other.gain),
        words=", ".join(words),
    )
