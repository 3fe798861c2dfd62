"""Orders from a file: each with its time and place, or as counts of a day in a region.

A row with a time is one order of so many units. A row with a day is so many orders of one unit
each, whose hours are drawn by a profile. A row without coordinates gets a place drawn from where
people live in its region. `Replayed.drawn` says in words what was drawn.
"""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any

from data.sources.draws import Spot, Spots, drawn_moment, drawn_spot, spots_of
from data.sources.files import Column, Flaw, Told, day, moment, number, place_at, text, told, whole
from logistics.catalogue import Market, require_word
from logistics.errors import Nonsense, require
from routing.geography import Place

ORDER_COLUMNS = (
    Column(name="product", read=text, also=("sku", "product_id")),
    Column(name="at", read=moment, default=None, also=("accepted_at", "time", "ordered_at")),
    Column(name="day", read=day, default=None, also=("date",)),
    Column(name="units", read=whole, default=1, also=("orders", "quantity")),
    Column(name="region", read=text, default=None, also=("cell", "state")),
    Column(name="lat", read=number, default=None, also=("latitude",)),
    Column(name="lon", read=number, default=None, also=("longitude", "lng")),
    Column(name="price", read=number, default=None),
    Column(name="external_id", read=text, default=None, also=("order", "order_id")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """What one row says: one order at a moment, or the orders of a day."""

    product: str
    when: datetime | date
    units: int
    region: str | None
    place: Place | None
    price: float | None
    external_id: str | None

    def __post_init__(self) -> None:
        """Refuse more than one order or one day holds."""
        require_word(self.product, "product")
        one = isinstance(self.when, datetime)
        require(not one or 1 <= self.units <= 1000, "units", "of one order are 1 to 1000")
        require(self.units <= 1_000_000, "units", "of one day are at most a million")


@dataclass(frozen=True, slots=True, kw_only=True)
class PastOrder:
    """An order that somebody placed, with its moment and its place, told or drawn."""

    external_id: str
    product: str
    units: int
    at: datetime
    lat: float
    lon: float
    price: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """The orders of a file by their time, and what of them is drawn and not real."""

    orders: tuple[PastOrder, ...]
    flaws: tuple[Flaw, ...]
    drawn: tuple[str, ...]


def read_orders(file: Path) -> Told[OrderRow]:
    """The rows of an order file, as they stand there."""
    return told(file, ORDER_COLUMNS, _row)


def replayed(rows: tuple[OrderRow, ...], market: Market, *, seed: int) -> Replayed:
    """Orders one by one, sorted by their moments, with what the rows lack drawn.

    Args:
        rows: The rows of a file; the first counts as number 1.
        market: Where a row without a region lies; its regions may be named as cells.
        seed: Of all draws; the same seed gives the same orders.
    """
    orders: list[PastOrder] = []
    flaws: list[Flaw] = []
    known: dict[str | None, Spots] = {}
    for row_number, row in enumerate(rows, 1):
        if row.region not in known:
            known[row.region] = spots_of(market, row.region)
        spots = known[row.region]
        if row.place is None and not spots.spots:
            flaws.append(Flaw(line=row_number, reason=f"nobody is known to live in {row.region}"))
            continue
        draw = Random(f"{seed}/{row_number}")
        each = 1 if isinstance(row.when, datetime) else row.units
        orders += [_order(row, f"{row_number}-{n}", market, spots, draw) for n in range(each)]
    orders.sort(key=lambda order: (order.at, order.external_id))
    return Replayed(orders=tuple(orders), flaws=tuple(flaws), drawn=_drawn(rows))


def _row(
    *, at: datetime | None, day: date | None, lat: float | None, lon: float | None, **rest: Any
) -> OrderRow:
    when = at or day
    if when is None:
        raise Nonsense("/at", "or day must be told")
    if lat is None or lon is None:
        require(lat is None and lon is None, "lat", "and lon come together")
        return OrderRow(when=when, place=None, **rest)
    return OrderRow(when=when, place=place_at(lat, lon), **rest)


def _order(row: OrderRow, name: str, market: Market, spots: Spots, draw: Random) -> PastOrder:
    told_spot = row.place and Spot(place=row.place, zone=market.zone, weight=1)
    spot = told_spot or drawn_spot(spots, draw)
    one = isinstance(row.when, datetime)
    at = row.when if isinstance(row.when, datetime) else drawn_moment(row.when, spot.zone, draw)
    return PastOrder(
        external_id=row.external_id if one and row.external_id else f"row-{name}",
        product=row.product,
        units=row.units if one else 1,
        at=at,
        lat=spot.place.lat,
        lon=spot.place.lon,
        price=row.price,
    )


def _drawn(rows: tuple[OrderRow, ...]) -> tuple[str, ...]:
    daily = sum(not isinstance(row.when, datetime) for row in rows)
    nowhere = sum(row.place is None for row in rows)
    said = []
    if daily:
        said.append(f"the hour of the orders of {daily} of {len(rows)} rows, by an hourly profile")
    if nowhere:
        said.append(f"the place of the orders of {nowhere} of {len(rows)} rows, by population")
    return tuple(said)
