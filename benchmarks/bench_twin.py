"""How long worlds take to live, and how much memory: the demo's 72 hours, and drawn months.

benchmarks/bench_twin.py [--worlds N] [--days D] [--seed S] [--policies LIST]
    [--processes P] [--json FILE]

First 72 hours of the demo's world under `surgeport` on one core (the figure to keep: 60 s), then
drawn worlds under all policies by `python -m api.cli simulate`: 30 worlds of 28 days, which may take
60 minutes on two cores and 2 GB. With fewer `--worlds` it says how long 30 like these would take.
Seconds are of the wall; CPU seconds are told beside them, for machines with other work, and so are
the minutes that the processes would take if they alone had a core each. The answer also holds the
figures of `simulate` itself, `gain_captured` and `hash` among them.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # as a file it runs from anywhere

from data.demo.world import demo_world
from logistics.twin.life import live
from logistics.twin.policies import way_of

ROOT = Path(__file__).resolve().parents[1]

ALL = "static,reactive,surgeport,informed,clairvoyant"
WORLDS, DAYS = 30, 28
"""What is to be lived within an hour."""


def demo_hours() -> dict[str, Any]:
    """Live the demo's 72 hours in this process."""
    began = time.monotonic()
    life = live(demo_world(), way_of("surgeport"))
    return {
        "seconds": round(time.monotonic() - began, 1),
        "cpu_seconds": life.seconds,
        "peak_megabytes": life.peak_megabytes,
        "orders": life.outcomes.orders,
        "discrepancies": list(life.wrong),
    }


def months(asked: argparse.Namespace) -> dict[str, Any]:
    """Live drawn worlds by the command line, as anybody would."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "answer.json"
        command = [sys.executable, "-m", "api.cli", "simulate", "--json", str(told)]
        for name in ("worlds", "days", "seed", "policies", "processes"):
            command += [f"--{name}", str(getattr(asked, name))]
        subprocess.run(command, check=True, cwd=ROOT)
        answer: dict[str, Any] = json.loads(told.read_text("utf-8"))
        return answer


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=WORLDS)
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--policies", default=ALL)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    demo = demo_hours()
    drawn = months(asked)
    each = {name: told / asked.worlds for name, told in drawn["cpu_seconds_by_policy"].items()}
    told = {
        "demo_72_hours": demo,
        "worlds": asked.worlds,
        "days": asked.days,
        "lives": asked.worlds * len(each),
        "seconds": drawn["seconds"],
        "cpu_seconds": drawn["cpu_seconds"],
        "cpu_seconds_of_a_life": {name: round(seconds, 1) for name, seconds in each.items()},
        f"minutes_for_{WORLDS}_worlds": round(WORLDS * drawn["seconds"] / asked.worlds / 60, 1),
        "minutes_with_a_core_for_each_process": round(
            WORLDS * sum(each.values()) / asked.processes / 60, 1
        ),
        "peak_megabytes_of_a_process": drawn["peak_megabytes_of_a_process"],
        "simulate": {key: drawn[key] for key in ("policies", "gain_captured", "worlds", "hash")},
    }
    print(json.dumps({k: v for k, v in told.items() if k != "simulate"}, indent=1))
    if asked.json:
        asked.json.write_text(json.dumps(told, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
