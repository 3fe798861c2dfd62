from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from logistics.clocks import after_work, is_open, local_instant, opens, spans

LA = "America/Los_Angeles"


def test_c10_a_cut_off_in_a_skipped_hour_falls_at_the_first_real_instant_after_the_gap():
    cut_off = local_instant(LA, date(2027, 3, 14), 2 * 60 + 30)
    assert cut_off.astimezone(ZoneInfo(LA)).isoformat() == "2027-03-14T03:00:00-07:00"


def test_an_hour_that_comes_twice_counts_the_first_time():
    assert local_instant(LA, date(2026, 11, 1), 90).isoformat() == "2026-11-01T08:30:00+00:00"


def test_minute_1440_is_the_next_midnight():
    assert local_instant(LA, date(2026, 11, 24), 1440) == local_instant(LA, date(2026, 11, 25), 0)


@given(
    st.sampled_from([LA, "Europe/Berlin", "Australia/Lord_Howe", "America/Phoenix"]),
    st.dates(date(2026, 1, 1), date(2028, 1, 1)),
    st.integers(0, 1439),
)
def test_a_local_instant_shows_its_minute_or_stands_at_the_end_of_a_gap(zone, day, minute):
    instant = local_instant(zone, day, minute)
    shown = instant.astimezone(ZoneInfo(zone))
    asked = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)
    before = (instant - timedelta(seconds=1)).astimezone(ZoneInfo(zone))
    in_gap = before.replace(tzinfo=None) < asked < shown.replace(tzinfo=None)
    assert shown.replace(tzinfo=None) == asked or in_gap


def test_work_rests_outside_of_the_hours():
    evening = datetime(2026, 11, 24, 5, 30, tzinfo=UTC)  # 21:30 in Los Angeles
    done = after_work(LA, (8, 22), evening, timedelta(hours=1))
    assert done.astimezone(ZoneInfo(LA)).isoformat() == "2026-11-24T08:30:00-08:00"


def test_a_whole_day_is_always_open():
    at = datetime(2026, 11, 24, 5, 30, tzinfo=UTC)
    assert is_open(LA, (0, 24), at)
    assert not is_open(LA, (8, 21), at)
    assert all(start < end for start, end in spans(LA, (8, 21), at))


@given(
    st.sampled_from([LA, "Europe/Berlin", "Australia/Lord_Howe", "America/Phoenix"]),
    st.sampled_from([(0, 24), (8, 21), (2, 3)]),
    st.integers(0, 300 * 24 * 60),
    st.lists(st.integers(0, 20 * 24 * 60), max_size=20).map(sorted),
)
def test_many_moments_are_open_as_each_of_them_is(zone, hours, first, minutes):
    march = datetime(2026, 3, 1, tzinfo=UTC)
    moments = [march + timedelta(minutes=first + n) for n in minutes]
    assert opens(zone, hours, moments) == [is_open(zone, hours, at) for at in moments]
