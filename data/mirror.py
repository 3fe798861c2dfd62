"""How a value becomes a row and a row a value: field by field, by name, once for all kinds.

What lives and changes has a column for each field: plain ones as they are, enums as their words,
nested values as documents. What is written once is one document; the columns beside it are copies
to find it by and are not read back. Rows are what the driver takes and gives, so the turning that
the columns' types ask for is done here too.
"""

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from functools import lru_cache
from typing import Any, Generic, TypeVar, get_args, get_type_hints

import sqlalchemy as sa

from data.documents import document_of, from_document
from logistics.store import OF

V = TypeVar("V")
Turn = Callable[[Any], Any]
KEPT = 20_000
"""So many built values of a kind are kept by their whole rows: most reads see again what the last
one saw, and a value never changes."""


class Mirror(Generic[V]):
    """One kind of value and its table, as one database's driver sees them."""

    def __init__(self, kind: type[V], table: sa.Table, dialect: sa.Dialect) -> None:
        self.kind, self.table, self.of = kind, table, OF[kind]
        hints = get_type_hints(kind)
        columns = [column for column in table.columns if column.name in hints]
        self._into = {column.name: _into(column, hints, dialect) for column in columns}
        back = {column.name: _back(column, hints, dialect) for column in columns}
        self._names = list(back)
        self._back = [(at, turn) for at, turn in enumerate(back.values()) if turn]
        self._value: Callable[[tuple[Any, ...]], V] = lru_cache(KEPT)(self._built)

    @property
    def columns(self) -> list[sa.Column[Any]]:
        """What must be selected for `values_of`, in its order."""
        names = self._names if self.of.changes else ["document"]
        return [self.table.columns[name] for name in names]

    def field(self, name: str, value: Any) -> Any:
        """What stands in the column for such a field of a value."""
        turn = self._into[name]
        return turn(value) if turn and value is not None else value

    def row_of(self, value: V) -> dict[str, Any]:
        """The columns of a value, by name."""
        row = {name: self.field(name, getattr(value, name)) for name in self._into}
        if not self.of.changes:
            row["document"] = document_of(self.kind, value)
        return row

    def value_of(self, row: Sequence[Any]) -> V:
        """The value of a row of `columns`."""
        return self.values_of([row])[0]

    def values_of(self, rows: Iterable[Sequence[Any]]) -> tuple[V, ...]:
        """The values of rows of `columns`."""
        if not self.of.changes:
            return tuple(from_document(self.kind, row[0]) for row in rows)
        return tuple(self._value(tuple(row)) for row in rows)

    def _built(self, row: tuple[Any, ...]) -> V:
        fields = list(row)
        for at, turn in self._back:
            if fields[at] is not None:
                fields[at] = turn(fields[at])
        return self.kind(**dict(zip(self._names, fields, strict=True)))


def _into(column: sa.Column[Any], hints: dict[str, Any], dialect: sa.Dialect) -> Turn | None:
    """How a field goes into its column; None where it goes as it is."""
    hint = hints[column.name]
    if isinstance(column.type, sa.JSON):
        return lambda value: document_of(hint, value)
    if _enum(hint):
        return lambda value: value.value
    return _own(column, dialect).bind_processor(dialect)


def _back(column: sa.Column[Any], hints: dict[str, Any], dialect: sa.Dialect) -> Turn | None:
    """How a field comes back from its column; None where it comes as it is."""
    hint = hints[column.name]
    if isinstance(column.type, sa.JSON):
        return lambda text: from_document(hint, text)
    if words := _enum(hint):
        return {one.value: one for one in words}.__getitem__
    return _own(column, dialect).result_processor(dialect, None)


def _own(column: sa.Column[Any], dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
    """The column's type where values need turning: moments and, on SQLite, truth."""
    turning = isinstance(column.type, (sa.TypeDecorator, sa.Boolean))
    return column.type.dialect_impl(dialect) if turning else sa.types.NullType()


def _enum(hint: Any) -> type[Enum] | None:
    kinds = [kind for kind in (hint, *get_args(hint)) if isinstance(kind, type)]
    return next((kind for kind in kinds if issubclass(kind, Enum)), None)
