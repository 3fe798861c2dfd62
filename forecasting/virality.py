"""Which videos are going viral, since when, how fast, and what speaks against believing it.

An episode is a bounded time in which a video's reach grows faster than normal:

    started ─▶ peaked ─▶ faded          and across all of them: turned_negative, suspect, removed

It starts when the organic views of an hour first reach `Bounds.views_an_hour`; it has peaked when
the level has fallen to `fallen` of its highest and kept falling; it has faded at `faded` of it. The
level is the mean of the last three hours, deseasonalised by nobody: a night's lull is no fading,
because the highest level must also be six hours old. Paid views start no episode.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np

from forecasting.signals import Attention, Floats, Removal, epoch_hour, hour_at


class Phase(StrEnum):
    """Where an episode stands now."""

    QUIET = "quiet"
    RISING = "rising"
    FADING = "fading"
    FADED = "faded"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The lines that an episode crosses; numbers a business may choose."""

    views_an_hour: float = 500.0
    fallen: float = 0.7
    faded: float = 0.1
    negative_share: float = 0.3
    negative_rise: float = 0.15
    bot_completion: float = 0.08
    bot_region_share: float = 0.95
    bot_clicks: float = 1e-4
    bot_views: float = 5000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One number that speaks for the phase, in words a planner reads."""

    name: str
    value: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Something that happened to a video: `started`, `peaked`, `faded`, `turned_negative`,
    `suspect` or `removed`, and in which hour."""

    kind: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """The state of one video's virality."""

    video: str
    phase: Phase
    turns: tuple[Turn, ...]
    suspect: bool
    negative: bool
    growth_per_hour: float
    """Share by which the level grew in each of the last six hours, e.g. 0.12 or -0.03."""
    doubling_hours: float | None
    half_life_hours: float | None
    views: int
    evidence: tuple[Evidence, ...]

    def turned(self, kind: str) -> datetime | None:
        """When the first turn of this kind came, if it came."""
        return next((turn.at for turn in self.turns if turn.kind == kind), None)


def episodes(
    attention: Attention,
    now: datetime,
    removals: tuple[Removal, ...] = (),
    bounds: Bounds | None = None,
) -> tuple[Episode, ...]:
    """The episode of every video that has signals, in the order of `attention.videos`."""
    gone = {removal.video: removal.at for removal in removals if removal.at <= now}
    organic = np.maximum(attention.rate() - attention.rate("paid_views"), 0.0)
    lines = bounds or Bounds()
    return tuple(
        _episode(attention, v, organic[v], gone.get(video), lines)
        for v, video in enumerate(attention.videos)
    )


def negative_share(attention: Attention, hours: int = 3) -> tuple[Floats, Floats]:
    """The share of negative reactions over the last hours and before them, each (v,).

    Both are shrunk to 6 % by twenty made-up reactions, so that two angry viewers are no turn.
    """
    bad, good = attention.measure("negative_reactions"), attention.measure("likes")
    shrunk = [
        (bad[:, part].sum(axis=1) + 1.2) / ((bad + good)[:, part].sum(axis=1) + 20.0)
        for part in (slice(-hours, None), slice(None, -hours))
    ]
    return shrunk[0], shrunk[1]


def suspects(
    attention: Attention, bounds: Bounds | None = None
) -> tuple[tuple[Evidence, ...], ...]:
    """What makes each video look like bots: a tuple of evidence, empty where nothing does.

    Many views, hardly any finished, all from one region and none with a click.
    """
    return tuple(_bots(attention, v, bounds or Bounds()) for v in range(len(attention.videos)))


def _bots(attention: Attention, v: int, bounds: Bounds) -> tuple[Evidence, ...]:
    views = float(attention.measure("views")[v].sum())
    completion = float(attention.measure("completed")[v].sum()) / max(views, 1.0)
    clicks = float(attention.measure("product_clicks")[v].sum()) / max(views, 1.0)
    regional = attention.views[v].sum(axis=1)
    top = float(regional.max(initial=0.0)) / max(views, 1.0)
    # a feed that sends no completions at all says nothing about bots
    told = attention.measure("completed")[v].any()
    if views < bounds.bot_views or not told or completion > bounds.bot_completion:
        return ()
    if clicks > bounds.bot_clicks or top < bounds.bot_region_share:
        return ()
    return (
        Evidence(name="completion", value=completion, words=f"{completion:.0%} watch to the end"),
        Evidence(name="region_share", value=top, words=f"{top:.0%} come from one region"),
        Evidence(name="clicks", value=clicks, words=f"{clicks:.3%} click on a product"),
    )


def _episode(
    attention: Attention, v: int, organic: Floats, gone: datetime | None, bounds: Bounds
) -> Episode:
    level = _level(organic)
    growth = _growth(level)
    life = _life(level, attention.start, bounds)
    bots = _bots(attention, v, bounds)
    now_bad, before = _bad_shares(attention, v)
    negative = now_bad >= bounds.negative_share and now_bad - before >= bounds.negative_rise
    turns = list(life)
    last = hour_at(attention.start + max(len(level) - 1, 0))
    if negative:
        turns.append(Turn(kind="turned_negative", at=last))
    if bots:
        turns.append(Turn(kind="suspect", at=last))
    if gone is not None:
        turns = [turn for turn in turns if turn.at < gone] + [Turn(kind="removed", at=gone)]
    views = int(attention.measure("views")[v].sum())
    evidence = (
        Evidence(name="views", value=float(views), words=f"{views:,} views so far"),
        Evidence(name="growth", value=growth, words=f"the level moves {growth:+.1%} an hour"),
        Evidence(
            name="negative", value=now_bad, words=f"{now_bad:.0%} negative, {before:.0%} before"
        ),
        *bots,
    )
    return Episode(
        video=attention.videos[v],
        phase=_phase(turns),
        turns=tuple(turns),
        suspect=bool(bots),
        negative=bool(negative),
        growth_per_hour=growth,
        doubling_hours=float(np.log(2) / np.log1p(growth)) if growth > 0.001 else None,
        half_life_hours=float(-np.log(2) / np.log1p(growth)) if growth < -0.001 else None,
        views=views,
        evidence=evidence,
    )


def _bad_shares(attention: Attention, v: int) -> tuple[float, float]:
    recent, before = negative_share(attention)
    return float(recent[v]), float(before[v])


def _level(rate: Floats) -> Floats:
    """The mean of the last three hours (fewer at the beginning)."""
    total = np.concatenate([[0.0], np.cumsum(rate)])
    ends = np.arange(1, len(rate) + 1)
    begins = np.maximum(ends - 3, 0)
    level: Floats = (total[ends] - total[begins]) / np.maximum(ends - begins, 1)
    return level


def _growth(level: Floats) -> float:
    """Growth an hour over the last six hours in which there was anything; between -0.9 and 3."""
    seen = level[level > 0][-7:]
    if len(seen) < 2:
        return 0.0
    slope = np.log((seen[-1] + 1) / (seen[0] + 1)) / (len(seen) - 1)
    return float(np.clip(np.expm1(slope), -0.9, 3.0))


def _life(level: Floats, start: int, bounds: Bounds) -> list[Turn]:
    """Started, peaked and faded, each as long as the series has come so far."""
    hot = np.flatnonzero(level >= bounds.views_an_hour)
    if not len(hot):
        return []
    turns = [Turn(kind="started", at=hour_at(start + int(hot[0])))]
    top = int(level.argmax())
    after = np.flatnonzero(level[top:] < bounds.fallen * level[top]) + top
    if len(after) and len(level) - 1 - top >= 6:
        turns.append(Turn(kind="peaked", at=hour_at(start + top)))
        low = np.flatnonzero(level[top:] < bounds.faded * level[top]) + top
        if len(low) and level[-1] < bounds.fallen * level[top]:
            turns.append(Turn(kind="faded", at=hour_at(start + int(low[0]))))
    return turns


def _phase(turns: list[Turn]) -> Phase:
    kinds = {turn.kind for turn in turns}
    for kind, phase in (
        ("removed", Phase.REMOVED),
        ("faded", Phase.FADED),
        ("peaked", Phase.FADING),
        ("started", Phase.RISING),
    ):
        if kind in kinds:
            return phase
    return Phase.QUIET


def removed_from(removals: tuple[Removal, ...], video: str) -> int | None:
    """The first epoch hour in which a video is gone, if it was taken down."""
    hours = [epoch_hour(removal.at) for removal in removals if removal.video == video]
    return min(hours) if hours else None
