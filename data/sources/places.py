"""Where an address lies, from the towns of GeoNames: good to the town, never to the door.

The last words of an address that name a town decide; several towns of one name are several
candidates, the larger the surer, and none is chosen here. Coordinates are always better.
"""

import re
from collections import defaultdict
from functools import cache

from data.sources.markets import Town, towns
from logistics.sources import Candidate

MOST = 5
SURE = 0.9
"""How sure a name is that only one town has; of several, they share it by their people."""


class TownGazetteer:
    """Knows towns by their names."""

    def candidates(self, address: str, country: str) -> tuple[Candidate, ...]:
        """The towns that the address may mean, the surest first."""
        found = _named(address, _by_name(country))
        people = sum(town.residents for town in found)
        return tuple(
            Candidate(
                label=f"{town.name}, {town.country}",
                lat=town.lat,
                lon=town.lon,
                score=round(SURE * town.residents / people, 3),
            )
            for town in found[:MOST]
        )


def _named(address: str, known: dict[str, list[Town]]) -> list[Town]:
    """The towns of the last part of the address that names any; commas part it, then words."""
    parts = [part for part in re.split(r"[,;\n]", address.casefold()) if part.strip()]
    for part in reversed(parts):
        words = re.findall(r"[^\W\d_]+", part)
        for first in range(len(words)):
            if found := known.get(" ".join(words[first:])):
                return found
    return []


@cache
def _by_name(country: str) -> dict[str, list[Town]]:
    names: dict[str, list[Town]] = defaultdict(list)
    for town in towns(country):
        names[" ".join(re.findall(r"[^\W\d_]+", town.name.casefold()))].append(town)
    return dict(names)
