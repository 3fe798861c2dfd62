"""The compiled search for routes, on disk before anybody waits for it.

numba compiles at the first call, which takes half a minute, and keeps the result beside the source
for as long as that is not touched. Done here once, no plan of a demo waits for it and no two
workers of pytest do it side by side. A stamp beside the result says what it was made from.
"""

import time

from bootstrap.environment import LOCK, PYTHON, ROOT, call, fingerprint, say, stamped

ROOM = ROOT / "routing"
STAMP = ROOM / "__pycache__" / "surgeport-stamp"
WARM = "import sys; sys.path.insert(0, sys.argv[1]); from routing.improve import warm; warm()"


def set_up_compiled() -> None:
    """Have the search compiled; do nothing when it already is."""
    wanted = made_from()
    if stamped(STAMP) == wanted:
        return
    began = time.monotonic()
    say("Compiling the search for routes (half a minute the first time) ...")
    call([PYTHON, "-c", WARM, ROOT])
    STAMP.parent.mkdir(exist_ok=True)
    STAMP.write_text(wanted)
    say(f"The search for routes is compiled ({time.monotonic() - began:.0f} s).")


def made_from() -> str:
    """Name what the result depends on: numba goes by the age and size of a source, as we do."""
    sources = [(path, path.stat()) for path in sorted(ROOM.glob("*.py"))]
    ages = [f"{path.name} {told.st_mtime_ns} {told.st_size}" for path, told in sources]
    return fingerprint(LOCK.read_bytes(), "\n".join(ages).encode())
