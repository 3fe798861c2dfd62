"""A life is a table: which step leads from which state to which.

Every living thing of the business (a node, an order, a tender ...) draws its table in its own
module; this room only reads tables. A refused step says which steps were possible.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from logistics.errors import NotAllowedNow

S = TypeVar("S", bound=StrEnum)
T = TypeVar("T", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Life(Generic[S, T]):
    """The allowed steps of one kind of thing."""

    resource: str
    states: type[S]
    steps: type[T]
    leads_to: Mapping[tuple[S, T], S]

    def after(self, state: S, step: T) -> S:
        """The state that the step leads to.

        Raises:
            NotAllowedNow: when the table has no such move.
        """
        try:
            return self.leads_to[state, step]
        except KeyError:
            raise NotAllowedNow(self.resource, step, state, self.allowed(state)) from None

    def allowed(self, state: S) -> tuple[str, ...]:
        """The steps that the state allows, in the table's order."""
        return tuple(step.value for (at, step) in self.leads_to if at == state)

    def terminal(self, state: S) -> bool:
        """Whether nothing can follow."""
        return not self.allowed(state)

    def event(self, state: S) -> str:
        """The name of the event of a move into a state: `resource.state`."""
        return f"{self.resource}.{state.value}"

    def events(self) -> tuple[str, ...]:
        """The events of all moves, one name for each state that a step can lead to."""
        return tuple(dict.fromkeys(self.event(state) for state in self.leads_to.values()))
