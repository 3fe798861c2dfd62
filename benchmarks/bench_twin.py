"""How long worlds take to live, and how much memory: the demo's 72 hours, and drawn months.

python -m benchmarks.bench_twin [--worlds N] [--days D] [--seed S] [--policies LIST]
    [--processes P] [--json FILE]

First 72 hours of the demo's world under `surgeport` on one core (the figure to keep: 60 s), then
drawn worlds under all policies by `python -m api.cli simulate` (30 worlds of 28 days: 60 minutes on
two cores, 2 GB). Seconds are of the wall; CPU seconds are told beside them, for machines with other
work. The answer also holds the figures of `simulate` itself, `gain_captured` and `hash` among them.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from data.demo.world import demo_world
from logistics.twin.life import live
from logistics.twin.policies import way_of

ALL = "static,reactive,surgeport,informed,clairvoyant"


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
        subprocess.run(command, check=True)
        answer: dict[str, Any] = json.loads(told.read_text("utf-8"))
        return answer


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=2)
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--policies", default=ALL)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    demo = demo_hours()
    drawn = months(asked)
    lives = asked.worlds * len([p for p in drawn["policies"] if "_" not in p])
    told = {
        "demo_72_hours": demo,
        "worlds": asked.worlds,
        "days": asked.days,
        "lives": lives,
        "seconds": drawn["seconds"],
        "cpu_seconds_of_a_life": round(drawn["cpu_seconds"] / lives, 1),
        "seconds_for_30_worlds": round(30 * drawn["seconds"] / asked.worlds),
        "peak_megabytes_of_a_process": drawn["peak_megabytes_of_a_process"],
        "simulate": {key: drawn[key] for key in ("policies", "gain_captured", "hash")},
    }
    print(json.dumps({k: v for k, v in told.items() if k != "simulate"}, indent=1))
    if asked.json:
        asked.json.write_text(json.dumps(told, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
