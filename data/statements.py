"""The statements of each kind of value, written in SQLAlchemy's Core and compiled once.

Building a statement anew costs more than a small database takes to run it, so each is kept as
the text that the driver takes. A condition's shape is part of the text, its value never is.
"""

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from data.mirror import Mirror
from logistics.store import Range

Shape = tuple[str, ...]
"""How a condition looks: the field and the tests that it is put to."""


class Statements:
    """The statements over one table, for one database."""

    def __init__(self, mirror: Mirror[Any], dialect: sa.Dialect) -> None:
        self.mirror, self.table, self.dialect = mirror, mirror.table, dialect
        self._found: dict[tuple[Any, ...], str] = {}
        self._one = sa.select(*mirror.columns).where(self.table.c.id == sa.bindparam("wanted"))

    @cached_property
    def one(self) -> str:
        """The row with the id `wanted`."""
        return self._text(self._one)

    @cached_property
    def locked(self) -> str:
        """The row with the id `wanted`, held until the transaction ends."""
        return self._text(self._one.with_for_update())

    @cached_property
    def add(self) -> str:
        """A new row of all columns; none where a key is taken."""
        make = postgresql.insert if self.dialect.name == "postgresql" else sqlite.insert
        return self._text(make(self.table).on_conflict_do_nothing(), every_column=True)

    @cached_property
    def change(self) -> str:
        """All columns of the row `wanted`, where it is at `read_version`."""
        names = self.mirror.of.unique
        same = [self.table.c[name] == sa.bindparam(f"same_{name}") for name in names]
        read = self.table.c.version == sa.bindparam("read_version")
        there = self.table.c.id == sa.bindparam("wanted")
        return self._text(self.table.update().where(there, read, *same), every_column=True)

    @cached_property
    def forget(self) -> str:
        """Away with the row `wanted`."""
        return self._text(self.table.delete().where(self.table.c.id == sa.bindparam("wanted")))

    @cached_property
    def versions(self) -> str:
        """The id and version of each of the ids `wanted`, held until the transaction ends."""
        asked = sa.select(self.table.c.id, self.table.c.version).where(self._test("id", "in", 0))
        return self._text(asked.order_by(self.table.c.id).with_for_update(read=True))

    @cached_property
    def twin(self) -> str:
        """The id of a row with the same unique fields."""
        names = self.mirror.of.unique
        same = [self.table.c[name] == sa.bindparam(f"same_{name}") for name in names]
        return self._text(sa.select(self.table.c.id).where(*same))

    def find(self, where: Mapping[str, Any], order: str, *, descending: bool, limited: bool) -> str:
        """The rows that meet the conditions of `given(where)`, sorted; `at_most` of them."""
        shapes = _shapes(where)
        known = ("find", shapes, order, descending, limited)
        if known not in self._found:
            asked = sa.select(*self.mirror.columns).where(*self._tests(shapes))
            asked = asked.order_by(*self._sorting(order, descending=descending))
            if limited:
                at_most = sa.bindparam("at_most", type_=sa.Integer)
                asked = asked.limit(at_most).offset(sa.literal_column("0"))
            self._found[known] = self._text(asked)
        return self._found[known]

    def count(self, where: Mapping[str, Any]) -> str:
        """How many rows meet the conditions of `given(where)`."""
        shapes = _shapes(where)
        if ("count", shapes) not in self._found:
            asked = sa.select(sa.func.count()).select_from(self.table).where(*self._tests(shapes))
            self._found["count", shapes] = self._text(asked)
        return self._found["count", shapes]

    def given(self, where: Mapping[str, Any]) -> dict[str, Any]:
        """The values of the conditions, by the names they have in the statements."""
        into, given = self.mirror.field, {}
        for at, (name, wanted) in enumerate(where.items()):
            if isinstance(wanted, Range):
                given[f"least_{at}"] = into(name, wanted.least)
                given[f"below_{at}"] = into(name, wanted.below)
            elif isinstance(wanted, (tuple, set, frozenset)):
                given[f"in_{at}"] = self.listed([into(name, one) for one in wanted])
            else:
                given[f"is_{at}"] = into(name, wanted)
        return given

    def listed(self, values: list[Any]) -> Any:
        """A list as one parameter."""
        some = [value for value in values if value is not None]
        return some if self.dialect.name == "postgresql" else json.dumps(some)

    def _tests(self, shapes: tuple[Shape, ...]) -> list[sa.ColumnElement[bool]]:
        return [
            self._test(name, test, at) for at, (name, *tests) in enumerate(shapes) for test in tests
        ]

    def _test(self, name: str, test: str, at: int) -> sa.ColumnElement[bool]:
        column = self.table.c[self.mirror.of.findable(name)]
        given = sa.bindparam(f"{test}_{at}", type_=column.type)
        if test in {"in", "in_or_null"}:
            among = self._among(column, at)
            return among if test == "in" else among | column.is_(None)
        tests: dict[str, sa.ColumnElement[bool]] = {
            "null": column.is_(None),
            "known": column.is_not(None),
            "least": column >= given,
            "below": column < given,
            "is": column == given,
        }
        return tests[test]

    def _among(self, column: sa.Column[Any], at: int) -> sa.ColumnElement[bool]:
        if self.dialect.name == "postgresql":
            listed = sa.bindparam(f"in_{at}", type_=postgresql.ARRAY(column.type))
            return column.op("=", is_comparison=True)(sa.any_(listed))
        each = sa.func.json_each(sa.bindparam(f"in_{at}", type_=sa.Text)).table_valued("value")
        return column.in_(sa.select(each.c.value))

    def _sorting(self, order: str, *, descending: bool) -> tuple[Any, ...]:
        """By the field, what is absent lowest, then by id."""
        column, key = self.table.c[self.mirror.of.findable(order)], self.table.c.id
        if descending:
            return (column.desc().nulls_last() if column.nullable else column.desc(), key.desc())
        return (column.nulls_first() if column.nullable else column, key)

    def _text(self, statement: Any, *, every_column: bool = False) -> str:
        keys = [column.name for column in self.table.columns] if every_column else None
        return str(statement.compile(dialect=self.dialect, column_keys=keys))


def _shapes(where: Mapping[str, Any]) -> tuple[Shape, ...]:
    return tuple((name, *_tests_of(wanted)) for name, wanted in where.items())


def _tests_of(wanted: Any) -> Shape:
    if wanted is None:
        return ("null",)
    if isinstance(wanted, Range):
        bounds = {"least": wanted.least, "below": wanted.below}
        return tuple(name for name, bound in bounds.items() if bound is not None) or ("known",)
    if isinstance(wanted, (tuple, set, frozenset)):
        return ("in_or_null",) if None in wanted else ("in",)
    return ("is",)
