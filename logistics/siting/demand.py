"""What a site may sell: the demand within its reach, and how wide it may go."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

from logistics.placement.plan import Opening
from logistics.placement.problem import PlacementProblem
from logistics.siting.answered import Answered
from logistics.siting.experience import Promised
from logistics.units import Cents


def reached(answered: Answered, opening: Opening, span: range) -> dict[str, float]:
    """The mean demand by product that the site could serve in some periods, less what the plan has
    others serve. A small site that stands in a large demand sells what it holds almost surely.
    """
    site, problem = answered.site(opening.site), answered.problem
    cells = {leg.cell for leg in problem.legs if leg.node == site.name}
    wanted: dict[str, float] = defaultdict(float)
    for series in problem.paths[0].demand:
        if series.cell in cells and series.product not in site.refuses:
            wanted[series.product] += sum(series.parcels[k] for k in span)
    for flow in answered.plan.flows:
        if flow.node != site.name and flow.cell in cells and flow.period in span:
            wanted[flow.product] -= flow.parcels
    return {product: orders for product, orders in wanted.items() if orders > 0}


def anyway(answered: Answered, opening: Opening, span: range) -> tuple[float, Cents]:
    """The share of the demand within a site's reach that centres with the goods would bring within
    the target as well, and what the last mile of such an order costs more from the site, if it does.

    What centres promise in a cell is what they promised there of late; where few asked, what they
    promised in the whole market, or all where the plan has them reach the cell.
    """
    problem, site = answered.problem, answered.site(opening.site)
    mine = {leg.cell: leg.cost for leg in problem.legs if leg.node == site.name}
    miles = _centre_miles(problem)
    known = {one.cell: one for one in answered.scene.promised}
    everywhere = Promised(
        cell="",
        asked=sum(one.asked for one in known.values()),
        promised=sum(one.promised for one in known.values()),
    )
    usual = everywhere.share(0.0)
    whole = kept = dearer = 0.0
    for series in problem.paths[0].demand:
        if series.cell not in mine or series.product in site.refuses:
            continue
        wanted = sum(series.parcels[k] for k in span)
        mile = miles.get((series.cell, series.product))
        seen = known.get(series.cell, Promised(cell=series.cell, asked=0, promised=0))
        share = seen.share(usual if mile is None else 1.0)
        whole += wanted
        kept += wanted * share
        if mile is not None:
            dearer += wanted * share * max(0, mine[series.cell] - mile)
    return (kept / whole, round(dearer / kept)) if kept else (0.0, 0)


def _centre_miles(problem: PlacementProblem) -> dict[tuple[str, str], Cents]:
    """The cheapest last mile to each cell from a centre that reaches it and has the product."""
    miles: dict[tuple[str, str], Cents] = {}
    for centre in problem.centres:
        products = [one.product for one in centre.supplies if one.on_hand > one.floor]
        for leg in problem.legs:
            if leg.node == centre.name:
                for product in products:
                    key = leg.cell, product
                    miles[key] = min(leg.cost, miles.get(key, leg.cost))
    return miles


def beyond(answered: Answered, opening: Opening, span: range) -> dict[str, float]:
    """The mean demand by product that the goods at a site, or on their way there, do not meet:
    what lies there of one product is no help to buyers of another."""
    site = answered.site(opening.site)
    goods = () if site.standing is None else site.standing.on_hand
    lies = {one.product: one.units for one in goods}
    wanted = reached(answered, opening, span)
    return {p: orders - lies.get(p, 0) for p, orders in wanted.items() if orders > lies.get(p, 0)}


def width(answered: Answered, flows: Mapping[str, float], ends: datetime) -> tuple[float, float]:
    """P10 and P90 over P50 of the totals up to the end, weighted by what the node serves."""
    low = high = weight = 0.0
    for outlook in answered.scene.outlooks:
        share = float(flows.get(outlook.product, 0))
        hours = (ends - outlook.start) / timedelta(hours=1)
        totals = sorted(outlook.whole.totals, key=lambda total: total.hours)
        fitting = [total for total in totals if total.hours >= hours] or totals[-1:]
        if not share or not fitting or fitting[0].p50 <= 0:
            continue
        low += share * fitting[0].p10 / fitting[0].p50
        high += share * fitting[0].p90 / fitting[0].p50
        weight += share
    return (low / weight, high / weight) if weight else (1.0, 1.0)
