"""Someone outside says "now": the clock that runs what is due, in the leading process only.

Every process of the service asks for the lead at every beat; whoever has it runs what is due and
sends webhooks. The lease is a few beats long, so a leader that dies is followed within that time,
and one that stops resigns at once. A beat that fails is logged and the next one tries again: the
deeds look at what is remembered, so nothing is lost by it.
"""

import logging
import os
import secrets
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler

from api.idempotency import forget_old
from api.service import Service
from api.webhooks import Sender
from logistics.workflows.lead import lead, resign
from logistics.workflows.means import Means

log = logging.getLogger("surgeport.clock")

LEASE_BEATS = 3
SEND_EVERY = 1.0
TIDY_EVERY = 300.0

RunDue = Callable[[Means, datetime, str], object]
"""Runs what is due at a moment, in the name of a holder."""


def holder_name() -> str:
    """A name that no other process has."""
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"


class Clock:
    """The clock of one process; it ticks while the process leads."""

    def __init__(self, service: Service, run_due: RunDue, sender: Sender) -> None:
        self.holder = holder_name()
        self.leads = False
        self._service, self._run_due, self._sender = service, run_due, sender
        self._scheduler = BackgroundScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1}
        )

    def start(self) -> None:
        """Begin to ask for the lead."""
        beat = self._service.settings.tick_seconds
        for work, seconds in ((self.beat, beat), (self.send, SEND_EVERY), (self.tidy, TIDY_EVERY)):
            self._scheduler.add_job(work, "interval", seconds=seconds)
        self._scheduler.add_job(self.beat)
        self._scheduler.start()

    def stop(self) -> None:
        """Finish what is under way and leave the lead to others."""
        self._scheduler.remove_all_jobs()  # or a job handed out while its executor goes is lost loudly
        self._scheduler.shutdown(wait=True)
        if self.leads:
            self.leads = False
            resign(self._service.means.store, self.holder, now=self._service.clock())

    def beat(self) -> None:
        """Ask for the lead, and run what is due where one has it."""
        now = self._service.clock()
        lease = timedelta(seconds=LEASE_BEATS * self._service.settings.tick_seconds)
        try:
            self.leads = lead(self._service.means.store, self.holder, now=now, for_=lease)
            self._service.telemetry.leading(leads=self.leads)
            if self.leads:
                self._run_due(self._service.means, now, self.holder)
        except Exception:
            log.exception("a beat of the clock failed; the next one tries again")

    def send(self) -> None:
        """Send the webhooks that are due."""
        if self.leads:
            self._quietly(self._sender.send_due)

    def tidy(self) -> None:
        """Forget answers whose day is over."""
        if self.leads:
            self._quietly(lambda now: forget_old(self._service.means.store, now))

    def _quietly(self, work: Callable[[datetime], object]) -> None:
        try:
            work(self._service.clock())
        except Exception:
            log.exception("work beside the clock failed; it is tried again")
