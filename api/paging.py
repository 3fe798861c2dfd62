"""Lists in pages: an opaque cursor, bound to the filters it was given for, that lives for a day.

Pages are in the order of ids, which is the order of birth for everything that we name. A cursor
names the first item of the next page and is signed, so a caller can neither read nor make one.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from fastapi import Query, Response

from api.errors import CursorSpent, Fault, Invalid
from api.schemas import Page
from logistics.store import Range, Reading

V = TypeVar("V")
S = TypeVar("S")

LIFE = timedelta(hours=24)
SIGNATURE_CHARS = 22
"""132 bits of the HMAC."""

Cursor = Annotated[
    str | None,
    Query(max_length=600, pattern=r"^[A-Za-z0-9_.=-]+$", description="`next` of the page before."),
]
Limit = Annotated[int, Query(ge=1, le=500, description="Items on a page.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursors:
    """Makes cursors and reads them back."""

    secret: bytes

    def write(self, at: str, filters: Mapping[str, Any], now: datetime) -> str:
        """The cursor of the page that begins at this id."""
        plain = json.dumps([at, _print(filters), int(now.timestamp())], separators=(",", ":"))
        text = base64.urlsafe_b64encode(plain.encode()).decode()
        return f"{text}.{self._sign(text)}"

    def read(self, cursor: str, filters: Mapping[str, Any], now: datetime) -> str:
        """The id at which the page begins.

        Raises:
            Invalid: where the cursor is not ours, or was given for other filters.
            CursorSpent: where its day is over.
        """
        text, _, signature = cursor.rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._sign(text).encode()):
            raise Invalid([_fault("is not a cursor of ours")])
        at, bound_to, made = json.loads(base64.urlsafe_b64decode(text))
        if bound_to != _print(filters):
            raise Invalid([_fault("was given for other filters")])
        if now.timestamp() - made > LIFE.total_seconds():
            raise CursorSpent
        return str(at)

    def _sign(self, text: str) -> str:
        digest = hmac.new(self.secret, b"cursor\0" + text.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).decode()[:SIGNATURE_CHARS]


def page_of(
    cursors: Cursors,
    reading: Reading,
    kind: type[V],
    show: Callable[[V], S],
    *,
    cursor: str | None,
    limit: int,
    path: str,
    response: Response,
    now: datetime,
    asked: Mapping[str, Any] | None = None,
    where: Mapping[str, Any] | None = None,
    said: Mapping[str, Any] | None = None,
) -> Page[S]:
    """One page of the values that match, and the `Link` to the next one.

    Args:
        cursors: Reads and writes the cursors.
        reading: What is remembered.
        kind: The class of the values.
        show: How one value is shown.
        cursor: Where the page begins, as the caller has it; None for the first page.
        limit: The greatest number of items.
        path: The path of the list, for the link.
        response: Where the link's header goes.
        now: The moment of the request.
        asked: The filters as the caller said them.
        where: Further conditions that the caller did not say, such as whose they are.
        said: Filters that the caller said and that `where` holds in another form.
    """
    meant = {name: value for name, value in (asked or {}).items() if value is not None}
    filters = {**meant, **(said or {})}
    met = {**meant, **(where or {})}
    if cursor is not None:
        met["id"] = Range(least=cursors.read(cursor, filters, now))
    found: tuple[Any, ...] = reading.find(kind, sort="id", limit=limit + 1, **met)
    onward = cursors.write(found[limit].id, filters, now) if len(found) > limit else None
    if onward is not None:
        query = urlencode({**_said(filters), "limit": limit, "cursor": onward})
        response.headers["Link"] = f'<{path}?{query}>; rel="next"'
    return Page[S](items=[show(value) for value in found[:limit]], next=onward)


def _print(filters: Mapping[str, Any]) -> str:
    said = json.dumps(_said(filters), sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _said(filters: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in filters.items() if value is not None}


def _fault(detail: str) -> Fault:
    return Fault(at="/cursor", code="cursor", detail=detail, place="query")
