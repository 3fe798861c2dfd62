"""HTTP status codes live in `api/problems.py` alone; elsewhere in the doors they have names."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
THE_ONE_ROOM = ROOT / "api" / "problems.py"
NAMES_OF_NUMBERS = re.compile(r"HTTP_\d{3}|HTTPStatus")


def numbers(source: str) -> Iterator[str]:
    """Tell each place in a module where a status code is written out."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.keyword(arg="status_code" | "status", value=value) if is_code(value):
                yield ast.unparse(node)
            case ast.Call(func=ast.Name(id="HTTPException"), args=[value, *_]) if is_code(value):
                yield ast.unparse(node)
            case ast.Compare(left=left, comparators=[value]) if is_code(value) and ast.unparse(
                left
            ).endswith(("status", "status_code")):
                yield ast.unparse(node)
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name) if (
                NAMES_OF_NUMBERS.search(name)
            ):
                yield name
            case ast.keyword(arg="responses", value=ast.Dict(keys=keys)):
                yield from (f"responses {ast.unparse(key)}" for key in keys if is_code(key))


def is_code(node: ast.expr | None) -> bool:
    """Say whether a number that may be a status code stands here."""
    match node:
        case ast.Constant(value=int(number)):
            return 100 <= number < 600
    return False


def test_no_door_writes_a_status_code_out():
    told = [
        f"{path.relative_to(ROOT)} {place}"
        for path in sorted((ROOT / "api").rglob("*.py"))
        if path != THE_ONE_ROOM
        for place in numbers(path.read_text())
    ]
    assert told == []


@pytest.mark.parametrize(
    "source",
    [
        "router.post('/orders', status_code=201)",
        "raise HTTPException(404)",
        "if answer.status_code == 409: pass",
        "from starlette import status\nstatus.HTTP_404_NOT_FOUND",
        "from http import HTTPStatus",
        "router.get('/nodes', responses={404: {}})",
    ],
)
def test_a_code_that_is_written_out_is_found(source):
    assert list(numbers(source)) != []


def test_a_code_with_a_name_is_let_be():
    assert list(numbers("Response(status_code=problems.CREATED)")) == []
