"""What a point of forecast is worth: the same worlds lived with forecasts that are more and more wrong.

    python -m benchmarks.forecast_value [--errors 0,0.35,0.7,1.2] [--worlds N] [--seed S] [--days D]
        [--processes P] [--json FILE]

The static network and the policy that knows the future live each world once; the service lives it
once for each error. An error E puts the forecast of each product and market wrong by a lognormal
factor with that deviation, three days at a time, and leaves it as sure of itself as before
(`simulate --forecast-error E`). Told for each: the absolute error of the day's totals as a share of
what was asked for, how many lay in their 80 % band, the penalised cost, and the gain captured of the
informed policy's, with its interval over the worlds. One life of twelve days takes some 40 CPU
seconds, so six worlds and four errors take about half an hour on two cores.
"""

import argparse
import json
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from data.worlds.drawing import drawn_worlds
from logistics.twin.comparison import compared
from logistics.twin.life import Lived, live
from logistics.twin.policies import Way, way_of
from logistics.twin.world import World

BESIDE = ("static", "informed")


def one(world: World, way: Way) -> Lived:
    """One life, in whichever process this is."""
    return live(world, way)


def lives_of(worlds: tuple[World, ...], ways: tuple[Way, ...], processes: int) -> list[Lived]:
    """Every world under every way, so many lives at a time."""
    asked = [(world, way) for world in worlds for way in ways]
    if processes == 1:
        return [one(world, way) for world, way in asked]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context) as beside:
        return list(beside.map(one, *zip(*asked, strict=True)))


def told(error: float, beside: list[Lived], own: list[Lived]) -> dict[str, Any]:
    """What the service gained with forecasts so far off."""
    found = compared((*beside, *own))["policies"]
    service, static, informed = (found[name] for name in ("surgeport", *BESIDE))
    heard = [life.forecast for life in own if life.forecast.compared]
    weights = np.array([score.compared for score in heard], dtype=float)
    return {
        "error": error,
        "wape_24h": _mean([score.wape for score in heard], weights),
        "wape_24h_of_the_last_day": _mean([score.naive_wape for score in heard], weights),
        "inside_80_percent_band": _mean([score.coverage80 for score in heard], weights),
        "penalised_cost_cents": service["penalised_cost_cents"],
        "static_penalised_cost_cents": static["penalised_cost_cents"],
        "informed_penalised_cost_cents": informed["penalised_cost_cents"],
        "six_hour_share_eligible": service["six_hour_share_eligible"],
        "gain_captured_of_informed": service.get("gain_captured", {}).get("informed"),
    }


def _mean(values: list[float], weights: np.ndarray[Any, Any]) -> float | None:
    return round(float(np.average(values, weights=weights)), 4) if values else None


def main() -> None:
    """Live every world, and print one line for each error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--errors", default="0,0.35,0.7,1.2")
    parser.add_argument("--worlds", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=12)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    worlds = tuple(drawn_worlds(asked.worlds, asked.seed, asked.days))
    beside = lives_of(worlds, tuple(way_of(name) for name in BESIDE), asked.processes)
    rows = []
    for error in map(float, asked.errors.split(",")):
        own = lives_of(worlds, (way_of("surgeport", error),), asked.processes)
        rows.append(told(error, beside, own))
        print(json.dumps(rows[-1]), flush=True)
    if asked.json is not None:
        asked.json.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
