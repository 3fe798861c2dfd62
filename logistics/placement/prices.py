"""What a parcel in a cell is worth: a bound, and good sites, by pricing every cell.

Lagrangean relaxation of the cover rows (Beasley 1988), with the volume algorithm (Barahona and
Anbil 2000). Give each parcel wanted a price. Then every site stands alone: in each period it picks
the parcels whose price is most above its cost until its capacity is full, and a look over starts
and ends says in which stretch that earns the fees. What is left of the prices is a bound on the
cost of any plan, as strong as the linear programme with every link x <= D o in it; rows that are
left out here (vans, trucks, stock, budget) only weaken it. How often a site runs while the prices
settle says which sites are worth a thought.
"""

import time
from dataclasses import dataclass, replace

import numpy as np

from logistics.placement.frame import Flags, Frame, Ints
from logistics.placement.problem import PlacementProblem
from logistics.placement.sheet import Numbers
from routing.effort import Effort

SETTLED = 1e-5
"""Growth of the bound over sixty steps, as a share, below which the prices have settled."""

NEARLY = 0.04
"""Items this far from paying, as a share of the dearest late price, are looked at in every step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """The best prices found [s, t, q], their bound, how often each site ran [j, t], and what
        each site earned at these prices in its best stretch [j], less what the least of the most sites
    allowed did; `settled` when no more is to be had."""

    price: Numbers
    bound: float
    ran: Numbers
    earns: Numbers
    settled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """A product on a leg, each once, sorted by node: who sells it, to what demand, at what cost."""

    node: Ints
    wish: Ints
    cost: Numbers


def _items(frame: Frame) -> Items:
    product, leg = np.nonzero(frame.accepts[frame.leg_node].T)
    keep = (frame.leg_cost[leg] < frame.late.max()) & frame.leg_kept[leg]
    product, leg = product[keep], leg[keep]
    order = np.argsort(frame.leg_node[leg], kind="stable")
    product, leg = product[order], leg[order]
    wish = product * frame.demand.shape[2] + frame.leg_cell[leg]
    return Items(node=frame.leg_node[leg], wish=wish, cost=frame.leg_cost[leg].astype(float))


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """What nodes would gain by picking: for each demand that pays at a node, its place in [s, t, q],
    the seller in [s, t, n], profit, parcels, and the better paid parcels `before` it."""

    place: Ints
    seller: Ints
    profit: Numbers
    parcels: Numbers
    before: Numbers

    def picked(self, room: Numbers) -> Numbers:
        """Parcels that are picked where sellers have so much room [s, t, n], the best paid first."""
        left: Numbers = room.ravel()[self.seller] - self.before
        return np.minimum(np.maximum(left, 0.0), self.parcels)

    def earned(self, room: Numbers) -> Numbers:
        """What each seller gains with so much room."""
        gains = np.bincount(self.seller, self.picked(room) * self.profit, minlength=room.size)
        return gains.astype(float).reshape(room.shape)


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """The items that can pay while no price is more than `margin` above where it was."""

    price: Numbers
    margin: float
    place: Ints
    seller: Ints
    cost: Numbers
    parcels: Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """What each site gains in its `best` stretch [j] and loses, compared with it, by running in a
    period, by being shut in it and by starting in it, each [j, t]."""

    best: Numbers
    running: Numbers
    shut: Numbers
    starting: Numbers


class Market:
    """The relaxed question: given prices, what each node picks and when each site runs.

    Prices and demand are [s, t, q] here, q being a product in a cell.
    """

    def __init__(self, problem: PlacementProblem, frame: Frame) -> None:
        self.frame, self.items = frame, _items(frame)
        self.share = frame.weights / frame.weights.sum()
        self.most_open = problem.wishes.most_open if len(problem.periods) == 1 else None
        self.forced = _forced(problem)
        self.earliest_end, self.slow, self.ramp = _terms(problem, frame)
        wishes = problem.wishes
        approved = np.array([site.name in wishes.approved for site in problem.sites], bool)
        fresh = np.array([site.standing is None for site in problem.sites], bool)
        steer = fresh * (wishes.least_benefit + wishes.change_price * np.where(approved, -1, 1))
        self.entry = frame.entry + steer.reshape(-1, 1)
        paths, products, cells, periods = frame.demand.shape
        flat = frame.demand.reshape(paths, products * cells, periods)
        self.wanted = np.ascontiguousarray(flat.transpose(0, 2, 1)).astype(float)
        capacity = np.where(frame.capacity < 0, np.inf, frame.capacity).astype(float)
        self.capacity = np.tile(capacity.T, (paths, 1, 1))
        slow = np.ones(len(frame.capacity))
        slow[: frame.sites] = self.ramp
        self.slowly = self.capacity * slow if self.ramp.any() else self.capacity
        self._near: Near | None = None

    def offers(self, price: Numbers) -> Offers:
        """What pays at these prices, for each seller that cannot pick all of it the best paid first."""
        near = self._near
        if near is None or float((price - near.price).max(initial=0.0)) > near.margin:
            near = self._near = self._nearly(price)
        profit = price.ravel()[near.place] - near.cost
        pays = np.flatnonzero(profit > 0)
        profit, seller, parcels = profit[pays], near.seller[pays], near.parcels[pays]
        before = np.zeros(len(pays))
        room = np.minimum(self.slowly, self.capacity).ravel()
        full = np.bincount(seller, parcels, minlength=room.size) > room
        some = np.flatnonzero(full[seller])
        if len(some):
            some = some[np.argsort(seller[some] - profit[some] / (profit.max() * 1.001))]
            amount, of = parcels[some], seller[some]
            sums = np.cumsum(amount) - amount
            first = np.flatnonzero(np.r_[True, of[1:] != of[:-1]])
            before[some] = sums - np.repeat(sums[first], np.diff(np.r_[first, len(of)]))
        return Offers(
            place=near.place[pays], seller=seller, profit=profit, parcels=parcels, before=before
        )

    def _nearly(self, price: Numbers) -> Near:
        items, nodes = self.items, len(self.frame.capacity)
        margin = NEARLY * float(self.frame.late.max(initial=0))
        asked = self.wanted[:, :, items.wish] > 0
        some = np.flatnonzero((price[:, :, items.wish] > items.cost - margin) & asked)
        moment, item = np.divmod(some, max(1, len(items.node)))
        place = moment * price.shape[2] + items.wish[item]
        return Near(
            price=price.copy(),
            margin=margin,
            place=place,
            seller=moment * nodes + items.node[item],
            cost=items.cost[item],
            parcels=self.wanted.ravel()[place],
        )

    def last(self, gains: Numbers) -> float:
        """What the last of the sites gains that may be open at once: another takes its place."""
        if not self.most_open or self.most_open >= len(gains):
            return 0.0
        return max(0.0, float(np.sort(gains)[::-1][self.most_open - 1]))

    def losses(self, price: Numbers) -> Losses:
        """What each site loses at these prices by not running in its best stretch."""
        value, slow = self._values(self.offers(price))
        sites, periods = self.frame.may_start.shape
        earned = value[:sites] - self.frame.rent
        total = np.c_[np.zeros(sites), np.cumsum(earned, axis=1)]
        gain = total[:, None, :] - total[:, :-1, None] - self.entry[:, :, None]
        gain -= np.einsum("jkt,jt->jk", self.slow, slow)[:, :, None] if self.ramp.any() else 0.0
        end = np.arange(periods + 1)[None, None, :]
        fits = (end >= self.earliest_end[:, :, None]) & (end > np.arange(periods)[None, :, None])
        gain = np.where(fits & self.frame.may_start[:, :, None], gain, -np.inf)
        never = np.where(self.forced, -np.inf, 0.0)
        best = np.maximum(gain.max(axis=(1, 2)), never)
        running, shut = np.full((2, sites, periods), -np.inf)
        for t in range(periods):
            running[:, t] = gain[:, : t + 1, t + 1 :].max(axis=(1, 2))
            before = gain[:, :, : t + 1].max(axis=(1, 2))
            after = gain[:, t + 1 :].max(axis=(1, 2), initial=-np.inf)
            shut[:, t] = np.maximum(np.maximum(before, after), never)
        against = best[:, None]
        return Losses(
            best=best,
            running=against - running,
            shut=against - shut,
            starting=against - gain.max(axis=2),
        )

    def run(self, price: Numbers) -> tuple[float, Flags, Numbers, Numbers]:
        """The bound at these prices, which site runs when, what is covered, the sites' gains."""
        sites = self.frame.sites
        offers = self.offers(price)
        value, slow = self._values(offers)
        runs, gains = self._stretches(value[:sites] - self.frame.rent, slow)
        worth = float(np.einsum("stq,stq,s->", price, self.wanted, self.share))
        bound = worth - float(gains[runs.any(axis=1)].sum()) - float(value[sites:].sum())
        always = np.ones((len(value) - sites, runs.shape[1]), bool)
        there = np.tile(np.vstack([runs, always]).T, (len(self.share), 1, 1)).ravel()
        parcels = offers.picked(self.capacity) * there[offers.seller]
        covered = np.bincount(offers.place, parcels, minlength=self.wanted.size).astype(float)
        return bound, runs, covered.reshape(self.wanted.shape), gains

    def _values(self, offers: Offers) -> tuple[Numbers, Numbers]:
        """What each node earns in each period [n, t], and how much less a site does in its ramp."""
        value = np.einsum("stn,s->nt", offers.earned(self.capacity), self.share)
        sites = self.frame.sites
        if not self.ramp.any():
            return value, np.zeros_like(value[:sites])
        less = np.einsum("stn,s->nt", offers.earned(self.slowly), self.share)
        return value, value[:sites] - less[:sites]

    def _stretches(self, earned: Numbers, slow: Numbers) -> tuple[Flags, Numbers]:
        """Each site's best start and end, and what it gains; a forced site runs at a loss too."""
        sites, periods = earned.shape
        total = np.c_[np.zeros(sites), np.cumsum(earned, axis=1)]
        best_end = np.zeros((sites, periods + 1), np.int64)
        best_end[:, periods] = periods
        for b in range(periods - 1, -1, -1):
            later = best_end[:, b + 1]
            better = total[:, b] > total[np.arange(sites), later]
            best_end[:, b] = np.where(better, b, later)
        row = np.arange(sites)[:, None]
        end = np.maximum(best_end[row, self.earliest_end], np.arange(periods)[None, :] + 1)
        gain = total[row, end] - total[:, :-1] - self.entry
        gain -= np.einsum("jkt,jt->jk", self.slow, slow) if self.ramp.any() else 0.0
        gain = np.where(self.frame.may_start, gain, -np.inf)
        start = gain.argmax(axis=1)
        gains = gain[np.arange(sites), start]
        chosen = (gains > 0) | (self.forced & np.isfinite(gains))
        if self.most_open is not None and chosen.sum() > self.most_open:
            chosen[np.argsort(-np.where(chosen, gains, -np.inf))[self.most_open :]] = False
        time_ = np.arange(periods)[None, :]
        ends = end[np.arange(sites), start]
        runs = chosen[:, None] & (time_ >= start[:, None]) & (time_ < ends[:, None])
        return runs, gains


def _terms(problem: PlacementProblem, frame: Frame) -> tuple[Ints, Numbers, Numbers]:
    """First period in which a start may end [j, k]; its slow periods [j, k, t]; the ramp [j]."""
    sites, periods = frame.may_start.shape
    keep = dict(problem.wishes.keep)
    ends = np.ones((sites, periods), np.int64)
    slow = np.zeros((sites, periods, periods))
    ramp = np.ones(sites)
    edges = np.r_[frame.begin, np.iinfo(np.int64).max]
    for j, site in enumerate(problem.sites):
        term = frame.begin + (0 if site.standing else site.shortest_term)
        held = max(keep.get(site.name, 0), site.standing.keep_until if site.standing else 0)
        until = np.maximum(np.maximum(term, held), frame.begin + 1)
        ends[j] = np.searchsorted(edges[:-1], until, side="left")
        if site.ramp and site.standing is None:
            ramp[j] = site.ramp_permille / 1000
            age = frame.begin[None, :] - frame.begin[:, None]
            before_end = np.arange(periods)[None, :] < ends[j][:, None]
            slow[j] = (age >= 0) & (age < site.ramp) & before_end
    return ends, slow, np.where(ramp < 1, ramp, 0.0) if (ramp < 1).any() else np.zeros(sites)


def settle(
    problem: PlacementProblem,
    frame: Frame,
    effort: Effort,
    *,
    upper: float,
    before: Prices | None = None,
) -> Prices:
    """Let the prices settle: a step is one round of all sites; `upper` is the cost of some plan.

    `before` are prices that had no time to settle; they are taken up again.
    """
    began, market = time.monotonic(), Market(problem, frame)
    dearest = np.minimum(frame.late, frame.lost) if problem.centres else frame.late
    ceiling = np.repeat(dearest, frame.demand.shape[2]).astype(float)[None, None, :]
    wanted = np.maximum(market.wanted, 1.0)
    best = _first_prices(market, ceiling) if before is None else before.price
    kept, runs, covered, earns = market.run(best)
    ran = runs.astype(float) if before is None else before.ran
    factor, blend, bad, settled = 0.5 if before is None else 0.1, 0.1, 0, False
    scale = float(np.median(frame.leg_cost)) if len(frame.leg_cost) else 0.0
    scale *= float(np.einsum("stq,s->", market.wanted, market.share))
    last = -np.inf
    for step in range(2000 if effort.steps is None else effort.steps):
        missing = np.where(market.wanted > 0, market.wanted - covered, 0.0)
        push = float(np.einsum("stq,s->", missing**2 / wanted, market.share))
        spent = time.monotonic() - began > effort.at_most
        settled = settled or push < 1e-9 or kept >= upper - 1e-6 * abs(upper)
        if spent or settled:
            break
        aim = min(upper, kept + 0.02 * max(abs(kept), scale))
        move = factor * max(aim - kept, 1e-4 * abs(kept)) / push
        price = np.clip(best + move * missing / wanted, 0.0, ceiling)
        bound, runs, now, gains = market.run(price)
        covered = (1 - blend) * covered + blend * now
        ran = (1 - blend) * ran + blend * runs
        if bound > kept:
            factor = min(2.0, factor * (1.2 if bound - kept > 1e-5 * abs(kept) else 1.05))
            best, kept, earns, bad = price, bound, gains, 0
        elif (bad := bad + 1) >= 6:
            factor, bad = max(1e-4, factor * 0.7), 0
        if step % 60 == 59:
            blend = max(0.02, blend * 0.7)
            settled = kept - last < SETTLED * abs(kept) and blend < 0.05
            last = kept
    return Prices(
        price=best, bound=kept, ran=ran, earns=earns - market.last(earns), settled=settled
    )


def _first_prices(market: Market, ceiling: Numbers) -> Numbers:
    """Begin with the cheapest leg and the fees of a full site on top."""
    frame, items = market.frame, market.items
    cheapest = np.full(market.wanted.shape[2], np.inf)
    np.minimum.at(cheapest, items.wish, items.cost)
    full = np.maximum(1, frame.capacity[: frame.sites].sum(axis=1))
    fees = (np.where(frame.may_start, frame.entry, 0).max(axis=1) + frame.rent.sum(axis=1)) / full
    typical = float(np.median(fees)) if len(fees) else 0.0
    first: Numbers = np.minimum((cheapest + typical)[None, None, :], ceiling)
    everywhere: Numbers = first * np.ones_like(market.wanted)
    return everywhere


def likely(problem: PlacementProblem, frame: Frame, prices: Prices, often: float) -> Flags:
    """Open the sites that ran this often while the prices settled, each in its best stretch."""
    picked = prices.ran.max(axis=1, initial=0.0) >= often
    kept = (picked | _forced(problem))[:, None]
    few = replace(frame, may_start=frame.may_start & kept, may_run=frame.may_run & kept)
    market = Market(problem, few)
    market.forced |= picked
    return market.run(prices.price)[1]


LEVELS = (
    (0.005, 1.2),
    (0.01, 1.1),
    (0.02, 1.05),
    (0.05, 1.02),
    (0.1, 1.0),
    (0.2, 1.0),
    (0.3, 0.98),
)
"""How often a site ran, and how near a leg's cost is to its cell's price, from mild to strict."""


def worth_a_thought(problem: PlacementProblem, frame: Frame, prices: Prices, most: int) -> Frame:
    """Thin the facts to what a good plan is likely to want, with `most` columns or so."""
    few, price = frame, as_demand(frame, prices.price)
    for often, near in LEVELS:
        few = _thinned(problem, frame, prices.ran >= often)
        few = replace(few, worth=near * price)
        if size(few) <= most:
            break
    return few


def not_ruled_out(problem: PlacementProblem, frame: Frame, prices: Prices, slack: float) -> Frame:
    """Thin the facts to the sites and legs that a better plan can have; every better plan stays in
    them.

    Running a site that loses `l` at these prices lifts the bound by `l`: where that is more than
    the `slack` between the best plan and the bound, no better plan runs it. So does a parcel on a
    leg that costs more than its cell's price, where the best plan moves whole parcels anyway.
    """
    sites = prices.earns >= -slack
    few = _thinned(problem, frame, np.broadcast_to(sites[:, None], frame.may_run.shape))
    if problem.centres or problem.lanes or problem.vans:
        return few
    share = frame.weights / frame.weights.sum()
    return replace(few, worth=as_demand(frame, prices.price) + slack / share[:, None, None, None])


def as_demand(frame: Frame, price: Numbers) -> Numbers:
    """Prices [s, t, q] in the shape of demand [s, p, i, t]."""
    paths, products, cells, periods = frame.demand.shape
    return price.reshape(paths, periods, products, cells).transpose(0, 2, 3, 1)


def _forced(problem: PlacementProblem) -> Flags:
    must = problem.wishes.must_open
    return np.array([s.standing is not None or s.name in must for s in problem.sites], bool)


def _thinned(problem: PlacementProblem, frame: Frame, runs: Flags) -> Frame:
    """Keep the sites that may run in these periods [j, t], and one period on either side."""
    wide = runs | _forced(problem)[:, None]
    wide[:, 1:] |= runs[:, :-1]
    wide[:, :-1] |= runs[:, 1:]
    nodes = np.r_[wide.any(axis=1), np.ones(len(frame.capacity) - frame.sites, bool)]
    return replace(
        frame,
        may_start=frame.may_start & wide,
        may_run=frame.may_run & wide,
        leg_kept=frame.leg_kept & nodes[frame.leg_node],
    )


def size(frame: Frame) -> int:
    """How many columns of parcels a model of these facts would have, about."""
    periods, legs = frame.demand.shape[3], np.flatnonzero(frame.leg_kept)
    runs = np.vstack([frame.may_run, np.ones((len(frame.capacity) - frame.sites, periods), bool)])
    fair = frame.worth[:, :, frame.leg_cell[legs] if frame.worth.size > 1 else [0]]
    wanted = frame.demand[:, :, frame.leg_cell[legs]] > 0
    columns = wanted & (frame.leg_cost[legs][:, None] <= fair) & runs[frame.leg_node[legs]]
    return int(columns.sum())
