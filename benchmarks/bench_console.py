"""How heavy and how quick the console is: first loads, and the delay of a key, in a real Chromium.

python -m benchmarks.bench_console [--json FILE] [--data DIR] [--runs N]

Without `--data` the pages are those of a made-up market with 200 recommendations, 500 routes of
ten stops and 20,000 hexagons of demand, in this process's memory. With `--data`, a folder in which
`python -m api.cli demo --exit --data-dir DIR` has left its file, they are those of that file.

Of each screen, on a first visit with an empty cache: how many requests and bytes (on the way, and
as the browser reads them), the first paint with content, and the largest one, which is the text or
the drawing that the page is for: pages are whole without scripts, so that is the meaningful paint.
Then keys are pressed: the delay runs from the key to the next frame after its work is done.
"""

import argparse
import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, Request, sync_playwright

from api.settings import Settings
from api.wiring import means_of
from bootstrap.chromium import find_chromium, kept_by_playwright
from logistics.access import Role
from logistics.catalogue import Market, Region
from logistics.decisions import Recommendation
from logistics.demand import Outlook, RegionOutlook
from logistics.dispatch import Route
from logistics.events import Event
from logistics.workflows.decide import UNDECIDED
from routing.geography import Cell, Place, cell_of, neighbours, place_of
from tests.browser.conftest import FLAGS
from tests.builders.days import a_route, a_stop
from tests.builders.doors import Clock, House
from tests.builders.serving import served
from tests.builders.supply import (
    SEVEN,
    a_market,
    a_proposal,
    a_recommendation,
    a_world,
    an_outlook,
    centre_node,
    means,
)

RECOMMENDATIONS, ROUTES, STOPS, RINGS = 200, 500, 10, 82
"""82 rings around a hexagon are 20,419 hexagons."""
FINE = 7
KEYS = 30
PATIENCE = 180_000
"""Milliseconds: a map of 20,000 hexagons is drawn by software, maybe on a busy machine."""
MOST_BYTES, MOST_REQUESTS = 2_500_000, 15
PAINTS = """() => new Promise((done) => {
  let largest = 0;
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) largest = one.startTime;
  }).observe({ type: "largest-contentful-paint", buffered: true });
  setTimeout(() => done([
    performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
    largest,
    performance.getEntriesByType("navigation")[0].responseEnd,
  ]), 50);
})"""
LISTEN = """() => {
  window.delays = [];
  addEventListener("keydown", (event) => {
    requestAnimationFrame(() => setTimeout(() => delays.push(performance.now() - event.timeStamp)));
  }, true);
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """A page, the keys that are pressed on it, and what shows that it is whole."""

    name: str
    path: str
    keys: tuple[str, ...]
    drawn: bool
    """Whether it has a map that the browser draws itself."""


def a_big_world() -> House:
    """The made-up market, in memory."""
    middle = cell_of(Place(lat=34.05, lon=-118.24), FINE)
    cells = (middle, *neighbours(middle, RINGS))
    tools = a_world(means())
    regions = tuple(_region(cell) for cell in cells)
    with tools.store.begin() as deed:
        deed.change(replace(deed.lock(Market, a_market().id), regions=regions))
    known = an_outlook(tools, 0.0 + len(cells) / 100)
    few = tuple(1 / 100 for _ in range(known.hours))
    parts = tuple(RegionOutlook(cell=cell, hourly=few, totals=()) for cell in cells)
    with tools.store.begin() as deed:
        deed.forget(Outlook, known.id)
        deed.add(replace(known, regions=parts))
    proposal = a_proposal(tools)
    for n in range(RECOMMENDATIONS):
        due = SEVEN + timedelta(minutes=60 + 7 * n)
        a_recommendation(tools, f"rec_{n}", proposal=proposal, decide_by=due)
    home = centre_node(tools).id
    with tools.store.begin() as deed:
        for n in range(ROUTES):
            deed.add(a_route(home, STOPS, id=f"rte_{n}", vehicle=f"van-{n}"))
            for k in range(STOPS):
                stop = a_stop(k, SEVEN + timedelta(hours=1 + n % 5), route=f"rte_{n}")
                at = place_of(cells[(n * STOPS + k) % len(cells)])
                deed.add(replace(stop, id=f"stp_{n}_{k}", lat=at.lat, lon=at.lon))
    return House(tools)


def _region(cell: Cell) -> Region:
    at = place_of(cell)
    return Region(cell=cell, lat=at.lat, lon=at.lon, residents=500)


def a_kept_world(folder: Path, copy: Path) -> House:
    """The demo's file at the hour that it ended, in a copy."""
    for file in folder.glob("demo.sqlite3*"):
        shutil.copy(file, copy / file.name)
    settings = Settings(data_dir=copy, database=f"sqlite:///{copy}/demo.sqlite3", clock=False)
    tools = means_of(settings)
    return House(tools, clock=Clock(_ended(tools.store)))


def _ended(store: object) -> datetime:
    with store.read() as seen:  # type: ignore[attr-defined]
        (last,) = seen.find(Event, position=seen.position())
    return last.recorded_at + timedelta(seconds=1)


def screens(house: House) -> tuple[Screen, ...]:
    """The three screens, each with a thing on it."""
    with house.means.store.read() as seen:
        waiting = seen.find(Recommendation, state=UNDECIDED) or seen.find(Recommendation)
        routes = seen.find(Route, sort="departs_at", descending=True)
    market = routes[0].market if routes else ""
    return (
        Screen(name="inbox", path="/console", keys=("j", "k"), drawn=False),
        Screen(
            name="recommendation",
            path=f"/console/recommendations/{waiting[0].id}",
            keys=("e", "Escape"),
            drawn=True,
        ),
        Screen(name="live day", path=f"/console/live?market={market}", keys=("j",), drawn=True),
    )


@contextmanager
def a_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = find_chromium(os.environ) or kept_by_playwright()
        started = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield started
        started.close()


def visit(browser: Browser, site: str, key: str, screen: Screen) -> dict[str, float]:
    """One first visit with an empty cache, and the keys."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    answer = httpx.post(f"{site}/console/sign-in", data={"key": key})
    kept = {"name": "surgeport_session", "value": answer.cookies["surgeport_session"]}
    context.add_cookies([{**kept, "domain": "127.0.0.1", "path": "/console"}])
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    asked: list[Request] = []
    begun: list[Request] = []
    page.on("request", lambda one: begun.append(one))  # noqa: PLW0108  Playwright marks it
    page.on("requestfinished", lambda one: asked.append(one))  # noqa: PLW0108  Playwright marks it
    began = time.perf_counter()
    page.goto(site + screen.path)
    if screen.drawn:
        page.wait_for_selector("[data-map].drawn")
    whole = time.perf_counter() - began
    first, largest, answered = page.evaluate(PAINTS)
    told = {
        "requests": len(begun),
        "bytes_on_the_way": sum(one.sizes()["responseBodySize"] for one in asked),
        "bytes_as_read": sum(len(one.response().body()) for one in asked),
        "page_answered_ms": round(answered),
        "first_paint_ms": round(first),
        "meaningful_paint_ms": round(largest),
        "whole_with_map_ms": round(1000 * whole),
        **delays(page, screen.keys),
    }
    context.close()
    return told


def delays(page: Page, keys: tuple[str, ...]) -> dict[str, float]:
    """Press keys one after the other; how long each took to be answered on the screen."""
    page.wait_for_selector("body[data-ready]")
    page.evaluate(LISTEN)
    for n in range(KEYS):
        page.keyboard.press(keys[n % len(keys)])
        while page.evaluate("delays.length") <= n:
            time.sleep(0.01)
    found = sorted(page.evaluate("delays"))
    return {
        "key_median_ms": round(statistics.median(found), 1),
        "key_p95_ms": round(found[int(0.95 * len(found))], 1),
    }


def main() -> None:
    """Measure each screen so many times; the median of each figure is told."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    told: dict[str, dict[str, float | bool]] = {}
    with tempfile.TemporaryDirectory() as copy:
        house = a_kept_world(asked.data, Path(copy)) if asked.data else a_big_world()
        key = house.key(Role.PLANNER)[1]
        with served(house) as site, a_browser() as browser:
            for screen in screens(house):
                seen = [visit(browser, site, key, screen) for _ in range(asked.runs)]
                middle = {name: statistics.median(one[name] for one in seen) for name in seen[0]}
                light = middle["bytes_on_the_way"] <= MOST_BYTES
                told[screen.name] = {
                    **middle,
                    "light": light and middle["requests"] <= MOST_REQUESTS,
                }
                print(screen.name, json.dumps(told[screen.name]), flush=True)
    if asked.json:
        asked.json.write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
