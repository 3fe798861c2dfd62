"""Whole parcels out of a fractional answer, without breaking a limit and hardly losing a cent.

With the openings given and the shipments rounded down, the parcels of a fractional optimum may be
rounded down too: capacity, vans and supply only gain room, and stock stays above zero because a
whole number greater than minus one is none below zero. What rounding lost is then put back parcel
by parcel where every limit has room.
"""

from dataclasses import dataclass

import numpy as np

from logistics.placement.frame import Flags, Frame, Ints
from logistics.placement.model import Model, departures, loading, supplies
from logistics.placement.problem import PlacementProblem
from logistics.placement.sheet import Numbers

EDGE = 1e-5
"""A number this close below a whole one is that one."""


def down(values: Numbers) -> Ints:
    """Round down, forgiving the solver its last digits."""
    return np.floor(values + EDGE).astype(np.int64)


def up(values: Numbers) -> Ints:
    """Round up, forgiving the solver its last digits."""
    return np.ceil(values - EDGE).astype(np.int64)


@dataclass(slots=True)
class Goods:
    """What moves, in whole numbers: x as in the model, ship [l, p, s, t], trucks [l, s, t],
    back [s, p, j, t + 1], late and lost [s, p, i, t], late_from [s, p, c, t]."""

    x: Ints
    ship: Ints
    trucks: Ints
    back: Ints
    late: Ints
    lost: Ints
    late_from: Ints


def _taken(values: Numbers, ids: Ints) -> Numbers:
    out = np.zeros(ids.shape)
    out[ids >= 0] = values[ids[ids >= 0]]
    return out


def whole_shipments(problem: PlacementProblem, model: Model, values: Numbers) -> tuple[Ints, Ints]:
    """Shipments rounded down and the trucks that carry them, a planner's floors kept."""
    ship = down(_taken(values, model.ship))
    number = {each.name: p for p, each in enumerate(problem.products)}
    fresh = {site.name for site in problem.sites if site.standing is None}
    for limit in problem.wishes.limits:
        lanes = [k for k, lane in enumerate(problem.lanes) if lane.site == limit.site]
        for s in range(ship.shape[2] if limit.site in fresh else 0):
            _top_up(ship, model, lanes, number[limit.product], s, limit.at_least)
    return ship, _trucks(problem, ship)


def _top_up(ship: Ints, model: Model, lanes: list[int], p: int, s: int, least: int) -> None:
    sent = ship[lanes, p, s]
    missing = least - int(sent.sum())
    if missing <= 0 or not sent.sum():
        return
    lane, t = np.unravel_index(int(sent.argmax()), sent.shape)
    same = model.ship[lanes[lane], p, :, t] == model.ship[lanes[lane], p, s, t]
    ship[lanes[lane], p, same, t] += missing


def _trucks(problem: PlacementProblem, ship: Ints) -> Ints:
    if problem.truck is None:
        return np.zeros((0, len(problem.paths), len(problem.periods)), np.int64)
    volume = np.array([each.volume for each in problem.products])
    weight = np.array([each.weight for each in problem.products])
    loads = (
        -(-np.einsum("lpst,p->lst", ship, volume) // problem.truck.volume),
        -(-np.einsum("lpst,p->lst", ship, weight) // problem.truck.weight),
    )
    trucks: Ints = np.maximum(*loads)
    return trucks


def whole_goods(
    problem: PlacementProblem, frame: Frame, model: Model, values: Numbers, ship: Ints, trucks: Ints
) -> Goods:
    """Whole parcels for given whole shipments; `model` has the openings fixed."""
    x = down(values[model.x])
    ledger = Ledger(problem, frame, model, x, ship, down(_taken(values, model.back)))
    covered = np.zeros_like(frame.demand)
    cell = frame.leg_cell[model.x_leg]
    np.add.at(covered, (model.x_path, model.x_product, cell, model.x_period), x)
    short = frame.demand - covered
    late = down(_taken(values, model.late))
    for k in _lossy(frame, model, values, x, short - late):
        s, p, i, t = model.x_path[k], model.x_product[k], cell[k], model.x_period[k]
        more = min(int(short[s, p, i, t]), ledger.room(k))
        if more > 0:
            x[k] += more
            short[s, p, i, t] -= more
            ledger.take(k, more)
    late, lost, late_from = ledger.late(short, np.minimum(late, short), values)
    return Goods(x, ship, trucks, ledger.back, late, lost, late_from)


def _lossy(frame: Frame, model: Model, values: Numbers, x: Ints, missing: Ints) -> list[int]:
    """Legs of the cells that rounding left short, cheapest first."""
    cell = frame.leg_cell[model.x_leg]
    lossy = missing[model.x_path, model.x_product, cell, model.x_period] > 0
    split = np.zeros(frame.demand.shape, bool)
    part = values[model.x] - x > EDGE
    where = (model.x_path, model.x_product, cell, model.x_period)
    np.logical_or.at(split, where, part)
    some = np.flatnonzero(lossy & split[where])
    order: list[int] = some[np.argsort(frame.leg_cost[model.x_leg[some]], kind="stable")].tolist()
    return order


class Ledger:
    """How much room every limit still has while parcels are put back one by one."""

    MUCH = np.iinfo(np.int64).max // 2

    def __init__(
        self, problem: PlacementProblem, frame: Frame, model: Model, x: Ints, ship: Ints, back: Ints
    ) -> None:
        self._problem, self._frame, self._model = problem, frame, model
        paths, products, _, periods = frame.demand.shape
        node = frame.leg_node[model.x_leg]
        self._node, self._s, self._p, self._t = node, model.x_path, model.x_product, model.x_period
        used = np.zeros((paths, len(frame.capacity), periods), np.int64)
        np.add.at(used, (self._s, node, self._t), x)
        capacity = running_capacity(problem, frame, model.o >= 0)
        self._capacity = np.where(capacity < 0, self.MUCH, capacity) - used
        self._pools = self._van_room(x)
        self._stock: Ints | None = None
        self.back = np.zeros((paths, products, frame.sites, periods + 1), np.int64)
        sold = np.zeros((paths, products, len(frame.capacity), periods), np.int64)
        np.add.at(sold, (self._s, self._p, node, self._t), x)
        if problem.lanes:
            self._lie(sold[:, :, : frame.sites], ship, back)
        if problem.centres:
            self._centre = self._supply(sold[:, :, frame.sites :], ship)

    def _van_room(self, x: Ints) -> list[tuple[Ints, Ints]]:
        """Each pool's member legs and what it still carries on each path."""
        pools, loads = [], loading(self._problem, self._node)
        for pool in self._problem.vans:
            legs = loads[pool.nodes] & (self._t == pool.period)
            left = np.full(len(self._problem.paths), pool.trips * pool.drops)
            np.subtract.at(left, self._s[legs], x[legs])
            pools.append((legs, left))
        return pools

    def _lie(self, sold: Ints, ship: Ints, back: Ints) -> None:
        """Stock at the end of each period; what finds no space or no node goes back."""
        problem, frame = self._problem, self._frame
        names = {site.name: j for j, site in enumerate(problem.sites)}
        number = {each.name: p for p, each in enumerate(problem.products)}
        volume = np.array([each.volume for each in problem.products])
        comes = np.zeros_like(sold)
        for k, lane in enumerate(problem.lanes):
            comes[:, :, names[lane.site]] += ship[k].transpose(1, 0, 2)
        there = self._model.o >= 0
        for j, site in enumerate(problem.sites):
            for goods in site.standing.on_hand if site.standing else ():
                comes[:, number[goods.product], j, int(there[j].argmax())] += goods.units
        stock, held = np.zeros_like(sold), np.zeros(sold.shape[:3], np.int64)
        space = np.array([-1 if s.space is None else s.space for s in problem.sites])
        last = frame.demand.shape[3] - 1
        for t in range(last + 1):
            held = held + comes[:, :, :, t] - sold[:, :, :, t]
            gone = np.minimum(back[:, :, :, t], held)
            goes_on = there[:, t + 1] if t < last else np.zeros(frame.sites, bool)
            gone = np.where(goes_on, gone, held)
            if t < last:
                filled = np.einsum("spj,p->sj", held - gone + comes[:, :, :, t + 1], volume)
                full = (space >= 0)[None, :] & (filled > space[None, :])
                if full.any():
                    spare = self._spare(held - gone, comes - sold, back, t)
                    gone = self._overflow(gone, full, filled - space[None, :], spare, volume)
            self.back[:, :, :, t + 1] = gone
            held = held - gone
            stock[:, :, :, t] = held
        self._stock = stock

    @staticmethod
    def _spare(kept: Ints, net: Ints, back: Ints, t: int) -> Ints:
        """Units kept after period t that no later sale and no later return needs [s, p, j]."""
        later = np.cumsum(net[:, :, :, t + 1 :], axis=3)
        later[:, :, :, 1:] -= np.cumsum(back[:, :, :, t + 1 : -1], axis=3)
        spare: Ints = np.minimum(kept, kept + later.min(axis=3)).clip(min=0)
        return spare

    @staticmethod
    def _overflow(gone: Ints, full: Flags, above: Ints, spare: Ints, volume: Ints) -> Ints:
        """Send back what the next delivery needs the space of, and what is never sold here: of the
        sites that are `full` by so much `above` their space [s, j]."""
        for s, j in np.argwhere(full):
            over = int(above[s, j])
            for p in range(len(volume)):
                more = min(int(spare[s, p, j]), -(-over // int(volume[p])))
                gone[s, p, j] += more
                over -= more * int(volume[p])
                if over <= 0:
                    break
        return gone

    def _supply(self, sold: Ints, ship: Ints) -> Ints:
        """What each centre still has at the end of each period, late parcels not yet taken."""
        problem, frame = self._problem, self._frame
        arrives, _ = supplies(problem, frame)
        left = np.cumsum(arrives[None] - sold, axis=3)
        leaves = departures(problem, frame) if problem.lanes else np.zeros((0, 0), np.int64)
        at = {centre.name: c for c, centre in enumerate(problem.centres)}
        for k, lane in enumerate(problem.lanes):
            for t in np.flatnonzero(ship[k].any(axis=(0, 1))):
                gone = ship[k, :, :, t].T[:, :, None]
                left[:, :, at[lane.centre], leaves[k, t] :] -= gone
        out: Ints = left
        return out

    def room(self, k: int) -> int:
        """Parcels that leg column k may still carry."""
        s, p, n, t = self._s[k], self._p[k], self._node[k], self._t[k]
        rooms = [int(self._capacity[s, n, t])]
        rooms += [int(left[s]) for legs, left in self._pools if legs[k]]
        if n >= self._frame.sites:
            rooms.append(int(self._centre[s, p, n - self._frame.sites, t:].min()))
        elif self._stock is not None:
            rooms.append(self._from_stock(s, p, n, t))
        return max(0, min(rooms))

    def _from_stock(self, s: int, p: int, j: int, t: int) -> int:
        assert self._stock is not None  # noqa: S101  asked only where there are lanes
        runs = np.flatnonzero(self._model.o[j] >= 0)
        ends = int(runs[-1]) + 1
        kept = self._stock[s, p, j, t : ends - 1]
        return min(int(self.back[s, p, j, ends]), int(kept.min()) if kept.size else self.MUCH)

    def take(self, k: int, parcels: int) -> None:
        """Put parcels on leg column k."""
        s, p, n, t = self._s[k], self._p[k], self._node[k], self._t[k]
        self._capacity[s, n, t] -= parcels
        for legs, left in self._pools:
            if legs[k]:
                left[s] -= parcels
        if n >= self._frame.sites:
            self._centre[s, p, n - self._frame.sites, t:] -= parcels
        elif self._stock is not None:
            ends = int(np.flatnonzero(self._model.o[n] >= 0)[-1]) + 1
            self._stock[s, p, n, t : ends - 1] -= parcels
            self.back[s, p, n, ends] -= parcels

    def late(self, short: Ints, late: Ints, values: Numbers) -> tuple[Ints, Ints, Ints]:
        """Late parcels, lost ones, and which centre sends the late ones."""
        if not self._problem.centres:
            return short, np.zeros_like(short), np.zeros((0, 0, 0, 0), np.int64)
        sends = down(values[self._model.late_from])
        room = self._centre - np.cumsum(sends, axis=3)
        late, worth = late.copy(), self._frame.late < self._frame.lost
        for s, p, t in np.ndindex(late.shape[0], late.shape[1], late.shape[3]):
            want = int((short if worth[p] else late)[s, p, :, t].sum())
            for c in range(sends.shape[2]):
                has = int(sends[s, p, c, t])
                gets = max(0, min(want, has + int(room[s, p, c, t:].min())))
                sends[s, p, c, t] = gets
                room[s, p, c, t:] -= gets - has
                want -= gets
            self._spread(late[s, p, :, t], short[s, p, :, t], int(sends[s, p, :, t].sum()))
        return late, short - late, sends

    @staticmethod
    def _spread(late: Ints, short: Ints, supply: int) -> None:
        """Give the late parcels there are to the cells, those first that the model chose."""
        if not supply:
            late[:] = 0
            return
        late[:] = _first(late, supply)
        late += _first(short - late, supply - int(late.sum()))


def _first(wanted: Ints, supply: int) -> Ints:
    """So many of what is wanted, those before that stand before."""
    given: Ints = np.minimum(np.cumsum(wanted), supply)
    given[1:] -= given[:-1].copy()
    return given


def running_capacity(problem: PlacementProblem, frame: Frame, runs: Flags) -> Ints:
    """Parcels that each node picks in each period [n, t], its ramp counted; -1 for no limit."""
    capacity = frame.capacity.copy()
    for j, row in enumerate(runs):
        capacity[j] = capacity_of(problem, frame, j, row)
    return capacity


def capacity_of(problem: PlacementProblem, frame: Frame, j: int, runs: Flags) -> Ints:
    """Parcels that one site picks in each period [t] when it runs so."""
    site = problem.sites[j]
    capacity: Ints = frame.capacity[j] * runs
    if site.ramp and site.standing is None and runs.any():
        opened = frame.begin[int(runs.argmax())]
        slow = (frame.begin >= opened) & (frame.begin < opened + site.ramp)
        full = capacity[slow]
        capacity[slow] = full - (full - full * site.ramp_permille // 1000)
    return capacity
