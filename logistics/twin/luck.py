"""Chance in the twin: each thing has luck of its own, drawn from the world's seed and its name.

Names are those of the world (a van and its hour, a site), never ids, which differ between policies.
So the fate of a lease does not depend on how many others were asked before it, and two policies
meet the same fate where they do the same thing.
"""

from datetime import UTC, datetime
from zlib import crc32

import numpy as np


def luck(seed: int, matter: str, *names: object) -> np.random.Generator:
    """A source of chance for one matter of one thing: the same words give the same draws."""
    words = "|".join(map(_word, (matter, *names)))
    return np.random.default_rng([seed, crc32(words.encode())])


def _word(name: object) -> str:
    """A moment is the same in every zone, however a store gives it back."""
    return name.astimezone(UTC).isoformat() if isinstance(name, datetime) else str(name)
