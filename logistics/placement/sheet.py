"""Rows and columns of a mixed-integer program, gathered in blocks.

A model of a hundred thousand columns is built in a blink when nobody touches them one by one.
Costs are kept as they are paid, with the sample path that pays them; `steer` is a price that
shapes the choice and is paid by nobody.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers: TypeAlias = NDArray[np.float64]
Places: TypeAlias = NDArray[np.int64]
EVERY = -1
"""The path of a column that every path pays for."""


@dataclass(slots=True)
class Sheet:
    """Blocks of columns (bounds, cost, path, steer, whole) and of rows, and the places between."""

    width: int = 0
    height: int = 0
    _columns: list[tuple[Numbers, ...]] = field(default_factory=list)
    _rows: list[tuple[Numbers, Numbers]] = field(default_factory=list)
    _places: list[tuple[Places, Places, Numbers]] = field(default_factory=list)

    def columns(
        self,
        count: int,
        *,
        upper: ArrayLike = np.inf,
        lower: ArrayLike = 0.0,
        cost: ArrayLike = 0.0,
        path: ArrayLike = EVERY,
        steer: ArrayLike = 0.0,
        whole: ArrayLike = False,
    ) -> Places:
        """Add a block of columns and give their numbers."""
        parts = (lower, upper, cost, path, steer, whole)
        self._columns.append(tuple(np.broadcast_to(np.asarray(p, float), count) for p in parts))
        self.width += count
        return np.arange(self.width - count, self.width)

    def rows(self, count: int, *, lower: ArrayLike = -np.inf, upper: ArrayLike = np.inf) -> Places:
        """Add a block of rows and give their numbers."""
        both = (np.broadcast_to(np.asarray(b, float), count) for b in (lower, upper))
        self._rows.append(tuple(both))  # type: ignore[arg-type]  # two of them
        self.height += count
        return np.arange(self.height - count, self.height)

    def put(self, rows: ArrayLike, columns: ArrayLike, values: ArrayLike = 1.0) -> None:
        """Put values into rows and columns; what meets twice is added up."""
        r, c, v = np.broadcast_arrays(
            np.asarray(rows, np.int64), np.asarray(columns, np.int64), np.asarray(values, float)
        )
        self._places.append((r.ravel(), c.ravel(), v.ravel()))

    def column(self, part: int) -> Numbers:
        """One part of all columns: 0 lower, 1 upper, 2 cost, 3 path, 4 steer, 5 whole."""
        if not self._columns:
            return np.zeros(0)
        return np.concatenate([block[part] for block in self._columns])

    def limits(self) -> tuple[Numbers, Numbers]:
        """Lower and upper limits of all rows."""
        if not self._rows:
            return np.zeros(0), np.zeros(0)
        lower, upper = zip(*self._rows, strict=True)
        return np.concatenate(lower), np.concatenate(upper)

    def places(self) -> tuple[Places, Places, Numbers]:
        """Rows, columns and values, sorted by row and column, each pair once."""
        if not sum(len(block[0]) for block in self._places):
            return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
        row, col, val = (np.concatenate(part) for part in zip(*self._places, strict=True))
        key = row * max(1, self.width) + col
        order = np.argsort(key, kind="stable")
        key, val = key[order], val[order]
        first = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
        key = key[first]
        return key // self.width, key % self.width, np.add.reduceat(val, first)

    def objective(self, weights: Places) -> Numbers:
        """Mean cost over the paths, and the steering price, of each column."""
        path = self.column(3).astype(np.int64)
        share = np.where(path == EVERY, 1.0, weights[np.maximum(path, 0)] / weights.sum())
        return self.column(2) * share + self.column(4)
