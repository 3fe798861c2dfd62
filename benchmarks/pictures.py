"""Take the pictures that README and docs show, of the demo's own days, in both themes.

python -m benchmarks.pictures [--asks DIR] [--day DIR] [--out DIR]

Without folders the days are lived first, by the bots of `./run` and with its seed: ten hours, which
leave an opening to decide, and 33, which end amid a busy afternoon. Their clock then stands still.
"""

import argparse
import io
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

from benchmarks.bench_console import a_browser, a_kept_world
from logistics.access import Role
from logistics.decisions import Kind, Recommendation
from logistics.dispatch import Route, RouteState
from logistics.workflows.decide import UNDECIDED
from tests.builders.doors import House
from tests.builders.serving import served

DOCS = Path(__file__).resolve().parents[1] / "docs" / "images"
ASKS_HOURS, DAY_HOURS = 10, 33
THEMES = {"light": "", "dark": "-dark"}
"""The themes, and what the names of their pictures end with."""


def lived(hours: int, folder: Path) -> Path:
    """The folder, after so many hours of the demo were lived into it."""
    told = ["demo", "--exit", "--hours", str(hours), "--data-dir", str(folder)]
    subprocess.run([sys.executable, "-m", "api.cli", *told], check=True)
    return folder


@contextmanager
def a_copy(folder: Path) -> Iterator[House]:
    """The house of a demo's folder, which itself stays as it is."""
    with tempfile.TemporaryDirectory() as copy:
        yield a_kept_world(folder, Path(copy))


def to_decide(house: House) -> str:
    """The page of what waits and gains most; an opening, where one waits."""
    with house.means.store.read() as seen:
        waiting = seen.find(Recommendation, state=UNDECIDED)
    if not waiting:
        raise SystemExit(
            "Nothing waits for a decision in these days: try other hours (--asks DIR)."
        )
    best = max(waiting, key=lambda one: (one.kind is Kind.OPEN, one.expected_gain))
    return f"/console/recommendations/{best.id}"


def busiest(house: House) -> str:
    """The page of the market with most routes on the road."""
    with house.means.store.read() as seen:
        going = Counter(one.market for one in seen.find(Route, state=RouteState.IN_PROGRESS))
    return f"/console/live?market={going.most_common(1)[0][0]}"


def take(browser: Browser, house: House, shots: dict[str, tuple[str, int, str]], out: Path) -> None:
    """Of each name: the page, how much of its height is seen, and the keys that are pressed on it."""
    key = house.key(Role.PLANNER, "planner-one")[1]
    with served(house) as site:
        for theme, ending in THEMES.items():
            context = browser.new_context(color_scheme=theme)  # type: ignore[arg-type]
            page = context.new_page()
            page.goto(f"{site}/console/sign-in")
            page.fill("#key", key)
            page.keyboard.press("Enter")
            page.wait_for_selector(".bar")
            for name, (path, high, keys) in shots.items():
                page.set_viewport_size({"width": 1280, "height": high})
                page.goto(site + path)
                _settled(page, keys)
                _keep(page.screenshot(), out / f"{name}{ending}.png")
            context.close()


def _keep(shot: bytes, path: Path) -> None:
    """Write a picture in its 256 commonest colours: a third of the bytes, and flat colours stay true."""
    drawn = Image.open(io.BytesIO(shot)).convert("RGB")
    counted = sorted(drawn.getcolors(drawn.width * drawn.height), reverse=True)
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for _, colour in counted[:256] for part in colour])
    drawn.quantize(palette=palette, dither=Image.Dither.NONE).save(path, optimize=True)


def _settled(page: Page, keys: str) -> None:
    """Wait until all is drawn, and press the keys."""
    page.wait_for_selector("body[data-ready]")
    page.wait_for_function("document.querySelector('.beat')?.dataset.state === 'on'")
    if page.locator("[data-map]").count():
        page.wait_for_selector("[data-map].drawn", timeout=60_000)
    for key in keys:
        page.keyboard.press(key)
    page.mouse.move(3, 3)
    page.wait_for_timeout(1500)  # the map goes on drawing for a moment after it says that it has


def main() -> None:
    """Take them all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--asks", type=Path, help="a demo's folder with something to decide")
    parser.add_argument("--day", type=Path, help="a demo's folder with routes on the road")
    parser.add_argument("--out", type=Path, default=DOCS)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as room, a_browser() as browser:
        with a_copy(asked.asks or lived(ASKS_HOURS, Path(room) / "asks")) as house:
            pages = {"console": (to_decide(house), 1090, ""), "inbox": ("/console", 560, "j")}
            take(browser, house, pages, asked.out)
        with a_copy(asked.day or lived(DAY_HOURS, Path(room) / "day")) as house:
            take(browser, house, {"live-day": (busiest(house), 900, "jj")}, asked.out)


if __name__ == "__main__":
    main()
