"""Keep a solver's stray words off the screen: HiGHS prints a line for itself that no option stops.

While anybody is hushed, what compiled code prints to standard output goes nowhere; Python's own
words are flushed first, and standard error is left alone. Threads may be hushed at the same time:
the last one out opens the mouth again.
"""

import ctypes
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

STDOUT = 1
NOBODY = -1


@dataclass(slots=True)
class _Mouth:
    """How many are hushed, and where words went before."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    hushed: int = 0
    saved: int = NOBODY


_MOUTH = _Mouth()
_C = ctypes.CDLL(None)
"""The C library of this process."""


@contextmanager
def hush() -> Iterator[None]:
    """Let compiled code print nothing to standard output meanwhile."""
    with _MOUTH.lock:
        if not _MOUTH.hushed:
            _close()
        _MOUTH.hushed += 1
    try:
        yield
    finally:
        with _MOUTH.lock:
            _MOUTH.hushed -= 1
            if not _MOUTH.hushed:
                _open()


def _close() -> None:
    _flush()
    try:
        _MOUTH.saved = os.dup(STDOUT)
    except OSError:  # nobody listens: a process without standard output
        _MOUTH.saved = NOBODY
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, STDOUT)
    os.close(nowhere)


def _open() -> None:
    if _MOUTH.saved == NOBODY:
        return
    _flush()
    os.dup2(_MOUTH.saved, STDOUT)
    os.close(_MOUTH.saved)


def _flush() -> None:
    """Empty Python's buffer and C's: what waits there belongs to whoever wrote it."""
    if sys.stdout is not None:
        sys.stdout.flush()
    _C.fflush(None)
