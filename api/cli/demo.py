"""`demo`: three viral days at accelerated time, a summary, and then the service at normal speed.

The days run through the store, the deeds and the computing of production; bots sit in the places
of planners, spaces, carriers, the shop and the platform. Beside them, in a process of its own,
the same demand meets the static network. Afterwards the clock goes on from the last hour of the
days at normal speed, and the doors open with one key for each kind of caller.
"""

import argparse
import json
import logging
import multiprocessing
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import uvicorn
from tqdm import tqdm

from api.app import make_app
from api.auth import issue_key
from api.cli.verb import Verb
from api.clock import Clock
from api.compute import OnDask
from api.settings import Settings
from api.webhooks import Sender
from api.wiring import assemble, means_of, run_what_is_due
from data.demo.world import HOURS, demo_world
from logistics.access import Role
from logistics.identity import Ids
from logistics.policy import Efforts, Policy, Rhythm
from logistics.twin.day import PLATFORM, STEP, Rehearsal
from logistics.twin.policies import live_in_memory, rehearsal
from logistics.twin.report import Outcomes, forecast_score, outcomes
from logistics.twin.summary import Summary, summary_of
from logistics.twin.truth import truth_of
from logistics.twin.world import World
from logistics.workflows.means import Means

log = logging.getLogger("surgeport.demo")

GOES_ON_HOURS = 48
"""How long the made-up world goes on happening after the days, at normal speed."""
PLANNERS_GO_HOME = timedelta(hours=9)
"""The bot leaves its desk so long before the end, so that something is left to decide: what it would
approve later comes too late to be seen within the days."""
STEPS = Efforts(
    placement_seconds=60.0, placement_steps=40, routing_seconds=60.0, routing_steps=2_000
)
"""Counted efforts: the same seed gives the same days."""
RHYTHM = Rhythm(sense=30 * 60, position=2 * 3600)
"""Half as often as in production: three days have to pass in two minutes."""
CALLERS = (
    (Role.PLANNER, "planner-one"),
    (Role.PLANNER, "planner-two"),
    (Role.CARRIER, "swift-couriers"),
    (Role.COMMERCE, "demo-shop"),
    (Role.PLATFORM, PLATFORM),
    (Role.SPACE, "standby-spaces"),
    (Role.OPERATOR, "demo-operator"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How the days go and where their summary is written."""
    parser.add_argument("--exit", action="store_true", help="stop after the summary")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the summary's figures")
    parser.add_argument("--seed", type=int, default=1, help="who comes when, and what goes wrong")
    parser.add_argument("--port", type=int, default=8000, help="where to serve afterwards")
    parser.add_argument(
        "--data-dir", type=Path, default=Path(".surgeport"), help="where the demo's file lies"
    )
    parser.add_argument(
        "--starts-at",
        type=datetime.fromisoformat,
        metavar="TIME",
        help="the first hour, with its UTC offset; by default three days ago at 13:00 UTC",
    )
    parser.add_argument("--hours", type=int, default=HOURS, help="how long the days are")
    parser.add_argument("--setup-seconds", type=float, default=0.0, help=argparse.SUPPRESS)


def run(asked: argparse.Namespace) -> int:
    """Live the days, tell what came of them, and go on."""
    began = time.monotonic()
    logging.getLogger("distributed").setLevel(logging.ERROR)
    starts_at = asked.starts_at or _three_days_ago(datetime.now(UTC))
    world = demo_world(asked.seed, starts_at, asked.hours + GOES_ON_HOURS)
    until = world.starts_at + timedelta(hours=asked.hours)
    settings = _settings(asked)
    with ExitStack() as open_until_the_end:
        means = _means(settings, world)
        if isinstance(means.compute, OnDask):
            open_until_the_end.callback(means.compute.close)
        lived = rehearsal(world, truth_of(world), means, "surgeport", until - PLANNERS_GO_HOME)
        ours, static = _live(lived, until)
        summary = _summary(
            lived, asked.hours, ours, static, time.monotonic() - began, asked.setup_seconds
        )
        sys.stdout.write(f"\n{summary.page()}\n")
        if asked.json is not None:
            asked.json.write_text(json.dumps(summary.figures(), indent=2) + "\n", "utf-8")
        if not asked.exit:
            _go_on(settings, lived, until)
    return 0


def _three_days_ago(now: datetime) -> datetime:
    """The latest 13:00 UTC that lies three days back: the days end today or yesterday."""
    then = now - timedelta(hours=HOURS)
    last = then.replace(hour=13, minute=0, second=0, microsecond=0)
    return last if last <= then else last - timedelta(days=1)


def _settings(asked: argparse.Namespace) -> Settings:
    """The embedded default, over a file that begins empty."""
    directory: Path = asked.data_dir
    for old in directory.glob("demo.sqlite3*"):
        old.unlink()
    return Settings(
        data_dir=directory,
        database=f"sqlite:///{directory.resolve()}/demo.sqlite3",
        port=asked.port,
        compute="local",
        workers=1,
    )


def _means(settings: Settings, world: World) -> Means:
    return replace(
        means_of(settings), ids=Ids(world.seed), policy=Policy(efforts=STEPS, rhythm=RHYTHM)
    )


def _live(lived: Rehearsal, until: datetime) -> tuple[Outcomes, Outcomes]:
    """The days under both ways of deciding, side by side on two cores."""
    world = lived.world
    hours = (until - world.starts_at) / timedelta(hours=1)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as beside:
        static: Future[Outcomes] = beside.submit(
            live_in_memory, world, lived.means.policy, "static", until
        )
        lived.found()
        with tqdm(total=hours, unit="h", desc="viral days", file=sys.stderr) as bar:
            lived.run(until, lambda _: _advance(bar))
        with lived.means.store.read() as seen:
            ours = outcomes(world, seen, lived.shop.visits, until)
        return ours, static.result()


def _advance(bar: "tqdm[None]") -> None:
    bar.update(STEP / timedelta(hours=1))


def _summary(
    lived: Rehearsal,
    hours: int,
    ours: Outcomes,
    static: Outcomes,
    seconds: float,
    setup_seconds: float,
) -> Summary:
    with lived.means.store.read() as seen:
        return summary_of(
            lived.world,
            hours,
            seen,
            ours,
            static,
            forecast_score(lived.world, lived.truth, seen, hours),
            seconds=seconds,
            setup_seconds=setup_seconds,
        )


@dataclass(frozen=True, slots=True)
class ShiftedClock:
    """The days' own time, going on at normal speed."""

    behind: timedelta

    def __call__(self) -> datetime:
        """The moment in the made-up world."""
        return datetime.now(UTC) - self.behind


def _go_on(settings: Settings, lived: Rehearsal, ended: datetime) -> None:
    """Serve at normal speed from where the days ended; the bots but the planner stay."""
    clock = ShiftedClock(datetime.now(UTC) - ended)
    service = assemble(settings, lived.means, clock)
    _print_keys(lived.means, settings, clock())
    with httpx.Client(trust_env=False) as client:
        beat = Clock(service, _going_on(lived), Sender(service, client))
        uvicorn.run(
            make_app(service, beat), host=settings.host, port=settings.port, log_level="warning"
        )


def _going_on(lived: Rehearsal) -> Callable[[Means, datetime, str], None]:
    def go_on(means: Means, now: datetime, holder: str) -> None:
        lived.live(now)
        run_what_is_due(means, now, holder)
        lived.answer(now)

    return go_on


def _print_keys(means: Means, settings: Settings, now: datetime) -> None:
    address = f"http://{settings.host}:{settings.port}"
    sys.stdout.write(f"\nThe clock goes on from {now:%Y-%m-%d %H:%M} UTC at normal speed.\n")
    sys.stdout.write(f"Console {address}/console   API {address}/v1\n\nKeys of this demo:\n")
    for role, party in CALLERS:
        _, key = issue_key(means, name="demo", role=role, party=party, now=now)
        sys.stdout.write(f"  {role.value:<10}{party:<18}{key}\n")
    sys.stdout.flush()


VERB = Verb(
    name="demo",
    help="live three viral days, print a summary, and serve",
    run=run,
    arguments=add_arguments,
)
