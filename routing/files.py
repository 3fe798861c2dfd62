"""Routing problems and plans as text, in our own JSON (public benchmark formats are in `vrplib`).

Our JSON is the values themselves, field by field under their own names, so that a problem sent in
a bug report can be solved again to the same plan. Times are seconds from `origin`. A hole in a
travel table is `null` and means that no road leads there.
"""

import json
import math
import types
import typing
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from routing.errors import BadProblem, UnreadableFile
from routing.plan import RoutePlan
from routing.problem import RoutingProblem
from routing.travel import NO_ROAD

_V = TypeVar("_V")


def text_of(value: RoutingProblem | RoutePlan) -> str:
    """The value as JSON."""
    return json.dumps(_document(value), separators=(",", ":"))


def problem_of(text: str) -> RoutingProblem:
    """The problem that JSON text describes; UnreadableFile or BadProblem where it does not."""
    return _read(RoutingProblem, text)


def plan_of(text: str) -> RoutePlan:
    """The plan that JSON text describes."""
    return _read(RoutePlan, text)


def _read(kind: type[_V], text: str) -> _V:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise UnreadableFile(fault=f"not JSON: {error.msg}", line=error.lineno) from error
    return typing.cast("_V", _value(kind, document, kind.__name__))


def _document(value: object) -> object:
    match value:
        case np.ndarray():
            document: object = [
                [None if x >= NO_ROAD else x for x in row] for row in value.tolist()
            ]
        case Enum():
            document = value.value
        case datetime():
            document = value.isoformat()
        case frozenset():
            document = sorted(value)
        case tuple():
            document = [_document(item) for item in value]
        case _ if is_dataclass(value):
            document = {f.name: _document(getattr(value, f.name)) for f in fields(value)}
        case _:
            document = value
    return document


def _value(kind: object, document: object, where: str) -> object:
    """The value of that type hint; `where` is its path from the top, for the refusal to name."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in {typing.Union, types.UnionType}:
        wanted = next(a for a in inner if a is not type(None))
        return None if document is None else _value(wanted, document, where)
    if origin is tuple or origin is frozenset:
        if not isinstance(document, list):
            raise UnreadableFile(fault=f"{where} is no list")
        items = (_value(inner[0], item, f"{where}[{i}]") for i, item in enumerate(document))
        return tuple(items) if origin is tuple else frozenset(items)
    if origin in {np.ndarray, NDArray}:  # since NumPy 2.5 the alias is its own origin
        return _table(document, where)
    if isinstance(kind, type) and is_dataclass(kind):
        return _made(kind, document, where)
    return _plain(kind, document, where)


def _made(kind: type, document: object, where: str) -> object:
    if not isinstance(document, dict):
        raise UnreadableFile(fault=f"{where} is no object")
    hints = typing.get_type_hints(kind)
    if unknown := document.keys() - hints.keys():
        raise UnreadableFile(fault=f"{where} has an unknown field {min(unknown)!r}")
    try:
        return kind(**{k: _value(hints[k], v, f"{where}.{k}") for k, v in document.items()})
    except TypeError as error:
        raise UnreadableFile(fault=f"{where}: {str(error).rpartition('() ')[2]}") from error
    except BadProblem as error:
        name = document.get("name")
        if not isinstance(name, str) or error.subject.endswith(f" {name}"):
            raise
        told = f"{kind.__name__.lower()} {name}"
        raise BadProblem(subject=told, fault=f"{error.subject} {error.fault}") from error


def _plain(kind: object, document: object, where: str) -> object:
    try:
        if kind is datetime and isinstance(document, str):
            return datetime.fromisoformat(document)
        if isinstance(kind, type) and issubclass(kind, Enum):
            return kind(document)
    except ValueError as error:
        raise UnreadableFile(fault=f"{where} is {document!r}") from error
    if kind is float and type(document) is int:
        return float(document)
    if type(document) is not kind or (isinstance(document, float) and not math.isfinite(document)):
        raise UnreadableFile(fault=f"{where} is {document!r}, not of the kind that belongs there")
    return document


def _table(document: object, where: str) -> NDArray[np.int32]:
    try:
        table = np.array(document, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise UnreadableFile(fault=f"{where} is no table of numbers") from error
    if (table < 0).any():
        raise BadProblem(subject=where, fault="a number below zero")
    return np.where(np.isnan(table), NO_ROAD, table).clip(max=NO_ROAD).astype(np.int32)
