"""How much one truck brings to a site: for how long it is filled, and what limits it.

A first truck is filled for the days until a planner looks again, for what is further away is forecast
worst; where the way is so long that a further trip costs more than bringing every unit home again, and
goods are plenty, it is filled for longer. It brings what the centres can still send, what the space takes, and no more
than may be asked for.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from math import ceil, exp
from typing import TypeAlias

from logistics.decisions import Stake, StockLine
from logistics.placement.plan import Opening
from logistics.placement.problem import DAY
from logistics.reach import truck_cost, way
from logistics.siting.answered import Answered, nearest_centre
from logistics.siting.chance import P90
from logistics.siting.demand import beyond, reached, width
from logistics.siting.scene import Standing
from logistics.units import Cents, Seconds, Units

REVIEWED: Seconds = 4 * DAY
"""A truck is filled for so long at least."""
AMPLE = 2
"""Goods of so many times the demand of the whole plan are enough for a truck that brings more."""

Spoken: TypeAlias = Mapping[tuple[str, str], Units]
"""Units by centre and product that are asked for already."""


def shipped(answered: Answered, opening: Opening) -> dict[tuple[str, str], Units]:
    """What the plan sends to the site while one truck is filled for it, by centre and product.
    Later shipments are the next reviews' to decide: small first, and then more."""
    last = filled_for(answered, opening).stop
    sent: dict[tuple[str, str], Units] = defaultdict(int)
    for one in answered.plan.shipments:
        if one.site == opening.site and one.units and one.period < last:
            sent[one.centre, one.product] += one.units
    return dict(sent)


def filled_for(answered: Answered, opening: Opening) -> range:
    """The periods from the opening on for which one truck is filled."""
    periods = answered.problem.periods
    until = periods[opening.start].start + REVIEWED
    span = range(opening.start, opening.end)
    last = next((k for k in span if periods[k].start >= until), opening.end)
    sells, more = _sells(answered, opening), 0
    dear, home = _further_trip(answered, opening), home_again(answered)
    ample = _ample(answered, opening)
    while ample and last < opening.end and (more := more + sells[last]) * home <= dear:
        last += 1
    return range(opening.start, last)


def _ample(answered: Answered, opening: Opening) -> bool:
    """Whether the centres hold so much of all that the plan sends there that nobody else goes short."""
    sent = {one.product for one in answered.plan.shipments if one.site == opening.site}
    wanted = dict.fromkeys(sent, 0)
    for series in answered.problem.paths[0].demand:
        if series.product in sent:
            wanted[series.product] += sum(series.parcels)
    has = dict.fromkeys(sent, 0)
    for one in answered.scene.available:
        if one.product in sent:
            has[one.product] += one.units - one.floor
    return all(has[product] >= AMPLE * wanted[product] for product in sent)


def _sells(answered: Answered, opening: Opening) -> list[Units]:
    """What the plan sells from the site, by period."""
    sold = [0] * len(answered.problem.periods)
    for flow in answered.plan.flows:
        if flow.node == opening.site:
            sold[flow.period] += flow.parcels
    return sold


def _further_trip(answered: Answered, opening: Opening) -> Cents:
    """What another truck there costs from the nearest centre that has goods."""
    ways = [lane.metres for lane in answered.problem.lanes if lane.site == opening.site]
    return truck_cost(answered.policy.prices, min(ways), 1) if ways else 0


def home_again(answered: Answered) -> Cents:
    """What a unit costs that comes home unsold."""
    dearest = max((p.return_cost for p in answered.problem.products), default=0)
    return dearest + answered.policy.prices.inbound_per_unit


def supply(answered: Answered, sent: dict[tuple[str, str], Units], spoken: Spoken) -> Units:
    """The most that the same centres could still send, in the proportions of the plan."""
    has = {
        (centre.name, s.product): s.on_hand - s.floor - spoken.get((centre.name, s.product), 0)
        for centre in answered.problem.centres
        for s in centre.supplies
    }
    total = sum(sent.values())
    return max(0, min(has[key] * total // max(1, units) for key, units in sent.items()))


def room(answered: Answered, opening: Opening) -> Units:
    """The most units that find room at the site beside what stays there, and are picked in the time
    for which one truck is filled."""
    site = answered.site(opening.site)
    span = filled_for(answered, opening)
    lies = () if site.standing is None else site.standing.on_hand
    asked = reached(answered, opening, span) if lies else {}
    sells = sum(min(goods.units, asked.get(goods.product, 0)) for goods in lies)
    picks = sum(site.capacity[k] for k in span) - round(sells)
    sent: dict[str, Units] = defaultdict(int)
    for (_, product), units in shipped(answered, opening).items():
        sent[product] += units
    mix = _volume(answered, sent)
    if site.space is None or not mix:
        return max(0, picks)
    stays = _volume(answered, {goods.product: goods.units for goods in lies})
    free = site.space - stays + _volume(answered, surplus(answered, opening))
    return max(0, min(picks, free * sum(sent.values()) // mix))


def _volume(answered: Answered, units: Mapping[str, Units]) -> int:
    volume = {product.name: product.volume for product in answered.problem.products}
    return sum(volume[product] * count for product, count in units.items())


def surplus(answered: Answered, opening: Opening) -> dict[str, Units]:
    """Units at a standing site that will hardly be asked for there: what is above the P90 of the
    orders of a product until the site closes."""
    site, ends = answered.site(opening.site), answered.at(opening.end)
    if site.standing is None:
        return {}
    asked = reached(answered, opening, range(opening.start, opening.end))
    left = {}
    for goods in site.standing.on_hand:
        most = asked.get(goods.product, 0.0) * width(answered, {goods.product: 1.0}, ends)[1]
        left[goods.product] = max(0, goods.units - ceil(most))
    return left


def going_home(
    answered: Answered, opening: Opening, stock: tuple[StockLine, ...]
) -> tuple[StockLine, ...]:
    """What leaves a standing site when the stock comes, so that there is room for it.

    The truck that brings the one takes home the other. It would come home in the end anyway, at the
    same price a unit, so it is no cost of the stock.
    """
    here = next((one for one in answered.scene.standing if one.site.id == opening.site), None)
    site = answered.site(opening.site)
    if here is None or site.standing is None or site.space is None or not stock:
        return ()
    lies = {goods.product: goods.units for goods in site.standing.on_hand}
    comes = {line.product: 0 for line in stock}
    for line in stock:
        comes[line.product] += line.units
    short = _volume(answered, comes) + _volume(answered, lies) - site.space
    leaves = min(line.arrives_at for line in stock)
    arrives = leaves + ride_home(answered, here)
    lines = []
    left = surplus(answered, opening)
    for product in sorted(left, key=lambda one: (-_volume(answered, {one: left[one]}), one)):
        units = min(left[product], -(-short // _volume(answered, {product: 1})))
        if units > 0:
            short -= _volume(answered, {product: units})
            lines.append(
                StockLine(
                    product=product,
                    units=units,
                    from_node=here.node.id,
                    departs_at=leaves,
                    arrives_at=arrives,
                )
            )
    return tuple(lines)


def ride_home(answered: Answered, here: Standing) -> timedelta:
    """The way from a standing node to the centre that its goods go home to."""
    home = nearest_centre(answered, here.site.id)
    centre = next(one for one in answered.scene.centres if one.id == home)
    drive = way((here.node.lat, here.node.lon), (centre.lat, centre.lon))
    return timedelta(seconds=drive.seconds + answered.policy.promising.loading)


def lasting(answered: Answered, opening: Opening, stake: Stake) -> Units:
    """What may be asked for in the time for which one truck is filled, beyond what lies there: the
    P90, were the plan's demand the mean, for trucks are not filled for what hardly ever comes. More is
    sent only where less would not pay for the node."""
    asked = sum(wanted(answered, opening, filled_for(answered, opening)).values())
    return round(asked * max(1.0, exp(P90 * stake.log_sd - stake.log_sd**2 / 2)))


def wanted(answered: Answered, opening: Opening, span: range) -> dict[str, float]:
    """What the products that are sent would sell in some periods beyond what lies there already."""
    sent = {product for _, product in shipped(answered, opening)}
    unmet = beyond(answered, opening, span)
    return {product: orders for product, orders in unmet.items() if product in sent}
