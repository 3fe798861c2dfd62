"""The PostgreSQL of the tests is real, costs little for each test, and never outlives its parent."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.postgres import Postgres

ROOT = Path(__file__).resolve().parents[2]
A_PARENT = """
import time
from tests.postgres import start
server = start()
print(server.port, server.pid, server.folder, flush=True)
time.sleep(600)
"""


def asked(address: str, question: str) -> list[tuple[object, ...]]:
    with psycopg.connect(address.replace("+psycopg", "")) as connection:
        return connection.execute(question).fetchall()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def eventually(fact, seconds: float = 20.0) -> bool:
    until = time.monotonic() + seconds
    while not fact() and time.monotonic() < until:
        time.sleep(0.05)
    return bool(fact())


def test_it_is_a_real_server_of_a_recent_version(postgres_url):
    [(version,)] = asked(postgres_url, "SHOW server_version_num")
    assert int(version) >= 160000


def test_it_listens_on_loopback_alone(postgres_url):
    assert asked(postgres_url, "SHOW listen_addresses") == [("127.0.0.1",)]
    assert asked(postgres_url, "SHOW unix_socket_directories") == [("",)]


def test_it_does_not_run_as_root(postgres: Postgres):
    assert (postgres.folder / "data" / "postmaster.pid").stat().st_uid != 0


def test_a_fresh_database_is_empty_and_ones_own(postgres: Postgres):
    first, second = postgres.fresh(), postgres.fresh()
    with psycopg.connect(first.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE parcels (id int)")
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    assert asked(first, tables) == [("parcels",)]
    assert asked(second, tables) == []
    postgres.drop(first)
    postgres.drop(second)


def test_tables_are_made_once_and_copied(postgres: Postgres):
    prepared: list[str] = []

    def prepare(address: str) -> None:
        prepared.append(address)
        with psycopg.connect(address.replace("+psycopg", "")) as connection:
            connection.execute("CREATE TABLE nodes AS SELECT 7 AS id")

    copies = [postgres.fresh_from("with_nodes", prepare) for _ in range(2)]
    assert len(set(copies)) == 2
    assert [asked(copy, "SELECT id FROM nodes") for copy in copies] == [[(7,)], [(7,)]]
    assert len(prepared) == 1


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_the_server_ends_with_its_parent_and_leaves_nothing(end):
    environment = Path(sys.prefix).resolve()
    above = {place: place.stat().st_mode for place in (environment, *environment.parents)}
    parent = subprocess.Popen(
        [sys.executable, "-c", A_PARENT], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    port, pid, folder = parent.stdout.readline().split()
    assert alive(int(pid))
    assert listens(int(port))
    parent.send_signal(end)
    parent.communicate()
    assert eventually(lambda: not alive(int(pid)))
    assert not listens(int(port))
    assert eventually(lambda: not Path(folder).exists())
    assert {place: place.stat().st_mode for place in above} == above
