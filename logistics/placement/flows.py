"""Least cost of bringing parcels to cells when the openings are given and every period of every path
stands alone: minimum cost flows through OR-Tools, whole and exact.
"""

from itertools import pairwise

import numpy as np
from ortools.graph.python import min_cost_flow

from logistics.placement.frame import Flags, Frame, Ints
from logistics.placement.model import Model
from logistics.placement.polish import Transport
from logistics.placement.problem import PlacementProblem
from logistics.placement.sheet import Numbers, Places
from logistics.placement.whole import running_capacity


def alone(problem: PlacementProblem) -> bool:
    """Whether, once the openings are given, every period of every path stands alone."""
    tail = problem.wishes.tail_permille is not None
    return not (problem.centres or problem.lanes or problem.vans or tail)


def transport(facts: Frame, legs: Flags, cells: Flags, late: Ints) -> Transport:
    """Least cost of serving some cells over some legs in one path and period, by a minimum cost
    flow over the open nodes; `late` [s, p, i, t] is what a parcel costs that is not delivered."""
    product, leg = np.nonzero((facts.accepts[facts.leg_node] & legs[:, None]).T)
    cheap = facts.leg_cost[leg] < facts.late[product]
    product, leg = product[cheap], leg[cheap]
    there = np.flatnonzero(cells)
    number = np.cumsum(cells) - 1
    here = product * len(there) + number[facts.leg_cell[leg]]
    node, cost = facts.leg_node[leg], facts.leg_cost[leg]
    demand, dear = facts.demand[:, :, there], late[:, :, there]

    def least(s: int, t: int, capacity: Ints) -> int:
        wanted = demand[s, :, :, t].ravel()
        some = np.flatnonzero((capacity[node] != 0) & (wanted[here] > 0))
        unserved = dear[s, :, :, t].ravel()
        return _least_cost(here[some], node[some], cost[some], wanted, unserved, capacity)[1]

    return least


def every_transport(problem: PlacementProblem, facts: Frame, model: Model) -> Numbers:
    """Parcels to open nodes by a minimum cost flow for each path and period: whole and exact."""
    values = np.zeros(model.sheet.width)
    cells = facts.demand.shape[1] * facts.demand.shape[2]
    capacity = running_capacity(problem, facts, model.o >= 0)
    key = model.x_path * facts.demand.shape[3] + model.x_period
    order = np.argsort(key, kind="stable")
    starts = np.searchsorted(key[order], np.arange(key.max(initial=-1) + 2))
    for first, last in pairwise(starts.tolist()):
        some = order[first:last]
        if len(some):
            values[model.x[some]] = _flow(facts, model, some, capacity, cells)
    late = facts.demand.copy()
    cell = facts.leg_cell[model.x_leg]
    where = (model.x_path, model.x_product, cell, model.x_period)
    np.subtract.at(late, where, values[model.x].astype(np.int64))
    values[model.late[model.late >= 0]] = late[model.late >= 0]
    return values


def _flow(facts: Frame, model: Model, some: Places, capacity: Ints, cells: int) -> Numbers:
    s, t = int(model.x_path[some[0]]), int(model.x_period[some[0]])
    product, leg = model.x_product[some], model.x_leg[some]
    here = product * facts.demand.shape[2] + facts.leg_cell[leg]
    wanted = facts.demand[s, :, :, t].reshape(cells)
    late = np.repeat(facts.late, facts.demand.shape[2])
    node, cost = facts.leg_node[leg], facts.leg_cost[leg]
    return _least_cost(here, node, cost, wanted, late, capacity[:, t])[0]


def _least_cost(
    here: Ints, node: Ints, cost: Ints, wanted: Ints, late: Ints, capacity: Ints
) -> tuple[Numbers, int]:
    """Parcels on each arc from a demand to a node, and the cost of all, the late ones included."""
    used, place = np.unique(here, return_inverse=True)
    nodes, number = np.unique(node, return_inverse=True)
    asked, sink = wanted[used], len(used) + len(nodes)
    beyond = int((wanted * late).sum() - (asked * late[used]).sum())
    if not len(here):
        return np.zeros(0), beyond
    room = np.where(capacity[nodes] < 0, asked.sum(), capacity[nodes])
    graph = min_cost_flow.SimpleMinCostFlow()
    arcs = graph.add_arcs_with_capacity_and_unit_cost(
        np.concatenate([place, np.arange(sink)]),
        np.concatenate([len(used) + number, np.full(sink, sink)]),
        np.concatenate([asked[place], asked, room]),
        np.concatenate([cost, late[used], np.zeros(len(nodes), np.int64)]),
    )
    supplies = np.r_[asked, np.zeros(len(nodes), np.int64), -asked.sum()]
    graph.set_nodes_supplies(np.arange(sink + 1), supplies)
    if graph.solve() != graph.OPTIMAL:
        raise RuntimeError("a flow that always exists was not found")
    return graph.flows(arcs[: len(here)]).astype(float), beyond + graph.optimal_cost()
