"""From empty to the newest form, on both databases, by many processes at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from data.database import Database
from data.migrations import differences, upgrade
from data.store import open_store
from logistics.errors import Nonsense, Unready
from logistics.orders import Order


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request, tmp_path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    return request.getfixturevalue("postgres_url")


def differing(url):
    database = Database(url)
    with database.rebuilding() as connection:
        found = differences(connection)
    database.close()
    return found


def test_the_migrated_tables_are_the_tables_of_the_models(empty_url):
    assert len(differing(empty_url)) > 40
    upgrade(empty_url)
    assert differing(empty_url) == []


def test_an_upgrade_of_what_is_newest_changes_nothing(empty_url):
    upgrade(empty_url)
    upgrade(empty_url)
    store = open_store(empty_url)
    with store.read() as seen:
        assert seen.count(Order) == 0
    store.database.close()


def test_processes_that_start_at_once_upgrade_one_after_the_other(empty_url):
    with ThreadPoolExecutor(3) as crowd:
        list(crowd.map(upgrade, [empty_url] * 3))
    assert differing(empty_url) == []


@pytest.mark.parametrize("url", ["nonsense", "sqlite://", "sqlite:///:memory:", "mysql://h/d"])
def test_an_address_that_is_none_is_told(url):
    with pytest.raises(Nonsense, match="database"):
        upgrade(url)


def test_a_database_that_does_not_answer_is_told():
    with pytest.raises(Unready, match="the database"):
        upgrade("postgresql://nobody@127.0.0.1:1/nothing")
