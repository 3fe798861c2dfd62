"""What is installed is what was asked for, pinned to the byte; `make lock` brings it up to date."""

import json
import re
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCKS = {
    "requirements.lock": ("dependencies", "check"),
    "requirements-node.lock": ("node",),
}


def asked_for(groups: tuple[str, ...]) -> list[Requirement]:
    """List what pyproject.toml asks for under these names."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lists = {"dependencies": settings["project"]["dependencies"], **settings["dependency-groups"]}
    return [Requirement(text) for group in groups for text in lists[group]]


def pins(lock: str) -> list[tuple[str, str, int]]:
    """List name, version and number of hashes of each entry of a lock."""
    entries = re.split(r"\n(?=[a-z0-9])", (ROOT / lock).read_text())
    found = [(re.match(r"([\w.-]+)==([\w.!+]+)", entry), entry) for entry in entries]
    return [(pin[1], pin[2], entry.count("--hash=sha256:")) for pin, entry in found if pin]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_all_that_is_asked_for(lock):
    locked = [(canonicalize_name(name), version) for name, version, _ in pins(lock)]
    missing = [
        str(wish)
        for wish in asked_for(LOCKS[lock])
        if not any(
            name == canonicalize_name(wish.name) and wish.specifier.contains(version)
            for name, version in locked
        )
    ]
    assert missing == [], "run `make lock`"


@pytest.mark.parametrize("lock", LOCKS)
def test_every_entry_of_a_lock_has_hashes(lock):
    assert [name for name, _, hashes in pins(lock) if hashes == 0] == []


def test_console_packages_are_exact_and_locked_by_hash():
    asked = json.loads((ROOT / "package.json").read_text())
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    wishes = asked["dependencies"] | asked["devDependencies"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wishes} == wishes
    assert [name for name, entry in locked.items() if name and "integrity" not in entry] == []


def test_no_installed_distribution_ships_one_of_our_names():
    ours = {"forecasting", "routing", "logistics", "data", "api", "bootstrap", "tests"}
    thieves = {
        f"{distribution.name} ships {file.parts[0]}/"
        for distribution in distributions()
        for file in distribution.files or []
        if file.parts[0].removesuffix(".py") in ours
    }
    assert thieves == set()
