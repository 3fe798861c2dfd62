"""Any value of any kind, drawn from the types of its fields; what a type cannot say stands below."""

from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from forecasting import Band, Forecast
from logistics.catalogue import Market, Region
from logistics.demand import Outlook

WORDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,8}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
FIRST = datetime(2020, 1, 1, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=5_000)).map(FIRST.__add__)
PLAIN = {
    str: TEXTS,
    int: st.integers(1, 1000) | st.integers(1, 2**53),
    float: st.floats(0.01, 1),
    bool: st.booleans(),
    datetime: MOMENTS,
    date: st.dates(date(2020, 1, 1), date(2035, 1, 1)),
    NoneType: st.none(),
    Any: st.booleans() | st.integers(0, 2**40) | TEXTS | st.lists(TEXTS, max_size=2),
}
NAMED: dict[str, st.SearchStrategy[Any]] = {
    "id": WORDS,
    "lat": st.floats(-90, 90),
    "lon": st.floats(-180, 180),
    "open_from_hour": st.integers(0, 11),
    "open_until_hour": st.integers(12, 24),
    "deliver_from_hour": st.integers(0, 11),
    "deliver_until_hour": st.integers(12, 24),
    "shift_from_hour": st.integers(0, 11),
    "shift_until_hour": st.integers(12, 24),
    "first_hour": st.integers(0, 11),
    "gtin": st.none() | st.just("4006381333931"),
    "gln": st.none() | st.just("4012345000009"),
    "units": st.integers(1, 1000),
    "residency": st.sampled_from(["us", "eu"]),
    "currency": st.sampled_from(["USD", "EUR"]),
    "starts_at": st.just(FIRST - timedelta(1)),
    "demand_factor": st.floats(0.3, 3),
    "target_hours": st.none() | st.sampled_from([4, 6, 8]),
    "must_open": st.lists(st.just("the vernon hall"), max_size=1).map(tuple),
    "days": st.integers(1, 366),
}
"""Fields that every kind refuses in most of their type's values."""
NONE_OF = {"must_open"}
"""Fields of several things that must not be those of another field."""


def any_value(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Values of a kind, with every field drawn, those that may be absent too."""
    if kind is Market:
        regions = st.lists(_built(Region), max_size=3, unique_by=lambda region: region.cell)
        zones = st.sampled_from(["Europe/Rome", "America/New_York"])
        return _built(kind, zone=zones, regions=regions.map(tuple))
    if kind is Outlook:
        return st.integers(1, 4).flatmap(_outlook)
    return _built(kind)


def _built(kind: type[Any], **more: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    hints = get_type_hints(kind)
    drawn = {f.name: _drawn(f.name, hints[f.name]) for f in fields(kind)}
    return st.builds(kind, **{**drawn, **more})


def _drawn(name: str, hint: Any) -> st.SearchStrategy[Any]:
    """A field by its name, where that says more; several of a name are drawn by their type."""
    if get_origin(hint) is tuple:
        return st.just(()) if name in NONE_OF else _of(hint)
    return NAMED[name] if name in NAMED else _of(hint)


def _outlook(hours: int) -> st.SearchStrategy[Any]:
    curve = st.tuples(*[st.floats(0, 99)] * hours)
    band = st.builds(Band, p10=curve, p50=curve, p90=curve)
    regions = st.just(())
    return _built(
        Outlook, hours=st.just(hours), whole=_built(Forecast, hourly=band), regions=regions
    )


def _of(hint: Any) -> st.SearchStrategy[Any]:
    if hint in PLAIN:
        return PLAIN[hint]
    inside, origin = get_args(hint), get_origin(hint)
    if origin in {Union, UnionType}:
        return st.one_of(*(_of(one) for one in inside))
    if origin is dict:
        return st.dictionaries(_of(inside[0]), _of(inside[1]), max_size=2)
    if origin is tuple:
        return _tuple(inside)
    if issubclass(hint, Enum):
        return st.sampled_from(hint)
    assert is_dataclass(hint), hint
    return _built(hint)


def _tuple(inside: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    if inside[-1] is Ellipsis:
        return st.lists(_of(inside[0]), min_size=1, max_size=2, unique_by=repr).map(tuple)
    return st.tuples(*(_of(one) for one in inside))
