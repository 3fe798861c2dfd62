"""How figures are said: money, shares, times in the market's zone, and how long something takes."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}
MINUS = "\N{MINUS SIGN}"


def money(cents: int, currency: str = "USD") -> str:
    """Whole units of the currency with thousands set apart; cents below ten."""
    amount, sign = abs(cents) / 100, MINUS if cents < 0 else ""
    said = f"{amount:,.2f}" if 0 < amount < 10 else f"{amount:,.0f}"
    return f"{sign}{SIGNS.get(currency, currency + ' ')}{said}"


def count(number: float) -> str:
    """A whole number with thousands set apart."""
    return f"{number:,.0f}".replace("-", MINUS)


def share(part: float) -> str:
    """A share as whole per cent."""
    return f"{part:.0%}".replace("-", MINUS).replace("%", "\N{NO-BREAK SPACE}%")


def change(part: float) -> str:
    """A change as signed per cent."""
    return f"{part:+.0%}".replace("-", MINUS)


def clock(at: datetime, zone: str) -> str:
    """The local hour and minute."""
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M}"


def moment(at: datetime, zone: str) -> str:
    """Local day, hour and minute with the zone's name."""
    return f"{at.astimezone(ZoneInfo(zone)):%a %d %b %H:%M %Z}"


def near(at: datetime, zone: str, now: datetime) -> str:
    """The local hour and minute, with the day of the week where it is another than today."""
    here = ZoneInfo(zone)
    today = at.astimezone(here).date() == now.astimezone(here).date()
    return clock(at, zone) if today else short(at, zone)


def short(at: datetime, zone: str) -> str:
    """Local day of the week, hour and minute, for the narrow columns of a table."""
    return f"{at.astimezone(ZoneInfo(zone)):%a %H:%M}"


def span(length: timedelta) -> str:
    """How long: `2 h 10 min`, `3 d 4 h`, `45 s`."""
    seconds = int(abs(length).total_seconds())
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min" if minutes else f"{seconds} s"


def until(at: datetime, now: datetime) -> str:
    """`in 2 h 10 min`, or `5 min ago`."""
    return f"in {span(at - now)}" if at > now else f"{span(now - at)} ago"


def plain(code: str) -> str:
    """A code as words: `top_up` is `top up`."""
    return code.replace("_", " ").replace("-", " ")


BASES = {
    "category_prior": ("●○○", "low: category prior only"),
    "own_conversion": ("●●○", "fair: own conversion"),
    "own_history": ("●●●", "high: own history"),
}


def confidence(basis: str) -> str:
    """How far the forecast can be trusted, by what it rests on."""
    return BASES[basis][1] if basis in BASES else plain(basis)


def dots(basis: str) -> str:
    """The same as one to three dots; none where the basis is of no known kind."""
    return BASES[basis][0] if basis in BASES else ""


UTC_TIME = r"(\d\d) ([A-Z][a-z]{2}) (\d\d:\d\d)"
UTC_TIMES = re.compile(rf"\b{UTC_TIME}(?: UTC\b|(?= to {UTC_TIME} UTC\b))")
"""Times in UTC; of two with `to` between them only the last names it."""
WORDS = re.compile(r"[A-Za-z0-9][\w-]*")


def local(text: str, zone: str, near: datetime) -> str:
    """A text whose times in UTC are said in the zone; their year is the one nearest to a moment."""

    def said(found: re.Match[str]) -> str:
        day, month, hour = found.groups()[:3]
        years = (near.year - 1, near.year, near.year + 1)
        known = []
        for year in years:
            try:
                told = f"{day} {month} {year} {hour} +0000"
                known.append(datetime.strptime(told, "%d %b %Y %H:%M %z"))
            except ValueError:  # the 29th of February, which the year does not have
                continue
        return moment(min(known, key=lambda at: abs(at - near)), zone) if known else found[0]

    return UTC_TIMES.sub(said, text)


def plainly(text: str, names: Mapping[str, str], zone: str, near: datetime) -> str:
    """A text as a planner of the zone reads it: names for ids, and local times."""
    return local(named(text, names), zone, near)


def named(text: str, names: Mapping[str, str]) -> str:
    """A text in which things are called by their names, not by their ids."""
    return WORDS.sub(lambda found: names.get(found[0], found[0]), text)
