"""`replay`: the whole loop over files of orders and signals, by their own clock.

The same deeds, bots and figures as the demo's, in memory; what the files do not tell is drawn, and
the answer says what.
"""

import argparse
import json
import multiprocessing
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from tqdm import tqdm

from api.cli.verb import Verb
from data.replay.world import Asked, Read, Replay, replay_of
from logistics.errors import Nonsense
from logistics.policy import Efforts, Policy
from logistics.twin.day import STEP, Rehearsal
from logistics.twin.policies import in_memory, rehearsal
from logistics.twin.report import Outcomes, forecast_score, outcomes
from logistics.twin.summary import Summary, summary_of
from logistics.twin.world import World

STEPS = Efforts(
    placement_seconds=60.0, placement_steps=40, routing_seconds=60.0, routing_steps=2_000
)
"""Counted efforts: the same files and seed give the same answer."""
SHOWN = 10
"""So many refused rows of a file are printed; the JSON names all."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which files, which part of them, and where the figures go."""
    parser.add_argument(
        "--signals", type=Path, required=True, metavar="FILE", help="CSV or Parquet, needed"
    )
    parser.add_argument(
        "--orders", type=Path, required=True, metavar="FILE", help="CSV or Parquet, needed"
    )
    parser.add_argument("--sites", type=Path, metavar="FILE", help="else drawn at real towns")
    parser.add_argument("--products", type=Path, metavar="FILE", help="else plain defaults")
    parser.add_argument(
        "--market",
        action="append",
        default=[],
        metavar="NAME",
        help="a US state or a town, once or several times; else the states that place half of"
        " the orders",
    )
    parser.add_argument(
        "--from",
        dest="first",
        type=date.fromisoformat,
        metavar="DATE",
        help="the first local day; else the seven days with the most orders are lived",
    )
    parser.add_argument(
        "--until", dest="last", type=date.fromisoformat, metavar="DATE", help="the last local day"
    )
    parser.add_argument("--seed", type=int, default=1, help="of all that is drawn")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures")


def run(asked: argparse.Namespace) -> int:
    """Live the files under both ways of deciding, and tell what came of them."""
    if asked.json is not None and not asked.json.resolve().parent.is_dir():
        raise Nonsense("/json", f"there is no folder for {asked.json}")
    began = time.monotonic()
    replay = replay_of(
        Asked(
            signals=asked.signals,
            orders=asked.orders,
            sites=asked.sites,
            products=asked.products,
            markets=tuple(asked.market),
            first=asked.first,
            last=asked.last,
            seed=asked.seed,
        ),
        Policy(efforts=STEPS),
    )
    set_up = time.monotonic() - began
    summary = lived(replay, set_up)
    sys.stdout.write(f"\n{summary.page()}\n{_page(replay)}")
    if asked.json is not None:
        asked.json.write_text(json.dumps(_figures(summary, replay), indent=2) + "\n", "utf-8")
    return 0


def lived(replay: Replay, set_up: float) -> Summary:
    """The world under both ways of deciding, side by side: the static one in a process of its own."""
    began = time.monotonic()
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as beside:
        static = beside.submit(static_outcomes, replay)
        with tqdm(total=replay.world.hours, unit="h", desc="replay", file=sys.stderr) as bar:
            ours = _live(replay, "surgeport", lambda _: _advance(bar))
        with ours.means.store.read() as seen:
            return summary_of(
                replay.world,
                replay.world.hours,
                seen,
                _outcomes(ours),
                static.result(),
                forecast_score(replay.world, replay.truth, seen),
                seconds=time.monotonic() - began,
                setup_seconds=set_up,
            )


def static_outcomes(replay: Replay) -> Outcomes:
    """What came of the files without temporary nodes."""
    return _outcomes(_live(replay, "static", _silently))


def _live(replay: Replay, way: str, progress: Callable[[datetime], None]) -> Rehearsal:
    means = in_memory(replay.world, replay.policy)
    life = rehearsal(replay.world, replay.truth, means, way, platform=replay.platform)
    life.found()
    life.run(_end(replay.world), progress)
    return life


def _silently(now: datetime) -> None:
    """Nobody watches."""


def _advance(bar: "tqdm[None]") -> None:
    bar.update(STEP / timedelta(hours=1))


def _outcomes(life: Rehearsal) -> Outcomes:
    with life.means.store.read() as seen:
        return outcomes(life.world, seen, life.shop.visits, _end(life.world))


def _end(world: World) -> datetime:
    return world.starts_at + timedelta(hours=world.hours)


def _figures(summary: Summary, replay: Replay) -> dict[str, Any]:
    read = {one.what: one.figures() for one in replay.read}
    return {**summary.figures(), "read": read, "drawn": list(replay.drawn)}


def _page(replay: Replay) -> str:
    """What was read, and which parts of the answer are drawn and not real."""
    read = [line for one in replay.read for line in _lines(one)]
    drawn = [f"  - {words}" for words in replay.drawn]
    return "\n".join(["", "read", *read, "", "drawn, and not real", *drawn, ""])


def _lines(read: Read) -> list[str]:
    told = read.told
    lines = [f"  {read.what}: {len(told.rows):,} rows of {told.file}, {len(told.flaws):,} refused"]
    lines += [f"    line {flaw.line}: {flaw.reason}" for flaw in told.flaws[:SHOWN]]
    if len(told.flaws) > SHOWN:
        lines.append(f"    and {len(told.flaws) - SHOWN:,} more, all in the JSON")
    lines += [f"    not used: {number:,} {reason}" for reason, number in read.left_out]
    if told.unknown:
        lines.append(f"    unknown columns: {', '.join(told.unknown)}")
    return lines


VERB = Verb(
    name="replay",
    help="live files of orders and signals by their own clock, and print a summary",
    run=run,
    arguments=add_arguments,
)
