"""`./run`: the whole loop on this machine, from a made-up viral video to delivered orders.

Everything after the set-up is the command line's own `demo` (api/cli.py); this only makes the
environment, hands over how long that took, and becomes that program.
"""

import argparse
import os
import time
from pathlib import Path

from bootstrap.compiled import set_up_compiled
from bootstrap.environment import PYTHON, ROOT, CannotSetUp, alone, say, set_up_python
from bootstrap.front_end import set_up_front_end

ABOUT = """\
Make the environment (.venv, node_modules), then live three viral days at accelerated time and
print what came of them; then go on at normal speed and serve the API and the planners' console.
"""


def parser() -> argparse.ArgumentParser:
    """Describe the arguments, which are those of `python -m api.cli demo`."""
    told = argparse.ArgumentParser(prog="./run", description=ABOUT)
    told.add_argument("--exit", action="store_true", help="stop after the summary; serve nothing")
    told.add_argument("--json", metavar="FILE", type=Path, help="write the summary here as JSON")
    told.add_argument("--seed", metavar="N", type=int, help="which made-up world to live in")
    told.add_argument("--port", metavar="N", type=int, help="where to serve on 127.0.0.1 (8000)")
    told.add_argument("--data-dir", metavar="DIR", type=Path, help="where to keep the database")
    return told


def main(arguments: list[str]) -> int:
    """Set up and become the demo; return an exit code only when the set-up failed."""
    asked = parser().parse_args(arguments)
    try:
        seconds = set_up()
    except CannotSetUp as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("Stopped while setting up; ./run begins again where that is needed.")
        return 130
    demo = ["-m", "api.cli", "demo", *passed_on(asked), "--setup-seconds", f"{seconds:.3f}"]
    os.chdir(ROOT)
    return os.execv(PYTHON, [str(PYTHON), *demo])


def set_up() -> float:
    """Make the environment; return how many seconds that took."""
    began = time.monotonic()
    with alone():
        set_up_python()
        set_up_front_end()
        set_up_compiled()
    return time.monotonic() - began


def passed_on(asked: argparse.Namespace) -> list[str]:
    """Write the arguments out again for the demo, with paths that hold in any folder."""
    given = [] if not asked.exit else ["--exit"]
    for name in ("json", "seed", "port", "data_dir"):
        value = getattr(asked, name)
        if value is not None:
            told = value.absolute() if isinstance(value, Path) else value
            given += [f"--{name.replace('_', '-')}", str(told)]
    return given
