"""A plan's openings as planners read them: five lines, figures, ladder, risk, costs and the exit.

The plan says where and when; how much stock is sent is chosen on the curve of gain and loss, as the
size of the greatest mean gain whose tail keeps the risk limit. A site that has no such size is not
proposed, and says why. Every figure follows from the problem, the plan and the outlooks.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp

from logistics.decisions import (
    CostLine,
    ExitPlan,
    Proposal,
    RecommendationState,
    Refusal,
    Stake,
    StockLine,
)
from logistics.placement.plan import Opening
from logistics.placement.problem import DAY, Site
from logistics.placement.risk import recommended
from logistics.reach import truck_cost
from logistics.siting.answered import Answered, money, nearest_centre
from logistics.siting.chance import (
    break_even,
    cost_table,
    moved_orders,
    points,
    risk_point,
    sizes_around,
    spread,
)
from logistics.siting.demand import anyway, width
from logistics.siting.filling import (
    Spoken,
    going_home,
    home_again,
    lasting,
    room,
    shipped,
    supply,
    wanted,
)
from logistics.siting.ladder import ladder, regret
from logistics.siting.question import notice
from logistics.siting.words import five_lines
from logistics.siting.worth import worth
from logistics.units import Cents, Units

COLD = "category_prior"
"""The basis of a forecast that nothing of the product's own speaks for yet."""
TO_DECIDE = timedelta(hours=4)
"""A planner's time for a truck that could leave at once: it leaves when it is approved."""
STEADY = 0.5
"""The part of the asked return that keeps a proposal before its planners: one that comes and goes
with every small change of the forecast is never answered."""
TRIED = tuple(0.1 * i for i in range(2, 41))
"""Stock sizes that are tried, as multiples of the P50."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A proposal, and what the recommendation around it says in numbers."""

    proposal: Proposal
    products: tuple[str, ...]
    decide_by: datetime


def write_opening(answered: Answered, opening: Opening, spoken: Spoken) -> Written | str:
    """The proposal to open, or to fill up a node that stands; why not, where no stock size pays.

    `spoken` are the units that proposals of the same answer have taken already.
    """
    sent = shipped(answered, opening)
    if not sent:
        return "no stock could be sent there in time"
    starts, ends = answered.at(opening.start), answered.at(opening.end)
    stake = stake_of(answered, opening, starts, ends)
    most = min(supply(answered, sent, spoken), room(answered, opening))
    enough = min(most, lasting(answered, opening, stake))
    returns = _least_return(answered, sent)
    if _asked_already(answered, opening):
        returns *= STEADY
    units = _size(answered, stake, enough, returns) if enough else None
    if units is None and most > enough:
        units = _size(answered, stake, most, returns)
    if units is None:
        least = money(answered.policy.least_gain)
        limit = f"{answered.policy.cvar_share:.0%} of the cash at risk"
        return f"no stock size gains {least}, and {returns:.0%} of the cash at risk, with a tail below {limit}"
    (point,) = points(stake, (units,))
    stock = _stock_lines(answered, opening, sent, units)
    site = answered.site(opening.site)
    decide_by = starts - timedelta(seconds=site.lead)
    if opening.standing:
        decide_by = min(line.departs_at for line in stock) + TO_DECIDE
    orders = moved_orders(stake, units)
    risk = tuple(risk_point(one) for one in points(stake, sizes_around(stake, units)))
    home = going_home(answered, opening, stock)
    gain, extra = round(point.gain), stake.moved * (units - point.left_over)
    cash = gain - answered.problem.lateness_price * extra
    path = answered.plan.paths[0]
    alone = worth(answered.problem, site)
    waited = worth(answered.problem, site, delay=DAY)
    proposal = Proposal(
        lines=five_lines(answered, opening, stake, units, risk, home),
        stock=stock,
        starts_at=starts,
        live_from=max(starts, min(line.arrives_at for line in stock)),
        ends_at=ends,
        orders_p10=orders[0],
        orders_p50=orders[1],
        orders_p90=orders[2],
        coverage_with=round(path.in_time / answered.wanted, 4),
        coverage_without=round(path.before_in_time / answered.wanted, 4),
        expected_gain=gain,
        chance_of_loss=round(point.chance_of_loss, 4),
        cash_at_risk=point.cash_at_risk,
        cost_per_extra_order=round(-cash / max(1.0, extra)),
        break_even_share=round(min(break_even(stake, units), 9.99), 4),
        lateness_price_stop=max(0, round(-cash / max(1.0, extra))),
        regret_of_nothing=max(0, gain),
        regret_of_waiting=regret(alone, waited, gain),
        binding_reason=answered.plan.reasons[-1] if answered.plan.reasons else "",
        proof_gap=round(answered.plan.gap, 6),
        costs=cost_table(stake, point),
        ladder=ladder(answered, opening, gain),
        risk=risk,
        exit=exit_plan(answered, opening, ends),
        refused=refusals(answered),
        takes_home=home,
        stake=stake,
    )
    products = tuple(sorted({line.product for line in stock}))
    return Written(proposal=proposal, products=products, decide_by=decide_by)


def _least_return(answered: Answered, sent: Mapping[tuple[str, str], Units]) -> float:
    """The share of the cash at risk that a stock has to gain."""
    cold = {one.product for one in answered.scene.outlooks if one.basis == COLD}
    unproven = sum(units for (_, product), units in sent.items() if product in cold)
    policy = answered.policy
    return policy.cold_return if 2 * unproven > sum(sent.values()) else policy.least_return


def _asked_already(answered: Answered, opening: Opening) -> bool:
    """Whether planners have a proposal for the site before them that is not answered yet."""
    before = (one for one in answered.scene.before if one.site == opening.site)
    return any(one.state is RecommendationState.OPEN for one in before)


def _size(answered: Answered, stake: Stake, most: Units, least_return: float) -> Units | None:
    """The stock of the greatest mean gain whose tail keeps the limit and whose gain is worth its
    risk; None where none pays."""
    middle = exp(stake.log_mean)
    sizes = sorted({max(1, min(most, round(middle * factor))) for factor in TRIED})
    best = recommended(points(stake, tuple(sizes)), round(1000 * answered.policy.cvar_share))
    if best is None or best.gain < answered.policy.least_gain:
        return None
    return best.stock if best.gain >= least_return * best.cash_at_risk else None


def stake_of(answered: Answered, opening: Opening, starts: datetime, ends: datetime) -> Stake:
    """What is won and lost with the node: demand as wide as the outlooks say, fees and margins.

    A node that stands has paid its fees: what it holds already is taken off the demand. An order that
    a centre could bring as soon saves neither a parcel nor lateness, nor much of the way from there:
    the centre's vans drive on for the others.
    """
    site, life = answered.site(opening.site), range(opening.start, opening.end)
    asked = wanted(answered, opening, life)
    expected = max(1.0, sum(asked.values()))
    low, high = width(answered, asked, ends)
    log_mean, log_sd = spread(expected * low, expected, expected * high)
    legs = [leg.cost for leg in answered.problem.legs if leg.node == opening.site]
    mile = sum(legs) // max(1, len(legs))
    share, dearer = anyway(answered, opening, life)
    new = 1 - share
    handling = answered.policy.prices.inbound_per_unit
    lift = sum(p.margin for p in answered.problem.products) // len(answered.problem.products)
    owed, later = (0, 0) if opening.standing else _days(site, starts, ends)
    fees = () if opening.standing else (CostLine(name="call-off", amount=-site.set_up),)
    rent = CostLine(name="days of the space", amount=-site.per_day * owed)
    trips = CostLine(name="trucks", amount=-_trips(answered, opening))
    return Stake(
        log_mean=log_mean,
        log_sd=log_sd,
        fixed=(*(line for line in (*fees, rent) if line.amount), trips),
        per_order=(
            CostLine(name="parcels saved", amount=round(new * answered.problem.next_day_parcel)),
            CostLine(name="lateness avoided", amount=round(new * answered.problem.lateness_price)),
            CostLine(name="lift", amount=round(new * lift * answered.problem.lift_permille / 1000)),
            CostLine(name="last mile", amount=-round(new * mile + share * dearer)),
            CostLine(name="space, each order", amount=-site.per_order),
            CostLine(name="later days", amount=-round(site.per_day * later / expected)),
            CostLine(name="inbound", amount=-handling),
        ),
        back_per_unit=home_again(answered),
        moved=new,
    )


def _days(site: Site, starts: datetime, ends: datetime) -> tuple[int, int]:
    """The days of rent that are owed whatever comes, and the later ones, which are paid only while
    the demand is there: a node whose orders fail to come is drained and closed."""
    days = max(0, -(-(ends - starts) // timedelta(days=1)))
    owed = min(days, -(-site.shortest_term // DAY))
    return owed, days - owed


def _trips(answered: Answered, opening: Opening) -> Cents:
    """What the whole trucks cost that bring what the plan sends."""
    metres = {
        (lane.centre, lane.site): lane.metres
        for lane in answered.problem.lanes
        if lane.site == opening.site
    }
    by_centre: dict[str, Units] = defaultdict(int)
    for (centre, _), units in shipped(answered, opening).items():
        by_centre[centre] += units
    most = room(answered, opening)
    return sum(
        truck_cost(answered.policy.prices, metres[centre, opening.site], min(units, most))
        for centre, units in by_centre.items()
    )


def _stock_lines(
    answered: Answered, opening: Opening, sent: dict[tuple[str, str], Units], units: Units
) -> tuple[StockLine, ...]:
    """The chosen stock by centre and product, to be there when the node opens or soon after."""
    total, left, lines = sum(sent.values()), units, []
    lanes = {(lane.centre, lane.site): lane for lane in answered.problem.lanes}
    soonest = answered.now + timedelta(seconds=notice(answered.policy))
    for i, ((centre, product), planned) in enumerate(sorted(sent.items())):
        part = left if i == len(sent) - 1 else units * planned // total
        left -= part
        takes = timedelta(seconds=lanes[centre, opening.site].seconds)
        departs = max(soonest, answered.at(opening.start) - takes)
        lines.append(
            StockLine(
                product=product,
                units=part,
                from_node=centre,
                departs_at=departs,
                arrives_at=departs + takes,
            )
        )
    return tuple(line for line in lines if line.units)


def exit_plan(answered: Answered, opening: Opening, ends: datetime) -> ExitPlan:
    """How the opening ends: no new orders for its last six hours, then the truck home."""
    home = opening.exit.late_returns_to or nearest_centre(answered, opening.site)
    days = answered.site(opening.site).shortest_term // DAY
    drains = max(
        answered.at(opening.start), ends - timedelta(seconds=answered.policy.promising.target)
    )
    return ExitPlan(
        drain_from=drains,
        closes_at=ends,
        return_to=home,
        return_truck_at=ends,
        refund_terms=f"days begun are paid, at least {days}; later days are not owed",
        late_returns_to=home,
        early_close_when=f"fewer than {opening.exit.early_close_below} orders a day are expected",
    )


def refusals(answered: Answered) -> tuple[Refusal, ...]:
    """Every candidate that was not taken, and why."""
    planned = tuple(Refusal(site=one.site, reason=one.reason) for one in answered.plan.rejected)
    return (*planned, *(Refusal(site=id, reason=why) for id, why in answered.scene.barred))
