"""Who reads the code meets no word of the business that the glossary does not explain."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENTRY = re.compile(r"^- \*\*[^*]+\*\* \((?P<classes>`\w+`(?:, `\w+`)*)\): .{20,}", re.MULTILINE)


def public_classes() -> Iterator[tuple[str, str]]:
    """List name and module of every public class of the business."""
    for path in sorted((ROOT / "logistics").rglob("*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                yield node.name, str(path.relative_to(ROOT))


def explained(page: str) -> set[str]:
    """List the classes that the glossary explains, each in an entry like `- **stop** (`Stop`): ...`."""
    return {name for entry in ENTRY.finditer(page) for name in re.findall(r"\w+", entry["classes"])}


def test_every_public_class_of_the_business_is_in_the_glossary():
    known = explained((ROOT / "docs" / "glossary.md").read_text())
    missing = [f"{name} ({where})" for name, where in public_classes() if name not in known]
    assert missing == [], f"docs/glossary.md lacks {len(missing)}: {', '.join(missing)}"


def test_the_glossary_explains_nothing_that_is_gone():
    there = {name for name, _ in public_classes()}
    assert explained((ROOT / "docs" / "glossary.md").read_text()) - there == set()


def test_an_entry_is_a_term_its_classes_and_a_sentence():
    page = (
        "- **stop** (`Stop`, `StopState`): a place visited once on a route.\n- **van** (`Van`): no"
    )
    assert explained(page) == {"Stop", "StopState"}
