"""Every example in README, docs and docstrings is run, in order, as one test for each document."""

import os
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser
from sybil.parsers.rest import DocTestParser

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("forecasting", "routing", "logistics", "data", "api")
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
MODULES = [
    path
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if ">>> " in path.read_text()
]
MARKDOWN = Sybil(parsers=[PythonCodeBlockParser(), SkipParser()], path=str(ROOT))
DOCSTRINGS = Sybil(parsers=[DocTestParser()], path=str(ROOT))


def run(document: Path) -> int:
    """Run a document's examples, one after the other; return how many there were."""
    sybil = MARKDOWN if document.suffix == ".md" else DOCSTRINGS
    examples = list(sybil.parse(document).examples())
    for example in examples:
        example.evaluate()
    return len(examples)


@pytest.mark.parametrize(
    "document", sorted([*PAGES, *MODULES]), ids=lambda path: str(path.relative_to(ROOT))
)
def test_the_examples_of(document, tmp_path):
    here = Path.cwd()
    os.chdir(tmp_path)  # an example that writes a file writes it here
    try:
        run(document)
    finally:
        os.chdir(here)


def test_an_example_that_does_not_hold_fails(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("```python\nparcels = 2\n```\nand then\n```python\nassert parcels == 3\n```\n")
    with pytest.raises(AssertionError):
        run(page)
