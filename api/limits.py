"""How much one caller may send: requests in a minute, bytes in a body, and of which kind.

The limit of requests is a bucket that fills steadily. Both fields of the IETF draft
`draft-ietf-httpapi-ratelimit-headers-10` are sent with every answer; it is a draft still.
"""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import Message, Receive, Scope

from api.errors import BodyTooLarge, RateLimited, UnsupportedMedia

MINUTE = 60
BATCHES = ("/v1/signal-batches", "/v1/imports/", "/v1/stop-events")
"""Where the larger limit of bodies holds."""
IMPORTS = "/v1/imports/"


@dataclass(slots=True)
class Bucket:
    """What is left for one caller, and when that was counted."""

    left: float
    at: float


class Rates:
    """Counts the requests of each caller."""

    def __init__(self, per_minute: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.per_minute = per_minute
        self._monotonic = monotonic
        self._buckets: dict[str, Bucket] = {}
        self._lock = threading.Lock()

    def take(self, caller: str) -> dict[str, str]:
        """Count one request; the headers that tell what is left.

        Raises:
            RateLimited: where nothing is left.
        """
        pace = self.per_minute / MINUTE
        now = self._monotonic()
        with self._lock:
            bucket = self._buckets.setdefault(caller, Bucket(self.per_minute, now))
            bucket.left = min(self.per_minute, bucket.left + (now - bucket.at) * pace)
            bucket.at = now
            if bucket.left < 1:
                wait = max(1, math.ceil((1 - bucket.left) / pace))
                raise RateLimited(wait, self._told(bucket.left, pace))
            bucket.left -= 1
            return self._told(bucket.left, pace)

    def _told(self, left: float, pace: float) -> dict[str, str]:
        until_full = math.ceil((self.per_minute - left) / pace)
        return {
            "RateLimit-Policy": f'"minute";q={self.per_minute};w={MINUTE}',
            "RateLimit": f'"minute";r={int(left)};t={until_full}',
        }


async def whole_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The body, read to its end.

    Raises:
        BodyTooLarge: as soon as it is known to be.
    """
    told = _header(scope, b"content-length")
    if told.isdigit() and int(told) > limit:
        raise BodyTooLarge(limit)
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > limit:
            raise BodyTooLarge(limit)
        if message["type"] != "http.request" or not message.get("more_body", False):
            return bytes(body)


def read_again(body: bytes, receive: Receive) -> Receive:
    """Gives a body that was read to whoever reads next, then whatever else is received."""
    waiting = [body]

    async def again() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return again


def require_kind(scope: Scope, body: bytes) -> None:
    """Refuse a body that is not of the kind read at its path.

    Raises:
        UnsupportedMedia: where there is a body of another kind.
    """
    if not body:
        return
    wanted = "text/csv" if scope["path"].startswith(IMPORTS) else "application/json"
    got = _header(scope, b"content-type").split(";")[0].strip().lower()
    if got != wanted:
        raise UnsupportedMedia(got, wanted)


def body_limit(path: str, usual: int, batch: int) -> int:
    """The largest body at a path, in bytes."""
    return batch if path.startswith(BATCHES) else usual


def _header(scope: Scope, name: bytes) -> str:
    found: list[bytes] = [value for key, value in scope["headers"] if key == name]
    return found[0].decode("latin-1") if found else ""
