"""The environment that both commands need: `.venv` with every package of requirements.lock.

Safe to repeat: a stamp inside `.venv` names the lock it was made from, and while that is so
nothing is done. Safe to interrupt: the stamp says *begun* before the first package is touched,
and an environment that was only begun is made anew. Two commands at once wait for each other.
Packages come from wherever the user's pip is set up to look, and only with the hashes of the lock.
"""

import contextlib
import ctypes
import fcntl
import hashlib
import importlib.util
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bootstrap import pip_settings, suits

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "surgeport-stamp"

Command = Sequence[str | Path]


class CannotSetUp(Exception):
    """What the machine lacks, in one sentence that names the package to install."""


def say(sentence: str) -> None:
    """Tell the user what is being done, at once, also when the output is a file."""
    print(sentence, flush=True)


@contextlib.contextmanager
def alone(root: Path = ROOT) -> Iterator[None]:
    """Wait until no other command is setting up this checkout; the lock ends with the process."""
    handle = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def fingerprint(*parts: bytes) -> str:
    """Name the given contents by one hash."""
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def set_up_python() -> None:
    """Have `.venv` hold every package of the lock; do nothing when it already does."""
    check_system()
    wanted = fingerprint(LOCK.read_bytes())
    if stamped(STAMP) == f"done {wanted}" and starts(PYTHON):
        return
    if not starts(PYTHON) or stamped(STAMP).startswith("begun"):
        make_venv()
    STAMP.write_text(f"begun {wanted}")
    began = time.monotonic()
    say("Installing the Python packages of requirements.lock (a minute or two the first time) ...")
    install(LOCK)
    STAMP.write_text(f"done {wanted}")
    say(f"Python packages ready in {time.monotonic() - began:.0f} s.")


def stamped(stamp: Path) -> str:
    """Read a stamp; empty when there is none."""
    return stamp.read_text() if stamp.exists() else ""


def starts(python: Path) -> bool:
    """Say whether an environment's Python runs, is of a version that fits, and has its pip."""
    if not python.exists():
        return False
    question = "import sys, pip; print(*sys.version_info[:2])"
    answer = subprocess.run([python, "-c", question], capture_output=True, text=True, check=False)
    return answer.returncode == 0 and suits(*map(int, answer.stdout.split()))


def make_venv() -> None:
    """Make `.venv` from nothing with the Python that runs this."""
    if importlib.util.find_spec("ensurepip") is None:
        version = f"python3.{sys.version_info[1]}"
        raise CannotSetUp(
            f"{sys.executable} comes without ensurepip, so it cannot make an environment:"
            f" install the package {version}-venv (`apt-get install {version}-venv`)."
        )
    say(f"Making .venv with Python {sys.version.split()[0]} ...")
    call([sys.executable, "-m", "venv", "--clear", VENV])


def check_system(library: str = "libgomp.so.1") -> None:
    """Tell in one sentence that LightGBM's library is missing, before anything is fetched."""
    if sys.platform != "linux":
        return
    try:
        ctypes.CDLL(library)
    except OSError:
        raise CannotSetUp(
            f"The library {library}, which LightGBM needs, is not on this machine: install the"
            " package libgomp1 (`apt-get install libgomp1`; on Fedora `dnf install libgomp`)."
        ) from None


def install(lock: Path) -> None:
    """Install what a lock names, by its hashes: with uv for its speed, or else with pip."""
    pinned: Command = ["--require-hashes", "--no-deps", "--requirement", lock]
    pip: Command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if have_uv(pip):
        # Compiled at once, as pip does: else every process reads the sources, ten seconds each.
        uv: Command = [
            *(PYTHON, "-m", "uv", "pip", "install", "--quiet"),
            *("--compile-bytecode", "--python", PYTHON),
        ]
        as_pip_is = {**pip_settings.for_uv(PYTHON), **without_home()}
        if subprocess.run([*uv, *pinned], env=as_pip_is, check=False).returncode == 0:
            return
        say("uv could not install them; trying with pip, which is slower ...")
    call([*pip, *pinned])


def without_home(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Settings for tools that would stop where the user's home cannot be written; else none."""
    home = Path(environment.get("HOME") or "/")
    caches = Path(environment.get("XDG_CACHE_HOME") or home / ".cache")
    try:
        caches.mkdir(parents=True, exist_ok=True)
        writable = os.access(caches, os.W_OK)
    except OSError:
        writable = False
    return {} if writable else {"UV_NO_CACHE": "1", "npm_config_cache": str(VENV / "npm-cache")}


def have_uv(pip: Command) -> bool:
    """Put uv into the environment by the lock's own hashes; False where it cannot be had."""
    entry = entry_of("uv", LOCK.read_text())
    only_uv = VENV / "uv.txt"
    only_uv.write_text(entry)
    pinned: Command = ["--require-hashes", "--no-deps", "--requirement", only_uv]
    return bool(entry) and subprocess.run([*pip, *pinned], check=False).returncode == 0


def entry_of(name: str, lock: str) -> str:
    """Cut one package's entry, its pin and its hashes, out of the text of a lock."""
    entries = re.split(r"\n(?=\S)", lock)
    return "\n".join(entry for entry in entries if entry.startswith(f"{name}=="))


def call(command: Command) -> None:
    """Run a command and say which one it was when it fails; it has printed why itself."""
    answer = subprocess.run(command, check=False)
    if answer.returncode != 0:
        line = " ".join(str(part) for part in command)
        raise CannotSetUp(f"`{line}` ended with exit code {answer.returncode}; see above.")
