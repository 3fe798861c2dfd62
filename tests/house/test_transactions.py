"""Transactions are short and few: one place commits, and no solver runs while one is open."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("forecasting", "routing", "logistics", "data", "api")
THE_ONE_PLACE = "data/database.py"
OPENED_BY = {"begin", "read"}
HEAVY = {"run", "submit"}
"""What `Compute` is asked by: a fit, a solve."""


def modules() -> Iterator[tuple[str, str]]:
    """List every module of the five packages, as its path and its source."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield str(path.relative_to(ROOT)), path.read_text()


def commits(source: str) -> list[str]:
    """Tell where a module commits."""
    return [ast.unparse(node) for node in ast.walk(ast.parse(source)) if called(node) == "commit"]


def called(node: ast.AST) -> str:
    """Name the method that a call calls; empty for anything else."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr
    return ""


def solves_inside(source: str) -> list[str]:
    """Tell where a module hands out heavy work inside `with store.begin()` or `store.read()`."""
    return [
        f"line {inner.lineno}: {ast.unparse(inner)}"
        for block in ast.walk(ast.parse(source))
        if isinstance(block, ast.With)
        and any(called(item.context_expr) in OPENED_BY for item in block.items)
        for line in block.body
        for inner in ast.walk(line)
        if called(inner) in HEAVY and "compute" in ast.unparse(inner.func)
    ]


def test_one_place_commits():
    assert {path for path, source in modules() if commits(source)} == {THE_ONE_PLACE}


def test_no_solver_runs_inside_a_transaction():
    assert {path: found for path, source in modules() if (found := solves_inside(source))} == {}


def test_a_solve_inside_a_transaction_is_found():
    wrong = "with means.store.begin() as deed:\n    for one in due:\n        means.compute.run(fit, one)\n"
    right = (
        "with means.store.read() as seen:\n    view = seen.all()\nmeans.compute.run(fit, view)\n"
    )
    assert solves_inside(wrong) == ["line 3: means.compute.run(fit, one)"]
    assert solves_inside(right) == []
    assert commits("session.commit()") == ["session.commit()"]
