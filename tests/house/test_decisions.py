"""A decision without a guard is a wish: every record names what keeps it, and that is there."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RECORDS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
SECTIONS = ("## Context", "## Decision", "## Consequences", "## Alternatives", "## Kept by")
ONE_PAGE = 70
"""Lines; a record is read in a minute or it is not read."""


def settings() -> dict[str, dict[str, object]]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]


def is_there(guard: str) -> bool:
    """Say whether a guard like `tests/x.py::test_y`, `contract doors` or `ruff DTZ` exists."""
    kind, _, name = guard.partition(" ")
    if kind == "contract":
        return any(contract["id"] == name for contract in settings()["importlinter"]["contracts"])
    if kind == "ruff":
        return name in settings()["ruff"]["lint"]["select"]
    path, _, test = guard.partition("::")
    file = ROOT / path
    return file.is_file() and (not test or f"def {test}(" in file.read_text())


def guards(record: str) -> list[str]:
    """Read the guards out of a record: what stands in backticks under *Kept by*."""
    return re.findall(r"`([^`]+)`", record.partition("## Kept by")[2])


def test_there_are_records_and_their_numbers_run_on():
    numbers = [int(record.name[:4]) for record in RECORDS]
    assert numbers == list(range(1, len(RECORDS) + 1))
    assert numbers


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_a_record_fits_a_page_and_has_its_five_parts(record):
    text = record.read_text()
    assert [part for part in SECTIONS if part not in text] == []
    assert len(text.splitlines()) <= ONE_PAGE


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_a_record_is_kept_by_something_that_exists(record):
    named = guards(record.read_text())
    assert named != []
    assert [guard for guard in named if not is_there(guard)] == []


@pytest.mark.parametrize(
    "guard",
    ["contract attic", "ruff ZZZ", "tests/nowhere.py", "tests/house/test_decisions.py::test_no"],
)
def test_a_guard_that_does_not_exist_is_found(guard):
    assert not is_there(guard)
