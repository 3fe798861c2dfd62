"""What a temporary node keeps for orders of six hours, and when what it holds runs out.

Goods were brought next door for the sake of the six hours; an order that can wait until the morning
comes by parcel for little more. So units are kept as long as keeping them is worth more than that
order: by the rule of Littlewood (1972) a node keeps so many that the chance of selling the last of
them within six hours is just the ratio of the two gains. Late in a node's life little is kept, and
what would go home is sold to anybody.
"""

from math import exp
from statistics import NormalDist

from logistics.placement.plan import Opening
from logistics.siting.answered import Answered
from logistics.siting.chance import spread
from logistics.siting.demand import beyond, reached, width
from logistics.units import Seconds, Units

NORMAL = NormalDist()
LEAST_CHANCE = 0.05
"""However little a later order is worth, a unit that sells within six hours this seldom is free."""
MAY_GO_SHORT = 0.1
"""The share of what is wanted that may go short before a node is filled up."""


def kept_units(answered: Answered) -> dict[tuple[str, str], Units]:
    """By node and product, the units that standing nodes keep for orders of six hours."""
    by_site = {opening.site: opening for opening in answered.plan.openings}
    kept: dict[tuple[str, str], Units] = {}
    for one in answered.scene.standing:
        opening = by_site.get(one.site.id)
        wanted = {} if opening is None else _wanted(answered, opening)
        for product, _ in one.goods:
            kept[one.node.id, product] = wanted.get(product, 0)
    return kept


def _wanted(answered: Answered, opening: Opening) -> dict[str, Units]:
    span = range(opening.start, opening.end)
    means = reached(answered, opening, span)
    low, high = width(answered, means, answered.at(opening.end))
    _, deviation = spread(low, 1.0, high)
    kept = {}
    for product, mean in means.items():
        standard = NORMAL.inv_cdf(1 - _chance(answered, opening.site, product))
        kept[product] = round(mean * exp(standard * deviation - deviation**2 / 2))
    return kept


def _chance(answered: Answered, name: str, product: str) -> float:
    """The chance of a sale within six hours below which a unit is free for any order.

    An order that is not served from here comes by parcel; where no centre has the product any more,
    it is lost with its margin.
    """
    problem, site, prices = answered.problem, answered.site(name), answered.policy.prices
    legs = [leg.cost for leg in problem.legs if leg.node == name]
    mile = sum(legs) // max(1, len(legs))
    returned = max((one.return_cost for one in problem.products), default=0)
    parcels = any(one.units > 0 for one in answered.scene.available if one.product == product)
    margin = next(one.margin for one in problem.products if one.name == product)
    now = (
        (problem.next_day_parcel if parcels else margin)
        + prices.next_morning_fee
        + returned
        - mile
        - site.per_order
    )
    later = now + problem.lateness_price + prices.six_hour_fee - prices.next_morning_fee
    return min(max(now / max(later, 1), LEAST_CHANCE), 1 - LEAST_CHANCE)


def lasts_for(answered: Answered, opening: Opening, seconds: Seconds) -> bool:
    """Whether what lies at a node, or is on its way, meets the mean demand of so long.

    Goods of one product are no help to buyers of another; a few that may go short are no matter.
    """
    span, periods = range(opening.start, opening.end), answered.problem.periods
    until = next((k for k in span if periods[k].start >= seconds), opening.end)
    soon = range(opening.start, until)
    short = sum(beyond(answered, opening, soon).values())
    return short <= MAY_GO_SHORT * sum(reached(answered, opening, soon).values())
