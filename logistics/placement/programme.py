"""A sheet solved by HiGHS through OR-Tools MathOpt: the one room of placement that knows it.

A step of effort is a node of the search tree. The small models of one town and the many small ones
of a country's districts are searched leanly: there what looks for answers takes most of the time.
"""

import math
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from ortools.math_opt import model_parameters_pb2, model_pb2, solution_pb2
from ortools.math_opt.core.python import solver as core
from ortools.math_opt.python import mathopt

from logistics.placement.hush import hush
from logistics.placement.sheet import Numbers, Places, Sheet
from routing.effort import Effort

CLOSE_ENOUGH = 1e-4
"""Share of the cost that need not be proven, unless the caller asks for another."""
FEASIBLE = solution_pb2.SOLUTION_STATUS_FEASIBLE
SMALL = 8_000
"""Columns of a model that is searched as it stands. A question of one town is that small, and there
presolve, with the restarts that it brings, takes five times as long as the search itself; so does
looking for answers that the search finds anyway, by jumps above all: those take a fixed seven thousandths
of a second, which is more than a small model needs. No two sites of a town are alike, either."""
MONEY = 0.01
"""The solver counts in whole money and not in cents, as its tolerances expect."""


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
    lean: bool = False,
) -> Solved:
    """Solve a sheet; `fixed` holds columns at values, `hint` is an answer to begin with. A `lean`
    search only bounds and branches: its answers are found elsewhere."""
    params = mathopt.SolveParameters(
        time_limit=timedelta(seconds=effort.at_most),
        node_limit=effort.steps,
        random_seed=effort.seed % 2**31,
        relative_gap_tolerance=gap,
    )
    if solver == mathopt.SolverType.HIGHS:
        params.highs.int_options["threads"] = 1
        if lean or sheet.width < SMALL:
            _lean(params)
        if sheet.width < SMALL and not lean:
            params.highs.string_options["presolve"] = "off"
            params.highs.bool_options["mip_heuristic_run_feasibility_jump"] = False
            params.highs.bool_options["mip_detect_symmetry"] = False
    question = _proto(sheet, objective * MONEY, fixed)
    with hush():
        result = core.solve(
            question,
            solver.value,
            mathopt.StreamableSolverInitArguments().to_proto(),
            params.to_proto(),
            _wanted(sheet, hint),
            None,
            mathopt.CallbackRegistration().to_proto(),
            None,
            None,
        )
    reason = mathopt.TerminationReason(result.termination.reason)
    if reason == mathopt.TerminationReason.INFEASIBLE:
        return Solved(values=None, bound=math.inf, proven=True)
    found = None
    for best in result.solutions[:1]:
        if best.primal_solution.feasibility_status == FEASIBLE:
            told = best.primal_solution.variable_values
            found = np.zeros(sheet.width)
            found[list(told.ids)] = list(told.values)
    bound = round(result.termination.objective_bounds.dual_bound / MONEY, 3)
    return Solved(values=found, bound=bound, proven=reason == mathopt.TerminationReason.OPTIMAL)


def _wanted(sheet: Sheet, hint: Numbers | None) -> model_parameters_pb2.ModelSolveParametersProto:
    """What is to be told of the answer: the columns that are not zero, and no prices; and an answer
    to begin with."""
    wanted = model_parameters_pb2.ModelSolveParametersProto()
    wanted.variable_values_filter.skip_zero_values = True
    wanted.dual_values_filter.filter_by_ids = True
    wanted.reduced_costs_filter.filter_by_ids = True
    if hint is not None:
        whole = np.flatnonzero(sheet.column(5))
        known = wanted.solution_hints.add().variable_values
        known.ids.extend(whole.tolist())
        known.values.extend(hint[whole].tolist())
    return wanted


def _lean(params: mathopt.SolveParameters) -> None:
    """Leave out what looks for answers, restarts, and trials of branches: here they take most of
    the time, and a tree of a few dozen nodes does without."""
    params.highs.double_options["mip_heuristic_effort"] = 0.0
    for name in ("allow_restart", "heuristic_run_rins", "heuristic_run_rens"):
        params.highs.bool_options[f"mip_{name}"] = False
    params.highs.bool_options["mip_heuristic_run_root_reduced_cost"] = False
    params.highs.int_options["mip_pscost_minreliable"] = 0


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
