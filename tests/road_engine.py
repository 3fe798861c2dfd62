"""A real `osrm-routed` over a small town that is drawn here: 5 by 5 corners, one street one way."""

import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

from routing.geography import Place

PROGRAMS = Path(sys.prefix) / "roads" / "osrm"
SIDE = 5
ONE_WAY = 2
"""The column whose street may only be driven north."""


def available():
    """Whether the set-up could have the programs on this machine."""
    return (PROGRAMS / "bin" / "osrm-routed").exists()


def corner(row, column):
    """A corner of the town; rows go north, columns east."""
    return Place(lat=34.0 + row * 0.005, lon=-118.0 + column * 0.006)


def town():
    """The town as an OpenStreetMap file."""
    names = {(r, c): 1 + r * SIDE + c for r in range(SIDE) for c in range(SIDE)}
    corners = [
        f'<node id="{name}" version="1" lat="{corner(*at).lat:.4f}" lon="{corner(*at).lon:.4f}"/>'
        for at, name in names.items()
    ]
    streets = [_street(100 + r, [names[r, c] for c in range(SIDE)]) for r in range(SIDE)]
    streets += [
        _street(200 + c, [names[r, c] for r in range(SIDE)], one_way=c == ONE_WAY)
        for c in range(SIDE)
    ]
    return "\n".join(['<osm version="0.6">', *corners, *streets, "</osm>"])


def _street(name, corners, *, one_way=False):
    passed = "".join(f'<nd ref="{corner}"/>' for corner in corners)
    only = '<tag k="oneway" v="yes"/>' if one_way else ""
    kind = '<tag k="highway" v="residential"/>'
    return f'<way id="{name}" version="1">{passed}{kind}{only}</way>'


class RoadEngine:
    """The server over the town, prepared in a folder of its own."""

    def __init__(self, folder, *, at_once=100):
        self._folder = folder
        (folder / "town.osm").write_text(town())
        car = PROGRAMS / "share" / "profiles" / "car.lua"
        self._run("osrm-extract", "--profile", car, "--threads", "1", "town.osm")
        self._run("osrm-partition", "--threads", "1", "town.osrm")
        self._run("osrm-customize", "--threads", "1", "town.osrm")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        self._log = (folder / "routed.log").open("wb")
        where = ("--ip", "127.0.0.1", "--port", str(port), "--max-table-size", str(at_once))
        self._server = subprocess.Popen(
            [PROGRAMS / "bin" / "osrm-routed", "--algorithm", "mld", *where, "town.osrm"],
            cwd=folder,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        self._wait()

    def asked(self):
        """How many tables it was asked for."""
        self._log.flush()
        return (self._folder / "routed.log").read_text().count("/table/v1/")

    def close(self):
        self._server.terminate()
        self._server.wait(timeout=30)
        self._log.close()

    def _run(self, program, *words):
        command = [PROGRAMS / "bin" / program, *words]
        done = subprocess.run(command, cwd=self._folder, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr

    def _wait(self):
        for _ in range(300):
            assert self._server.poll() is None, (self._folder / "routed.log").read_text()
            try:
                httpx.get(f"{self.address}/nearest/v1/driving/-118,34", trust_env=False)
            except httpx.TransportError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError("the road engine does not answer")
