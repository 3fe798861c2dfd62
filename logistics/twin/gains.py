"""What a policy gains over the static network, as a share of what somebody who knows would gain.

*Gain captured* over some worlds is (sum of static - policy) / (sum of static - reference), in
penalised cost. Sums, because one quiet world with a denominator near nothing would rule a mean of
ratios. Worlds in which the reference gains less than 2 % of static's cost are not counted here:
there the test is that nothing was opened needlessly. The interval draws the worlds again with
replacement; the worst decile is the captured share of the tenth of the worlds that fared worst.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from logistics.units import Cents

QUIET = 0.02
"""A reference that gains less than this share of static's cost has found nothing to gain."""
DRAWS = 2_000
INTERVAL = (0.025, 0.975)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One world under the static network, the policy and the reference, in penalised cost."""

    world: str
    static: Cents
    policy: Cents
    reference: Cents
    nodes_opened: int
    """By the policy."""

    @property
    def quiet(self) -> bool:
        """Whether there was next to nothing to gain."""
        return self.static - self.reference < QUIET * self.static

    @property
    def captured(self) -> float:
        """The share of the reference's gain that the policy had."""
        return (self.static - self.policy) / (self.static - self.reference)


@dataclass(frozen=True, slots=True, kw_only=True)
class GainCaptured:
    """How much of what could be gained was gained, over all worlds with something to gain."""

    pooled: float | None
    """None where no world had anything to gain."""
    worst_decile: float | None
    interval: tuple[float, float] | None
    worlds: int
    by_world: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Needless:
    """The worlds with nothing to gain: what the policy opened there, and what that cost."""

    worlds: int
    opened: int
    """Worlds in which it opened anything."""
    nodes_opened: int
    extra_cost_share: float | None
    """What it cost more than static, over static's cost; None where there was no such world."""
    passed: bool
    """Whether it cost at most 2 % more than static."""


def gain_captured(compared: Iterable[Compared], seed: int = 1) -> GainCaptured:
    """The share over the worlds that are not quiet."""
    loud = [one for one in compared if not one.quiet]
    if not loud:
        return GainCaptured(pooled=None, worst_decile=None, interval=None, worlds=0, by_world=())
    ranked = sorted(loud, key=lambda one: one.captured)
    low, high = _interval(loud, seed)
    return GainCaptured(
        pooled=round(_pooled(loud), 4),
        worst_decile=round(_pooled(ranked[: max(1, len(ranked) // 10)]), 4),
        interval=(round(low, 4), round(high, 4)),
        worlds=len(loud),
        by_world=tuple((one.world, round(one.captured, 4)) for one in loud),
    )


def _pooled(worlds: list[Compared]) -> float:
    gained = sum(one.static - one.policy for one in worlds)
    return gained / sum(one.static - one.reference for one in worlds)


def _interval(worlds: list[Compared], seed: int) -> tuple[float, float]:
    """The bootstrap interval: the same worlds drawn again, with replacement."""
    gained = np.array([one.static - one.policy for one in worlds], dtype=float)
    could = np.array([one.static - one.reference for one in worlds], dtype=float)
    draw = np.random.default_rng(seed).integers(0, len(worlds), (DRAWS, len(worlds)))
    shares = gained[draw].sum(axis=1) / could[draw].sum(axis=1)
    low, high = np.quantile(shares, INTERVAL)
    return float(low), float(high)


def needless(compared: Iterable[Compared]) -> Needless:
    """The test of the quiet worlds."""
    quiet = [one for one in compared if one.quiet]
    static = sum(one.static for one in quiet)
    extra = sum(one.policy - one.static for one in quiet) / static if static else None
    return Needless(
        worlds=len(quiet),
        opened=sum(one.nodes_opened > 0 for one in quiet),
        nodes_opened=sum(one.nodes_opened for one in quiet),
        extra_cost_share=None if extra is None else round(extra, 4),
        passed=extra is None or extra <= QUIET,
    )
