"""How the attention to each video goes on from here: hour by hour, with how wrong that may be.

The rate follows its present growth, which fades within hours, and then relaxes as a power of the
video's age (the response of attention to a burst: Crane & Sornette, PNAS 2008):

    log rate(j) = log level + growth * tau * (1 - exp(-j / tau)) - beta * log((age + j) / age)

with `age` in hours plus a few, so that the first hour does not divide by zero. The spread is that
of log rate and grows with the age multiplied: sd(j)^2 = floor^2 + drift^2 * log((age + j) / age).
Rates here have the day's rhythm taken out. Paid views are known ahead and come from the schedule.
"""

from dataclasses import dataclass

import numpy as np

from forecasting.signals import Attention, Floats, PaidPush, Removal

YOUNG = 6.0
"""Hours added to a video's age."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxation:
    """How bursts of attention rise and fade; learned from whole videos, these are the priors."""

    beta: float = 1.0
    """Exponent of the relaxation; 0.4 to 1.4 for exogenous and endogenous bursts (Crane & Sornette)."""
    tau: float = 4.0
    """Hours over which the present growth fades."""
    floor: float = 0.15
    drift: float = 0.63


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
    ahead = np.arange(1, gap + hours + 1, dtype=float)
    aged = np.log((age[:, None] + ahead) / age[:, None])
    bend = growth[:, None] * shape.tau * (1 - np.exp(-ahead / shape.tau))
    organic = level[:, None] * np.exp(bend - shape.beta * aged)
    spread = np.sqrt(shape.floor**2 + shape.drift**2 * aged)
    paid = _paid(attention, paid_seen, pushes, gap + hours)
    _take_down(attention, organic, paid, removals)
    return Projection(
        videos=attention.videos,
        start=attention.start,
        hours=hours,
        organic=np.concatenate([calm, organic], axis=1),
        paid=np.concatenate([paid_seen, paid], axis=1),
        spread=np.concatenate([np.zeros_like(calm), spread], axis=1),
        age=age - YOUNG,
    )


def _state(calm: Floats, covered: Floats) -> tuple[Floats, Floats, Floats]:
    """Level, growth an hour (of log) and age plus `YOUNG` of each video, each (v,)."""
    past = calm.shape[1]
    if not past:
        return np.zeros(len(calm)), np.zeros(len(calm)), np.full(len(calm), YOUNG)
    back = np.arange(past)[::-1]
    weight = covered * 0.5 ** (back / 2)
    level = (weight * calm).sum(axis=1) / np.maximum(weight.sum(axis=1), 1e-9)
    born = np.where(covered.any(axis=1), (covered > 0).argmax(axis=1), past)
    age = past - born + YOUNG
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
