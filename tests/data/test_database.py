"""What a database cannot do is told in the business's words, and never loses more than one deed."""

import sqlite3
from dataclasses import replace

import psycopg
import pytest

from data.store import open_store
from logistics.errors import Nonsense, Unready
from logistics.orders import Order
from tests.builders.orders import NOON, an_order


def keep(store, *values):
    with store.begin() as deed:
        deed.add_all(values)


@pytest.mark.parametrize(
    "order",
    [
        an_order(price=2**63),
        an_order(buyer="\ud800"),
        replace(an_order(), cell=None),
    ],
    ids=["too large", "half a letter", "nothing where something must be"],
)
def test_what_no_database_can_keep_is_nonsense(sql_store, order):
    with pytest.raises(Nonsense, match="cannot be kept"):
        keep(sql_store, order)
    keep(sql_store, an_order())


def test_a_letter_that_postgresql_does_not_know_is_nonsense(migrated_postgres_url):
    store = open_store(migrated_postgres_url)
    with pytest.raises(Nonsense, match="cannot be kept"):
        keep(store, an_order(buyer="\0"))
    store.database.close()


def test_a_lost_connection_is_told_and_the_next_deed_has_a_new_one(migrated_postgres_url):
    store = open_store(migrated_postgres_url)
    keep(store, an_order("ord_1"))
    address = migrated_postgres_url.replace("postgresql+psycopg", "postgresql")

    def cut_off_in_a_deed():
        with store.begin() as deed:
            deed.add(an_order("ord_2"))
            with psycopg.connect(address, autocommit=True) as other:
                other.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where datname = current_database() and pid <> pg_backend_pid()"
                )
            deed.add(an_order("ord_3"))

    with pytest.raises(Unready, match="the database"):
        cut_off_in_a_deed()
    keep(store, an_order("ord_4"))
    with store.read() as seen:
        assert [order.id for order in seen.find(Order)] == ["ord_1", "ord_4"]
    store.database.close()


def test_connections_cut_while_nobody_used_them_are_not_noticed(migrated_postgres_url):
    store = open_store(migrated_postgres_url)
    keep(store, an_order("ord_1"))
    with psycopg.connect(
        migrated_postgres_url.replace("postgresql+psycopg", "postgresql"), autocommit=True
    ) as other:
        other.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
    keep(store, an_order("ord_2"))
    with store.read() as seen:
        assert seen.count(Order) == 2
    store.database.close()


def test_nothing_can_be_written_through_a_picture(migrated_postgres_url):
    store = open_store(migrated_postgres_url)
    with (
        pytest.raises(Unready, match="read-only"),
        store.database.picture() as cursor,
    ):
        cursor.execute("delete from orders")
    store.database.close()


def test_sqlite_reads_while_another_process_writes(sqlite_url):
    store = open_store(sqlite_url)
    keep(store, an_order("ord_1"))
    other = sqlite3.connect(store.database.url.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("delete from orders")
    with store.read() as seen:
        assert seen.get(Order, "ord_1") == an_order("ord_1")
    other.rollback()
    other.close()
    store.database.close()


def test_times_in_sqlite_are_text_that_sorts(sqlite_url):
    store = open_store(sqlite_url)
    keep(store, an_order())
    with store.database.picture() as cursor:
        kept = cursor.execute("select accepted_at from orders").fetchone()[0]
    assert kept == f"{NOON:%Y-%m-%d %H:%M:%S}.000000+00:00"
    store.database.close()
