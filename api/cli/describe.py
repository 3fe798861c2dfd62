"""`openapi`: the interface's description, as it is committed at docs/openapi.json."""

import argparse
import json
import sys
from pathlib import Path

from api.app import make_app
from api.cli.verb import Verb
from api.settings import Settings
from api.wiring import assemble, means_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to write it."""
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="write it there, not to the screen"
    )


def description() -> str:
    """The description as it is committed: sorted, so that a change shows as itself alone."""
    settings = Settings(database="memory:", compute="inline")
    drawn = make_app(assemble(settings, means_of(settings))).openapi()
    return json.dumps(drawn, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def run(asked: argparse.Namespace) -> int:
    """Write the description."""
    if asked.out is None:
        sys.stdout.write(description())
    else:
        asked.out.write_text(description(), "utf-8")
    return 0


VERB = Verb(
    name="openapi",
    help="write the interface's description (OpenAPI 3.1)",
    run=run,
    arguments=add_arguments,
)
