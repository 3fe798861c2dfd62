"""What a promise was worth: keep probabilities and drives, corrected by what really happened.

A distribution says 0.95 and may mean 0.88 at a node in the evening. For each class (the market's
nodes by hour of day) the kept and broken promises are counted in bins of what the distribution
said; a class with few outcomes leans on the whole market, and that on the distribution's own word.
The corrected value never falls where the distribution's rises (isotonic, by pooling neighbours:
Ayer et al. 1955). `brier` is the mean of (said - happened)^2, to be below that of a constant rate.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from logistics.policy import Policy
from logistics.promise.trust import CarrierRecord, Trust, trust_of
from logistics.units import Seconds
from routing.travel import GreatCircle

EDGES = (0.5, 0.8, 0.9, 0.925, 0.95, 0.975, 1.0)
"""Upper edges of the bins of what the distribution said."""
PRIOR_OUTCOMES = 30
"""As many outcomes as the word above is worth: a class of 30 stands half on its own feet."""
HOUR_CLASSES = ("night", "morning", "midday", "evening")
EVERYWHERE = "*"
KEPT_AT_CERTAINTY = 0.97
"""What a class that has seen no safer promise believes of one that time cannot break: some are
missed for other reasons (nobody home). Without it a bad day would end all promises for good."""
LEAST_DOUBT = 0.3
"""Of what a class breaks, more time mends a part at most; so much of it stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One promise that was kept or broken, and what had been said of it."""

    node: str
    hour: int
    """Local hour of day in which it was made."""
    raw: float
    said: float
    kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepBin:
    """What was said within one bin of one class, and how often it came true."""

    node: str
    hours: str
    below: float
    said: float
    """Mean of the distribution's own word in the bin."""
    kept: int
    broken: int
    corrected: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What one market has learnt of its promises and its roads; its id is the market's."""

    id: str
    learnt_at: datetime
    outcomes: int
    bins: tuple[KeepBin, ...]
    brier: float | None = None
    """Of what buyers were told."""
    brier_constant: float | None = None
    """Of telling everybody the market's mean rate."""
    local_factor: float = 1.0
    """Observed drives over the default's."""
    p90_factor: float | None = None
    """P90 of a drive over its median; None until observed."""
    drives: int = 0
    between_drops: Seconds | None = None
    """Median drive from one drop to the next; None until observed."""
    six_hour_quotes: int = 0
    six_hour_orders: int = 0
    other_quotes: int = 0
    other_orders: int = 0
    carriers: tuple[CarrierRecord, ...] = ()
    """What each carrier took and kept lately."""
    version: int = 1

    @property
    def conversion_lift(self) -> float | None:
        """How much more often a six-hour offer is taken than another; None without orders."""
        if not (self.six_hour_quotes and self.other_quotes and self.other_orders):
            return None
        six = self.six_hour_orders / self.six_hour_quotes
        return six / (self.other_orders / self.other_quotes) - 1


def hours_class(hour: int) -> str:
    """The part of the day: night 0-5, morning 6-10, midday 11-15, evening 16-23."""
    return HOUR_CLASSES[(hour >= 6) + (hour >= 11) + (hour >= 16)]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepCurve:
    """The correction that applies at one node and part of the day."""

    points: tuple[tuple[float, float], ...] = ()
    """(said, corrected), rising; none leaves the distribution's own word."""

    def corrected(self, raw: float) -> float:
        """The corrected probability: straight lines between the points, and on to certainty."""
        if not self.points:
            return raw
        left = self.points[0]
        if raw <= left[0]:
            return min(raw, left[1])
        for right in (*self.points[1:], (1.0, self._at_certainty())):
            if raw <= right[0] and left[0] < right[0]:
                share = (raw - left[0]) / (right[0] - left[0])
                return left[1] + share * (right[1] - left[1])
            left = right
        return left[1]

    def _at_certainty(self) -> float:
        """What is believed of a promise that no drive can break."""
        corrected = self.points[-1][1]
        return min(max(KEPT_AT_CERTAINTY, corrected), 1 - LEAST_DOUBT * (1 - corrected))


def curve(calibration: Calibration | None, node: str, hour: int) -> KeepCurve:
    """The correction of the narrowest class that has been counted, or none at all."""
    if calibration is None:
        return KeepCurve()
    for at, hours in ((node, hours_class(hour)), (EVERYWHERE, EVERYWHERE)):
        points = tuple(
            (b.said, b.corrected) for b in calibration.bins if (b.node, b.hours) == (at, hours)
        )
        if points:
            return KeepCurve(points=points)
    return KeepCurve()


def keep_bins(outcomes: Iterable[Outcome]) -> tuple[KeepBin, ...]:
    """The bins of the whole market, then of each node and part of the day."""
    known = tuple(outcomes)
    whole = _bins(EVERYWHERE, EVERYWHERE, known, KeepCurve())
    above = KeepCurve(points=tuple((b.said, b.corrected) for b in whole))
    classes: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for one in known:
        classes[one.node, hours_class(one.hour)].append(one)
    narrow = (_bins(node, hours, classes[node, hours], above) for node, hours in sorted(classes))
    return (*whole, *(one for bins in narrow for one in bins))


def _bins(
    node: str, hours: str, outcomes: Sequence[Outcome], above: KeepCurve
) -> tuple[KeepBin, ...]:
    rows = []
    for low, high in zip((0.0, *EDGES), EDGES, strict=False):
        here = [o for o in outcomes if low <= o.raw < high or (high == 1.0 and o.raw == 1.0)]
        if here:
            said = sum(o.raw for o in here) / len(here)
            kept = sum(o.kept for o in here)
            prior = above.corrected(said) * PRIOR_OUTCOMES
            rows.append(
                (high, said, kept, len(here), (kept + prior) / (len(here) + PRIOR_OUTCOMES))
            )
    rising = pooled([(row[4], row[3] + PRIOR_OUTCOMES) for row in rows])
    return tuple(
        KeepBin(
            node=node,
            hours=hours,
            below=high,
            said=said,
            kept=kept,
            broken=count - kept,
            corrected=corrected,
        )
        for (high, said, kept, count, _), corrected in zip(rows, rising, strict=True)
    )


def pooled(steps: list[tuple[float, int]]) -> list[float]:
    """The rising sequence nearest to the values by weighted squares (pool adjacent violators)."""
    blocks: list[tuple[float, int, int]] = []
    for value, weight in steps:
        blocks.append((value, weight, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (one, w1, n1), (two, w2, n2) = blocks[-2:]
            blocks[-2:] = [((one * w1 + two * w2) / (w1 + w2), w1 + w2, n1 + n2)]
    return [value for value, _, count in blocks for _ in range(count)]


def brier(pairs: Iterable[tuple[float, bool]]) -> float | None:
    """The mean of (said - happened)^2; None of nothing (Brier 1950)."""
    known = tuple(pairs)
    return sum((said - kept) ** 2 for said, kept in known) / len(known) if known else None


def roads(calibration: Calibration | None, p90_factor: float) -> GreatCircle:
    """A market's drives as they have been observed; `p90_factor` is assumed until then."""
    if calibration is None:
        return GreatCircle(p90_factor=p90_factor)
    return GreatCircle(
        local_factor=calibration.local_factor, p90_factor=calibration.p90_factor or p90_factor
    )


def trust_in(calibration: Calibration | None, policy: Policy) -> Trust:
    """The trust in a market's carriers, as far as it has been learnt."""
    return trust_of(calibration.carriers if calibration else (), policy)


def as_driven(policy: Policy, calibration: Calibration | None) -> Policy:
    """The policy with routes as the market's vans drive them.

    A route makes as many drops as a promised window holds at P90: the van waits for the window of
    its first drop, and the last one must not be late.
    """
    rules = policy.promising
    observed = None if calibration is None else calibration.between_drops
    hop = rules.between_drops if observed is None else observed
    slow = roads(calibration, rules.p90_travel_factor).p90_factor
    drops = int(rules.window / (slow * hop + rules.service_at_stop))
    fitting = max(1, min(rules.drops_per_route, drops))
    if (hop, fitting) == (rules.between_drops, rules.drops_per_route):
        return policy
    return replace(policy, promising=replace(rules, between_drops=hop, drops_per_route=fitting))
