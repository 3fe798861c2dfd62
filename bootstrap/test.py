"""`./test`: every check and every test, each named and timed, and one plain line at the end.

The checks come first because they are quick; a failed one stops nothing, so that one run tells
all there is to mend. Nothing is ever skipped for want of a tool: what a test needs is set up
here, or the set-up fails and says what is missing.
"""

import argparse
import os
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass

from bootstrap.chromium import set_up_chromium
from bootstrap.compiled import set_up_compiled
from bootstrap.environment import (
    PYTHON,
    ROOT,
    VENV,
    CannotSetUp,
    Command,
    alone,
    say,
    set_up_python,
)
from bootstrap.front_end import set_up_front_end
from bootstrap.road_engine import set_up_road_engine

ABOUT = "Make the environment with all check tools, then run every check and every test."

CHECKS: Mapping[str, Command] = {
    "format": [PYTHON, "-m", "ruff", "format", "--check", "."],
    "lint": [PYTHON, "-m", "ruff", "check", "."],
    "types": [PYTHON, "-m", "mypy"],
    "floors": [PYTHON, VENV / "bin" / "lint-imports", "--no-logo"],
    "dependencies": [PYTHON, "-m", "deptry", "."],
    "tests": [PYTHON, "-m", "pytest", "-n", "2", "--dist", "worksteal", "--ignore=tests/browser"],
    # Apart: the browser's driver keeps an event loop in its process, and others want their own.
    "browser": [PYTHON, "-m", "pytest", "tests/browser"],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """How one check went."""

    name: str
    passed: bool
    seconds: float

    def __str__(self) -> str:
        """Say it on one line, in columns."""
        return f"{self.name:<14}{'passed' if self.passed else 'FAILED':<8}{self.seconds:7.1f} s"


def main(arguments: list[str]) -> int:
    """Set up, run every check, and return 0 only when all of them passed."""
    told = argparse.ArgumentParser(prog="./test", description=ABOUT)
    told.add_argument("--setup", action="store_true", help="only make the environment")
    told.usage = "./test [--setup] [arguments for pytest ...]"
    asked, for_pytest = told.parse_known_args(arguments)
    try:
        chromium = set_up()
        return 0 if asked.setup else run_all(for_pytest, chromium)
    except CannotSetUp as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("Stopped; ./test begins again where that is needed.")
        return 130


def set_up() -> str:
    """Make all that the checks and tests need; return where Chromium is."""
    began = time.monotonic()
    with alone():
        set_up_python()
        set_up_front_end()
        set_up_road_engine()
        chromium = set_up_chromium()
        set_up_compiled()
    say(f"The environment is ready ({time.monotonic() - began:.1f} s).")
    return chromium


def run_all(for_pytest: list[str], chromium: str, checks: Mapping[str, Command] = CHECKS) -> int:
    """Run the checks one after the other and close with a line for each and one for all."""
    environment = {**os.environ, "CHROME": chromium}
    order = ["--randomly-seed=1"] if os.environ.get("CI") else []  # a failure there must repeat
    more = {"tests": [*order, *for_pytest], "browser": order}
    done = [
        checked(name, [*command, *more.get(name, [])], environment)
        for name, command in checks.items()
    ]
    say("\n" + "\n".join(str(check) for check in done))
    passed = sum(check.passed for check in done)
    say(f"checks: {passed} passed, {len(done) - passed} failed")
    return 0 if passed == len(done) else 1


def checked(name: str, command: Command, environment: dict[str, str]) -> Checked:
    """Run one check with its output shown."""
    say(f"\n=== {name}")
    began = time.monotonic()
    answer = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return Checked(name=name, passed=answer.returncode == 0, seconds=time.monotonic() - began)
