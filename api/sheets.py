"""CSV files, row by row: a bad row is told with its line and reason and loses no other row.

The first line names the columns. An empty cell is a field left out. A column that nobody reads is
named in the answer and otherwise passed over.
"""

import csv
import io
from collections.abc import Callable, Iterator
from typing import Annotated, Any, TypeVar, get_args

from fastapi import Body
from pydantic import ValidationError

from api import problems
from api.errors import Fault, Invalid
from api.schemas import Asked, ImportShown, ItemShown

R = TypeVar("R", bound=Asked)

MOST_ROWS = 100_000
Sheet = Annotated[bytes, Body(media_type="text/csv", description="CSV in UTF-8, columns named.")]
READ: dict[type, Callable[[str], Any]] = {
    int: int,
    float: float,
    bool: lambda text: {"true": True, "false": False}[text.lower()],
}
"""How a cell becomes a value; whatever is not read so stays text, and is refused by the schema."""


def take_in(sheet: bytes, shape: type[R], take: Callable[[R], tuple[str, str]]) -> ImportShown:
    """Read a file and hand its good rows on, one by one.

    Args:
        sheet: The file.
        shape: What a row must look like.
        take: Does what a row asks for; gives the id and state of what came of it.

    Raises:
        Invalid: where the file is no CSV with a header.
    """
    lines = csv.DictReader(io.StringIO(_text(sheet), newline=""), strict=True)
    known = set(shape.model_fields)
    unknown = [name for name in _header(lines) if name not in known]
    items = [_taken(line, row, shape, take) for line, row in _rows(lines)]
    refused = sum(item.state == "refused" for item in items)
    return ImportShown(rows=len(items), refused=refused, unknown_columns=unknown, items=items)


def _text(sheet: bytes) -> str:
    try:
        return sheet.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _no_sheet(f"is no UTF-8 at byte {error.start}") from None


def _header(lines: "csv.DictReader[str]") -> list[str]:
    try:
        names = list(lines.fieldnames or ())
    except csv.Error as error:
        raise _no_sheet(f"is no CSV: {error}") from None
    if not names or len(set(names)) < len(names):
        raise _no_sheet("names no columns in its first line, or one of them twice")
    return names


def _rows(lines: "csv.DictReader[str]") -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Each row with its line, or what is wrong with it; ends where the file cannot be read on."""
    for _ in range(MOST_ROWS):
        try:
            row = next(lines)
        except StopIteration:
            return
        except csv.Error as error:
            yield lines.line_num, f"is no CSV from here on: {error}"
            return
        yield lines.line_num, row
    yield lines.line_num, f"a file may have {MOST_ROWS} rows; the rest was not read"


def _taken(
    line: int,
    row: dict[str, Any] | str,
    shape: type[R],
    take: Callable[[R], tuple[str, str]],
) -> ItemShown:
    try:
        if isinstance(row, str) or None in row:
            reason = row if isinstance(row, str) else "has more cells than there are columns"
            raise Invalid([Fault(at="", code="csv", detail=reason)])
        id, state = take(shape.model_validate(_told(row, shape)))
        return ItemShown(item=line, state=state, id=id)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        pointer = "".join(f"/{step}" for step in first["loc"])
        return _refused(line, Invalid([Fault(at=pointer, code=first["type"], detail=first["msg"])]))
    except problems.TOLD as error:
        return _refused(line, error)


def _told(row: dict[str, Any], shape: type[Asked]) -> dict[str, Any]:
    fields = shape.model_fields
    return {
        name: _cell(text, fields[name].annotation)
        for name, text in row.items()
        if name in fields and text not in {None, ""}
    }


def _cell(text: str, wanted: Any) -> Any:
    for kind in (wanted, *(getattr(one, "__origin__", one) for one in get_args(wanted))):
        if kind in READ:
            try:
                return READ[kind](text)
            except (ValueError, KeyError):
                return text
    return text


def _refused(line: int, error: Exception) -> ItemShown:
    told = problems.document(error)
    if told["status"] >= problems.SERVER_FAULTS:
        raise error
    faults = told.get("errors") or [{"pointer": None, "detail": told["detail"]}]
    return ItemShown(
        item=line,
        state="refused",
        problem=told["type"],
        pointer=faults[0]["pointer"],
        reason=faults[0]["detail"],
    )


def _no_sheet(detail: str) -> Invalid:
    return Invalid([Fault(at="", code="csv", detail=detail)])
