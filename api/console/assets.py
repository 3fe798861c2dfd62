"""The files of the pages: our own style and scripts, and the packages that npm installed.

Only what is listed is served; nothing of a package is copied into the repository. An address
carries the print of its content, so a browser keeps a file until the file changes. What shrinks is
sent shrunk; a page itself never is, for it carries both its session's word and what was typed.
"""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).resolve().parent / "static"
PACKAGES = Path(__file__).resolve().parents[2] / "node_modules"
SCRIPT, STYLE = "text/javascript", "text/css"
KEPT: dict[str, tuple[Path, str]] = {
    "console.css": (HERE / "console.css", STYLE),
    "console.js": (HERE / "console.js", SCRIPT),
    "chart.js": (HERE / "chart.js", SCRIPT),
    "map.js": (HERE / "map.js", SCRIPT),
    "icon.svg": (HERE / "icon.svg", "image/svg+xml"),
    "htmx.js": (PACKAGES / "htmx.org" / "dist" / "htmx.min.js", SCRIPT),
    "uplot.js": (PACKAGES / "uplot" / "dist" / "uPlot.iife.min.js", SCRIPT),
    "uplot.css": (PACKAGES / "uplot" / "dist" / "uPlot.min.css", STYLE),
    "maplibre.js": (PACKAGES / "maplibre-gl" / "dist" / "maplibre-gl.mjs", SCRIPT),
    "maplibre-worker.js": (PACKAGES / "maplibre-gl" / "dist" / "maplibre-gl-worker.mjs", SCRIPT),
    "inter.woff2": (
        PACKAGES / "@fontsource-variable" / "inter" / "files" / "inter-latin-wght-normal.woff2",
        "font/woff2",
    ),
}
PRINT = 12
"""Characters of a content's hash that its address carries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file with all that is sent of it."""

    kind: str
    print: str
    body: bytes
    shrunk: bytes | None
    """None where packing it saves nothing, as with a font."""


@cache
def asset(name: str) -> Asset | None:
    """The file of that name; None where it is not listed or its package is not installed."""
    path, kind = KEPT.get(name, (None, ""))
    if path is None or not path.exists():
        return None
    body = path.read_bytes()
    return Asset(
        kind=kind,
        print=hashlib.sha256(body).hexdigest()[:PRINT],
        body=body,
        shrunk=None if kind.startswith("font/") else gzip.compress(body, 6, mtime=0),
    )


@cache
def address(name: str) -> str:
    """Where a page finds the file."""
    found = asset(name)
    return f"/console/static/{name}" + (f"?v={found.print}" if found else "")
