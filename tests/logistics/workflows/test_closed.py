"""Hours that nothing can change are read once, and a look says the same as if it had read them all."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logistics.catalogue import Market
from logistics.policy import Policy
from logistics.signals import SignalHour
from logistics.workflows.closed import ClosedHours
from logistics.workflows.foresee import market_view
from logistics.workflows.register import register
from tests.builders.supply import CELLS, SEVEN, a_link, a_row, a_video, a_world, heard, means

LATEST = Policy().signals.refused_after // 60
"""Minutes after which a row is refused."""


class Counting:
    """A reading that counts the hours which are read through it."""

    def __init__(self, of):
        self.of, self.read = of, 0

    def __getattr__(self, name):
        return getattr(self.of, name)

    def find(self, kind, /, **where):
        found = self.of.find(kind, **where)
        self.read += len(found) if kind is SignalHour else 0
        return found


def look(tools, now):
    """The view of the market, and how many hours were read for it."""
    with tools.store.read() as reading:
        counting = Counting(reading)
        found = market_view(tools, counting, reading.get(Market, "la"), now)
        return found and found[0], counting.read


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
    for n, (passes, ago, minutes, cell, video, views, looks) in enumerate(steps):
        now += timedelta(minutes=passes)
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
    assert look(tools, end)[1] == 7 * 24
    open_yet = 24 + LATEST // 60 + 1  # a bucket's day, the limit of late rows, and an hour to spare
    assert look(tools, end)[1] == open_yet
    assert look(afresh(tools), end)[1] == 7 * 24


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
