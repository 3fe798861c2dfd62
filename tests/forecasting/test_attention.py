"""Attention goes on by the courses, and by what whole videos have taught where that is better."""

from dataclasses import replace

import numpy as np
import pytest

from forecasting import forecast
from forecasting.attention import LEAST_VIDEOS, learn, learn_courses
from forecasting.boosting import Trees
from forecasting.bursts import Recipe
from forecasting.errors import NothingToLearn
from forecasting.network import Training
from tests.builders.videos import FLAT_DAY, a_question, signal_rows

TINY = Recipe(
    networks=(Training(hidden=16, epochs=15, batch=64),), trees=Trees(count=30, leaves=7), folds=2, beside=1
)  # fmt: skip


def steep_videos(rows=120, hours=60, seed=0):
    """Views that halve every four hours, as the courses do not expect."""
    rng = np.random.default_rng(seed)
    first = np.exp(rng.normal(7, 0.7, (rows, 1)))
    return np.round(
        first * 0.5 ** (np.arange(hours) / 4) * np.exp(rng.normal(0, 0.1, (rows, hours)))
    )


@pytest.fixture(scope="module")
def learned():
    return learn(steep_videos(), TINY, ages=(8,))


def test_what_videos_teach_is_closer_than_the_courses(learned):
    views = steep_videos(rows=1, seed=9)[0]
    question = a_question(signal_rows(views=views[:8]), hours=24)
    came = views[8:32].sum()
    by_courses = forecast(question, FLAT_DAY).of("S").parts[1].hourly
    taught = forecast(question, replace(FLAT_DAY, attention=learned)).of("S").parts[1].hourly
    assert sum(taught) < 0.8 * sum(by_courses)
    rate, _ = learned.ahead(views[None, :8], 24)
    assert rate.sum() == pytest.approx(came, rel=0.4)


def test_a_video_of_another_age_goes_on_by_the_courses(learned):
    assert learned.ahead(np.ones((1, 30)), 24) is None
    question = a_question(signal_rows(views=steep_videos(rows=1)[0][:30]), hours=24)
    with_it = forecast(question, replace(FLAT_DAY, attention=learned))
    assert np.array_equal(with_it.steps, forecast(question, FLAT_DAY).steps)


def test_a_model_that_does_not_beat_the_courses_is_not_kept():
    hardly = replace(TINY, networks=(Training(hidden=2, epochs=1),), trees=Trees(count=1, leaves=2))
    half_lives = np.array([5.0, 10, 20, 40, 5, 10, 20, 40])[:, None]
    first = np.exp(np.random.default_rng(0).uniform(6, 11, (8, 1)))
    with pytest.raises(NothingToLearn):
        learn(first * 0.5 ** (np.arange(40) / half_lives), hardly, ages=(16,))


def test_a_handful_of_videos_teaches_nothing():
    with pytest.raises(NothingToLearn):
        learn(steep_videos(rows=3), TINY, ages=(8,))


def small_wild_videos(rows=24, hours=100, seed=0):
    """Videos that never see more than some dozens of views an hour, and jump about."""
    rng = np.random.default_rng(seed)
    first = np.exp(rng.normal(3.5, 0.6, (rows, 1)))
    wild = np.exp(rng.normal(0, 0.9, (rows, hours)))
    return np.round(first * 0.5 ** (np.arange(hours) / 15) * wild)


def test_finished_videos_teach_how_high_and_how_wild_courses_are():
    taught = learn_courses(small_wild_videos())
    assert taught.videos == 24
    assert taught.value_added > 0.02
    assert taught.courses.usual_peak < 500
    assert taught.courses.noise > 0.2


def test_few_videos_teach_nothing_of_courses():
    with pytest.raises(NothingToLearn):
        learn_courses(small_wild_videos(rows=LEAST_VIDEOS - 1))
