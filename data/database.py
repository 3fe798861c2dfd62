"""The database: how it is reached, how a picture stays steady, and the one place that commits.

SQLite in WAL is the embedded default: readers never wait, and a deed takes the write lock as it
begins, so nothing that it read can have changed when it writes. PostgreSQL reads in one repeatable
read; its deeds take row locks. Foreign keys are not declared: the deeds check references, and what
is erased or kept is decided by them alone. Statements come compiled and go straight to the driver.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, exc

from logistics.errors import Nonsense, Unready

PATIENCE_SECONDS = 20
"""How long a deed waits for another to end before it gives up."""
CONNECTIONS = 60
REBUILD_LOCK = 7_314_000
"""The advisory lock under which tables are changed on PostgreSQL."""


class Database:
    """Two ways in: to look, and to do."""

    def __init__(self, url: str) -> None:
        self.url = url_of(url)
        self.embedded = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite(self.url) if self.embedded else _postgresql(self.url)
        self._driver: Any = self.engine.dialect.loaded_dbapi
        self._turn = threading.Lock()

    @contextmanager
    def picture(self) -> Iterator[Any]:
        """A driver's cursor that sees one moment and does not write."""
        with self._plainly(), self._connection() as connection:
            cursor = connection.cursor()
            if self.embedded:
                cursor.execute("BEGIN")
            else:
                _set_out(connection, self._driver.IsolationLevel.REPEATABLE_READ, read_only=True)
            yield cursor

    @contextmanager
    def deed(self) -> Iterator[Any]:
        """A driver's cursor in one transaction, kept where the block ends well."""
        with self._plainly(), self._in_turn(), self._connection() as connection:
            cursor = connection.cursor()
            if self.embedded:
                cursor.execute("BEGIN IMMEDIATE")
            else:
                _set_out(connection, self._driver.IsolationLevel.READ_COMMITTED, read_only=False)
            yield cursor
            connection.commit()

    @contextmanager
    def rebuilding(self) -> Iterator[sa.Connection]:
        """SQLAlchemy's own connection, for migrations alone; one at a time over all processes."""
        engine = self.engine if self.embedded else sa.create_engine(self.url, poolclass=sa.NullPool)
        with self._plainly(), engine.begin() as connection:
            if not self.embedded:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(REBUILD_LOCK)))
            yield connection

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()

    @contextmanager
    def _connection(self) -> Iterator[Any]:
        """A connection from the pool, which takes back what was not kept when it is returned."""
        pooled = self.engine.raw_connection()
        try:
            yield pooled.driver_connection
        finally:
            pooled.close()

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """On SQLite the deeds of one process queue here, which is fairer than its busy polling."""
        if not self.embedded:
            yield
            return
        if not self._turn.acquire(timeout=PATIENCE_SECONDS):
            raise Unready("the database (another deed has not ended)")
        try:
            yield
        finally:
            self._turn.release()

    @contextmanager
    def _plainly(self) -> Iterator[None]:
        """Tell a fault of the database in the business's own words."""
        try:
            yield
        except (self._driver.DataError, self._driver.IntegrityError) as fault:
            raise Nonsense("", f"cannot be kept: {_first_line(fault)}") from fault
        except (self._driver.Error, exc.SQLAlchemyError) as fault:
            raise Unready(f"the database ({_first_line(fault)})") from fault


def url_of(url: str) -> sa.URL:
    """The address of a database; `postgresql://` is spoken to by psycopg 3.

    Raises:
        Nonsense: where it is neither a SQLite file nor a PostgreSQL server.
    """
    try:
        parsed = sa.make_url(url)
    except exc.ArgumentError:
        raise Nonsense("/database", "is no database address") from None
    if parsed.get_backend_name() == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() != "sqlite" or parsed.database in {None, "", ":memory:"}:
        raise Nonsense("/database", "is sqlite:///FILE or postgresql://HOST/NAME")
    return parsed


def _as_is(text: Any) -> Any:
    """Documents come and go as text; `data.documents` reads them by their types."""
    return text


def _sqlite(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(
        url,
        paramstyle="named",
        json_serializer=_as_is,
        json_deserializer=_as_is,
        max_overflow=CONNECTIONS,
        pool_timeout=PATIENCE_SECONDS,
        connect_args={"timeout": PATIENCE_SECONDS, "isolation_level": None},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-65536"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    """The engine's own transactions (migrations) write, so they take the lock as they begin."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _postgresql(url: sa.URL) -> sa.Engine:
    return sa.create_engine(
        url,
        json_serializer=_as_is,
        json_deserializer=_as_is,
        max_overflow=CONNECTIONS,
        pool_timeout=PATIENCE_SECONDS,
        pool_pre_ping=True,
        connect_args={"connect_timeout": PATIENCE_SECONDS},
    )


def _set_out(connection: Any, level: Any, *, read_only: bool) -> None:
    """Say how the next transaction is; psycopg sends it with the transaction's own beginning."""
    connection.isolation_level = level
    connection.read_only = read_only


def _first_line(fault: BaseException) -> str:
    said = str(getattr(fault, "orig", None) or fault).strip()
    return said.splitlines()[0] if said else type(fault).__name__
