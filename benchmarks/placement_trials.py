"""Placement on trial: made-up questions under every time limit, and what-ifs of a large one.

The questions are those of the tests (`tests/builders/placement.py`): sites of every kind, standing
nodes, centres, lanes, trucks, vans, wishes, several paths. An answer passes when `rules.py`, which
shares nothing with the model, finds nothing broken (it adds the cost up again, to the cent) and the
bound is not above the cost.
"""

import time
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings

from benchmarks.placement_instances import Instance
from logistics.errors import Nonsense
from logistics.placement.plan import PlacementPlan
from logistics.placement.problem import PlacementProblem, SamplePath, Series
from logistics.placement.rules import broken
from logistics.placement.solver import place
from routing.effort import Effort
from tests.builders.placement import placement_problems

LIMITS = (0.01, 0.1, 1.0)
"""Seconds given to each question, one after the other; the cells are priced first every other time."""
FACTORS = (0.5, 0.8, 1.25, 1.5)


def fuzzed(count: int) -> dict[str, Any]:
    """Solve so many questions under each limit; what was wrong is told, with its question's number."""
    told: dict[str, Any] = {"questions": 0, "answers": 0, "refused": 0, "wrong": [], "late": []}

    @settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(placement_problems())
    def tried(problem: PlacementProblem) -> None:
        told["questions"] += 1
        for seconds in LIMITS:
            began = time.process_time()
            at_once = 0 if told["questions"] % 2 else None
            try:
                plan = place(problem, Effort(at_most=seconds), at_once=at_once)
            except Nonsense:
                told["refused"] += 1
                continue
            told["answers"] += 1
            told["late"].append(time.process_time() - began - seconds)
            wrong = [*broken(problem, plan)]
            wrong += ["the bound is above the cost"] if plan.bound > plan.steered + 1 else []
            told["wrong"] += [(told["questions"], seconds, each) for each in wrong]

    tried()
    late = told.pop("late")
    return told | {"late_p95": round(float(np.percentile(late, 95)), 2), "late_max": max(late)}


def what_ifs(instance: Instance, plan: PlacementPlan, count: int) -> dict[str, Any]:
    """Ask a large question again with other demand or a site fewer, beginning with the plan there is:
    the exact runs' seconds on the wall, and their gaps."""
    draw = np.random.default_rng(1)
    exact, gaps, wrong = [], [], []
    for k in range(count):
        asked = _other(instance.problem, plan, k, draw)
        began = time.perf_counter()
        found = place(asked, Effort(at_most=WHAT_IF), like=plan)
        exact.append(time.perf_counter() - began)
        gaps.append(found.gap)
        wrong += list(broken(asked, found))[:1]
    return {
        "what_ifs": count,
        "exact_p95": round(float(np.percentile(exact, 95)), 2),
        "gap_mean": float(np.mean(gaps)),
        "gap_max": max(gaps),
        "wrong": wrong,
    }


WHAT_IF = 1.6
"""Seconds given to the exact run of a what-if: what is left of two serves and explains its answer."""


def _other(
    problem: PlacementProblem, plan: PlacementPlan, k: int, draw: np.random.Generator
) -> PlacementProblem:
    if k % 2:
        shut = str(draw.choice([each.site for each in plan.openings]))
        return replace(problem, wishes=replace(problem.wishes, must_not=(shut,)))
    factor = FACTORS[k // 2 % len(FACTORS)]
    return replace(problem, paths=tuple(_scaled(path, factor) for path in problem.paths))


def _scaled(path: SamplePath, factor: float) -> SamplePath:
    rows = tuple(
        Series(
            product=row.product,
            cell=row.cell,
            parcels=tuple(round(factor * parcels) for parcels in row.parcels),
        )
        for row in path.demand
    )
    return replace(path, demand=rows)
