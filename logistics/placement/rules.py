"""What every placement plan must keep, whoever made it.

Nothing here is shared with the model or the solver: each rule counts the plan again from the
problem, in plain loops, and says in words what is wrong. `broken` runs them all.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

from logistics.placement.plan import (
    Costs,
    Flow,
    LateSupply,
    Opening,
    PlacementPlan,
    Return,
    Shipment,
    Truckload,
    Unserved,
)
from logistics.placement.problem import DAY, PlacementProblem, Site
from logistics.units import Cents, Units

Rule = Callable[[PlacementProblem, PlacementPlan], Iterator[str]]


def _sites(problem: PlacementProblem) -> dict[str, Site]:
    return {site.name: site for site in problem.sites}


def _open(plan: PlacementPlan) -> set[tuple[str, int]]:
    return {(o.site, t) for o in plan.openings for t in range(o.start, o.end)}


def names_are_known(problem: PlacementProblem, plan: PlacementPlan) -> Iterator[str]:
    """The plan speaks of nothing that is not in the question; else no other rule can be asked."""
    known: dict[str, set[str | None]] = {
        "path": {None} | {path.name for path in problem.paths},
        "product": {product.name for product in problem.products},
        "node": set(problem.nodes),
        "site": {site.name for site in problem.sites},
        "centre": {centre.name for centre in problem.centres},
    }
    lanes = {(lane.centre, lane.site) for lane in problem.lanes}
    count = len(problem.periods)
    told: tuple[Opening | Shipment | Truckload | Return | Flow | Unserved | LateSupply, ...] = (
        *plan.openings,
        *plan.shipments,
        *plan.trucks,
        *plan.returns,
        *plan.flows,
        *plan.unserved,
        *plan.late_supplies,
    )
    for each in told:
        for field, names in known.items():
            if getattr(each, field, None) not in names | {None}:
                yield f"there is no {field} {getattr(each, field)}"
        if isinstance(each, Shipment | Truckload) and (each.centre, each.site) not in lanes:
            yield f"no lane leads from {each.centre} to {each.site}"
        last = count + 1 if isinstance(each, Return) else count
        if not isinstance(each, Opening) and not 0 <= each.period < last:
            yield f"there is no period {each.period}"
    loads: tuple[Shipment | Truckload, ...] = (*plan.shipments, *plan.trucks)
    for load in loads:
        start = problem.periods[load.period].start if 0 <= load.period < count else 0
        lane = next(
            (w for w in problem.lanes if (w.centre, w.site) == (load.centre, load.site)), None
        )
        if lane is not None and start < lane.seconds:
            yield f"a truck to {load.site} for period {load.period} would have left already"


def openings_make_sense(problem: PlacementProblem, plan: PlacementPlan) -> Iterator[str]:
    """An opening is of a known site, once, within the plan, after its lead and before its limit."""
    sites = _sites(problem)
    for name, times in Counter(o.site for o in plan.openings).items():
        if times > 1:
            yield f"{name} opens {times} times"
    for each in plan.openings:
        site = sites.get(each.site)
        if site is None or not 0 <= each.start < each.end <= len(problem.periods):
            yield f"{each.site} opens from {each.start} to {each.end}"
            continue
        begin = problem.periods[each.start].start
        if site.standing is not None:
            if each.start != site.standing.start:
                yield f"{site.name} stands from {site.standing.start} and not from {each.start}"
        elif begin < site.lead:
            yield f"{site.name} opens at {begin} and takes {site.lead} to open"
        elif site.latest_start is not None and begin > site.latest_start:
            yield f"{site.name} opens at {begin}, later than {site.latest_start}"


def terms_are_kept(problem: PlacementProblem, plan: PlacementPlan) -> Iterator[str]:
    """A node runs for its shortest term, and as long as it is held or must be kept."""
    sites, keep = _sites(problem), dict(problem.wishes.keep)
    for each in plan.openings:
        site, begin = sites[each.site], problem.periods[each.start].start
        until = max(keep.get(site.name, 0), begin + (0 if site.standing else site.shortest_term))
        if site.standing is not None:
            until = max(until, site.standing.keep_until)
        if each.end < len(problem.periods) and problem.periods[each.end].start < until:
            yield f"{site.name} closes in period {each.end}, before {until}"


def wishes_are_kept(problem: PlacementProblem, plan: PlacementPlan) -> Iterator[str]:
    """Pins, how many nodes at once and a day, the budget, and what stands already."""
    wishes, opened = problem.wishes, {o.site for o in plan.openings}
    standing = {site.name for site in problem.sites if site.standing is not None}
    for name in sorted((set(wishes.must_open) | standing) - opened):
        yield f"{name} must open and does not"
    for name in sorted(set(wishes.must_not) & opened):
        yield f"{name} must not open and does"
    new = [o for o in plan.openings if o.site not in standing]
    if wishes.most_new_a_day is not None:
        days = Counter(problem.periods[o.start].start // DAY for o in new)
        for day, count in days.items():
            if count > wishes.most_new_a_day:
                yield f"{count} nodes open on day {day}; at most {wishes.most_new_a_day} may"
    if wishes.most_open is not None:
        for t, count in Counter(t for _, t in _open(plan)).items():
            if count > wishes.most_open:
                yield f"{count} nodes run in period {t}; at most {wishes.most_open} may"
    if wishes.budget is not None:
        sites = _sites(problem)
        tied = sum(sum(_fees(problem, sites[o.site], o)) + sites[o.site].deposit for o in new)
        if tied > wishes.budget:
            yield f"openings tie up {tied} and the budget is {wishes.budget}"


def _fees(problem: PlacementProblem, site: Site, opening: Opening) -> tuple[Cents, Cents]:
    """Set-up and rent of an opening; what is owed beyond the last period is rent."""
    periods = problem.periods[opening.start : opening.end]
    rent = sum(site.per_day * period.seconds // DAY for period in periods)
    if site.standing is not None:
        return 0, rent
    begin = problem.periods[opening.start].start
    beyond = max(0, begin + site.shortest_term - problem.horizon)
    return site.set_up, rent + site.per_day * beyond // DAY


def demand_is_covered(problem: PlacementProblem, plan: PlacementPlan) -> Iterator[str]:
    """Every parcel wanted is in time, late or lost, and none is counted twice."""
    wanted: Counter[tuple[str, str, str, int]] = Counter()
    for path in problem.paths:
        for row in path.demand:
            for t, parcels in enumerate(row.parcels):
                wanted[path.name, row.product, row.cell, t] += parcels
    served: Counter[tuple[str, str, str, int]] = Counter()
    told: tuple[Flow | Unserved, ...] = (*plan.flows, *plan.unserved)
    for each in told:
        if each.parcels <= 0:
            yield f"{each.parcels} parcels of {each.product} to {each.cell}"
        served[each.path, each.product, each.cell, each.period] += each.parcels
    for key in wanted.keys() | served.keys():
        if wanted[key] != served[key]:
            yield f"{key} wants {wanted[key]} parcels and the plan tells of {served[key]}"


def flows_have_a_leg(problem: PlacementProblem, plan: PlacementPlan) -> Iterator[str]:
    """Parcels come from a node that reaches the cell, takes the product and runs."""
    legs = {(leg.node, leg.cell) for leg in problem.legs}
    sites, running = _sites(problem), _open(plan)
    for flow in plan.flows:
        if (flow.node, flow.cell) not in legs:
            yield f"{flow.node} does not reach {flow.cell}"
        site = sites.get(flow.node)
        if site is not None and (flow.node, flow.period) not in running:
            yield f"{flow.node} does not run in period {flow.period}"
        if site is not None and flow.product in site.refuses:
            yield f"{flow.node} does not take {flow.product}"


def picking_fits(problem: PlacementProblem, plan: PlacementPlan) -> Iterator[str]:
    """A node picks no more than it can, less while it is new."""
    load: Counter[tuple[str, str, int]] = Counter()
    for flow in plan.flows:
        load[flow.path, flow.node, flow.period] += flow.parcels
    begins = {o.site: problem.periods[o.start].start for o in plan.openings}
    sites = _sites(problem)
    centres = {centre.name: centre for centre in problem.centres}
    for (path, node, t), parcels in load.items():
        site = sites.get(node)
        if site is None:
            limit = centres[node].capacity[t] if centres[node].capacity else parcels
        else:
            limit = site.capacity[t]
            age = problem.periods[t].start - begins.get(node, 0)
            if site.standing is None and age < site.ramp:
                limit = limit * site.ramp_permille // 1000
        if parcels > limit:
            yield f"{node} picks {limit} parcels in period {t} and is given {parcels} on {path}"


def vans_carry(problem: PlacementProblem, plan: PlacementPlan) -> Iterator[str]:
    """What leaves a pool's nodes in a period rides on its trips."""
    for pool in problem.vans:
        load: Counter[str] = Counter()
        for flow in plan.flows:
            if flow.period == pool.period and flow.node in pool.nodes:
                load[flow.path] += flow.parcels
        for path, parcels in load.items():
            if parcels > pool.trips * pool.drops:
                yield f"{pool.name} carries {pool.trips * pool.drops} and is given {parcels}, {path}"


def trucks_carry(problem: PlacementProblem, plan: PlacementPlan) -> Iterator[str]:
    """Shipments run on a lane that is in time, within the trucks' volume and weight."""
    lanes = {(lane.centre, lane.site): lane for lane in problem.lanes}
    paths = {path.name for path in problem.paths}
    volume: Counter[tuple[str, str, str, int]] = Counter()
    weight: Counter[tuple[str, str, str, int]] = Counter()
    products = {product.name: product for product in problem.products}
    for each in plan.shipments:
        lane = lanes[each.centre, each.site]
        if each.units <= 0:
            yield f"{each.units} {each.product} from {each.centre} to {each.site}"
        leaves = problem.periods[each.period].start - lane.seconds
        if each.path is not None and leaves < problem.review:
            yield f"a shipment to {each.site} leaves at {leaves} on {each.path} only"
        for path in paths if each.path is None else (each.path,):
            key = path, each.centre, each.site, each.period
            volume[key] += each.units * products[each.product].volume
            weight[key] += each.units * products[each.product].weight
    trucks: Counter[tuple[str, str, str, int]] = Counter()
    for load in plan.trucks:
        for path in paths if load.path is None else (load.path,):
            trucks[path, load.centre, load.site, load.period] += load.trucks
    for key in volume:
        room = problem.truck
        if room is None or volume[key] > trucks[key] * room.volume:
            yield f"{trucks[key]} trucks do not take the volume {volume[key]} of {key}"
        if room is None or weight[key] > trucks[key] * room.weight:
            yield f"{trucks[key]} trucks do not take the weight {weight[key]} of {key}"


def _came(
    problem: PlacementProblem, plan: PlacementPlan, path: str
) -> Counter[tuple[str, str, int]]:
    came: Counter[tuple[str, str, int]] = Counter()
    for each in plan.shipments:
        if each.path in (None, path):
            came[each.site, each.product, each.period] += each.units
    for site in problem.sites:
        if site.standing is not None:
            for goods in site.standing.on_hand:
                came[site.name, goods.product, site.standing.start] += goods.units
    return came


def stock_is_there(problem: PlacementProblem, plan: PlacementPlan) -> Iterator[str]:
    """A node sells what it has, has space for it, and is empty when it does not run."""
    if not problem.lanes:
        return
    running = _open(plan)
    for path in problem.paths:
        came, gone = _came(problem, plan, path.name), Counter[tuple[str, str, int]]()
        back: Counter[tuple[str, str, int]] = Counter()
        for flow in plan.flows:
            if flow.path == path.name:
                gone[flow.node, flow.product, flow.period] += flow.parcels
        for each in plan.returns:
            if each.path == path.name:
                back[each.site, each.product, each.period] += each.units
        for site in problem.sites:
            yield from _stock_of(problem, site, running, came, gone, back)


def _stock_of(
    problem: PlacementProblem,
    site: Site,
    running: set[tuple[str, int]],
    came: Counter[tuple[str, str, int]],
    gone: Counter[tuple[str, str, int]],
    back: Counter[tuple[str, str, int]],
) -> Iterator[str]:
    held: Counter[str] = Counter()
    lay: Counter[tuple[str, int]] = Counter()
    for goods in site.standing.on_hand if site.standing else ():
        lay[goods.product, site.standing.start if site.standing else 0] += goods.units
    for t, period in enumerate(problem.periods):
        filled: int = 0
        taken_in: Units = 0
        for product in problem.products:
            key = site.name, product.name, t
            held[product.name] += came[key] - back[key]
            filled += held[product.name] * product.volume
            taken_in += came[key] - lay[product.name, t]
            if held[product.name] < gone[key]:
                yield f"{key} sells {gone[key]} and has {held[product.name]}"
            if came[key] and product.name in site.refuses and site.standing is None:
                yield f"{site.name} does not take {product.name} and is sent some"
            held[product.name] -= gone[key]
        if filled and (site.name, t) not in running:
            yield f"{site.name} holds goods in period {t} and does not run"
        if site.space is not None and filled > site.space:
            yield f"{site.name} has space for {site.space} and holds {filled} in period {t}"
        if site.intake_a_day is not None:
            limit = site.intake_a_day * period.seconds // DAY
            if taken_in > limit:
                yield f"{site.name} takes in {limit} units in period {t} and is sent {taken_in}"
    for product in problem.products:
        left = held[product.name] - back[site.name, product.name, len(problem.periods)]
        if left:
            yield f"{left} {product.name} are left at {site.name} and nobody takes them back"


def centres_have_it(problem: PlacementProblem, plan: PlacementPlan) -> Iterator[str]:
    """A centre gives no more than it has by then, and nodes never get its floor."""
    lanes = {(lane.centre, lane.site): lane for lane in problem.lanes}
    for path in problem.paths:
        sent: Counter[tuple[str, str, int]] = Counter()
        used: Counter[tuple[str, str, int]] = Counter()
        for each in plan.shipments:
            if each.path in (None, path.name):
                start = problem.periods[each.period].start
                leaves = start - lanes[each.centre, each.site].seconds
                at = max(k for k, p in enumerate(problem.periods) if p.start <= leaves)
                sent[each.centre, each.product, at] += each.units
        for late in plan.late_supplies:
            if late.path == path.name:
                used[late.centre, late.product, late.period] += late.parcels
        for flow in plan.flows:
            if flow.path == path.name:
                used[flow.node, flow.product, flow.period] += flow.parcels
        for centre in problem.centres:
            has = {supply.product: supply for supply in centre.supplies}
            for product in problem.products:
                supply = has.get(product.name)
                there = supply.on_hand if supply else 0
                away = taken = 0
                for t in range(len(problem.periods)):
                    there += supply.arrivals[t] if supply and supply.arrivals else 0
                    away += sent[centre.name, product.name, t]
                    taken += used[centre.name, product.name, t]
                    if away + taken > there:
                        yield (
                            f"{centre.name} has had {there} {product.name} by period {t} "
                            f"and gives {away + taken} on {path.name}"
                        )
                    if supply and away > max(0, there - supply.floor):
                        yield f"{centre.name} sends {away} {product.name}, into its floor"


def late_parcels_come_from_somewhere(
    problem: PlacementProblem, plan: PlacementPlan
) -> Iterator[str]:
    """Where there are centres, each late parcel leaves one; where there are none, none is lost."""
    late: Counter[tuple[str, str, int]] = Counter()
    for each in plan.unserved:
        if not each.lost:
            late[each.path, each.product, each.period] += each.parcels
        elif not problem.centres:
            yield f"{each.parcels} {each.product} are lost though nothing is short"
    if not problem.centres:
        return
    for supply in plan.late_supplies:
        late[supply.path, supply.product, supply.period] -= supply.parcels
    for key, parcels in late.items():
        if parcels:
            yield f"{parcels} late parcels of {key} leave no centre"


def stock_limits_hold(problem: PlacementProblem, plan: PlacementPlan) -> Iterator[str]:
    """A planner's floors and ceilings on what is sent; a floor holds for what opens anew."""
    opened = {o.site for o in plan.openings if not o.standing}
    for limit in problem.wishes.limits:
        for path in problem.paths:
            sent = sum(
                each.units
                for each in plan.shipments
                if (each.site, each.product) == (limit.site, limit.product)
                and each.path in (None, path.name)
            )
            if limit.site in opened and sent < limit.at_least:
                yield f"{limit.site} is sent {sent} {limit.product}, below {limit.at_least}"
            if limit.at_most is not None and sent > limit.at_most:
                yield f"{limit.site} is sent {sent} {limit.product}, above {limit.at_most}"


def costs_add_up(problem: PlacementProblem, plan: PlacementPlan) -> Iterator[str]:
    """Every part of every path's cost, the means, the fees and the steered cost, to the cent."""
    told = {each.path: each for each in plan.paths}
    for path in problem.paths:
        counted = _count_costs(problem, plan, path.name)
        each = told.get(path.name)
        if each is None or each.weight != path.weight:
            yield f"path {path.name} is not told of"
        elif counted != each.costs:
            yield f"path {path.name} costs {counted} and the plan says {each.costs}"
        elif each.in_time != (in_time := _in_time(plan, path.name)):
            yield f"path {path.name} has {in_time} parcels in time, not {each.in_time}"
    weights = sum(path.weight for path in problem.paths)
    cost = sum(each.weight * each.costs.total for each in plan.paths) // weights
    nothing = sum(each.weight * each.nothing for each in plan.paths) // weights
    if (cost, nothing) != (plan.cost, plan.nothing):
        yield f"the means are {cost} and {nothing}; the plan says {plan.cost} and {plan.nothing}"
    sites = _sites(problem)
    for opening in plan.openings:
        if opening.fees != sum(_fees(problem, sites[opening.site], opening)):
            yield f"{opening.site} has other fees than {opening.fees}"
    steered = plan.cost + _steer(problem, plan)
    if steered != plan.steered:
        yield f"with its steering prices the plan is at {steered}, not {plan.steered}"


def _in_time(plan: PlacementPlan, path: str) -> int:
    return sum(flow.parcels for flow in plan.flows if flow.path == path)


def _steer(problem: PlacementProblem, plan: PlacementPlan) -> Cents:
    wishes = problem.wishes
    standing = {site.name for site in problem.sites if site.standing is not None}
    new = {o.site for o in plan.openings} - standing
    known = {site.name for site in problem.sites} - standing
    changes = len(new ^ (set(wishes.approved) & known))
    return wishes.change_price * changes + wishes.least_benefit * len(new)


def _count_costs(problem: PlacementProblem, plan: PlacementPlan, path: str) -> Costs:
    sites, part = _sites(problem), defaultdict[str, int](int)
    products = {product.name: product for product in problem.products}
    cost = {(leg.node, leg.cell): leg.cost for leg in problem.legs}
    lanes = {(lane.centre, lane.site): lane for lane in problem.lanes}
    scarce = {(c.name, s.product): s.scarcity_price for c in problem.centres for s in c.supplies}
    for opening in plan.openings:
        set_up, rent = _fees(problem, sites[opening.site], opening)
        part["set_up"] += set_up
        part["rent"] += rent
    for flow in plan.flows:
        if flow.path == path:
            part["delivery"] += flow.parcels * cost.get((flow.node, flow.cell), 0)
            if flow.node in sites:
                part["per_order"] += flow.parcels * sites[flow.node].per_order
    for each in plan.shipments:
        if each.path in (None, path):
            part["handling"] += each.units * lanes[each.centre, each.site].handling
            part["scarcity"] += each.units * scarce.get((each.centre, each.product), 0)
    for load in plan.trucks:
        if load.path in (None, path) and problem.truck is not None:
            metres = lanes[load.centre, load.site].metres
            part["trucks"] += load.trucks * (
                problem.truck.fixed + problem.truck.per_km * metres // 1000
            )
    for back in plan.returns:
        if back.path == path:
            part["returns"] += back.units * products[back.product].return_cost
    for unserved in plan.unserved:
        if unserved.path == path:
            margin = products[unserved.product].margin
            gone = margin * problem.lift_permille // 1000 + (margin if unserved.lost else 0)
            part["forgone"] += unserved.parcels * gone
            part["lateness"] += unserved.parcels * problem.lateness_price
            part["next_day"] += 0 if unserved.lost else unserved.parcels * problem.next_day_parcel
    return Costs(**part)


def opening_nothing_is_not_better(problem: PlacementProblem, plan: PlacementPlan) -> Iterator[str]:
    """Unless something must open, no plan is shown that opening nothing new would beat."""
    wishes = problem.wishes
    if wishes.must_open or wishes.approved:
        return
    if plan.steered > plan.nothing:
        yield f"the plan is at {plan.steered} and opening nothing costs {plan.nothing}"


def the_tail_is_limited(problem: PlacementProblem, plan: PlacementPlan) -> Iterator[str]:
    """CVaR90 of the loss is within the planner's share of the cash at risk."""
    share = problem.wishes.tail_permille
    if share is None or not any(not opening.standing for opening in plan.openings):
        return
    ten = sum(path.weight for path in plan.paths) / 10
    worst, loss, taken = sorted((each.gain, each.weight) for each in plan.paths), 0.0, 0.0
    for gain, weight in worst:
        part = min(float(weight), ten - taken)
        taken += part
        loss -= gain * part / ten
    limit = share * _cash_at_risk(problem, plan) / 1000
    if loss > limit + 0.01:
        yield f"the worst tenth loses {loss:.0f} in the mean; {limit:.0f} is the limit"


def _cash_at_risk(problem: PlacementProblem, plan: PlacementPlan) -> Cents:
    """New fees, and what leaves before the review: trucks, handling, and the way back."""
    back = {product.name: product.return_cost for product in problem.products}
    lanes = {(lane.centre, lane.site): lane for lane in problem.lanes}
    cash = sum(opening.fees for opening in plan.openings if not opening.standing)
    for each in plan.shipments:
        if each.path is None:
            lane = lanes[each.centre, each.site]
            cash += each.units * (lane.handling + back[each.product])
    for load in plan.trucks:
        if load.path is None and problem.truck is not None:
            metres = lanes[load.centre, load.site].metres
            trip = problem.truck.fixed + problem.truck.per_km * metres // 1000
            cash += load.trucks * trip
    return cash


def the_bound_is_one(problem: PlacementProblem, plan: PlacementPlan) -> Iterator[str]:
    """The proven bound is not above the plan itself (but for the solver's last digits)."""
    del problem
    if plan.bound > plan.steered + 1 + abs(plan.steered) * 1e-6:
        yield f"the bound {plan.bound} is above the plan's {plan.steered}"


RULES: tuple[Rule, ...] = (
    openings_make_sense,
    terms_are_kept,
    wishes_are_kept,
    demand_is_covered,
    flows_have_a_leg,
    picking_fits,
    vans_carry,
    trucks_carry,
    stock_is_there,
    centres_have_it,
    late_parcels_come_from_somewhere,
    stock_limits_hold,
    costs_add_up,
    opening_nothing_is_not_better,
    the_tail_is_limited,
    the_bound_is_one,
)


def broken(problem: PlacementProblem, plan: PlacementPlan) -> tuple[str, ...]:
    """Everything that is wrong with a plan, in words; empty when it may be shown."""
    unknown = tuple(dict.fromkeys(names_are_known(problem, plan)))
    return unknown or tuple(wrong for rule in RULES for wrong in rule(problem, plan))
