"""How the attention to each video goes on from here: hour by hour, with how wrong that may be.

The rate follows its present growth, which fades within hours, and then relaxes as a power of the
time since its peak (the response of attention to a burst: Crane & Sornette, PNAS 2008):

    log rate(j) = log level + growth * tau * (1 - exp(-j / tau)) - beta * log((age + j) / age)

with `age` the hours since its peak and a few, so that the first hour does not divide by zero. The spread is that
of log rate and grows with the age multiplied: sd(j)^2 = floor^2 + drift^2 * log((age + j) / age),
and in a video's first hours with how little of its course can be read.
Rates here have the day's rhythm taken out. Paid views are known ahead and come from the schedule.

That is what a new installation starts from. From its own whole videos it learns a global quantile
model for each of several ages (`learn`), kept only where it beats the formula on videos that it has
not seen; a video of about that age is then projected by it.
"""

from dataclasses import dataclass

import numpy as np

from forecasting.bursts import Bursts, Recipe, Window
from forecasting.bursts import learn as learn_bursts
from forecasting.errors import NothingToLearn
from forecasting.histories import Histories
from forecasting.scores import score
from forecasting.signals import Attention, Floats, Ints, PaidPush, Removal

YOUNG = 3.0
"""Hours added to the time since a video's peak."""
AGES = (1, 2, 3, 4, 6, 8, 11, 16, 23, 33, 47, 68, 98)
"""Hours seen that a model is learned for; each reaches a fifth to both sides."""
WINDOWS: tuple[Window, ...] = (
    (1, 1), (2, 3), (4, 6), (7, 12), (13, 24), (25, 48), (49, 72), (73, 120), (121, 168),
)  # fmt: skip
_Z = 1.2815515655446004


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxation:
    """How bursts of attention rise and fade; learned from whole videos, these are the priors."""

    beta: float = 1.0
    """Exponent of the relaxation; 0.4 to 1.4 for exogenous and endogenous bursts (Crane & Sornette)."""
    tau: float = 4.0
    """Hours over which the present growth fades."""
    floor: float = 0.15
    drift: float = 0.63
    youth: float = 0.7
    """Sd of log for want of a course to read, at birth; it halves every four hours of age."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Learned:
    """Models of attention by age, each better than the formula on videos held out."""

    models: tuple[Bursts, ...]

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
        wide = (said[..., 2] - said[..., 0]) / (2 * _Z)
        at = np.log(np.arange(1, hours + 1))
        rate = np.expm1(np.stack([np.interp(at, middle, row) for row in level]))
        return rate, np.stack([np.interp(at, middle, row) for row in wide])


def learn(
    rates: Floats,
    recipe: Recipe | None = None,
    relaxation: Relaxation | None = None,
    *,
    ages: tuple[int, ...] = AGES,
    seed: int = 0,
) -> Learned:
    """Learn from whole videos: organic views an hour since birth (n, t), the day's rhythm out.

    Windows end within the histories given. Raises NothingToLearn where no age beats the formula or
    there are too few videos; the service then stays with the formula.
    """
    histories, models = Histories(counts=rates, season=24), []
    for age in ages:
        windows = tuple(window for window in WINDOWS if age + window[1] <= rates.shape[1])
        if not windows:
            continue
        model, trial = learn_bursts(histories, age, windows, recipe, seed=seed + age)
        by_formula = _by_formula(rates[:, :age], windows, relaxation or Relaxation())
        if (
            score(np.expm1(trial.actual), np.expm1(trial.quantiles), by_formula).value_added or 0
        ) > 0:
            models.append(model)
    if not models:
        raise NothingToLearn(part="attention", have=len(rates), need=len(rates) + 1)
    return Learned(models=tuple(models))


def _by_formula(rates: Floats, windows: tuple[Window, ...], shape: Relaxation) -> Floats:
    """What the formula says of each window, (n, o, 3) counts."""
    level, growth, age = _state(rates, np.ones_like(rates))
    organic, spread = _relaxed(level, growth, age, windows[-1][1], shape)
    sums = np.stack([organic[:, a - 1 : b].sum(axis=1) for a, b in windows], axis=1)
    wide = np.stack([spread[:, a - 1 : b].mean(axis=1) for a, b in windows], axis=1)
    return np.stack([sums * np.exp(z * wide) for z in (-_Z, 0.0, _Z)], axis=-1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Projection:
    """Views an hour, past and to come: (v, t) from `start`; the last `hours` columns are ahead.

    `organic` has the day's rhythm taken out, `paid` has none to begin with; `spread` is the sd of
    log organic (0 in the past).
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
    first: int,
    hours: int,
    *,
    pushes: tuple[PaidPush, ...] = (),
    removals: tuple[Removal, ...] = (),
    relaxation: Relaxation | None = None,
    learned: Learned | None = None,
) -> Projection:
    """Go on from what was seen to `hours` hours from the epoch hour `first`.

    `rhythm` (t,) is the usual share of attention in each hour from `attention.start` to the end of
    the horizon, 1 on average.
    """
    shape = relaxation or Relaxation()
    past = attention.covered.shape[1]
    gap = first - attention.start - past
    paid_seen = np.minimum(attention.rate("paid_views"), attention.rate())
    calm = (attention.rate() - paid_seen) / rhythm[:past]
    level, growth, age = _state(calm, attention.covered)
    organic, spread = _relaxed(level, growth, age, gap + hours, shape)
    if learned is not None:
        _as_learned(learned, calm, attention.covered, organic, spread)
    paid = _paid(attention, paid_seen, pushes, gap + hours)
    _take_down(attention, organic, paid, removals)
    return Projection(
        videos=attention.videos,
        start=attention.start,
        hours=hours,
        organic=np.concatenate([calm, organic], axis=1),
        paid=np.concatenate([paid_seen, paid], axis=1),
        spread=np.concatenate([np.zeros_like(calm), spread], axis=1),
        age=(_lives(attention.covered) + gap).astype(np.float64),
    )


def _relaxed(
    level: Floats, growth: Floats, age: Floats, hours: int, shape: Relaxation
) -> tuple[Floats, Floats]:
    """The formula: rates and sd of their log, (v, hours) each."""
    ahead = np.arange(1, hours + 1, dtype=np.float64)
    aged = np.log((age[:, None] + ahead) / age[:, None])
    bend = growth[:, None] * shape.tau * (1 - np.exp(-ahead / shape.tau))
    organic = level[:, None] * np.exp(bend - shape.beta * aged)
    youth = shape.youth * 0.5 ** ((age[:, None] - YOUNG) / 4) * (1 - np.exp(-ahead / shape.tau))
    return organic, np.sqrt(shape.floor**2 + shape.drift**2 * aged + youth**2)


def _as_learned(
    learned: Learned, calm: Floats, covered: Floats, organic: Floats, spread: Floats
) -> None:
    """Where a model reaches a video's age, its projection takes the formula's place."""
    lives = _lives(covered)
    for life in np.unique(lives[lives > 0]):
        mine = np.flatnonzero(lives == life)
        found = learned.ahead(calm[mine][:, -life:], organic.shape[1])
        if found is not None:
            organic[mine], spread[mine] = found[0], np.maximum(found[1], 0.1)


def _lives(covered: Floats) -> Ints:
    """Hours since each video's first bucket, (v,); 0 for a video without any."""
    if not covered.size:
        return np.zeros(len(covered), dtype=np.int64)
    lives = np.where(covered.any(axis=1), covered.shape[1] - (covered > 0).argmax(axis=1), 0)
    return lives.astype(np.int64)


def _state(calm: Floats, covered: Floats) -> tuple[Floats, Floats, Floats]:
    """Level, growth an hour (of log), and hours since the peak plus `YOUNG`, of each video (v,)."""
    past = calm.shape[1]
    if not past:
        return np.zeros(len(calm)), np.zeros(len(calm)), np.full(len(calm), YOUNG)
    back = np.arange(past)[::-1]
    weight = covered * 0.5 ** (back / 2)
    level = (weight * calm).sum(axis=1) / np.maximum(weight.sum(axis=1), 1e-9)
    # attention relaxes from its peak, not from its birth; an old series' peak may be a chance
    since_peak = past - 1 - calm.argmax(axis=1)
    age = np.maximum(since_peak, _lives(covered) / 2) + YOUNG
    # the slope of the last twelve hours, shrunk to none by six hours' worth of doubt
    near = covered * (back < 12)
    log = np.log1p(calm)
    mass = np.maximum(near.sum(axis=1), 1e-9)
    centre = (near * -back).sum(axis=1) / mass
    offset = -back - centre[:, None]
    slope = (near * offset * log).sum(axis=1) / ((near * offset**2).sum(axis=1) + 30.0)
    last = np.log1p(level)
    mean = (near * log).sum(axis=1) / mass
    # a level that has turned against the slope is believed before the slope is
    turned = (last - mean) * slope < 0
    return level, np.clip(np.where(turned, 0.0, slope), -0.3, 0.4), age


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
