"""The business's memory in SQL: readings, deeds, and the feed of events in commit order.

A deed keeps its events to
itself until it ends and then places all of them under one lock, the last that it takes: so the
order of the feed is the order of commits, and a reader who has seen position n has missed nothing
before it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import groupby
from typing import Any, TypeVar, cast

import sqlalchemy as sa

from data.database import Database
from data.mirror import Mirror
from data.statements import Statements
from data.tables import TABLES
from logistics.errors import ChangedMeanwhile, Duplicate, Nonsense, Unknown
from logistics.events import Event
from logistics.store import OF, Deed, Reading, Seen, refuse_change

V = TypeVar("V")

FEED_LOCK = 7_314_001
"""The advisory lock under which events get their places on PostgreSQL."""


class Words:
    """All statements for one database."""

    def __init__(self, dialect: sa.Dialect) -> None:
        self.of = {
            kind: Statements(Mirror(kind, cast("Any", row).__table__, dialect), dialect)
            for kind, row in TABLES.items()
        }
        events = self.of[Event].table.c
        last = sa.select(sa.func.max(events.position))
        self.position = str(last.compile(dialect=dialect))
        sequence = sa.select(sa.func.max(events.sequence))
        sequence = sequence.where(events.subject == sa.bindparam("subject"))
        self.sequence = str(sequence.compile(dialect=dialect))
        alone = sa.select(sa.func.pg_advisory_xact_lock(sa.literal_column(str(FEED_LOCK))))
        self.alone = str(alone.compile(dialect=dialect)) if dialect.name == "postgresql" else None


class SqlReading:
    """A picture of one moment."""

    def __init__(self, cursor: Any, words: Words) -> None:
        self._cursor, self._words = cursor, words

    def get(self, kind: type[V], id: str) -> V:
        """The value with that id."""
        return self._only(kind, self._words.of[kind].one, id)

    def maybe(self, kind: type[V], id: str) -> V | None:
        """The value with that id, or None."""
        statements = self._words.of[kind]
        row = self._run(statements.one, {"wanted": id}).fetchone()
        return None if row is None else cast("V", statements.mirror.value_of(row))

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
        words = self._words.of[kind]
        text = words.find(where, sort, descending=descending, limited=limit is not None)
        rows = self._run(text, {**words.given(where), "at_most": limit}).fetchall()
        return cast("tuple[V, ...]", words.mirror.values_of(rows))

    def count(self, kind: type[Any], /, **where: Any) -> int:
        """How many values match."""
        words = self._words.of[kind]
        return int(self._run(words.count(where), words.given(where)).fetchone()[0])

    def position(self) -> int:
        """The place of the last event in the feed."""
        return int(self._run(self._words.position, {}).fetchone()[0] or 0)

    def _only(self, kind: type[V], text: str, id: str) -> V:
        row = self._run(text, {"wanted": id}).fetchone()
        if row is None:
            raise Unknown(OF[kind].name, id)
        return cast("V", self._words.of[kind].mirror.value_of(row))

    def _run(self, text: str, given: dict[str, Any]) -> Any:
        try:
            return self._cursor.execute(text, given)
        except (OverflowError, UnicodeEncodeError) as fault:
            raise Nonsense("", f"cannot be kept: {fault}") from fault


class SqlDeed(SqlReading):
    """One transaction; its events are placed when it ends."""

    def __init__(self, cursor: Any, words: Words) -> None:
        super().__init__(cursor, words)
        self._told: list[Event] = []

    def lock(self, kind: type[V], id: str) -> V:
        """The value as it is now, held until the deed ends."""
        return self._only(kind, self._words.of[kind].locked, id)

    def add(self, value: V) -> V:
        """Remember something new."""
        words = self._words.of[type(value)]
        if self._run(words.add, words.mirror.row_of(value)).rowcount == 0:
            raise self._duplicate(words.mirror, value)
        return value

    def add_all(self, values: Iterable[Any]) -> None:
        """Remember many new values, each kind in one go."""
        for kind, same in groupby(values, type):
            many = list(same)
            self._run("SAVEPOINT attempt", {})
            if self._added(kind, many) < len(many):
                self._run("ROLLBACK TO SAVEPOINT attempt", {})
                for value in many:  # one of them has a twin: this finds it and says which
                    self.add(value)
            self._run("RELEASE SAVEPOINT attempt", {})

    def change(self, value: V, /, **changes: Any) -> V:
        """Put the value in the place of the one with its id, and raise its version."""
        words, mine = self._words.of[type(value)], cast("Any", value)
        raised = replace(mine, version=mine.version + 1, **changes)
        row = words.mirror.row_of(raised)
        fixed = {f"same_{name}": row[name] for name in words.mirror.of.unique}
        given = {**row, **fixed, "wanted": mine.id, "read_version": mine.version}
        if self._run(words.change, given).rowcount == 0:
            wanted = replace(raised, version=mine.version)
            refuse_change(self.get(type(value), mine.id), wanted)
        return cast("V", raised)

    def forget(self, kind: type[Any], id: str) -> None:
        """Remove a value."""
        if self._run(self._words.of[kind].forget, {"wanted": id}).rowcount == 0:
            raise Unknown(OF[kind].name, id)

    def tell(self, event: Event) -> Event:
        """Put an event into the feed when the deed ends."""
        self._told.append(event)
        return event

    def require_unchanged(self, seen: Iterable[Seen]) -> None:
        """Raise where one of the values has moved since; they cannot move until the deed ends."""
        by_kind = defaultdict(list)
        for one in seen:
            by_kind[one.kind].append(one)
        for kind, ones in by_kind.items():
            words = self._words.of[kind]
            wanted = words.listed([one.id for one in ones])
            kept = dict(self._run(words.versions, {"in_0": wanted}).fetchall())
            for one in ones:
                if kept.get(one.id) != one.version:
                    raise ChangedMeanwhile(OF[kind].name, one.id)

    def place(self) -> None:
        """Give the events of the deed their sequences and positions: the last act before commit."""
        if not self._told:
            return
        if self._words.alone:
            self._run(self._words.alone, {})
        last, counted, placed = self.position(), dict[str, int](), []
        for position, one in enumerate(self._told, last + 1):
            counted[one.subject] = self._sequence(one.subject, counted) + 1
            placed.append(replace(one, position=position, sequence=counted[one.subject]))
        if self._added(Event, placed) < len(placed):
            twice = next(one for one in placed if self.get(Event, one.id) != one)
            raise Duplicate("event", twice.id, twice.id)

    def _sequence(self, subject: str, counted: dict[str, int]) -> int:
        if subject in counted:
            return counted[subject]
        return self._run(self._words.sequence, {"subject": subject}).fetchone()[0] or 0

    def _added(self, kind: type[Any], many: list[Any]) -> int:
        words = self._words.of[kind]
        rows = [words.mirror.row_of(value) for value in many]
        if len(rows) == 1:
            return int(self._run(words.add, rows[0]).rowcount)
        try:
            self._cursor.executemany(words.add, rows)
        except (OverflowError, UnicodeEncodeError) as fault:
            raise Nonsense("", f"cannot be kept: {fault}") from fault
        return int(self._cursor.rowcount)

    def _duplicate(self, mirror: Mirror[Any], value: Any) -> Duplicate:
        """Which key of the value is taken, and by what."""
        if self.maybe(mirror.kind, value.id) is not None:
            return Duplicate(mirror.of.name, value.id, value.id)
        row = mirror.row_of(value)
        fixed = {f"same_{name}": row[name] for name in mirror.of.unique}
        twin = self._run(self._words.of[mirror.kind].twin, fixed).fetchone()[0]
        return Duplicate(mirror.of.name, row[mirror.of.unique[-1]], twin)


class SqlStore:
    """Remembers in a database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._words = Words(database.engine.dialect)

    @contextmanager
    def read(self) -> Iterator[Reading]:
        """A steady picture."""
        with self.database.picture() as cursor:
            yield SqlReading(cursor, self._words)

    @contextmanager
    def begin(self) -> Iterator[Deed]:
        """One transaction."""
        with self.database.deed() as cursor:
            deed = SqlDeed(cursor, self._words)
            yield deed
            deed.place()


def open_store(url: str) -> SqlStore:
    """The store at `sqlite:///FILE` or `postgresql://HOST/NAME`, whose tables stand already."""
    return SqlStore(Database(url))
