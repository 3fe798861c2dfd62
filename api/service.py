"""What every door works with: the business's means, and what one process keeps beside them.

There is one `Service` in a process. A door gets it, the moment of the request and the caller as
arguments; it keeps nothing itself.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, cast

from fastapi import Depends, Request

from api.auth import Keys
from api.board import QuoteDesk
from api.limits import Rates
from api.metrics import Telemetry
from api.paging import Cursors
from api.settings import Settings
from logistics.workflows.means import Means


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One process of the service."""

    settings: Settings
    means: Means
    clock: Callable[[], datetime]
    keys: Keys
    cursors: Cursors
    desk: QuoteDesk
    rates: Rates
    telemetry: Telemetry
    stopping: threading.Event = field(default_factory=threading.Event)
    """Set when the process ends, so that streams end too."""


def service_of(request: Request) -> Service:
    """The service that the application was made with."""
    return cast("Service", request.app.state.service)


Wired = Annotated[Service, Depends(service_of)]
"""The service."""


def moment(service: Wired) -> datetime:
    """The moment of the request."""
    return service.clock()


Now = Annotated[datetime, Depends(moment)]
"""The moment of the request, in UTC."""
