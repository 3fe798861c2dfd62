"""The orders of a file as buyers of the markets: every told order is placed, and none is made up."""

from collections import Counter
from dataclasses import dataclass
from functools import cache

from data.replay.places import cell_in, cells_of, share_inside
from data.replay.window import Window
from data.sources.draws import SPREAD_DEGREES
from data.sources.markets import towns
from data.sources.order_files import OrderRow, PastOrder, replayed
from logistics.catalogue import Market
from logistics.twin.truth import Buyer
from routing.geography import Place, straight_km

EDGE_KM = 1.5 * 111.2 * SPREAD_DEGREES
"""An order drawn around a town of the market lies no further from it than this."""
ELSEWHERE = "rows of other places"
EARLIER_OR_LATER = "rows outside of the window"
BEYOND = "orders drawn beyond the market's edge"
OUT_OF_TIME = "orders before the window's first hour or after its last"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """Who came in the window, what stayed outside by the reason, and what was drawn."""

    buyers: tuple[Buyer, ...]
    left_out: tuple[tuple[str, int], ...]
    drawn: tuple[str, ...]


def rows_near(rows: tuple[OrderRow, ...], markets: tuple[Market, ...]) -> tuple[OrderRow, ...]:
    """The rows that may lie in one of the markets."""
    return tuple(row for row in rows if any(_near(row, m, markets) for m in markets))


def bought(
    rows: tuple[OrderRow, ...], markets: tuple[Market, ...], window: Window, *, seed: int
) -> Bought:
    """The buyers of the markets in the window, from all rows of a file."""
    near = rows_near(rows, markets)
    out = Counter({ELSEWHERE: len(rows) - len(near)})
    out[EARLIER_OR_LATER] = sum(not window.holds(row.when) for row in near)
    starts, ends = window.moments(markets)
    buyers: list[Buyer] = []
    drawn: list[str] = []
    for market in markets:
        mine = (row for row in near if window.holds(row.when) and _near(row, market, markets))
        told = replayed(tuple(mine), market, seed=seed)
        drawn += [f"{market.name}: {words}" for words in told.drawn]
        for order in told.orders:
            buyer = _buyer(order, market)
            reason = BEYOND if buyer is None else OUT_OF_TIME
            if buyer is not None and starts <= buyer.at < ends:
                buyers.append(buyer)
            else:
                out[reason] += 1
    said = tuple((reason, number) for reason, number in out.items() if number)
    return Bought(buyers=tuple(buyers), left_out=said, drawn=tuple(drawn))


def _near(row: OrderRow, market: Market, markets: tuple[Market, ...]) -> bool:
    """Whether a row may lie in a market; one that says nothing lies in the first."""
    if row.place is not None:
        return cell_in(market, row.place) in cells_of(market)
    if row.region is None:
        return market is markets[0]
    return share_inside(market, row.region) > 0


def _buyer(order: PastOrder, market: Market) -> Buyer | None:
    """The buyer of an order; None for one that lies beyond the market."""
    place: Place | None = Place(lat=order.lat, lon=order.lon)
    if cell_in(market, Place(lat=order.lat, lon=order.lon)) not in cells_of(market):
        place = _back_home(Place(lat=order.lat, lon=order.lon), market)
    if place is None:
        return None
    return Buyer(
        at=order.at,
        product=order.product,
        units=order.units,
        market=market.id,
        cell=cell_in(market, place),
        lat=place.lat,
        lon=place.lon,
        only_six=False,
    )


def _back_home(place: Place, market: Market) -> Place | None:
    """The place of the market from which an order was drawn a little over its edge."""
    near = (home for home in _homes(market) if straight_km(place, home) <= EDGE_KM)
    return min(near, key=lambda home: straight_km(place, home), default=None)


@cache
def _homes(market: Market) -> tuple[Place, ...]:
    """Where people of a market live: its towns, and the middles of its regions."""
    places = [Place(lat=town.lat, lon=town.lon) for town in towns(market.country)]
    middles = [Place(lat=region.lat, lon=region.lon) for region in market.regions]
    inside = cells_of(market)
    return tuple(home for home in (*places, *middles) if cell_in(market, home) in inside)
