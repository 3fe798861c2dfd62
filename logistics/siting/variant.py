"""A question with something changed: more or fewer buyers, vans or days, another target, pins.

What is changed is the scene, the policy and the problem; the solver, the rules and the words stay
those of every other plan.
"""

from dataclasses import replace
from datetime import datetime
from math import log

from logistics.decisions import CostLine, Recommendation, Stake
from logistics.placement.problem import (
    DAY,
    PlacementProblem,
    SamplePath,
    Series,
    StockLimit,
)
from logistics.placement.problem import Site as Candidate
from logistics.policy import Policy
from logistics.siting.answered import money
from logistics.siting.chance import moved_orders, points
from logistics.siting.question import question_of
from logistics.siting.scene import Scene
from logistics.units import Units
from logistics.whatif import Change, Figures

RENT = "days of the space"
"""The line of a stake that grows with the days of a lease."""


def other_policy(policy: Policy, change: Change) -> Policy:
    """The policy with another target, where one is asked for."""
    if change.target_hours is None:
        return policy
    return replace(policy, promising=replace(policy.promising, target=change.target_hours * 3600))


def other_scene(scene: Scene, change: Change) -> Scene:
    """The scene with so many vans: the first of those there are, or more of the last one's kind."""
    if change.vans is None or not scene.vans:
        return scene
    vans = scene.vans[: change.vans]
    more = range(len(scene.vans), change.vans)
    return replace(scene, vans=(*vans, *(replace(scene.vans[-1], id=f"more-{i}") for i in more)))


def varied(
    scene: Scene, policy: Policy, change: Change, about: Recommendation | None, now: datetime
) -> PlacementProblem:
    """The changed question; a recommendation says which site's days and stock are meant.

    Raises:
        Nonsense: where pins name no site, or the change contradicts itself.
    """
    problem = question_of(other_scene(scene, change), other_policy(policy, change), now)
    wishes = replace(
        problem.wishes,
        must_open=change.must_open,
        must_not=change.must_not,
        budget=change.budget,
        limits=_limits(problem, change, about),
    )
    sites = problem.sites
    if change.lease_days is not None:
        only = None if about is None else about.site
        sites = tuple(_for_days(problem, one, change.lease_days, only) for one in sites)
    paths = tuple(_scaled(path, change.demand_factor) for path in problem.paths)
    return replace(problem, sites=sites, paths=paths, wishes=wishes)


def _for_days(problem: PlacementProblem, site: Candidate, days: int, only: str | None) -> Candidate:
    """The site, able to run for so many days from its earliest start."""
    if site.standing is not None or (only is not None and site.name != only):
        return site
    begin = next((p.start for p in problem.periods if p.start >= site.lead), problem.horizon)
    capacity = tuple(
        picks if period.start < begin + days * DAY else 0
        for picks, period in zip(site.capacity, problem.periods, strict=True)
    )
    return replace(site, capacity=capacity)


def _limits(
    problem: PlacementProblem, change: Change, about: Recommendation | None
) -> tuple[StockLimit, ...]:
    """So much stock for the recommendation's site, each product in the proportion proposed."""
    if change.stock is None or about is None:
        return ()
    names = {site.name for site in problem.sites if site.standing is None}
    sent = units_sent(about)
    total = sum(sent.values())
    return tuple(
        StockLimit(site=about.site, product=product, at_most=change.stock * units // max(1, total))
        for product, units in sorted(sent.items())
        if about.site in names and product in {one.name for one in problem.products}
    )


def units_sent(about: Recommendation) -> dict[str, Units]:
    """What a recommendation would send, by product."""
    sent: dict[str, Units] = {}
    for line in about.proposal.stock:
        sent[line.product] = sent.get(line.product, 0) + line.units
    return sent


def _scaled(path: SamplePath, factor: float) -> SamplePath:
    """The path with so many times the demand; rounding loses at most one parcel of a series."""
    if factor == 1.0:
        return path
    rows = []
    for row in path.demand:
        total, before, parcels = 0.0, 0, []
        for wanted in row.parcels:
            total += wanted * factor
            parcels.append(round(total) - before)
            before = round(total)
        rows.append(Series(product=row.product, cell=row.cell, parcels=tuple(parcels)))
    return replace(path, demand=tuple(rows))


def estimated(about: Recommendation, change: Change) -> Figures | None:
    """What the recommendation would bring with another demand, stock or lease, from its own curve of
    gain and loss; None where nothing is sent. Vans, target, pins and budget are not in the curve."""
    stake, sent = about.proposal.stake, units_sent(about)
    if stake is None or not sent:
        return None
    days = max(1, -(-(about.proposal.ends_at - about.proposal.starts_at).total_seconds() // DAY))
    lease = days if change.lease_days is None else change.lease_days
    shorter = min(1.0, lease / days)
    other = _for_lease(stake, lease / days)
    other = replace(other, log_mean=stake.log_mean + log(change.demand_factor * shorter))
    units = change.stock or sum(sent.values())
    (point,) = points(other, (units,))
    says = [f"an estimate from the curve of {about.id}: {units:,} units for {lease:,.0f} days"]
    if change.demand_factor != 1.0:
        says.append(f"demand is {change.demand_factor:g} times what is forecast")
    if shorter < 1.0:
        says.append("a shorter lease is taken to meet demand in proportion to its days")
    if (change.vans, change.target_hours, change.budget) != (None, None, None) or change.must_open:
        says.append("vans, target, pins and budget move the exact answer only")
    says.append(
        f"expected gain {money(round(point.gain))}, chance of a loss {point.chance_of_loss:.0%}"
    )
    return Figures(
        expected_gain=round(point.gain),
        orders=moved_orders(other, units)[1],
        chance_of_loss=round(point.chance_of_loss, 4),
        cvar90_share=round(point.tail_share, 4),
        cash_at_risk=point.cash_at_risk,
        says=tuple(says),
    )


def _for_lease(stake: Stake, longer: float) -> Stake:
    fixed = tuple(
        CostLine(name=line.name, amount=round(line.amount * longer)) if line.name == RENT else line
        for line in stake.fixed
    )
    return replace(stake, fixed=fixed)
