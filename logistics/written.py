"""A whole value as JSON text, and back: a question that can be mailed, kept and solved again.

Values are frozen dataclasses made of named small values, tuples of them, numbers, words and None;
tuples come back as tuples, and a field that the text lacks takes its default.
"""

import json
from dataclasses import asdict, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

Value = TypeVar("Value")


def as_text(value: object) -> str:
    """Write a value as one JSON document, the same text for the same value."""
    if not is_dataclass(value) or isinstance(value, type):
        raise TypeError(f"{value!r} is no value that can be written")
    return json.dumps(asdict(value), sort_keys=True, separators=(",", ":"), allow_nan=False)


def from_text(kind: type[Value], text: str) -> Value:
    """Read a value of a kind; raises Nonsense or ValueError when the text is no such value."""
    return _read(kind, json.loads(text))  # type: ignore[no-any-return]  # made by its hints


def _read(hint: Any, found: Any) -> Any:
    if is_dataclass(hint) and isinstance(hint, type):
        return _read_value(hint, found)
    origin = get_origin(hint)
    if origin is tuple:
        inner = get_args(hint)
        if inner[-1] is Ellipsis:
            return tuple(_read(inner[0], each) for each in found)
        return tuple(_read(one, each) for one, each in zip(inner, found, strict=True))
    if origin in (Union, UnionType):
        some = [one for one in get_args(hint) if one is not NoneType]
        return None if found is None else _read(some[0], found)
    if origin is Literal and found not in get_args(hint):
        raise ValueError(f"{found!r} is none of {', '.join(get_args(hint))}")
    return found


def _read_value(kind: type[Any], found: Any) -> Any:
    if not isinstance(found, dict):
        raise ValueError(f"a {kind.__name__} is an object, not {found!r}")  # noqa: TRY004  the text is wrong
    hints = get_type_hints(kind)
    known = {field.name for field in fields(kind)}
    if unknown := sorted(set(found) - known):
        raise ValueError(f"a {kind.__name__} has no {', '.join(unknown)}")
    return kind(**{name: _read(hints[name], each) for name, each in found.items()})
