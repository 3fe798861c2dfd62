"""What the platform of a replay tells in each market, out of the rows of a signal file.

Views that speak for a region beyond a market count there by the people who live in both; an index
of attention speaks for the whole country, and holds until its next row. What a view was worth
before the window is learnt from the rows before it.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from data.replay.places import share_inside
from data.replay.window import ONE, Window, count
from data.sources.order_files import OrderRow
from data.sources.signal_files import SignalLine, heard
from logistics.catalogue import Market
from logistics.signals import SignalRow

HOLDS = timedelta(days=7)
"""For how long an index of attention holds without another row."""


def told_in(
    lines: tuple[SignalLine, ...], markets: tuple[Market, ...], window: Window
) -> tuple[SignalRow, ...]:
    """The rows that each market's viewers bring, in the days of the window."""
    lived = [line for line in held(lines) if window.holds(line.when)]
    return tuple(
        row
        for market in markets
        for row in heard(_shares(lived, market, alone=len(markets) == 1), market)
    )


def held(lines: tuple[SignalLine, ...]) -> tuple[SignalLine, ...]:
    """The lines, each video's index of attention once a day and held over the days without one."""
    levels: dict[str, dict[date, SignalLine]] = defaultdict(dict)
    kept = []
    for line in lines:
        if line.drawn and not isinstance(line.when, datetime):
            levels[line.video].setdefault(line.when, line)
        else:
            kept.append(line)
    for known in levels.values():
        days = sorted(known)
        for day, following in zip(days, (*days[1:], days[-1] + ONE), strict=True):
            until = min(following, day + HOLDS)
            kept += [replace(known[day], when=day + n * ONE) for n in range((until - day).days)]
    return tuple(kept)


def worth_before(
    orders: tuple[OrderRow, ...], lines: tuple[SignalLine, ...], window: Window
) -> float | None:
    """Orders per view over all rows before the window; None where nothing was seen before it."""
    bought = sum(count(row) for row in orders if _day(row.when) < window.first)
    views = sum(dict(line.counts)["views"] for line in held(lines) if _before(line, window))
    return min(bought / views, 1.0) if bought and views else None


def _shares(lines: Iterable[SignalLine], market: Market, *, alone: bool) -> tuple[SignalLine, ...]:
    """Each line with the part of its counts that belongs to the market."""
    mine = []
    for line in lines:
        share = _share(line, market, alone=alone)
        counts = tuple((name, int(number * share)) for name, number in line.counts)
        if any(number for _, number in counts):
            mine.append(replace(line, counts=counts))
    return tuple(mine)


def _share(line: SignalLine, market: Market, *, alone: bool) -> float:
    if line.drawn:
        return share_inside(market, None)
    if line.region is None:
        return 1.0 if alone else share_inside(market, None)
    return share_inside(market, line.region)


def _before(line: SignalLine, window: Window) -> bool:
    return _day(line.when) < window.first


def _day(when: datetime | date) -> date:
    return when.date() if isinstance(when, datetime) else when
