"""The picture of the house in docs/architecture.md is the house that the contracts keep."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def drawn() -> dict[str, list[set[str]]]:
    """Read the lists of floors out of the page: package, then its floors from the top."""
    page = (ROOT / "docs" / "architecture.md").read_text()
    lines = re.findall(r"^- `(\w+)`: `(.+)`$", page, flags=re.MULTILINE)
    return {package: [rooms(floor) for floor in floors.split("▸")] for package, floors in lines}


def kept() -> dict[str, list[set[str]]]:
    """Read the same out of the contracts."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return {
        contract["containers"][0]: [rooms(floor) for floor in contract["layers"]]
        for contract in settings["tool"]["importlinter"]["contracts"]
        if contract["id"].startswith("floors-of-")
    }


def rooms(floor: str) -> set[str]:
    return {room.strip(" ()") for room in floor.split("|")}


def test_the_drawn_floors_are_those_of_the_contracts():
    assert drawn() == kept()
    assert set(kept()) == {"forecasting", "routing", "logistics", "data", "api"}
