"""Trucks from the nearest centre into carriers' vans: a node on wheels, without a space.

Packed parcels ride on a truck that meets the vans in the middle of the demand. An order waits for
the next truck, so one leaves as often as the promise leaves time for, in all hours of delivery. Each
trip is paid whether it is full or not: that is what makes it dear for an episode that fades.
"""

from dataclasses import dataclass, replace

from logistics.placement.problem import DAY
from logistics.policy import HOUR, Promising
from logistics.reach import truck_cost
from logistics.siting.answered import Answered
from logistics.siting.worth import unreached
from logistics.units import Cents, Parcels, Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Haul:
    """What trucks from a centre to the doors of a market would bring, and cost."""

    centre: str
    takes: Seconds
    """From the order to the door without any wait for a truck, at P90 of the drives."""
    spare: Seconds
    """How long an order may wait for its truck: the time between two; below zero, none is in time."""
    trips_per_day: int = 0
    orders: Parcels = 0
    trucks: Cents = 0
    gain: Cents = 0
    until: int = 0
    """The period before which the last truck leaves; they go on while they pay, one period at least."""


def hauled(answered: Answered, site: str) -> Haul | None:
    """The haul to where a site stands from the centre with goods that is next to it, over the demand that nothing else reaches; None where no
    centre that has goods is known."""
    lanes = [lane for lane in answered.problem.lanes if lane.site == site]
    if not lanes:
        return None
    lane = min(lanes, key=lambda lane: (lane.seconds, lane.centre))
    promising = answered.policy.promising
    drive = lane.seconds - promising.loading - answered.policy.leasing.put_away
    takes = _door_to_door(promising, drive)
    bare = Haul(centre=lane.centre, takes=takes, spare=promising.target - takes)
    if bare.spare <= 0:
        return bare
    market = answered.scene.market
    opened = (market.deliver_until_hour - market.deliver_from_hour) * HOUR
    often = replace(bare, trips_per_day=max(1, -(-opened // bare.spare)))
    return _at_best(answered, site, often, truck_cost(answered.policy.prices, lane.metres, 1))


def _door_to_door(promising: Promising, drive: Seconds) -> Seconds:
    """Packed, loaded, driven, handed over to a van, and brought in the middle of its route."""
    half = promising.drops_per_route // 2
    drops = half * (promising.between_drops + promising.service_at_stop)
    roads = round(promising.p90_travel_factor * (drive + promising.ideal_drive))
    return promising.pick_and_pack + 2 * promising.loading + roads + drops


def _at_best(answered: Answered, site: str, haul: Haul, trip: Cents) -> Haul:
    """Run until the period after which no further one pays."""
    problem = answered.problem
    legs = [leg.cost for leg in problem.legs if leg.node == site]
    late = [problem.late_price(product) for product in problem.products]
    saved = sum(late) // max(1, len(late)) - sum(legs) // max(1, len(legs))
    wanted = unreached(problem, answered.site(site))
    stock = sum(max(0, s.on_hand - s.floor) for c in problem.centres for s in c.supplies)
    orders, runs = 0, []
    for k, period in enumerate(problem.periods):
        orders = min(stock, orders + wanted[k])
        trucks = haul.trips_per_day * trip * (period.start + period.seconds) // DAY
        gain = orders * saved - trucks
        runs.append(replace(haul, orders=orders, trucks=trucks, gain=gain, until=k + 1))
    return max(runs, key=lambda run: run.gain)
