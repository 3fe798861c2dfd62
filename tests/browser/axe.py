"""Asks axe-core what on a page keeps somebody from using it."""

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"


@cache
def axe_core() -> str:
    """Read axe-core as npm installed it."""
    if not AXE.exists():
        raise FileNotFoundError(f"{AXE} is not there: run ./test --setup")
    return AXE.read_text()


def violations(page: Page) -> list[str]:
    """Return each violation with its rule, what it is, and the first element that has it."""
    page.evaluate(axe_core())  # not a script of the page, so its content policy lets it be
    found = page.evaluate("axe.run()")["violations"]
    return [f"{one['id']}: {one['help']} ({one['nodes'][0]['html']})" for one in found]
