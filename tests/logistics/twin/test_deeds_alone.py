"""The twin may look at what is remembered, and change it only by the deeds that all others use."""

import ast
from pathlib import Path

import pytest

LOGISTICS = Path(__file__).resolve().parents[3] / "logistics"
TWIN = sorted((LOGISTICS / "twin").glob("*.py"))
BELOW = sorted(path for path in LOGISTICS.rglob("*.py") if path.parent.name != "twin")
WRITING = {"begin", "add", "add_all", "change", "lock"}
"""What only a deed does."""


def writes(source):
    """Where a source begins a deed of its own, or writes in one."""
    calls = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    named = [call for call in calls if isinstance(call, ast.Attribute)]
    return [
        call.lineno
        for call in named
        if call.attr == "begin"
        or (call.attr in WRITING and isinstance(call.value, ast.Name) and call.value.id == "deed")
    ]


def imports(source):
    """Every module that a source imports from."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


@pytest.mark.parametrize("path", TWIN, ids=lambda path: path.name)
def test_the_twin_writes_nothing_but_by_a_deed(path):
    assert writes(path.read_text("utf-8")) == []


def test_no_deed_knows_the_twin():
    knowing = [
        path.name
        for path in BELOW
        if any(name.startswith("logistics.twin") for name in imports(path.read_text("utf-8")))
    ]
    assert knowing == []


def test_a_write_of_its_own_is_found():
    assert writes("with store.begin() as deed:\n    deed.add(order)\n") == [1, 2]
