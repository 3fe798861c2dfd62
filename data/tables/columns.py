"""The few kinds of columns that all tables are made of, each with its form for "may be empty".

Text sorts by code point on every database, as Python does. Times are kept in UTC and come back
aware. Whole numbers have 64 bits, since cents do not fit into 32. What is nested is one JSON
document in its column.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import Field, SQLModel

WORDS = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
JSON = sa.JSON(none_as_null=True)
WHOLE = sa.BigInteger()
REAL: sa.Double[float] = sa.Double()


class Utc(sa.TypeDecorator[datetime]):
    """A moment: goes in with any offset, is kept in UTC, comes back aware.

    SQLite knows no times: there it is text of one length, which sorts as time does.
    """

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        """What the column is made of."""
        return dialect.type_descriptor(
            sa.Text() if dialect.name == "sqlite" else self.impl_instance
        )

    def bind_processor(self, dialect: sa.Dialect) -> Callable[[Any], Any] | None:
        """How a moment goes in."""
        return _written if dialect.name == "sqlite" else None

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Callable[[Any], Any] | None:  # noqa: ARG002  the driver's own type does not matter
        """How a moment comes back."""
        return _read if dialect.name == "sqlite" else _in_utc


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat(" ", "microseconds")


def _read(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _in_utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC)


MOMENT = Utc()

Id = Annotated[str, Field(primary_key=True, sa_type=WORDS)]
Text = Annotated[str, Field(sa_type=WORDS)]
MaybeText = Annotated[str | None, Field(sa_type=WORDS, nullable=True)]
FoundText = Annotated[str, Field(sa_type=WORDS, index=True)]
MaybeFoundText = Annotated[str | None, Field(sa_type=WORDS, nullable=True, index=True)]
Whole = Annotated[int, Field(sa_type=WHOLE)]
MaybeWhole = Annotated[int | None, Field(sa_type=WHOLE, nullable=True)]
FoundWhole = Annotated[int, Field(sa_type=WHOLE, index=True)]
Real = Annotated[float, Field(sa_type=REAL)]
MaybeReal = Annotated[float | None, Field(sa_type=REAL, nullable=True)]
Flag = Annotated[bool, Field(sa_type=sa.Boolean)]
MaybeFlag = Annotated[bool | None, Field(sa_type=sa.Boolean, nullable=True)]
Moment = Annotated[datetime, Field(sa_type=MOMENT)]
MaybeMoment = Annotated[datetime | None, Field(sa_type=MOMENT, nullable=True)]
FoundMoment = Annotated[datetime, Field(sa_type=MOMENT, index=True)]
MaybeFoundMoment = Annotated[datetime | None, Field(sa_type=MOMENT, nullable=True, index=True)]
Document = Annotated[Any, Field(sa_type=JSON, nullable=False)]
MaybeDocument = Annotated[Any, Field(sa_type=JSON, nullable=True)]


class Row(SQLModel):
    """The ground of all tables: one catalogue of them, with names that every database keeps."""

    metadata = sa.MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        }
    )
