"""A link from one page to another leads somewhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)")


def lost(page):
    """The links of a page to files that are not there."""
    return [to for to in LINK.findall(page.read_text("utf-8")) if not (page.parent / to).exists()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_page(page):
    assert lost(page) == []


def test_a_lost_link_is_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("[here](page.md), [there](no.md), [far](https://example.com/no.md)")
    assert lost(page) == ["no.md"]
