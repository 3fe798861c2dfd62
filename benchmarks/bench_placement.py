"""Placement side by side: the product's own solver and plain solvers on the same instances.

    python benchmarks/bench_placement.py --data DIR --seconds 10 --peers highs,cbc,scip --json FILE

`--data` is a folder with `orlib/`, `us/`, `holmberg/`, `pmed/` and `optima.csv`; `--families` picks
some, or `cells3000,tight,days,paths` of our own generators, which `--seed` draws anew. `--fuzz 1000`
solves so many made-up questions under every time limit, `--what-if 20` asks the `days` question
again with so many changes. Single core; beside the seconds on the wall stand those of the CPU, for a
machine that is shared. Every answer is checked twice: by the raw numbers (one period) and by
`rules.py`, which shares nothing with the model. A
peer is given the usual strong formulation in one call and its answer is checked by its bounds.
"""

import argparse
import csv
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from ortools.linear_solver import linear_solver_pb2, pywraplp

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # as a file it runs from anywhere

from benchmarks.placement_instances import GENERATED, READERS, Instance, check, read_all
from benchmarks.placement_trials import fuzzed, what_ifs
from logistics.placement.rules import broken
from logistics.placement.solver import place
from routing.effort import Effort

PEERS = {"highs": "HIGHS", "cbc": "CBC", "scip": "SCIP"}


def ours(instance: Instance, seconds: float, gap: float) -> dict[str, Any]:
    began, cpu = time.perf_counter(), time.process_time()
    plan = place(instance.problem, Effort(at_most=seconds), gap=gap)
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    wrong = list(broken(instance.problem, plan))
    cost = plan.cost / instance.scale
    if instance.raw is not None:
        cost, told = check(instance, plan)
        wrong += [told] if told else []
    return {
        "cost": cost,
        "bound": plan.bound / instance.scale,
        "gap": plan.gap,
        "seconds": round(took, 2),
        "cpu": round(cpu, 2),
        "stopped": plan.stopped,
        "wrong": wrong[:3],
        "openings": len(plan.openings),
    }


def peer(instance: Instance, name: str, seconds: float, gap: float) -> dict[str, Any] | None:
    """The usual strong model (shares of cells) in one call of a plain solver."""
    raw = instance.raw
    solver = pywraplp.Solver.CreateSolver(PEERS[name])
    if raw is None or solver is None:
        return None
    began, cpu = time.perf_counter(), time.process_time()
    model = _strong_model(instance)
    solver.LoadModelFromProto(model)
    solver.SetTimeLimit(int(1000 * seconds))
    params = pywraplp.MPSolverParameters()
    params.SetDoubleParam(params.RELATIVE_MIP_GAP, gap)
    status = solver.Solve(params)
    if status not in {pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE}:
        took, cpu = time.perf_counter() - began, time.process_time() - cpu
        return {"cost": None, "seconds": round(took, 2), "cpu": round(cpu, 2), "status": status}
    bound = solver.Objective().BestBound()
    cost = solver.Objective().Value()
    return {
        "cost": cost,
        "bound": bound,
        "gap": max(0.0, cost - bound) / max(1e-9, abs(cost)),
        "seconds": round(time.perf_counter() - began, 2),
        "cpu": round(time.process_time() - cpu, 2),
    }


def _strong_model(instance: Instance) -> linear_solver_pb2.MPModelProto:
    raw = instance.raw
    assert raw is not None  # noqa: S101  asked only of one-period instances
    model = linear_solver_pb2.MPModelProto()
    sites, cells, legs = len(raw.capacity), len(raw.demand), len(raw.leg_site)
    for cost in raw.fixed.tolist():
        model.variable.add(
            lower_bound=0, upper_bound=1, objective_coefficient=cost, is_integer=True
        )
    for cost in (raw.leg_cost * raw.demand[raw.leg_cell]).tolist():
        model.variable.add(lower_bound=0, upper_bound=1, objective_coefficient=cost)
    if raw.unserved is not None:
        for cost in (raw.unserved * raw.demand).tolist():
            model.variable.add(lower_bound=0, upper_bound=1, objective_coefficient=cost)
    cover = [model.constraint.add(lower_bound=1, upper_bound=1) for _ in range(cells)]
    room = [model.constraint.add(upper_bound=0) for _ in range(sites)]
    for k, (j, i) in enumerate(zip(raw.leg_site.tolist(), raw.leg_cell.tolist(), strict=True)):
        _put(cover[i], sites + k, 1.0)
        _put(room[j], sites + k, float(raw.demand[i]))
        link = model.constraint.add(upper_bound=0)
        _put(link, sites + k, 1.0)
        _put(link, j, -1.0)
    for j in range(sites):
        _put(room[j], j, -float(raw.capacity[j]))
    if raw.unserved is not None:
        for i in range(cells):
            _put(cover[i], sites + legs + i, 1.0)
    if raw.most_open is not None:
        few = model.constraint.add(upper_bound=raw.most_open)
        for j in range(sites):
            _put(few, j, 1.0)
    return model


def _put(row: Any, column: int, value: float) -> None:
    row.var_index.append(column)
    row.coefficient.append(value)


def best_known(data: Path | None) -> dict[str, float]:
    if data is None or not (data / "optima.csv").exists():
        return {}
    with (data / "optima.csv").open() as file:
        return {Path(row["file"]).stem: float(row["value"]) for row in csv.DictReader(file)}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path)
    parser.add_argument("--families", default="orlib,us")
    parser.add_argument("--only", default="", help="names of instances, comma between")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--gap", type=float, default=1e-6)
    parser.add_argument("--peers", default="")
    parser.add_argument("--seed", type=int, default=1, help="of our own generators")
    parser.add_argument("--fuzz", type=int, default=0)
    parser.add_argument("--what-if", type=int, default=0)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    families = [name for name in asked.families.split(",") if name]
    if unknown := set(families) - set(READERS) - set(GENERATED):
        parser.error(f"there is no family {', '.join(sorted(unknown))}")
    instances = read_all(asked.data, families) if asked.data else []
    instances += [GENERATED[name](asked.seed) for name in families if name in GENERATED]
    only = {name for name in asked.only.split(",") if name}
    known, rows = best_known(asked.data), []
    for instance in instances:
        if only and instance.name not in only:
            continue
        row: dict[str, Any] = {"instance": instance.name, "family": instance.family}
        row["best_known"] = known.get(instance.name)
        row["ours"] = ours(instance, asked.seconds, asked.gap)
        for name in filter(None, asked.peers.split(",")):
            row[name] = peer(instance, name, asked.seconds, asked.gap)
        rows.append(row)
        print(_line(row), flush=True)
    if rows:
        print(_summary(rows))
    if asked.fuzz:
        rows.append({"instance": "fuzz"} | fuzzed(asked.fuzz))
        print(rows[-1])
    if asked.what_if:
        instance = GENERATED["days"](asked.seed)
        plan = place(instance.problem, Effort(at_most=asked.seconds))
        rows.append({"instance": instance.name} | what_ifs(instance, plan, asked.what_if))
        print(rows[-1])
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=1))


def _line(row: dict[str, Any]) -> str:
    told = [f"{row['instance']:>16}"]
    for name in ("ours", *PEERS):
        if answer := row.get(name):
            if answer["cost"] is None:
                told.append(f"{name} no answer in {answer['seconds']} s (CPU {answer['cpu']} s)")
                continue
            over = ""
            if row["best_known"]:
                over = f" {100 * (answer['cost'] / row['best_known'] - 1):+.4f} % of best"
            told.append(
                f"{name} {answer['cost']:.2f} gap {100 * answer['gap']:.4f} %{over} "
                f"{answer['seconds']} s (CPU {answer['cpu']} s){' WRONG ' + str(answer['wrong']) if answer.get('wrong') else ''}"
            )
    return " | ".join(told)


def _summary(rows: list[dict[str, Any]]) -> str:
    told = []
    for name in ("ours", *PEERS):
        found = [row[name] for row in rows if row.get(name) and row[name]["cost"] is not None]
        if found:
            proven = sum(each["gap"] <= 1e-6 for each in found)
            told.append(
                f"{name}: {len(found)} of {len(rows)} answered, {proven} proved to 1e-6, "
                f"mean gap {100 * np.mean([each['gap'] for each in found]):.4f} %, "
                f"{sum(each['seconds'] for each in found):.1f} s, "
                f"{sum(bool(each.get('wrong')) for each in found)} wrong"
            )
    return "\n".join(told)


if __name__ == "__main__":
    main()
