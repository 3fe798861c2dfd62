"""Figures, times and names as a planner reads them."""

from datetime import UTC, datetime, timedelta

import pytest

from api.console.words import MINUS, dots, local, money, named, near, short, span, until

LA = "America/Los_Angeles"
NEW_YEAR = datetime(2026, 12, 31, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("since 31 Dec 21:00 UTC, 40 views", "since Thu 31 Dec 13:00 PST, 40 views"),
        ("until 01 Jan 02:00 UTC.", "until Thu 31 Dec 18:00 PST."),
        (
            "from 31 Dec 21:00 to 01 Jan 02:00 UTC",
            "from Thu 31 Dec 13:00 PST to Thu 31 Dec 18:00 PST",
        ),
        ("no time at all", "no time at all"),
        ("31 Dek 21:00 UTC", "31 Dek 21:00 UTC"),
        ("30 Feb 21:00 UTC", "30 Feb 21:00 UTC"),
    ],
)
def test_a_text_says_its_times_in_the_zone(text, said):
    assert local(text, LA, NEW_YEAR) == said


def test_a_text_calls_things_by_their_names():
    names = {"v-prank": "“The loudest prank”", "own_conversion": "own conversion"}
    told = named("Video: v-prank faded, from own_conversion; v-pranks stay.", names)
    assert told == "Video: “The loudest prank” faded, from own conversion; v-pranks stay."


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(hours=2, minutes=9), "2 h 09 min"),
        (timedelta(days=3, hours=4), "3 d 4 h"),
        (timedelta(seconds=45), "45 s"),
        (timedelta(minutes=5), "5 min"),
    ],
)
def test_lengths_are_said_in_two_units_at_most(length, said):
    assert span(length) == said
    assert until(NEW_YEAR + length, NEW_YEAR) == f"in {said}"
    assert until(NEW_YEAR - length, NEW_YEAR) == f"{said} ago"


def test_small_words():
    assert money(-1_250_00) == f"{MINUS}$1,250"
    assert money(5_20, "EUR") == "€5.20"
    assert short(NEW_YEAR, LA) == "Thu 15:00"
    assert near(NEW_YEAR, LA, NEW_YEAR) == "15:00"
    assert near(NEW_YEAR - timedelta(hours=16), LA, NEW_YEAR) == "Wed 23:00"
    assert (dots("own_conversion"), dots("hunch")) == ("●●○", "")
