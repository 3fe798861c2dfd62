"""The three stores that are held to the same words."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.migrations import upgrade
from data.store import SqlStore, open_store
from logistics.memory import MemoryStore
from logistics.store import Store
from tests.postgres import Postgres

ADDRESS = {"sqlite": "sqlite_url", "postgresql": "migrated_postgres_url"}


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory) -> Path:
    """A SQLite file in the newest form, to be copied: a migration costs half a second."""
    file = tmp_path_factory.mktemp("migrated") / "store.db"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture
def sqlite_url(migrated_file, tmp_path) -> str:
    """The address of a SQLite file of one's own, in the newest form."""
    return f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'store.db')}"


@pytest.fixture
def migrated_postgres_url(postgres: Postgres) -> Iterator[str]:
    """The address of a PostgreSQL database of one's own, in the newest form."""
    address = postgres.fresh_from("migrated", upgrade)
    yield address
    postgres.drop(address)


@pytest.fixture(params=["sqlite", "postgresql"])
def sql_store(request) -> Iterator[SqlStore]:
    """Each database in turn."""
    store = open_store(request.getfixturevalue(ADDRESS[request.param]))
    yield store
    store.database.close()


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def store(request) -> Iterator[Store]:
    """Each store in turn."""
    if request.param == "memory":
        yield MemoryStore()
        return
    kept = open_store(request.getfixturevalue(ADDRESS[request.param]))
    yield kept
    kept.database.close()
