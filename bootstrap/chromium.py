"""The browser of the console's tests: a real Chromium, from wherever this machine can have one.

In this order: what `$CHROME` names, a `chromium` on the path, the system's own package when we
may install it, and Playwright's build. With none of them the set-up fails: the console's tests
are never skipped.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from bootstrap.environment import PYTHON, CannotSetUp, Command, say

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WHERE_PLAYWRIGHT_KEEPS_IT = (
    "from playwright.sync_api import sync_playwright as p\n"
    "with p() as browsers: print(browsers.chromium.executable_path)"
)


def set_up_chromium() -> str:
    """Return the path of a Chromium, installing one where there is none."""
    found = find_chromium(os.environ) or by_apt() or by_playwright()
    if not found:
        raise CannotSetUp(
            "No Chromium for the console's tests: install one (`apt-get install chromium`) or set"
            " CHROME to the path of a Chromium or Chrome."
        )
    return found


def find_chromium(environment: Mapping[str, str]) -> str | None:
    """Look where the user says, then on the path; a CHROME that is not there is an error."""
    if named := environment.get("CHROME"):
        if path := shutil.which(named):
            return path
        raise CannotSetUp(f"CHROME names {named}, which is no program on this machine.")
    return next(filter(None, map(shutil.which, NAMES)), None)


def by_apt() -> str | None:
    """Install Debian's Chromium when we are root there; None where that gives none that starts."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    say("Installing Chromium with apt-get ...")
    apt_get = ["apt-get", "--yes", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"]
    for step in (["update"], ["install", "chromium", "fonts-liberation"]):
        told = subprocess.run(
            [*apt_get, *step],
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if told.returncode != 0:
            say(f"apt-get {step[0]} failed: {told.stderr.strip()}")
    found = find_chromium({})
    return found if found and answers(found) else None


def answers(chromium: str) -> bool:
    """Say whether it is a browser: Ubuntu's package only tells that another one is wanted."""
    return subprocess.run([chromium, "--version"], capture_output=True, check=False).returncode == 0


def by_playwright() -> str | None:
    """Let Playwright fetch its own build; None when it cannot."""
    say("Installing Chromium with Playwright ...")
    if not (kept := kept_by_playwright()):
        subprocess.run([PYTHON, "-m", "playwright", "install", "chromium"], check=False)
        kept = kept_by_playwright()
    return kept


def kept_by_playwright() -> str | None:
    """Ask Playwright where its build would be, and look whether it is there."""
    question: Command = [PYTHON, "-c", WHERE_PLAYWRIGHT_KEEPS_IT]
    answer = subprocess.run(question, capture_output=True, text=True, check=False)
    path = answer.stdout.strip()
    return path if path and Path(path).exists() else None
