"""Every kind of value comes back from every database as it went in, however it is filled."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from logistics.store import KINDS
from tests.builders.anything import any_value


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@settings(
    max_examples=8, suppress_health_check=list(HealthCheck), database=None, phases=[Phase.generate]
)
@given(data=st.data())
def test_a_value_comes_back_as_it_went_in(sql_store, kind, data):
    value = data.draw(any_value(kind.value))
    with sql_store.begin() as deed:
        deed.add(value)
        assert deed.get(kind.value, value.id) == value
        where = {name: getattr(value, name) for name in (*kind.by, *kind.unique)}
        assert deed.find(kind.value, **where) == (value,)
        assert deed.count(kind.value, **{name: (one,) for name, one in where.items()}) == 1
        deed.forget(kind.value, value.id)
