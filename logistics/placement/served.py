"""What a plan costs once its openings are given: how the goods move, in whole parcels.

Three such plans are always there before any search: opening nothing new, keeping what stands as long
as it is best kept, and opening nothing but what must open.
"""

from dataclasses import replace

import numpy as np

from logistics.errors import Nonsense
from logistics.placement.answer import answer
from logistics.placement.flows import alone, every_transport
from logistics.placement.frame import Flags, Frame, Ints, frame
from logistics.placement.model import Model, build
from logistics.placement.plan import PlacementPlan
from logistics.placement.problem import PlacementProblem
from logistics.placement.programme import CLOSE_ENOUGH, solve_sheet
from logistics.placement.sheet import Numbers, Places
from logistics.placement.whole import whole_goods, whole_shipments
from routing.effort import Effort

WHOLE = 1e-7
"""A number this close to a whole one is whole."""
SURE = 600.0
"""Seconds for the small sittings without which there is no answer; they take far less."""


def served(
    problem: PlacementProblem,
    facts: Frame,
    runs: Flags,
    nothing: PlacementPlan | None,
    effort: Effort,
    tail: tuple[float, Numbers] | None = None,
) -> PlacementPlan:
    """The openings given, move the goods as well as can be, in whole parcels."""
    model = build(problem, facts, runs, tail)
    if alone(problem):
        values: Numbers | None = every_transport(problem, facts, model)
        ship, trucks = whole_shipments(problem, model, np.zeros(model.sheet.width))
    else:
        values, ship, trucks = _moved(problem, facts, model, effort)
    if values is None and tail is not None:
        return served(problem, facts, runs, nothing, effort)
    if values is None:
        raise Nonsense("/wishes", "the limits on stock leave no plan")
    goods = whole_goods(problem, facts, model, values, ship, trucks)
    return answer(problem, facts, model, goods, nothing)


def _moved(
    problem: PlacementProblem,
    facts: Frame,
    model: Model,
    effort: Effort,
) -> tuple[Numbers | None, Ints, Ints]:
    """Move the goods by the linear programme, with trucks and shipments whole; where it ships whole
    units by itself, it is asked once."""
    objective = model.sheet.objective(facts.weights)
    sitting = Effort(at_most=max(5.0, effort.at_most), steps=effort.steps, seed=effort.seed)
    found = solve_sheet(model.sheet, objective, sitting, gap=CLOSE_ENOUGH)
    values = np.zeros(model.sheet.width) if found.values is None else found.values
    ship, trucks = whole_shipments(problem, model, values)
    if problem.lanes:
        fixed = _given(model, ship, trucks)
        if found.values is not None and np.allclose(values[fixed[0]], fixed[1], rtol=0, atol=WHOLE):
            return found.values, ship, trucks
        found = solve_sheet(model.sheet, objective, Effort(at_most=SURE), fixed=fixed)
    return found.values, ship, trucks


def _given(model: Model, ship: Ints, trucks: Ints) -> tuple[Places, Numbers]:
    ids = np.concatenate([model.ship[model.ship >= 0], model.trucks[model.trucks >= 0]])
    whole = np.concatenate([ship[model.ship >= 0], trucks[model.trucks >= 0]])
    return ids, whole.astype(float)


def schedule(model: Model, values: Numbers) -> Flags:
    """Which site runs in which period, [j, t]."""
    runs = np.zeros(model.o.shape, bool)
    there = model.o >= 0
    runs[there] = values[model.o[there]] > 0.5
    return runs


def runs_of(problem: PlacementProblem, plan: PlacementPlan) -> Flags:
    """Which site runs in which period in a plan, [j, t]."""
    runs = np.zeros((len(problem.sites), len(problem.periods)), bool)
    names = {site.name: j for j, site in enumerate(problem.sites)}
    for each in plan.openings:
        runs[names[each.site], each.start : each.end] = True
    return runs


def standing(problem: PlacementProblem, facts: Frame) -> Flags:
    """How long the nodes that stand already are best kept when nothing new opens."""
    names = {site.name for site in problem.sites if site.standing is not None}
    return (
        _best_runs(problem, _only(problem, facts, names)) if names else np.zeros_like(facts.may_run)
    )


def forced(problem: PlacementProblem, facts: Frame, nothing: PlacementPlan) -> PlacementPlan:
    """The plan with nothing but what must open: the answer that is always there."""
    if not problem.wishes.must_open:
        return nothing
    names = {site.name for site in problem.sites if site.standing is not None}
    few = _only(problem, facts, names | set(problem.wishes.must_open))
    return served(problem, facts, _best_runs(problem, few), nothing, Effort(at_most=SURE))


def _best_runs(problem: PlacementProblem, facts: Frame) -> Flags:
    model = build(problem, facts)
    objective = model.sheet.objective(facts.weights)
    found = solve_sheet(model.sheet, objective, Effort(at_most=SURE, steps=1), gap=1.0)
    if found.values is None:
        raise Nonsense("/wishes", contradiction(problem, None))
    return schedule(model, found.values)


def _only(problem: PlacementProblem, facts: Frame, names: set[str]) -> Frame:
    """The same facts with no site able to run but the named ones."""
    kept = np.array([site.name in names for site in problem.sites], bool).reshape(-1, 1)
    return replace(facts, may_start=facts.may_start & kept, may_run=facts.may_run & kept)


def tail_of(
    problem: PlacementProblem, nothing: PlacementPlan, strict: float
) -> tuple[float, Numbers] | None:
    """The limit on the tail of the loss, a little stricter where whole parcels broke it."""
    share = problem.wishes.tail_permille
    if share is None:
        return None
    return share / 1000 * strict, np.array([float(each.nothing) for each in nothing.paths])


def contradiction(problem: PlacementProblem, nothing: PlacementPlan | None) -> str:
    """Name the wish without which there would be a plan."""
    wishes = problem.wishes
    without = {
        "the budget": replace(wishes, budget=None),
        "the limit of new nodes a day": replace(wishes, most_new_a_day=None),
        "the limit of nodes at once": replace(wishes, most_open=None),
        "the floors and ceilings of stock": replace(wishes, limits=()),
        "what must open": replace(wishes, must_open=()),
        "the limit of the loss": replace(wishes, tail_permille=None),
    }
    guilty = []
    for name, fewer in without.items():
        asked = replace(problem, wishes=fewer)
        tail = None if nothing is None else tail_of(asked, nothing, 1.0)
        model = build(asked, frame(asked), tail=tail)
        found = solve_sheet(model.sheet, np.zeros(model.sheet.width), Effort(at_most=SURE))
        guilty += [name] if found.values is not None else []
    named = ", ".join(guilty) or "what stands, what must open and the limits"
    return f"there is no plan that keeps {named} together with the rest"
