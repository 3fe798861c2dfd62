"""Why a plan is as it is, in sentences: the binding limit, and why each other site is not in it."""

from collections import defaultdict

import numpy as np

from logistics.placement.frame import Frame, Ints
from logistics.placement.plan import Opening, PlacementPlan, Rejected
from logistics.placement.problem import DAY, PlacementProblem, Site, starts
from logistics.units import Cents


def money(amount: Cents) -> str:
    """Cents as a planner reads them: 1,234.50."""
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100:,}.{abs(amount) % 100:02d}"


def reasons(problem: PlacementProblem, plan: PlacementPlan) -> tuple[str, ...]:
    """The plan in a few sentences, the binding one last."""
    new = [each for each in plan.openings if not each.standing]
    total = sum(p.weight for p in problem.paths)
    weight = {p.name: p.weight for p in problem.paths}
    wanted = sum(p.weight * sum(sum(r.parcels) for r in p.demand) for p in problem.paths) // total
    in_time = sum(weight[f.path] * f.parcels for f in plan.flows) // total
    if not any(sum(row.parcels) for path in problem.paths for row in path.demand):
        return ("nothing is wanted, so nothing opens",)
    told = [
        f"{in_time:,} of {wanted:,} parcels come within the target",
        f"it costs {money(plan.cost)}, and {money(plan.nothing)} with nothing new opened",
    ]
    if not new:
        told.append(_why_nothing(problem))
    told += [
        f"{each.site} runs from {_when(problem, each.start)} to {_when(problem, each.end)}: "
        f"{each.orders:,} parcels for fees of {money(each.fees)}"
        for each in plan.openings
    ]
    told.append(_binding(problem, plan, new))
    return tuple(told)


def _when(problem: PlacementProblem, period: int) -> str:
    if period >= len(problem.periods):
        return "beyond the plan"
    hours = problem.periods[period].start // 3600
    return f"day {hours // 24} {hours % 24:02d}:00"


def _why_nothing(problem: PlacementProblem) -> str:
    if not problem.sites:
        return "nothing opens: there is no site"
    sites = {site.name for site in problem.sites}
    if not any(leg.node in sites for leg in problem.legs):
        return "nothing opens: no site reaches a cell within the target"
    if not any(any(site.capacity) for site in problem.sites):
        return "nothing opens: no site can pick a parcel"
    return "nothing opens: no opening earns its fees"


def _binding(problem: PlacementProblem, plan: PlacementPlan, new: list[Opening]) -> str:
    """Name the limit that holds the plan back."""
    wishes = problem.wishes
    if wishes.most_open is not None and len(plan.openings) >= wishes.most_open:
        return f"binding: at most {wishes.most_open} nodes may run at once"
    if wishes.budget is not None and new:
        deposit = {site.name: site.deposit for site in problem.sites}
        tied = sum(each.fees + deposit[each.site] for each in new)
        unopened = [s for s in problem.sites if s.name not in {o.site for o in plan.openings}]
        if unopened and tied + min(s.set_up + s.deposit for s in unopened) > wishes.budget:
            return f"binding: {money(tied)} of the budget of {money(wishes.budget)} is tied up"
    if any(each.lost for each in plan.unserved):
        return "binding: the centres' stock, for some parcels cannot be delivered at all"
    unserved = sum(each.parcels for each in plan.unserved)
    reached = {leg.cell for leg in problem.legs}
    beyond = sum(each.parcels for each in plan.unserved if each.cell not in reached)
    if unserved and 2 * beyond >= unserved:
        return "binding: reach, for most late parcels are in cells that no node reaches in time"
    if unserved:
        return "binding: fees, for serving more within the target costs more than being late"
    return "binding: nothing, for every parcel comes within the target"


def rejected(problem: PlacementProblem, frame: Frame, plan: PlacementPlan) -> tuple[Rejected, ...]:
    """Every site that is not in the plan, with the reason."""
    opened = {each.site for each in plan.openings}
    best = _best_now(frame, problem, plan)
    legs = defaultdict(list)
    for a, leg in enumerate(problem.legs):
        legs[leg.node].append(a)
    return tuple(
        Rejected(site=site.name, reason=_why_not(problem, frame, j, site, legs[site.name], best))
        for j, site in enumerate(problem.sites)
        if site.name not in opened
    )


def _best_now(frame: Frame, problem: PlacementProblem, plan: PlacementPlan) -> Ints:
    """What a cell's parcel of a product pays at present, at most, [p, i]."""
    worst = np.zeros(frame.demand.shape[1:3], np.int64)
    cell = {name: i for i, name in enumerate(frame.cells)}
    product = {each.name: p for p, each in enumerate(problem.products)}
    cost = {
        (frame.leg_node[a], leg.cell): int(frame.leg_cost[a]) for a, leg in enumerate(problem.legs)
    }
    node = {name: n for n, name in enumerate(problem.nodes)}
    for flow in plan.flows:
        key = product[flow.product], cell[flow.cell]
        worst[key] = max(worst[key], cost[node[flow.node], flow.cell])
    for each in plan.unserved:
        p = product[each.product]
        price = frame.lost[p] if each.lost else frame.late[p]
        worst[p, cell[each.cell]] = max(worst[p, cell[each.cell]], price)
    return worst


def _why_not(
    problem: PlacementProblem, frame: Frame, j: int, site: Site, legs: list[int], best: Ints
) -> str:
    """Give the first thing that stands against a site, else what it would save and cost."""
    cells = frame.leg_cell[legs]
    wanted = np.einsum("spit,s->pit", frame.demand[:, :, cells], frame.weights)
    wanted = wanted / frame.weights.sum()
    taken, begins = frame.accepts[j], starts(problem, site)
    refused = ", ".join(p.name for p, ok in zip(problem.products, taken, strict=False) if not ok)
    after = wanted[taken][:, :, begins[0] :] if begins else wanted[:0]
    obstacles = (
        (site.name in problem.wishes.must_not, "a planner has forbidden it"),
        (not legs, "it reaches no cell within the target"),
        (not begins, f"it opens after {site.lead // 3600} h: beyond the plan or its last start"),
        (not any(site.capacity), "it can pick no parcel"),
        (not wanted.any(), "nothing is wanted in the cells that it reaches"),
        (not wanted[taken].any(), f"it cannot take {refused}"),
        (not after.any(), f"{site.kind} comes too late for what is wanted there"),
    )
    for stands, reason in obstacles:
        if stands:
            return reason
    saves = np.maximum(0, best[taken][:, cells] - frame.leg_cost[legs][None, :])
    amount = int((after.sum(axis=2) * saves).sum())
    fees = site.set_up + site.per_day * max(site.shortest_term, int(frame.length[-1])) // DAY
    if amount <= fees:
        return f"it could save {money(amount)} at most and costs {money(fees)} at least"
    return (
        f"it could save {money(amount)} before capacity and stock, with fees from {money(fees)}, "
        "and the plan is better without"
    )
