"""The databases that the contracts are tried on, for what is said of them alone."""

from tests.contracts.conftest import migrated_file, migrated_postgres_url, sql_store, sqlite_url

__all__ = ["migrated_file", "migrated_postgres_url", "sql_store", "sqlite_url"]
