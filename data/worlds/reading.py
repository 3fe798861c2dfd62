"""A world read from a file: strict, and every refusal names the line and the reason.

The file's tables become the values of the business, so a world that is read passes the same checks
as one that is made in code. All that is wrong with the tables is told at once.
"""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from data.sources.markets import Town, market_about, towns
from data.worlds.lines import Path as Steps
from data.worlds.lines import line_of, lines_of
from data.worlds.schema import (
    CarrierRow,
    CentreRow,
    MarketRow,
    ProductRow,
    RegionRow,
    SiteRow,
    VansRow,
    VideoRow,
    WorldFile,
)
from logistics.carriers import Carrier, Vehicle
from logistics.catalogue import Category, Market, Product, Region
from logistics.errors import Nonsense
from logistics.network import Site
from logistics.policy import CENTRE, DAY, HOUR, LEASE, SHELF, STANDBY, Prices, SiteType
from logistics.twin.world import (
    Base,
    Course,
    Family,
    Faults,
    Film,
    Opening,
    Share,
    Storm,
    World,
)
from routing.geography import Place, cell_of

RESOLUTION = 4
TERMS = {SiteType.SHELF: SHELF, SiteType.STANDBY: STANDBY, SiteType.LEASE: LEASE}
OF_A_WORLD = {"films": "videos", "base": "products", "openings": "centres", "vehicles": "vans"}
"""The tables of the file whose rows become these parts of a world."""


def read_world(file: Path) -> World:
    """The world of a file.

    Raises:
        Nonsense: with every line that cannot be so and the reason; the file's name is its field.
    """
    try:
        text = file.read_text("utf-8")
    except UnicodeDecodeError:
        raise Nonsense(file.name, "is not UTF-8 text") from None
    return world_of(text, file.name)


def world_of(text: str, name: str = "world.toml") -> World:
    """The world of a file's text; `name` is said in refusals."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise Nonsense(name, f"is no TOML: {wrong}") from None
    lines = lines_of(text)
    try:
        file = WorldFile.model_validate(tables)
    except ValidationError as wrong:
        raise Nonsense(name, "\n".join(_told(name, wrong, lines))) from None
    return _Reader(name, text, lines).world(file)


def _told(name: str, wrong: ValidationError, lines: dict[Steps, int]) -> Iterator[str]:
    """One sentence for each thing that is wrong with the tables."""
    yield f"{wrong.error_count()} things cannot be so"
    for one in wrong.errors(include_url=False):
        where = ".".join(str(step) for step in one["loc"])
        said = "is not a key of this table" if one["type"] == "extra_forbidden" else one["msg"]
        yield f"  {name}:{line_of(one['loc'], lines)}: {where}: {said}"


class _Reader:
    """Turns the tables of one file into values, and knows their lines."""

    def __init__(self, name: str, text: str, lines: dict[Steps, int]) -> None:
        self.name, self.text, self.lines = name, text, lines

    @contextmanager
    def at(self, *steps: str | int) -> Iterator[None]:
        """Say the line of a table, or of its key, with what is wrong in it."""
        try:
            yield
        except Nonsense as wrong:
            raise self._refusal(steps, wrong.field, wrong.detail) from None

    def _refusal(self, steps: Steps, field: str, detail: str) -> Nonsense:
        key = field.strip("/").split("/")[0]
        line = line_of((*steps, key) if key else steps, self.lines)
        table = ".".join(str(step) for step in (*steps, key))
        return Nonsense(f"{self.name}:{line}", f"{table}: {detail}", "bad-world")

    def world(self, file: WorldFile) -> World:
        """The whole world."""
        if (file.hours is None) == (file.days is None):
            raise self._refusal((), "/hours", "either hours or days must be given")
        with self._whole():
            return World(
                name=file.name,
                seed=file.seed,
                starts_at=file.starts_at,
                hours=file.hours if file.hours is not None else 24 * (file.days or 0),
                only_if_six_hours=file.only_if_six_hours,
                markets=self._each("markets", file.markets, self._market),
                categories=self._each("categories", file.categories, _category),
                products=self._each("products", file.products, _product),
                base=tuple(
                    Base(product=row.id, orders_per_day=row.orders_per_day)
                    for row in file.products
                    if row.orders_per_day
                ),
                families=self._each("families", file.families, lambda r: Family(**r.model_dump())),
                films=self._each("videos", file.videos, _film),
                sites=(
                    *self._each("sites", file.sites, lambda row: _site(row, file.markets)),
                    *self._each("centres", file.centres, lambda row: _centre(row, file.markets)),
                ),
                openings=tuple(
                    opening
                    for rows in self._each("centres", file.centres, _openings)
                    for opening in rows
                ),
                carriers=self._each("carriers", file.carriers, _carrier),
                vehicles=tuple(
                    van for rows in self._each("vans", file.vans, _vans) for van in rows
                ),
                storms=self._each("storms", file.storms, lambda row: Storm(**row.model_dump())),
                prices=Prices(**file.costs.model_dump()),
                faults=self._faults(file),
            )

    def _each(self, table: str, rows: list[Any], made: Any) -> tuple[Any, ...]:
        found = []
        for i, row in enumerate(rows):
            with self.at(table, i):
                found.append(made(row))
        return tuple(found)

    def _faults(self, file: WorldFile) -> Faults:
        with self.at("faults"):
            return Faults(**file.faults.model_dump())

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """Name the line of a contradiction between tables: where the word that it quotes stands."""
        try:
            yield
        except Nonsense as wrong:
            if wrong.code == "bad-world":
                raise
            part = wrong.field.strip("/")
            table = OF_A_WORLD.get(part, part)
            quoted = wrong.detail.split("'")[1] if "'" in wrong.detail else wrong.detail.split()[0]
            first = line_of((table,), self.lines)
            rows = enumerate(self.text.splitlines(), start=1)
            line = next((n for n, row in rows if n >= first and quoted in row), first)
            raise Nonsense(f"{self.name}:{line}", f"{table}: {wrong.detail}") from None

    def _market(self, row: MarketRow) -> Market:
        """The market of a row: its regions as they are named, or the towns about a place."""
        us = row.country == "US"
        rest: dict[str, Any] = {
            "currency": row.currency or ("USD" if us else "EUR"),
            "residency": row.residency or ("us" if us else "eu"),
        }
        hours: dict[str, Any] = {
            "deliver_from_hour": row.deliver_from_hour,
            "deliver_until_hour": row.deliver_until_hour,
            "holidays": tuple(row.holidays),
        }
        if row.regions is not None:
            _one_way(row.place is None and row.lat is None, "regions")
            if row.zone is None:
                raise Nonsense("/zone", "is needed where regions are named")
            regions = tuple(_region(one) for one in row.regions)
            named: dict[str, Any] = {
                "name": row.name or row.id,
                "zone": row.zone,
                "country": row.country,
            }
            return Market(id=row.id, regions=regions, **named, **rest, **hours)
        middle = _point(row, row.country)
        market = market_about(
            row.id,
            row.name or row.place or row.id,
            middle,
            radius_km=row.radius_km,
            country=row.country,
            resolution=RESOLUTION,
            **rest,
        )
        return replace(market, zone=row.zone or market.zone, **hours)


def _one_way(alone: bool, field: str) -> None:  # noqa: FBT001  read with its sentence
    if not alone:
        raise Nonsense(f"/{field}", "a place, a point and regions exclude each other")


def _region(row: RegionRow) -> Region:
    cell = row.cell or cell_of(Place(lat=row.lat, lon=row.lon), RESOLUTION)
    return Region(cell=cell, lat=row.lat, lon=row.lon, residents=row.residents)


def _point(row: Any, country: str) -> Place:
    """Where a row lies: its point, or the town that it names."""
    if row.place is not None:
        _one_way(row.lat is None and row.lon is None, "place")
        return _town(row.place, country)
    if row.lat is None or row.lon is None:
        raise Nonsense("/lat", "a place, or lat and lon, must be given")
    if not (-90 <= row.lat <= 90 and -180 <= row.lon <= 180):
        raise Nonsense("/lat", f"{row.lat}, {row.lon} is no place on earth")
    return Place(lat=row.lat, lon=row.lon)


def _town(name: str, country: str) -> Place:
    known: tuple[Town, ...] = towns(country)
    found = next((town for town in known if town.name.casefold() == name.casefold()), None)
    if found is None:
        raise Nonsense("/place", f"{name!r} is no town of 5,000 people or more in {country}")
    return Place(lat=found.lat, lon=found.lon)


def _category(row: Any) -> Category:
    return Category(**row.model_dump() | {"name": row.name or row.id})


def _product(row: ProductRow) -> Product:
    facts = row.model_dump(exclude={"orders_per_day"})
    return Product(**facts | {"name": row.name or row.id})


def _film(row: VideoRow) -> Film:
    facts = row.model_dump(exclude={"push_from_hour", "push_until_hour"})
    ends = (row.push_from_hour, row.push_until_hour)
    if (ends[0] is None) != (ends[1] is None):
        raise Nonsense("/push_from_hour", "comes together with push_until_hour")
    pushed = None if ends[0] is None or ends[1] is None else (float(ends[0]), float(ends[1]))
    return Film(
        **facts
        | {
            "title": row.title or row.id,
            "course": Course(row.course),
            "products": _shares("products", row.products),
            "markets": _shares("markets", row.markets),
            "push_hours": pushed,
        }
    )


def _shares(field: str, told: dict[str, float]) -> tuple[Share, ...]:
    try:
        return tuple(Share(of=of, share=share) for of, share in told.items())
    except Nonsense as wrong:
        raise Nonsense(f"/{field}", f"each share {wrong.detail}") from None


def _country(market: str, markets: list[MarketRow]) -> str:
    return next((row.country for row in markets if row.id == market), "US")


def _site(row: SiteRow, markets: list[MarketRow]) -> Site:
    kind = SiteType(row.type)
    at = _point(row, _country(row.market, markets))
    terms = TERMS[kind]
    given = {
        name: value
        for name in type(terms).__dataclass_fields__
        if (value := getattr(row, name, None)) is not None
    }
    if row.lead_hours is not None:
        given["lead"] = round(row.lead_hours * HOUR)
    if row.shortest_term_days is not None:
        given["shortest_term"] = round(row.shortest_term_days * DAY)
    return Site(
        id=row.id,
        name=row.name or row.id,
        market=row.market,
        type=kind,
        provider=row.provider or f"{kind.value}-spaces",
        lat=at.lat,
        lon=at.lon,
        cell=cell_of(at, RESOLUTION),
        terms=replace(terms, **given),
        open_from_hour=row.open_from_hour,
        open_until_hour=row.open_until_hour,
        chilled=row.chilled,
        dangerous=row.dangerous,
    )


def _centre(row: CentreRow, markets: list[MarketRow]) -> Site:
    at = _point(row, _country(row.market, markets))
    return Site(
        id=row.id,
        name=row.name or row.id,
        market=row.market,
        type=SiteType.CENTRE,
        provider=row.provider,
        lat=at.lat,
        lon=at.lon,
        cell=cell_of(at, RESOLUTION),
        terms=CENTRE,
    )


def _openings(row: CentreRow) -> tuple[Opening, ...]:
    if lone := row.floor.keys() - row.stock.keys():
        raise Nonsense("/floor", f"{min(lone)!r} has a floor and no stock")
    return tuple(
        Opening(centre=row.id, product=product, units=units, floor=row.floor.get(product, 0))
        for product, units in row.stock.items()
    )


def _carrier(row: CarrierRow) -> Carrier:
    return Carrier(**row.model_dump() | {"name": row.name or row.id, "markets": tuple(row.markets)})


def _vans(row: VansRow) -> tuple[Vehicle, ...]:
    facts = row.model_dump(exclude={"id", "count", "longest_drive_hours"})
    facts["longest_drive"] = round(row.longest_drive_hours * HOUR)
    if row.count is None:
        return (Vehicle(id=row.id, **facts),)
    return tuple(Vehicle(id=f"{row.id}-{n + 1:02d}", **facts) for n in range(row.count))
