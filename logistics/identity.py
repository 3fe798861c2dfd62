"""Names for new things: a prefix that says what it is, and a ULID that says when it began.

The source is handed to every deed, so a seeded run gives the same names again. Names sort by the
time they were made, also within one millisecond.
"""

import secrets
import threading
from collections.abc import Callable
from datetime import datetime
from random import Random

from ulid import ULID

RANDOM_BITS = 80


class Ids:
    """A source of new ids; one per process, or one per seeded run."""

    def __init__(self, seed: int | None = None) -> None:
        draw: Callable[[int], int] = secrets.randbits if seed is None else Random(seed).getrandbits
        self._draw = draw
        self._lock = threading.Lock()
        self._last = (0, 0)

    def new(self, prefix: str, now: datetime) -> str:
        """An id never given before, like `ord_01JD8ZK4W2...`; later ids sort after earlier ones."""
        moment = int(now.timestamp() * 1000)
        with self._lock:
            before, tail = self._last
            if moment > before:
                tail = self._draw(RANDOM_BITS - 1)
            else:
                moment, tail = before, tail + 1
            self._last = (moment, tail)
        raw = moment.to_bytes(6, "big") + tail.to_bytes(10, "big")
        return f"{prefix}_{ULID.from_bytes(raw)}"
