"""Any store, with a note of what was written through it, so that the audit need not look at all.

What a failed deed wrote is noted too: whoever looks finds it unchanged or not there.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol, TypeVar, cast

from logistics.events import Event
from logistics.store import Deed, Reading, Seen, Store

V = TypeVar("V")
Notes = dict[type[Any], set[str]]


class Noting(Store, Protocol):
    """A store that knows what was written since somebody last asked."""

    def taken(self, kind: type[Any]) -> frozenset[str]:
        """The ids of a kind that were written since the last time, some of them taken back."""
        ...


class NotedStore:
    """A store of any kind, and the notes."""

    def __init__(self, of: Store) -> None:
        self.of = of
        self._notes: Notes = defaultdict(set)

    def read(self) -> AbstractContextManager[Reading]:
        """A steady picture."""
        return self.of.read()

    @contextmanager
    def begin(self) -> Iterator[Deed]:
        """One transaction, whose writing is noted."""
        with self.of.begin() as deed:
            yield NotedDeed(deed, self._notes)

    def taken(self, kind: type[Any]) -> frozenset[str]:
        """The ids of a kind that were written since the last time, some of them taken back."""
        return frozenset(self._notes.pop(kind, ()))


class NotedDeed:
    """One transaction of another store, with a note of each id that it writes."""

    def __init__(self, deed: Deed, notes: Notes) -> None:
        self._deed, self._notes = deed, notes

    def get(self, kind: type[V], id: str) -> V:
        """The value with that id."""
        return self._deed.get(kind, id)

    def maybe(self, kind: type[V], id: str) -> V | None:
        """The value with that id, or None."""
        return self._deed.maybe(kind, id)

    def find(
        self,
        kind: type[V],
        /,
        *,
        sort: str = "id",
        descending: bool = False,
        limit: int | None = None,
        **where: Any,
    ) -> tuple[V, ...]:
        """All values that match."""
        return self._deed.find(kind, sort=sort, descending=descending, limit=limit, **where)

    def count(self, kind: type[Any], /, **where: Any) -> int:
        """How many values match."""
        return self._deed.count(kind, **where)

    def position(self) -> int:
        """The place of the last event in the feed."""
        return self._deed.position()

    def lock(self, kind: type[V], id: str) -> V:
        """The value as it is now, held until the deed ends."""
        return self._deed.lock(kind, id)

    def add(self, value: V) -> V:
        """Remember something new."""
        self._note(value)
        return self._deed.add(value)

    def add_all(self, values: Iterable[Any]) -> None:
        """Remember many new values."""
        many = tuple(values)
        for value in many:
            self._note(value)
        self._deed.add_all(many)

    def change(self, value: V, /, **changes: Any) -> V:
        """Put the value in the place of the one with its id."""
        self._note(value)
        return self._deed.change(value, **changes)

    def forget(self, kind: type[Any], id: str) -> None:
        """Remove a value."""
        self._notes[kind].add(id)
        self._deed.forget(kind, id)

    def tell(self, event: Event) -> Event:
        """Put an event into the feed when the deed ends."""
        self._note(event)
        return self._deed.tell(event)

    def require_unchanged(self, seen: Iterable[Seen]) -> None:
        """Raise where one of the values has moved since."""
        self._deed.require_unchanged(seen)

    def _note(self, value: object) -> None:
        self._notes[type(value)].add(cast("Any", value).id)
