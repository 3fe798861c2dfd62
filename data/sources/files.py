"""Rows of a file, each read by its columns' words: CSV with a header line, or Parquet.

A file is never refused for one bad row: the row is left out and told with its line and the reason,
and all others count. A column that nobody asked for is named, never guessed at. What a file lacks
and has a default is named too, so that an answer can say which parts of it were not in the file.
"""

import csv
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import pyarrow
import pyarrow.parquet

from logistics.errors import Nonsense, require
from routing.geography import Place

T = TypeVar("T")
EARLIEST, LATEST = 1970, 2200
"""Years beyond these are slips of a pen."""
NEEDED: Final = object()
"""In the place of a default: the file must have the column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column that a file may have, by its name or another that means the same."""

    name: str
    read: Callable[[Any], Any]
    """The value of a filled cell; raises ValueError with the reason."""
    default: Any = NEEDED
    """What an empty cell or an absent column means."""
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """A row that could not be read, by its line (the first row of a Parquet file is 1)."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told(Generic[T]):
    """What a file says: its good rows in their order, and all that could not be used."""

    file: str
    rows: tuple[T, ...]
    flaws: tuple[Flaw, ...]
    unknown: tuple[str, ...]
    """Columns that the file has and nobody asked for."""
    absent: tuple[str, ...]
    """Columns that the file lacks; their defaults stood in."""


def told(file: Path, columns: tuple[Column, ...], build: Callable[..., T]) -> Told[T]:
    """All rows of a file as values.

    Args:
        file: A `.csv` file in UTF-8 or a `.parquet` file.
        columns: What may be in it.
        build: Makes the value of a row from its columns, by name; raises `Nonsense` or ValueError
            with the reason where a row cannot be so.

    Raises:
        Nonsense: where the file cannot be read at all, or lacks a column that it needs.
    """
    named, lines = _opened(file)
    at = {column.name: _found(column, named) for column in columns}
    if lacking := [c.name for c in columns if at[c.name] is None and c.default is NEEDED]:
        raise Nonsense(f"/{lacking[0]}", f"{file.name} needs the column {lacking[0]}")
    rows, flaws = [], []
    for line, cells in lines:
        try:
            read = {c.name: _cell(c, cells.get(at[c.name] or "")) for c in columns}
            rows.append(build(**read))
        except ValueError as fault:
            flaws.append(Flaw(line=line, reason=str(fault)))
    return Told(
        file=file.name,
        rows=tuple(rows),
        flaws=tuple(flaws),
        unknown=tuple(name for name in named if name not in at.values()),
        absent=tuple(name for name, heading in at.items() if heading is None),
    )


def text(cell: Any) -> str:
    """Words of up to 200 letters."""
    said = str(cell).strip()
    if not said or len(said) > 200 or "\0" in said:
        raise ValueError("is not 1 to 200 letters")
    return said


def number(cell: Any) -> float:
    """A finite number."""
    try:
        value = float(cell)
    except (TypeError, ValueError):
        raise ValueError(f"{cell!r} is no number") from None
    if not math.isfinite(value):
        raise ValueError(f"{cell} is not finite")
    return value


def whole(cell: Any) -> int:
    """A whole number that is not negative."""
    value = number(cell)
    if value != int(value) or not 0 <= value <= 2**53:
        raise ValueError(f"{cell} is not a whole number from 0")
    return int(value)


def truth(cell: Any) -> bool:
    """True or false, as one writes it."""
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    try:
        return words[str(cell).strip().casefold()]
    except KeyError:
        raise ValueError(f"{cell!r} is neither true nor false") from None


def moment(cell: Any) -> datetime:
    """A time with its UTC offset, in UTC."""
    value = cell if isinstance(cell, datetime) else _iso(datetime.fromisoformat, cell)
    if value.tzinfo is None:
        raise ValueError(f"{cell} needs a UTC offset, like 2026-11-24T07:30:00-08:00")
    return _of_our_time(value, value.year).astimezone(UTC)


def day(cell: Any) -> date:
    """A calendar day; in Parquet also a midnight without a zone."""
    if isinstance(cell, datetime):
        if cell.tzinfo is not None or cell.time() != datetime.min.time():
            raise ValueError(f"{cell} is a time and not a day")
        return _of_our_time(cell.date(), cell.year)
    said = cell if isinstance(cell, date) else _iso(date.fromisoformat, cell)
    return _of_our_time(said, said.year)


def place_at(lat: float, lon: float) -> Place:
    """The place of two cells of a row; refused where it is not on earth."""
    require(-90 <= lat <= 90, "lat", "is between -90 and 90")
    require(-180 <= lon <= 180, "lon", "is between -180 and 180")
    return Place(lat=lat, lon=lon)


def _of_our_time(said: T, year: int) -> T:
    if not EARLIEST <= year <= LATEST:
        raise ValueError(f"{said} is not a time between {EARLIEST} and {LATEST}")
    return said


def _iso(read: Callable[[str], T], cell: Any) -> T:
    try:
        return read(str(cell).strip())
    except ValueError:
        raise ValueError(f"{cell!r} is not written by ISO 8601") from None


def _opened(file: Path) -> tuple[tuple[str, ...], Iterator[tuple[int, Mapping[str, Any]]]]:
    """The headings of a file, and its rows with their lines."""
    try:
        if file.suffix.casefold() == ".parquet":
            return _parquet(file)
        if file.suffix.casefold() == ".csv":
            return _csv(file)
    except (OSError, UnicodeDecodeError, csv.Error, pyarrow.ArrowException) as fault:
        raise Nonsense("/file", f"{file.name} cannot be read: {fault}") from fault
    raise Nonsense("/file", f"{file.name} is neither .csv nor .parquet")


def _parquet(file: Path) -> tuple[tuple[str, ...], Iterator[tuple[int, Mapping[str, Any]]]]:
    table = pyarrow.parquet.read_table(file)
    return tuple(table.column_names), enumerate(table.to_pylist(), 1)


def _csv(file: Path) -> tuple[tuple[str, ...], Iterator[tuple[int, Mapping[str, Any]]]]:
    with file.open(encoding="utf-8-sig", newline="") as opened:
        lines = csv.DictReader(opened)
        named = tuple(name for name in lines.fieldnames or () if name)
        rows = [(lines.line_num, row) for row in lines]
    return named, iter(rows)


def _found(column: Column, named: tuple[str, ...]) -> str | None:
    """The heading under which the file has the column, whatever its capitals."""
    plain = {name.strip().casefold(): name for name in reversed(named)}
    return next((plain[name] for name in (column.name, *column.also) if name in plain), None)


def _cell(column: Column, cell: Any) -> Any:
    if cell is None or cell == "" or (isinstance(cell, float) and math.isnan(cell)):
        if column.default is NEEDED:
            raise ValueError(f"{column.name}: is empty")
        return column.default
    try:
        return column.read(cell)
    except ValueError as fault:
        raise ValueError(f"{column.name}: {fault}") from None
