"""A database of its own for each life of the twin, beside the one that is named.

`sqlite:///lives.db` becomes `lives-WORLD-POLICY.db` in the same folder; on a PostgreSQL server a
database of that name is made. They stay, to be looked at; one that is there already is refused.
"""

import re
from pathlib import Path

import sqlalchemy as sa

from data.database import url_of
from data.migrations import upgrade
from data.store import SqlStore, open_store
from logistics.errors import Nonsense


def fresh_store(url: str, name: str) -> SqlStore:
    """An empty store of its own under the address.

    Raises:
        Nonsense: where the address is none, or the database is there already.
        Unready: where nothing answers there.
    """
    base, word = url_of(url), re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    own = _file(base, word) if base.get_backend_name() == "sqlite" else _made(base, word)
    address = own.render_as_string(hide_password=False)
    upgrade(address)
    return open_store(address)


def _file(base: sa.URL, word: str) -> sa.URL:
    file = Path(base.database or "")
    own = file.with_name(f"{file.stem}-{word}{file.suffix}")
    if own.exists():
        raise Nonsense("/store", f"{own} is there already")
    return base.set(database=str(own))


def _made(base: sa.URL, word: str) -> sa.URL:
    name = f"{base.database}-{word}"[:63]
    engine = sa.create_engine(base, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        known = sa.text("SELECT 1 FROM pg_database WHERE datname = :name")
        if connection.execute(known, {"name": name}).first():
            raise Nonsense("/store", f"the database {name} is there already")
        connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
    return base.set(database=name)
