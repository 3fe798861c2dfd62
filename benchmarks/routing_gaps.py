"""Our router beside PyVRP on public instances, both by the clock of CPU seconds.

    python -m benchmarks.routing_gaps --harness DIR [--seconds 5] [--seeds 1] [--best CSV] [--json FILE] FILES

For a machine that is shared: the harness' own `run.py` goes by the wall. `DIR` is the harness' folder
(its reader, checker and call of PyVRP are used); `--best` a table `name,cost` for files without a
`.sol` beside them. Gaps are to the best known, or costs where none is known. Both see `process_time`
where they ask for the time; OR-Tools and VROOM have clocks of their own and are not asked.
"""

import argparse
import csv
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

Solve: TypeAlias = Callable[[Any, float, int], tuple[list[Any], Any]]
Row: TypeAlias = dict[str, str | float]


def solvers_of(harness: Path) -> tuple[Any, dict[str, Solve]]:
    """The harness' reader and checker, and both routers behind its call."""
    time.perf_counter = time.process_time
    sys.path.insert(0, str(harness))
    import solvers  # type: ignore[import-not-found]  # noqa: PLC0415  after the clock is changed
    import vrpio  # type: ignore[import-not-found]  # noqa: PLC0415

    from benchmarks.adapters import route  # noqa: PLC0415

    return vrpio, {"ours": route, "pyvrp": solvers.pyvrp}


def rows_of(asked: argparse.Namespace) -> Iterator[Row]:
    """One row for each file and seed: by how many percent each is above the best known."""
    vrpio, solvers = solvers_of(asked.harness)
    best = {}
    if asked.best is not None:
        with asked.best.open(encoding="utf-8") as table:
            best = {row["name"].lower(): float(row["cost"]) for row in csv.DictReader(table)}
    for seed in range(1, asked.seeds + 1):
        for path in asked.files:
            inst = vrpio.read(str(path))
            known = best.get(path.stem.lower(), 0) * inst["scale"]
            known = vrpio.best_known(str(path), inst["scale"]) or round(known)
            row: Row = {"file": path.stem, "seed": seed, "seconds": asked.seconds}
            for name, solve in solvers.items():
                cost, wrong = vrpio.check(inst, solve(inst, asked.seconds, seed)[0])
                if wrong:
                    row[f"{name}_broken"] = str(wrong)
                elif known:
                    row[name] = round(100 * (cost / known - 1), 3)
                else:
                    row[name] = cost / inst["scale"]
            yield row


def summary_of(rows: list[Row]) -> dict[str, float]:
    """Means, and the mean paired difference with half of its 95 % interval (of files, then seeds)."""
    both = [row for row in rows if "ours" in row and "pyvrp" in row]
    ours, its = (np.array([float(row[name]) for row in both]) for name in ("ours", "pyvrp"))
    apart = ours - its
    wide = 1.96 * apart.std(ddof=1) / len(apart) ** 0.5 if len(apart) > 1 else float("nan")
    means = {"pairs": len(both), "ours": ours.mean(), "pyvrp": its.mean()}
    return {
        name: round(float(value), 3)
        for name, value in (means | {"difference": apart.mean(), "half_interval": wide}).items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--harness", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--best", type=Path)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    rows = []
    for row in rows_of(asked):
        rows.append(row)
        print(json.dumps(row), flush=True)
    print(json.dumps(summary_of(rows), indent=1))
    if asked.json is not None:
        asked.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
