"""What `./run` and `./test` stand on before anything is installed: find a Python, then go on.

Only the standard library is known here. This file and the two scripts are written so that every
Python since 3.6 can read them: an old one hands over to a newer one on the path, or tells in a
sentence what to do. The rest of the package may use what Python 3.11 offers.
"""

import importlib
import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)
NEWEST = (3, 14)  # the newest Python that every package in requirements.lock has a wheel for


def main(command: str, arguments: "list[str]") -> int:
    """Run `run` or `test` under a Python that can; return the exit code."""
    if not suits(sys.version_info[0], sys.version_info[1]):
        return hand_over()
    code: int = importlib.import_module("bootstrap." + command).main(arguments)
    return code


def suits(major: int, minor: int) -> bool:
    """Say whether the house can live on this version of Python."""
    return OLDEST <= (major, minor) <= NEWEST


def hand_over() -> int:
    """Become the same command under the newest fitting Python on the path, or say there is none."""
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        # A version manager's shim can be on the path with no Python behind it, so try each.
        if found and subprocess.call([found, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            os.execv(found, [found, *sys.argv])
    sys.stderr.write(
        f"Surgeport needs Python 3.{OLDEST[1]} to 3.{NEWEST[1]}, and {sys.executable} is Python"
        f" {sys.version_info[0]}.{sys.version_info[1]}: install a newer one, such as python3.11,"
        " and start again.\n"
    )
    return 1
