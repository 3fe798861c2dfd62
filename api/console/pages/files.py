"""Where the browser fetches the files of the pages, and the ground of the maps."""

import gzip
import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api import problems
from api.console.assets import asset
from api.console.drawings.ground import Box, ground
from api.console.session import SignedIn
from api.console.way import PageRoute
from api.errors import NoSuchPath
from api.schemas import IdPath
from api.service import Wired
from logistics.catalogue import Market
from logistics.network import Site

router = APIRouter(prefix="/console", include_in_schema=False, route_class=PageRoute)

FOR_EVER = "private, max-age=31536000, immutable"
FOR_A_WHILE = "private, max-age=300"
AROUND = 1.2
"""Degrees of ground around all regions and sites of a market."""


@router.get("/static/{name}")
def files(name: str, request: Request, v: Annotated[str, Query(max_length=64)] = "") -> Response:
    """A listed file; under the address that carries its print it may be kept for ever."""
    found = asset(name)
    if found is None:
        raise NoSuchPath(f"/console/static/{name}")
    headers = {
        "Cache-Control": FOR_EVER if v == found.print else FOR_A_WHILE,
        "ETag": f'"{found.print}"',
        "Vary": "Accept-Encoding",
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=problems.NOT_MODIFIED, headers=headers)
    if found.shrunk is not None and takes_gzip(request):
        return Response(
            found.shrunk, media_type=found.kind, headers={**headers, "Content-Encoding": "gzip"}
        )
    return Response(found.body, media_type=found.kind, headers=headers)


@router.get("/ground/{market}")
def ground_of(market: IdPath, request: Request, _: SignedIn, service: Wired) -> Response:
    """The land under one market's maps, as GeoJSON."""
    with service.means.store.read() as reading:
        here = reading.get(Market, market)
        sites = reading.find(Site, market=market)
    lats = [one.lat for one in here.regions] + [one.lat for one in sites]
    lons = [one.lon for one in here.regions] + [one.lon for one in sites]
    view = Box(
        west=min(lons) - AROUND,
        south=min(lats) - AROUND,
        east=max(lons) + AROUND,
        north=max(lats) + AROUND,
    )
    return geo(request, ground(here.country, view), {"Cache-Control": FOR_A_WHILE})


def geo(request: Request, told: Any, headers: dict[str, str] | None = None) -> Response:
    """Data of a map, packed where the browser takes it: it holds no word of a session."""
    body = json.dumps(told, separators=(",", ":")).encode()
    more = {"Cache-Control": "no-store", "Vary": "Accept-Encoding", **(headers or {})}
    if takes_gzip(request):
        body, more["Content-Encoding"] = gzip.compress(body, 4), "gzip"
    return Response(body, media_type="application/json", headers=more)


def takes_gzip(request: Request) -> bool:
    """Whether the browser takes what is packed."""
    return "gzip" in request.headers.get("accept-encoding", "")
