"""`python -m api.cli VERB ...`; each verb has a room of its own."""

import argparse
import sys
from collections.abc import Sequence

from pydantic import ValidationError

from api.cli import demo, describe, keys, migrate, pages, portfolio, replay, route, serve, simulate
from api.cli.verb import Verb
from logistics.errors import SurgeportError
from routing.errors import RoutingError

VERBS: tuple[Verb, ...] = (
    demo.VERB,
    serve.VERB,
    replay.VERB,
    route.VERB,
    simulate.VERB,
    portfolio.VERB,
    migrate.VERB,
    describe.VERB,
    pages.VERB,
    keys.VERB,
)
"""Every verb of the command line."""


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out one command; returns the exit code, 2 for a command that cannot be so."""
    asked = _parser().parse_args(argv)
    try:
        code: int = asked.run(asked)
    except ValidationError as error:
        for fault in error.errors(include_input=False, include_url=False):
            name = "_".join(str(step) for step in fault["loc"]).upper()
            _say(f"SURGEPORT_{name}: {fault['msg']}" if name else fault["msg"])
        return 2
    except (SurgeportError, RoutingError, OSError) as error:
        _say(str(error))
        return 1
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m api.cli",
        description="Surgeport: stock near a viral video's buyers, and a promise that can be kept.",
    )
    parser.set_defaults(verbs=VERBS)
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    for verb in VERBS:
        one = verbs.add_parser(verb.name, help=verb.help, description=verb.help)
        verb.arguments(one)
        one.set_defaults(run=verb.run)
    return parser


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
