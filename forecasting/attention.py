"""How the attention to each video goes on from here: hour by hour, with how wrong that may be.

A new installation weighs all courses that a video may take (`courses`) by what was seen of it. From
its own whole videos it learns a global quantile model for each of several ages (`learn`), kept only
where it surely beats the courses on videos that it has not seen; a video of about that age is then
projected by it. Paid views are known ahead and come from the schedule.
"""

from dataclasses import dataclass, replace

import numpy as np

from forecasting.bursts import FEW, Bursts, Recipe, Trial, Window
from forecasting.bursts import learn as learn_bursts
from forecasting.courses import DAYS, Courses, believe, go_on
from forecasting.errors import NothingToLearn
from forecasting.evenings import watching_day
from forecasting.forecast import Z
from forecasting.histories import Histories
from forecasting.network import Training
from forecasting.scores import pinball
from forecasting.signals import Attention, Floats, Ints, PaidPush, Removal, lives_of

AGES = (1, 2, 3, 4, 6, 8, 11, 16, 23, 33, 47, 68, 98)
"""Hours seen that a model is learned for; each reaches a fifth to both sides."""
WINDOWS: tuple[Window, ...] = (
    (1, 1), (2, 3), (4, 6), (7, 12), (13, 24), (25, 48), (49, 72), (73, 120), (121, 168),
)  # fmt: skip
LEAST_VIDEOS = 12
"""Finished videos that may teach courses."""
LEAST_FOR_MODELS = FEW
"""Finished videos that may teach models of attention: with fewer a network learns them by heart."""
ALONE = Recipe(networks=(Training(hidden=48, epochs=60, batch=256),), trees=None)
"""How a market's own models are learned."""
STRAYING = (0.6, 0.8, 1.0, 1.3, 1.7)
"""How much more or less than the priors say videos may stray from their courses."""
USUALLY_AWAKE = 0.6
"""How far the hours of the day move what a model of whole videos is given."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Learned:
    """Models of attention by age, each better than the courses on videos held out."""

    models: tuple[Bursts, ...]
    value_added: float = 0.0
    """The part of the courses' error on the videos held out that they saved, over their ages."""

    def ahead(self, rates: Floats, hours: int) -> tuple[Floats, Floats] | None:
        """Median rates and sd of their log, (n, hours) each, of videos (n, age) all of one age.

        None where no model reaches that age. Beyond a week both stay as at its end.
        """
        near = [model for model in self.models if model.reaches(rates.shape[1])]
        if not near:
            return None
        model = min(near, key=lambda one: abs(one.seen - rates.shape[1]))
        said, _ = model.project(Histories(counts=rates, season=24))
        sizes = np.array([b - a + 1.0 for a, b in model.windows])
        middle = np.log([(a + b) / 2 for a, b in model.windows])
        level = np.log1p(np.expm1(said[..., 1]) / sizes)
        wide = (said[..., 2] - said[..., 0]) / (2 * Z)
        at = np.log(np.arange(1, hours + 1))
        rate = np.expm1(np.stack([np.interp(at, middle, row) for row in level]))
        return rate, np.stack([np.interp(at, middle, row) for row in wide])


def learn(
    rates: Floats,
    recipe: Recipe | None = None,
    courses: Courses | None = None,
    *,
    ages: tuple[int, ...] = AGES,
    seed: int = 0,
) -> Learned:
    """Learn from whole videos: organic views an hour since birth (n, t), the day's rhythm out.

    Windows end within the histories given. Raises NothingToLearn where no age beats the courses or
    there are too few videos; the service then stays with them.
    """
    histories, models, losses = Histories(counts=rates, season=24), [], []
    for age in ages:
        windows = tuple(window for window in WINDOWS if age + window[1] <= rates.shape[1])
        if not windows:
            continue
        model, trial = learn_bursts(histories, age, windows, recipe or ALONE, seed=seed + age)
        both = _losses(trial, _by_courses(rates[:, :age], windows, courses))
        if _surely_less(*both):
            models.append(model)
            losses.append(both)
    if not models:
        raise NothingToLearn(part="attention", have=len(rates), need=len(rates) + 1)
    own, by_courses = (float(np.mean(each)) for each in zip(*losses, strict=True))
    return Learned(models=tuple(models), value_added=1 - own / max(by_courses, 1e-9))


def _losses(trial: Trial, by_courses: Floats) -> tuple[Floats, Floats]:
    """The pinball loss of log totals of each video, (n,): of a model on held-out videos, of the courses."""
    own = pinball(trial.actual, trial.quantiles).mean(axis=(1, 2))
    theirs = pinball(trial.actual, np.log1p(by_courses)).mean(axis=(1, 2))
    return own, theirs


def _surely_less(own: Floats, theirs: Floats) -> bool:
    """Whether the mean loss is less by more than its standard error over the videos."""
    saved = theirs - own
    return bool(saved.mean() > saved.std() / np.sqrt(len(saved)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """What a market's own finished videos say of courses, and what that added on half of them."""

    courses: Courses
    videos: int
    value_added: float
    """The part of the priors' error on the videos held out that it saved."""


def learn_courses(rates: Floats, prior: Courses | None = None) -> Taught:
    """Learn how high videos usually climb, and how far they stray, from whole ones (n, t).

    Tried on every other video, kept from all. Raises NothingToLearn where there are too few.
    """
    if len(rates) < LEAST_VIDEOS:
        raise NothingToLearn(part="courses", have=len(rates), need=LEAST_VIDEOS)
    known = prior or Courses()
    tried = _usual(rates[::2], known)
    by_prior, by_own = (_error(rates[1::2], one) for one in (known, tried))
    return Taught(
        courses=_usual(rates, known),
        videos=len(rates),
        value_added=1 - by_own / max(by_prior, 1e-9),
    )


def _usual(rates: Floats, prior: Courses) -> Courses:
    """The courses that say these videos best: their own peaks, and a few ways to stray."""
    peaks = np.log(rates.max(axis=1) + 1.0)
    sized = replace(
        prior,
        usual_peak=float(np.exp(np.median(peaks))),
        peak_spread=float(np.clip(peaks.std(), 0.5, 3.0)),
    )
    tried = (
        replace(sized, noise=sized.noise * more, drift=sized.drift * more) for more in STRAYING
    )
    return min(tried, key=lambda one: _error(rates, one))


def _error(rates: Floats, courses: Courses) -> float:
    """Mean pinball loss of log totals, of every video and age alike."""
    losses = []
    for age in (1, 3, 6, 24):
        windows = tuple((1, ahead) for ahead in (6, 24, 72) if age + ahead <= rates.shape[1])
        if windows:
            came = np.stack([rates[:, age : age + b].sum(axis=1) for _, b in windows], axis=1)
            said = _by_courses(rates[:, :age], windows, courses)
            losses.append(pinball(np.log1p(came), np.log1p(said)).mean())
    return float(np.mean(losses))


def _by_courses(rates: Floats, windows: tuple[Window, ...], courses: Courses | None) -> Floats:
    """What the courses say of each window, (n, o, 3) counts."""
    past, ahead = np.ones((DAYS, rates.shape[1])), np.ones((DAYS, windows[-1][1]))
    believed = believe(rates, rates, np.ones_like(rates), past, courses)
    organic, doubt = go_on(believed, ahead, courses)
    sums = np.stack([organic[:, a - 1 : b].sum(axis=1) for a, b in windows], axis=1)
    wide = np.stack([doubt[:, a - 1 : b].mean(axis=1) for a, b in windows], axis=1)
    return np.stack([sums * np.exp(z * wide) for z in (-Z, 0.0, Z)], axis=-1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Projection:
    """Views an hour, past and to come: (v, t) from `start`; the last `hours` columns are ahead.

    `spread` is the doubt in organic views (0 in the past): cumulated views times doubt, over the
    cumulated views, are the sd of the log of their total.
    """

    videos: tuple[str, ...]
    start: int
    hours: int
    organic: Floats
    paid: Floats
    spread: Floats
    age: Floats
    """Hours since each video's first bucket, at the first hour ahead (v,)."""


def project(
    attention: Attention,
    rhythm: Floats,
    local: Ints,
    first: int,
    hours: int,
    *,
    pushes: tuple[PaidPush, ...] = (),
    removals: tuple[Removal, ...] = (),
    courses: Courses | None = None,
    learned: Learned | None = None,
) -> Projection:
    """Go on from what was seen to `hours` hours from the epoch hour `first`.

    `rhythm` (t,) is the usual day of the market's orders, 1 on average, and `local` (t,) its hours, from
    `attention.start` to the end of the horizon.
    """
    past = attention.covered.shape[1]
    gap = first - attention.start - past
    every = attention.rate()
    paid_seen = np.minimum(attention.rate("paid_views"), every)
    seen = every - paid_seen
    counted = attention.measure("views") - attention.measure("paid_views")
    watching = watching_day(seen, attention.covered, local[:past])[local]
    days = np.stack([rhythm, watching])
    believed = believe(
        seen, counted, attention.covered, days[:, :past], courses,
        quarters=_organic(attention), heard=attention.heard,
    )  # fmt: skip
    organic, spread = go_on(believed, days[:, past:], courses)
    if learned is not None:
        day = 1 - USUALLY_AWAKE + USUALLY_AWAKE * rhythm
        _as_learned(learned, seen, attention.covered, day, organic, spread)
    paid = _paid(attention, paid_seen, pushes, gap + hours)
    _take_down(attention, organic, paid, removals)
    return Projection(
        videos=attention.videos,
        start=attention.start,
        hours=hours,
        organic=np.concatenate([seen, organic], axis=1),
        paid=np.concatenate([paid_seen, paid], axis=1),
        spread=np.concatenate([np.zeros_like(seen), spread], axis=1),
        age=(lives_of(attention.covered) + gap).astype(np.float64),
    )


def _organic(attention: Attention) -> Floats:
    """Views by quarter of the hours in which none was paid for; nobody tells those by the quarter."""
    unpaid = attention.measure("paid_views") <= 0
    organic: Floats = np.where(unpaid[:, :, None], attention.quarters, np.nan)
    return organic


def _as_learned(
    learned: Learned, seen: Floats, covered: Floats, day: Floats, organic: Floats, spread: Floats
) -> None:
    """Where a model reaches a video's age, its projection takes the courses' place."""
    past, lives = seen.shape[1], lives_of(covered)
    for life in np.unique(lives[lives > 0]):
        mine = np.flatnonzero(lives == life)
        calm = seen[mine][:, -life:] / day[past - life : past]
        found = learned.ahead(calm, organic.shape[1])
        if found is not None:
            organic[mine] = found[0] * day[past:]
            spread[mine] = np.maximum(found[1], 0.1)


def _paid(attention: Attention, seen: Floats, pushes: tuple[PaidPush, ...], hours: int) -> Floats:
    """Paid views ahead: the schedule, scaled by how the push has delivered so far (0.5 to 2)."""
    past = seen.shape[1]
    paid = np.zeros((len(seen), hours))
    edges = (attention.start + np.arange(past + hours + 1)) * 3600.0
    for push in pushes:
        if push.video not in attention.videos:
            continue
        v = attention.videos.index(push.video)
        begins, ends = push.begins.timestamp(), push.ends.timestamp()
        part = np.clip(np.minimum(edges[1:], ends) - np.maximum(edges[:-1], begins), 0, None)
        plan = part / (ends - begins) * push.expected_views
        due = float(plan[:past].sum())
        scale = (
            (float(seen[v][plan[:past] > 0].sum()) + 0.2 * due) / (1.2 * due) if due > 0 else 1.0
        )
        paid[v] += plan[past:] * np.clip(scale, 0.5, 2.0)
    return paid


def _take_down(
    attention: Attention, organic: Floats, paid: Floats, removals: tuple[Removal, ...]
) -> None:
    """A removed video is seen by nobody from the hour of its removal on."""
    end = attention.start + attention.covered.shape[1]
    for removal in removals:
        if removal.video in attention.videos:
            v = attention.videos.index(removal.video)
            gone = max(int(removal.at.timestamp() // 3600) - end, 0)
            organic[v, gone:] = 0.0
            paid[v, gone:] = 0.0
