"""Names for new things: a prefix that says what it is, and a ULID that says when it began.

The source is handed to every deed, so a seeded run gives the same names again. Names sort by the
time they were made, also within one millisecond. A ULID is 48 bits of milliseconds and 80 of chance,
in the letters of Crockford's base 32 (github.com/ulid/spec).
"""

import secrets
import threading
from collections.abc import Callable
from datetime import datetime
from random import Random

CHANCE_BITS = 80
LAST_BITS = 20
"""Ids of one moment count on; only what these bits say differs, as good as ever."""
LAST = (1 << LAST_BITS) - 1
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = tuple(first + second for first in _LETTERS for second in _LETTERS)
"""Two letters for each ten bits: a name for every event and row is spelt quickly."""


class Ids:
    """A source of new ids; one per process, or one per seeded run."""

    def __init__(self, seed: int | None = None) -> None:
        draw: Callable[[int], int] = secrets.randbits if seed is None else Random(seed).getrandbits
        self._draw = draw
        self._lock = threading.Lock()
        self._last = (0, 0)
        self._front = ((-1, 0), "")
        """What all but the last bits say, and how it is spelt: the same for all ids of a moment."""

    def new(self, prefix: str, now: datetime) -> str:
        """An id never given before, like `ord_01JD8ZK4W2...`; later ids sort after earlier ones."""
        moment = int(now.timestamp() * 1000)
        with self._lock:
            before, tail = self._last
            if moment > before:
                tail = self._draw(CHANCE_BITS - 1)
            else:
                moment, tail = before, tail + 1
            self._last = (moment, tail)
            said, front = self._front
            if said != (moment, high := tail >> LAST_BITS):
                front = _spelt(moment, 50) + _spelt(high, CHANCE_BITS - LAST_BITS)
                self._front = ((moment, high), front)
        return f"{prefix}_{front}{_spelt(tail & LAST, LAST_BITS)}"


def _spelt(number: int, bits: int) -> str:
    """A number in letters of five bits each."""
    return "".join([_PAIRS[number >> shift & 1023] for shift in range(bits - 10, -1, -10)])
