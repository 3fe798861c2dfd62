"""The placement model, written as on paper: openings first, then how each sample path is served.

Columns: u start, w end, o open [j, t] · N trucks, S shipments on lanes · and for each path x parcels
within the target, z late, y late by centre, v lost, I stock at a site, R sent back, B stock at a
centre. Every link x <= D o stands as a row of its own: with summed rows the bound is worthless
(66 % against 0.3 % on 3,000 cells). Goods flow continuously here; the solver makes them whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from logistics.placement.frame import Flags, Frame, Ints
from logistics.placement.problem import DAY, PlacementProblem
from logistics.placement.sheet import EVERY, Numbers, Places, Sheet
from logistics.units import Seconds


def _none() -> Places:
    return np.zeros(0, np.int64)


@dataclass(slots=True)
class Model:
    """The sheet, and where each family of columns stands in it (minus one: there is none)."""

    sheet: Sheet
    fixed: bool
    u: Places
    w: Places
    o: Places
    x: Places
    x_path: Places
    x_product: Places
    x_leg: Places
    x_period: Places
    late: Places = field(default_factory=_none)
    lost: Places = field(default_factory=_none)
    late_from: Places = field(default_factory=_none)
    ship: Places = field(default_factory=_none)
    trucks: Places = field(default_factory=_none)
    stock: Places = field(default_factory=_none)
    back: Places = field(default_factory=_none)
    centre: Places = field(default_factory=_none)


def build(
    problem: PlacementProblem,
    frame: Frame,
    schedule: Flags | None = None,
    tail: tuple[float, Numbers] | None = None,
    decided: Seconds | None = None,
) -> Model:
    """Write the model; with a `schedule` [j, t] the openings are given and only goods move.

    Openings are whole numbers only where they are `decided` before the question is asked anew (None:
    everywhere): a start within so many seconds of the earliest, an end within so many of the term.

    `tail` is the largest CVaR90 of the loss as a share of the cash at risk, and what each path
    costs with nothing new opened.
    """
    sheet = Sheet()
    run = frame.may_run if schedule is None else schedule
    firm = firmly(frame, decided)
    u, w, o = _openings(problem, frame, sheet, run, schedule, firm)
    model = Model(sheet, schedule is not None, u, w, o, *_parcels(problem, frame, sheet, run))
    model.ship = np.zeros((0, len(problem.products), len(problem.paths), len(run.T)), np.int64)
    if not model.fixed:
        _links(frame, model)
        _wishes(problem, frame, model)
    cover = _cover(frame, model)
    _capacity(problem, frame, model)
    _vans(problem, frame, model)
    if problem.centres:
        _centres(problem, frame, model, cover)
    if problem.lanes:
        _lanes(problem, frame, model, run)
    if problem.centres:
        _supply(problem, frame, model)
    if tail is not None:
        _tail(problem, frame, model, *tail)
    return model


def _tail(
    problem: PlacementProblem, frame: Frame, model: Model, share: float, nothing: Numbers
) -> None:
    """CVaR90 of the loss <= share of the cash at risk (Rockafellar and Uryasev 2000).

    eta + sum(q_s zeta_s) / 0.1 <= share cash, and zeta_s >= loss_s - eta: at the best eta the left
    side is the mean loss of the worst tenth.
    """
    sheet, paths = model.sheet, len(problem.paths)
    cost, path = sheet.column(2), sheet.column(3)
    weight = frame.weights / frame.weights.sum()
    eta = sheet.columns(1, lower=-np.inf)
    over = sheet.columns(paths)
    for s in range(paths):
        row = sheet.rows(1, upper=nothing[s])
        paid = np.flatnonzero(((path == s) | (path == EVERY)) & (cost != 0))
        sheet.put(row, paid, cost[paid])
        sheet.put(row, [eta[0], over[s]], -1)
    row = sheet.rows(1, upper=0)
    sheet.put(row, eta)
    sheet.put(row, over, weight * 10)
    for ids, cash in _cash_at_risk(problem, frame, model):
        sheet.put(row, ids, -share * cash)


def _cash_at_risk(
    problem: PlacementProblem, frame: Frame, model: Model
) -> Iterator[tuple[Places, Numbers]]:
    """New fees, and what leaves before the review: trucks, handling, and the way back."""
    fresh = np.array([site.standing is None for site in problem.sites], bool)[:, None]
    for ids, cash in ((model.o, frame.rent), (model.u, frame.entry)):
        some = (ids >= 0) & fresh
        yield ids[some], cash[some].astype(float)
    if not problem.lanes or problem.truck is None:
        return
    first = ~recourse(problem, frame)
    back = np.array([each.return_cost for each in problem.products], float)
    for k, lane in enumerate(problem.lanes):
        for p in range(len(problem.products)):
            ids = model.ship[k, p, 0, first[k]]
            cash = np.full(len(ids), lane.handling + back[p])
            yield ids[ids >= 0], cash[ids >= 0]
        ids = model.trucks[k, 0, first[k]]
        yield ids[ids >= 0], np.full(int((ids >= 0).sum()), float(problem.truck.trip(lane)))


def firmly(frame: Frame, decided: Seconds | None) -> tuple[Flags, Flags]:
    """Which starts and which periods of running are decided now, each [j, t]."""
    if decided is None:
        return np.ones_like(frame.may_start), np.ones_like(frame.may_run)
    earliest = np.where(frame.may_start.any(axis=1), frame.begin[frame.may_start.argmax(axis=1)], 0)
    starts = frame.begin[None, :] <= earliest[:, None] + decided
    return starts, np.broadcast_to(frame.begin <= decided, starts.shape)


def _openings(
    problem: PlacementProblem,
    frame: Frame,
    sheet: Sheet,
    run: Flags,
    schedule: Flags | None,
    firm: tuple[Flags, Flags],
) -> tuple[Places, Places, Places]:
    u, w, o = (np.full(run.shape, -1, np.int64) for _ in range(3))
    wishes, names = problem.wishes, [site.name for site in problem.sites]
    fresh = np.array([site.standing is None for site in problem.sites], bool)
    approved = np.array([name in wishes.approved for name in names], bool)
    steer = fresh * (wishes.least_benefit + wishes.change_price * np.where(approved, -1, 1))
    begins = frame.may_start & run
    if schedule is not None:
        before = np.c_[np.zeros((len(names), 1), bool), schedule[:, :-1]]
        begins = schedule & ~before
    lower = np.zeros(run.shape) if schedule is None else schedule.astype(float)
    held = np.array([-1 if s.standing is None else s.standing.keep_until for s in problem.sites])
    holds = (frame.begin[None, :] < held[:, None]) & run
    if frame.must_run is not None:
        holds |= frame.must_run & run
    o[run] = sheet.columns(
        int(run.sum()),
        lower=np.maximum(lower, holds)[run],
        upper=1,
        cost=frame.rent[run],
        whole=firm[1][run],
    )
    u[begins] = sheet.columns(
        int(begins.sum()),
        lower=(begins & (schedule is not None))[begins],
        upper=1,
        cost=frame.entry[begins],
        steer=np.broadcast_to(steer[:, None], run.shape)[begins],
        whole=firm[0][begins],
    )
    ends = run & np.c_[np.zeros((len(names), 1), bool), run[:, :-1]]
    if schedule is None:
        w[ends] = sheet.columns(int(ends.sum()), upper=1)
    return u, w, o


def _links(frame: Frame, model: Model) -> None:
    """Start and stop: o_t - o_(t-1) = u_t - w_t, and x <= D o for each parcel's leg."""
    sheet, (j, t) = model.sheet, np.nonzero(model.o >= 0)
    rows = sheet.rows(len(j), lower=0, upper=0)
    for ids, shift, value in ((model.o, 0, 1), (model.o, 1, -1), (model.u, 0, -1), (model.w, 0, 1)):
        there = (t >= shift) & (ids[j, t - shift] >= 0)
        sheet.put(rows[there], ids[j[there], t[there] - shift], value)
    sited = frame.leg_node[model.x_leg] < frame.sites
    leg, time = model.x_leg[sited], model.x_period[sited]
    wanted = frame.demand[model.x_path[sited], model.x_product[sited], frame.leg_cell[leg], time]
    rows = sheet.rows(len(leg), upper=0)
    sheet.put(rows, model.x[sited])
    sheet.put(rows, model.o[frame.leg_node[leg], time], -wanted)


def _wishes(problem: PlacementProblem, frame: Frame, model: Model) -> None:
    """Terms, one opening a site, pins, budget and the limits on how many."""
    wishes, sheet, begin = problem.wishes, model.sheet, frame.begin
    keep = dict(wishes.keep)
    fresh = []
    for j, site in enumerate(problem.sites):
        begins = np.flatnonzero(model.u[j] >= 0)
        if not len(begins):
            continue
        must = site.standing is not None or site.name in wishes.must_open
        row = sheet.rows(1, lower=float(must), upper=1)
        sheet.put(row, model.u[j, begins])
        if site.standing is None:
            fresh.append(j)
        for t in range(begins[0] + 1, len(begin)):
            term = 0 if site.standing is not None else site.shortest_term
            bound = (begin[t] < begin[begins] + term) | (begin[t] < keep.get(site.name, 0))
            if held := begins[bound & (begins <= t)].tolist():
                row = sheet.rows(1, upper=0)
                sheet.put(row, model.u[j, held])
                if model.o[j, t] >= 0:
                    sheet.put(row, model.o[j, t], -1)
    if not fresh:
        return
    new = model.u[fresh]
    if wishes.budget is not None:
        row = sheet.rows(1, upper=wishes.budget)
        tied = frame.entry + np.array([[site.deposit] for site in problem.sites])
        sheet.put(row, new[new >= 0], tied[fresh][new >= 0])
        there = model.o[fresh]
        sheet.put(row, there[there >= 0], frame.rent[fresh][there >= 0])
    if wishes.most_new_a_day is not None:
        for day in np.unique(begin // DAY):
            some = new[:, begin // DAY == day]
            sheet.put(sheet.rows(1, upper=wishes.most_new_a_day), some[some >= 0])
    if wishes.most_open is not None:
        for t in range(len(begin)):
            some = model.o[:, t]
            sheet.put(sheet.rows(1, upper=wishes.most_open), some[some >= 0])


def _parcels(
    problem: PlacementProblem, frame: Frame, sheet: Sheet, run: Flags
) -> tuple[Places, ...]:
    """Parcels within the target: only where a node may run, takes the product and is wanted."""
    count = len(problem.periods)
    runs = np.vstack([run, np.ones((len(problem.centres), count), bool)])
    open_leg = (runs & (frame.capacity != 0))[frame.leg_node] & frame.leg_kept[:, None]
    worst = np.maximum(frame.late, frame.lost if problem.centres else 0)
    found, worth = [], np.broadcast_to(frame.worth, frame.demand.shape)
    for s in range(len(problem.paths)):
        for p in range(len(problem.products)):
            useful = frame.accepts[frame.leg_node, p] & (frame.leg_cost < worst[p])
            wanted = frame.demand[s, p][frame.leg_cell] > 0
            leg, time = np.nonzero(open_leg & wanted & useful[:, None])
            fair = frame.leg_cost[leg] <= worth[s, p, frame.leg_cell[leg], time]
            if frame.bought is not None:
                fair &= frame.leg_cost[leg] < frame.bought[s, p, frame.leg_cell[leg], time]
            leg, time = leg[fair], time[fair]
            found.append((np.full(len(leg), s), np.full(len(leg), p), leg, time))
    path, product, leg, time = (np.concatenate(part) for part in zip(*found, strict=True))
    upper = frame.demand[path, product, frame.leg_cell[leg], time]
    x = sheet.columns(len(leg), upper=upper, cost=frame.leg_cost[leg], path=path)
    return x, path, product, leg, time


def _cover(frame: Frame, model: Model) -> Places:
    """Every parcel wanted comes in time, late or not at all."""
    sheet, wanted = model.sheet, frame.demand > 0
    s, p = np.nonzero(wanted)[:2]
    cover = np.full(wanted.shape, -1, np.int64)
    cover[wanted] = sheet.rows(len(s), lower=frame.demand[wanted], upper=frame.demand[wanted])
    cell = frame.leg_cell[model.x_leg]
    sheet.put(cover[model.x_path, model.x_product, cell, model.x_period], model.x)
    model.late = np.full(wanted.shape, -1, np.int64)
    late = frame.late[p] if frame.bought is None else frame.bought[wanted]
    model.late[wanted] = sheet.columns(len(s), upper=frame.demand[wanted], cost=late, path=s)
    sheet.put(cover[wanted], model.late[wanted])
    return cover


def _capacity(problem: PlacementProblem, frame: Frame, model: Model) -> None:
    """Picking: sum of x <= capacity o, less what is not there yet during the ramp."""
    sheet = model.sheet
    limited = frame.capacity >= 0
    limited[: frame.sites] &= model.o >= 0
    node = frame.leg_node[model.x_leg]
    some = np.zeros_like(limited)
    some[node, model.x_period] = True
    limited &= some
    for s in range(len(problem.paths)):
        rows = np.full(limited.shape, -1, np.int64)
        n, t = np.nonzero(limited)
        of_centre = n >= frame.sites
        rows[n, t] = sheet.rows(len(n), upper=np.where(of_centre, frame.capacity[n, t], 0))
        mine = (model.x_path == s) & limited[node, model.x_period]
        sheet.put(rows[node[mine], model.x_period[mine]], model.x[mine])
        at, when = n[~of_centre], t[~of_centre]
        sheet.put(rows[at, when], model.o[at, when], -frame.capacity[at, when])
        for j, site in enumerate(problem.sites):
            if not site.ramp or site.standing is not None:
                continue
            for k in np.flatnonzero(model.u[j] >= 0):
                slow = np.flatnonzero(
                    limited[j]
                    & (frame.begin >= frame.begin[k])
                    & (frame.begin < frame.begin[k] + site.ramp)
                )
                full = frame.capacity[j, slow]
                missing = full - full * site.ramp_permille // 1000
                sheet.put(rows[j, slow], model.u[j, k], missing)


def _vans(problem: PlacementProblem, frame: Frame, model: Model) -> None:
    """Van trips are a row: what leaves the pool's nodes in a period rides on its trips."""
    if not problem.vans:
        return
    loads, paths = loading(problem, frame.leg_node[model.x_leg]), len(problem.paths)
    carried = np.array([pool.trips * pool.drops for pool in problem.vans], float)
    rows = model.sheet.rows(len(carried) * paths, upper=np.repeat(carried, paths))
    members = [
        np.flatnonzero(loads[pool.nodes] & (model.x_period == pool.period)) for pool in problem.vans
    ]
    member = np.concatenate(members)
    pool = np.repeat(np.arange(len(members)), [len(each) for each in members])
    model.sheet.put(rows[pool * paths + model.x_path[member]], model.x[member])


def loading(problem: PlacementProblem, node: Ints) -> dict[tuple[str, ...], Flags]:
    """Which of some parcels, told by their nodes, may load at each list of nodes that a pool names;
    pools of one market name the same, period after period."""
    named = {pool.nodes for pool in problem.vans}
    return {nodes: np.isin(problem.nodes, nodes)[node] for nodes in named}


def _centres(problem: PlacementProblem, frame: Frame, model: Model, cover: Places) -> None:
    """Late parcels leave a centre that has the product; what nobody has is lost."""
    sheet, (s, p, i, t) = model.sheet, np.nonzero(frame.demand > 0)
    wanted = frame.demand > 0
    model.lost = np.full(wanted.shape, -1, np.int64)
    model.lost[wanted] = sheet.columns(
        len(s), upper=frame.demand[wanted], cost=frame.lost[p], path=s
    )
    sheet.put(cover[wanted], model.lost[wanted])
    paths, products, periods = frame.demand.shape[0], frame.demand.shape[1], frame.demand.shape[3]
    shape = (paths, products, len(problem.centres), periods)
    model.late_from = sheet.columns(int(np.prod(shape))).reshape(shape)
    model.centre = sheet.columns(int(np.prod(shape))).reshape(shape)
    rows = sheet.rows(paths * products * periods, lower=0, upper=0)
    rows = rows.reshape(paths, products, periods)
    sheet.put(rows[s, p, t], model.late[s, p, i, t])
    sheet.put(rows[:, :, None, :], model.late_from, -1)


def departures(problem: PlacementProblem, frame: Frame) -> Ints:
    """Period in which what is there from [l, t] leaves its centre; minus one where it cannot."""
    leaves = frame.begin[None, :] - np.array([[lane.seconds] for lane in problem.lanes], np.int64)
    return np.searchsorted(frame.begin, leaves, side="right").astype(np.int64) - 1


def recourse(problem: PlacementProblem, frame: Frame) -> Flags:
    """Whether the shipment on [l, t] may differ from path to path: it leaves after the review."""
    leaves = frame.begin[None, :] - np.array([[lane.seconds] for lane in problem.lanes], np.int64)
    return (leaves >= problem.review) & (len(problem.paths) > 1)


def _lanes(problem: PlacementProblem, frame: Frame, model: Model, run: Flags) -> None:
    """Shipments on trucks, stock at sites, and what is sent back."""
    sheet, truck = model.sheet, problem.truck
    assert truck is not None  # noqa: S101  the problem refuses lanes without a truck
    names = {site.name: j for j, site in enumerate(problem.sites)}
    paths, products, _, periods = frame.demand.shape
    to = np.array([names[lane.site] for lane in problem.lanes])
    later = recourse(problem, frame)
    can = run[to] & (departures(problem, frame) >= 0)
    model.trucks = np.full((len(problem.lanes), paths, periods), -1, np.int64)
    model.ship = np.full((len(problem.lanes), products, paths, periods), -1, np.int64)
    handling = _handling(problem)
    volume = np.array([each.volume for each in problem.products])
    weight = np.array([each.weight for each in problem.products])
    for lane_number, lane in enumerate(problem.lanes):
        takes = np.flatnonzero(frame.accepts[to[lane_number]])
        for t in np.flatnonzero(can[lane_number]):
            for s in range(paths) if later[lane_number, t] else (EVERY,):
                where = slice(None) if s == EVERY else slice(s, s + 1)
                ship = sheet.columns(len(takes), cost=handling[lane_number, takes], path=s)
                model.ship[lane_number, takes, where, t] = ship[:, None]
                if not truck.trip(lane):
                    continue  # as many as are needed: nobody counts what costs nothing
                load = sheet.columns(1, cost=truck.trip(lane), path=s, whole=s == EVERY)
                model.trucks[lane_number, where, t] = load
                for measure, room in ((volume, truck.volume), (weight, truck.weight)):
                    row = sheet.rows(1, upper=0)
                    sheet.put(row, ship, measure[takes] / room)
                    sheet.put(row, load, -1)
    _stock(problem, frame, model, to)


def _handling(problem: PlacementProblem) -> Ints:
    """Cost of letting a unit go on [l, p]: inbound handling and the centre's scarcity price."""
    scarce = {(c.name, s.product): s.scarcity_price for c in problem.centres for s in c.supplies}
    return np.array(
        [
            [lane.handling + scarce.get((lane.centre, each.name), 0) for each in problem.products]
            for lane in problem.lanes
        ],
        np.int64,
    )


def _stock(problem: PlacementProblem, frame: Frame, model: Model, to: Places) -> None:
    """I_t = I_(t-1) + S_t - x_t - R_(t+1), and I_t is carried only into a period that runs."""
    sheet, there = model.sheet, model.o >= 0
    held = _on_hand(problem, frame)
    takes = frame.accepts[: frame.sites].T[None, :, :, None] | (held > 0)[None, :, :, None]
    shape = (len(problem.paths), len(problem.products), *there.shape)
    kept = np.broadcast_to(there[None, None] & takes, shape)
    s, p, j, t = np.nonzero(kept)
    carried = np.zeros_like(there)
    carried[:, :-1] = there[:, 1:] & there[:, :-1]
    most = np.maximum(_most(problem, frame, model), held)
    prices = np.array([each.return_cost for each in problem.products], float)
    model.stock, model.back, rows = (np.full(shape, -1, np.int64) for _ in range(3))
    model.stock[kept] = sheet.columns(
        len(s), upper=np.where(carried[j, t], most[p, j], 0.0), path=s
    )
    model.back[kept] = sheet.columns(len(s), cost=prices[p], path=s)
    first = t == there.argmax(axis=1)[j]
    begins = np.where(first, held[p, j], 0)
    rows[kept] = sheet.rows(len(s), lower=begins, upper=begins)
    sheet.put(rows[kept], model.stock[kept])
    sheet.put(rows[kept], model.back[kept])
    later = ~first
    sheet.put(
        rows[s[later], p[later], j[later], t[later]],
        model.stock[s[later], p[later], j[later], t[later] - 1],
        -1,
    )
    lane, product, path, time = np.nonzero(model.ship >= 0)
    sheet.put(rows[path, product, to[lane], time], model.ship[lane, product, path, time], -1)
    x = _of_sites(frame, model)
    node = frame.leg_node[model.x_leg[x]]
    sheet.put(rows[model.x_path[x], model.x_product[x], node, model.x_period[x]], model.x[x])
    some = kept & carried[None, None]
    if not model.fixed:
        s, p, j, t = np.nonzero(some)
        links = sheet.rows(len(s), upper=0)
        sheet.put(links, model.stock[some])
        sheet.put(links, model.o[j, t + 1], -most[p, j])
    _room(problem, frame, model, kept, to, most)
    _stock_limits(problem, model, to)


def _of_sites(frame: Frame, model: Model) -> Places:
    return np.flatnonzero(frame.leg_node[model.x_leg] < frame.sites)


def _on_hand(problem: PlacementProblem, frame: Frame) -> Ints:
    """Units that lie at a site when the plan begins, [p, j]."""
    number = {each.name: p for p, each in enumerate(problem.products)}
    held = np.zeros((len(number), frame.sites), np.int64)
    for j, site in enumerate(problem.sites):
        for goods in site.standing.on_hand if site.standing else ():
            held[number[goods.product], j] += goods.units
    return held


def _most(problem: PlacementProblem, frame: Frame, model: Model) -> Ints:
    """The most of a product that a site can have a use for, [p, j]."""
    x = _of_sites(frame, model)
    path, product, leg = model.x_path[x], model.x_product[x], model.x_leg[x]
    most = np.zeros((frame.demand.shape[0], frame.demand.shape[1], frame.sites), np.int64)
    wanted = frame.demand[path, product, frame.leg_cell[leg], model.x_period[x]]
    np.add.at(most, (path, product, frame.leg_node[leg]), wanted)
    best: Ints = most.max(axis=0)
    names = {site.name: j for j, site in enumerate(problem.sites)}
    number = {each.name: p for p, each in enumerate(problem.products)}
    for limit in problem.wishes.limits:
        place = number[limit.product], names[limit.site]
        best[place] = max(best[place], limit.at_least)
    return best


def _room(
    problem: PlacementProblem, frame: Frame, model: Model, kept: Flags, to: Places, most: Ints
) -> None:
    """Space: (I_(t-1) + S_t) volume <= space o; intake: S_t <= intake o.

    Volumes are counted in those of the largest product: a row in millilitres beside rows in parcels
    makes a solver doubt its own answers.
    """
    sheet, paths = model.sheet, len(problem.paths)
    there = model.o >= 0
    volume = np.array([each.volume for each in problem.products], float)
    spacious = np.array([site.space is not None for site in problem.sites], bool)
    space = np.array([site.space or 0 for site in problem.sites], float) / volume.max()
    volume /= volume.max()
    j, t = np.nonzero(there & spacious[:, None])
    for s in range(paths):
        rows = np.full(there.shape, -1, np.int64)
        rows[j, t] = sheet.rows(len(j), upper=0)
        sheet.put(rows[j, t], model.o[j, t], -space[j])
        mine = kept & spacious[None, None, :, None]
        p, at, when = np.nonzero(mine[s])
        sheet.put(rows[at, when], model.stock[s, p, at, when], volume[p])
        sheet.put(rows[at, when], model.back[s, p, at, when], volume[p])
        x = _of_sites(frame, model)
        node = frame.leg_node[model.x_leg[x]]
        x = x[(model.x_path[x] == s) & spacious[node]]
        node = frame.leg_node[model.x_leg[x]]
        sheet.put(rows[node, model.x_period[x]], model.x[x], volume[model.x_product[x]])
    for s in range(paths):
        rows = np.full(there.shape, -1, np.int64)
        j, t = np.nonzero(there)
        rows[j, t] = sheet.rows(len(j), upper=0)
        sheet.put(rows[j, t], model.o[j, t], -intake(problem, frame, most)[j, t])
        lane, product, time = np.nonzero(model.ship[:, :, s] >= 0)
        sheet.put(rows[to[lane], time], model.ship[lane, product, s, time])


def intake(problem: PlacementProblem, frame: Frame, most: Ints) -> Ints:
    """Units that a site can put away in each period, [j, t]."""
    day = [site.intake_a_day for site in problem.sites]
    given = np.array([-1 if each is None else each for each in day], np.int64)
    limit = given[:, None] * frame.length[None, :] // DAY
    return np.where(given[:, None] < 0, most.sum(axis=0)[:, None], limit)


def _stock_limits(problem: PlacementProblem, model: Model, to: Places) -> None:
    """A planner's floor and ceiling on what is sent: floor sum(u) <= sum(S) <= ceiling."""
    names = {site.name: j for j, site in enumerate(problem.sites)}
    number = {each.name: p for p, each in enumerate(problem.products)}
    sheet = model.sheet
    for limit in problem.wishes.limits:
        j, p = names[limit.site], number[limit.product]
        begins = model.u[j][model.u[j] >= 0]
        for s in range(len(problem.paths)):
            ids = model.ship[to == j][:, p, s]
            ids = ids[ids >= 0]
            row = sheet.rows(1, lower=0)
            sheet.put(row, ids)
            if problem.sites[j].standing is None:
                sheet.put(row, begins, -limit.at_least)
            if limit.at_most is not None:
                sheet.put(sheet.rows(1, upper=limit.at_most), ids)


def _supply(problem: PlacementProblem, frame: Frame, model: Model) -> None:
    """A centre gives what it has: B_t = B_(t-1) + arrivals - shipments - own sales - late >= 0."""
    sheet = model.sheet
    paths, periods = frame.demand.shape[0], frame.demand.shape[3]
    arrives, floors = supplies(problem, frame)
    names = {centre.name: c for c, centre in enumerate(problem.centres)}
    at = np.array([names[lane.centre] for lane in problem.lanes], np.int64)
    leaves = departures(problem, frame) if problem.lanes else np.zeros((0, periods), np.int64)
    lane, product, path, time = np.nonzero(model.ship >= 0)
    x = np.flatnonzero(frame.leg_node[model.x_leg] >= frame.sites)
    for s in range(paths):
        rows = sheet.rows(arrives.size, lower=arrives.ravel(), upper=arrives.ravel())
        rows = rows.reshape(arrives.shape)
        sheet.put(rows, model.centre[s])
        sheet.put(rows[:, :, 1:], model.centre[s][:, :, :-1], -1)
        sheet.put(rows, model.late_from[s])
        mine = path == s
        here, what, when = lane[mine], product[mine], time[mine]
        sheet.put(rows[what, at[here], leaves[here, when]], model.ship[here, what, s, when])
        own = x[model.x_path[x] == s]
        node = frame.leg_node[model.x_leg[own]] - frame.sites
        sheet.put(rows[model.x_product[own], node, model.x_period[own]], model.x[own])
        floored = np.argwhere(floors > 0)
        for p, c in floored:
            free = np.maximum(0, np.cumsum(arrives[p, c]) - floors[p, c])
            some = (what == p) & (at[here] == c)
            limit = sheet.rows(periods, upper=free)
            ids, left = model.ship[here[some], p, s, when[some]], leaves[here[some], when[some]]
            t, gone = np.nonzero(left[None, :] <= np.arange(periods)[:, None])
            sheet.put(limit[t], ids[gone])


def supplies(problem: PlacementProblem, frame: Frame) -> tuple[Ints, Ints]:
    """What a centre gets, [p, c, t] (its stock with the first period), and its floors, [p, c]."""
    products, periods = frame.demand.shape[1], frame.demand.shape[3]
    number = {each.name: p for p, each in enumerate(problem.products)}
    arrives = np.zeros((products, len(problem.centres), periods), np.int64)
    floors = np.zeros((products, len(problem.centres)), np.int64)
    for c, centre in enumerate(problem.centres):
        for supply in centre.supplies:
            p = number[supply.product]
            arrives[p, c, 0] += supply.on_hand
            floors[p, c] = supply.floor
            if supply.arrivals:
                arrives[p, c] += np.array(supply.arrivals, np.int64)
    return arrives, floors
