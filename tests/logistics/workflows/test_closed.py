"""Hours that nothing can change are read once, and a look says the same as if it had read them all."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logistics.catalogue import Market
from logistics.demand import LostDemand, lost_demand_id
from logistics.orders import Order
from logistics.policy import Policy
from logistics.signals import SignalHour
from logistics.workflows.closed import ClosedHours
from logistics.workflows.foresee import market_view
from logistics.workflows.register import register
from tests.builders.buyers import buy
from tests.builders.supply import CELLS, SEVEN, a_link, a_row, a_video, a_world, heard, means

LATEST = Policy().signals.refused_after // 60
"""Minutes after which a row is refused."""


class Counting:
    """A reading that counts what is read through it."""

    def __init__(self, of):
        self.of, self.read = of, Counter()

    def __getattr__(self, name):
        return getattr(self.of, name)

    def find(self, kind, /, **where):
        found = self.of.find(kind, **where)
        self.read[kind] += len(found)
        return found


def look(tools, now):
    """The view of the market, and how much of each kind was read for it."""
    with tools.store.read() as reading:
        counting = Counting(reading)
        found = market_view(tools, counting, reading.get(Market, "la"), now)
        return found and found[0], counting.read


def miss(tools, units, *, at, cell):
    """Somebody asks for lamps in vain."""
    hour = at.replace(minute=0)
    told = {"product": "lamp", "market": "la", "cell": cell, "hour": hour}
    lost = LostDemand(id=lost_demand_id(**told), units=units, **told)
    with tools.store.begin() as deed:
        known = deed.maybe(LostDemand, lost.id)
        if known is None:
            deed.add(lost)
        else:
            deed.change(replace(known, units=known.units + units))


def afresh(tools):
    return replace(tools, closed=ClosedHours())


STEPS = st.lists(
    st.tuples(
        st.integers(5, 60 * 60),  # minutes that pass
        st.integers(-30, LATEST + 90),  # how long the row's bucket is over
        st.sampled_from((5, 15, 60, 300, 1440)),
        st.sampled_from((*CELLS, None)),
        st.sampled_from(("v1", "v2")),
        st.integers(0, 90_000),
        st.integers(0, 3),  # units that are ordered
        st.booleans(),
    ),
    min_size=1,
    max_size=14,
)


@given(STEPS)
@settings(max_examples=60, deadline=None)
def test_a_look_says_the_same_as_if_it_had_read_every_hour(steps):
    tools = a_world()
    register(tools, a_video("v2"), now=SEVEN, by="test")
    register(tools, a_link("v2"), now=SEVEN, by="test")
    now = SEVEN
    for n, (passes, ago, minutes, cell, video, views, units, looks) in enumerate(steps):
        now += timedelta(minutes=passes)
        if units:
            buy(tools, units, at=now, id=f"o{n}", cell=cell or CELLS[0])
            miss(tools, units, at=now, cell=cell or CELLS[1])
        start = now - timedelta(minutes=ago + minutes)
        row = a_row(start, minutes, views, cell, video_id=video)
        heard(tools, row, id=f"b{n}", now=now)
        if looks:
            assert look(tools, now)[0] == look(afresh(tools), now)[0]
    assert look(tools, now)[0] == look(afresh(tools), now)[0]


def a_week(tools, hours=7 * 24):
    for n in range(hours):
        end = SEVEN + timedelta(hours=n + 1)
        heard(tools, a_row(end - timedelta(hours=1), 60, 5_000), id=f"b{n}", now=end)
    return SEVEN + timedelta(hours=hours)


def test_closed_hours_are_read_once():
    tools = a_world()
    end = a_week(tools)
    assert look(tools, end)[1][SignalHour] == 7 * 24
    open_yet = 24 + LATEST // 60 + 1  # a bucket's day, the limit of late rows, and an hour to spare
    assert look(tools, end)[1][SignalHour] == open_yet
    assert look(afresh(tools), end)[1][SignalHour] == 7 * 24


def test_orders_of_closed_hours_are_read_once():
    tools = a_world()
    for day in range(10):
        buy(tools, 2, at=SEVEN + timedelta(days=day), id=f"o{day}")
    end = SEVEN + timedelta(days=9, hours=3)
    first, read = look(tools, end)
    assert read[Order] == 10
    again, read = look(tools, end)
    assert read[Order] == 1
    assert again == first
    assert sum(sum(one.units) for one in first.ordered) == 20


def test_an_order_is_no_longer_counted_after_two_weeks():
    tools = a_world()
    buy(tools, 2, at=SEVEN, id="old")
    buy(tools, 3, at=SEVEN + timedelta(days=13), id="new")
    look(tools, SEVEN + timedelta(days=13, hours=1))
    view, _ = look(tools, SEVEN + timedelta(days=14, hours=1))
    assert [one.units for one in view.ordered] == [(3,)]


def test_a_look_at_a_past_moment_knows_nothing_later():
    tools = a_world()
    end = a_week(tools)
    look(tools, end)
    past = end - timedelta(days=2)
    view, _ = look(tools, past)
    assert view == look(afresh(tools), past)[0]
    assert len(view.watched[0].minutes) == 5 * 24


@pytest.mark.parametrize("late", [0, 24 * 3600])
def test_an_hour_stays_open_as_long_as_rows_of_it_are_taken(late):
    policy = Policy()
    signals = replace(policy.signals, refused_after=policy.signals.refused_after + late)
    tools = a_world(means(replace(policy, signals=signals)))
    now = a_week(tools)
    look(tools, now)
    longest = now - timedelta(days=1, seconds=signals.refused_after)
    kept = heard(tools, a_row(longest, 1440, 7_000), id="the last that is taken", now=now)
    assert kept.applied == 1
    assert look(tools, now)[0] == look(afresh(tools), now)[0]
