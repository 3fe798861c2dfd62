"""The question of the standby portfolio, from the episodes that were seen and the spaces there are.

Quarters are made up by drawing from the past: how many episodes a market has in a quarter is Poisson
about its own rate, and each is one that was seen there, or anywhere where a market has seen fewer
than three. The same seed draws the same quarters. What was never seen cannot be drawn: a service
of two weeks says so by a rate over two weeks, and by nothing where it saw no episode at all.
"""

from datetime import datetime, timedelta

import numpy as np

from logistics.catalogue import VideoLink
from logistics.episodes import Episode as Seen
from logistics.episodes import EpisodeState
from logistics.network import Site
from logistics.orders import Order
from logistics.placement.portfolio import Episode, PortfolioProblem, Quarter, Space
from logistics.policy import Policy, SiteType
from logistics.ranges import Range
from logistics.siting.experience import USUAL_KM
from logistics.store import Reading
from logistics.units import Cents

QUARTERS = 40
FEW = 3
LEAST_SPAN = timedelta(days=14)
"""A rate is never taken over less time than this."""
NO_GROUND = (EpisodeState.SUSPECT, EpisodeState.REMOVED)
DAY = timedelta(days=1)


def portfolio_question(
    reading: Reading, policy: Policy, now: datetime, *, days: int, most: int | None, seed: int = 1
) -> PortfolioProblem:
    """Which spaces there are to hold, and quarters that may come."""
    spaces = tuple(_space(site) for site in reading.find(Site, type=SiteType.STANDBY))
    seen = [one for one in reading.find(Seen) if one.state not in NO_GROUND]
    past = [_as_told(reading, policy, one, now) for one in seen]
    first = min((one.started_at for one in seen), default=now)
    span = max(now - first, LEAST_SPAN) / DAY
    return PortfolioProblem(
        days=days, spaces=spaces, quarters=_quarters(past, span, days, seed), most=most
    )


def _space(site: Site) -> Space:
    terms = site.terms
    return Space(
        name=site.id,
        metros=(site.market,),
        retainer_per_day=terms.retainer_per_day,
        call_off=terms.set_up,
        per_day=terms.per_day,
        orders_a_day=terms.orders_per_day,
    )


def saving_per_order(policy: Policy) -> Cents:
    """What one order within six hours saves against one on the next day, all told."""
    prices = policy.prices
    mile = prices.last_mile_per_order + USUAL_KM * prices.last_mile_per_km
    lift = round(prices.margin_per_order * prices.conversion_lift)
    return prices.parcel_next_day + prices.broken_promise + lift - mile - prices.inbound_per_unit


def _as_told(reading: Reading, policy: Policy, one: Seen, now: datetime) -> Episode:
    """An episode as a burst of orders a day: those for its products while it lasted."""
    until = one.ended_at or min(now, one.seen_at)
    days = max(1, -(-(until - one.started_at) // DAY))
    products = {link.product for link in reading.find(VideoLink, video=one.video)}
    lasted = Range(least=one.started_at, below=one.started_at + days * DAY)
    units = sum(
        line.units
        for order in reading.find(Order, market=one.market, accepted_at=lasted)
        for line in order.lines
        if line.product in products
    )
    return Episode(
        metro=one.market,
        first_day=0,
        days=days,
        orders_a_day=round(units / days),
        saving=saving_per_order(policy),
    )


def _quarters(past: list[Episode], span: float, days: int, seed: int) -> tuple[Quarter, ...]:
    draw = np.random.default_rng(seed)
    metros = sorted({one.metro for one in past})
    quarters = []
    for number in range(QUARTERS):
        episodes = []
        for metro in metros:
            own = [one for one in past if one.metro == metro]
            pool = own if len(own) >= FEW else past
            for _ in range(int(draw.poisson(len(own) / span * days))):
                like = pool[int(draw.integers(len(pool)))]
                begins = int(draw.integers(days))
                episodes.append(
                    Episode(
                        metro=metro,
                        first_day=begins,
                        days=like.days,
                        orders_a_day=like.orders_a_day,
                        saving=like.saving,
                    )
                )
        quarters.append(Quarter(name=f"quarter-{number + 1}", episodes=tuple(episodes)))
    return tuple(quarters)
