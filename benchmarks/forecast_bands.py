"""How well bands hold and surges are told ahead, class by class, on the development data's tasks.

    python -m benchmarks.forecast_bands --data DIR --json FILE [--tasks viral_k7_h7,...] [--n 700]

DIR holds the data and, in `harness/`, the programs that make tasks of them. Each task is learned
from its train split and asked of its test split, through the chain alone.

A band of 80 % holds where 80 % lies between the coverage that counts a tie with a bound as half and
the one that counts it as inside, each with its bootstrap interval over products. It is told for
steps and totals, near and far steps, and thirds of series by what they had sold.

An alarm is raised where a surge is likely (`Foresight.surge`): what comes is more than 1.5 times the
pace of the last three steps. Recall is the part of surges found before the alarms on products
without any number one a week and 100 products.
"""

import argparse
import importlib
import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.adapters import forecast
from forecasting.forecast import SURGE
from forecasting.foresight import surge
from forecasting.signals import Bools, Floats, Ints

TASKS = (
    "viral_k3_h7", "viral_k7_h7", "burst_k3_h7", "burst_k7_h7", "active_k3_h7", "active_k7_h7",
    "active_k30_h30", "bursts_k1_h24", "bursts_k3_h24", "bursts_k6_h24", "hype_k3_h7", "hype_k7_h14",
)  # fmt: skip
DRAWS = 300


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answered:
    """What was said of a task, and what came: counts by series and step, (n, h)."""

    seen: Floats
    came: Floats
    said: Floats
    family: Ints
    weeks: float

    @property
    def thirds(self) -> Ints:
        """Each series' third by what it had sold, (n,)."""
        rank = np.argsort(np.argsort(self.seen.sum(axis=1), kind="stable"))
        return rank * 3 // max(len(rank), 1)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--data", required=True, type=Path)
    asked.add_argument("--json", type=Path)
    asked.add_argument("--tasks", default=",".join(TASKS))
    asked.add_argument("--n", type=int, default=700)
    told = asked.parse_args()
    sys.path.insert(0, str(told.data / "harness"))
    harness = importlib.import_module("bench")
    figures = {}
    for name in told.tasks.split(","):
        answer = answered(harness.make(name, str(told.data), None, told.n))
        figures[name] = {"bands": bands(answer), "early": early(answer)}
        print(json.dumps({name: figures[name]}), flush=True)
    if told.json:
        told.json.write_text(json.dumps(figures, indent=2))


def answered(task: Any) -> Answered:
    """Learn a task's train split and answer its test split, which is not shown."""
    count = len(task.y)
    return Answered(
        seen=task.y,
        came=task.actual,
        said=forecast(replace(task, actual=None)),
        family=np.asarray(task.extra.get("product", np.arange(count))),
        weeks=task.h / (7 if task.freq == "D" else 168),
    )


def bands(answer: Answered) -> dict[str, dict[str, Any]]:
    """The coverage of steps and of totals: all series, near and far steps, thirds by volume."""
    steps, totals = answer.said[:, :-1], answer.said[:, -1:]
    whole, half = answer.came.sum(axis=1, keepdims=True), answer.came.shape[1] // 2
    everyone = np.ones(len(answer.came), dtype=bool)
    found = {
        "steps": held(answer, answer.came, steps, everyone),
        "near steps": held(answer, answer.came[:, :half], steps[:, :half], everyone),
        "far steps": held(answer, answer.came[:, half:], steps[:, half:], everyone),
        "totals": held(answer, whole, totals, everyone),
    }
    for third, name in enumerate(("small", "middle", "large")):
        mine = answer.thirds == third
        found[f"steps, {name}"] = held(answer, answer.came, steps, mine)
        found[f"totals, {name}"] = held(answer, whole, totals, mine)
    return found


def held(answer: Answered, came: Floats, said: Floats, mine: Bools) -> dict[str, Any]:
    """Coverage with ties as half and as inside, their outer bounds, and whether 80 % lies there."""
    low, high = said[mine][..., 0], said[mine][..., 2]
    counts = came[mine]
    tied = (np.abs(counts - low) <= 1e-9) | (np.abs(counts - high) <= 1e-9)
    inside = ((counts > low) & (counts < high)) & ~tied
    by_half = (inside + 0.5 * tied).mean(axis=1)
    by_whole = (inside | tied).mean(axis=1)
    _, family = np.unique(answer.family[mine], return_inverse=True)
    rows = np.bincount(family)
    draws = np.random.default_rng(0).integers(0, len(rows), (DRAWS, len(rows)))
    sums = [np.bincount(family, weights=each) for each in (by_half, by_whole)]
    halves, wholes = (each[draws].sum(axis=1) / rows[draws].sum(axis=1) for each in sums)
    least, most = float(np.quantile(halves, 0.025)), float(np.quantile(wholes, 0.975))
    return {
        "ties_half": round(float(by_half.mean()), 3),
        "ties_inside": round(float(by_whole.mean()), 3),
        "between": [round(least, 3), round(most, 3)],
        "holds": least <= 0.8 <= most,
    }


def early(answer: Answered) -> dict[str, float | int]:
    """How surges are ranked by their chance, and by the steps' P90 as the harness does."""
    lately = np.maximum(answer.seen[:, -3:].mean(axis=1), 0.5)
    rose = answer.came.mean(axis=1) > SURGE * lately
    chance = surge(answer.said[:, -1], answer.seen[:, -3:].mean(axis=1), answer.came.shape[1])
    by_p90 = answer.said[:, :-1, 2].mean(axis=1) / lately
    if not rose.any():
        return {"surges": 0}
    return {
        "surges": int(rose.sum()),
        "rate": round(float(rose.mean()), 3),
        "precision_by_chance": round(average_precision(rose, chance), 3),
        "precision_by_p90": round(average_precision(rose, by_p90), 3),
        "recall_by_chance": round(recall(rose, chance, answer), 3),
        "recall_by_p90": round(recall(rose, by_p90, answer), 3),
    }


def average_precision(rose: Bools, alarm: Floats) -> float:
    """Precision at each surge found, the likeliest first."""
    ranked = rose[np.argsort(-alarm, kind="stable")]
    return float((np.cumsum(ranked) / np.arange(1, len(ranked) + 1))[ranked].mean())


def recall(rose: Bools, alarm: Floats, answer: Answered) -> float:
    """The part of surges found while false alarms are at most one a week and 100 products.

    A product that surges nowhere and is alarmed anywhere is one false alarm.
    """
    order = np.argsort(-alarm, kind="stable")
    surging = np.isin(answer.family, answer.family[rose])
    wrong = np.where(surging[order], -1, answer.family[order])
    first = np.zeros(len(order), dtype=bool)
    first[np.unique(wrong, return_index=True)[1]] = True
    false = np.cumsum(first & (wrong >= 0))
    allowed = answer.weeks * len(np.unique(answer.family)) / 100
    return float(rose[order][false <= allowed].sum() / rose.sum())


if __name__ == "__main__":
    main()
