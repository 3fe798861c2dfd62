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
FONTS = PACKAGES / "@fontsource-variable" / "inter" / "files"
KEPT: dict[str, tuple[str, tuple[Path, ...]]] = {
    "console.css": (STYLE, (PACKAGES / "uplot" / "dist" / "uPlot.min.css", HERE / "console.css")),
    "console.js": (SCRIPT, (HERE / "console.js",)),
    "chart.js": (SCRIPT, (PACKAGES / "uplot" / "dist" / "uPlot.iife.min.js", HERE / "chart.js")),
    "map.js": (SCRIPT, (HERE / "map.js",)),
    "icon.svg": ("image/svg+xml", (HERE / "icon.svg",)),
    "htmx.js": (SCRIPT, (PACKAGES / "htmx.org" / "dist" / "htmx.min.js",)),
    "maplibre.js": (SCRIPT, (PACKAGES / "maplibre-gl" / "dist" / "maplibre-gl.mjs",)),
    "maplibre-worker.js": (SCRIPT, (PACKAGES / "maplibre-gl" / "dist" / "maplibre-gl-worker.mjs",)),
    "inter.woff2": ("font/woff2", (FONTS / "inter-latin-wght-normal.woff2",)),
}
"""What is served: of which kind, and from which files, one after the other."""
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
    kind, paths = KEPT.get(name, ("", ()))
    if not paths or not all(path.exists() for path in paths):
        return None
    body = b"\n".join(path.read_bytes() for path in paths)
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
