"""No test can reach another machine, and the checks that say so are switched on."""

import os
import socket

import pytest
from hypothesis import settings
from pytest_socket import SocketConnectBlockedError


def test_e10_a_test_that_calls_another_machine_is_stopped():
    # 192.0.2.1 is set aside for documentation (RFC 5737): nobody is there.
    with socket.socket() as line, pytest.raises(SocketConnectBlockedError):
        line.connect(("192.0.2.1", 80))


def test_this_machine_can_be_reached():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()


def test_in_ci_the_same_cases_are_drawn_every_time():
    assert settings.get_profile("ci").derandomize
    assert settings().derandomize == bool(os.environ.get("CI"))
