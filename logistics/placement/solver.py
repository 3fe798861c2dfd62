"""Place temporary nodes: the one room of placement that knows OR-Tools.

The model is solved by HiGHS through OR-Tools MathOpt, in three sittings: what opening nothing new
costs; the openings; and, with these fixed, how the goods move, in whole parcels. A step of effort
is a node of the search tree. The answer is never worse than opening nothing new, also when the
effort ends before the search does.
"""

import math
import time
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import pairwise

import numpy as np
from ortools.graph.python import min_cost_flow
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt

from logistics.errors import Nonsense
from logistics.placement.answer import answer, unmet_approvals
from logistics.placement.districts import MOST, Atlas, search
from logistics.placement.frame import Flags, Frame, Ints, frame
from logistics.placement.hush import hush
from logistics.placement.model import Model, build, firmly
from logistics.placement.plan import PlacementPlan, Stopped
from logistics.placement.polish import Bench, Transport, parts, polish
from logistics.placement.portfolio import (
    CallOff,
    PortfolioPlan,
    PortfolioProblem,
    portfolio_gain,
    portfolio_sheet,
)
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
from logistics.placement.reasons import money, reasons, rejected
from logistics.placement.risk import within_tail
from logistics.placement.sheet import EVERY, Numbers, Places, Sheet
from logistics.placement.whole import running_capacity, whole_goods, whole_shipments
from logistics.units import Seconds
from routing.effort import Effort

CLOSE_ENOUGH = 1e-4
"""Share of the cost that need not be proven, unless the caller asks for another."""

FEW, MANY = 20_000, 40_000
"""Columns of parcels that are searched at once, and those that are searched at all. Where periods
stand alone and there are more than a few, or anywhere more than many, the cells are priced first."""
PRICING, QUOTING, POLISHING = 0.4, 0.12, 0.3
"""Shares of the time that is left: for the prices, for those by which districts deal with each other,
and then for trying moves one by one."""
QUOTED = 0.8
"""Seconds that those prices take at least, up to half of what there is."""
SMALL = 8_000
"""Columns of a model that is searched as it stands. A question of one town is that small, and there
presolve, with the restarts that it brings, takes five times as long as the search itself; so does
looking for answers that the search finds anyway."""
MONEY = 0.01
"""The solver counts in whole money and not in cents, as its tolerances expect."""
ROUNDS = 60
"""Rounds of pricing in an effort that is counted in steps."""
NEAR = 0.02
"""A plan this near to the bound, as a share of its cost, is not made better by opening what the prices
open by themselves; moves one by one may."""
WHOLE = 1e-7
"""A number this close to a whole one is whole."""
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
    lean: bool = False,
) -> Solved:
    """Solve a sheet; `fixed` holds columns at values, `hint` is an answer to begin with. A `lean`
    search only bounds and branches: its answers are found elsewhere."""
    model = mathopt.Model.from_model_proto(_proto(sheet, objective * MONEY, fixed))
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
    hints = mathopt.ModelSolveParameters(
        variable_values_filter=mathopt.VariableFilter(skip_zero_values=True)
    )
    if hint is not None:
        whole = np.flatnonzero(sheet.column(5))
        values = {model.get_variable(int(k)): float(hint[k]) for k in whole}
        hints.solution_hints.append(mathopt.SolutionHint(variable_values=values))
    with hush():
        result = mathopt.solve(model, solver, params=params, model_params=hints)
    reason = result.termination.reason
    if reason == mathopt.TerminationReason.INFEASIBLE:
        return Solved(values=None, bound=math.inf, proven=True)
    found = None
    if result.has_primal_feasible_solution():
        found = np.zeros(sheet.width)
        for column, value in result.variable_values().items():
            found[column.id] = value
    bound = round(result.termination.objective_bounds.dual_bound / MONEY, 3)
    return Solved(values=found, bound=bound, proven=reason == mathopt.TerminationReason.OPTIMAL)


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


def place(
    problem: PlacementProblem,
    effort: Effort,
    *,
    gap: float = CLOSE_ENOUGH,
    at_once: int | None = None,
    decided: Seconds | None = None,
    like: PlacementPlan | None = None,
) -> PlacementPlan:
    """Choose openings, shipments and exits of least mean cost; a plan always comes back.

    `gap` is the share of the cost that need not be proven, `at_once` the columns of parcels above
    which the cells are priced first (None: what has proved best). `decided` is for whoever asks
    again soon: how far ahead starts and ends are chosen firmly (None: all of them); a site that
    would start later stays shut in this plan. `like` is the plan of a question much like this one, to
    begin with where the question is a large one. Raises Nonsense when what must open, the budget and
    the limits leave no plan at all.
    """
    clock = Clock(effort)
    facts = frame(problem)
    nothing = _served(problem, facts, _standing(problem, facts), None, effort)
    best = _forced(problem, facts, nothing)
    tight = problem.wishes.tail_permille is not None
    whole = at_once if at_once is not None else FEW if alone(problem) else MANY
    if not tight and size(facts) > whole:
        best = _alike(problem, facts, like, best, nothing, effort)
        found = _priced(problem, facts, best, nothing, clock, gap)
    else:
        found = _searched(problem, facts, best, nothing, clock, gap, _may_wait(problem, decided))
    best, bound, proven = found
    bound = min(bound, float(best.steered))
    stopped: Stopped = "time_limit" if effort.steps is None else "step_limit"
    done = replace(best, bound=bound, stopped="proven" if proven else stopped)
    return replace(done, reasons=reasons(problem, done), rejected=rejected(problem, facts, done))


Found = tuple[PlacementPlan, float, bool]
"""The best plan, a bound on the steered cost, and whether the search was finished."""


@dataclass(frozen=True, slots=True)
class Clock:
    """The effort, and when it began to be spent."""

    effort: Effort
    began: float = field(default_factory=time.monotonic)

    @property
    def over(self) -> bool:
        """Whether hardly any time is left."""
        return time.monotonic() - self.began > 0.95 * self.effort.at_most

    def left(self, share: float = 1.0) -> Effort:
        """The effort that is left, or a share of it; never nothing."""
        seconds = self.effort.at_most - (time.monotonic() - self.began)
        return replace(self.effort, at_most=max(0.05, share * seconds))


def _searched(
    problem: PlacementProblem,
    facts: Frame,
    best: PlacementPlan,
    nothing: PlacementPlan,
    clock: Clock,
    gap: float,
    decided: Seconds | None,
) -> Found:
    """Search the whole model."""
    first: Solved | None = None
    for strict in (1.0, 0.97, 0.9) if problem.wishes.tail_permille is not None else (1.0,):
        tail = _tail(problem, nothing, strict)
        model, sitting = _choose(problem, facts, tail, clock.left(), gap, decided=decided)
        first = first or sitting
        if sitting.values is None:
            break
        runs = schedule(model, sitting.values)
        if decided is not None:
            runs = settled(problem, facts, model, sitting.values, decided)
        if tail is None and np.array_equal(runs, _runs(problem, nothing)):
            break
        plan = _served(problem, facts, runs, nothing, clock.effort, tail)
        if within_tail(problem, plan):
            best = min(plan, best, key=lambda each: each.steered)
            break
    assert first is not None  # noqa: S101  there is always a first sitting
    if first.values is None and first.proven:
        raise Nonsense("/wishes", _contradiction(problem, nothing))
    return best, first.bound + unmet_approvals(problem), first.proven


def _priced(
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


def _alike(
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
    runs, ends = _runs(problem, here), Market(problem, facts).earliest_end
    for j in np.flatnonzero(runs.any(axis=1)).tolist():
        start = int(runs[j].argmax())
        runs[j] &= facts.may_start[j, start]
        runs[j, start : ends[j, start]] = runs[j, start]
    for name in problem.wishes.must_open:
        if not runs[[site.name for site in problem.sites].index(name)].any():
            return best
    plan = _served(problem, facts, runs, nothing, effort)
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
        plans = [_served(problem, facts, runs, nothing, clock.effort) for runs in tried]
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
    if np.array_equal(runs, _runs(problem, best)):
        return best
    plan = _served(problem, facts, runs, nothing, effort)
    return min(plan, best, key=lambda each: each.steered)


def bench_of(problem: PlacementProblem, facts: Frame, plan: PlacementPlan) -> Bench:
    """A plan to be worked on, part by part."""
    node, cell = parts(facts)
    late = np.broadcast_to(facts.late[None, :, None, None], facts.demand.shape)
    transports = [
        transport(facts, node[facts.leg_node] == c, cell == c, late)
        for c in range(max(node.max(initial=-1), cell.max(initial=-1)) + 1)
    ]
    return Bench(problem, facts, _runs(problem, plan), node, transports)


def transport(facts: Frame, legs: Flags, cells: Flags, late: Ints) -> Transport:
    """Least cost of serving some cells over some legs in one path and period, by a minimum cost
    flow over the open nodes; `late` [s, p, i, t] is what a parcel costs that is not delivered."""
    product, leg = np.nonzero((facts.accepts[facts.leg_node] & legs[:, None]).T)
    cheap = facts.leg_cost[leg] < facts.late[product]
    product, leg = product[cheap], leg[cheap]
    there = np.flatnonzero(cells)
    number = np.cumsum(cells) - 1
    here = product * len(there) + number[facts.leg_cell[leg]]
    node, cost = facts.leg_node[leg], facts.leg_cost[leg]
    demand, dear = facts.demand[:, :, there], late[:, :, there]

    def least(s: int, t: int, capacity: Ints) -> int:
        wanted = demand[s, :, :, t].ravel()
        some = np.flatnonzero((capacity[node] != 0) & (wanted[here] > 0))
        unserved = dear[s, :, :, t].ravel()
        return _least_cost(here[some], node[some], cost[some], wanted, unserved, capacity)[1]

    return least


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
    model, sitting = _choose(problem, few, None, effort, gap, _runs(problem, best), lean=lean)
    if sitting.values is not None:
        plan = _served(problem, facts, schedule(model, sitting.values), nothing, effort)
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
        objective, hint = model.sheet.objective(facts.weights), _hint(model, runs)
        sitting = solve_sheet(model.sheet, objective, given, gap=close, hint=hint, lean=True)
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


def _runs(problem: PlacementProblem, plan: PlacementPlan) -> Flags:
    runs = np.zeros((len(problem.sites), len(problem.periods)), bool)
    names = {site.name: j for j, site in enumerate(problem.sites)}
    for each in plan.openings:
        runs[names[each.site], each.start : each.end] = True
    return runs


def _unlimited(problem: PlacementProblem) -> bool:
    """Whether sites may be opened one by one: nothing but terms and pins binds them together."""
    wishes = problem.wishes
    pinned = wishes.must_open or any(site.standing for site in problem.sites)
    few = wishes.most_open is not None and (len(problem.periods) > 1 or pinned)
    bound = (wishes.budget, wishes.most_new_a_day)
    return not few and not wishes.limits and all(limit is None for limit in bound)


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
    runs: Flags | None = None,
    decided: Seconds | None = None,
    *,
    lean: bool = False,
) -> tuple[Model, Solved]:
    """Choose the openings, beginning with those that ran before, if any."""
    model = build(problem, facts, tail=tail, decided=decided)
    objective = model.sheet.objective(facts.weights)
    hint = None if runs is None or not runs.any() else _hint(model, runs)
    return model, solve_sheet(model.sheet, objective, effort, gap=gap, hint=hint, lean=lean)


def _hint(model: Model, runs: Flags) -> Numbers:
    """Values of the openings' columns; the solver finds the goods to them."""
    hint = np.zeros(model.sheet.width)
    before = np.c_[np.zeros((len(runs), 1), bool), runs[:, :-1]]
    for ids, value in ((model.o, runs), (model.u, runs & ~before)):
        hint[ids[ids >= 0]] = value[ids >= 0]
    return hint


def hold(problem: PortfolioProblem, effort: Effort) -> PortfolioPlan:
    """Choose the spaces to hold on retainer; holding none is always an answer."""
    sheet, holds, uses = portfolio_sheet(problem)
    weights = np.array([quarter.weight for quarter in problem.quarters], np.int64)
    found = solve_sheet(sheet, sheet.objective(weights), effort, gap=CLOSE_ENOUGH)
    held: tuple[str, ...] = ()
    call_offs: tuple[CallOff, ...] = ()
    if found.values is not None:
        values = np.round(found.values, 6)
        held = tuple(s.name for s, h in zip(problem.spaces, holds, strict=True) if values[h] > 0.5)
        call_offs = tuple(
            CallOff(
                quarter=problem.quarters[use.quarter].name,
                episode=use.episode,
                space=problem.spaces[use.space].name,
                orders_a_day=int(values[use.orders]),
            )
            for use in uses
            if values[use.called] > 0.5 and values[use.orders] >= 1
        )
    gain = portfolio_gain(problem, held, call_offs)
    if gain < 0:
        held, call_offs, gain = (), (), 0
    chosen = [space for space in problem.spaces if space.name in held]
    retainers = problem.days * sum(space.retainer_per_day for space in chosen)
    return PortfolioPlan(
        held=held,
        call_offs=call_offs,
        retainers=retainers,
        gain=gain,
        bound=max(float(gain), -found.bound),
        reasons=(
            f"{len(held)} of {len(problem.spaces)} spaces held for {money(retainers)} a quarter",
            f"they gain {money(gain)} in the mean of {len(problem.quarters)} quarters",
        ),
    )


def serve(problem: PlacementProblem, plan: PlacementPlan, effort: Effort) -> PlacementPlan:
    """What a plan is worth in another question: its openings and first shipments, served anew.

    Raises Nonsense when the commitments do not fit the question.
    """
    facts = frame(problem)
    nothing = _served(problem, facts, _standing(problem, facts), None, effort)
    runs = _runs(problem, plan)
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


def schedule(model: Model, values: Numbers) -> Flags:
    """Which site runs in which period, [j, t]."""
    runs = np.zeros(model.o.shape, bool)
    there = model.o >= 0
    runs[there] = values[model.o[there]] > 0.5
    return runs


def _may_wait(problem: PlacementProblem, decided: Seconds | None) -> Seconds | None:
    """How far ahead openings are chosen firmly; all of them where a wish counts or pins them."""
    wishes = problem.wishes
    pinned = wishes.must_open or wishes.keep or wishes.limits
    counted = (wishes.most_open, wishes.budget, wishes.tail_permille)
    return decided if not pinned and all(limit is None for limit in counted) else None


def settled(
    problem: PlacementProblem, facts: Frame, model: Model, values: Numbers, decided: Seconds
) -> Flags:
    """The runs of the sites that are firmly started; each goes on, through its term and after it,
    as long as what it saves by these values earns the rent."""
    begun = firmly(facts, decided)[0] & (model.u >= 0) & (values[np.maximum(model.u, 0)] > 0.5)
    node, sites = facts.leg_node[model.x_leg], facts.sites
    saves = (facts.late[model.x_product] - facts.leg_cost[model.x_leg]) * values[model.x]
    saved = np.zeros((len(facts.capacity), begun.shape[1]))
    share = facts.weights / facts.weights.sum()
    np.add.at(saved, (node, model.x_period), saves * share[model.x_path])
    earned = np.cumsum(saved[:sites] - facts.rent, axis=1)
    terms, runs = Market(problem, facts).earliest_end, np.zeros_like(begun)
    for j in np.flatnonzero(begun.any(axis=1)):
        start = int(begun[j].argmax())
        first = max(start + 1, int(terms[j, start]))
        end = first + int(earned[j, first - 1 :].argmax())
        runs[j, start:end] = True
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
    if alone(problem):
        values: Numbers | None = _transport(problem, facts, model)
        ship, trucks = whole_shipments(problem, model, np.zeros(model.sheet.width))
    else:
        values, ship, trucks = _moved(problem, facts, model, effort, sent)
    if values is None and tail is not None:
        return _served(problem, facts, runs, nothing, effort)
    if values is None:
        raise Nonsense("/wishes", "the limits on stock leave no plan")
    goods = whole_goods(problem, facts, model, values, ship, trucks)
    return answer(problem, facts, model, goods, nothing)


def alone(problem: PlacementProblem) -> bool:
    """Whether, once the openings are given, every period of every path stands alone."""
    tail = problem.wishes.tail_permille is not None
    return not (problem.centres or problem.lanes or problem.vans or tail)


def _moved(
    problem: PlacementProblem,
    facts: Frame,
    model: Model,
    effort: Effort,
    sent: tuple[Places, Numbers] | None,
) -> tuple[Numbers | None, Ints, Ints]:
    """Move the goods by the linear programme, with trucks and shipments whole; where it ships whole
    units by itself, it is asked once."""
    objective = model.sheet.objective(facts.weights)
    sitting = Effort(at_most=max(5.0, effort.at_most), steps=effort.steps, seed=effort.seed)
    found = solve_sheet(model.sheet, objective, sitting, gap=CLOSE_ENOUGH, fixed=sent)
    values = np.zeros(model.sheet.width) if found.values is None else found.values
    ship, trucks = whole_shipments(problem, model, values)
    if problem.lanes:
        fixed = _given(model, ship, trucks)
        if found.values is not None and np.allclose(values[fixed[0]], fixed[1], rtol=0, atol=WHOLE):
            return found.values, ship, trucks
        found = solve_sheet(model.sheet, objective, Effort(at_most=SURE), fixed=fixed)
    return found.values, ship, trucks


def _transport(problem: PlacementProblem, facts: Frame, model: Model) -> Numbers:
    """Parcels to open nodes by a minimum cost flow for each path and period: whole and exact."""
    values = np.zeros(model.sheet.width)
    cells = facts.demand.shape[1] * facts.demand.shape[2]
    capacity = running_capacity(problem, facts, model.o >= 0)
    key = model.x_path * facts.demand.shape[3] + model.x_period
    order = np.argsort(key, kind="stable")
    starts = np.searchsorted(key[order], np.arange(key.max(initial=-1) + 2))
    for first, last in pairwise(starts.tolist()):
        some = order[first:last]
        if len(some):
            values[model.x[some]] = _flow(facts, model, some, capacity, cells)
    late = facts.demand.copy()
    cell = facts.leg_cell[model.x_leg]
    where = (model.x_path, model.x_product, cell, model.x_period)
    np.subtract.at(late, where, values[model.x].astype(np.int64))
    values[model.late[model.late >= 0]] = late[model.late >= 0]
    return values


def _flow(facts: Frame, model: Model, some: Places, capacity: Ints, cells: int) -> Numbers:
    s, t = int(model.x_path[some[0]]), int(model.x_period[some[0]])
    product, leg = model.x_product[some], model.x_leg[some]
    here = product * facts.demand.shape[2] + facts.leg_cell[leg]
    wanted = facts.demand[s, :, :, t].reshape(cells)
    late = np.repeat(facts.late, facts.demand.shape[2])
    node, cost = facts.leg_node[leg], facts.leg_cost[leg]
    return _least_cost(here, node, cost, wanted, late, capacity[:, t])[0]


def _least_cost(
    here: Ints, node: Ints, cost: Ints, wanted: Ints, late: Ints, capacity: Ints
) -> tuple[Numbers, int]:
    """Parcels on each arc from a demand to a node, and the cost of all, the late ones included."""
    used, place = np.unique(here, return_inverse=True)
    nodes, number = np.unique(node, return_inverse=True)
    asked, sink = wanted[used], len(used) + len(nodes)
    beyond = int((wanted * late).sum() - (asked * late[used]).sum())
    if not len(here):
        return np.zeros(0), beyond
    room = np.where(capacity[nodes] < 0, asked.sum(), capacity[nodes])
    graph = min_cost_flow.SimpleMinCostFlow()
    arcs = graph.add_arcs_with_capacity_and_unit_cost(
        np.concatenate([place, np.arange(sink)]),
        np.concatenate([len(used) + number, np.full(sink, sink)]),
        np.concatenate([asked[place], asked, room]),
        np.concatenate([cost, late[used], np.zeros(len(nodes), np.int64)]),
    )
    supplies = np.r_[asked, np.zeros(len(nodes), np.int64), -asked.sum()]
    graph.set_nodes_supplies(np.arange(sink + 1), supplies)
    if graph.solve() != graph.OPTIMAL:
        raise RuntimeError("a flow that always exists was not found")
    return graph.flows(arcs[: len(here)]).astype(float), beyond + graph.optimal_cost()


def _given(model: Model, ship: Ints, trucks: Ints) -> tuple[Places, Numbers]:
    ids = np.concatenate([model.ship[model.ship >= 0], model.trucks[model.trucks >= 0]])
    whole = np.concatenate([ship[model.ship >= 0], trucks[model.trucks >= 0]])
    return ids, whole.astype(float)
