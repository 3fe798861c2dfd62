"""The road engine of the tests: a real `osrm-routed`, out of a wheel that carries its programs.

The wheel is built for a newer Python's stable interface, so it is fetched by its hash and unpacked,
never installed: its programs need no Python at all. Where it cannot be had (another kind of machine,
no network), the set-up says so and goes on, and the tests that drive real roads say it again.
"""

import stat
import subprocess
import zipfile
from pathlib import Path

from bootstrap.environment import PYTHON, VENV, Command, fingerprint, say, stamped

WHEEL = (
    "osrm-bindings==26.10.0"
    " --hash=sha256:840d6f82812eb9f9e17c71eb9083dfa15f3be2bfec4965c32aefa48b00d3a951\n"
)
"""For Linux on x86-64."""
PLACE = VENV / "roads"
STAMP = PLACE / "surgeport-stamp"


def set_up_road_engine() -> None:
    """Have the programs in `.venv/roads/osrm/bin`, or say why they are not there."""
    wanted = fingerprint(WHEEL.encode())
    if stamped(STAMP) == wanted:
        return
    say("Fetching the road engine of the tests ...")
    PLACE.mkdir(parents=True, exist_ok=True)
    (PLACE / "wheel.txt").write_text(WHEEL)
    fetch: Command = [
        *(PYTHON, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
        *("--no-deps", "--only-binary", ":all:", "--python-version", "3.12"),
        *("--implementation", "cp", "--abi", "abi3", "--require-hashes"),
        *("--requirement", PLACE / "wheel.txt", "--dest", PLACE),
    ]
    if subprocess.run(fetch, check=False).returncode != 0:
        say("It cannot be had here: the tests on real roads will be skipped, with this reason.")
        return
    unpack(next(PLACE.glob("*.whl")), PLACE)
    STAMP.write_text(wanted)


def unpack(wheel: Path, place: Path) -> None:
    """Take the programs and their profiles out of the wheel, and the wheel away."""
    with zipfile.ZipFile(wheel) as packed:
        for name in packed.namelist():
            if name.startswith(("osrm/bin/", "osrm/share/")):
                packed.extract(name, place)
    for program in (place / "osrm" / "bin").iterdir():
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    wheel.unlink()
