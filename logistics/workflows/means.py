"""What every deed works with, put together once where the service is wired.

A deed also takes `now` as an argument: nothing below the doors reads a clock, so a simulated day
and a real one run through the same lines.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from logistics.identity import Ids
from logistics.policy import Policy
from logistics.records import canonical, unwritten
from logistics.sources import Compute, Gazetteer
from logistics.store import Store
from logistics.workflows.closed import ClosedHours
from routing.travel import TravelTimes


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """Memory, computing power, the numbers of the business, a source of ids, a map."""

    store: Store
    compute: Compute
    policy: Policy
    ids: Ids
    gazetteer: Gazetteer
    roads: TravelTimes | None = None
    """A road engine for routes; without one, or where it does not answer, great circles stand in."""
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    """Signs quotes and seals the keys of contacts; drawn anew where the wiring gives none."""
    closed: ClosedHours = field(default_factory=ClosedHours, repr=False)
    """What this process has read of hours that nothing can change any more."""
    writes: bool = True
    """Whether what people alone ask for is written down: the questions and answers of decisions, and in the
    twin whom a courier would ring. A life of the twin in its own memory does without: nobody asks it
    why, it can be lived again."""

    def writer(self, write: Callable[[Any], str] = canonical) -> Callable[[Any], str]:
        """How a question and its answer are put in words for the record of a decision."""
        return write if self.writes else unwritten
