"""What truly happens in a world: who watches, who wants to buy, where and when.

Views of a video follow its course, the hours of the day and the people of each region; orders
follow views with a lag, fade with fatigue, and are drawn from a negative binomial law. All of it
is drawn once from the world's seed, so every policy meets the same buyers. Nothing here is ever
handed to a deed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from logistics.catalogue import Market
from logistics.twin.world import Course, Film, World

Floats = npt.NDArray[np.floating[Any]]

WAKING = np.array(
    [
        *(0.35, 0.22, 0.15, 0.12, 0.12, 0.18, 0.35, 0.6, 0.8, 0.95, 1.05, 1.15),
        *(1.25, 1.2, 1.15, 1.15, 1.2, 1.35, 1.55, 1.75, 1.85, 1.75, 1.3, 0.75),
    ]
)
"""How awake people are by local hour of the day, with mean near 1: our own assumption."""
KERNEL_HOURS = 96
CLUMPING = 8.0
"""Size of the negative binomial law: its variance is mean + mean^2 / size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """Somebody who wants to buy: when, what, where, and whether only within six hours."""

    at: datetime
    product: str
    units: int
    market: str
    cell: str
    lat: float
    lon: float
    only_six: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """All that happens in a world, hour by hour; rows are hours, columns regions of all markets."""

    cells: tuple[tuple[str, str], ...]
    """(market, cell) of each column."""
    views: dict[str, Floats]
    paid: dict[str, Floats]
    mood: dict[str, Floats]
    """Share of negative reactions by hour, for each video."""
    pulled: dict[str, dict[str, Floats]]
    """Expected orders that each video makes, by product."""
    base: dict[str, Floats]
    """Expected orders of each product without any video."""
    demand: dict[str, Floats]
    """Expected orders of each product, hour by hour."""
    buyers: tuple[Buyer, ...]


def course_of(film: Film, hours: int) -> Floats:
    """The video's reach by hour as a share of its peak, before the hours of the day."""
    age = np.arange(hours) + 0.5 - film.starts_at_hour
    reach = _wave(age, film.rise_hours, film.half_life_hours)
    if film.course is Course.DOUBLE_PEAK:
        reach = reach + 0.7 * _wave(age - 30.0, film.rise_hours, film.half_life_hours)
    if film.course is Course.PAID_PUSH and film.push_hours is not None:
        start, end = film.push_hours
        reach = 0.35 * reach + np.where((age >= start) & (age < end), 0.65, 0.0)
    if film.removed_at_hour is not None:
        reach = np.where(age >= film.removed_at_hour, 0.0, reach)
    return reach


def _wave(age: Floats, rise: float, half_life: float) -> Floats:
    """A rise that saturates and an exponential decay, scaled to a peak of 1."""
    decay = np.log(2.0) / half_life
    fine = np.linspace(0.0, 8.0 * (rise + half_life), 4000)
    top = float(np.max((1 - np.exp(-fine / rise)) ** 2 * np.exp(-decay * fine)))
    old = np.maximum(age, 0.0)
    return np.where(age > 0, (1 - np.exp(-old / rise)) ** 2 * np.exp(-decay * old) / top, 0.0)


def pull_of(film: Film, reach: Floats, counted: int | None = None) -> Floats:
    """Orders per view by hour: fading with what has been seen, and gone after a bad turn.

    All that is seen within the `counted` hours is the whole; by default within all that are given.
    """
    hours = np.arange(len(reach)) + 0.5 - film.starts_at_hour
    seen = np.minimum(np.cumsum(reach) / max(float(np.sum(reach[:counted])), 1e-9), 1.0)
    pull: Floats = film.orders_per_view * (1.0 - film.fatigue * seen)
    if film.turns_at_hour is not None:
        pull = pull * np.where(hours > film.turns_at_hour, 0.08, 1.0)
    return pull


def mood_of(film: Film, hours: int) -> Floats:
    """The share of reactions that are negative, by hour."""
    age = np.arange(hours) + 0.5 - film.starts_at_hour
    turned = film.turns_at_hour is not None
    return np.where(turned & (age > (film.turns_at_hour or 0.0)), 0.44, 0.06)


def truth_of(world: World) -> Truth:
    """Draw everything that happens in the world, from its seed alone."""
    law = law_of(world)
    return replace(law, buyers=_buyers(world, law.demand))


def law_of(world: World, beyond: int = 0) -> Truth:
    """What is expected to happen, before anybody is drawn who comes.

    It goes on for so many hours `beyond` the world's end, which nobody lives.
    """
    length = world.hours + beyond
    cells = tuple((m.id, region.cell) for m in world.markets for region in m.regions)
    awake = np.column_stack([_awake(m, world, length) for m in world.markets for _ in m.regions])
    people = _people(world)
    views: dict[str, Floats] = {}
    paid: dict[str, Floats] = {}
    mood: dict[str, Floats] = {}
    pulled: dict[str, dict[str, Floats]] = {}
    for number, film in enumerate(world.films):
        draw = np.random.default_rng([world.seed, 1, number])
        reach = course_of(film, length)
        spread = _spread(film, world, people, draw)
        rate = film.peak_views_per_hour * np.outer(reach, spread) * awake
        views[film.id] = rate
        paid[film.id] = rate * _paid_share(film, length)[:, None]
        mood[film.id] = mood_of(film, length)
        orders = _lagged(rate * pull_of(film, reach, world.hours)[:, None], film.lag_hours) * awake
        pulled[film.id] = {share.of: share.share * orders for share in film.products}
    base: dict[str, Floats] = {
        product.id: np.zeros((length, len(cells))) for product in world.products
    }
    for one in world.base:
        rate = one.orders_per_day / 24.0 * np.outer(np.ones(length), people) * awake
        base[one.product] = base[one.product] + rate
    return Truth(
        cells=cells,
        views=views,
        paid=paid,
        mood=mood,
        pulled=pulled,
        base=base,
        demand=demanded(world, base, pulled.values()),
        buyers=(),
    )


def demanded(
    world: World, base: dict[str, Floats], pulled: Iterable[dict[str, Floats]]
) -> dict[str, Floats]:
    """Expected orders of each product with some of the videos: their pull, less what they take.

    What a video sells of a product is in part taken from what the product's siblings sell without
    videos, never more than that.
    """
    pull = {id: np.zeros_like(orders) for id, orders in base.items()}
    for film in pulled:
        for id, orders in film.items():
            pull[id] = pull[id] + orders
    taken = {id: np.zeros_like(orders) for id, orders in base.items()}
    for product in world.products:
        law, kin = world.family_of(product.id), world.siblings(product.id)
        if law is not None and law.cannibalisation:
            for sibling in kin:
                taken[sibling] += law.cannibalisation * pull[product.id] / len(kin)
    return {id: np.maximum(base[id] - taken[id], 0.0) + pull[id] for id in base}


def _awake(market: Market, world: World, length: int) -> Floats:
    zone = ZoneInfo(market.zone)
    times = (world.starts_at + timedelta(hours=hour) for hour in range(length))
    return np.array([WAKING[time.astimezone(zone).hour] for time in times])


def _people(world: World) -> Floats:
    residents = np.array([r.residents for m in world.markets for r in m.regions], dtype=float)
    share: Floats = residents / residents.sum()
    return share


def _spread(film: Film, world: World, people: Floats, draw: np.random.Generator) -> Floats:
    """Which share of the views each region has: its people, and a taste of its own."""
    share_of = {share.of: share.share for share in film.markets}
    market = np.array([share_of.get(m.id, 0.0) for m in world.markets for _ in m.regions])
    spread = people * draw.gamma(4.0, 0.25, len(people))
    start = 0
    for m in world.markets:
        own = slice(start, start + len(m.regions))
        spread[own] /= max(float(spread[own].sum()), 1e-12)
        start += len(m.regions)
    viewers: Floats = spread * market
    return viewers


def _paid_share(film: Film, hours: int) -> Floats:
    if film.course is not Course.PAID_PUSH or film.push_hours is None:
        return np.zeros(hours)
    age = np.arange(hours) + 0.5 - film.starts_at_hour
    start, end = film.push_hours
    organic = 0.35 * _wave(age, film.rise_hours, film.half_life_hours)
    pushed = np.where((age >= start) & (age < end), 0.65, 0.0)
    share: Floats = pushed / np.maximum(organic + pushed, 1e-9)
    return share


def _lagged(pulls: Floats, lag: float) -> Floats:
    """Orders by hour: each view's order comes after an exponential lag."""
    steps = np.arange(KERNEL_HOURS)
    kernel = np.exp(-steps / lag)
    kernel /= kernel.sum()
    out = np.zeros_like(pulls)
    for step in range(min(KERNEL_HOURS, len(pulls))):
        out[step:] += kernel[step] * pulls[: len(pulls) - step]
    return out


def _buyers(world: World, demand: dict[str, Floats]) -> tuple[Buyer, ...]:
    places = [(m, region) for m in world.markets for region in m.regions]
    found = []
    for number, product in enumerate(world.products):
        draw = np.random.default_rng([world.seed, 2, number])
        mean = demand[product.id]
        rate = mean * draw.gamma(CLUMPING, 1.0 / CLUMPING, mean.shape)
        for hour, column in zip(*np.nonzero(counts := draw.poisson(rate)), strict=True):
            market, region = places[column]
            for _ in range(counts[hour, column]):
                seconds = int(draw.integers(0, 3600))
                lat, lon = _doorstep(region.lat, region.lon, draw)
                found.append(
                    Buyer(
                        at=world.starts_at + timedelta(hours=int(hour), seconds=seconds),
                        product=product.id,
                        units=1 if draw.random() < 0.92 else 2,
                        market=market.id,
                        cell=region.cell,
                        lat=lat,
                        lon=lon,
                        only_six=bool(draw.random() < world.only_if_six_hours),
                    )
                )
    return tuple(sorted(found, key=lambda buyer: (buyer.at, buyer.product, buyer.lat)))


def _doorstep(lat: float, lon: float, draw: np.random.Generator) -> tuple[float, float]:
    """A door near the region's centre of people: normal, 6 km about it."""
    north, east = draw.normal(0.0, 6.0, 2)
    return (
        round(lat + north / 111.2, 5),
        round(lon + east / (111.2 * float(np.cos(np.radians(lat)))), 5),
    )
