"""The world of a replay: what the files tell, as the twin's loop can live it.

Orders of the files become buyers, signals become what the platform tells. What is told is never
changed; what is not told is drawn from the seed or stands as a plain default, and `drawn` says
each time which it was.
"""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from data.replay.attention import told_in, worth_before
from data.replay.buyers import bought, rows_near
from data.replay.goods import UNLINKED, films, goods
from data.replay.places import markets_for
from data.replay.supply import (
    drawn_carriers,
    drawn_centre,
    drawn_spaces,
    drawn_stock,
    drawn_vans,
)
from data.replay.window import Window, window_of
from data.sources.files import Told
from data.sources.order_files import read_orders
from data.sources.signal_files import SignalLine, drawn_of, read_signals
from data.sources.supply_files import read_products, read_sites
from logistics.catalogue import Market, Product
from logistics.errors import Nonsense
from logistics.network import Site
from logistics.policy import HOUR, Policy, SiteType
from logistics.twin.recorded import Recording, recorded, recorded_truth
from logistics.twin.truth import Truth
from logistics.twin.world import World
from routing.geography import Cell, resolution_of

OF_DAYS = 3 * HOUR
"""How often signals are looked at that a file tells by whole days."""

ALWAYS = (
    "the answers of planners, spaces and carriers, and how each drive went",
    "carriers, vans (by the busiest day) and stock at the centres (twice what the window orders, half of it kept there)",
    "every order of the file is placed as it was; nobody is added who would buy only within six hours",
    "nothing is known of the orders before the window but what a view was worth",
)
"""What no file of a replay tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which files are lived, and which part of them."""

    signals: Path
    orders: Path
    sites: Path | None = None
    products: Path | None = None
    markets: tuple[str, ...] = ()
    """US states or towns; none are the states that place half of the orders, or their metro."""
    first: date | None = None
    last: date | None = None
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What came of one file."""

    what: str
    told: Told[Any]
    left_out: tuple[tuple[str, int], ...] = ()
    """What of its good rows the run does not use, by the reason."""

    def figures(self) -> dict[str, Any]:
        """The same by name."""
        return {
            "file": self.told.file,
            "rows": len(self.told.rows),
            "refused": [{"line": flaw.line, "reason": flaw.reason} for flaw in self.told.flaws],
            "unknown_columns": list(self.told.unknown),
            "absent_columns": list(self.told.absent),
            "left_out": dict(self.left_out),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A world out of files, ready to be lived, with what was read and what was drawn."""

    world: World
    truth: Truth
    platform: Recording
    policy: Policy
    """The one that was given, at the size of the markets' cells and the pace of the signals."""
    read: tuple[Read, ...]
    drawn: tuple[str, ...]


def replay_of(asked: Asked, policy: Policy) -> Replay:
    """Read the files and make their world.

    Raises:
        Nonsense: for a file that cannot be read, a market that is unknown, and where no order is
            left to live.
    """
    orders, signals = read_orders(asked.orders), read_signals(asked.signals)
    markets = markets_for(orders.rows, asked.markets)
    window = window_of(rows_near(orders.rows, markets), asked.first, asked.last)
    came = bought(orders.rows, markets, window, seed=asked.seed)
    if not came.buyers:
        names = ", ".join(market.name for market in markets)
        raise Nonsense("/orders", f"no order of {names} lies in {window.first} to {window.last}")
    policy = _paced(policy, markets, signals.rows)
    products, said_products = _products(asked)
    sites, said_sites, drawn_sites = _sites(asked, policy, markets)
    worth = worth_before(orders.rows, signals.rows, window)
    stuff = goods(products, came.buyers, signals.rows, worth)
    starts, ends = window.moments(markets)
    rows = tuple(
        row
        for row in told_in(signals.rows, markets, window)
        if row.bucket_start >= starts and row.bucket_end <= ends
    )
    shown = films(signals.rows, rows, stuff.products, markets, starts)
    linked = {film.id for film in shown}
    world = World(
        name=f"{asked.orders.name}, {_names(markets)}, {window.first} to {window.last}",
        seed=asked.seed,
        starts_at=starts,
        hours=(ends - starts) // timedelta(hours=1),
        markets=markets,
        categories=stuff.categories,
        products=stuff.products,
        base=(),
        films=shown,
        sites=sites,
        openings=drawn_stock(sites, came.buyers),
        carriers=drawn_carriers(markets),
        vehicles=drawn_vans(markets, came.buyers),
        only_if_six_hours=0.0,
    )
    unlinked = sum(line.video not in linked for line in signals.rows if window.holds(line.when))
    return Replay(
        world=world,
        truth=recorded_truth(world, came.buyers),
        platform=recorded(tuple(row for row in rows if row.video_id in linked)),
        policy=policy,
        read=(
            Read(what="orders", told=orders, left_out=came.left_out),
            Read(what="signals", told=signals, left_out=_counts({UNLINKED: unlinked})),
            *said_products,
            *said_sites,
        ),
        drawn=(*came.drawn, *_heard_how(signals.rows, window), *stuff.drawn, *drawn_sites, *ALWAYS),
    )


def _paced(policy: Policy, markets: tuple[Market, ...], lines: tuple[SignalLine, ...]) -> Policy:
    """The policy with the cells of the markets; it looks at signals as often as the files tell any."""
    told = [line.minutes for line in lines if isinstance(line.when, datetime)]
    every = min(max(60 * min(told), policy.rhythm.sense), HOUR) if told else OF_DAYS
    return replace(
        policy,
        planning_resolution=resolution_of(Cell(markets[0].regions[0].cell)),
        rhythm=replace(policy.rhythm, sense=every),
    )


def _products(asked: Asked) -> tuple[tuple[Product, ...], tuple[Read, ...]]:
    if asked.products is None:
        return (), ()
    told = read_products(asked.products)
    once = {product.id: product for product in reversed(told.rows)}
    doubled = _counts({"rows of a product named before": len(told.rows) - len(once)})
    return tuple(reversed(once.values())), (Read(what="products", told=told, left_out=doubled),)


def _sites(
    asked: Asked, policy: Policy, markets: tuple[Market, ...]
) -> tuple[tuple[Site, ...], tuple[Read, ...], tuple[str, ...]]:
    """The sites of the file, or drawn ones; each market without a centre is given one."""
    read: tuple[Read, ...] = ()
    drawn: tuple[str, ...] = ()
    if asked.sites is None:
        sites = tuple(site for market in markets for site in drawn_spaces(market, policy))
        drawn = ("the spaces: real towns where most people live, terms of the policy's ladder",)
    else:
        told = read_sites(asked.sites, policy, markets[0].id)
        known = {name.casefold(): m.id for m in markets for name in (m.name, m.id)}
        ours = {
            site.id: replace(site, market=known[site.market.casefold()])
            for site in told.rows
            if site.market.casefold() in known
        }
        sites = tuple(ours.values())
        out = _counts(
            {"rows of other markets, or of a site named twice": len(told.rows) - len(ours)}
        )
        read = (Read(what="sites", told=told, left_out=out),)
    centred = {site.market for site in sites if site.type is SiteType.CENTRE}
    lacking = [market for market in markets if market.id not in centred]
    centres = tuple(drawn_centre(market, policy) for market in lacking)
    drawn += tuple(f"the permanent centre of {site.market}: {site.name}" for site in centres)
    return (*sites, *centres), read, drawn


def _heard_how(lines: tuple[SignalLine, ...], window: Window) -> tuple[str, ...]:
    lived = tuple(line for line in lines if window.holds(line.when))
    said = drawn_of(lived)
    if lived and not any(isinstance(line.when, datetime) for line in lived):
        said = (*said, f"when signals of whole days are looked at: every {OF_DAYS // HOUR} hours")
    if any(line.drawn for line in lived):
        said = (
            *said,
            "the index of attention: held for up to 7 days, each market its people's share of the US",
        )
    return said


def _counts(counts: dict[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple((reason, number) for reason, number in Counter(counts).items() if number)


def _names(markets: tuple[Market, ...]) -> str:
    return " and ".join(market.name for market in markets)
