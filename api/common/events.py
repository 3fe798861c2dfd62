"""Where everybody reads what happened: page by page, or as it happens."""

from collections.abc import AsyncIterator
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Header, Request, Response, Security
from fastapi.responses import JSONResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from api.auth import Caller, admitted
from api.feed import (
    After,
    EventOut,
    Reader,
    Types,
    cloud_event,
    known_types,
    place_of,
    read_on,
    show,
)
from api.paging import Limit
from api.problems import OK
from api.schemas import Page
from api.service import Wired
from api.stream import follow, from_now
from logistics.events import EVENT_TYPES

router = APIRouter(prefix="/v1/events", tags=["events"])

CLOUD_EVENTS = "application/cloudevents-batch+json"
AS_CLOUD_EVENTS: dict[int | str, dict[str, Any]] = {
    OK: {"content": {CLOUD_EVENTS: {"schema": {"type": "array", "items": {"type": "object"}}}}}
}

Listener = Annotated[Caller, Security(admitted, scopes=["events:read"])]
LastSeen = Annotated[str | None, Header(max_length=100, description="The last id that was seen.")]


def reader_of(caller: Listener, type: Types = []) -> Reader:  # noqa: B006  FastAPI copies it
    """Who reads, and what they want."""
    types = known_types(type, EVENT_TYPES, "/type", "query")
    return Reader(role=caller.role, party=caller.party, types=types)


Reading = Annotated[Reader, Depends(reader_of)]


@router.get("", response_model=Page[EventOut], responses=AS_CLOUD_EVENTS)
def events(
    request: Request,
    reader: Reading,
    service: Wired,
    response: Response,
    after: After = None,
    limit: Limit = 100,
) -> Response | Page[EventOut]:
    """Show what came after a place in the feed; `next` is always there, to read on from later.

    Who accepts `application/cloudevents-batch+json` gets the same events as CloudEvents 1.0, and
    reads on by the `Link` header alone.
    """
    with service.means.store.read() as reading:
        stretch = read_on(reading, reader, after, limit)
    types = "".join(f"&type={quote(one)}" for one in reader.types)
    link = {"Link": f'</v1/events?after={stretch.ends}&limit={limit}{types}>; rel="next"'}
    if "application/cloudevents" in request.headers.get("accept", ""):
        source = f"urn:surgeport:{service.means.policy.zone}"
        told = [cloud_event(event, source) for event in stretch.events]
        return JSONResponse(told, headers=link, media_type=CLOUD_EVENTS)
    response.headers.update(link)
    return Page[EventOut](items=[show(event) for event in stretch.events], next=stretch.ends)


def _from(service: Wired, last_event_id: LastSeen = None, after: After = None) -> str:
    """Where the stream begins; refused before it does, where that place is none."""
    place = last_event_id or after
    if place is None:
        return from_now(service)
    with service.means.store.read() as reading:
        place_of(reading, place)
    return place


@router.get("/stream", response_class=EventSourceResponse)
async def stream(
    reader: Reading, service: Wired, place: Annotated[str, Depends(_from)]
) -> AsyncIterator[ServerSentEvent]:
    """Send events as they happen; `Last-Event-ID` reads on where a connection broke."""
    async for event in follow(service, reader, place):
        yield event
