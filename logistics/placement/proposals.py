"""What a plan asks of the planners: to open, to top up, to drain and close.

A standing node that the plan ends before it has to run out is proposed for closing, with what that
saves; one that is sent more is proposed for a top-up, however well it sold. Nothing is proposed
for a node that just goes on.
"""

from dataclasses import dataclass
from typing import Literal

from logistics.placement.plan import Opening, PlacementPlan
from logistics.placement.problem import DAY, PlacementProblem
from logistics.placement.reasons import money
from logistics.units import Cents, Units


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One thing to decide: its period, the units that it moves, and the cents that it is about.

    For an opening `cents` are its fees, for a close the rent that is not paid any more, for a
    top-up what trucks and handling cost.
    """

    kind: Literal["open", "top_up", "close"]
    site: str
    period: int
    units: Units
    cents: Cents
    reason: str


def proposals(problem: PlacementProblem, plan: PlacementPlan) -> tuple[Proposal, ...]:
    """List what there is to decide, openings first."""
    found = [_open(plan, each) for each in plan.openings if not each.standing]
    for each in plan.openings:
        if each.standing and (sent := _sent(plan, each.site)):
            found.append(_top_up(problem, plan, each, sent))
        if each.standing and each.end < len(problem.periods):
            found.append(_close(problem, plan, each))
    return tuple(found)


def _sent(plan: PlacementPlan, site: str) -> Units:
    return sum(e.units for e in plan.shipments if e.site == site and e.path is None)


def _open(plan: PlacementPlan, each: Opening) -> Proposal:
    return Proposal(
        kind="open",
        site=each.site,
        period=each.start,
        units=_sent(plan, each.site),
        cents=each.fees,
        reason=f"{each.orders:,} parcels within the target for fees of {money(each.fees)}",
    )


def _top_up(problem: PlacementProblem, plan: PlacementPlan, each: Opening, sent: Units) -> Proposal:
    lanes = {(lane.centre, lane.site): lane for lane in problem.lanes}
    cents = sum(
        load.trucks * problem.truck.trip(lanes[load.centre, load.site])
        for load in plan.trucks
        if load.site == each.site and load.path is None and problem.truck is not None
    )
    mine = [e for e in plan.shipments if e.site == each.site and e.path is None]
    cents += sum(e.units * lanes[e.centre, e.site].handling for e in mine)
    return Proposal(
        kind="top_up",
        site=each.site,
        period=min(e.period for e in mine),
        units=sent,
        cents=cents,
        reason=f"{each.orders:,} parcels more can be sold there within the target",
    )


def _close(problem: PlacementProblem, plan: PlacementPlan, each: Opening) -> Proposal:
    site = next(site for site in problem.sites if site.name == each.site)
    saved = sum(site.per_day * p.seconds // DAY for p in problem.periods[each.end :])
    total = sum(path.weight for path in problem.paths)
    weight = {path.name: path.weight for path in problem.paths}
    back = sum(weight[e.path] * e.units for e in plan.returns if e.site == each.site) // total
    return Proposal(
        kind="close",
        site=each.site,
        period=each.end,
        units=back,
        cents=saved,
        reason=(
            f"what is still wanted there does not earn the rent of {money(site.per_day)} a day; "
            f"{money(saved)} of rent are saved and {back:,} units go back"
        ),
    )
