"""`serve`: the API, the console and the clock, with the settings of the environment."""

import argparse
import logging
from threading import Thread

import httpx
import uvicorn

from api.app import make_app
from api.cli.verb import Verb
from api.clock import Clock
from api.settings import Settings
from api.webhooks import Sender
from api.wiring import assemble, means_of, run_what_is_due
from logistics.sources import Compute
from routing.improve import warm

GRACE_SECONDS = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to serve, over what the environment says."""
    parser.add_argument("--host", help="address to serve at (SURGEPORT_HOST)")
    parser.add_argument("--port", type=int, help="port to serve at (SURGEPORT_PORT)")
    parser.add_argument("--no-clock", action="store_true", help="never lead the clock")


def run(asked: argparse.Namespace) -> int:
    """Serve until told to stop."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    said = {"host": asked.host, "port": asked.port, "clock": False if asked.no_clock else None}
    settings = Settings(**{name: value for name, value in said.items() if value is not None})
    means = means_of(settings)
    if settings.clock:
        Thread(target=_warm, args=(means.compute, settings.workers), daemon=True).start()
    service = assemble(settings, means)
    with httpx.Client(trust_env=False) as client:
        sender = Sender(service, client)
        clock = Clock(service, run_what_is_due, sender) if settings.clock else None
        uvicorn.run(
            make_app(service, clock),
            host=settings.host,
            port=settings.port,
            log_level="warning",
            timeout_graceful_shutdown=GRACE_SECONDS,
            server_header=False,
        )
    return 0


def _warm(compute: Compute, workers: int) -> None:
    """Have the search for routes ready where it will run, before the first plan of the day."""
    compute.map(warm, [()] * workers)


VERB = Verb(
    name="serve",
    help="serve the API, the console and the clock",
    run=run,
    arguments=add_arguments,
)
