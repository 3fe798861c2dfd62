"""What every test may ask for: a database of its own on a real PostgreSQL, and repeatable draws."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.postgres import Postgres, start

# In CI the same cases are drawn every time, so that a failure there is a failure of the change;
# at home new ones are drawn. No deadline: the machine may be busy with other things.
settings.register_profile("home", deadline=None)
settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ci" if os.environ.get("CI") else "home")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for each worker of pytest, started when first asked for."""
    server = start()
    yield server
    server.stop()


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """The address of a database of one's own, empty, as SQLAlchemy reads it."""
    address = postgres.fresh()
    yield address
    postgres.drop(address)
