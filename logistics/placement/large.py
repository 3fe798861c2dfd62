"""The search of questions too large to be searched at once: prices, then few sites, then districts.

The bounds of prices and districts hold for the whole question; the search of the few that the prices
leave worth a thought only finds plans.
"""

import math
from dataclasses import replace

import numpy as np

from logistics.placement.answer import unmet_approvals
from logistics.placement.districts import MOST, Atlas, search
from logistics.placement.flows import alone, transport
from logistics.placement.frame import Flags, Frame
from logistics.placement.model import build
from logistics.placement.plan import PlacementPlan
from logistics.placement.polish import Bench, parts, polish
from logistics.placement.prices import (
    Market,
    Prices,
    likely,
    not_ruled_out,
    settle,
    size,
    worth_a_thought,
)
from logistics.placement.problem import PlacementProblem
from logistics.placement.programme import solve_sheet
from logistics.placement.served import runs_of, schedule, served
from logistics.placement.sittings import Clock, Found, as_hint, choose
from routing.effort import Effort

FEW, MANY = 20_000, 40_000
"""Columns of parcels that are searched at once, and those that are searched at all. Where periods
stand alone and there are more than a few, or anywhere more than many, the cells are priced first."""
PRICING, QUOTING, POLISHING = 0.4, 0.12, 0.3
"""Shares of the time that is left: for the prices, for those by which districts deal with each other,
and then for trying moves one by one."""
QUOTED = 0.8
"""Seconds that those prices take at least, up to half of what there is."""
ROUNDS = 60
"""Rounds of pricing in an effort that is counted in steps."""
NEAR = 0.02
"""A plan this near to the bound, as a share of its cost, is not made better by opening what the prices
open by themselves; moves one by one may."""


def priced(
    problem: PlacementProblem,
    facts: Frame,
    best: PlacementPlan,
    nothing: PlacementPlan,
    clock: Clock,
    gap: float,
) -> Found:
    """Price the cells, then search among the sites and legs that the prices leave worth a thought,
    and district after district where the country falls into some.

    The bounds of prices and districts hold for the whole question; the search of the few only finds
    plans.
    """
    base, prices, steps = unmet_approvals(problem), None, clock.effort.steps
    apart = alone(problem) and _unlimited(problem) and problem.wishes.most_open is None
    bound = -math.inf
    while True:
        seconds = clock.left().at_most
        share = clock.left(max(QUOTING, min(0.5, QUOTED / seconds)) if apart else PRICING)
        share = replace(share, steps=None if steps is None else ROUNDS)
        upper = float(best.steered - base)
        prices = settle(problem, facts, share, upper=upper, before=prices)
        bound = max(bound, prices.bound + base)
        best = _opened(problem, facts, prices, best, nothing, clock)
        moments = len(problem.periods) * len(problem.paths)
        if not (apart and moments > 1) and not _closed(best, bound, gap):
            few = worth_a_thought(problem, facts, prices, FEW)
            if size(few) <= MANY:
                best = _among(problem, facts, few, best, nothing, clock.left(0.5), gap)[0]
        if apart and not _closed(best, bound, gap):
            left = clock.left(0.95)
            best, found = _by_districts(problem, facts, prices, best, nothing, left, gap)
            bound = max(bound, found)
        if prices.settled or _closed(best, bound, gap) or clock.over or steps is not None:
            break
    rest = not_ruled_out(problem, facts, prices, best.steered - prices.bound - base)
    if size(rest) <= MANY and not _closed(best, bound, gap):
        best, found = _among(problem, facts, rest, best, nothing, clock.left(), gap, lean=True)
        bound = max(bound, min(found + base, float(best.steered)))
    return best, bound, _closed(best, bound - 1, gap)


def _closed(best: PlacementPlan, bound: float, gap: float) -> bool:
    return best.steered - bound <= gap * abs(best.steered)


def alike(
    problem: PlacementProblem,
    facts: Frame,
    like: PlacementPlan | None,
    best: PlacementPlan,
    nothing: PlacementPlan,
    effort: Effort,
) -> PlacementPlan:
    """The better of a plan and what another question's plan opens, as far as it may be opened here."""
    if like is None or not _unlimited(problem):
        return best
    known = {site.name for site in problem.sites}
    here = replace(like, openings=tuple(each for each in like.openings if each.site in known))
    runs, ends = runs_of(problem, here), Market(problem, facts).earliest_end
    for j in np.flatnonzero(runs.any(axis=1)).tolist():
        start = int(runs[j].argmax())
        runs[j] &= facts.may_start[j, start]
        runs[j, start : ends[j, start]] = runs[j, start]
    for name in problem.wishes.must_open:
        if not runs[[site.name for site in problem.sites].index(name)].any():
            return best
    plan = served(problem, facts, runs, nothing, effort)
    return min(plan, best, key=lambda each: each.steered)


def _opened(
    problem: PlacementProblem,
    facts: Frame,
    prices: Prices,
    best: PlacementPlan,
    nothing: PlacementPlan,
    clock: Clock,
) -> PlacementPlan:
    """The better of a plan and what the prices open by themselves, polished where moves are cheap."""
    if not _unlimited(problem):
        return best
    far = best.steered - prices.bound - unmet_approvals(problem) > NEAR * abs(best.steered)
    tried = [likely(problem, facts, prices, often) for often in ((0.6, 0.35) if far else ())]
    if len(problem.periods) * len(problem.paths) == 1 or not alone(problem):
        plans = [served(problem, facts, runs, nothing, clock.effort) for runs in tried]
        return min((best, *plans), key=lambda each: each.steered)
    bench, everywhere = bench_of(problem, facts, best), np.ones(facts.sites, bool)
    for runs in tried:
        bench.follow(runs, everywhere)
    share = replace(clock.left(POLISHING), steps=None if clock.effort.steps is None else ROUNDS)
    return _kept(problem, facts, polish(bench, prices, share), best, nothing, clock.effort)


def _kept(
    problem: PlacementProblem,
    facts: Frame,
    runs: Flags,
    best: PlacementPlan,
    nothing: PlacementPlan,
    effort: Effort,
) -> PlacementPlan:
    """The better of a plan and these runs, served if they are others than the plan's."""
    if np.array_equal(runs, runs_of(problem, best)):
        return best
    plan = served(problem, facts, runs, nothing, effort)
    return min(plan, best, key=lambda each: each.steered)


def bench_of(problem: PlacementProblem, facts: Frame, plan: PlacementPlan) -> Bench:
    """A plan to be worked on, part by part."""
    node, cell = parts(facts)
    late = np.broadcast_to(facts.late[None, :, None, None], facts.demand.shape)
    transports = [
        transport(facts, node[facts.leg_node] == c, cell == c, late)
        for c in range(max(node.max(initial=-1), cell.max(initial=-1)) + 1)
    ]
    return Bench(problem, facts, runs_of(problem, plan), node, transports)


def _among(
    problem: PlacementProblem,
    facts: Frame,
    few: Frame,
    best: PlacementPlan,
    nothing: PlacementPlan,
    effort: Effort,
    gap: float,
    *,
    lean: bool = False,
) -> tuple[PlacementPlan, float]:
    """The better of a plan and what a search among few sites and legs finds; that search's bound."""
    model, sitting = choose(problem, few, None, effort, gap, runs_of(problem, best), lean=lean)
    if sitting.values is not None:
        plan = served(problem, facts, schedule(model, sitting.values), nothing, effort)
        best = min(plan, best, key=lambda each: each.steered)
    return best, sitting.bound


def _by_districts(
    problem: PlacementProblem,
    facts: Frame,
    prices: Prices,
    best: PlacementPlan,
    nothing: PlacementPlan,
    effort: Effort,
    gap: float,
) -> tuple[PlacementPlan, float]:
    """The better of a plan and what the search of district after district finds; their bound.

    While there is time and something to gain, the districts grow.
    """

    def solve(here: Frame, runs: Flags, given: Effort, close: float) -> tuple[float, Flags | None]:
        model = build(problem, here)
        objective, begun = model.sheet.objective(facts.weights), as_hint(model, runs)
        sitting = solve_sheet(model.sheet, objective, given, gap=close, hint=begun, lean=True)
        found = None if sitting.values is None else schedule(model, sitting.values)
        return sitting.bound, found

    bench, clock, base = bench_of(problem, facts, best), Clock(effort), unmet_approvals(problem)
    bound, most, count = prices.bound + base, MOST, facts.sites + 1
    while True:
        atlas = Atlas(problem, facts, prices, most)
        if len(atlas.districts) < count:
            serve = tuple(
                transport(facts, each.sites[facts.leg_node], each.cells, atlas.bought(each))
                for each in atlas.districts
            )
            found = search(atlas, bench, serve, solve, clock.left(0.95), gap)
            bound, count = max(bound, found + base), len(atlas.districts)
        best = _kept(problem, facts, bench.runs, best, nothing, effort)
        ends = clock.over or effort.steps is not None or most > size(facts)
        if ends or _closed(best, bound, gap):
            return best, bound
        most *= 3


def _unlimited(problem: PlacementProblem) -> bool:
    """Whether sites may be opened one by one: nothing but terms and pins binds them together."""
    wishes = problem.wishes
    pinned = wishes.must_open or any(site.standing for site in problem.sites)
    few = wishes.most_open is not None and (len(problem.periods) > 1 or pinned)
    bound = (wishes.budget, wishes.most_new_a_day)
    return not few and not wishes.limits and all(limit is None for limit in bound)
