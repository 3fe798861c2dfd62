"""Games of sending and holding: by futures beside sending all at once and holding all that may wait.

    python -m benchmarks.dispatch_games [--games 8] [--futures 8] [--steps 300] [--json FILE]

The game and its towns are those that the tests play (`tests/builders/games.py`).
"""

import argparse
import json
from pathlib import Path

import numpy as np

from routing.improve import warm
from tests.builders.games import a_town, by_futures, greedy, patient, play


def games(count: int, futures: int, steps: int, first: int = 0) -> dict[str, float | int]:
    """Means over games of seconds driven, as shares of greedy's."""
    sums = dict.fromkeys(("greedy", "patient", "futures"), 0)
    missed = dict(sums)
    shares = []
    for seed in range(first, first + count):
        town = a_town(seed)
        ways = {
            "greedy": greedy,
            "patient": patient,
            "futures": by_futures(town, seed, futures, steps),
        }
        each = {}
        for name, decide in ways.items():
            each[name], lost = play(town, seed, decide, steps)
            sums[name] += each[name]
            missed[name] += lost
        shares.append(each["futures"] / each["greedy"])
    return {
        "games": count,
        "games_futures_over_greedy": round(float(np.mean(shares)), 4),
        "games_patient_over_greedy": round(sums["patient"] / sums["greedy"], 4),
        "games_missed_greedy": missed["greedy"],
        "games_missed_futures": missed["futures"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--games", type=int, default=8)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--futures", type=int, default=8)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    warm()
    figures = games(chosen.games, chosen.futures, chosen.steps, chosen.first)
    print(json.dumps(figures, indent=1))
    if chosen.json is not None:
        chosen.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
