"""Nothing of one machine, and nothing heavy, gets into the repository."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = 1_000_000

# Written so that no pattern matches its own line.
NOT_OURS = {
    "a path of one machine": r"(?<![\w.-])/(?:root|work|farm|home/\w+|Users/\w+|tmp/bash_job[s])/",
    "an option that names an index": r"--(?:extra-)?inde[x]-url[ =]\S*:|--find-link[s][ =][/h]",
    "the address of a package index": r"https?://\S+/simpl[e]\b|pythonhoste[d]\.org",
    "the address of an npm registry": r"registr[y]\.npmjs|npmmirro[r]",
    "where a package was fetched from": r'"resolve[d]":\s*"',
}


def tracked() -> Iterator[Path]:
    """Name every file that git knows here, changed and new ones included."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    names = filter(None, listing.stdout.split("\0"))
    return (ROOT / name for name in names if (ROOT / name).is_file())


def found(pattern: str, files: Iterator[Path]) -> list[str]:
    """Say where a pattern stands, as file:line."""
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in files
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), start=1)
        if re.search(pattern, line)
    ]


@pytest.mark.parametrize("what", NOT_OURS)
def test_no_tracked_file_holds(what):
    assert found(NOT_OURS[what], tracked()) == []


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("a path of one machine", "see /root" + "/notes.txt"),
        ("a path of one machine", "open('/home/ann" + "/x')"),
        ("an option that names an index", "--index" + "-url https://mirror"),
        ("an option that names an index", "--find" + "-links /opt/wheels"),
        ("the address of a package index", "https://mirror.example/pypi" + "/simple/"),
        ("the address of an npm registry", "https://registry" + ".npmjs.org/htmx"),
        ("where a package was fetched from", '"resolved"' + ': "https://mirror"'),
    ],
)
def test_each_pattern_finds_what_it_is_for(what, line):
    assert re.search(NOT_OURS[what], line)


def test_no_tracked_file_is_heavy():
    heavy = [f"{path.relative_to(ROOT)}" for path in tracked() if path.stat().st_size > HEAVY]
    assert heavy == []
