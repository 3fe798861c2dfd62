"""The plan out of whole goods: openings with their exits, what moves, and what it costs.

Costs are added up here in whole cents from the arrays; `rules` adds them up again from the plan.
"""

import numpy as np

from logistics.placement.frame import Flags, Frame, Ints
from logistics.placement.model import Model, recourse
from logistics.placement.plan import (
    Costs,
    Exit,
    Flow,
    LateSupply,
    Opening,
    PathCosts,
    PlacementPlan,
    Return,
    Shipment,
    Truckload,
    Unserved,
    mean_cents,
)
from logistics.placement.problem import PlacementProblem
from logistics.placement.whole import Goods
from logistics.units import Cents


def answer(
    problem: PlacementProblem,
    frame: Frame,
    model: Model,
    goods: Goods,
    nothing: PlacementPlan | None,
) -> PlacementPlan:
    """Write the plan down; `nothing` is the plan it is compared with, None when it is that."""
    runs: Flags = model.o >= 0
    costs = _costs(problem, frame, model, goods, runs)
    parcels = [int(goods.x[model.x_path == s].sum()) for s in range(len(problem.paths))]
    before = list(zip(costs, parcels, strict=True))
    if nothing is not None:
        before = [(each.costs, each.in_time) for each in nothing.paths]
    paths = tuple(
        PathCosts(
            path=path.name,
            weight=path.weight,
            costs=cost,
            in_time=in_time,
            before=base[0],
            before_in_time=base[1],
        )
        for path, cost, in_time, base in zip(problem.paths, costs, parcels, before, strict=True)
    )
    cost = mean_cents([(p.weight, p.costs.total) for p in paths])
    openings = _openings(problem, frame, model, goods, runs)
    return PlacementPlan(
        openings=openings,
        shipments=_shipments(problem, frame, goods),
        trucks=_truckloads(problem, frame, goods),
        returns=_returns(problem, goods),
        flows=_flows(problem, frame, model, goods),
        unserved=_unserved(problem, frame, goods),
        late_supplies=_late_supplies(problem, goods),
        paths=paths,
        cost=cost,
        nothing=mean_cents([(p.weight, p.nothing) for p in paths]),
        steered=cost + steer(problem, openings),
    )


def steer(problem: PlacementProblem, openings: tuple[Opening, ...]) -> Cents:
    """The steering prices of openings: nobody pays them, they only make a plan less liked."""
    wishes, new = problem.wishes, {each.site for each in openings if not each.standing}
    fresh = {site.name for site in problem.sites if site.standing is None}
    changes = len(new ^ (set(wishes.approved) & fresh))
    return wishes.change_price * changes + wishes.least_benefit * len(new)


def unmet_approvals(problem: PlacementProblem) -> Cents:
    """Change price of dropping all that was approved; the model counts from there."""
    fresh = {site.name for site in problem.sites if site.standing is None}
    return problem.wishes.change_price * len(set(problem.wishes.approved) & fresh)


def _costs(
    problem: PlacementProblem, frame: Frame, model: Model, goods: Goods, runs: Flags
) -> list[Costs]:
    begins = runs & ~np.c_[np.zeros((len(runs), 1), bool), runs[:, :-1]]
    set_ups = np.array([0 if s.standing else s.set_up for s in problem.sites], np.int64)
    set_up = int(set_ups[runs.any(axis=1)].sum())
    rent = int(frame.rent[runs].sum() + frame.entry[begins].sum()) - set_up
    orders = np.array([site.per_order for site in problem.sites] + [0] * len(problem.centres))
    per_order = orders[frame.leg_node[model.x_leg]] * goods.x
    delivery = frame.leg_cost[model.x_leg] * goods.x - per_order
    back = [each.return_cost for each in problem.products]
    margin = np.array([each.margin for each in problem.products], np.int64)
    lift = margin * problem.lift_permille // 1000
    trips = [problem.truck.trip(lane) if problem.truck else 0 for lane in problem.lanes]
    scarce = {(c.name, s.product): s.scarcity_price for c in problem.centres for s in c.supplies}
    price = [[scarce.get((w.centre, p.name), 0) for p in problem.products] for w in problem.lanes]
    found = []
    for s in range(len(problem.paths)):
        mine, sent = model.x_path == s, goods.ship[:, :, s].sum(axis=2)
        late, lost = goods.late[s].sum(axis=(1, 2)), goods.lost[s].sum(axis=(1, 2))
        handling = sum(int(n.sum()) * w.handling for n, w in zip(sent, problem.lanes, strict=True))
        found.append(
            Costs(
                set_up=set_up,
                rent=rent,
                delivery=int(delivery[mine].sum()),
                per_order=int(per_order[mine].sum()),
                trucks=int((goods.trucks[:, s].sum(axis=1) * np.array(trips, np.int64)).sum()),
                handling=handling,
                scarcity=int((sent * np.array(price, np.int64).reshape(sent.shape)).sum()),
                returns=int((goods.back[s].sum(axis=(1, 2)) * np.array(back)).sum()),
                next_day=int(late.sum()) * problem.next_day_parcel,
                lateness=int(late.sum() + lost.sum()) * problem.lateness_price,
                forgone=int(((late + lost) * lift).sum() + (lost * margin).sum()),
            )
        )
    return found


def _openings(
    problem: PlacementProblem, frame: Frame, model: Model, goods: Goods, runs: Flags
) -> tuple[Opening, ...]:
    node, share = frame.leg_node[model.x_leg], frame.weights / frame.weights.sum()
    orders = np.zeros(len(frame.capacity))
    spent = np.zeros(len(frame.capacity))
    saved = (frame.late[model.x_product] - frame.leg_cost[model.x_leg]) * goods.x
    np.add.at(orders, node, goods.x * share[model.x_path])
    np.add.at(spent, node, saved * share[model.x_path])
    openings = []
    for j in np.flatnonzero(runs.any(axis=1)):
        start, end = int(runs[j].argmax()), int(np.flatnonzero(runs[j])[-1]) + 1
        site = problem.sites[j]
        fees = int(frame.rent[j, start:end].sum() + frame.entry[j, start])
        a_parcel = spent[j] / max(1.0, orders[j])
        openings.append(
            Opening(
                site=site.name,
                start=start,
                end=end,
                fees=fees,
                orders=int(orders[j]),
                exit=_exit(problem, goods, int(j), start, share, a_parcel),
                standing=site.standing is not None,
            )
        )
    return tuple(openings)


def _exit(
    problem: PlacementProblem, goods: Goods, j: int, start: int, share: Ints, a_parcel: float
) -> Exit:
    """Drain after the last delivery; close early when a day's orders do not earn its rent."""
    site = problem.sites[j]
    lanes = [k for k, lane in enumerate(problem.lanes) if lane.site == site.name]
    arrives = np.flatnonzero(goods.ship[lanes].any(axis=(0, 1, 2)))
    units = np.einsum("spt,s->p", goods.back[:, :, j], share) if goods.back.size else np.zeros(0)
    cost = sum(u * p.return_cost for u, p in zip(units, problem.products, strict=False))
    nearest = min(lanes, key=lambda k: problem.lanes[k].seconds, default=None)
    return Exit(
        drain=int(arrives[-1]) + 1 if len(arrives) else start + 1,
        left_over=int(units.sum()),
        return_cost=int(cost),
        early_close_below=-int(-site.per_day // max(1.0, a_parcel)),
        late_returns_to=None if nearest is None else problem.lanes[nearest].centre,
    )


def _shipments(problem: PlacementProblem, frame: Frame, goods: Goods) -> tuple[Shipment, ...]:
    later = recourse(problem, frame) if problem.lanes else np.zeros((0, 0), bool)
    return tuple(
        Shipment(
            path=problem.paths[s].name if later[k, t] else None,
            centre=problem.lanes[k].centre,
            site=problem.lanes[k].site,
            product=problem.products[p].name,
            period=t,
            units=int(goods.ship[k, p, s, t]),
        )
        for k, p, s, t in np.argwhere(goods.ship > 0).tolist()
        if s == 0 or later[k, t]
    )


def _truckloads(problem: PlacementProblem, frame: Frame, goods: Goods) -> tuple[Truckload, ...]:
    later = recourse(problem, frame) if problem.lanes else np.zeros((0, 0), bool)
    return tuple(
        Truckload(
            path=problem.paths[s].name if later[k, t] else None,
            centre=problem.lanes[k].centre,
            site=problem.lanes[k].site,
            period=t,
            trucks=int(goods.trucks[k, s, t]),
        )
        for k, s, t in np.argwhere(goods.trucks > 0).tolist()
        if s == 0 or later[k, t]
    )


def _returns(problem: PlacementProblem, goods: Goods) -> tuple[Return, ...]:
    return tuple(
        Return(
            path=problem.paths[s].name,
            site=problem.sites[j].name,
            product=problem.products[p].name,
            period=t,
            units=int(goods.back[s, p, j, t]),
        )
        for s, p, j, t in np.argwhere(goods.back > 0).tolist()
    )


def _flows(problem: PlacementProblem, frame: Frame, model: Model, goods: Goods) -> tuple[Flow, ...]:
    some, nodes = np.flatnonzero(goods.x), problem.nodes
    leg = model.x_leg[some]
    columns = (
        model.x_path[some].tolist(),
        model.x_product[some].tolist(),
        model.x_period[some].tolist(),
        frame.leg_node[leg].tolist(),
        frame.leg_cell[leg].tolist(),
        goods.x[some].tolist(),
    )
    return tuple(
        Flow(
            path=problem.paths[s].name,
            product=problem.products[p].name,
            period=t,
            node=nodes[n],
            cell=frame.cells[i],
            parcels=parcels,
        )
        for s, p, t, n, i, parcels in zip(*columns, strict=True)
    )


def _unserved(problem: PlacementProblem, frame: Frame, goods: Goods) -> tuple[Unserved, ...]:
    return tuple(
        Unserved(
            path=problem.paths[s].name,
            product=problem.products[p].name,
            period=t,
            cell=frame.cells[i],
            parcels=int(parcels[s, p, i, t]),
            lost=lost,
        )
        for parcels, lost in ((goods.late, False), (goods.lost, True))
        for s, p, i, t in np.argwhere(parcels > 0).tolist()
    )


def _late_supplies(problem: PlacementProblem, goods: Goods) -> tuple[LateSupply, ...]:
    return tuple(
        LateSupply(
            path=problem.paths[s].name,
            product=problem.products[p].name,
            period=t,
            centre=problem.centres[c].name,
            parcels=int(goods.late_from[s, p, c, t]),
        )
        for s, p, c, t in np.argwhere(goods.late_from > 0).tolist()
    )
