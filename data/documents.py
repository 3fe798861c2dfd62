"""Whole values in one column: what is written once, and what is nested in what lives.

A document is the value's JSON by its own type, so it reads back as the same value; a field added
later with a default reads old documents too.
"""

from typing import Any

from logistics.records import shape


def document_of(kind: Any, value: Any) -> str:
    """The value as JSON; `kind` is its type, such as `Event` or `tuple[Line, ...]`."""
    return shape(kind).dump_json(value).decode()


def from_document(kind: Any, document: str | bytes) -> Any:
    """The value that the JSON speaks of."""
    return shape(kind).validate_json(document)
