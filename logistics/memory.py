"""A store in dictionaries: for the twin, for tests, and for reading how a store must behave.

One lock is held for the length of a deed, so deeds follow each other; what a deed wrote is taken
back when it fails. Values are never copied: they cannot change.
"""

import threading
from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from operator import attrgetter
from typing import Any, Protocol, TypeVar, cast

from logistics.errors import ChangedMeanwhile, Duplicate, Unknown
from logistics.events import Event
from logistics.store import KINDS, OF, Deed, Kind, Range, Reading, Seen, refuse_change

V = TypeVar("V")


class Shelf:
    """All values of one kind, and where to find them by each field."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.values: dict[str, Any] = {}
        self._equal: dict[str, dict[Any, dict[str, None]]] = {
            name: defaultdict(dict) for name in {*kind.by, *kind.unique}
        }
        self._sorted: dict[str, list[tuple[Any, str]]] = {}

    def put(self, value: Any) -> None:
        """Place a value, in the stead of one with its id."""
        id = value.id
        before = self.values.get(id)
        self.values[id] = value
        for name, index in self._equal.items():
            has = getattr(value, name)
            if before is not None:
                if (had := getattr(before, name)) == has:
                    continue
                del index[had][id]
            index[has][id] = None
        for name, line in self._sorted.items():
            has = getattr(value, name)
            if before is not None:
                if (had := getattr(before, name)) == has:
                    continue
                _drop(line, had, id)
            if has is not None:
                insort(line, (has, id))

    def take(self, id: str) -> None:
        """Remove the value with that id, where there is one."""
        value = self.values.pop(id, None)
        if value is None:
            return
        for name, index in self._equal.items():
            del index[getattr(value, name)][id]
        for name, line in self._sorted.items():
            _drop(line, getattr(value, name), id)

    def twin(self, value: Any) -> str | None:
        """The id of another value with the same unique fields."""
        if not self.kind.unique:
            return None
        return next(iter(self.ids({n: getattr(value, n) for n in self.kind.unique})), None)

    def ids(self, where: dict[str, Any]) -> list[str]:
        """The ids of the values that meet every condition: those of the rarest one, looked at."""
        if not where:
            return list(self.values)
        met = [self._meeting(name, wanted) for name, wanted in where.items()]
        if len(met) == 1:
            return met[0].ids()
        rarest = min(range(len(met)), key=lambda n: met[n].most)
        found = met[rarest].ids()
        for n, one in enumerate(met):
            if n != rarest and found:
                found = one.among(found)
        return found

    def _meeting(self, name: str, wanted: Any) -> "_Condition":
        if isinstance(wanted, Range):
            return self._ranging(name, wanted)
        several = isinstance(wanted, (tuple, set, frozenset))
        if name == "id":
            asked = dict.fromkeys(wanted) if several else (wanted,)
            return _OneOf((dict.fromkeys(id for id in asked if id in self.values),))
        index = self._equal[self.kind.findable(name)]
        if several:
            return _OneOf(tuple(index[one] for one in frozenset(wanted) if one in index))
        return _OneOf((index[wanted],) if wanted in index else ())

    def _ranging(self, name: str, wanted: Range) -> "_Condition":
        if name == "id":
            return _OneOf((dict.fromkeys(id for id in self.values if _within(id, wanted)),))
        line = self._line(self.kind.findable(name))
        low = 0 if wanted.least is None else bisect_left(line, (wanted.least, ""))
        high = len(line) if wanted.below is None else bisect_left(line, (wanted.below, ""))
        return _Between(line, low, high, self.values, name, wanted)

    def _line(self, name: str) -> list[tuple[Any, str]]:
        """All values by a field that somebody asked a range of, kept from then on."""
        if name not in self._sorted:
            known = ((getattr(value, name), id) for id, value in self.values.items())
            self._sorted[name] = sorted(pair for pair in known if pair[0] is not None)
        return self._sorted[name]


def _drop(line: list[tuple[Any, str]], at: Any, id: str) -> None:
    if at is not None:
        line.pop(bisect_left(line, (at, id)))


class _Condition(Protocol):
    """One condition on a field."""

    @property
    def most(self) -> int:
        """How many values meet it."""

    def ids(self) -> list[str]:
        """Those that meet it."""

    def among(self, ids: list[str]) -> list[str]:
        """Those of the ids that meet it."""


class _OneOf:
    """A field is one of some: an index has the ids of each."""

    def __init__(self, parts: tuple[dict[str, None], ...]) -> None:
        self.parts = parts
        self.most = sum(map(len, parts))

    def ids(self) -> list[str]:
        return [id for part in self.parts for id in part]

    def among(self, ids: list[str]) -> list[str]:
        if len(self.parts) == 1:
            (part,) = self.parts
            return [id for id in ids if id in part]
        return [id for id in ids if any(id in part for part in self.parts)]


class _Between:
    """A field lies in a range: a stretch of a sorted line, cut out only where it is asked for."""

    def __init__(
        self,
        line: list[tuple[Any, str]],
        low: int,
        high: int,
        values: dict[str, Any],
        name: str,
        wanted: Range,
    ) -> None:
        self.line, self.low, self.high = line, low, high
        self.values, self.name, self.wanted = values, name, wanted
        self.most = max(0, high - low)

    def ids(self) -> list[str]:
        return [id for _, id in self.line[self.low : self.high]]

    def among(self, ids: list[str]) -> list[str]:
        return [id for id in ids if self._holds(getattr(self.values[id], self.name))]

    def _holds(self, has: Any) -> bool:
        return has is not None and _within(has, self.wanted)


class MemoryReading:
    """A picture of the shelves while their lock is held."""

    def __init__(self, store: "MemoryStore") -> None:
        self._store = store

    def get(self, kind: type[V], id: str) -> V:
        """The value with that id."""
        if (value := self.maybe(kind, id)) is None:
            raise Unknown(OF[kind].name, id)
        return value

    def maybe(self, kind: type[V], id: str) -> V | None:
        """The value with that id, or None."""
        return cast("V | None", self._store.shelves[kind].values.get(id))

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
        found = [shelf.values[id] for id in shelf.ids(where)]
        key = attrgetter("id") if sort == "id" else _by(OF[kind].findable(sort))
        if limit == 1:
            return (max(found, key=key) if descending else min(found, key=key),) if found else ()
        found.sort(key=key, reverse=descending)
        return tuple(found[:limit])

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

    def change(self, value: V) -> V:
        """Put the value in the place of the one with its id, and raise its version."""
        mine = cast("Any", value)
        kept = cast("Any", self.get(type(value), mine.id))
        fixed = ("version", *OF[type(value)].unique)
        if any(getattr(kept, name) != getattr(mine, name) for name in fixed):
            refuse_change(kept, mine)
        raised = _raised(mine)
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
        for event in self._told:
            sequence = self._store.sequences[event.subject] + 1
            self.add(replace(event, position=self._store.told + 1, sequence=sequence))
            self._store.told += 1
            self._store.sequences[event.subject] = sequence

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
        self._lock = threading.RLock()

    @contextmanager
    def read(self) -> Iterator[Reading]:
        """A steady picture."""
        with self._lock:
            yield MemoryReading(self)

    @contextmanager
    def begin(self) -> Iterator[Deed]:
        """One transaction."""
        with self._lock:
            deed = MemoryDeed(self)
            try:
                yield deed
                deed.place()
            except BaseException:
                deed.take_back()
                raise


def _raised(value: Any) -> Any:
    """The value with the next version; what was checked when it was made is not checked again."""
    raised = object.__new__(type(value))
    for name in value.__dataclass_fields__:
        object.__setattr__(raised, name, getattr(value, name))
    object.__setattr__(raised, "version", value.version + 1)
    return raised


def _by(field: str) -> Callable[[Any], tuple[bool, Any, str]]:
    """Order by a field and then by id; what has no such moment comes first."""

    def rank(value: Any) -> tuple[bool, Any, str]:
        at = getattr(value, field)
        return (at is not None, at, value.id)

    return rank


def _within(value: Any, wanted: Range) -> bool:
    after = wanted.least is None or wanted.least <= value
    return after and (wanted.below is None or value < wanted.below)
