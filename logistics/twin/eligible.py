"""Which demand could have been kept within six hours at all, the same for every way of deciding.

A quote says it too, but from what its service has learnt of drives, which differs from policy to
policy. Here an idle node next door is asked with the policy's own numbers, so that all policies are
judged on the same orders. It depends on the market's clock, its delivery hours, its spaces' hours
and its vans' shifts, and on nothing that a policy does.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from logistics.orders import Line
from logistics.policy import Policy
from logistics.promise.answers import Question, Wave, eligible
from logistics.promise.departures import departures_of
from logistics.promise.quote import LONGEST_LOOK, lead
from logistics.twin.world import World

MINUTES = 10
"""Buyers of the same ten minutes of the day are judged alike."""


@dataclass(slots=True)
class Eligibility:
    """Judges by market and time of the day; each is worked out once."""

    world: World
    policy: Policy
    _known: dict[tuple[str, timedelta | None, int], bool] = field(default_factory=dict)

    def __call__(self, market: str, at: datetime) -> bool:
        """Whether somebody who comes at that moment could be served within six hours."""
        zone = next(one.zone for one in self.world.markets if one.id == market)
        local = at.astimezone(ZoneInfo(zone))
        ten = (60 * local.hour + local.minute) // MINUTES
        key = (market, local.utcoffset(), ten)
        if key not in self._known:
            early = at - timedelta(
                minutes=local.minute % MINUTES, seconds=at.second, microseconds=at.microsecond
            )
            self._known[key] = eligible(self._question(market, early))
        return self._known[key]

    def _question(self, id: str, at: datetime) -> Question:
        market = next(one for one in self.world.markets if one.id == id)
        sites = [site for site in self.world.sites if site.market == id]
        vans = [van for van in self.world.vehicles if van.market == id]
        room = departures_of(market.zone, vans, (), self.policy, at).able
        return Question(
            at=at,
            lines=(Line(product="any", units=1),),
            market=id,
            zone=market.zone,
            cell="",
            deliver_hours=(market.deliver_from_hour, market.deliver_until_hour),
            node_hours=(
                min((site.open_from_hour for site in sites), default=0),
                max((site.open_until_hour for site in sites), default=24),
            ),
            waves=tuple(
                Wave(at=wave, places=places)
                for wave, places in room.items()
                if wave <= at + LONGEST_LOOK
            ),
            nodes=(),
            centres=(),
            promising=self.policy.promising,
            prices=self.policy.prices,
            lead=lead(self.policy),
            p90_factor=self.policy.promising.p90_travel_factor,
        )
