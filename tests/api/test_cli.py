"""The terminal makes the first key and serves; a second start finds what the first one kept."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from api.cli.__main__ import main

ROOT = Path(__file__).parents[2]


@pytest.fixture
def surroundings(tmp_path):
    kept = {name: value for name, value in os.environ.items() if "SURGEPORT" not in name}
    return {**kept, "SURGEPORT_DATA_DIR": str(tmp_path), "SURGEPORT_TICK_SECONDS": "0.5"}


def cli(surroundings, *words):
    command = [sys.executable, "-m", "api.cli", *words]
    return subprocess.run(
        command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False
    )


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def serving(surroundings, port):
    command = [sys.executable, "-m", "api.cli", "serve", "--port", str(port)]
    return subprocess.Popen(command, cwd=ROOT, env=surroundings, stderr=subprocess.PIPE, text=True)


def wait_for(url, process):
    for _ in range(600):
        assert process.poll() is None, process.stderr.read()
        try:
            return httpx.get(f"{url}/readyz", trust_env=False)
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("nobody answers")


def test_a_service_is_served_stopped_and_served_again(surroundings):
    made = cli(surroundings, "keys", "make", "operator", "ops")
    assert made.returncode == 0, made.stderr
    id, key = made.stdout.split()
    port = free_port()
    url, headers = f"http://127.0.0.1:{port}", {"Authorization": f"Bearer {key}"}
    for expected in (201, 200):
        process = serving(surroundings, port)
        try:
            assert wait_for(url, process).json()["state"] == "ready"
            answer = httpx.put(
                f"{url}/v1/categories/home", json={"name": "Home"}, headers=headers, trust_env=False
            )
            assert answer.status_code == expected
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
    listed = cli(surroundings, "keys", "list").stdout
    assert f"{id} operator ops active" in listed
    assert key not in listed


def test_a_command_that_cannot_be_so_is_told_in_words(surroundings):
    refused = cli({**surroundings, "SURGEPORT_PORT": "many"}, "migrate")
    assert refused.returncode == 2
    assert "SURGEPORT_PORT" in refused.stderr
    assert "Traceback" not in refused.stderr
    shared = cli({**surroundings, "SURGEPORT_DATABASE": "postgresql://127.0.0.1:1/x"}, "migrate")
    assert "SURGEPORT_SECRET" in shared.stderr


def test_the_help_lists_the_verbs(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    told = capsys.readouterr().out
    for verb in ("serve", "migrate", "openapi", "keys"):
        assert verb in told
