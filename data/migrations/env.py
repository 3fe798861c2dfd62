"""What Alembic runs: the revisions, over the connection that `data.migrations` hands in.

On SQLite a change of a column copies the table (batch mode); all of an upgrade is one transaction
on both databases, so a broken one leaves nothing behind.
"""

from alembic import context

import data.tables  # noqa: F401  all tables must be known before they are compared
from data.tables.columns import Row

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Row.metadata,
    compare_type=True,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
