"""Place temporary nodes: the one room of placement that knows OR-Tools.

The model is solved by HiGHS through OR-Tools MathOpt, in three sittings: what opening nothing new
costs; the openings; and, with these fixed, how the goods move, in whole parcels. A step of effort
is a node of the search tree. The answer is never worse than opening nothing new, also when the
effort ends before the search does.
"""

import math
import time
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt

from logistics.errors import Nonsense
from logistics.placement.answer import answer, unmet_approvals
from logistics.placement.frame import Flags, Frame, Ints, frame
from logistics.placement.model import Model, build
from logistics.placement.plan import PlacementPlan, Stopped
from logistics.placement.problem import PlacementProblem
from logistics.placement.reasons import reasons, rejected
from logistics.placement.risk import within_tail
from logistics.placement.sheet import EVERY, Numbers, Places, Sheet
from logistics.placement.whole import whole_goods, whole_shipments
from routing.effort import Effort

CLOSE_ENOUGH = 1e-4
"""Share of the cost that need not be proven, unless the caller asks for another."""

SURE = 600.0
"""Seconds for the small sittings without which there is no answer; they take far less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """What a solve left: values of the columns (None if there is no answer), a proven bound."""

    values: Numbers | None
    bound: float
    proven: bool


def solve_sheet(
    sheet: Sheet,
    objective: Numbers,
    effort: Effort,
    *,
    gap: float = 0.0,
    hint: Numbers | None = None,
    fixed: tuple[Places, Numbers] | None = None,
    solver: mathopt.SolverType = mathopt.SolverType.HIGHS,
) -> Solved:
    """Solve a sheet; `fixed` holds columns at values, `hint` is an answer to begin with."""
    model = mathopt.Model.from_model_proto(_proto(sheet, objective, fixed))
    params = mathopt.SolveParameters(
        time_limit=timedelta(seconds=effort.at_most),
        node_limit=effort.steps,
        random_seed=effort.seed % 2**31,
        relative_gap_tolerance=gap,
    )
    if solver == mathopt.SolverType.HIGHS:
        params.highs.int_options["threads"] = 1
    hints = mathopt.ModelSolveParameters()
    if hint is not None:
        whole = np.flatnonzero(sheet.column(5))
        values = {model.get_variable(int(k)): float(hint[k]) for k in whole}
        hints.solution_hints.append(mathopt.SolutionHint(variable_values=values))
    result = mathopt.solve(model, solver, params=params, model_params=hints)
    reason = result.termination.reason
    if reason == mathopt.TerminationReason.INFEASIBLE:
        return Solved(values=None, bound=math.inf, proven=True)
    found = None
    if result.has_primal_feasible_solution():
        found = np.array(result.variable_values(list(model.variables())))
    bound = result.termination.objective_bounds.dual_bound
    return Solved(values=found, bound=bound, proven=reason == mathopt.TerminationReason.OPTIMAL)


def _proto(
    sheet: Sheet, objective: Numbers, fixed: tuple[Places, Numbers] | None
) -> model_pb2.ModelProto:
    """Write a sheet in MathOpt's own form; adding columns one by one takes ten times as long."""
    lower, upper = sheet.column(0).copy(), sheet.column(1).copy()
    if fixed is not None:
        lower[fixed[0]] = upper[fixed[0]] = fixed[1]
    proto = model_pb2.ModelProto()
    proto.variables.ids.extend(range(sheet.width))
    proto.variables.lower_bounds.extend(lower.tolist())
    proto.variables.upper_bounds.extend(upper.tolist())
    proto.variables.integers.extend((sheet.column(5) > 0).tolist())
    paid = np.flatnonzero(objective)
    proto.objective.linear_coefficients.ids.extend(paid.tolist())
    proto.objective.linear_coefficients.values.extend(objective[paid].tolist())
    low, high = sheet.limits()
    proto.linear_constraints.ids.extend(range(sheet.height))
    proto.linear_constraints.lower_bounds.extend(low.tolist())
    proto.linear_constraints.upper_bounds.extend(high.tolist())
    row, column, value = sheet.places()
    proto.linear_constraint_matrix.row_ids.extend(row.tolist())
    proto.linear_constraint_matrix.column_ids.extend(column.tolist())
    proto.linear_constraint_matrix.coefficients.extend(value.tolist())
    return proto


def place(problem: PlacementProblem, effort: Effort, *, gap: float = CLOSE_ENOUGH) -> PlacementPlan:
    """Choose openings, shipments and exits of least mean cost; a plan always comes back.

    Raises Nonsense when what must open, the budget and the limits leave no plan at all.
    """
    began = time.monotonic()
    facts = frame(problem)
    nothing = _served(problem, facts, _standing(problem, facts), None, effort)
    forced = _forced(problem, facts, nothing)
    best, found = forced, None
    for strict in (1.0, 0.97, 0.9) if problem.wishes.tail_permille is not None else (1.0,):
        left = replace(effort, at_most=max(0.05, effort.at_most - (time.monotonic() - began)))
        model, sitting = _choose(problem, facts, _tail(problem, nothing, strict), left, gap)
        found = found or sitting
        if sitting.values is None:
            break
        runs = schedule(model, sitting.values)
        plan = _served(problem, facts, runs, nothing, effort, _tail(problem, nothing, strict))
        if within_tail(problem, plan):
            best = min(plan, forced, key=lambda each: each.steered)
            break
    assert found is not None  # noqa: S101  there is always a first sitting
    if found.values is None and found.proven:
        raise Nonsense("/wishes", _contradiction(problem, nothing))
    bound = min(found.bound + unmet_approvals(problem), float(best.steered))
    done = replace(best, bound=bound, stopped=_stopped(found, effort))
    return replace(done, reasons=reasons(problem, done), rejected=rejected(problem, facts, done))


def _tail(
    problem: PlacementProblem, nothing: PlacementPlan, strict: float
) -> tuple[float, Numbers] | None:
    """The limit on the tail of the loss, a little stricter where whole parcels broke it."""
    share = problem.wishes.tail_permille
    if share is None:
        return None
    return share / 1000 * strict, np.array([float(each.nothing) for each in nothing.paths])


def _choose(
    problem: PlacementProblem,
    facts: Frame,
    tail: tuple[float, Numbers] | None,
    effort: Effort,
    gap: float,
) -> tuple[Model, Solved]:
    """Choose the openings."""
    model = build(problem, facts, tail=tail)
    objective = model.sheet.objective(facts.weights)
    return model, solve_sheet(model.sheet, objective, effort, gap=gap)


def serve(problem: PlacementProblem, plan: PlacementPlan, effort: Effort) -> PlacementPlan:
    """What a plan is worth in another question: its openings and first shipments, served anew.

    Raises Nonsense when the commitments do not fit the question.
    """
    facts = frame(problem)
    nothing = _served(problem, facts, _standing(problem, facts), None, effort)
    runs = np.zeros_like(facts.may_run)
    names = {site.name: j for j, site in enumerate(problem.sites)}
    for each in plan.openings:
        runs[names[each.site], each.start : each.end] = True
    sent = _commitments(problem, build(problem, facts, runs), plan)
    served = _served(problem, facts, runs, nothing, effort, sent=sent)
    return replace(served, bound=min(served.steered, nothing.steered), reasons=plan.reasons)


def _commitments(
    problem: PlacementProblem, model: Model, plan: PlacementPlan
) -> tuple[Places, Numbers] | None:
    """Columns of the shipments that every path has, and what the plan sends on them."""
    if not problem.lanes:
        return None
    lanes = {(lane.centre, lane.site): k for k, lane in enumerate(problem.lanes)}
    products = {each.name: p for p, each in enumerate(problem.products)}
    units = np.zeros(model.ship.shape)
    for each in plan.shipments:
        if each.path is None:
            where = lanes[each.centre, each.site], products[each.product]
            units[(*where, slice(None), each.period)] = each.units
    first = (model.ship >= 0) & (model.sheet.column(3)[np.maximum(model.ship, 0)] == EVERY)
    return model.ship[first], units[first]


def _stopped(found: Solved, effort: Effort) -> Stopped:
    if found.proven:
        return "proven"
    return "time_limit" if effort.steps is None else "step_limit"


def schedule(model: Model, values: Numbers) -> Flags:
    """Which site runs in which period, [j, t]."""
    runs = np.zeros(model.o.shape, bool)
    there = model.o >= 0
    runs[there] = values[model.o[there]] > 0.5
    return runs


def _only(problem: PlacementProblem, facts: Frame, names: set[str]) -> Frame:
    """The same facts with no site able to run but the named ones."""
    kept = np.array([site.name in names for site in problem.sites], bool).reshape(-1, 1)
    return replace(facts, may_start=facts.may_start & kept, may_run=facts.may_run & kept)


def _standing(problem: PlacementProblem, facts: Frame) -> Flags:
    """How long the nodes that stand already are best kept when nothing new opens."""
    names = {site.name for site in problem.sites if site.standing is not None}
    return (
        _best_runs(problem, _only(problem, facts, names)) if names else np.zeros_like(facts.may_run)
    )


def _best_runs(problem: PlacementProblem, facts: Frame) -> Flags:
    model = build(problem, facts)
    objective = model.sheet.objective(facts.weights)
    found = solve_sheet(model.sheet, objective, Effort(at_most=SURE, steps=1), gap=1.0)
    if found.values is None:
        raise Nonsense("/wishes", _contradiction(problem, None))
    return schedule(model, found.values)


def _contradiction(problem: PlacementProblem, nothing: PlacementPlan | None) -> str:
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
        tail = None if nothing is None else _tail(asked, nothing, 1.0)
        model = build(asked, frame(asked), tail=tail)
        found = solve_sheet(model.sheet, np.zeros(model.sheet.width), Effort(at_most=SURE))
        guilty += [name] if found.values is not None else []
    named = ", ".join(guilty) or "what stands, what must open and the limits"
    return f"there is no plan that keeps {named} together with the rest"


def _forced(problem: PlacementProblem, facts: Frame, nothing: PlacementPlan) -> PlacementPlan:
    """The plan with nothing but what must open: the answer that is always there."""
    if not problem.wishes.must_open:
        return nothing
    names = {site.name for site in problem.sites if site.standing is not None}
    few = _only(problem, facts, names | set(problem.wishes.must_open))
    return _served(problem, facts, _best_runs(problem, few), nothing, Effort(at_most=SURE))


def _served(
    problem: PlacementProblem,
    facts: Frame,
    runs: Flags,
    nothing: PlacementPlan | None,
    effort: Effort,
    tail: tuple[float, Numbers] | None = None,
    sent: tuple[Places, Numbers] | None = None,
) -> PlacementPlan:
    """The openings given (and what is `sent`, if that is too), move the goods as well as can be, in whole parcels."""
    model = build(problem, facts, runs, tail)
    objective = model.sheet.objective(facts.weights)
    sitting = Effort(at_most=max(5.0, effort.at_most), steps=effort.steps, seed=effort.seed)
    found = solve_sheet(model.sheet, objective, sitting, gap=CLOSE_ENOUGH, fixed=sent)
    values = np.zeros(model.sheet.width) if found.values is None else found.values
    ship, trucks = whole_shipments(problem, model, values)
    if problem.lanes:
        fixed = _given(model, ship, trucks)
        found = solve_sheet(model.sheet, objective, Effort(at_most=SURE), fixed=fixed)
    if found.values is None and tail is not None:
        return _served(problem, facts, runs, nothing, effort)
    if found.values is None:
        raise Nonsense("/wishes", "the limits on stock leave no plan")
    goods = whole_goods(problem, facts, model, found.values, ship, trucks)
    return answer(problem, facts, model, goods, nothing)


def _given(model: Model, ship: Ints, trucks: Ints) -> tuple[Places, Numbers]:
    ids = np.concatenate([model.ship[model.ship >= 0], model.trucks[model.trucks >= 0]])
    whole = np.concatenate([ship[model.ship >= 0], trucks[model.trucks >= 0]])
    return ids, whole.astype(float)
