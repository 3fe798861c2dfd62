"""What the business asks of the world outside: who computes, how far it is, where an address lies."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Compute(Protocol):
    """Where pure work is done: a fit, a solve; pickled values in and out, state never."""

    def run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The answer of one work, wherever it was computed; a lost worker costs time only."""
        ...

    def map(self, work: Callable[..., R], jobs: Sequence[tuple[Any, ...]]) -> tuple[R, ...]:
        """The answers of many works in the order of their jobs."""
        ...


@dataclass(frozen=True, slots=True)
class Inline:
    """Compute here and now: in tests, in the twin, and where nothing else is set."""

    def run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The answer, computed in this process."""
        return work(*args, **kwargs)

    def map(self, work: Callable[..., R], jobs: Sequence[tuple[Any, ...]]) -> tuple[R, ...]:
        """The answers, computed one after the other."""
        return tuple(work(*job) for job in jobs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A place that an address may mean, with how sure that is, from 0 to 1."""

    label: str
    lat: float
    lon: float
    score: float


class Gazetteer(Protocol):
    """Where an address lies."""

    def candidates(self, address: str, country: str) -> tuple[Candidate, ...]:
        """The places that the address may mean, the surest first; none where it is unknown."""
        ...
