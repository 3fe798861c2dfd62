"""Where everybody reads what happened: page by page, or as it happens."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response, Security
from fastapi.sse import EventSourceResponse, ServerSentEvent

from api.auth import Caller, admitted
from api.feed import After, EventOut, Reader, Types, known_types, place_of, read_on, show
from api.paging import Limit
from api.schemas import Page
from api.service import Wired
from api.stream import follow
from logistics.events import EVENT_TYPES

router = APIRouter(prefix="/v1/events", tags=["events"])

Listener = Annotated[Caller, Security(admitted, scopes=["events:read"])]
LastSeen = Annotated[str | None, Header(max_length=100, description="The last id that was seen.")]


def reader_of(caller: Listener, type: Types = []) -> Reader:  # noqa: B006  FastAPI copies it
    """Who reads, and what they want."""
    types = known_types(type, EVENT_TYPES)
    return Reader(role=caller.role, party=caller.party, types=types)


Reading = Annotated[Reader, Depends(reader_of)]


@router.get("")
def events(
    reader: Reading, service: Wired, response: Response, after: After = None, limit: Limit = 100
) -> Page[EventOut]:
    """Show what came after a place in the feed; `next` is always there, to read on from later."""
    with service.means.store.read() as reading:
        stretch = read_on(reading, reader, after, limit)
    response.headers["Link"] = f'</v1/events?after={stretch.ends}&limit={limit}>; rel="next"'
    return Page[EventOut](items=[show(event) for event in stretch.events], next=stretch.ends)


def _from(service: Wired, last_event_id: LastSeen = None, after: After = None) -> str | None:
    """Where the stream begins; refused before it does, where that place is none."""
    place = last_event_id or after
    if place is not None:
        with service.means.store.read() as reading:
            place_of(reading, place)
    return place


@router.get("/stream", response_class=EventSourceResponse)
async def stream(
    reader: Reading, service: Wired, place: Annotated[str | None, Depends(_from)]
) -> AsyncIterator[ServerSentEvent]:
    """Send events as they happen; `Last-Event-ID` reads on where a connection broke."""
    async for event in follow(service, reader, place):
        yield event
