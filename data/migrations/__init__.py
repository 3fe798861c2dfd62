"""The tables brought to their newest form, from an empty database or any earlier one.

`upgrade(url)` is called as a process starts; many may start at once, and one of them does it.
After a change of `data.tables`, `python -m data.migrations "what changed"` writes the next
revision into `versions`, to be read and mended by hand before it is kept.
"""

import tempfile
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from data.database import Database
from data.tables.columns import Row

HERE = Path(__file__).parent


def upgrade(url: str) -> None:
    """Bring the database at `sqlite:///FILE` or `postgresql://HOST/NAME` to the newest form.

    Raises:
        Nonsense: where the address is none.
        Unready: where nothing answers there.
    """
    database = Database(url)
    try:
        with database.rebuilding() as connection:
            command.upgrade(_config(connection), "head")
    finally:
        database.close()


def differences(connection: sa.Connection) -> list[object]:
    """What the tables of a database have that `data.tables` has not, or the other way round."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, Row.metadata))


def draw(message: str) -> Path:
    """Write the next revision: what the newest form lacks to be as `data.tables` says."""
    number = len(list(ScriptDirectory(str(HERE)).walk_revisions())) + 1
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/drawn.db"
        upgrade(url)
        database = Database(url)
        with database.rebuilding() as connection:
            command.revision(_config(connection), message, autogenerate=True, rev_id=f"{number:04}")
        database.close()
    return next((HERE / "versions").glob(f"{number:04}_*.py"))


def _config(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
