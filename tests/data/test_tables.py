"""Each kind of value has a table of the same words, and each field to find it by has an index."""

from dataclasses import fields

import pytest
import sqlalchemy as sa

from data.tables import TABLES
from logistics.store import KINDS


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_has_a_table_of_the_same_words(kind):
    table = TABLES[kind.value].__table__
    whole = {field.name for field in fields(kind.value)}
    beside = {"id", *kind.by, *kind.unique, "document"}
    assert set(table.columns.keys()) == (whole if kind.changes else beside)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_is_found_through_an_index(kind):
    table = TABLES[kind.value].__table__
    keys = [key for key in table.constraints if isinstance(key, sa.UniqueConstraint)]
    leading = {next(iter(index.columns)).name for index in (*table.indexes, *keys)}
    assert set(kind.by) <= leading


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_keeps_its_unique_fields_unique(kind):
    table = TABLES[kind.value].__table__
    keys = [key for key in table.constraints if isinstance(key, sa.UniqueConstraint)]
    assert not kind.unique or kind.unique in {tuple(key.columns.keys()) for key in keys}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_field_may_be_empty_in_its_table_where_it_may_be_in_its_value(kind):
    table = TABLES[kind.value].__table__
    for field in fields(kind.value):
        if field.name in table.columns:
            assert table.columns[field.name].nullable == ("None" in str(field.type))


def test_every_table_is_of_a_kind():
    assert set(TABLES) == {kind.value for kind in KINDS}
