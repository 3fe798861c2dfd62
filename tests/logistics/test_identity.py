"""Ids sort as they were given, repeat with their seed, and say when they began."""

from datetime import UTC, datetime, timedelta

from ulid import ULID

from logistics.identity import Ids

NOW = datetime(2026, 11, 27, 9, 30, 0, 125_000, tzinfo=UTC)


def test_an_id_is_a_ulid_that_says_when_it_began():
    prefix, _, rest = Ids(seed=1).new("ord", NOW).partition("_")
    assert prefix == "ord"
    assert ULID.from_str(rest).datetime == NOW
    assert str(ULID.from_str(rest)) == rest


def test_ids_of_one_moment_sort_as_they_were_given():
    ids = Ids()
    given = [ids.new("evt", NOW) for _ in range(1_000)]
    assert given == sorted(set(given))


def test_an_id_of_a_clock_that_went_back_still_sorts_after_the_last():
    ids = Ids()
    assert ids.new("evt", NOW) < ids.new("evt", NOW - timedelta(seconds=3))


def test_the_same_seed_gives_the_same_ids():
    one, other = Ids(seed=7), Ids(seed=7)
    assert [one.new("x", NOW) for _ in range(3)] == [other.new("x", NOW) for _ in range(3)]
