"""Gain, chance of a loss and tail over stock sizes, one under the other, with the chosen size.

One number would hide the decision: the best gain comes with the deepest tail. A tail that is a gain
is drawn as no loss; the table has its figure.
"""

from dataclasses import dataclass

from api.console.drawings.scales import Scale, Tick, line, round_steps
from api.console.words import count, money, share
from logistics.decisions import RiskPoint

WIDE, HIGH = 380, 290
LEFT, RIGHT = 58, 366
GAIN_TOP, GAIN_FOOT = 34, 136
PART_TOP, PART_FOOT = 172, 256
NEAR = 40
"""So near to an end of the axis a name leans away from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A point on a line."""

    x: float
    y: float
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stakes:
    """The shapes, the sentence; the table is the points themselves."""

    gain: str
    chance: str
    tail: str
    gains: tuple[Dot, ...]
    chances: tuple[Dot, ...]
    tails: tuple[Dot, ...]
    zero: float
    chosen: float
    leans: str
    """To which side the name of the chosen size is written."""
    limit: float
    y_gain: tuple[Tick, ...]
    y_part: tuple[Tick, ...]
    x_ticks: tuple[Tick, ...]
    summary: str


def draw_stakes(
    points: tuple[RiskPoint, ...], chosen: int, limit: float, currency: str
) -> Stakes | None:
    """The shapes over some stock sizes; none where there are fewer than two sizes."""
    if len(points) < 2:
        return None
    points = tuple(sorted(points, key=lambda one: one.units))
    gains = [one.expected_gain for one in points]
    units = round_steps(points[0].units, points[-1].units)
    steps = round_steps(min(0, *gains) / 100, max(0, *gains) / 100)
    x = Scale(low=points[0].units, high=points[-1].units, starts=LEFT, ends=RIGHT)
    g = Scale(low=steps[0] * 100, high=steps[-1] * 100, starts=GAIN_FOOT, ends=GAIN_TOP)
    p = Scale(low=0, high=1, starts=PART_FOOT, ends=PART_TOP)
    here = [(x(one.units), one) for one in points]
    best = max(points, key=lambda one: one.expected_gain)
    mine = min(points, key=lambda one: abs(one.units - chosen))
    return Stakes(
        gain=line((at, g(one.expected_gain)) for at, one in here),
        chance=line((at, p(one.chance_of_loss)) for at, one in here),
        tail=line((at, p(max(one.cvar90_share, 0))) for at, one in here),
        gains=tuple(
            Dot(x=at, y=g(one.expected_gain), title=money(one.expected_gain, currency))
            for at, one in here
        ),
        chances=tuple(
            Dot(x=at, y=p(one.chance_of_loss), title=share(one.chance_of_loss)) for at, one in here
        ),
        tails=tuple(
            Dot(x=at, y=p(max(one.cvar90_share, 0)), title=share(one.cvar90_share))
            for at, one in here
        ),
        zero=g(0),
        chosen=x(chosen),
        leans=_leans(x(chosen)),
        limit=p(limit),
        y_gain=tuple(
            Tick(at=g(one * 100), label=money(round(one * 100), currency)) for one in steps
        ),
        y_part=tuple(Tick(at=p(one), label=share(one)) for one in (0, 0.5, 1)),
        x_ticks=tuple(
            Tick(at=x(one), label=count(one))
            for one in units
            if points[0].units <= one <= points[-1].units
        ),
        summary=(
            f"{count(mine.units)} units gain {money(mine.expected_gain, currency)} with a "
            f"{share(mine.chance_of_loss)} chance of a loss; the best gain, "
            f"{money(best.expected_gain, currency)}, needs {count(best.units)} units and comes with "
            f"{share(best.chance_of_loss)}."
        ),
    )


def _leans(x: float) -> str:
    if x < LEFT + NEAR:
        return "start"
    return "end" if x > RIGHT - NEAR else "middle"
