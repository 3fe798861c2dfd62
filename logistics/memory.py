"""A store in dictionaries: for the twin, for tests, and for reading how a store must behave.

One lock is held for the length of a deed, so deeds follow each other; what a deed wrote is taken
back when it fails. Values are never copied: they cannot change.
"""

import threading
from collections import Counter
from collections.abc import Iterable
from itertools import islice
from operator import attrgetter
from typing import Any, Self, TypeVar, cast

from logistics.errors import ChangedMeanwhile, Duplicate, Unknown
from logistics.events import Event
from logistics.shelf import Shelf
from logistics.store import KINDS, OF, Seen, refuse_change

V = TypeVar("V")
_ID = attrgetter("id")


class MemoryReading:
    """A picture of the shelves while their lock is held: from `with` to its end."""

    def __init__(self, store: "MemoryStore") -> None:
        self._store = store

    def __enter__(self) -> Self:
        self._store.lock.acquire()
        return self

    def __exit__(self, wrong: type[BaseException] | None, *_: object) -> None:
        self._store.lock.release()

    def get(self, kind: type[V], id: str) -> V:
        """The value with that id."""
        if (value := self.maybe(kind, id)) is None:
            raise Unknown(OF[kind].name, id)
        return value

    def maybe(self, kind: type[V], id: str) -> V | None:
        """The value with that id, or None."""
        found: V | None = self._store.shelves[kind].values.get(id)
        return found

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
        """All values that match, sorted by a field and then by id."""
        shelf = self._store.shelves[kind]
        if limit is not None and sort != "id" and not shelf.scarce(where):
            line = shelf.along(OF[kind].findable(sort), where, descending=descending)
            return tuple([shelf.values[id] for id in islice(line, limit)])
        ids, value_of = shelf.ids(where), shelf.values.__getitem__
        if sort == "id":
            ids.sort(reverse=descending)
            return tuple(map(value_of, ids if limit is None else ids[:limit]))
        found = list(map(value_of, ids))
        return tuple(_in_order(found, OF[kind].findable(sort), descending=descending)[:limit])

    def count(self, kind: type[Any], /, **where: Any) -> int:
        """How many values match."""
        return len(self._store.shelves[kind].ids(where))

    def position(self) -> int:
        """The place of the last event in the feed."""
        return self._store.told


class MemoryDeed(MemoryReading):
    """One transaction over the shelves, taken back where it fails."""

    def __init__(self, store: "MemoryStore") -> None:
        super().__init__(store)
        self._before: list[tuple[type[Any], str, Any]] = []
        self._told: list[Event] = []

    def __exit__(self, wrong: type[BaseException] | None, *_: object) -> None:
        """Put what was told into the feed; undo what was written where anything went wrong."""
        try:
            self.place() if wrong is None else self.take_back()
        finally:
            self._store.lock.release()

    def lock(self, kind: type[V], id: str) -> V:
        """The value; the store's one lock is held already."""
        return self.get(kind, id)

    def add(self, value: V) -> V:
        """Remember something new."""
        shelf = self._store.shelves[type(value)]
        id = cast("Any", value).id
        if id in shelf.values:
            raise Duplicate(shelf.kind.name, id, id)
        if (twin := shelf.twin(value)) is not None:
            raise Duplicate(shelf.kind.name, getattr(value, shelf.kind.unique[-1]), twin)
        self._put(value, id)
        return value

    def add_all(self, values: Iterable[Any]) -> None:
        """Remember many new values."""
        for value in values:
            self.add(value)

    def change(self, value: V, /, **changes: Any) -> V:
        """Put the value in the place of the one with its id, and raise its version."""
        mine = cast("Any", value)
        kept = cast("Any", self.get(type(value), mine.id))
        shelf = self._store.shelves[type(value)]
        raised = shelf.like(mine, version=mine.version + 1, **changes)
        if kept.version != mine.version or shelf.key(kept) != shelf.key(raised):
            refuse_change(kept, shelf.like(raised, version=mine.version))
        self._put(raised, mine.id)
        return cast("V", raised)

    def forget(self, kind: type[Any], id: str) -> None:
        """Remove a value."""
        self._before.append((kind, id, self.get(kind, id)))
        self._store.shelves[kind].take(id)

    def tell(self, event: Event) -> Event:
        """Put an event into the feed when the deed ends."""
        self._told.append(event)
        return event

    def require_unchanged(self, seen: Iterable[Seen]) -> None:
        """Raise where one of the values has moved since."""
        for one in seen:
            kept = self.maybe(one.kind, one.id)
            if kept is None or kept.version != one.version:
                raise ChangedMeanwhile(OF[one.kind].name, one.id)

    def place(self) -> None:
        """Give the events of the deed their sequences and positions, as its last act."""
        like, sequences = self._store.shelves[Event].like, self._store.sequences
        try:
            for event in self._told:
                sequence = sequences[event.subject] + 1
                self.add(like(event, position=self._store.told + 1, sequence=sequence))
                self._store.told += 1
                sequences[event.subject] = sequence
        except BaseException:
            self.take_back()
            raise

    def _put(self, value: Any, id: str) -> None:
        shelf = self._store.shelves[type(value)]
        self._before.append((type(value), id, shelf.values.get(id)))
        shelf.put(value)

    def take_back(self) -> None:
        """Make undone what the deed wrote, last first."""
        for kind, id, before in reversed(self._before):
            shelf = self._store.shelves[kind]
            if kind is Event:
                self._store.told -= 1
                self._store.sequences[shelf.values[id].subject] -= 1
            if before is None:
                shelf.take(id)
            else:
                shelf.put(before)


class MemoryStore:
    """Remembers until the process ends."""

    def __init__(self) -> None:
        self.shelves = {kind.value: Shelf(kind) for kind in KINDS}
        self.sequences: Counter[str] = Counter()
        self.told = 0
        self.lock = threading.RLock()

    def read(self) -> MemoryReading:
        """A steady picture."""
        return MemoryReading(self)

    def begin(self) -> MemoryDeed:
        """One transaction."""
        return MemoryDeed(self)


def _in_order(values: list[V], field: str, *, descending: bool) -> list[V]:
    """By a field and then by id; what has no such moment comes before all that have one."""
    there = [value for value in values if getattr(value, field) is not None]
    there.sort(key=attrgetter(field, "id"), reverse=descending)
    if len(there) == len(values):
        return there
    absent = [value for value in values if getattr(value, field) is None]
    absent.sort(key=_ID, reverse=descending)
    return there + absent if descending else absent + there
