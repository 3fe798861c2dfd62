"""The feed of events as one caller may read it: in one order, from any place, missing nothing.

A cursor names a place in the feed and the event that stood there. After a restore another event,
or none, stands at that place, and the reader is told so instead of being led past a gap. Feed
cursors do not grow old: a carrier that was down for a week reads on where it stopped.
"""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import Field

from api.auth import SEES_ALL
from api.errors import Fault, Invalid
from api.schemas import Shown
from logistics.access import Role
from logistics.errors import CursorLost
from logistics.events import Event
from logistics.store import Range, Reading

CHUNK = 500
MOST_SCANNED = 10_000
"""Events looked at for one page: a party with few events pages past the others' in several calls."""
BEGINNING = "0"

After = Annotated[
    str | None,
    Query(max_length=100, description="`next` of the page before; the beginning where absent."),
]
Types = Annotated[
    list[str],
    Query(max_length=50, description="Event types, or groups like `order.*`; all where absent."),
]


class EventOut(Shown):
    """One thing that happened to one subject."""

    id: str
    type: str
    time: datetime = Field(description="When it happened.")
    recorded_at: datetime = Field(description="When we learned of it.")
    subject: str
    sequence: int = Field(description="Counts the events of the subject from 1, without gaps.")
    decision: str = Field(validation_alias="cause", description="Who or what caused it.")
    data: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who reads the feed, and what of it they want."""

    role: Role
    party: str
    types: tuple[str, ...] = ()

    def wants(self, event: Event) -> bool:
        """Whether the event may be told to this reader, and is asked for."""
        may = self.role in SEES_ALL or self.party in event.audience
        return may and (not self.types or any(_matches(event.type, one) for one in self.types))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A stretch of the feed: what the reader wants of it, and where it ends."""

    events: tuple[Event, ...]
    ends: str


def read_on(reading: Reading, reader: Reader, after: str | None, limit: int) -> Stretch:
    """What comes after a place in the feed.

    Raises:
        Invalid: where the cursor is not one of ours.
        CursorLost: where the feed was restored to a time before the cursor's.
    """
    position = place_of(reading, after or BEGINNING)
    events: list[Event] = []
    ends = after or BEGINNING
    for _ in range(MOST_SCANNED // CHUNK):
        chunk = reading.find(
            Event, sort="position", limit=CHUNK, position=Range(least=position + 1)
        )
        for event in chunk:
            position, ends = event.position, cursor_of(event)
            if reader.wants(event):
                events.append(event)
            if len(events) == limit:
                return Stretch(events=tuple(events), ends=ends)
        if len(chunk) < CHUNK:
            break
    return Stretch(events=tuple(events), ends=ends)


def cursor_of(event: Event) -> str:
    """The place of an event."""
    return f"{event.position}-{_mark(event.id)}"


def now_cursor(reading: Reading) -> str:
    """The place of the last event there is."""
    last = reading.find(Event, position=reading.position())
    return cursor_of(last[0]) if last else BEGINNING


def known_types(
    types: Iterable[str], known: Iterable[str], at: str = "/types", place: str = "body"
) -> tuple[str, ...]:
    """The types, each of which names an event or a group of them.

    Raises:
        Invalid: for a type that no event has.
    """
    wanted, all_types = tuple(types), tuple(known)
    for i, one in enumerate(wanted):
        if not any(_matches(name, one) for name in all_types):
            fault = Fault(at=f"{at}/{i}", code="unknown", detail="names no event", place=place)
            raise Invalid([fault])
    return wanted


def place_of(reading: Reading, cursor: str) -> int:
    """The position that a cursor names.

    Raises:
        Invalid: where the cursor is not one of ours.
        CursorLost: where the feed was restored to a time before the cursor's.
    """
    if cursor == BEGINNING:
        return 0
    number, _, mark = cursor.partition("-")
    if not (number.isascii() and number.isdigit() and len(number) <= 15 and len(mark) == 8):
        fault = Fault(at="/after", code="cursor", detail="is not a cursor of ours", place="query")
        raise Invalid([fault])
    stands = reading.find(Event, position=int(number))
    if not stands or _mark(stands[0].id) != mark:
        raise CursorLost(cursor)
    return int(number)


def _mark(id: str) -> str:
    digest = hashlib.sha256(id.encode()).digest()
    return base64.b32encode(digest).decode().lower()[:8]


def _matches(type: str, wanted: str) -> bool:
    return type.startswith(wanted[:-1]) if wanted.endswith(".*") else type == wanted


def cloud_event(event: Event, source: str) -> dict[str, Any]:
    """The event in the JSON form of CloudEvents 1.0, with our own facts as extensions."""
    told = show(event).model_dump(mode="json")
    return {
        "specversion": "1.0",
        "source": source,
        "datacontenttype": "application/json",
        **{name: told[name] for name in ("id", "type", "time", "subject", "decision", "data")},
        "recordedat": told["recorded_at"],
        "sequence": str(event.sequence),
    }


def show(event: Event) -> EventOut:
    """The event as every reader sees it: in the feed, in the stream and in a webhook."""
    return EventOut.model_validate(event)
