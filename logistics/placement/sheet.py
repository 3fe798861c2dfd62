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
_Block: TypeAlias = tuple[int, tuple[ArrayLike, ...]]
"""So many columns or rows, and each of their parts: one number for all of them, or one for each."""


@dataclass(slots=True)
class Sheet:
    """Blocks of columns (bounds, cost, path, steer, whole) and of rows, and the places between."""

    width: int = 0
    height: int = 0
    _columns: list[_Block] = field(default_factory=list)
    _rows: list[_Block] = field(default_factory=list)
    _places: list[tuple[int, Places, Places, Numbers]] = field(default_factory=list)
    """So many places, and their rows, columns and values: one for all of them, or one for each."""

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
        self._columns.append((count, (lower, upper, cost, path, steer, whole)))
        self.width += count
        return np.arange(self.width - count, self.width)

    def rows(self, count: int, *, lower: ArrayLike = -np.inf, upper: ArrayLike = np.inf) -> Places:
        """Add a block of rows and give their numbers."""
        self._rows.append((count, (lower, upper)))
        self.height += count
        return np.arange(self.height - count, self.height)

    def put(self, rows: ArrayLike, columns: ArrayLike, values: ArrayLike = 1.0) -> None:
        """Put values into rows and columns; what meets twice is added up."""
        r, c, v = (
            np.asarray(rows, np.int64),
            np.asarray(columns, np.int64),
            np.asarray(values, float),
        )
        most, alike = max(r.size, c.size, v.size), r.shape == c.shape == v.shape
        if not alike and (
            max(r.ndim, c.ndim, v.ndim) > 1 or not {r.size, c.size, v.size} <= {1, most}
        ):
            r, c, v = np.broadcast_arrays(r, c, v)
            most = r.size
        self._places.append((most, r.ravel(), c.ravel(), v.ravel()))

    def column(self, part: int) -> Numbers:
        """One part of all columns: 0 lower, 1 upper, 2 cost, 3 path, 4 steer, 5 whole."""
        return _drawn_out(self._columns, self.width, part)

    def limits(self) -> tuple[Numbers, Numbers]:
        """Lower and upper limits of all rows."""
        return _drawn_out(self._rows, self.height, 0), _drawn_out(self._rows, self.height, 1)

    def places(self) -> tuple[Places, Places, Numbers]:
        """Rows, columns and values, sorted by row and column, each pair once."""
        size = sum(block[0] for block in self._places)
        row, col, val = np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size)
        if not size:
            return row, col, val
        first = 0
        for count, *parts in self._places:
            for whole, part in zip((row, col, val), parts, strict=True):
                whole[first : first + count] = part
            first += count
        key = row * self.width + col
        order = np.argsort(key, kind="stable")
        key, val = key[order], val[order]
        starts = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
        key = key[starts]
        return key // self.width, key % self.width, np.add.reduceat(val, starts)

    def objective(self, weights: Places) -> Numbers:
        """Mean cost over the paths, and the steering price, of each column."""
        path = self.column(3).astype(np.int64)
        share = np.where(path == EVERY, 1.0, weights[np.maximum(path, 0)] / weights.sum())
        return self.column(2) * share + self.column(4)


def _drawn_out(blocks: list[_Block], size: int, part: int) -> Numbers:
    """One part of all blocks, one after the other."""
    whole, first = np.empty(size), 0
    for count, parts in blocks:
        whole[first : first + count] = parts[part]
        first += count
    return whole
