"""How far forecasts put a video off its place among the others, beside a peer's, with an interval.

    python -m benchmarks.forecast_percentiles --data DIR [--tasks active_k30_h30,active_k90_h30_oracle]
        [--peers lgbm,lgbm_conf] [--n 700] [--valid] [--json FILE]

DIR holds the data and, in `harness/`, the programs that make tasks of them and the peers. The error
is that of the harness: by how many percentiles of what came the median of the total is off. The
change against each peer is paired: both are asked of the same videos, and the interval (95 %) is of
1,000 draws of them. With `--valid` a third of the train split is asked and the rest teaches; the test
split is then not looked at.
"""

import argparse
import importlib
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.adapters import forecast
from forecasting.signals import Floats

TASKS = "active_k30_h30,active_k90_h30_oracle"
DRAWS = 1000


def off_by(harness: Any, task: Any, said: Floats) -> Floats:
    """Percentiles that each median of the total is off by, (n,)."""
    said = np.sort(np.clip(np.nan_to_num(np.asarray(said, float), posinf=1e12), 0, 1e12), axis=2)
    totals = said[:, task.h] if said.shape[1] > task.h else said.sum(axis=1)
    came = task.actual.sum(axis=1)
    placed = harness.percentile(came, totals[:, 1]) - harness.percentile(came, came)
    far: Floats = np.abs(placed)
    return far


def paired(own: Floats, other: Floats) -> list[float]:
    """The change of the mean error against a peer's, and its interval over the videos."""
    rows = np.random.default_rng(0).integers(0, len(own), (DRAWS, len(own)))
    changes = own[rows].mean(axis=1) / other[rows].mean(axis=1) - 1
    ends = np.quantile(changes, (0.025, 0.975)).tolist()
    return [round(float(x), 3) for x in (own.mean() / other.mean() - 1, *ends)]


def within_train(task: Any) -> Any:
    """The same task asked of a third of its train split, and learned from the rest."""
    ask = np.random.default_rng(0).permutation(len(task.Y)) % 3 == 0
    k, h = task.k, task.h
    return replace(
        task,
        y=task.Y[ask, :k], x=task.X[ask, :k], xf=None if task.xf is None else task.X[ask, k : k + h],
        cat=task.C[ask], actual=task.Y[ask, k : k + h], Y=task.Y[~ask], X=task.X[~ask], C=task.C[~ask],
    )  # fmt: skip


def main() -> None:
    """Ask every task, and print one line for each."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--data", required=True, type=Path)
    asked.add_argument("--json", type=Path)
    asked.add_argument("--tasks", default=TASKS)
    asked.add_argument("--peers", default="lgbm,lgbm_conf")
    asked.add_argument("--n", type=int, default=700)
    asked.add_argument("--valid", action="store_true")
    told = asked.parse_args()
    sys.path.insert(0, str(told.data / "harness"))
    harness, peers = importlib.import_module("bench"), importlib.import_module("peers")
    figures = []
    for name in told.tasks.split(","):
        made = harness.make(name, str(told.data), None, 10 if told.valid else told.n)
        task = within_train(made) if told.valid else made
        own = off_by(harness, task, forecast(replace(task, actual=None)))
        row: dict[str, Any] = {
            "task": name,
            "videos": len(own),
            "error": round(float(own.mean()), 3),
        }
        for peer in told.peers.split(","):
            other = off_by(harness, task, peers.PEERS[peer](replace(task, actual=None)))
            row[peer] = {"error": round(float(other.mean()), 3), "change": paired(own, other)}
        figures.append(row)
        print(json.dumps(row), flush=True)
    if told.json:
        told.json.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
