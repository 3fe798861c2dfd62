"""The video platform of the twin: what it tells, and how its batches go astray.

For each quarter of an hour and market one batch of rows, drawn about the true rates. A batch may
come twice, come late or not at all; bots watch without buying. What is told is an increment of
its bucket and knows no person. It is drawn once, however many lives of the world listen to it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import numpy as np

from logistics.signals import SignalRow
from logistics.twin.truth import Truth
from logistics.twin.world import Course, Film, World

COMPLETION = 0.42
CLICKS = 0.03
SAVES = 0.012
SHARES = 0.008
LIKES = 0.06
REACTIONS = 0.07
COMMENTS = 0.004
NOBODY = 0.01
"""Views an hour in a whole market below which a video is told of no more."""
MEAN_WATCH_SECONDS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A batch as the platform sends it, and when it arrives."""

    id: str
    market: str
    rows: tuple[SignalRow, ...]
    arrives_at: datetime


class Teller(Protocol):
    """Whoever tells of videos: the platform that the twin makes up, or the files of a replay."""

    def tell(self, until: datetime) -> Iterator[Told]:
        """The batches that arrive in the step that ends at `until`."""


@dataclass(slots=True)
class Telling:
    """What there is to tell of a world, each batch drawn when it is first asked for."""

    world: World
    truth: Truth
    minutes: int = 15
    _drawn: dict[tuple[int, int], tuple[Told, ...]] = field(default_factory=dict)

    def batch(self, slot: int, number: int) -> tuple[Told, ...]:
        """A market's batch of a bucket as it arrives: once, twice, late or never."""
        if (slot, number) not in self._drawn:
            self._drawn[slot, number] = tuple(self._draw(slot, number))
        return self._drawn[slot, number]

    def _draw(self, slot: int, number: int) -> Iterator[Told]:
        market = self.world.markets[number].id
        start = self.world.starts_at + slot * timedelta(minutes=self.minutes)
        draw = np.random.default_rng([self.world.seed, 3, slot, number])
        rows = tuple(self._rows(market, start, draw))
        if rows:
            arrives = start + timedelta(minutes=self.minutes)
            told = Told(id=f"{market}-{slot:05d}", market=market, rows=rows, arrives_at=arrives)
            yield from self._astray(told, draw)

    def _astray(self, told: Told, draw: np.random.Generator) -> Iterator[Told]:
        faults = self.world.faults
        luck = draw.random()
        if luck < faults.missing_batch:
            return
        if luck < faults.missing_batch + faults.late_batch:
            late = told.arrives_at + timedelta(minutes=90)
            yield Told(id=told.id, market=told.market, rows=told.rows, arrives_at=late)
            return
        yield told
        if luck > 1.0 - faults.doubled_batch:
            yield told

    def _rows(self, market: str, start: datetime, draw: np.random.Generator) -> Iterator[SignalRow]:
        hour = int((start - self.world.starts_at).total_seconds()) // 3600
        columns = [n for n, (of, _) in enumerate(self.truth.cells) if of == market]
        for film in self.world.films:
            rates = self.truth.views[film.id][hour, columns]
            if rates.sum() < NOBODY:
                continue
            bots = film.bot_views_per_hour * rates / max(film.peak_views_per_hour, 1.0)
            real = draw.poisson(rates * (self.minutes / 60))
            fake = draw.poisson(bots * (self.minutes / 60))
            for at in np.nonzero(real + fake)[0]:
                views = (int(real[at]), int(fake[at]))
                yield self._row(film, hour, columns[at], views, start, draw)

    def _row(
        self,
        film: Film,
        hour: int,
        column: int,
        views: tuple[int, int],
        start: datetime,
        draw: np.random.Generator,
    ) -> SignalRow:
        real, fake = views
        rate = float(self.truth.views[film.id][hour, column])
        paid_rate = float(self.truth.paid[film.id][hour, column])
        negative = float(self.truth.mood[film.id][hour])
        interest = 0.25 if film.course is Course.DUD else 1.0
        shares = [
            min(paid_rate / max(rate, 1e-9), 1.0),
            *(COMPLETION, SAVES * interest, SHARES * interest, LIKES, REACTIONS, COMMENTS),
            CLICKS * interest,
        ]
        paid, completed, saves, shared, likes, reactions, comments, clicks = (
            int(count) for count in draw.binomial(real, shares)
        )
        market, cell = self.truth.cells[column]
        return SignalRow(
            video_id=film.id,
            market=market,
            region=cell,
            bucket_start=start,
            bucket_minutes=self.minutes,
            views=real + fake,
            paid_views=paid,
            unique_viewers=int((real + fake) * 0.93),
            completed=completed,
            watch_seconds=real * MEAN_WATCH_SECONDS + fake,
            saves=saves,
            shares=shared,
            likes=likes,
            negative_reactions=int(draw.binomial(reactions, negative)),
            comments=comments,
            product_clicks=clicks,
        )


@dataclass(slots=True)
class Platform:
    """Tells what happens, bucket by bucket; the same world is told the same way every time."""

    telling: Telling
    _waiting: list[Told] = field(default_factory=list)

    def tell(self, until: datetime) -> Iterator[Told]:
        """The batches that arrive with the bucket that ends at `until`, late ones included."""
        world, long = self.telling.world, timedelta(minutes=self.telling.minutes)
        slot = (until - world.starts_at) // long - 1
        for number in range(len(world.markets)):
            self._waiting.extend(self.telling.batch(slot, number))
        due = [told for told in self._waiting if told.arrives_at <= until]
        self._waiting = [told for told in self._waiting if told.arrives_at > until]
        yield from due
