"""A real Chromium for the console's tests; it reaches this machine alone and says when a page tries more.

`page` is a page in a context of its own. A request to any other host is stopped and, when the
test is over, fails it: the console works with no internet. `violations(page)` asks axe.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from bootstrap.chromium import find_chromium, kept_by_playwright

PATIENCE = 30_000
"""Milliseconds that a page may take on a busy machine."""
expect.set_options(timeout=PATIENCE)

ROOT = Path(__file__).resolve().parents[2]
OURS = {"127.0.0.1", "localhost", "[::1]", "::1"}
NEEDS_NO_NETWORK = {"data", "blob", "about"}

FLAGS = [
    "--no-sandbox",  # Chromium refuses its sandbox to root, and CI is often root in a container
    "--disable-gpu",
    "--enable-unsafe-swiftshader",  # WebGL without a graphics card, for the map
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for each worker of pytest."""
    chromium = find_chromium(os.environ) or kept_by_playwright()
    if chromium is None:
        pytest.fail("there is no Chromium on this machine: run ./test --setup")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def stopped() -> list[str]:
    """Addresses outside this machine that the page asked for, each of them stopped."""
    return []


@pytest.fixture
def page(browser: Browser, stopped: list[str]) -> Iterator[Page]:
    """A page of 1280 by 800 which reaches this machine alone."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE)

    def let_through(route: Route) -> None:
        place = urlsplit(route.request.url)
        if place.hostname in OURS or place.scheme in NEEDS_NO_NETWORK:
            route.continue_()
        else:
            stopped.append(route.request.url)
            route.abort()

    context.route("**/*", let_through)
    yield context.new_page()
    context.close()
    assert stopped == [], "the page asked for hosts outside this machine"
