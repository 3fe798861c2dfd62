"""Which course a video may take: many shapes at once, each believed as far as it fits what was seen.

A broad course rises within `rise` hours and fades as a power of its age, as an exponential, or both:

    reach(age) = age^p / (age^p + rise^p) * (1 + age / c)^-beta * 2^(-age / half_life),   c = max(rise, 3)

a sharp one is passed on from one to the next until a moment, and relaxes from there:

    reach(age) = exp(-growth * (peak - age)) before its peak, (1 + (age - peak) / 2)^-beta after it

Bursts of attention relax as powers with beta 0.4 to 1.4 and rise at once or over days (Crane &
Sornette, PNAS 2008); an audience that is used up fades exponentially. Nobody can tell from a
video's first hour which of these it will be: the first hour of a slow rise and that of a flash look
alike. So every shape is carried along, with a level of its own that follows what is seen (a Kalman
filter on logs), and its probability is the marginal likelihood of what came. What is said ahead is
the mean of log totals over all shapes and the sd of it: wide in the first hours, narrowing by
itself. The market's other videos teach which courses are usual there; before any, what came slowly
is taken to go slowly, and else all are equal.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import isnan

import numpy as np

from forecasting.signals import Floats, Ints, lives_of

RISES = (0.5, 1.5, 3.0, 5.0, 8.0, 13.0, 20.0, 30.0, 45.0)
STEEPNESS = (1.0, 2.0)
BETAS = (0.0, 0.5, 1.0)
HALF_LIVES = (6.0, 12.0, 24.0, 48.0, 100.0, np.inf)
PEAKS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
GROWTHS = (0.2, 0.5)
RELAXATIONS = (0.5, 0.9, 1.3)
SHARP = 0.1
"""How likely a course is a sharp one."""
FADES_AFTER, FADES_WITHIN = 5.0, 1.0
"""What came slowly goes slowly: a broad course fades by half in so many times its rise, with this sd
of the log. Bursts that grow by word of mouth relax as slowly as they grew (Crane & Sornette, 2008)."""
STAYS = 250.0
"""Hours that an attention without an end of its own is counted as."""
DAYS = 2
SHOPPING, EVENINGS = range(DAYS)
"""Days that attention may keep: the usual day of a market's orders, and that of people who watch."""
AWAKE = ((SHOPPING, 0.3), (SHOPPING, 0.6), (SHOPPING, 0.9), (EVENINGS, 1.0))
"""How far the hours of which day move attention. Films are watched in the evening: by the day of a
shop alone each evening's views are taken for a course that still climbs."""
UNREST = (1.0, 1.5)
"""A video keeps to its course, or strays from it and jumps about it this much more."""
_BROAD = len(RISES) * len(STEEPNESS) * len(BETAS) * len(HALF_LIVES)
_SHARP = len(PEAKS) * len(GROWTHS) * len(RELAXATIONS)
SHAPES = _BROAD + _SHARP
PER_HOUR = 4
"""Ages are told apart by quarters of an hour."""
YOUNG = 3
"""Hours of a life that are read by the quarter, where they were told so: by then hours tell as much."""
LEAST_QUARTERS = 3
"""Two quarters show a growth that is mostly chance."""
LOOKED_BACK = 72
"""Hours of a life that still say which course it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Courses:
    """What is believed of courses before any video was seen; the defaults are priors."""

    noise: float = 0.2
    """Sd of the log of one hour about its course, beside the chance of counting."""
    drift: float = 0.35
    """Sd by which a video leaves its course while its age grows by the factor e."""
    learned_from: float = 4.0
    """Videos that the usual courses are worth against the market's own."""
    doubt: float = 0.6
    """Part of the evidence that is believed: hours of one video are not independent."""
    usual_peak: float = 3000.0
    """Views an hour at the peak of a usual viral video; above it logs have an sd of `peak_spread`."""
    peak_spread: float = 2.0
    agreed: float = 0.8
    beyond: float = 0.6
    """Of an sd of log total above `agreed` so much counts: shapes that end a table at either side disagree
    more than what came of the videos that they were thought possible for."""
    widest: float = 1.7
    """Sd of log total at most."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Believed:
    """What is believed of each video now.

    `weight` (v, u, a, k) are probabilities of unrest, day pattern and shape, `level` (v, u, a, k)
    the log level under each, `variance` (v, u) of the level, `age` (v,) hours since birth at the
    end of what was seen.
    """

    weight: Floats
    level: Floats
    variance: Floats
    age: Floats


@lru_cache(maxsize=4)
def _table(quarters: int) -> Floats:
    """log reach of every shape at every quarter of an hour of age, (k, quarters)."""
    age = (np.arange(quarters) + 0.5) / PER_HOUR
    rows = []
    for rise, p, beta, half in product(RISES, STEEPNESS, BETAS, HALF_LIVES):
        up = -np.log1p((rise / age) ** p)
        rows.append(up - beta * np.log1p(age / max(rise, 3.0)) - np.log(2) * age / half)
    for peak, growth, beta in product(PEAKS, GROWTHS, RELAXATIONS):
        before, after = np.maximum(peak - age, 0.0), np.maximum(age - peak, 0.0)
        rows.append(-growth * before - beta * np.log1p(after / 2))
    table = np.stack(rows)
    table.setflags(write=False)
    return table


@lru_cache(maxsize=4)
def _plain(quarters: int) -> Floats:
    """The same without the log."""
    table: Floats = np.exp(_table(quarters))
    table.setflags(write=False)
    return table


def _hours(begin: float, hours: int) -> tuple[int, slice]:
    """The size of a table, and in it the hours whose middles are begin, begin + 1, ... old."""
    first = max(round(begin * PER_HOUR - 0.5), 0)
    last = first + PER_HOUR * hours
    return 1 << int(np.ceil(np.log2(max(last, 1024)))), slice(first, last, PER_HOUR)


def _log_reach(old: Floats) -> Floats:
    """log reach of every shape at those ages in hours, (n, k)."""
    at = np.maximum(np.round(old * PER_HOUR - 0.5).astype(np.int64), 0)
    size = 1 << int(np.ceil(np.log2(max(int(at.max(initial=0)) + 1, 1024))))
    reach: Floats = _by_age(size)[at]
    return reach


@lru_cache(maxsize=4)
def _by_age(quarters: int) -> Floats:
    """The table turned, (quarters, k): a life reads all shapes at one age after the other."""
    turned = np.ascontiguousarray(_table(quarters).T)
    turned.setflags(write=False)
    return turned


def watched(days: Floats) -> Floats:
    """The day's part of attention under each pattern of `AWAKE`, (a, t); `days` (d, t) are 1 on average."""
    rows = [1 - part + part * days[which] for which, part in AWAKE]
    parts: Floats = np.maximum(np.stack(rows), 0.05)
    return parts


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Steps:
    """What was seen of one video, step by step: an hour each, or a quarter of one."""

    old: Floats
    """Hours since birth at each step's middle, (n,)."""
    long: Floats
    """Its length in hours, (n,)."""
    rate: Floats
    """Organic views per whole hour, (n,)."""
    count: Floats
    """Those counted, (n,); 0 with a rate is a count all the same, NaN a gap."""
    hour: Ints
    """The place of its hour in the video's life, (n,)."""


def believe(
    rates: Floats, counts: Floats, covered: Floats, days: Floats, prior: Courses | None = None,
    *, quarters: Floats | None = None, heard: Floats | None = None,
) -> Believed:  # fmt: skip
    """Weigh all courses by what was seen.

    `rates` (v, t) organic views per whole hour, `counts` (v, t) those counted, `covered` (v, t) the
    part of each hour that was seen, `days` (d, t) those that attention may keep; of the first hours
    `quarters` (v, t, 4) counts by quarter where they were told (else NaN), and the part of each that was `heard`.
    """
    known = prior or Courses()
    lives = lives_of(covered)
    shape = (len(rates), len(UNREST), len(AWAKE), SHAPES)
    level, evidence = np.zeros(shape), np.zeros(shape)
    variance, age = np.zeros(shape[:2]), np.zeros(len(rates))
    day = np.log(watched(days))
    for v in np.flatnonzero(lives):
        mine = slice(covered.shape[1] - int(lives[v]), None)
        begun = float(covered[v, mine][0])
        age[v] = begun + lives[v] - 1
        steps = _by_hour(rates[v, mine], counts[v, mine], covered[v, mine], begun)
        if quarters is not None and heard is not None:
            steps = _by_quarter(steps, quarters[v, mine], heard[v, mine])
        level[v], variance[v], evidence[v] = _followed(steps, day[:, mine], known)
    evidence = known.doubt * evidence + _of_size(level, rates, lives, known)
    return Believed(
        weight=_weighed(evidence, lives, known),
        level=level,
        variance=variance,
        age=age,
    )


def _by_hour(rates: Floats, counts: Floats, covered: Floats, begun: float) -> Steps:
    """A life hour by hour; its first hour is only `begun` hours long."""
    after = np.arange(len(rates) - 1)
    return Steps(
        old=np.concatenate([[begun / 2], begun + after + 0.5]),
        long=np.ones(len(rates)),
        rate=np.maximum(rates, 0.0),
        count=np.where(covered > 0, counts, np.nan),
        hour=np.arange(len(rates)),
    )


def _by_quarter(steps: Steps, quarters: Floats, heard: Floats) -> Steps:
    """The same with the first hours by the quarter, where most of a quarter was heard of and told."""
    young = min(YOUNG, len(steps.hour))
    good = np.isfinite(quarters[:young]) & (heard[:young] >= 0.5)
    if good.sum() < LEAST_QUARTERS:
        return steps
    split = good.any(axis=1)
    hour, quarter = np.nonzero(good)
    part = heard[hour, quarter]
    # a video is as old as its quarters that were heard of since its first
    ripe = np.cumsum(heard.reshape(-1)).reshape(heard.shape) - heard / 2
    count = quarters[hour, quarter]
    kept = ~np.concatenate([split, np.zeros(len(steps.hour) - young, dtype=bool)])
    each = {
        "old": (ripe[hour, quarter] / PER_HOUR, steps.old),
        "long": (part / PER_HOUR, steps.long),
        "rate": (count * PER_HOUR / part, steps.rate),
        "count": (count, steps.count),
        "hour": (hour, steps.hour),
    }
    joined = {name: np.concatenate([fine, whole[kept]]) for name, (fine, whole) in each.items()}
    order = np.argsort(joined["old"], kind="stable")
    return Steps(**{name: values[order] for name, values in joined.items()})


def _followed(steps: Steps, day: Floats, known: Courses) -> tuple[Floats, Floats, Floats]:
    """Level (u, a, k), its variance (u,) and the evidence (u, a, k) of one video's steps.

    `day` (a, t) is the log of the usual day in each hour of its life. The filter starts from no
    knowledge of the level, and passes over a gap.

    A level follows the log of what was seen, less a pattern's day, less a shape's reach. The filter
    is linear and its gains are alike for all of them, so patterns and shapes are followed apart and
    put together in the end.
    """
    steps = _lately(steps)
    told = np.flatnonzero(np.isfinite(steps.count))
    gain, whole, variance = _gains(steps, known)
    seen = np.log(steps.rate[told] + 0.5) - day[:, steps.hour[told]]
    parts = np.concatenate([seen.T, _log_reach(steps.old[told])], axis=1)
    level = np.zeros((len(UNREST), len(AWAKE) + SHAPES))
    off = np.empty((len(told), *level.shape))
    for now, part, each in zip(off, gain, parts, strict=True):
        np.subtract(each, level, out=now)
        level += part * now
    # the first step only sets the level; each later one is as likely as it came near to it
    near = np.ascontiguousarray((off[1:] / np.sqrt(whole[1:])).swapaxes(0, 1))
    by_pattern, by_shape = near[:, :, : len(AWAKE)], near[:, :, len(AWAKE) :]
    far = (
        np.einsum("una,una->ua", by_pattern, by_pattern)[:, :, None]
        - 2 * by_pattern.swapaxes(1, 2) @ by_shape
        + np.einsum("unk,unk->uk", by_shape, by_shape)[:, None, :]
    )
    evidence = -0.5 * (far + np.log(whole[1:]).sum(axis=0)[:, :, None])
    return level[:, : len(AWAKE), None] - level[:, None, len(AWAKE) :], variance, evidence


def _lately(steps: Steps) -> Steps:
    """The steps that still say which course it is."""
    first = int(np.searchsorted(steps.hour, steps.hour[-1] + 1 - LOOKED_BACK))
    kept = {name: getattr(steps, name)[first:] for name in steps.__dataclass_fields__}
    return Steps(**kept)


def _gains(steps: Steps, known: Courses) -> tuple[Floats, Floats, Floats]:
    """Of each step that was told, its gain and the variance of what it says, (n, u, 1) each; the
    level's variance in the end, (u,)."""
    chance = (1 / np.maximum(steps.count, 1.0)).tolist()
    long, strays = steps.long.tolist(), (steps.long / (steps.old + 2.0)).tolist()
    gains, wholes, ends = [], [], []
    for unrest in UNREST:
        variance, gain, whole = np.inf, [], []
        for i, by_chance in enumerate(chance):
            variance += (unrest * known.drift) ** 2 * strays[i]
            if isnan(by_chance):
                continue
            # what scatters an hour is the mean of its quarters
            scatter = (unrest * known.noise) ** 2 / long[i] + by_chance
            whole.append(variance + scatter)
            gain.append(variance / whole[-1] if np.isfinite(variance) else 1.0)
            variance = gain[-1] * scatter
        gains.append(gain)
        wholes.append(whole)
        ends.append(variance)
    return np.array(gains).T[:, :, None], np.array(wholes).T[:, :, None], np.array(ends)


@lru_cache(maxsize=1)
def _usual() -> Floats:
    """How likely each shape is before anything was seen, (k,)."""
    broad = np.array(
        [
            np.log(min(half, STAYS) / (FADES_AFTER * max(rise, 2.0)))
            for rise, _, _, half in product(RISES, STEEPNESS, BETAS, HALF_LIVES)
        ]
    )
    likely = np.exp(-0.5 * (broad / FADES_WITHIN) ** 2)
    sharp = np.full(_SHARP, SHARP / _SHARP)
    usual: Floats = np.concatenate([(1 - SHARP) * likely / likely.sum(), sharp])
    usual.setflags(write=False)
    return usual


@lru_cache(maxsize=1)
def _tops() -> Floats:
    """log reach of every shape at its peak, (k,)."""
    tops: Floats = _table(1024).max(axis=1)
    return tops


def _of_size(level: Floats, rates: Floats, lives: Ints, known: Courses) -> Floats:
    """How likely a peak as high as each course would have is, (v, u, a, k); small ones are no wonder.

    A usual peak is the prior's and that of the market's other videos together.
    """
    seen = np.log(rates.max(axis=1, initial=0.0) + 1.0)
    told = np.minimum(lives / 24, 1.0)
    others = (told @ seen - told * seen + np.log(known.usual_peak)) / (told.sum() - told + 1)
    off = level + _tops() - others[:, None, None, None]
    likely: Floats = -0.5 * (np.maximum(off, 0.0) / known.peak_spread) ** 2
    return likely


def _weighed(evidence: Floats, lives: Ints, known: Courses) -> Floats:
    """Probabilities of unrest, pattern and shape, (v, u, a, k): the other videos' own are each one's prior."""
    if not len(evidence):
        return evidence
    usual = _usual() / (len(UNREST) * len(AWAKE))
    alone = _softmax(evidence + np.log(usual))
    told = alone * np.minimum(lives / 24, 1.0)[:, None, None, None]
    others = known.learned_from * usual + told.sum(axis=0, keepdims=True) - told
    return _softmax(evidence + np.log(others))


def _softmax(logs: Floats) -> Floats:
    part = np.exp(logs - logs.max(axis=(1, 2, 3), keepdims=True))
    whole: Floats = part / part.sum(axis=(1, 2, 3), keepdims=True)
    return whole


def go_on(believed: Believed, days: Floats, prior: Courses | None = None) -> tuple[Floats, Floats]:
    """Views an hour ahead and their doubt, (v, h) each; `days` (d, h) are those it may keep, ahead.

    Cumulated rates are the medians of totals; cumulated rate times doubt, over the cumulated rate,
    is the sd of the log of that total.
    """
    known = prior or Courses()
    hours = days.shape[1]
    rate, doubt = np.zeros((2, len(believed.age), hours))
    if not hours:
        return rate, doubt
    day = watched(days)
    for v in np.flatnonzero(believed.age > 0):
        total, sd = _totals(believed, int(v), day, known)
        rate[v] = np.maximum(np.diff(total, prepend=0.0), 0.0)
        wrong = np.diff(total * sd, prepend=0.0) / np.maximum(rate[v], 1e-12)
        doubt[v] = np.clip(wrong, 0.1, 2 * known.widest)
    return rate, doubt


def _totals(believed: Believed, v: int, days: Floats, known: Courses) -> tuple[Floats, Floats]:
    """Median of one video's cumulated views ahead and the sd of its log, (h,) each."""
    weight = believed.weight[v]
    day = weight.sum(axis=(0, 2)) @ days
    by_shape = weight.sum(axis=(0, 1))
    level = (weight * believed.level[v]).sum(axis=(0, 1)) / np.maximum(by_shape, 1e-300)
    likely = np.flatnonzero(by_shape > 1e-3 * by_shape.max())
    part = by_shape[likely] / by_shape[likely].sum()
    size, which = _hours(float(believed.age[v]) + 0.5, len(day))
    reach = _plain(size)[likely, which] * day
    logs = np.log(np.maximum(np.cumsum(reach, axis=1), 1e-30)) + level[likely, None]
    mean = np.maximum(part @ logs, -20.0)
    restless = weight.sum(axis=(1, 2))
    left = np.log1p(np.arange(1, len(day) + 1) / (believed.age[v] + 2.0))
    strayed = float(restless @ (np.array(UNREST) * known.drift) ** 2) * 0.6 * left
    known_badly = float(restless @ believed.variance[v])
    sd = np.sqrt(part @ (logs - mean) ** 2 + known_badly + strayed)
    sd -= (1 - known.beyond) * np.maximum(sd - known.agreed, 0.0)
    return np.exp(mean), np.minimum(sd, known.widest)
