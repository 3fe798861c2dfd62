"""Orders that may come: futures of the next departures, drawn from the market's outlooks.

How many buyers may come is what the fresh outlooks expect, less those whose orders go by parcel;
where they live and which node serves them is as the last day's orders were spread. The same moment
gives the same draws.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zlib import crc32

import numpy as np

from logistics.demand import Outlook
from logistics.orders import Order
from logistics.policy import Policy
from logistics.ranges import Range
from logistics.store import Reading

FRESH = timedelta(hours=3)
"""An outlook that is older says nothing of the next hour; the last hour's buyers do then."""
LATELY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """An order that may come: where, for which node, and when its buyer would come."""

    lat: float
    lon: float
    node: str
    at: datetime


def futures(
    reading: Reading, policy: Policy, market: str, nodes: Iterable[str], now: datetime
) -> tuple[tuple[Expected, ...], ...]:
    """Draws of the orders of the next departures; the same moment gives the same draws."""
    known = frozenset(nodes)
    lately = reading.find(Order, market=market, accepted_at=Range(least=now - LATELY))
    alike = [order for order in lately if order.wave_at is not None and order.node in known]
    ahead = timedelta(seconds=policy.holding.ahead)
    mean = _expected(reading, market, lately, now, ahead) * len(alike) / max(1, len(lately))
    rng = np.random.default_rng([crc32(market.encode()), int(now.timestamp())])
    return tuple(
        tuple(_drawn(rng, alike, now, ahead, int(rng.poisson(mean))))
        for _ in range(policy.holding.futures if alike else 0)
    )


def _expected(
    reading: Reading, market: str, lately: tuple[Order, ...], now: datetime, ahead: timedelta
) -> float:
    """The orders that the fresh outlooks see ahead, or else as many as came in that time."""
    newest: dict[str, Outlook] = {}
    for outlook in reading.find(
        Outlook, market=market, made_at=Range(least=now - FRESH), sort="made_at"
    ):
        newest[outlook.product] = outlook
    if newest:
        return sum(outlook.expected(now, now + ahead) for outlook in newest.values())
    return sum(order.accepted_at > now - ahead for order in lately)


def _drawn(
    rng: np.random.Generator, alike: list[Order], now: datetime, ahead: timedelta, count: int
) -> Iterator[Expected]:
    for pick, share in zip(rng.integers(0, len(alike), count), rng.random(count), strict=True):
        like = alike[int(pick)]
        yield Expected(lat=like.lat, lon=like.lon, node=like.node or "", at=now + share * ahead)
