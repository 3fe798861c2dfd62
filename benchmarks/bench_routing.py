"""Measures the router where the public sets say nothing: re-planning, scale, dispatch, explanations.

    python -m benchmarks.bench_routing [--data DIR] [--json FILE] [--only replan,scale,...] [--quick]

The towns are made here from a seed. `--data` names a folder of VRPLIB or Solomon files to solve as
well (`--seconds` each). Everything runs in one process; seconds on a busy machine are upper bounds.
"""

import argparse
import json
import resource
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.dispatch_games import games
from benchmarks.viral_days import figures_of as rolling
from routing.diagnosis import explained, fixed
from routing.effort import Effort
from routing.geography import Place, straight_km_table
from routing.improve import improve, warm
from routing.insertion import Draft, cheapest
from routing.plan import Why
from routing.problem import Break, Depot, Load, RoutingProblem, Stop, Unit, Vehicle, Window
from routing.recombine import recombined
from routing.replan import frozen, replan
from routing.rules import broken
from routing.schedule import scheduled
from routing.solver import route, route_wide
from routing.split import WideProblem
from routing.timetable import Book, orders_of, planned
from routing.travel import GreatCircle
from routing.vrplib import problem_of_benchmark
from tests.routing.builders import a_random_problem

HOUR = 3600
PARCELS = 40
"""What a van holds."""
Figures = dict[str, float | int | str]


def a_town(seed: int, stops: int, nodes: int, vans: int) -> RoutingProblem:
    """A town of 40 km: six-hour orders placed over the morning, their goods at the nearest node."""
    rng = np.random.default_rng(seed)
    spots = rng.uniform(0, 0.36, (nodes + stops, 2))
    places = tuple(Place(lat=34 + float(a), lon=-118 + float(b)) for a, b in spots)
    travel = GreatCircle().table(places)
    home = travel.seconds[:nodes, nodes:].argmin(axis=0)
    accepted = rng.integers(0, 3 * HOUR, stops)
    return RoutingProblem(
        stops=tuple(
            Stop(
                name=f"order{k}",
                place=nodes + k,
                price=4000,
                service=180,
                due=int(accepted[k]) + 6 * HOUR,
                late_per_hour=3000,
                load=Load(parcels=1),
                units=(Unit(at=f"node{home[k]}", ready=int(accepted[k]) + 900),),
            )
            for k in range(stops)
        ),
        depots=tuple(Depot(name=f"node{d}", place=d) for d in range(nodes)),
        vehicles=tuple(_a_van(k, k % nodes) for k in range(vans)),
        travel=travel,
    )


def _a_van(number: int, node: int) -> Vehicle:
    noon = Break(window=Window(opens=4 * HOUR, closes=6 * HOUR), length=1800)
    return Vehicle(
        name=f"van{number}",
        start=node,
        end=node,
        depot=f"node{node}",
        reloads=(f"node{node}",),
        trips=4,
        turnaround=600,
        shift=Window(opens=0, closes=11 * HOUR),
        capacity=Load(parcels=PARCELS),
        breaks=(noon,),
        fixed=4000,
        per_hour=2500,
        per_km=35,
    )


def bench_replan(*, quick: bool) -> Figures:
    """Fifty new orders in a plan of a thousand stops, four nodes, a fifth of the stops locked."""
    size, fresh, rounds = (200, 10, 2) if quick else (1000, 50, 5)
    took, over, moved, kept = [], [], [], True
    whole = a_town(1, size + fresh, 4, size // 12)
    before = replace(whole, stops=whole.stops[:size])
    plan = route(before, Effort(at_most=6 if quick else 30))
    locks = max(1, size // 5 // max(1, len(plan.routes)))
    for seed in range(rounds):
        now = frozen(whole, plan, locks)
        began = time.perf_counter()
        again, diff = replan(now, plan, Effort(at_most=0.8, seed=seed))
        took.append(time.perf_counter() - began)
        moved.append(sum(m.before is not None for m in diff.moved) / size)
        kept = kept and not broken(now, again)
        if seed == 0:
            cold = route(now, Effort(at_most=6 if quick else 30))
        over.append(again.cost / cold.cost - 1)
    return {
        "replan_p95_s": round(float(np.quantile(took, 0.95)), 3),
        "replan_over_cold": round(float(np.mean(over)), 4),
        "replan_moved_share": round(float(np.max(moved)), 4),
        "replan_rules_and_locks_kept": int(kept),
    }


def a_region(stops: int, nodes: int) -> WideProblem:
    """Six-hour orders over 160 km, all known in the morning; the vans of each node have nine tenths to do.

    A trip is `PARCELS` orders of the node's surroundings, the drive there and back among them.
    """
    rng = np.random.default_rng(2)
    spots = rng.uniform(0, 1.5, (nodes + stops, 2))
    places = tuple(Place(lat=34 + float(a), lon=-118 + float(b)) for a, b in spots)
    home = straight_km_table(places[:nodes], places[nodes:]).argmin(axis=0)
    vans: list[Vehicle] = []
    for node in range(nodes):
        own = [places[nodes + k] for k in np.flatnonzero(home == node)]
        drives = GreatCircle().table((places[node], *own)).seconds.astype(float)
        trips, there = -(-len(own) // PARCELS), float(drives[0, 1:].mean())
        np.fill_diagonal(drives, np.inf)
        hop = float(drives[1:, 1:].min(axis=1).mean())
        work = len(own) * (180 + hop) + trips * (2 * there + 600)
        vans += [_a_van(len(vans) + k, node) for k in range(round(work / (0.9 * 6 * HOUR)))]
    return WideProblem(
        places=places,
        stops=tuple(
            Stop(
                name=f"order{k}",
                place=nodes + k,
                price=4000,
                service=180,
                due=6 * HOUR,
                late_per_hour=3000,
                load=Load(parcels=1),
            )
            for k in range(stops)
        ),
        depots=tuple(Depot(name=f"node{d}", place=d) for d in range(nodes)),
        vehicles=tuple(vans),
        times=GreatCircle(),
    )


def bench_scale(*, quick: bool) -> Figures:
    """Twenty thousand orders, twenty nodes, one process."""
    stops, nodes = (2000, 4) if quick else (20_000, 20)
    wide = a_region(stops, nodes)
    began, worked = time.perf_counter(), time.process_time()
    plan = route_wide(wide, Effort(at_most=4 if quick else 30))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "scale_stops": stops,
        "scale_s": round(time.perf_counter() - began, 1),
        "scale_cpu_s": round(time.process_time() - worked, 1),
        "scale_peak_mb": round(peak),
        "scale_left_out": len(plan.left_out),
        "scale_late": sum(visit.start > 6 * HOUR for _, visit in plan.visits()),
        "scale_vans": len(plan.routes),
        "scale_vans_there": len(wide.vehicles),
        "scale_cents_an_order": round(plan.cost / stops),
    }


def bench_dispatch(*, quick: bool) -> Figures:
    """Games after the EURO-NeurIPS dynamic rules: driven seconds over those of sending at once."""
    return dict(games(1 if quick else 6, futures=6, steps=100 if quick else 200))


def bench_rolling(*, quick: bool) -> Figures:
    """The twin's busiest days at nine tenths of the fleet: sending at once, and by futures."""
    return dict(rolling(1 if quick else 3, load=0.9, futures=4, steps=100 if quick else 200))


def bench_explain(*, quick: bool) -> Figures:
    """Seeded cases with stops left out: is every infeasible true, does every fix make room?"""
    cases = 20 if quick else 200
    counts = dict.fromkeys(Why, 0)
    false = fixes = good = 0
    for seed in range(cases):
        town = a_town(1000 + seed, 12, 2, 2)
        rng = np.random.default_rng(seed)
        tight = tuple(
            replace(s, windows=(Window(opens=0, closes=int(rng.integers(300, 4 * HOUR))),))
            if rng.random() < 0.5
            else s
            for s in town.stops
        )
        problem = replace(town, stops=tight)
        plan = explained(problem, route(problem, Effort(steps=200, seed=seed)))
        for left in plan.left_out:
            counts[left.why] += 1
            alone = cheapest(Draft.of(Book.of(problem), {}), problem.stop(left.stop))
            false += left.why is Why.INFEASIBLE and alone is not None
            if left.fix is not None:
                fixes += 1
                changed = fixed(problem, left.stop, left.fix)
                draft = Draft.of(Book.of(changed), orders_of(plan))
                good += cheapest(draft, changed.stop(left.stop)) is not None
    return {
        "explain_left_out": sum(counts.values()),
        **{f"explain_{why.value}": count for why, count in counts.items()},
        "explain_false_infeasible": false,
        "explain_fixes": fixes,
        "explain_fixes_that_make_room": good,
    }


def bench_models(*, quick: bool) -> Figures:
    """Random models that use every field: does each plan keep every rule and explain what it omits?"""
    cases = 50 if quick else 1000
    kept = left_out = unexplained = 0
    for seed in range(cases):
        problem = a_random_problem(seed, stops=14, vehicles=3)
        plan = explained(problem, route(problem, Effort(steps=150, seed=seed)))
        kept += not broken(problem, plan)
        left_out += len(plan.left_out)
        unexplained += sum(x.why is Why.UNKNOWN and x.fix is None for x in plan.left_out)
    return {
        "models": cases,
        "models_that_keep_every_rule": kept,
        "models_left_out": left_out,
        "models_left_out_without_reason_or_fix": unexplained,
    }


def bench_limits(*, quick: bool) -> Figures:
    """How far past its time a solve answers, in shares of the time; below zero where it is early."""
    over = []
    for size, limit in ((50, 0.5), (200, 1.0)) if quick else ((50, 0.5), (200, 2.0), (1000, 5.0)):
        town = a_town(7, size, 4, max(4, size // 12))
        began = time.perf_counter()
        route(town, Effort(at_most=limit))
        over.append((time.perf_counter() - began) / limit - 1)
    return {"limits_most_over": round(max(over), 3)}


def bench_ablation(*, quick: bool) -> Figures:
    """What the exact schedule and the recombination each save, of the cost without them.

    The schedule is asked after the search, and of the first plan, which is only inserted.
    """
    saved: dict[str, list[float]] = {
        "recombination": [],
        "schedule": [],
        "schedule_of_the_first": [],
    }
    for seed in range(2 if quick else 8):
        town = a_town(300 + seed, 60 if quick else 120, 2, 14)
        book = Book.of(town)
        found = improve(book, {}, Effort(at_most=1.0 if quick else 4.0, seed=seed))
        plan = planned(book, found.orders)
        first = planned(book, improve(book, {}, Effort(steps=1, seed=seed)).orders)
        again = recombined(book, found.pool, plan, Effort(at_most=2.0, seed=seed))
        joined = plan if again is None else planned(book, again)
        saved["recombination"].append(1 - min(joined.cost, plan.cost) / plan.cost)
        for step, given in (("schedule", joined), ("schedule_of_the_first", first)):
            timed = scheduled(book, given, Effort(at_most=4.0, seed=seed))
            exact = given if timed is None else planned(book, timed)
            keeps = exact.cost < given.cost and not broken(town, exact)
            saved[step].append(1 - exact.cost / given.cost if keeps else 0.0)
    return {f"ablation_{step}_saves": round(float(np.mean(x)), 5) for step, x in saved.items()}


def bench_files(folder: Path, seconds: float) -> Figures:
    """Cost of each benchmark file of the folder at so many seconds."""
    figures: Figures = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".txt", ".vrp"}:
            plan = route(problem_of_benchmark(path.read_text()), Effort(at_most=seconds))
            figures[path.stem] = plan.cost
    return figures


BENCHES = {
    "replan": bench_replan,
    "scale": bench_scale,
    "dispatch": bench_dispatch,
    "rolling": bench_rolling,
    "explain": bench_explain,
    "models": bench_models,
    "limits": bench_limits,
    "ablation": bench_ablation,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", default=",".join(BENCHES))
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    warm()
    figures: Figures = {}
    for name in filter(None, asked.only.split(",")):
        figures |= BENCHES[name](quick=asked.quick)
        print(json.dumps(figures, indent=1), flush=True)
    if asked.data is not None:
        figures |= bench_files(asked.data, asked.seconds)
    if asked.json is not None:
        asked.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
