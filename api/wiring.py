"""Where the service is put together: which store, which computing power, which numbers."""

import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import cast

from api.auth import Keys
from api.board import QuoteDesk
from api.compute import compute_of
from api.limits import Rates
from api.metrics import Telemetry
from api.paging import Cursors
from api.service import Service
from api.settings import Settings
from data.migrations import upgrade
from data.sources.osrm import Osrm
from data.sources.places import TownGazetteer
from data.store import open_store
from logistics.identity import Ids
from logistics.memory import MemoryStore
from logistics.policy import Policy
from logistics.records import shape
from logistics.store import Store
from logistics.workflows.means import Means
from logistics.workflows.tick import run_due


def now_utc() -> datetime:
    """The moment, by this machine's clock."""
    return datetime.now(UTC)


def open_up(settings: Settings) -> Store:
    """The store that the settings name, its tables in their newest form."""
    if settings.in_memory:
        return MemoryStore()
    if settings.embedded:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    upgrade(settings.database_url)
    return open_store(settings.database_url)


def read_policy(settings: Settings) -> Policy:
    """The business's numbers: the defaults, and over them what the operator's file says."""
    if settings.policy is None:
        return Policy()
    told = tomllib.loads(settings.policy.read_text("utf-8"))
    return cast("Policy", shape(Policy).validate_python(told))


def means_of(settings: Settings) -> Means:
    """What the deeds of this process work with."""
    return Means(
        store=open_up(settings),
        compute=compute_of(settings.compute, settings.workers),
        policy=read_policy(settings),
        ids=Ids(),
        gazetteer=TownGazetteer(),
        roads=None if settings.roads is None else Osrm(address=settings.roads, instead=None),
        secret=settings.service_secret(),
    )


def assemble(settings: Settings, means: Means, clock: Callable[[], datetime] = now_utc) -> Service:
    """A service over means that are made already."""
    return Service(
        settings=settings,
        means=means,
        clock=clock,
        keys=Keys(means.store, clock),
        cursors=Cursors(secret=means.secret),
        desk=QuoteDesk(means),
        rates=Rates(settings.requests_per_minute),
        telemetry=Telemetry(),
    )


def run_what_is_due(means: Means, now: datetime, holder: str) -> None:
    """Run the jobs of the business that are due: what the clock does at each beat."""
    run_due(means, now=now, holder=holder)
