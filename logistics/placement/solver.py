"""Place temporary nodes: one question, one plan, and a bound on what any plan would cost.

A question of one town is searched as it stands, in three sittings: what opening nothing new costs;
the openings; and, with these fixed, how the goods move, in whole parcels. Large questions are priced
first (`large.py`). The answer is never worse than opening nothing new, also when the effort ends
before the search does.
"""

from dataclasses import dataclass, replace

import numpy as np

from logistics.errors import Nonsense
from logistics.placement.answer import unmet_approvals
from logistics.placement.flows import alone
from logistics.placement.frame import Flags, Frame, frame
from logistics.placement.large import FEW, MANY, alike, priced
from logistics.placement.model import Model, firmly
from logistics.placement.plan import PlacementPlan, Stopped
from logistics.placement.prices import Market, size
from logistics.placement.problem import PlacementProblem
from logistics.placement.programme import CLOSE_ENOUGH, Solved
from logistics.placement.reasons import reasons, rejected
from logistics.placement.risk import within_tail
from logistics.placement.served import (
    contradiction,
    forced,
    runs_of,
    schedule,
    served,
    standing,
    tail_of,
)
from logistics.placement.sheet import Numbers
from logistics.placement.sittings import Clock, Found, choose
from logistics.units import Seconds
from routing.effort import Effort


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What every search of a question begins with: its facts, the plan that opens nothing new, and
    the one that opens nothing but what must open."""

    facts: Frame
    nothing: PlacementPlan
    forced: PlacementPlan


def ground(problem: PlacementProblem, effort: Effort) -> Ground:
    """Begin with a question. Raises Nonsense when it has no plan at all."""
    facts = frame(problem)
    nothing = served(problem, facts, standing(problem, facts), None, effort)
    return Ground(facts=facts, nothing=nothing, forced=forced(problem, facts, nothing))


def place(
    problem: PlacementProblem,
    effort: Effort,
    *,
    gap: float = CLOSE_ENOUGH,
    at_once: int | None = None,
    decided: Seconds | None = None,
    like: PlacementPlan | None = None,
    begun: Ground | None = None,
) -> PlacementPlan:
    """Choose openings, shipments and exits of least mean cost; a plan always comes back.

    `gap` is the share of the cost that need not be proven, `at_once` the columns of parcels above
    which the cells are priced first (None: what has proved best). `decided` is for whoever asks
    again soon: how far ahead starts and ends are chosen firmly (None: all of them); a site that
    would start later stays shut in this plan. `like` is the plan of a question much like this one, to
    begin with where the question is a large one; `begun` is the ground of this very question, for whoever
    asks it in two ways. Raises Nonsense when what must open, the budget and the limits leave no plan
    at all.
    """
    clock = Clock(effort)
    begun = begun or ground(problem, effort)
    facts, nothing, best = begun.facts, begun.nothing, begun.forced
    tight = problem.wishes.tail_permille is not None
    whole = at_once if at_once is not None else FEW if alone(problem) else MANY
    if not tight and size(facts) > whole:
        best = alike(problem, facts, like, best, nothing, effort)
        found = priced(problem, facts, best, nothing, clock, gap)
    else:
        found = _searched(problem, facts, best, nothing, clock, gap, _may_wait(problem, decided))
    best, bound, proven = found
    bound = min(bound, float(best.steered))
    stopped: Stopped = "time_limit" if effort.steps is None else "step_limit"
    done = replace(best, bound=bound, stopped="proven" if proven else stopped)
    return replace(done, reasons=reasons(problem, done), rejected=rejected(problem, facts, done))


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
        tail = tail_of(problem, nothing, strict)
        model, sitting = choose(problem, facts, tail, clock.left(), gap, decided=decided)
        first = first or sitting
        if sitting.values is None:
            break
        runs = schedule(model, sitting.values)
        if decided is not None:
            runs = settled(problem, facts, model, sitting.values, decided)
        if tail is None and np.array_equal(runs, runs_of(problem, nothing)):
            break
        plan = served(problem, facts, runs, nothing, clock.effort, tail)
        if within_tail(problem, plan):
            best = min(plan, best, key=lambda each: each.steered)
            break
    assert first is not None  # noqa: S101  there is always a first sitting
    if first.values is None and first.proven:
        raise Nonsense("/wishes", contradiction(problem, nothing))
    return best, first.bound + unmet_approvals(problem), first.proven


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
