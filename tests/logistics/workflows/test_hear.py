"""What a platform tells is counted once, in its hour, without persons."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logistics.catalogue import Video
from logistics.episodes import Episode, EpisodeState
from logistics.errors import Duplicate, ForeignZone, Nonsense, Unknown
from logistics.events import Event
from logistics.records import canonical, fingerprint
from logistics.signals import COUNTS, BatchState, SignalBatch, SignalHour
from logistics.workflows.hear import RowProblem, by_hour, receive_signals, remove_video
from tests.builders.supply import CELLS, SEVEN, a_batch, a_row, a_world, all_of, an_episode, heard


def minutes(count):
    return timedelta(minutes=count)


def test_a_batch_adds_to_the_hour_in_which_it_happened():
    tools = a_world()
    kept = heard(tools, a_row(views=800), a_row(SEVEN - minutes(15), views=200))
    (hour,) = all_of(tools, SignalHour)
    assert (kept.state, kept.applied, kept.refused) == (BatchState.APPLIED, 2, 0)
    assert (hour.views, hour.region, hour.hour) == (1000, CELLS[0], SEVEN - minutes(60))
    assert hour.heard_minutes == 50


def test_a4_minutes_that_arrive_late_are_counted_and_flagged():
    tools = a_world()
    nine = SEVEN + minutes(120)
    rows = [a_row(nine + minutes(5 * i)) for i in range(4)]
    kept = heard(tools, *rows, now=nine + minutes(105))
    assert [answer.late for answer in kept.results] == [True] * 4
    assert (kept.late, kept.applied) == (4, 4)
    on_time = heard(tools, a_row(nine), id="b2", now=nine + minutes(20))
    assert on_time.late == 0


def test_a5_a_row_that_is_too_late_loses_no_other_row():
    tools = a_world()
    rows = [a_row() for _ in range(499)]
    kept = heard(tools, *rows[:250], a_row(SEVEN - minutes(30 * 60)), *rows[250:])
    assert (kept.applied, kept.refused) == (499, 1)
    assert kept.results[250].reason == "signal-too-late"
    six_hours = heard(tools, a_row(SEVEN - minutes(365)), id="b2")
    assert six_hours.results[0].state == "applied"


def test_a6_a_clock_nine_minutes_ahead_is_kept_with_its_skew_and_clamped():
    tools = a_world()
    kept = heard(tools, a_row(SEVEN + minutes(9)), a_row(SEVEN + minutes(11)))
    assert (kept.results[0].state, kept.results[0].skew_seconds) == ("applied", 540)
    assert (kept.results[1].reason, kept.applied) == ("signal-from-future", 1)
    (hour,) = all_of(tools, SignalHour)
    assert hour.hour == SEVEN


def test_a7_a_batch_sent_three_times_counts_once():
    tools = a_world()
    answers = [heard(tools, a_row(views=700)) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert [hour.views for hour in all_of(tools, SignalHour)] == [700]
    assert len(all_of(tools, Event, type="signal_batch.applied")) == 1


def test_a_batch_that_was_marked_by_its_canonical_words_is_known_again():
    tools = a_world()
    first = heard(tools, a_row(views=700))
    old = fingerprint(canonical(a_batch(a_row(views=700))))
    with tools.store.begin() as deed:
        kept = deed.change(first, fingerprint=old)
    assert heard(tools, a_row(views=700)) == kept
    with pytest.raises(Duplicate):
        heard(tools, a_row(views=701))


def test_another_content_under_the_same_id_is_refused():
    tools = a_world()
    heard(tools, a_row(views=700))
    with pytest.raises(Duplicate):
        heard(tools, a_row(views=701))
    assert [hour.views for hour in all_of(tools, SignalHour)] == [700]


def test_two_senders_may_use_the_same_batch_id():
    tools = a_world()
    heard(tools, a_row(views=700))
    receive_signals(tools, a_batch(a_row(views=50), client="shorts"), now=SEVEN)
    assert all_of(tools, SignalHour)[0].views == 750


def test_rows_of_unknown_things_are_refused_with_their_reasons():
    kept = heard(
        a_world(),
        a_row(video_id="ghost"),
        a_row(market="atlantis"),
        a_row(region="84nowhere"),
    )
    reasons = [answer.reason for answer in kept.results]
    assert reasons == ["unknown_video", "unknown_market", "unknown_region"]
    assert kept.state is BatchState.REFUSED


def test_e3_an_unreadable_row_is_refused_and_nothing_of_it_is_kept():
    tools = a_world()
    kept = heard(tools, a_row(), RowProblem(reason="unknown field"))
    assert (kept.applied, kept.results[1].reason) == (1, "unknown field")


def test_e4_a_row_of_few_viewers_counts_for_the_whole_market():
    tools = a_world()
    kept = heard(tools, a_row(views=30, unique_viewers=9), a_row(views=40, unique_viewers=10))
    assert [answer.merged for answer in kept.results] == [True, False]
    assert {hour.region: hour.views for hour in all_of(tools, SignalHour)} == {
        "la": 30,
        CELLS[0]: 40,
    }


def test_e5_signals_of_another_zone_are_refused_whole():
    tools = a_world()
    with pytest.raises(ForeignZone):
        receive_signals(tools, a_batch(a_row(), residency="eu"), now=SEVEN)
    assert all_of(tools, SignalBatch) == all_of(tools, SignalHour) == ()


def test_an_empty_batch_is_applied_and_changes_nothing():
    tools = a_world()
    assert heard(tools).state is BatchState.APPLIED
    assert all_of(tools, SignalHour) == ()


@given(offset=st.integers(0, 119), length=st.integers(1, 1440), views=st.integers(0, 10**9))
def test_splitting_a_row_on_its_hours_loses_no_view(offset, length, views):
    row = a_row(SEVEN + minutes(offset), length, views)
    parts = by_hour(row)
    counts = [dict(zip(COUNTS, part.counts, strict=True)) for part in parts]
    for name in COUNTS:
        assert sum(one[name] for one in counts) == getattr(row, name)
        assert all(one[name] >= 0 for one in counts)
    assert all(1 <= part.heard_minutes <= 60 for part in parts)
    assert all(one["completed"] <= one["views"] + 1 for one in counts)


@given(offset=st.integers(0, 119), length=st.integers(1, 15), views=st.integers(0, 10**9))
def test_short_rows_are_counted_by_the_quarter_too(offset, length, views):
    parts = by_hour(a_row(SEVEN + minutes(offset), length, views))
    assert all(sum(part.quarters) == part.counts[COUNTS.index("views")] for part in parts)
    assert all(min(part.quarters) >= 0 for part in parts)


def test_an_hour_with_a_longer_row_is_not_told_by_the_quarter():
    tools = a_world()
    heard(tools, a_row(SEVEN - minutes(60), 15, 100), a_row(SEVEN - minutes(45), 5, 30))
    (hour,) = all_of(tools, SignalHour)
    assert hour.quarters == (100, 30, 0, 0)
    heard(tools, a_row(SEVEN - minutes(30), 30, 500), id="b2")
    (hour,) = all_of(tools, SignalHour)
    assert (hour.quarters, hour.views) == ((), 630)


def test_quarters_are_passed_over_where_a_platform_does_not_know_them():
    tools = a_world()
    limits = replace(tools.policy.signals, by_quarter=False)
    tools = replace(tools, policy=replace(tools.policy, signals=limits))
    heard(tools, a_row(SEVEN - minutes(60), 15, 100))
    (hour,) = all_of(tools, SignalHour)
    assert hour.quarters == ()


def test_a_removed_video_ends_its_living_episodes_once():
    tools = a_world()
    an_episode(tools)
    for _ in range(2):
        gone = remove_video(tools, "v1", at=SEVEN, now=SEVEN + minutes(1), by="clips")
    assert (gone.removed_at, all_of(tools, Video)[0].version) == (SEVEN, 2)
    assert all_of(tools, Episode)[0].state is EpisodeState.REMOVED
    assert len(all_of(tools, Event, type="video.removed")) == 1
    assert len(all_of(tools, Event, type="virality.removed")) == 1


def test_a_video_cannot_be_taken_down_tomorrow_nor_unknown():
    tools = a_world()
    with pytest.raises(Nonsense, match="yet to come"):
        remove_video(tools, "v1", at=SEVEN + timedelta(days=1), now=SEVEN, by="clips")
    with pytest.raises(Unknown):
        remove_video(tools, "ghost", at=SEVEN, now=SEVEN, by="clips")
