"""How long a van drives: seconds and metres between places, slower in the rush hour.

The default source is a great circle calibrated on real roads, which needs nothing; a road engine
may stand in its place (`TravelTimes`), and every table says which source it came from. A table is
the *median* time without traffic; `Travel.hours` scales it by the local hour, and `slowed` turns
it into the pessimistic (P90) time. Within an hour the speed is constant and a drive over the
border of an hour goes on at the next hour's speed (Ichoua, Gendreau and Potvin 2003), so that
whoever leaves later never arrives earlier. All arithmetic on seconds is in whole numbers.
"""

import math
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from routing.errors import BadProblem, NoTravelTimes
from routing.geography import Place, straight_km, straight_km_pairs, straight_km_table

Seconds: TypeAlias = int
Metres: TypeAlias = int
Permille: TypeAlias = int

NO_ROAD: Seconds = 100_000_000
"""What a table holds where no road leads: more than three years."""

DAY: Seconds = 86_400
LEVEL_DAY: tuple[Permille, ...] = (1000,) * 24
"""A day without rush hours."""

_SMALLEST, _LARGEST = 200, 5000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Travel:
    """Seconds and metres between n places, and what the hour of the day does to the seconds."""

    seconds: NDArray[np.int32]
    """n x n, from row to column; NO_ROAD where no road leads."""
    metres: NDArray[np.int32]
    """n x n."""
    hours: tuple[Permille, ...] = LEVEL_DAY
    """24 factors: 1300 means that a drive in that local hour takes 1.3 times its seconds."""
    source: str = "given"
    """Who says so: the name of the model or engine, for the answer to name."""

    def __post_init__(self) -> None:
        """Refuse tables that are not square, alike, whole and not negative."""
        for name, table in (("seconds", self.seconds), ("metres", self.metres)):
            if table.ndim != 2 or table.shape[0] != table.shape[1]:
                raise BadProblem(subject=f"travel {name}", fault=f"{table.shape} is not square")
            if table.dtype != np.int32:
                raise BadProblem(subject=f"travel {name}", fault=f"{table.dtype} is not int32")
            if table.size and table.min() < 0:
                row, column = np.argwhere(table < 0)[0]
                raise BadProblem(
                    subject=f"travel {name}",
                    fault=f"{table[row, column]} from place {row} to place {column}",
                )
        if self.seconds.shape != self.metres.shape:
            raise BadProblem(subject="travel", fault="seconds and metres differ in size")
        if len(self.hours) != 24 or any(not _SMALLEST <= f <= _LARGEST for f in self.hours):
            raise BadProblem(subject="travel hours", fault="24 factors of 200 to 5000 permille")

    def __eq__(self, other: object) -> bool:
        """Two tables are the same when every number is."""
        return (
            isinstance(other, Travel)
            and (self.hours, self.source) == (other.hours, other.source)
            and np.array_equal(self.seconds, other.seconds)
            and np.array_equal(self.metres, other.metres)
        )

    __hash__ = None  # type: ignore[assignment]  # as every value that holds an array

    def __len__(self) -> int:
        """How many places the table knows."""
        return len(self.seconds)

    @property
    def is_level(self) -> bool:
        """True where the hour of the day makes no difference."""
        return self.hours == LEVEL_DAY


class TravelTimes(Protocol):
    """A source of travel tables; raises NoTravelTimes where it cannot answer."""

    def table(self, places: tuple[Place, ...]) -> Travel:
        """Median seconds and metres between all the places, in their order."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """A drive that was observed: from where, to where, and the seconds it took."""

    origin: Place
    destination: Place
    seconds: Seconds


# Road metres per straight metre and straight-line km/h by straight km, at the geometric middle of
# each class of distance; between them on the logarithm of the distance, so that no longer way is
# quicker than a shorter one. Fitted on OSRM car times of several cities; 70 km and more assumed.
_KM = np.log([0.5, 1.41, 3.16, 7.07, 14.1, 31.6, 70.7, 141.0, 300.0])
_DETOUR = np.array([1.55, 1.5, 1.45, 1.35, 1.3, 1.25, 1.23, 1.21, 1.22])
_SPEED = np.array([18.0, 21.0, 27.0, 34.0, 40.0, 44.0, 54.0, 62.0, 70.0])

_PRIOR_TRIPS = 20
"""As many observed trips as the default's own word is worth when a local factor is learnt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GreatCircle:
    """Straight distance turned into road time; off by 15-20 % on an unseen city, by 30 % in hills."""

    local_factor: float = 1.0
    """What the market's roads do to the default's seconds, learnt from observed trips."""
    hours: tuple[Permille, ...] = LEVEL_DAY
    p90_factor: float = 1.35
    """Seconds at P90 over median seconds, assumed until observed."""

    def __post_init__(self) -> None:
        """Refuse factors that are no factors."""
        if not (0.1 <= self.local_factor <= 10 and 1 <= self.p90_factor <= 10):
            raise BadProblem(
                subject="great circle",
                fault=f"factors {self.local_factor} and {self.p90_factor} are out of range",
            )

    def table(self, places: tuple[Place, ...]) -> Travel:
        """Median seconds and metres between all the places."""
        km = straight_km_table(places, places)
        return Travel(
            seconds=np.rint(self._seconds(km)).astype(np.int32),
            metres=np.rint(_road_metres(km)).astype(np.int32),
            hours=self.hours,
            source="great_circle",
        )

    def seconds(self, origin: Place, destination: Place) -> Seconds:
        """Median seconds of one drive."""
        km = straight_km(origin, destination)
        speed = np.interp(math.log(max(km, 1e-6)), _KM, _SPEED)
        return round(self.local_factor * 3600 * km / float(speed))

    def reach_km(self, seconds: Seconds) -> float:
        """The straight kilometres that a van covers in so many median seconds."""
        km = np.geomspace(0.01, 1000, 2000)
        return float(np.interp(seconds, self._seconds(km), km))

    def learnt(self, trips: tuple[Trip, ...]) -> "GreatCircle":
        """The model with its factors fitted to observed trips; few trips move it little.

        The local factor is the median of observed over default seconds, drawn towards the old
        factor by the weight of 20 trips; the P90 factor likewise from the 90th percentile.
        """
        if not trips:
            return self
        km = straight_km_pairs([t.origin for t in trips], [t.destination for t in trips])
        took = np.array([t.seconds for t in trips])
        ratios = took / np.maximum(1, np.rint(_driven(km, 1.0)))
        weight = len(trips) / (len(trips) + _PRIOR_TRIPS)
        middle = float(np.median(ratios))
        spread = float(np.quantile(ratios, 0.9)) / max(middle, 1e-9)
        return replace(
            self,
            local_factor=_between(0.1, weight * middle + (1 - weight) * self.local_factor, 10),
            p90_factor=_between(1.0, weight * spread + (1 - weight) * self.p90_factor, 10),
        )

    def _seconds(self, km: NDArray[np.float64]) -> NDArray[np.float64]:
        return _driven(km, self.local_factor)


def _driven(km: NDArray[np.float64], local_factor: float) -> NDArray[np.float64]:
    speed = np.interp(np.log(np.maximum(km, 1e-6)), _KM, _SPEED)
    return np.asarray(local_factor * 3600 * km / speed)


def _road_metres(km: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1000 * km * np.interp(np.log(np.maximum(km, 1e-6)), _KM, _DETOUR))


def _between(low: float, value: float, high: float) -> float:
    return min(max(low, value), high)


def slowed(travel: Travel, factor: float) -> Travel:
    """The table with every drive so many times as long: a median table times the P90 factor."""
    if not 0.1 <= factor <= 10:
        raise BadProblem(subject="travel", fault=f"a factor of {factor}")
    seconds = np.where(travel.seconds >= NO_ROAD, NO_ROAD, np.rint(travel.seconds * factor))
    return replace(travel, seconds=seconds.astype(np.int32))


def travel_of_rows(
    seconds: list[list[float | None]], metres: list[list[float | None]], source: str
) -> Travel:
    """A table from an engine's rows; a hole (None or NaN) becomes NO_ROAD, never a guess."""
    if not seconds or len(seconds) != len(metres):
        raise NoTravelTimes(source=source, fault="the table is empty or its halves differ")
    return Travel(seconds=_whole(seconds, source), metres=_whole(metres, source), source=source)


def _whole(rows: list[list[float | None]], source: str) -> NDArray[np.int32]:
    if any(len(row) != len(rows) for row in rows):
        raise NoTravelTimes(source=source, fault="the table is not square")
    table = np.array(rows, dtype=np.float64)
    return np.where(np.isfinite(table), np.rint(table), NO_ROAD).clip(max=NO_ROAD).astype(np.int32)


def arrival(
    leaving: Seconds, drive: Seconds, hours: tuple[Permille, ...], midnight: Seconds
) -> int:
    """When a drive of so many level seconds ends; `midnight` is any second that is local midnight."""
    if hours == LEVEL_DAY or drive >= NO_ROAD:
        return leaving + drive
    now, left = leaving, drive
    while True:
        clock = now - midnight
        factor = hours[clock // 3600 % 24]
        room = 3600 - clock % 3600
        needed = -(-left * factor // 1000)
        if needed <= room:
            return now + needed
        left = max(0, left - room * 1000 // factor)
        now += room
