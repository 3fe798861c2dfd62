"""Driving times from an OSRM server, where one is set; great circles where it does not answer.

A table says whose it is: `osrm`, or `great_circle (osrm: why not)`, so nobody takes an estimate
for roads. All of a table comes from one source, and the whole of it is asked for within one
deadline. A server takes at most so many coordinates at once, so a large table comes in blocks.
What it said within a day is remembered: a market is planned again every few minutes, and most of
its places are those of the last time.
"""

import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

import httpx

from routing.errors import NoTravelTimes
from routing.geography import Place
from routing.travel import DAY, GreatCircle, Travel, TravelTimes, travel_of_rows

Drive = tuple[float | None, float | None]
"""Seconds and metres of one drive; None where no road leads."""

MOST_PAIRS = 1_000_000
"""Drives remembered at once; beyond, all are forgotten and asked for anew."""


class Drives:
    """What the server said of each pair of places, for so many seconds."""

    def __init__(self, keep_seconds: float) -> None:
        self._keep_seconds = keep_seconds
        self._since = time.monotonic()
        self._from: dict[str, dict[str, Drive]] = {}
        self._pairs = 0
        self._lock = threading.Lock()

    def know(self, origin: str, goals: Iterable[str]) -> bool:
        """Whether all drives from there to them are remembered."""
        with self._lock:
            self._forget_the_old()
            there = self._from.get(origin, {})
            return all(goal in there for goal in goals)

    def completed(
        self, origin: str, goals: Sequence[str], said: Mapping[str, Drive]
    ) -> list[Drive]:
        """The drives from there to all of them, as just said or as remembered; then remembered.

        Raises:
            NoTravelTimes: where one was forgotten meanwhile.
        """
        with self._lock:
            there = self._from.setdefault(origin, {})
            before = len(there)
            there.update(said)
            self._pairs += len(there) - before
            try:
                return [there[goal] for goal in goals]
            except KeyError:
                raise NoTravelTimes(source="osrm", fault="an answer was just forgotten") from None

    def _forget_the_old(self) -> None:
        if self._pairs > MOST_PAIRS or time.monotonic() - self._since > self._keep_seconds:
            self._from, self._pairs, self._since = {}, 0, time.monotonic()


@dataclass(frozen=True, slots=True, kw_only=True)
class Osrm:
    """A source of travel tables over OSRM's table service, version 1."""

    address: str
    """Where it listens, like `http://osrm:5000`."""
    profile: str = "driving"
    deadline_seconds: float = 10.0
    """For a whole table, however many blocks it comes in."""
    at_once: int = 100
    """Coordinates in one question: osrm-routed's own `--max-table-size`."""
    instead: TravelTimes | None = field(default_factory=GreatCircle)
    """Who is asked when it does not answer; None raises instead."""
    drives: Drives = field(default_factory=lambda: Drives(DAY), compare=False, repr=False)
    """What it said before."""

    def table(self, places: tuple[Place, ...]) -> Travel:
        """Median seconds and metres between all the places.

        Raises:
            NoTravelTimes: where the server does not answer in time and nobody stands in.
        """
        try:
            return self._asked(places)
        except (httpx.HTTPError, NoTravelTimes) as fault:
            why = fault.fault if isinstance(fault, NoTravelTimes) else type(fault).__name__
            if self.instead is None:
                raise NoTravelTimes(source="osrm", fault=why) from fault
            known = self.instead.table(places)
            return replace(known, source=f"{known.source} (osrm: {why})")

    def _asked(self, places: tuple[Place, ...]) -> Travel:
        """The whole table: what is remembered, and the rest in blocks."""
        keys = [f"{place.lon:.6f},{place.lat:.6f}" for place in places]
        ends_at = time.monotonic() + self.deadline_seconds
        said: dict[str, dict[str, Drive]] = {key: {} for key in keys}
        with httpx.Client(base_url=self.address) as client:
            for rows, columns in self._unknown(keys):
                left = ends_at - time.monotonic()
                if left <= 0:
                    raise NoTravelTimes(source="osrm", fault="it is too slow")
                for origin, drives in zip(
                    rows, self._block(client, rows, columns, left), strict=True
                ):
                    said[origin].update(zip(columns, drives, strict=True))
        whole = [self.drives.completed(key, keys, said[key]) for key in keys]
        seconds, metres = ([[drive[half] for drive in row] for row in whole] for half in (0, 1))
        return travel_of_rows(seconds, metres, "osrm")

    def _unknown(self, keys: Sequence[str]) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
        """The blocks to ask for: from and to the places that are new, or between all of them."""
        once = tuple(dict.fromkeys(keys))
        new = [key for key in once if not self.drives.know(key, (key,))]
        old = [key for key in once if key not in set(new)]
        if all(self.drives.know(key, old) for key in old):
            yield from self._blocks(new, once)
            yield from self._blocks(old, new)
        else:
            yield from self._blocks(once, once)

    def _blocks(
        self, origins: Sequence[str], goals: Sequence[str]
    ) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
        """Runs of places, so that the two of a block fit into one question."""
        same = origins == goals and len(origins) <= self.at_once
        step = self.at_once if same else self.at_once // 2
        return product(_runs(origins, step), _runs(goals, step))

    def _block(
        self,
        client: httpx.Client,
        rows: Sequence[str],
        columns: Sequence[str],
        left: float,
    ) -> list[list[Drive]]:
        """The drives from some places to some others, row by row."""
        asked = rows if rows == columns else (*rows, *columns)
        ends = range(len(rows)) if rows == columns else range(len(rows), len(asked))
        given = {
            "annotations": "duration,distance",
            "generate_hints": "false",
            "sources": ";".join(map(str, range(len(rows)))),
            "destinations": ";".join(map(str, ends)),
        }
        path = f"/table/v1/{self.profile}/{';'.join(asked)}"
        said = client.get(path, params=given, timeout=left).raise_for_status()
        try:
            answer = said.json()
            halves = zip(answer["durations"], answer["distances"], strict=True)
            found = [list(zip(some, far, strict=True)) for some, far in halves]
        except (ValueError, KeyError, TypeError) as fault:
            raise NoTravelTimes(source="osrm", fault="its answer is no table") from fault
        if len(found) != len(rows) or any(len(row) != len(columns) for row in found):
            raise NoTravelTimes(source="osrm", fault="its table has another size")
        return found


def _runs(ends: Sequence[str], length: int) -> Iterator[Sequence[str]]:
    return (ends[start : start + length] for start in range(0, len(ends), length))
