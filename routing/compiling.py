"""Compiles the search for routes on first use, and keeps it on disk by the state of its code.

The rooms of the search are named here: each goes into the compiled search, and so do the constants
that they take from `flat` and `problem`. This is the one room that knows numba.
"""

from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar

from numba import config, njit

COMPILED = (
    "annealing.py",
    "chains.py",
    "compiling.py",
    "crossing.py",
    "flat.py",
    "improve.py",
    "keeping.py",
    "moving.py",
    "pricing.py",
    "problem.py",
    "ruin.py",
    "timing.py",
)
"""The rooms that go into the compiled search, with the constants that it takes from them."""

_Compute = TypeVar("_Compute", bound=Callable[..., Any])


def kept_in(rooms: Path) -> Path:
    """Where the compiled search is kept: a folder for each state of its code.

    Numba looks at the file of the called function alone, and would load a search from disk whose
    inner parts have changed since.
    """
    state = blake2b(digest_size=8)
    for name in COMPILED:
        state.update((rooms / name).read_bytes())
    return rooms / "__pycache__" / f"search-{state.hexdigest()}"


_settings: Any = config
_settings.CACHE_DIR = _settings.CACHE_DIR or str(kept_in(Path(__file__).parent))


def compiled(function: _Compute) -> _Compute:
    """Compile the function on its first call, or load it from disk; it must make no array.

    So that nobody counts who holds an array: with the counting, which is atomic and done for every
    row that is looked at, a step of the search takes three times as long.
    """
    uncounted: Any = {"_nrt": False}
    made: _Compute = njit(cache=True, error_model="numpy", boundscheck=False, **uncounted)(function)
    return made


def woven(function: _Compute) -> _Compute:
    """As `compiled`, and made part of whatever calls it: a call costs more than a small answer."""
    uncounted: Any = {"_nrt": False}
    made: _Compute = njit(
        cache=True, error_model="numpy", boundscheck=False, forceinline=True, **uncounted
    )(function)
    return made
