"""The contracts are no wish: each is broken here once on purpose, in a copy, and reports it."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("forecasting", "routing", "logistics", "data", "api")
LINT = "from importlinter.cli import lint_imports_command as lint; lint()"

# By contract: what is written into the copy (file: line added), and what the report must name.
BREAKS = {
    "floors": ({"routing/effort.py": "import logistics.errors"}, "routing.effort -> logistics"),
    "floors-of-forecasting": (
        {"forecasting/errors.py": "import forecasting.chain", "forecasting/chain.py": ""},
        "forecasting.errors -> forecasting.chain",
    ),
    "floors-of-routing": (
        {"routing/effort.py": "import routing.replan", "routing/replan.py": ""},
        "routing.effort -> routing.replan",
    ),
    "floors-of-logistics": (
        {"logistics/policy.py": "import logistics.store"},
        "logistics.policy -> logistics.store",
    ),
    "floors-of-data": (
        {"data/mirror.py": "import data.store", "data/store.py": ""},
        "data.mirror -> data.store",
    ),
    "floors-of-api": (
        {"api/settings.py": "import api.app", "api/app.py": ""},
        "api.settings -> api.app",
    ),
    "doors": ({"api/planners/desk.py": "import api.carriers"}, "api.planners.desk -> api.carriers"),
    "business-knows-no-door": (
        {"logistics/policy.py": "import sqlalchemy"},
        "logistics.policy -> sqlalchemy",
    ),
    "memory-knows-no-door": ({"data/store.py": "import fastapi"}, "data.store -> fastapi"),
    "prophet": ({"forecasting/chain.py": "import prophet"}, "forecasting.chain -> prophet"),
    "lightgbm": ({"forecasting/chain.py": "import lightgbm"}, "forecasting.chain -> lightgbm"),
    "h3": ({"logistics/units.py": "import h3"}, "logistics.units -> h3"),
    "pyvrp": ({"routing/rules.py": "import pyvrp"}, "routing.rules -> pyvrp"),
    "numba": ({"routing/rules.py": "import numba"}, "routing.rules -> numba"),
    "ortools": (
        {"logistics/policy.py": "from ortools.sat.python import cp_model"},
        "logistics.policy -> ortools",
    ),
    "apscheduler": ({"api/app.py": "import apscheduler"}, "api.app -> apscheduler"),
    "dask": ({"api/app.py": "import distributed"}, "api.app -> distributed"),
    "no-circles": (
        {"data/first.py": "import data.second", "data/second.py": "import data.first"},
        "No cycles are allowed in data.",
    ),
}


def contracts() -> list[dict[str, object]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return settings["tool"]["importlinter"]["contracts"]


def a_copy(where: Path) -> Path:
    """Copy what import-linter looks at; its own settings and the five packages."""
    shutil.copy(ROOT / "pyproject.toml", where)
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__", "node_modules")
        shutil.copytree(ROOT / package, where / package, ignore=ignored)
    return where


def report_on(house: Path, contract: str) -> tuple[int, str]:
    """Lint one contract in a house; return the exit code and what was said."""
    answer = subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache", "--no-logo", "--contract", contract],
        cwd=house,
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.returncode, answer.stdout


def test_every_contract_is_broken_once_here():
    assert {contract["id"] for contract in contracts()} == set(BREAKS)


@pytest.mark.parametrize("contract", BREAKS)
def test_a_contract_reports_what_breaks_it(contract, tmp_path):
    written, named = BREAKS[contract]
    house = a_copy(tmp_path)
    for name, line in written.items():
        with (house / name).open("a") as file:
            file.write(f"\n{line}\n")
    code, said = report_on(house, contract)
    assert code == 1
    assert "1 broken" in said
    assert named in said


@pytest.mark.parametrize("package", PACKAGES)
def test_a_file_on_no_floor_is_reported(package, tmp_path):
    house = a_copy(tmp_path)
    (house / package / "attic.py").touch()
    code, said = report_on(house, f"floors-of-{package}")
    assert code == 1
    assert f"- {package}.attic" in said
