"""One world lived under one way of deciding, from its first hour to its last, and what came of it.

What comes back is small and can be sent between processes: figures, the days for a picture, whether
everything added up, and the hash of all that was told. The life itself is dropped.
"""

import gc
import hashlib
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from logistics.events import Event
from logistics.noted import Noting
from logistics.policy import Efforts, Holding, Policy, Rhythm
from logistics.records import canonical
from logistics.store import Reading
from logistics.twin.day import Rehearsal
from logistics.twin.days import Days, days_of
from logistics.twin.platform import Telling
from logistics.twin.policies import Way, in_memory, policy_of, rehearsal
from logistics.twin.report import ForecastScore, Outcomes, forecast_score, outcomes
from logistics.twin.truth import Truth, truth_of
from logistics.twin.watchkeeper import NotingStore, Watchkeeper
from logistics.twin.world import World

COUNTED = Policy(
    efforts=Efforts(
        placement_seconds=600.0,
        placement_steps=40,
        runners_up=1,
        routing_seconds=600.0,
        routing_steps=800,
        allocation_steps=50,
    ),
    rhythm=Rhythm(sense=2 * 3600, position=2 * 3600, learn=4 * 3600),
    holding=Holding(futures=2),
)
"""Efforts in steps, never in seconds, so that a run repeats; a month has to pass in half a minute,
so the service looks ahead, proposes and learns every other hour, the forecast just before the
proposal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """What came of one world under one way of deciding."""

    world: str
    seed: int
    policy: str
    outcomes: Outcomes
    forecast: ForecastScore
    days: Days
    wrong: tuple[str, ...]
    """What did not add up at some step; nothing where all was well."""
    checks: int
    failed_jobs: tuple[tuple[str, int], ...]
    """Jobs that failed, and how often."""
    digest: str
    """The hash of every event that was told and every figure that was counted."""
    seconds: float
    peak_megabytes: float

    def figures(self) -> dict[str, Any]:
        """The figures by name, without what differs from run to run."""
        return {
            **asdict(self.outcomes),
            "forecast": asdict(self.forecast),
            "discrepancies": list(self.wrong),
            "checks": self.checks,
            "failed_jobs": dict(self.failed_jobs),
            "digest": self.digest,
        }


def live(
    world: World,
    way: Way,
    progress: Callable[[float], None] | None = None,
    policy: Policy = COUNTED,
    store: Noting | None = None,
) -> Lived:
    """Live the whole world; `progress` is told the hours that have passed, again and again.

    It is remembered in memory, or in an empty `store`; what comes of it is the same, but that a life
    in memory writes none of its decisions down.
    """
    began = time.process_time()
    truth, telling = _drawn(world)
    writes, store = store is not None, store or NotingStore()
    means = replace(in_memory(world, policy_of(world, way, policy), store), writes=writes)
    lived = rehearsal(world, truth, means, way, telling=telling)
    keeper = Watchkeeper(store)

    def watch(now: datetime) -> None:
        keeper.check(now)
        if progress is not None:
            progress((now - world.starts_at) / timedelta(hours=1))

    until = world.starts_at + timedelta(hours=world.hours)
    with _seldom_collected() if writes else _uncollected():
        lived.found()
        lived.run(until, watch)
        keeper.close(until)
        with store.read() as seen:
            return _counted(lived, truth, seen, keeper, way, time.process_time() - began)


@lru_cache(maxsize=1)
def _drawn(world: World) -> tuple[Truth, Telling]:
    """What happens in a world and what is told of it, drawn once for its lives, one after the other."""
    truth = truth_of(world)
    return truth, Telling(world=world, truth=truth)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Look for no circles of dead things: what a life remembers are values, which have none, and there
    are millions of them to be looked through."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Look for circles of dead things seldom: a database's connections make some."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _counted(
    lived: Rehearsal,
    truth: Truth,
    seen: Reading,
    keeper: Watchkeeper,
    way: Way,
    seconds: float,
) -> Lived:
    world = lived.world
    until = world.starts_at + timedelta(hours=world.hours)
    counted = outcomes(world, seen, lived.shop.visits, until)
    return Lived(
        world=world.name,
        seed=world.seed,
        policy=way.name,
        outcomes=counted,
        forecast=forecast_score(world, truth, seen),
        days=days_of(world, truth, seen, lived.shop.visits),
        wrong=tuple(keeper.said),
        checks=keeper.checks,
        failed_jobs=tuple(sorted((job, n) for job, n in lived.failed.items() if n)),
        digest=_digest(seen, counted),
        seconds=round(seconds, 1),
        peak_megabytes=round(_peak(), 1),
    )


def _digest(seen: Reading, counted: Outcomes) -> str:
    told = hashlib.sha256(canonical(counted).encode())
    for event in seen.find(Event, sort="position"):
        at = event.time.astimezone(UTC).isoformat()
        told.update(f"{event.id}|{event.type}|{event.subject}|{at}".encode())
    return told.hexdigest()


def _peak() -> float:
    """The most memory that this process has held, in megabytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1_048_576 if sys.platform == "darwin" else 1_024)
