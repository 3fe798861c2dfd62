"""What truly happened, told by files: buyers who came and views that were counted, nothing made up.

The loop of the twin lives such a world as it lives any other; only who comes and what the platform
tells is no longer drawn from a law.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from logistics.signals import SignalRow
from logistics.twin.day import STEP
from logistics.twin.platform import Told
from logistics.twin.truth import Buyer, Truth
from logistics.twin.world import World


@dataclass(frozen=True, slots=True)
class Recording:
    """A platform that tells rows again, each when its bucket is over; nothing goes astray.

    It keeps no place of its own, so one recording serves several ways of deciding.
    """

    rows: tuple[SignalRow, ...]
    """By the end of their buckets."""

    def tell(self, until: datetime) -> Iterator[Told]:
        """One batch for each market, of the rows whose buckets ended in the step."""
        first, last = (
            bisect_right(self.rows, moment, key=lambda row: row.bucket_end)
            for moment in (until - STEP, until)
        )
        ended = self.rows[first:last]
        for market in sorted({row.market for row in ended}):
            yield Told(
                id=f"{market}-{until:%Y%m%dT%H%M}",
                market=market,
                rows=tuple(row for row in ended if row.market == market),
                arrives_at=until,
            )


def recorded(rows: tuple[SignalRow, ...]) -> Recording:
    """The recording of rows in any order."""
    return Recording(tuple(sorted(rows, key=lambda row: (row.bucket_end, row.market))))


def recorded_truth(world: World, buyers: tuple[Buyer, ...]) -> Truth:
    """A truth that knows who came and no law behind it."""
    return Truth(
        cells=tuple((m.id, region.cell) for m in world.markets for region in m.regions),
        views={},
        paid={},
        mood={},
        pulled={},
        base={},
        demand={},
        buyers=tuple(sorted(buyers, key=lambda buyer: (buyer.at, buyer.product, buyer.lat))),
    )
