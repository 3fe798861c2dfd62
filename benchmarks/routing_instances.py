"""Makes vehicle routing instances in the style of Gehring and Homberger, as Solomon files.

    python -m benchmarks.routing_instances DIR [--customers 1000] [--seeds 3]

Kinds as theirs: customers clustered (C), at random (R) or both (RC); short days with small vans (1)
or long days with large ones (2); a share of the customers has a window, the others the whole day.
The numbers are drawn here, nothing is taken from the published files, so that what is tuned on
these is not tuned on those.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

KINDS = ("C1", "C2", "R1", "R2", "RC1", "RC2")
DENSITY = (1.0, 0.75, 0.5, 0.25)
"""The share of customers with a window, one after the other over the seeds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What a kind's day is like: its length, the van's capacity, service and window widths."""

    ends: int
    capacity: int
    service: int
    width: float
    spread: float


DAYS = {
    "C1": Day(ends=1800, capacity=200, service=90, width=60, spread=12),
    "C2": Day(ends=4800, capacity=700, service=90, width=160, spread=20),
    "R1": Day(ends=1900, capacity=200, service=10, width=50, spread=25),
    "R2": Day(ends=7500, capacity=1000, service=10, width=200, spread=60),
    "RC1": Day(ends=1800, capacity=200, service=10, width=60, spread=20),
    "RC2": Day(ends=7000, capacity=1000, service=10, width=180, spread=50),
}


def instance(kind: str, seed: int, customers: int = 1000) -> str:
    """One instance as the text of a Solomon file."""
    rng = np.random.default_rng([seed, KINDS.index(kind), customers])
    day = DAYS[kind]
    side = 500.0 * np.sqrt(customers / 1000)
    depot = np.full(2, side / 2)
    spots = np.rint(_spots(rng, kind, customers, side))
    away = np.sqrt(((spots - depot) ** 2).sum(axis=1))
    latest = day.ends - away - day.service
    middle = rng.uniform(away, np.maximum(away + 1, latest))
    half = np.maximum(5, rng.normal(day.width / 2, day.spread, customers))
    windowed = rng.random(customers) < DENSITY[seed % len(DENSITY)]
    opens = np.where(windowed, np.clip(middle - half, 0, latest), 0)
    closes = np.where(windowed, np.clip(middle + half, away, latest), latest)
    demand = rng.choice([10, 20, 30, 40], customers) if kind[0] == "C" else _demand(rng, customers)
    rows = [(0, *depot, 0, 0, day.ends, 0)]
    rows += [
        (k + 1, *spots[k], demand[k], np.floor(opens[k]), np.floor(closes[k]), day.service)
        for k in range(customers)
    ]
    lines = [f"{kind}_{customers}_{seed}", "", "VEHICLE", "NUMBER CAPACITY"]
    lines += [f"{customers // 4} {day.capacity}", "", "CUSTOMER"]
    lines += ["CUST NO. XCOORD. YCOORD. DEMAND READY TIME DUE DATE SERVICE TIME", ""]
    lines += [" ".join(str(round(x)) for x in row) for row in rows]
    return "\n".join(lines) + "\n"


def _demand(rng: np.random.Generator, customers: int) -> NDArray[np.int64]:
    return np.clip(np.rint(rng.normal(18, 9, customers)), 1, 50).astype(np.int64)


def _spots(rng: np.random.Generator, kind: str, customers: int, side: float) -> Floats:
    """At random, in clusters of about fifty, or half and half."""
    at_random = rng.uniform(0, side, (customers, 2))
    if kind[:-1] == "R":
        return at_random
    middles = rng.uniform(0.05 * side, 0.95 * side, (max(1, customers // 50), 2))
    near = middles[rng.integers(0, len(middles), customers)]
    clustered = np.clip(near + rng.normal(0, 0.02 * side, (customers, 2)), 0, side)
    if kind[:-1] == "C":
        return clustered
    return np.where(rng.random((customers, 1)) < 0.5, at_random, clustered)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--customers", type=int, default=1000)
    parser.add_argument("--seeds", type=int, default=3)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        for seed in range(asked.seeds):
            path = asked.folder / f"{kind}_{asked.customers}_{seed}.txt"
            path.write_text(instance(kind, seed, asked.customers))


if __name__ == "__main__":
    main()
