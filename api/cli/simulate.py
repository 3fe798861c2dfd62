"""`simulate`: worlds lived under several ways of deciding, side by side on the same demand.

Worlds come from files, or are drawn from a seed. Each life (one world under one policy) runs in a
process of its own kind, several at a time; the same seed gives the same `hash` on the same machine.
"""

import argparse
import json
import multiprocessing
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from api.cli.picture import picture_of
from api.cli.verb import Verb
from data.fresh import fresh_store
from data.worlds.drawing import drawn_worlds
from data.worlds.reading import read_world
from data.worlds.writing import text_of
from logistics.errors import Nonsense, require
from logistics.noted import NotedStore, Noting
from logistics.twin.comparison import compared
from logistics.twin.life import Lived, live
from logistics.twin.policies import ABLATIONS, Way, spelt, way_of
from logistics.twin.world import World

DAYS = 28
PROCESSES = 2
HEADS = ("six h", "of all", "offered", "kept", "cash", "penalised", "contribution")
COUNTS = ("nodes", "flaps", "left over")
LONGEST = ("surgeport", "clairvoyant", "informed", "reactive", "static")
"""Ways of deciding by how long their lives take to live."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One life to be lived."""

    world: World
    way: Way
    store: str | None = None
    """Where databases of their own are made for the lives; None remembers in memory."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which worlds, under which policies, and where the answer goes."""
    parser.add_argument(
        "--world",
        type=Path,
        action="extend",
        nargs="+",
        default=[],
        metavar="FILE",
        help="world files (TOML)",
    )
    parser.add_argument("--worlds", type=int, metavar="N", help="draw so many worlds")
    parser.add_argument("--seed", type=int, default=1, help="of the worlds that are drawn")
    parser.add_argument(
        "--days", type=int, default=DAYS, help=f"of the worlds that are drawn; else {DAYS}"
    )
    parser.add_argument("--write-worlds", type=Path, metavar="DIR", help="keep the worlds as files")
    parser.add_argument(
        "--policies",
        type=_listed,
        default=("static", "surgeport"),
        metavar="LIST",
        help="static, reactive, reactive-N, surgeport, informed, clairvoyant; with commas between",
    )
    parser.add_argument(
        "--forecast-error",
        type=float,
        default=0.0,
        metavar="E",
        help="distort surgeport's forecast by a lognormal factor with this deviation",
    )
    parser.add_argument(
        "--ablate",
        type=_listed,
        default=(),
        metavar="LIST",
        help="live surgeport once more without each of: " + ", ".join(ABLATIONS),
    )
    parser.add_argument(
        "--store",
        metavar="URL",
        help="remember each life in a database of its own beside sqlite:///FILE or "
        "postgresql://HOST/NAME; else in memory",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures")
    parser.add_argument(
        "--picture", type=Path, metavar="FILE", help="draw the first world's days (SVG)"
    )
    parser.add_argument(
        "--processes", type=int, default=PROCESSES, help=f"lives at a time; else {PROCESSES}"
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def run(asked: argparse.Namespace) -> int:
    """Live every world under every policy, and tell the figures."""
    for file in (asked.json, asked.picture):
        if file is not None and not file.resolve().parent.is_dir():
            raise Nonsense("/json", f"there is no folder for {file}")
    ways = tuple(_ways(asked))
    worlds = _worlds(asked)
    if asked.write_worlds is not None:
        _write(worlds, asked.write_worlds)
    began = time.monotonic()
    tasks = [Task(world=world, way=way, store=asked.store) for world in worlds for way in ways]
    lives = _lived(tasks, asked.processes)
    answer = compared(lives)
    sys.stdout.write(f"\n{table(answer)}\n")
    if asked.json is not None:
        measured = {
            "seconds": round(time.monotonic() - began, 1),
            "cpu_seconds": round(sum(life.seconds for life in lives), 1),
            "cpu_seconds_by_policy": {
                way.name: round(sum(life.seconds for life in lives if life.policy == way.name), 1)
                for way in ways
            },
            "peak_megabytes_of_a_process": max(life.peak_megabytes for life in lives),
            "processes": asked.processes,
            "forecast_error": asked.forecast_error,
        }
        asked.json.write_text(json.dumps(answer | measured, indent=1) + "\n", "utf-8")
    if asked.picture is not None:
        mine = [life for life in lives if life.world == worlds[0].name]
        asked.picture.write_text(picture_of(worlds[0], mine), "utf-8")
    return 0


def _ways(asked: argparse.Namespace) -> Iterator[Way]:
    """The policies, each once; refused before anything is lived."""
    require(bool(asked.policies), "policies", "must name at least one")
    require(0 <= asked.forecast_error <= 5, "forecast_error", "is between 0 and 5")
    require(asked.processes >= 1, "processes", "must be at least 1")
    for name in spelt(asked.policies, asked.ablate):
        yield way_of(name, asked.forecast_error)


def _worlds(asked: argparse.Namespace) -> tuple[World, ...]:
    """The worlds of the files, and those that are drawn.

    Raises:
        Nonsense: for a file that cannot be so, and where no world is asked for.
    """
    worlds = [read_world(file) for file in asked.world]
    if asked.worlds is not None:
        drawn = drawn_worlds(asked.worlds, asked.seed, asked.days)
        worlds += tqdm(drawn, total=asked.worlds, desc="drawing", unit="world", file=sys.stderr)
    require(bool(worlds), "world", "name a file, or draw some with --worlds")
    names = [world.name for world in worlds]
    twice = next((name for name in names if names.count(name) > 1), None)
    require(twice is None, "world", f"two worlds are called {twice!r}")
    return tuple(worlds)


def _write(worlds: Iterable[World], directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for world in worlds:
        (directory / f"{world.name}.toml").write_text(text_of(world), "utf-8")


def _lived(tasks: list[Task], processes: int) -> tuple[Lived, ...]:
    """Every life, in the order of the tasks, as many at a time as there are processes."""
    hours = sum(task.world.hours for task in tasks)
    with tqdm(total=hours, unit="h", desc=f"{len(tasks)} lives", file=sys.stderr) as bar:
        if processes == 1 or len(tasks) == 1:
            return tuple(_watched(task, bar) for task in tasks)
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(min(processes, len(tasks)), context) as beside:
            asked = {n: beside.submit(live_one, tasks[n]) for n in in_turn(tasks)}
            lived = {future: tasks[n].world.hours for n, future in asked.items()}
            for done in as_completed(lived):
                bar.update(lived[done])
            return tuple(asked[n].result() for n in range(len(tasks)))


def in_turn(tasks: list[Task]) -> list[int]:
    """World after world, for what is drawn of a world serves its other lives; those that take longest
    first, so that no process is left alone with one at the end."""
    worlds = {name: n for n, name in enumerate(dict.fromkeys(task.world.name for task in tasks))}
    turns = [
        (worlds[task.world.name], LONGEST.index(task.way.base), n) for n, task in enumerate(tasks)
    ]
    return [n for _, _, n in sorted(turns)]


def live_one(task: Task) -> Lived:
    """One life, in whichever process this is."""
    return live(task.world, task.way, store=_store_of(task))


def _store_of(task: Task) -> Noting | None:
    if task.store is None:
        return None
    return NotedStore(fresh_store(task.store, f"{task.world.name}-{task.way.name}"))


def _watched(task: Task, bar: "tqdm[None]") -> Lived:
    """One life in this process, hour by hour on the bar."""
    before = 0.0

    def advance(hours: float) -> None:
        nonlocal before
        bar.update(hours - before)
        before = hours

    return live(task.world, task.way, advance, store=_store_of(task))


def table(answer: dict[str, Any]) -> str:
    """The pooled figures of each policy as a table."""
    policies: dict[str, dict[str, Any]] = answer["policies"]
    wide = max(len(name) for name in policies) + 2
    gains = ("captured of informed", "captured of clairvoyant")
    head = "".join(f"{one:>13}" for one in (*HEADS, *COUNTS)) + "".join(f"{g:>25}" for g in gains)
    lines = [f"{len(answer['worlds'])} worlds", "", f"{'':<{wide}}{head}"]
    for name, told in policies.items():
        shares = ("six_hour_share_eligible", "six_hour_share_all", "offered_share")
        cells = [f"{told[share]:.1%}" for share in (*shares, "promises_kept_share")]
        money = ("cash_cost_cents", "penalised_cost_cents", "contribution_cents")
        cells += [f"{told[amount] / 100:,.0f}" for amount in money]
        cells += [f"{told[count]:,}" for count in ("nodes_opened", "flaps", "left_over_units")]
        row = "".join(f"{cell:>13}" for cell in cells)
        gained = (_gain(told, reference) for reference in ("informed", "clairvoyant"))
        lines.append(f"{name:<{wide}}{row}" + "".join(f"{one:>25}" for one in gained))
    wrong = sum(told["discrepancies"] for told in policies.values())
    lines += ["", f"discrepancies {wrong}", f"hash {answer['hash']}"]
    return "\n".join(lines)


def _gain(told: dict[str, Any], reference: str) -> str:
    gained = told.get("gain_captured", {}).get(reference)
    if gained is None or gained["pooled"] is None:
        return "-"
    low, high = gained["interval"]
    return f"{gained['pooled']:.0%} [{low:.0%}, {high:.0%}]"


VERB = Verb(
    name="simulate",
    help="live made-up worlds under several ways of deciding, and compare them",
    run=run,
    arguments=add_arguments,
)
