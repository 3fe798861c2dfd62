"""The files of the pages: our own style and script, and the packages that npm installed.

Only what is listed is served; nothing of a package is copied into the repository.
"""

from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse, Response

from api.console.way import PageRoute
from api.errors import NoSuchPath

router = APIRouter(prefix="/console", include_in_schema=False, route_class=PageRoute)

STATIC = Path(__file__).resolve().parents[1] / "static"
PACKAGES = Path(__file__).resolve().parents[3] / "node_modules"
OURS = {
    "console.css": "text/css",
    "console.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
THEIRS = {"htmx.js": (PACKAGES / "htmx.org" / "dist" / "htmx.min.js", "text/javascript")}
KEPT = {"Cache-Control": "private, max-age=300"}


@router.get("/static/{name}")
def ours(name: str) -> Response:
    """A file of our own."""
    if name not in OURS:
        raise NoSuchPath(f"/console/static/{name}")
    return FileResponse(STATIC / name, media_type=OURS[name], headers=KEPT)


@router.get("/vendor/{name}")
def theirs(name: str) -> Response:
    """A file of a package."""
    path, kind = THEIRS.get(name, (None, ""))
    if path is None or not path.exists():
        raise NoSuchPath(f"/console/vendor/{name}")
    return FileResponse(path, media_type=kind, headers=KEPT)
