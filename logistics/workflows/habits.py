"""Once a day: what a market's finished videos teach of the courses that videos take there.

A video is finished a week after its first view. Its organic views by the hour, the market's usual
day taken out, teach how high videos climb and how far they stray; the lesson is used only while
it says videos that it was not learned from better than the priors of a new installation. Sixty and
more of them teach models of attention by age as well: challengers that take the courses' place at
the ages where they surely do better on videos that they have not seen.
Learning is pure work and is handed out; forecasts read what is kept.
"""

from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

import numpy as np

from forecasting.attention import (
    LEAST_FOR_MODELS,
    LEAST_VIDEOS,
    USUALLY_AWAKE,
    Taught,
    learn,
    learn_courses,
)
from forecasting.errors import NothingToLearn
from forecasting.packed import packed
from forecasting.regions import USUAL_DAY, Region, rhythm
from forecasting.signals import Floats
from logistics.catalogue import Market
from logistics.demand import HOUR, AttentionModels, Habits
from logistics.signals import SignalHour
from logistics.store import Deed, Range, Reading
from logistics.workflows.means import Means

HISTORY = timedelta(days=90)
LIFE = 168
"""Hours after which a video is finished."""
MOST_VIDEOS = 240
"""The newest videos are learned from."""
MOST_FOR_COURSES = 60
"""The courses have few numbers to learn; the newest of those teach them."""


def learn_habits(means: Means, *, now: datetime) -> tuple[Habits, ...]:
    """Learn anew from every market's finished videos, where there are enough of them."""
    with means.store.read() as reading:
        lives = {market.id: finished(reading, market, now) for market in reading.find(Market)}
    enough = {market: rates for market, rates in lives.items() if len(rates) >= LEAST_VIDEOS}
    taught = means.compute.map(taught_by, [(rates,) for rates in enough.values()])
    learnt = tuple(
        Habits(
            id=market,
            market=market,
            learnt_at=now,
            videos=courses.videos,
            value_added=round(courses.value_added, 4),
            used=courses.value_added > 0,
            courses=courses.courses,
            attention=models,
        )
        for market, (courses, models) in zip(enough, taught, strict=True)
    )
    if learnt:
        with means.store.begin() as deed:
            for one in learnt:
                _keep(deed, one)
    return learnt


def taught_by(rates: Floats) -> tuple[Taught, AttentionModels | None]:
    """What whole videos, the oldest first, teach: courses, and models where those are surely better."""
    courses = learn_courses(rates[-MOST_FOR_COURSES:])
    if len(rates) < LEAST_FOR_MODELS:
        return courses, None
    try:
        learned = learn(rates, courses=courses.courses if courses.value_added > 0 else None)
    except NothingToLearn:
        return courses, None
    content = packed(learned)
    return courses, AttentionModels(
        ages=tuple(model.seen for model in learned.models),
        videos=len(rates),
        value_added=round(learned.value_added, 4),
        mark=sha256(content.encode()).hexdigest(),
        content=content,
    )


def finished(reading: Reading, market: Market, now: datetime) -> Floats:
    """Organic views an hour since birth of each finished video, the usual day out, (n, t)."""
    views: dict[str, dict[datetime, int]] = defaultdict(lambda: defaultdict(int))
    for heard in reading.find(SignalHour, market=market.id, hour=Range(least=now - HISTORY)):
        views[heard.video][heard.hour] += max(heard.views - heard.paid_views, 0)
    born = {video: min(hourly) for video, hourly in views.items()}
    over = [v for v in sorted(born, key=born.__getitem__) if born[v] + LIFE * HOUR <= now]
    rates = np.zeros((min(len(over), MOST_VIDEOS), LIFE))
    for row, video in enumerate(over[-MOST_VIDEOS:]):
        for hour, count in views[video].items():
            if hour < born[video] + LIFE * HOUR:
                rates[row, int((hour - born[video]) / HOUR)] = count
        rates[row] /= _awake(market, born[video])
    return rates


def _awake(market: Market, since: datetime) -> Floats:
    """How far the market is awake in each hour of a life, 1 on average."""
    everywhere = (Region(name=market.id, zone=market.zone),)
    day = rhythm(everywhere, np.array(USUAL_DAY), int(since.timestamp() // 3600), LIFE)[0]
    awake: Floats = 1 - USUALLY_AWAKE + USUALLY_AWAKE * day
    return awake


def _keep(deed: Deed, one: Habits) -> None:
    if deed.maybe(Habits, one.id) is None:
        deed.add(one)
    else:
        deed.change(replace(one, version=deed.lock(Habits, one.id).version))
