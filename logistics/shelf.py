"""All values of one kind in dictionaries, found by each field that questions are asked of.

A question is answered from the rarest of its conditions; a range has a sorted line of its own, apart
for each value of the field that is asked for beside it. What is found by a field is kept from the
first question on: most moments are asked for by range alone, and a dictionary for each would be most
of what the shelf weighs.
"""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Any, Protocol

from logistics.store import Kind, Range

_Lines = defaultdict[Any, list[tuple[Any, str]]]
_Index = defaultdict[Any, dict[str, None]]
"""The ids of the values that have each value of a field."""
_SEVERAL = (Range, tuple, set, frozenset)
"""Conditions that more than one value of a field may meet."""
_SECOND = itemgetter(1)
_NONE: dict[str, None] = {}
FEW = 32
"""So few values are looked at one by one."""


class Shelf:
    """All values of one kind, and where to find them by each field."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.values: dict[str, Any] = {}
        self._equal: dict[str, _Index] = {}
        """By a field that somebody asked for, kept from then on."""
        self._places = _several(())
        """What reads those fields of a value."""
        self._alone: dict[tuple[Any, ...], str] = {}
        """The one value with each combination of the unique fields."""
        self.key = _several(kind.unique)
        """What reads the fields of a value that no change of it touches."""
        self._fields = _several(tuple(kind.value.__dataclass_fields__))
        self._setters = [getattr(kind.value, n).__set__ for n in kind.value.__dataclass_fields__]
        self._checked = getattr(kind.value, "__post_init__", None)
        """What refuses nonsense when a value is made."""
        self._sorted: dict[tuple[str, str], _Lines] = {}
        """Lines by a field that ranges were asked of, apart for each value of another: the field,
        and that other, or "" where it is one line."""
        self._stands = _several(())
        """What reads all fields that lines are by."""

    def put(self, value: Any) -> None:
        """Place a value, in the stead of one with its id."""
        id = value.id
        before = self.values.get(id)
        self.values[id] = value
        if before is None:
            if self.kind.unique:
                self._alone[self.key(value)] = id
            for index, has in zip(self._equal.values(), self._places(value), strict=True):
                index[has][id] = None
            for (name, apart), lines in self._sorted.items():
                if (at := getattr(value, name)) is not None:
                    insort(lines[getattr(value, apart) if apart else None], (at, id))
            return
        if (had := self._places(before)) != (has := self._places(value)):
            self._move(id, had, has)
        if self._stands(before) != self._stands(value):
            self._move_along(before, value)

    def _move(self, id: str, had: tuple[Any, ...], has: tuple[Any, ...]) -> None:
        """Find a value by what it has now, and no longer by what it had."""
        for index, old, new in zip(self._equal.values(), had, has, strict=True):
            if old != new:
                del index[old][id]
                index[new][id] = None

    def _move_along(self, before: Any, value: Any) -> None:
        """Put a value where it now stands in each line."""
        for (name, apart), lines in self._sorted.items():
            had = (getattr(before, apart) if apart else None, getattr(before, name))
            place = (getattr(value, apart) if apart else None, getattr(value, name))
            if had != place:
                _drop(lines[had[0]], had[1], value.id)
                if place[1] is not None:
                    insort(lines[place[0]], (place[1], value.id))

    def take(self, id: str) -> None:
        """Remove the value with that id, where there is one."""
        value = self.values.pop(id, None)
        if value is None:
            return
        if self.kind.unique:
            self._alone.pop(self.key(value), None)
        for index, has in zip(self._equal.values(), self._places(value), strict=True):
            del index[has][id]
        for (name, apart), lines in self._sorted.items():
            _drop(lines[getattr(value, apart) if apart else None], getattr(value, name), id)

    def like(self, value: Any, **changes: Any) -> Any:
        """The value with some fields changed, and checked as when it was made."""
        other = object.__new__(self.kind.value)
        for set_field, has in zip(self._setters, self._fields(value), strict=True):
            set_field(other, has)
        for name, has in changes.items():
            object.__setattr__(other, name, has)
        if self._checked is not None:
            self._checked(other)
        return other

    def twin(self, value: Any) -> str | None:
        """The id of another value with the same unique fields."""
        return self._alone.get(self.key(value)) if self.kind.unique else None

    def ids(self, where: dict[str, Any]) -> list[str]:
        """The ids of the values that meet every condition: those of the rarest one, looked at."""
        if not where:
            return list(self.values)
        if len(where) == len(self.kind.unique) and self._names_one(where):
            alone = self._alone.get(tuple(where[name] for name in self.kind.unique))
            return [] if alone is None else [alone]
        plain = [
            self._index(name).get(wanted, _NONE)
            for name, wanted in where.items()
            if name != "id" and not isinstance(wanted, _SEVERAL)
        ]
        if not all(plain):
            return []
        if len(plain) == len(where):
            return _in_all(plain)
        met = self._met(where)
        sizes = [one.most for one in met]
        rarest = met[sizes.index(min(sizes))]
        found = rarest.ids() if all(sizes) else []
        for one in met:
            if one is not rarest and found:
                found = one.among(found)
        return found

    def _names_one(self, where: dict[str, Any]) -> bool:
        """Whether the conditions are one value of each unique field, which one value at most has."""
        return all(
            name in where and not isinstance(where[name], _SEVERAL) for name in self.kind.unique
        )

    def scarce(self, where: dict[str, Any]) -> bool:
        """Whether so few values meet one of the conditions that to sort them costs nothing."""
        equal = ((name, one) for name, one in where.items() if not isinstance(one, Range))
        if any(self._meeting(name, one).most <= FEW for name, one in equal):
            return True
        return any(one.most <= FEW for one in self._met(where))

    def along(self, name: str, where: dict[str, Any], *, descending: bool) -> Iterator[str]:
        """The ids that meet every condition, one after the other along a field; what is absent comes
        before all that is there."""
        nowhere = name in where or not self._index(name).get(None)
        absent = [] if nowhere else sorted(self.ids({**where, name: None}))
        apart = self._apart(where)
        rest = {n: wanted for n, wanted in where.items() if n not in {name, apart}}
        stretch = self._ranging(name, where.get(name, Range()), apart, where.get(apart))
        there = stretch.each(backwards=descending)
        for n, wanted in rest.items():
            there = filter(self._meeting(n, wanted).holds, there)
        parts = (there, reversed(absent)) if descending else (absent, there)
        return chain.from_iterable(parts)  # one by one: who asks for the first reads no other

    def _met(self, where: dict[str, Any]) -> "list[_Condition]":
        """The conditions; a range within the rarest value of another field is one, by its own line."""
        ranged = [n for n, wanted in where.items() if isinstance(wanted, Range) and n != "id"]
        apart = self._apart(where) if ranged and len(where) > 1 else ""
        return [
            self._ranging(name, wanted, apart, where.get(apart))
            if name in ranged
            else self._meeting(name, wanted)
            for name, wanted in where.items()
            if name != apart
        ]

    def _apart(self, where: dict[str, Any]) -> str:
        """The field whose one value is the rarest of those asked for; "" where a line of its own would
        be too short to be worth keeping."""
        equal = {
            name: len(self._index(name).get(wanted, ()))
            for name, wanted in where.items()
            if name != "id" and not isinstance(wanted, _SEVERAL)
        }
        rarest = min(equal, key=lambda name: equal[name], default="")
        return rarest if equal.get(rarest, 0) > FEW else ""

    def _meeting(self, name: str, wanted: Any) -> "_Condition":
        if isinstance(wanted, Range):
            if name != "id":
                return self._ranging(name, wanted)
            return _OneOf((dict.fromkeys(id for id in self.values if _within(id, wanted)),))
        several = isinstance(wanted, _SEVERAL)
        if name == "id":
            asked = dict.fromkeys(wanted) if several else (wanted,)
            return _OneOf((dict.fromkeys(id for id in asked if id in self.values),))
        index = self._index(name)
        if several:
            return _OneOf(tuple(index[one] for one in frozenset(wanted) if one in index))
        return _OneOf((index[wanted],) if wanted in index else ())

    def _ranging(self, name: str, wanted: Range, apart: str = "", value: Any = None) -> "_Between":
        """The values whose field lies in a range, all or those that have a value of another field."""
        line = self._lines(self.kind.findable(name), apart).get(value, [])
        group = self._index(apart).get(value, {}) if apart else None
        return _Between(line, wanted, lambda one: getattr(self.values[one], name), group)

    def _index(self, name: str) -> "_Index":
        """All values by a field that somebody asked for, kept from then on."""
        if name not in self._equal:
            index: _Index = defaultdict(dict)
            for id, value in self.values.items():
                index[getattr(value, self.kind.findable(name))][id] = None
            self._equal[name] = index
            self._places = _several(tuple(self._equal))
        return self._equal[name]

    def _lines(self, name: str, apart: str) -> "_Lines":
        """All values by a field that somebody asked a range of, kept from then on."""
        if (name, apart) not in self._sorted:
            lines: _Lines = defaultdict(list)
            for id, value in self.values.items():
                if (at := getattr(value, name)) is not None:
                    lines[getattr(value, apart) if apart else None].append((at, id))
            for line in lines.values():
                line.sort()
            self._sorted[name, apart] = lines
            fields = dict.fromkeys(chain.from_iterable(self._sorted))
            self._stands = _several(tuple(field for field in fields if field))
        return self._sorted[name, apart]


def _in_all(parts: list[dict[str, None]]) -> list[str]:
    """The ids that are in every part, in the order of the smallest."""
    rarest, *others = sorted(parts, key=len)
    found = list(rarest)
    for other in others:
        found = list(filter(other.__contains__, found))
    return found


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

    def holds(self, id: str) -> bool:
        """Whether that one meets it."""


class _OneOf:
    """A field is one of some: an index has the ids of each."""

    def __init__(self, parts: tuple[dict[str, None], ...]) -> None:
        self.parts = parts

    @property
    def most(self) -> int:
        return sum(map(len, self.parts))

    def ids(self) -> list[str]:
        if len(self.parts) == 1:
            return list(self.parts[0])
        return list(chain.from_iterable(self.parts))

    def among(self, ids: list[str]) -> list[str]:
        if len(self.parts) == 1:
            (part,) = self.parts
            return list(filter(part.__contains__, ids))
        return [id for id in ids if self.holds(id)]

    def holds(self, id: str) -> bool:
        for part in self.parts:  # noqa: SIM110  a generator for each id would take as long again
            if id in part:
                return True
        return False


class _Between:
    """A field lies in a range: a stretch of a sorted line, cut out only where it is asked for.

    A line of those that have one value of another field stands for that condition too.
    """

    def __init__(
        self,
        line: list[tuple[Any, str]],
        wanted: Range,
        field: Callable[[str], Any],
        group: Collection[str] | None,
    ) -> None:
        """`field` is the field of an id, `group` those that the line may hold; None holds all."""
        self.line, self.wanted, self.field, self.group = line, wanted, field, group
        self.low = 0 if wanted.least is None else bisect_left(line, (wanted.least, ""))
        self.high = len(line) if wanted.below is None else bisect_left(line, (wanted.below, ""))
        self.most = max(0, self.high - self.low)

    def ids(self) -> list[str]:
        return list(map(_SECOND, self.line[self.low : self.high]))

    def each(self, *, backwards: bool) -> Iterator[str]:
        """Those that meet it, one after the other along the line."""
        places = range(self.low, self.high)
        return (self.line[n][1] for n in (reversed(places) if backwards else places))

    def among(self, ids: list[str]) -> list[str]:
        return [id for id in ids if self.holds(id)]

    def holds(self, id: str) -> bool:
        has = self.field(id)
        there = has is not None and _within(has, self.wanted)
        return there and (self.group is None or id in self.group)


def _several(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """What reads those fields of a value at once, however few they are."""
    if len(names) > 1:
        return attrgetter(*names)
    if not names:
        return lambda _: ()
    only = attrgetter(*names)
    return lambda value: (only(value),)


def _within(value: Any, wanted: Range) -> bool:
    after = wanted.least is None or wanted.least <= value
    return after and (wanted.below is None or value < wanted.below)
