"""`portfolio`: which standby spaces are worth their retainer for the next quarter.

Read from what is remembered: the spaces there are, and the episodes that were seen.
"""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from api.cli.verb import Verb
from api.settings import Settings
from api.wiring import means_of, now_utc
from logistics.whatif import Change, Figures
from logistics.workflows.explore import standby_portfolio


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """For how long, how many at most, and where the figures go."""
    parser.add_argument("--days", type=int, default=91, help="how long the quarter is; else 91")
    parser.add_argument("--most", type=int, help="hold so many spaces at most")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures")


def run(asked: argparse.Namespace) -> int:
    """Choose the spaces and say why."""
    means = means_of(Settings(compute="inline"))
    change = Change(days=asked.days, most=asked.most)
    figures = standby_portfolio(means, change, now=now_utc())
    sys.stdout.write("".join(f"{line}\n" for line in lines(figures)))
    if asked.json is not None:
        asked.json.write_text(json.dumps(asdict(figures), indent=2) + "\n", "utf-8")
    return 0


def lines(figures: Figures) -> tuple[str, ...]:
    """The portfolio as it is told at the terminal."""
    held = (f"hold {one.site} for {one.fees / 100:,.2f}" for one in figures.planned)
    return (*held, *(f"{sentence}." for sentence in figures.says))


VERB = Verb(
    name="portfolio",
    help="choose the standby spaces to hold for a quarter",
    run=run,
    arguments=add_arguments,
)
