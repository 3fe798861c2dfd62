"""Work is computed where a setting says, and a worker that is killed loses nothing."""

import os
import signal
import threading
import time
from pathlib import Path

import psutil
import pytest

from api.compute import OnDask, compute_of, local
from logistics.errors import Unready
from logistics.sources import Inline


def double(number):
    return 2 * number


def slow_double(number, marks):
    """Leaves the id of the process that began it."""
    Path(marks, str(os.getpid())).touch()
    time.sleep(1.0)
    return 2 * number


def refuse(number):
    raise ValueError(number)


@pytest.fixture(scope="module")
def cluster():
    computing = local(2)
    yield computing
    computing.close()


def test_inline_is_the_default_and_computes_here():
    assert isinstance(compute_of("inline", 1), Inline)
    assert compute_of("inline", 1).run(double, 4) == 8


def test_a_cluster_answers_in_the_order_of_the_jobs(cluster):
    assert cluster.run(double, 4) == 8
    assert cluster.map(double, [(n,) for n in range(5)]) == (0, 2, 4, 6, 8)


def test_an_error_of_the_work_is_the_callers(cluster):
    with pytest.raises(ValueError, match="7"):
        cluster.run(refuse, 7)


def test_two_clusters_on_one_machine_listen_to_it_alone(cluster):
    beside = local(1)
    ours = [psutil.Process(), *psutil.Process().children(recursive=True)]
    heard_at = {
        one.laddr.ip
        for process in ours
        for one in process.net_connections(kind="inet")
        if one.status == psutil.CONN_LISTEN
    }
    assert beside.run(double, 4) == cluster.run(double, 4) == 8
    beside.close()
    assert heard_at == {"127.0.0.1"}


def test_a_killed_worker_costs_time_and_no_answer(cluster, tmp_path):
    answers = []
    asking = threading.Thread(
        target=lambda: answers.append(cluster.run(slow_double, 21, str(tmp_path)))
    )
    asking.start()
    while not (began := list(tmp_path.iterdir())):
        time.sleep(0.02)
    os.kill(int(began[0].name), signal.SIGKILL)
    asking.join(60)
    assert answers == [42]
    assert len(list(tmp_path.iterdir())) == 2


def test_a_scheduler_elsewhere_is_reached_by_its_address(cluster):
    address = cluster.client.scheduler.address
    elsewhere = compute_of(address, 1)
    assert isinstance(elsewhere, OnDask)
    assert elsewhere.run(double, 3) == 6
    elsewhere.close()


def test_a_scheduler_that_is_none_is_told_at_once():
    with pytest.raises(Unready, match="nowhere"):
        compute_of("nowhere", 1)
