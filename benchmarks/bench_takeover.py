"""How soon another clock ticks after the one that leads was killed, on one PostgreSQL.

python -m benchmarks.bench_takeover [--kills N] [--beat SECONDS] [--json FILE] [--data DIR]

Three processes share the lead; the leader is killed with SIGKILL and the moment of the next tick
by another is taken. The lease is three beats long, so about that is expected, and up to a second
more, because the job that notes its ticks is due once a second. `--data` keeps the notes.
"""

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

from api.clock import LEASE_BEATS
from data.migrations import upgrade
from tests.builders.clocks import clocks, noted, wait_until
from tests.postgres import start


def takeover(address: str, notes: Path, beat: float) -> float:
    """Kill the leader of three; seconds until another ticks."""
    with clocks(3, address, notes, beat) as processes:
        wait_until(lambda: len(noted(notes)) >= 2)
        leader = noted(notes)[-1][0]
        next(one for one in processes if one.pid == leader).kill()
        killed_at = time.time()

        def after() -> list[float]:
            return [at for pid, _, at in noted(notes) if pid != leader and at > killed_at]

        return float(wait_until(after)[0]) - killed_at


def main() -> None:
    """Measure so many kills, each on a database of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--beat", type=float, default=1.0)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--data", type=Path)
    asked = parser.parse_args()
    folder = asked.data or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    server, seconds = start(), list[float]()
    for kill in range(asked.kills):
        notes = folder / f"notes-{time.time():.0f}-{kill}.txt"
        seconds.append(takeover(server.fresh_from("migrated", upgrade), notes, asked.beat))
    server.stop()
    told = {
        "beat_seconds": asked.beat,
        "lease_seconds": LEASE_BEATS * asked.beat,
        "kills": asked.kills,
        "median_seconds": round(statistics.median(seconds), 2),
        "longest_seconds": round(max(seconds), 2),
    }
    print(json.dumps(told, indent=1))
    if asked.json:
        asked.json.write_text(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
