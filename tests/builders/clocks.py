"""Clocks in processes of their own on one database, with a job that notes each time it ran.

The processes are forked from one that has read the code already, so three cost little more than
one. `note` is the job: a line for each due time, with the process that ran it and the moment.
"""

import multiprocessing
import os
import time
from contextlib import contextmanager
from dataclasses import replace

import httpx

from api.clock import Clock
from api.settings import Settings
from api.webhooks import Sender
from api.wiring import assemble
from data.store import open_store
from logistics.identity import Ids
from logistics.workflows.tick import Job, due_at, run_due
from tests.builders.supply import means


def keep_time(address, notes, beat):
    """Be the clock of one process, until it is killed."""
    tools = replace(means(), store=open_store(address), ids=Ids())
    told = {"database": address, "secret": "s" * 32, "tick_seconds": beat}
    service = assemble(Settings(**told), tools)
    job = Job(name="note", every=lambda _: 1, deed=lambda _, now: note(notes, now))

    def run(means, now, holder):
        run_due(means, now=now, holder=holder, jobs=(job,))

    with httpx.Client(trust_env=False) as client:
        Clock(service, run, Sender(service, client)).start()
        time.sleep(3600)


def note(notes, now):
    """Write one whole line, whoever else is writing."""
    line = f"{os.getpid()} {due_at(1, now).timestamp():.0f} {time.time()}\n"
    with notes.open("a") as file:
        file.write(line)


def noted(notes):
    """What was noted so far: process, due second, moment."""
    lines = notes.read_text().splitlines() if notes.exists() else []
    return [(int(pid), int(due), float(at)) for pid, due, at in map(str.split, lines)]


@contextmanager
def clocks(number, address, notes, beat):
    """So many clocks; whoever still lives at the end is killed."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    all_of_them = [
        context.Process(target=keep_time, args=(address, notes, beat)) for _ in range(number)
    ]
    for one in all_of_them:
        one.start()
    try:
        yield all_of_them
    finally:
        for one in all_of_them:
            one.kill()
            one.join()


def wait_until(holds, seconds=60):
    """Wait until something is so, and return what it said."""
    give_up = time.monotonic() + seconds
    while not (said := holds()):
        assert time.monotonic() < give_up, "it did not come to pass"
        time.sleep(0.01)
    return said
