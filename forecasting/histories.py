"""Whole histories side by side: what models of bursts learn from, and what they go on from.

One row is one series (a product in a region, or a video), one column one step since it was first
seen, whatever a step is: an hour for the service, a day for old data. All rows are equally long.
"""

from dataclasses import dataclass

import numpy as np

from forecasting.errors import ImpossibleQuestion
from forecasting.signals import Floats, Ints


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Histories:
    """Counts by series and step, (n, t), and what is known beside them.

    `attention` (n, t or longer) is the signal that drives the counts (views for orders, shares for
    views); where it is longer, its future is known. `kind` (n,) are small integers (region or
    category) with a meaning shared by all rows; `family` (n,) numbers rows of one product. `quiet`
    steps lie before the burst; `season` is the length of a week or a day in steps.
    """

    counts: Floats
    attention: Floats | None = None
    kind: Ints | None = None
    family: Ints | None = None
    quiet: int = 0
    season: int = 7

    def __post_init__(self) -> None:
        if self.counts.ndim != 2 or not np.isfinite(self.counts).all() or (self.counts < 0).any():
            raise ImpossibleQuestion(field="counts", reason="must be (n, t), finite and at least 0")
        for name in ("attention", "kind", "family"):
            beside = getattr(self, name)
            if beside is not None and len(beside) != len(self.counts):
                raise ImpossibleQuestion(
                    field=name, reason="has another number of rows than counts"
                )

    @property
    def steps(self) -> int:
        """How many steps were seen."""
        return int(self.counts.shape[1])

    def rows(self, chosen: Ints) -> "Histories":
        """The same for some rows only."""
        return Histories(
            counts=self.counts[chosen],
            attention=None if self.attention is None else self.attention[chosen],
            kind=None if self.kind is None else self.kind[chosen],
            family=None if self.family is None else self.family[chosen],
            quiet=self.quiet,
            season=self.season,
        )

    def whole_family(self) -> Floats | None:
        """Each row replaced by the sum over its family, (n, t); None where there are no families."""
        if self.family is None:
            return None
        _, number = np.unique(self.family, return_inverse=True)
        total = np.zeros((number.max(initial=-1) + 1, self.steps))
        np.add.at(total, number, self.counts)
        return total[number]

    def groups(self) -> Ints:
        """A number per row that rows of one product share; else each row its own, (n,)."""
        if self.family is None:
            return np.arange(len(self.counts))
        return np.unique(self.family, return_inverse=True)[1].astype(np.int64)
