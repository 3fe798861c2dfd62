"""Why the machine decided so: kept inputs, versions and result, to be computed again and compared.

A decision record keeps what was read and what came out as canonical JSON, so the same inputs
give the same bytes. `parents` are the ids of what it stood on, so one parcel can be followed back
to the video's signal rows.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

_SHAPES: dict[type[Any], TypeAdapter[Any]] = {}


def shape(kind: type[Any]) -> TypeAdapter[Any]:
    """How values of a kind are written as JSON and read back; made once for each kind."""
    if kind not in _SHAPES:
        _SHAPES[kind] = TypeAdapter(kind)
    return _SHAPES[kind]


def canonical(value: object) -> str:
    """The value as JSON with sorted keys and no spaces: equal values give equal bytes."""
    kind: type[Any] = type(value)
    plain = shape(kind).dump_python(value, mode="json")
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def unwritten(value: object) -> str:
    """No words at all: where nobody will ask why, writing it down is most of a record's price."""
    del value
    return ""


def fingerprint(text: str) -> str:
    """The SHA-256 of a text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def mark_of(value: object) -> str:
    """The SHA-256 of a value as JSON, its fields in their own order: quicker than that of canonical
    JSON, and equal for equal values that hold no mappings."""
    return hashlib.sha256(shape(type(value)).dump_json(value)).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """One automatic decision with all that is needed to compute it again."""

    id: str
    kind: str
    """`forecast`, `placement`, `quote`, `allocation`, `routing`."""
    at: datetime
    parents: tuple[str, ...]
    inputs: str
    """Canonical JSON; places as cells, never addresses."""
    inputs_hash: str
    result: str
    result_hash: str
    code_version: str
    model_version: str


def record_of(
    id: str,
    kind: str,
    *,
    at: datetime,
    parents: tuple[str, ...],
    inputs: object,
    result: object,
    code_version: str,
    model_version: str,
    write: Callable[[Any], str] = canonical,
) -> DecisionRecord:
    """The record of a decision: what was read and what came out, each with its hash; `write` puts
    them in words."""
    read, found = write(inputs), write(result)
    return DecisionRecord(
        id=id,
        kind=kind,
        at=at,
        parents=parents,
        inputs=read,
        inputs_hash=fingerprint(read),
        result=found,
        result_hash=fingerprint(found),
        code_version=code_version,
        model_version=model_version,
    )
