"""What a verb of the command line is made of."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass


def no_arguments(_: argparse.ArgumentParser) -> None:
    """For a verb that takes none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """One verb: its name, its one line of help, its arguments, and what it does."""

    name: str
    help: str
    run: Callable[[argparse.Namespace], int]
    """Gives the exit code."""
    arguments: Callable[[argparse.ArgumentParser], None] = no_arguments
