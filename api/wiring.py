"""Where the service is put together: which store, which computing power, which numbers."""

import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import cast

from api.auth import Keys
from api.limits import Rates
from api.metrics import Telemetry
from api.paging import Cursors
from api.service import Service
from api.settings import Settings
from logistics.policy import Policy
from logistics.records import shape
from logistics.workflows.means import Means


def now_utc() -> datetime:
    """The moment, by this machine's clock."""
    return datetime.now(UTC)


def read_policy(settings: Settings) -> Policy:
    """The business's numbers: the defaults, and over them what the operator's file says."""
    if settings.policy is None:
        return Policy()
    told = tomllib.loads(settings.policy.read_text("utf-8"))
    return cast("Policy", shape(Policy).validate_python(told))


def assemble(settings: Settings, means: Means, clock: Callable[[], datetime] = now_utc) -> Service:
    """A service over means that are made already."""
    secret = settings.service_secret()
    return Service(
        settings=settings,
        means=means,
        secret=secret,
        clock=clock,
        keys=Keys(means.store, clock),
        cursors=Cursors(secret=secret),
        rates=Rates(settings.requests_per_minute),
        telemetry=Telemetry(),
    )
