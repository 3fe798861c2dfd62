"""Driving times from an OSRM server, where one is set; great circles where it does not answer.

A table says whose it is: `osrm`, or `great_circle (osrm: why not)`, so nobody takes an estimate
for roads. All of a table comes from one source, and the whole of it is asked for within one
deadline. A server takes at most so many coordinates at once, so a large table comes in blocks.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import product

import httpx

from routing.errors import NoTravelTimes
from routing.geography import Place
from routing.travel import GreatCircle, Travel, TravelTimes, travel_of_rows

Rows = list[list[float | None]]


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
        size = len(places)
        seconds: Rows = [[None] * size for _ in places]
        metres: Rows = [[None] * size for _ in places]
        ends_at = time.monotonic() + self.deadline_seconds
        with httpx.Client(base_url=self.address) as client:
            for rows, columns in product(self._blocks(size), repeat=2):
                left = ends_at - time.monotonic()
                if left <= 0:
                    raise NoTravelTimes(source="osrm", fault="it is too slow")
                block = self._block(client, places, rows, columns, left)
                for at, (some_seconds, some_metres) in zip(rows, block, strict=True):
                    seconds[at][columns.start : columns.stop] = some_seconds
                    metres[at][columns.start : columns.stop] = some_metres
        return travel_of_rows(seconds, metres, "osrm")

    def _blocks(self, size: int) -> Iterator[range]:
        """Runs of places, so that two of them fit into one question."""
        step = self.at_once if size <= self.at_once else self.at_once // 2
        return (range(start, min(start + step, size)) for start in range(0, size, step))

    def _block(
        self,
        client: httpx.Client,
        places: tuple[Place, ...],
        rows: range,
        columns: range,
        left: float,
    ) -> list[tuple[list[float | None], list[float | None]]]:
        """The seconds and metres from some places to some others, row by row."""
        asked = rows if rows == columns else (*rows, *columns)
        where = ";".join(f"{places[at].lon:.6f},{places[at].lat:.6f}" for at in asked)
        ends = range(len(rows)) if rows == columns else range(len(rows), len(asked))
        given = {
            "annotations": "duration,distance",
            "sources": ";".join(map(str, range(len(rows)))),
            "destinations": ";".join(map(str, ends)),
        }
        path = f"/table/v1/{self.profile}/{where}"
        said = client.get(path, params=given, timeout=left).raise_for_status()
        try:
            answer = said.json()
            halves = (answer["durations"], answer["distances"])
            found = [(list(some), list(far)) for some, far in zip(*halves, strict=True)]
        except (ValueError, KeyError, TypeError) as fault:
            raise NoTravelTimes(source="osrm", fault="its answer is no table") from fault
        if len(found) != len(rows) or any(
            len(half) != len(columns) for pair in found for half in pair
        ):
            raise NoTravelTimes(source="osrm", fault="its table has another size")
        return found
