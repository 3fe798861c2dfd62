"""Where things are: places on the earth and the hexagons that hold them.

This is the one room that knows H3. Outside of it a cell is an opaque string; nobody takes one
apart. Distances here are straight ones on a sphere, in kilometres: roads are in `travel`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NewType

import h3
import numpy as np
from numpy.typing import NDArray

from routing.errors import BadPlace, UnknownName

Cell = NewType("Cell", str)
"""A hexagon of H3, opaque."""

EARTH_KM = 6371.0088
"""The mean radius of the earth (IUGG)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A point on the earth in degrees (WGS 84)."""

    lat: float
    lon: float

    def __post_init__(self) -> None:
        """Refuse what is no point on the earth, NaN included."""
        if not (abs(self.lat) <= 90 and abs(self.lon) <= 180):
            raise BadPlace(lat=self.lat, lon=self.lon)


def cell_of(place: Place, resolution: int) -> Cell:
    """The hexagon of that resolution (0-15) that holds the place."""
    return Cell(h3.latlng_to_cell(place.lat, place.lon, resolution))


def place_of(cell: Cell) -> Place:
    """The middle of a hexagon."""
    lat, lon = h3.cell_to_latlng(_known(cell))
    return Place(lat=lat, lon=lon)


def neighbours(cell: Cell, rings: int = 1) -> tuple[Cell, ...]:
    """The cells around this one up to so many rings, itself not among them, in a fixed order."""
    return tuple(Cell(c) for c in sorted(h3.grid_disk(_known(cell), rings)) if c != cell)


def parent_of(cell: Cell, resolution: int) -> Cell:
    """The coarser hexagon of that resolution that this one belongs to."""
    return Cell(h3.cell_to_parent(_known(cell), resolution))


def resolution_of(cell: Cell) -> int:
    """How fine the hexagon is, 0-15."""
    return int(h3.get_resolution(_known(cell)))


def outline(cell: Cell) -> tuple[Place, ...]:
    """The corners of a hexagon, in order, for drawing it."""
    return tuple(Place(lat=lat, lon=lon) for lat, lon in h3.cell_to_boundary(_known(cell)))


def straight_km(one: Place, other: Place) -> float:
    """Great-circle kilometres between two places (haversine)."""
    phi, psi = math.radians(one.lat), math.radians(other.lat)
    half = math.sin((psi - phi) / 2) ** 2
    turn = math.sin(math.radians(other.lon - one.lon) / 2) ** 2
    return (
        2 * EARTH_KM * math.asin(math.sqrt(min(1.0, half + math.cos(phi) * math.cos(psi) * turn)))
    )


def straight_km_table(
    origins: tuple[Place, ...], destinations: tuple[Place, ...]
) -> NDArray[np.float64]:
    """Great-circle kilometres from each origin (row) to each destination (column)."""
    lat, lon = (np.radians([[p.lat, p.lon] for p in origins]).reshape(-1, 2).T)[:, :, None]
    to_lat, to_lon = (np.radians([[p.lat, p.lon] for p in destinations]).reshape(-1, 2).T)[
        :, None, :
    ]
    return _great_circle(lat, lon, to_lat, to_lon)


def straight_km_pairs(
    origins: Sequence[Place], destinations: Sequence[Place]
) -> NDArray[np.float64]:
    """Great-circle kilometres from each origin to the destination beside it."""
    lat, lon = np.radians([[p.lat, p.lon] for p in origins]).reshape(-1, 2).T
    to_lat, to_lon = np.radians([[p.lat, p.lon] for p in destinations]).reshape(-1, 2).T
    return _great_circle(lat, lon, to_lat, to_lon)


def _great_circle(
    lat: NDArray[np.float64],
    lon: NDArray[np.float64],
    to_lat: NDArray[np.float64],
    to_lon: NDArray[np.float64],
) -> NDArray[np.float64]:
    half = np.sin((to_lat - lat) / 2) ** 2
    half = half + np.cos(lat) * np.cos(to_lat) * np.sin((to_lon - lon) / 2) ** 2
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(np.minimum(1.0, half))))


def _known(cell: Cell) -> Cell:
    if not h3.is_valid_cell(cell):
        raise UnknownName(kind="cell", name=cell)
    return cell
