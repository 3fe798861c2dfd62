"""The container files name settings, files and a Python that exist; no engine is needed to see it."""

import re
from pathlib import Path

import yaml

from api.settings import Settings
from bootstrap import suits

ROOT = Path(__file__).resolve().parents[2]
IMAGE = (ROOT / "Dockerfile").read_text()
SERVICES = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]


def test_every_setting_that_they_name_exists():
    named = set(re.findall(r"SURGEPORT_(\w+)", IMAGE))
    for service in SERVICES.values():
        given = service.get("environment", {})
        named |= {
            name.removeprefix("SURGEPORT_") for name in given if name.startswith("SURGEPORT_")
        }
    assert {name.lower() for name in named} - set(Settings.model_fields) == set()


def test_every_file_that_is_copied_exists():
    lines = re.findall(r"^COPY (?!--from)(.+) \S+$", IMAGE, flags=re.MULTILINE)
    copied = [name for line in lines for name in line.split()]
    assert copied
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_all_five_packages_are_in_the_image():
    assert all(
        f"COPY {name} {name}\n" in IMAGE
        for name in ("forecasting", "routing", "logistics", "data", "api")
    )


def test_the_python_of_the_image_is_one_that_the_lock_covers():
    pythons = re.findall(r"FROM python:(\d+)\.(\d+)-slim", IMAGE)
    assert pythons
    assert all(suits(int(major), int(minor)) for major, minor in pythons)


def test_the_service_waits_for_its_database_and_its_tables():
    assert (
        SERVICES["service"]["depends_on"]["migrate"]["condition"]
        == "service_completed_successfully"
    )
    assert SERVICES["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"
