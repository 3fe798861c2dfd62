"""The feed as it grows: server-sent events, whose ids are the feed's own cursors.

A reader that was cut off sends the last id it saw and misses nothing. The store is looked at once
a second for all that is new; a look costs one query, and happens in a thread of its own.
"""

from collections.abc import AsyncIterator

import anyio
from fastapi.sse import ServerSentEvent
from starlette.concurrency import run_in_threadpool

from api.feed import Reader, Stretch, cursor_of, now_cursor, read_on, show
from api.service import Service

EVERY_SECONDS = 1.0
AT_ONCE = 200


async def follow(service: Service, reader: Reader, place: str) -> AsyncIterator[ServerSentEvent]:
    """Every event that the reader wants, from a place on."""
    while not service.stopping.is_set():
        stretch = await run_in_threadpool(_look, service, reader, place)
        for event in stretch.events:
            body = show(event).model_dump_json()
            yield ServerSentEvent(raw_data=body, event=event.type, id=cursor_of(event))
        if stretch.ends == place:
            await anyio.sleep(EVERY_SECONDS)
        place = stretch.ends


def from_now(service: Service) -> str:
    """The place of this moment: read before a stream opens, so that nothing falls in between."""
    with service.means.store.read() as reading:
        return now_cursor(reading)


def _look(service: Service, reader: Reader, place: str) -> Stretch:
    with service.means.store.read() as reading:
        return read_on(reading, reader, place, AT_ONCE)
