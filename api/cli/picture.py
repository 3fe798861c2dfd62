"""A world's days as one SVG: demand, nodes, the six-hour share and money, each on the same time.

Drawn by hand, so that it needs no library and is the same on every machine. Each series is told
apart by its dashes as well as by its colour, and every panel has a sentence for who cannot see it.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from html import escape

from logistics.twin.days import Days
from logistics.twin.life import Lived
from logistics.twin.world import World

WIDE, TALL, LEFT, TOP, GAP = 1_000, 150, 80, 60, 50
COLOURS = ("#1b5e9c", "#b3541e", "#2e7d32", "#6a1b9a", "#00695c", "#8d2b2b", "#4e4e4e")
DASHES = ("", "7 3", "2 3", "10 3 2 3", "4 4", "1 2", "12 4")
BLOCKS_A_DAY = 4


def picture_of(world: World, lives: list[Lived]) -> str:
    """The picture of one world under each policy that it was lived with."""
    days = {life.policy: life.days for life in lives}
    first = lives[0].days
    panels = (
        _panel("demand, orders in six hours", dict(first.by_product), world),
        _nodes(days, world),
        _panel(
            "delivered within six hours, share of eligible orders by day",
            {name: _shares(one) for name, one in days.items()},
            world,
            most=1.0,
        ),
        _panel(
            "cash spent so far, in thousands",
            {name: _running(one.spent) for name, one in days.items()},
            world,
        ),
    )
    height = TOP + len(panels) * (TALL + GAP)
    drawn = "".join(
        f'<g transform="translate(0 {TOP + n * (TALL + GAP)})">{panel}</g>\n'
        for n, panel in enumerate(panels)
    )
    title = escape(f"World {world.name}: {world.hours} hours from {world.starts_at:%d %b %Y %H:%M}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE + 220} {height}" '
        f'font-family="sans-serif" font-size="12" role="img" aria-label="{title}">\n'
        f'<rect width="100%" height="100%" fill="white"/>\n'
        f'<text x="{LEFT}" y="24" font-size="16">{title}</text>\n{drawn}</svg>\n'
    )


def _shares(days: Days) -> tuple[float, ...]:
    """By day, each day's share for all of its blocks."""
    shares: list[float] = []
    for first in range(0, len(days.eligible), BLOCKS_A_DAY):
        eligible = days.eligible[first : first + BLOCKS_A_DAY]
        share = sum(days.within_six[first : first + BLOCKS_A_DAY]) / max(1, sum(eligible))
        shares += [share] * len(eligible)
    return tuple(shares)


def _running(spent: Iterable[int]) -> tuple[float, ...]:
    total, sums = 0, []
    for cents in spent:
        total += cents
        sums.append(total / 100_000)
    return tuple(sums)


def _panel(
    name: str, series: dict[str, tuple[float, ...]], world: World, most: float | None = None
) -> str:
    """Lines over time, one for each name."""
    top = most or max((max(values, default=0) for values in series.values()), default=0) or 1
    sentence = "; ".join(f"{one}: at most {max(v, default=0):.3g}" for one, v in series.items())
    return "".join(
        (
            _frame(name, sentence, world),
            f'<text x="{LEFT - 6}" y="10" text-anchor="end">{top:,.3g}</text>',
            f'<text x="{LEFT - 6}" y="{TALL}" text-anchor="end">0</text>',
            *(_line(n, one, values, top) for n, (one, values) in enumerate(series.items())),
        )
    )


def _frame(name: str, sentence: str, world: World) -> str:
    days = -(-world.hours // 24)
    step = max(1, days // 14)
    marks = "".join(
        f'<text x="{LEFT + WIDE * day * 24 / world.hours:.0f}" y="{TALL + 15}">'
        f"{world.starts_at + timedelta(days=day):%d %b}</text>"
        for day in range(0, days, step)
    )
    return (
        f"<title>{escape(f'{name}. {sentence}')}</title>"
        f'<text x="{LEFT}" y="-6" font-weight="bold">{escape(name)}</text>'
        f'<rect x="{LEFT}" width="{WIDE}" height="{TALL}" fill="none" stroke="#bbb"/>{marks}'
    )


def _line(number: int, name: str, values: tuple[float, ...], top: float) -> str:
    wide = WIDE / max(1, len(values))
    points = " ".join(
        f"{LEFT + (n + 0.5) * wide:.1f},{TALL - TALL * min(value / top, 1):.1f}"
        for n, value in enumerate(values)
    )
    colour, dash = COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)]
    stroke = f'stroke="{colour}" stroke-width="1.8" stroke-dasharray="{dash}"'
    y, x = 12 + 16 * number, LEFT + WIDE + 12
    return (
        f'<polyline points="{points}" fill="none" {stroke}/>'
        f'<line x1="{x}" x2="{x + 26}" y1="{y - 4}" y2="{y - 4}" {stroke}/>'
        f'<text x="{x + 32}" y="{y}">{escape(name)}</text>'
    )


def _nodes(days: dict[str, Days], world: World) -> str:
    """Each temporary node as a bar from its going live to its close, by policy."""
    bars = list(_bars(days, world))
    kept = sum(len(one.stays) for one in days.values())
    return _frame("temporary nodes", f"{kept} stays in all", world) + "".join(bars)


def _bars(days: dict[str, Days], world: World) -> Iterator[str]:
    rows = [(n, name, stay) for n, (name, one) in enumerate(days.items()) for stay in one.stays]
    tall = min(14.0, TALL / max(1, len(rows)))
    for row, (number, name, stay) in enumerate(rows):
        x = LEFT + WIDE * stay.live / world.hours
        wide = max(2.0, WIDE * (stay.closed - stay.live) / world.hours)
        words = escape(f"{name}: {stay.type} {stay.site}")
        yield (
            f'<rect x="{x:.1f}" y="{row * tall:.1f}" width="{wide:.1f}" height="{tall * 0.8:.1f}" '
            f'fill="{COLOURS[number % len(COLOURS)]}"><title>{words}</title></rect>'
        )
        if tall >= 9:
            yield f'<text x="{x + 3:.1f}" y="{row * tall + tall * 0.7:.1f}" font-size="9" fill="white">{words}</text>'
