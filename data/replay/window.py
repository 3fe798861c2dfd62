"""Which days of the files are lived: those that are asked for, or the week with the most orders."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from data.sources.files import EARLIEST, LATEST
from data.sources.order_files import OrderRow
from logistics.catalogue import Market
from logistics.errors import Nonsense, require

DAYS = 7
"""How many days are lived where nobody says."""
MOST_DAYS = 400
ONE = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Local days from the first to the last, both of them lived."""

    first: date
    last: date

    def __post_init__(self) -> None:
        """Refuse a window that ends before it begins, or never."""
        require(self.first <= self.last, "from", f"{self.first} lies after {self.last}")
        require(
            self.last - self.first < MOST_DAYS * ONE, "until", f"is at most {MOST_DAYS} days on"
        )

    def holds(self, when: datetime | date) -> bool:
        """Whether the day, or the UTC day of the moment give or take one, is among them."""
        if isinstance(when, datetime):
            return self.first - ONE <= when.date() <= self.last + ONE
        return self.first <= when <= self.last

    def moments(self, markets: tuple[Market, ...]) -> tuple[datetime, datetime]:
        """From the first midnight of any market to the last one, in UTC on whole hours."""
        zones = [ZoneInfo(market.zone) for market in markets]
        starts = min(_midnight(self.first, zone) for zone in zones)
        ends = max(_midnight(self.last + ONE, zone) for zone in zones)
        return starts.replace(minute=0), ends + (-(ends - starts) % timedelta(hours=1))


def window_of(
    rows: tuple[OrderRow, ...], first: date | None, last: date | None, days: int = DAYS
) -> Window:
    """The window that is asked for; one end alone gives a week, none the busiest week.

    Raises:
        Nonsense: where there are no orders, or the ends cannot be.
    """
    week = (days - 1) * ONE
    for end in (first, last):
        ours = end is None or EARLIEST <= end.year <= LATEST
        require(ours, "from", f"and until lie in the years {EARLIEST} to {LATEST}")
    if first is not None:
        return Window(first=first, last=last or first + week)
    if last is not None:
        return Window(first=last - week, last=last)
    if not rows:
        raise Nonsense("/orders", "there is no order in the market")
    counts = Counter[date]()
    for row in rows:
        counts[_day(row)] += count(row)
    totals = {day: sum(counts[day + n * ONE] for n in range(days)) for day in sorted(counts)}
    busiest = max(totals, key=lambda day: (totals[day], -day.toordinal()))
    return Window(first=busiest, last=busiest + week)


def count(row: OrderRow) -> int:
    """How many orders a row stands for."""
    return 1 if isinstance(row.when, datetime) else row.units


def _day(row: OrderRow) -> date:
    return row.when.date() if isinstance(row.when, datetime) else row.when


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
