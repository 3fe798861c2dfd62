"""The shapes that all doors share: what a body may be at all, and how values are shown.

What comes in is refused where it has an unknown field, a number that is none (NaN, infinity), a
number in quotes, a time without a zone or a text with control characters. What goes out is read
from a value's attributes by name. Money is whole cents beside its currency.
"""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Path
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

T = TypeVar("T")

WORD = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$"
ID = r"^[A-Za-z0-9][A-Za-z0-9._:~-]{0,131}$"
TEXT = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]*$"
RFC3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:\d{2})"
)
YEARS = range(2000, 2101)
"""The years that a time may lie in: nothing here is older, and no zone table reaches further."""


def _written_time(given: Any) -> Any:
    """Only a written time with its offset; a bare number or date would be guessed at."""
    if isinstance(given, datetime) or (isinstance(given, str) and RFC3339.fullmatch(given)):
        return given
    raise ValueError("is an RFC 3339 time with its UTC offset, like 2026-11-24T07:00:00-08:00")


def _in_our_time(given: datetime) -> datetime:
    if given.year not in YEARS:
        raise ValueError(f"lies between {YEARS.start} and {YEARS.stop - 1}")
    return given.astimezone(UTC)


def _written_day(given: Any) -> Any:
    if isinstance(given, str) and re.fullmatch(r"20\d{2}-\d{2}-\d{2}", given):
        return given
    raise ValueError("is a day of this century in quotes, like 2026-11-24")


def _plain(given: str) -> str:
    if not re.fullmatch(TEXT, given):
        raise ValueError("must not hold control characters")
    return given


Moment = Annotated[AwareDatetime, BeforeValidator(_written_time), AfterValidator(_in_our_time)]
"""A time that says its offset; UTC from here on."""
Day = Annotated[date, BeforeValidator(_written_day)]
"""A day of the local calendar."""
Word = Annotated[str, StringConstraints(pattern=WORD)]
"""An id in the caller's own words: a SKU, a market, a video."""
Id = Annotated[str, StringConstraints(pattern=ID)]
"""An id of anything."""
IdPath = Annotated[Id, Path(description="Its id.")]
"""The id of a thing in a path."""
WordPath = Annotated[Word, Path(description="Its id, in your own words.")]
"""The id of a thing that its owner names, in a path."""
Text = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_plain)]
"""A name or a short reason."""
Note = Annotated[str, StringConstraints(min_length=1, max_length=2000), AfterValidator(_plain)]
"""A longer text."""
Count = Annotated[int, Field(strict=True, ge=0, le=1_000_000_000)]
"""So many of something; whole, and never in quotes."""
Some = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
"""At least one of something."""
Hour = Annotated[int, Field(strict=True, ge=0, le=24)]
"""An hour of the local day."""
Share = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]
"""A share from 0 to 1."""
Latitude = Annotated[float, Field(strict=True, ge=-90, le=90, allow_inf_nan=False)]
"""Degrees north."""
Longitude = Annotated[float, Field(strict=True, ge=-180, le=180, allow_inf_nan=False)]
"""Degrees east."""
Yes = Annotated[bool, Field(strict=True)]
"""True or false, never a word for it."""


class Asked(BaseModel):
    """What a caller sends: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Shown(BaseModel):
    """What a caller is shown: read from a value by name."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class Money(Shown):
    """An amount in hundredths of a currency."""

    amount: int = Field(description="Hundredths of the currency, whole.")
    currency: str


class Page(Shown, Generic[T]):
    """One page of a list; `next` is the cursor of the page after it, absent on the last."""

    items: list[T]
    next: str | None = None


class ItemShown(Shown):
    """What became of one item of a batch, or of one line of a file."""

    item: int = Field(description="Its place, from 0; of a file its line, the header being 1.")
    state: str
    id: str | None = None
    problem: str | None = Field(None, description="The `type` of the problem, where refused.")
    pointer: str | None = None
    reason: str | None = None


class ImportShown(Shown):
    """What became of a file: a bad row is refused alone."""

    rows: int
    refused: int
    unknown_columns: list[str]
    items: list[ItemShown]
