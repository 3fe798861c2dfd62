"""How figures are said: money, shares, times in the market's zone, and how long something takes."""

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
    "category_prior": "low: category prior only",
    "own_conversion": "fair: own conversion",
    "own_history": "high: own history",
}


def confidence(basis: str) -> str:
    """How far the forecast can be trusted, by what it rests on."""
    return BASES.get(basis, plain(basis))
