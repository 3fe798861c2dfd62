"""A world written to a file, so that reading it gives the same world again.

What stands at its default is left out, equal vans are counted, and the tables follow in the order
in which a reader wants them: where, what, who watches, from where, by whom, what goes wrong.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, fields
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any

from pydantic import BaseModel

from data.worlds.reading import TERMS
from data.worlds.schema import (
    CarrierRow,
    CategoryRow,
    CentreRow,
    CostsRow,
    FamilyRow,
    FaultsRow,
    MarketRow,
    ProductRow,
    RegionRow,
    SiteRow,
    StormRow,
    VansRow,
    VideoRow,
    WorldFile,
)
from logistics.carriers import Vehicle
from logistics.catalogue import Market
from logistics.errors import Nonsense
from logistics.network import Site
from logistics.policy import DAY, HOUR, SiteType
from logistics.twin.world import Course, Film, World

BARE = re.compile(r"[A-Za-z0-9_-]+")
WIDE = 88
"""A list that is longer than this is written one entry a line."""
NUMBERED = re.compile(r"(.+)-(\d\d)")


def text_of(world: World) -> str:
    """The world as the text of a file.

    Raises:
        Nonsense: for a world out of recorded files, whose law nobody knows.
    """
    return "".join(_page(file_of(world)))


def file_of(world: World) -> WorldFile:
    """The tables of a world's file."""
    if any(film.course is Course.TOLD for film in world.films):
        raise Nonsense("/videos", "a recorded world has no law that could be written")
    base = {one.product: one.orders_per_day for one in world.base}
    return WorldFile(
        name=world.name,
        seed=world.seed,
        starts_at=world.starts_at.astimezone(UTC),
        hours=world.hours,
        only_if_six_hours=world.only_if_six_hours,
        markets=[_market(market) for market in world.markets],
        categories=[CategoryRow(**_without_version(one)) for one in world.categories],
        products=[
            ProductRow(
                orders_per_day=base.get(one.id, 0.0),
                **{k: v for k, v in _without_version(one).items() if k not in {"gtin", "recalled"}},
            )
            for one in world.products
        ],
        families=[FamilyRow(**asdict(one)) for one in world.families],
        videos=[_video(film) for film in world.films],
        centres=[_centre(s, world) for s in world.sites if s.type is SiteType.CENTRE],
        sites=[_site(site) for site in world.sites if site.type is not SiteType.CENTRE],
        carriers=[
            CarrierRow(
                markets=list(one.markets),
                **{
                    k: v for k, v in _without_version(one).items() if k not in {"markets", "active"}
                },
            )
            for one in world.carriers
        ],
        vans=list(_vans(world.vehicles)),
        storms=[StormRow(**asdict(one)) for one in world.storms],
        costs=CostsRow(**asdict(world.prices)),
        faults=FaultsRow(**asdict(world.faults)),
    )


def _without_version(value: Any) -> dict[str, Any]:
    return {f.name: getattr(value, f.name) for f in fields(value) if f.name != "version"}


def _market(market: Market) -> MarketRow:
    return MarketRow(
        id=market.id,
        name=market.name,
        country=market.country,
        zone=market.zone,
        currency=market.currency,
        residency="us" if market.residency == "us" else "eu",
        deliver_from_hour=market.deliver_from_hour,
        deliver_until_hour=market.deliver_until_hour,
        holidays=list(market.holidays),
        regions=[RegionRow(**asdict(region)) for region in market.regions],
    )


def _video(film: Film) -> VideoRow:
    facts = {f.name: getattr(film, f.name) for f in fields(film) if f.name != "push_hours"}
    begins, ends = film.push_hours or (None, None)
    return VideoRow(
        **facts
        | {
            "course": film.course.value,
            "products": {share.of: share.share for share in film.products},
            "markets": {share.of: share.share for share in film.markets},
            "push_from_hour": begins,
            "push_until_hour": ends,
        }
    )


def _centre(site: Site, world: World) -> CentreRow:
    mine = [opening for opening in world.openings if opening.centre == site.id]
    return CentreRow(
        id=site.id,
        name=site.name,
        market=site.market,
        provider=site.provider,
        lat=site.lat,
        lon=site.lon,
        stock={one.product: one.units for one in mine},
        floor={one.product: one.floor for one in mine if one.floor},
    )


def _site(site: Site) -> SiteRow:
    usual = TERMS[site.type]
    told = {
        f.name: getattr(site.terms, f.name)
        for f in fields(usual)
        if getattr(site.terms, f.name) != getattr(usual, f.name)
    }
    lead, term = told.pop("lead", None), told.pop("shortest_term", None)
    return SiteRow(
        id=site.id,
        name=site.name,
        market=site.market,
        type=site.type.value,  # type: ignore[arg-type]  # a centre is written elsewhere
        provider=site.provider,
        lat=site.lat,
        lon=site.lon,
        open_from_hour=site.open_from_hour,
        open_until_hour=site.open_until_hour,
        chilled=site.chilled,
        dangerous=site.dangerous,
        lead_hours=None if lead is None else lead / HOUR,
        shortest_term_days=None if term is None else term / DAY,
        **told,
    )


def _vans(vehicles: tuple[Vehicle, ...]) -> Iterator[VansRow]:
    """Equal vans that follow each other and are numbered from 01 are one row."""
    for _, group in groupby(vehicles, key=_alike):
        alike = list(group)
        first = NUMBERED.fullmatch(alike[0].id)
        base = first[1] if first else ""
        counted = [f"{base}-{n + 1:02d}" for n in range(len(alike))]
        facts = {
            f.name: getattr(alike[0], f.name)
            for f in fields(Vehicle)
            if f.name not in {"id", "version", "active", "longest_drive"}
        }
        facts["longest_drive_hours"] = alike[0].longest_drive / HOUR
        if [van.id for van in alike] == counted and len(alike) <= 99:
            yield VansRow(id=base, count=len(alike), **facts)
        else:
            yield from (VansRow(id=van.id, **facts) for van in alike)


def _alike(van: Vehicle) -> tuple[Any, ...]:
    numbered = NUMBERED.fullmatch(van.id)
    rest = (getattr(van, f.name) for f in fields(van) if f.name != "id")
    return (numbered[1] if numbered else van.id, *rest)


def _page(file: WorldFile) -> Iterator[str]:
    """The file's text: single values first, then its tables."""
    tables = file.model_dump(exclude_defaults=True, exclude_none=True)
    single = {
        k: v for k, v in tables.items() if not isinstance(getattr(file, k), (list, BaseModel))
    }
    yield from _keys(single)
    for name, value in tables.items():
        if name in single or not value:
            continue
        for row in value if isinstance(value, list) else ():
            yield f"\n[[{name}]]\n"
            yield from _keys(row)
        if isinstance(value, dict):
            yield f"\n[{name}]\n"
            yield from _keys(value)


def _keys(row: dict[str, Any]) -> Iterator[str]:
    for key, value in row.items():
        line = f"{key} = {_written(value)}"
        if isinstance(value, list) and len(line) > WIDE:
            entries = "".join(f"    {_written(one)},\n" for one in value)
            line = f"{key} = [\n{entries}]"
        yield line + "\n"


def _written(value: Any) -> str:
    if isinstance(value, dict):
        pairs = (f"{_key(key)} = {_written(one)}" for key, one in value.items())
        return "{ " + ", ".join(pairs) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_written(one) for one in value) + "]"
    if isinstance(value, (date, datetime)):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, (bool, str)):
        return json.dumps(value, ensure_ascii=False)
    return repr(value)


def _key(name: str) -> str:
    return name if BARE.fullmatch(name) else json.dumps(name)
