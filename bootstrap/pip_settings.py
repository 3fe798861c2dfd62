"""Let uv look for packages where the user's pip is set up to look.

uv reads none of pip's settings: a mirror, a folder of wheels or a company's certificate would be
unknown to it. They are handed over in the environment of one call, so nothing of them is written
down or printed. Where the user has set up uv itself, that stands.
"""

import ast
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

UV_NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "no-index": "UV_NO_INDEX",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "proxy": "ALL_PROXY",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
}
SECTIONS = ("global", "install", ":env:")  # the later one wins, as in pip


def for_uv(python: Path) -> dict[str, str]:
    """Return this process's environment with pip's settings added under uv's names."""
    listing = subprocess.run(
        [python, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    return {**translated(listing.stdout), **os.environ}


def translated(listing: str) -> Mapping[str, str]:
    """Say in uv's words what `pip config list` printed."""
    settings = parsed(listing)
    wanted = {
        UV_NAMES[option]: in_uvs_form(option, value)
        for section in SECTIONS
        for (of, option), value in settings.items()
        if of == section and option in UV_NAMES
    }
    # pip takes the best file of all its indexes; the hashes of the lock keep that safe here.
    return {"UV_INDEX_STRATEGY": "unsafe-best-match"} | {k: v for k, v in wanted.items() if v}


def parsed(listing: str) -> dict[tuple[str, str], str]:
    """Read lines like `global.index-url='...'` into (section, option) and value."""
    named = (line.partition("=") for line in listing.splitlines() if "=" in line)
    pairs = ((*name.rpartition("."), ast.literal_eval(value)) for name, _, value in named)
    return {(section, option): str(value) for section, _, option, value in pairs}


def in_uvs_form(option: str, value: str) -> str:
    """Join a list as uv splits it, leaving out folders that are not there: uv would stop at them."""
    if option == "find-links":
        return ",".join(place for place in value.split() if "://" in place or Path(place).exists())
    return " ".join(value.split())
