"""Episodes: when a video took off, peaked, faded, turned, or was never real."""

from datetime import timedelta

import numpy as np
import pytest

from forecasting import Phase, Removal, episodes, read_attention
from tests.builders.videos import NOON, burst, signal_rows


def the_episode(views, removals=(), **more):
    rows = signal_rows(views=views, **more)
    return episodes(read_attention(rows, NOON), NOON, removals)[0]


def test_a_rising_video_has_started_and_doubles():
    episode = the_episode([300 * 2**i for i in range(6)])
    assert episode.phase is Phase.RISING
    assert episode.turned("started") == NOON - timedelta(hours=4)
    assert episode.doubling_hours == pytest.approx(1.2, abs=0.4)
    assert episode.half_life_hours is None


def test_a_quiet_video_is_no_episode():
    assert the_episode([20] * 30).phase is Phase.QUIET


def test_past_its_peak_a_video_fades_and_then_has_faded():
    rise = [1000, 5000, 9000]
    assert the_episode(rise + list(burst(14, first=9000, beta=0.5))).phase is Phase.FADING
    faded = the_episode(rise + [int(9000 * 0.8**i) for i in range(20)])
    assert faded.phase is Phase.FADED
    assert faded.half_life_hours == pytest.approx(np.log(2) / -np.log(0.8), rel=0.1)
    kinds = [turn.kind for turn in faded.turns]
    assert kinds == ["started", "peaked", "faded"]


def test_paid_views_start_no_episode():
    assert the_episode([9000] * 8, paid_views=[8900] * 8).phase is Phase.QUIET


def test_a8_a_removed_video_says_so():
    gone = Removal(video="V1", at=NOON - timedelta(hours=1))
    episode = the_episode([5000] * 8, removals=(gone,))
    assert episode.phase is Phase.REMOVED
    assert episode.turned("removed") == gone.at


def test_a9_a_turn_of_mood_is_an_episode_turned_negative():
    episode = the_episode(
        [2000] * 20 + [4000] * 3,
        likes=[200] * 20 + [110] * 3,
        negative_reactions=[12] * 20 + [90] * 3,
    )
    assert episode.negative
    assert episode.turned("turned_negative") is not None


def test_a12_many_views_from_one_place_that_nobody_finishes_are_suspect():
    episode = the_episode([30_000] * 10, completed=[1_200] * 10, product_clicks=[0] * 10)
    assert episode.suspect
    assert "4% watch to the end" in [found.words for found in episode.evidence]


def test_a_feed_that_sends_no_completions_is_not_suspect():
    assert not the_episode([30_000] * 10).suspect
