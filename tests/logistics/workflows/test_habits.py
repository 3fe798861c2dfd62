"""A market's finished videos teach its courses by night; forecasts read them by day."""

from dataclasses import replace
from datetime import timedelta

import numpy as np

from forecasting.attention import LEAST_FOR_MODELS, LEAST_VIDEOS
from logistics.catalogue import Market
from logistics.demand import Habits
from logistics.foresight import MarketView, look_ahead
from logistics.records import DecisionRecord, shape
from logistics.signals import SignalHour
from logistics.workflows.foresee import market_view
from logistics.workflows.habits import LIFE, finished, learn_habits
from logistics.workflows.sense import sense
from tests.builders.buyers import watch
from tests.builders.supply import SEVEN, a_world, all_of


def lived(tools, videos, *, ago=timedelta(days=30), paid=0):
    """Whole lives of small, wild videos that began so long ago."""
    rng = np.random.default_rng(3)
    with tools.store.begin() as deed:
        for number in range(videos):
            climb = np.exp(rng.normal(3.5, 0.6)) * 0.5 ** (np.arange(LIFE) / 15)
            views = np.round(climb * np.exp(rng.normal(0, 0.9, LIFE)))
            for hour, count in enumerate(views):
                deed.add(
                    SignalHour(
                        id=f"old{number}-{hour}", video=f"old{number}", market="la", region="la",
                        hour=SEVEN - ago + timedelta(hours=hour), heard_minutes=60,
                        views=int(count) + paid, paid_views=paid,
                    )
                )  # fmt: skip


def test_what_finished_videos_taught_is_read_by_the_next_forecast():
    tools = a_world()
    lived(tools, LEAST_VIDEOS)
    (learnt,) = learn_habits(tools, now=SEVEN)
    assert (learnt.market, learnt.videos) == ("la", LEAST_VIDEOS)
    assert learnt.used == (learnt.value_added > 0)
    with tools.store.begin() as deed:
        deed.change(replace(learnt, used=True, version=deed.lock(Habits, "la").version))
    watch(tools, (200, 900))
    sense(tools, now=SEVEN)
    with tools.store.read() as reading:
        view, _ = market_view(tools, reading, reading.get(Market, "la"), SEVEN)
    assert view.courses == learnt.courses
    (record,) = all_of(tools, DecisionRecord)
    assert shape(MarketView).validate_json(record.inputs).courses == learnt.courses


def test_a_moment_before_the_lesson_is_looked_at_without_it():
    tools = a_world()
    lived(tools, LEAST_VIDEOS)
    (learnt,) = learn_habits(tools, now=SEVEN + timedelta(hours=1))
    with tools.store.begin() as deed:
        deed.change(replace(learnt, used=True, version=deed.lock(Habits, "la").version))
    watch(tools, (200, 900))
    with tools.store.read() as reading:
        before, _ = market_view(tools, reading, reading.get(Market, "la"), SEVEN)
        after, _ = market_view(
            tools, reading, reading.get(Market, "la"), SEVEN + timedelta(hours=1)
        )
    assert (before.courses, after.courses) == (None, learnt.courses)


def test_few_or_unfinished_videos_teach_nothing():
    tools = a_world()
    lived(tools, LEAST_VIDEOS - 1)
    assert learn_habits(tools, now=SEVEN) == ()
    young = a_world()
    lived(young, LEAST_VIDEOS, ago=timedelta(days=6))
    assert learn_habits(young, now=SEVEN) == ()


def test_paid_views_teach_nothing_of_courses():
    plain, pushed = a_world(), a_world()
    lived(plain, 2)
    lived(pushed, 2, paid=5_000)
    rates = []
    for tools in (plain, pushed):
        with tools.store.read() as reading:
            rates.append(finished(reading, reading.get(Market, "la"), SEVEN))
    assert np.array_equal(*rates)


def test_what_was_learned_is_kept_once_and_learned_anew():
    tools = a_world()
    lived(tools, LEAST_VIDEOS)
    learn_habits(tools, now=SEVEN)
    learn_habits(tools, now=SEVEN + timedelta(days=1))
    (kept,) = all_of(tools, Habits)
    assert kept.learnt_at == SEVEN + timedelta(days=1)


def test_many_finished_videos_teach_models_that_the_next_forecast_reads():
    tools = a_world()
    lived(tools, LEAST_FOR_MODELS)
    (learnt,) = learn_habits(tools, now=SEVEN)
    models = learnt.attention
    assert models.videos == LEAST_FOR_MODELS
    assert models.value_added > 0
    (kept,) = all_of(tools, Habits)
    assert kept.attention == models
    watch(tools, [200] * models.ages[-1])
    sense(tools, now=SEVEN)
    with tools.store.read() as reading:
        view, _ = market_view(tools, reading, reading.get(Market, "la"), SEVEN)
    plain = replace(view, attention=None)
    (with_it,), (without,) = (look_ahead(each).foreseen for each in (view, plain))
    assert with_it.whole.hourly.p50 != without.whole.hourly.p50
    (record,) = all_of(tools, DecisionRecord)
    told = shape(MarketView).validate_json(record.inputs).attention
    assert (told.mark, told.content) == (models.mark, "")
    assert models.name in record.model_version


def test_too_few_videos_for_models_teach_courses_alone():
    tools = a_world()
    lived(tools, LEAST_VIDEOS)
    (learnt,) = learn_habits(tools, now=SEVEN)
    assert learnt.attention is None
