"""The generated pages are what the program writes today."""

import shutil
from pathlib import Path

import pytest

from api.cli.__main__ import VERBS, main
from api.cli.pages import settings_table, with_settings, written
from api.settings import Settings
from api.wiring import read_policy
from logistics.policy import Policy

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_committed_pages_are_those_that_the_program_writes():
    stale = [p.name for p, text in written(VERBS, DOCS).items() if p.read_text("utf-8") != text]
    assert stale == [], "make docs writes them anew"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_stands_in_the_table_with_its_words(name):
    row = next(r for r in settings_table().splitlines() if f"`SURGEPORT_{name.upper()}`" in r)
    assert Settings.model_fields[name].description in row


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_every_verb_has_its_part_of_the_page(verb):
    page = (DOCS / "command-line.md").read_text("utf-8")
    assert f"## {verb.name}\n" in page


def test_the_table_is_written_between_its_marks_and_nowhere_else():
    page = (DOCS / "operations.md").read_text("utf-8")
    spoilt = page.replace(settings_table(), "| nothing |\n")
    assert spoilt != page
    assert with_settings(spoilt) == page


def test_the_policy_of_the_page_is_one(tmp_path):
    page = (DOCS / "operations.md").read_text("utf-8")
    told = tmp_path / "policy.toml"
    told.write_text(page.partition("```toml\n")[2].partition("```")[0])
    policy = read_policy(Settings(policy=told))
    assert policy.verdicts.second_planner_above == 2_000_000
    assert policy.verdicts.undo == Policy().verdicts.undo


def test_only_pages_that_changed_are_written(tmp_path, capsys):
    shutil.copy(DOCS / "operations.md", tmp_path)
    assert main(["docs", "--folder", str(tmp_path)]) == 0
    first = capsys.readouterr().out
    assert main(["docs", "--folder", str(tmp_path)]) == 0
    assert "command-line.md" in first
    assert "operations.md" not in first
    assert capsys.readouterr().out == ""
