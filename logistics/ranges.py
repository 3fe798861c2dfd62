"""A condition on a field that has an order, such as a time: from here, and before there."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """`least <= field < below`; either may be absent."""

    least: Any = None
    below: Any = None
