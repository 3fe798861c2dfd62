"""From figures to places on paper: straight scales, round ticks, and paths."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

ROUND = (1, 2, 2.5, 5, 10)
"""Ticks stand at these times a power of ten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A straight line from figures to units of the drawing."""

    low: float
    high: float
    starts: float
    ends: float

    def __call__(self, figure: float) -> float:
        """Where the figure lies."""
        part = (figure - self.low) / ((self.high - self.low) or 1)
        return round(self.starts + part * (self.ends - self.starts), 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A mark on an axis."""

    at: float
    label: str


def round_steps(low: float, high: float, about: int = 4) -> tuple[float, ...]:
    """Round figures from at most `low` to at least `high`, about so many steps apart."""
    room = (high - low) or 1
    power = 10.0 ** math.floor(math.log10(room / about))
    step = next(power * one for one in ROUND if power * one * about >= room)
    first, last = math.floor(low / step), math.ceil(high / step)
    return tuple(one * step for one in range(first, last + 1))


def line(points: Iterable[tuple[float, float]]) -> str:
    """A path through the points; empty where there are none."""
    told = [f"{x:g},{y:g}" for x, y in points]
    return "M" + " L".join(told) if told else ""


def area(upper: list[tuple[float, float]], lower: list[tuple[float, float]]) -> str:
    """A closed path between two lines."""
    return f"{line([*upper, *reversed(lower)])} Z" if upper else ""
