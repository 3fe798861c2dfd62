"""The standby portfolio: which spaces to hold on retainer for the next quarter.

A slow decision of its own, taken from made-up quarters that are drawn from the episodes of the
past. Holding a space costs its retainer every day; in each quarter a held space may be called off
for an episode in a metro that it serves, one episode at a time, for a call-off fee and rent, and
saves so much for each order. Money is whole cents; days are counted from the quarter's first.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from logistics.errors import require
from logistics.placement.programme import CLOSE_ENOUGH, solve_sheet
from logistics.placement.reasons import money
from logistics.placement.sheet import EVERY, Places, Sheet
from logistics.units import Cents, Parcels
from routing.effort import Effort


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """A space under a call-off contract: where it serves, what it costs, what it picks a day."""

    name: str
    metros: tuple[str, ...]
    retainer_per_day: Cents
    call_off: Cents
    per_day: Cents
    orders_a_day: Parcels


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """A burst in a metro: its days, its orders a day, and what a six-hour order saves, by then."""

    metro: str
    first_day: int
    days: int
    orders_a_day: Parcels
    saving: Cents

    def __post_init__(self) -> None:
        require(self.days > 0, "days", f"an episode of {self.days} days in {self.metro}")
        require(self.first_day >= 0, "first_day", f"{self.first_day} is before the quarter")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarter:
    """One made-up quarter, with a whole-number weight beside the others."""

    name: str
    episodes: tuple[Episode, ...]
    weight: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioProblem:
    """The whole question; `most` is the largest number of spaces that may be held."""

    days: int
    spaces: tuple[Space, ...]
    quarters: tuple[Quarter, ...]
    most: int | None = None

    def __post_init__(self) -> None:
        names = [space.name for space in self.spaces]
        require(len(set(names)) == len(names), "spaces", "a space stands there twice")
        require(bool(self.quarters), "quarters", "there is no quarter to judge by")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOff:
    """A held space serving so many orders a day of one episode (by place) of one quarter."""

    quarter: str
    episode: int
    space: str
    orders_a_day: Parcels


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioPlan:
    """Spaces to hold, how each quarter would use them, the mean gain, and a bound on any gain."""

    held: tuple[str, ...]
    call_offs: tuple[CallOff, ...]
    retainers: Cents
    gain: Cents
    bound: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A space that could serve an episode of a quarter; the columns of calling it off."""

    quarter: int
    episode: int
    space: int
    called: int
    orders: int


def portfolio_sheet(problem: PortfolioProblem) -> tuple[Sheet, Places, list[Use]]:
    """Hold h_j, call off y_qej <= h_j, orders v <= capacity y; one episode a space at a time."""
    sheet = Sheet()
    retainer = [space.retainer_per_day * problem.days for space in problem.spaces]
    hold = sheet.columns(len(problem.spaces), upper=1, cost=retainer, path=EVERY, whole=True)
    if problem.most is not None:
        sheet.put(sheet.rows(1, upper=problem.most), hold)
    uses: list[Use] = []
    for q, quarter in enumerate(problem.quarters):
        mine = [_use(sheet, problem, q, e, j) for e, j in _pairs(problem, quarter)]
        for use in mine:
            limit = problem.spaces[use.space].orders_a_day
            row = sheet.rows(2, upper=0)
            sheet.put(row, [use.called, use.orders], 1)
            sheet.put(row, [hold[use.space], use.called], [-1, -limit])
        for e, episode in enumerate(quarter.episodes):
            same = [use.orders for use in mine if use.episode == e]
            sheet.put(sheet.rows(1, upper=episode.orders_a_day), same)
            for j in range(len(problem.spaces)):
                busy = [u.called for u in mine if u.space == j and _runs(quarter, u, episode)]
                sheet.put(sheet.rows(1, upper=1), busy)
        uses += mine
    return sheet, hold, uses


def _pairs(problem: PortfolioProblem, quarter: Quarter) -> Iterator[tuple[int, int]]:
    for e, episode in enumerate(quarter.episodes):
        for j, space in enumerate(problem.spaces):
            if episode.metro in space.metros:
                yield e, j


def _use(sheet: Sheet, problem: PortfolioProblem, q: int, e: int, j: int) -> Use:
    space, episode = problem.spaces[j], problem.quarters[q].episodes[e]
    fees = space.call_off + space.per_day * episode.days
    called = sheet.columns(1, upper=1, cost=fees, path=q, whole=True)
    saved = -episode.saving * episode.days
    orders = sheet.columns(1, upper=space.orders_a_day, cost=saved, path=q)
    return Use(quarter=q, episode=e, space=j, called=int(called[0]), orders=int(orders[0]))


def _runs(quarter: Quarter, use: Use, at: Episode) -> bool:
    """Whether the use's episode runs on the first day of another."""
    own = quarter.episodes[use.episode]
    return own.first_day <= at.first_day < own.first_day + own.days


def portfolio_gain(
    problem: PortfolioProblem, held: tuple[str, ...], call_offs: tuple[CallOff, ...]
) -> Cents:
    """Mean gain of a portfolio, rounded down: savings less call-offs, rent and retainers."""
    spaces = {space.name: space for space in problem.spaces}
    quarters = {quarter.name: quarter for quarter in problem.quarters}
    total = 0
    for each in call_offs:
        quarter, space = quarters[each.quarter], spaces[each.space]
        episode = quarter.episodes[each.episode]
        saved = each.orders_a_day * episode.saving * episode.days
        total += quarter.weight * (saved - space.call_off - space.per_day * episode.days)
    weights = sum(quarter.weight for quarter in problem.quarters)
    return total // weights - sum(spaces[n].retainer_per_day for n in held) * problem.days


def broken_portfolio(problem: PortfolioProblem, plan: PortfolioPlan) -> tuple[str, ...]:
    """Everything that is wrong with a portfolio, in words; counted again from the question."""
    return tuple(_wrong(problem, plan))


def _wrong(problem: PortfolioProblem, plan: PortfolioPlan) -> Iterator[str]:
    spaces = {space.name: space for space in problem.spaces}
    if problem.most is not None and len(plan.held) > problem.most:
        yield f"{len(plan.held)} spaces are held; at most {problem.most} may be"
    for quarter in problem.quarters:
        served = np.zeros(len(quarter.episodes), np.int64)
        busy: dict[tuple[str, int], int] = {}
        for each in (c for c in plan.call_offs if c.quarter == quarter.name):
            episode, space = quarter.episodes[each.episode], spaces[each.space]
            served[each.episode] += each.orders_a_day
            if each.space not in plan.held or episode.metro not in space.metros:
                yield f"{each.space} is called off for {episode.metro} and cannot be"
            if not 0 < each.orders_a_day <= space.orders_a_day:
                yield f"{each.space} picks {space.orders_a_day} a day, not {each.orders_a_day}"
            for day in range(episode.first_day, episode.first_day + episode.days):
                if busy.setdefault((each.space, day), each.episode) != each.episode:
                    yield f"{each.space} serves two episodes on day {day} of {quarter.name}"
        for episode, orders in zip(quarter.episodes, served.tolist(), strict=True):
            if orders > episode.orders_a_day:
                yield f"{orders} orders a day are served of {episode.orders_a_day}"
    if portfolio_gain(problem, plan.held, plan.call_offs) != plan.gain:
        yield f"the portfolio does not gain {plan.gain}"
    if plan.gain < 0 or plan.gain > plan.bound + 1:
        yield f"a gain of {plan.gain} is worse than holding nothing or better than {plan.bound}"


def hold(problem: PortfolioProblem, effort: Effort) -> PortfolioPlan:
    """Choose the spaces to hold on retainer; holding none is always an answer."""
    sheet, holds, uses = portfolio_sheet(problem)
    weights = np.array([quarter.weight for quarter in problem.quarters], np.int64)
    found = solve_sheet(sheet, sheet.objective(weights), effort, gap=CLOSE_ENOUGH)
    held: tuple[str, ...] = ()
    call_offs: tuple[CallOff, ...] = ()
    if found.values is not None:
        values = np.round(found.values, 6)
        held = tuple(s.name for s, h in zip(problem.spaces, holds, strict=True) if values[h] > 0.5)
        call_offs = tuple(
            CallOff(
                quarter=problem.quarters[use.quarter].name,
                episode=use.episode,
                space=problem.spaces[use.space].name,
                orders_a_day=int(values[use.orders]),
            )
            for use in uses
            if values[use.called] > 0.5 and values[use.orders] >= 1
        )
    gain = portfolio_gain(problem, held, call_offs)
    if gain < 0:
        held, call_offs, gain = (), (), 0
    chosen = [space for space in problem.spaces if space.name in held]
    retainers = problem.days * sum(space.retainer_per_day for space in chosen)
    return PortfolioPlan(
        held=held,
        call_offs=call_offs,
        retainers=retainers,
        gain=gain,
        bound=max(float(gain), -found.bound),
        reasons=(
            f"{len(held)} of {len(problem.spaces)} spaces held for {money(retainers)} a quarter",
            f"they gain {money(gain)} in the mean of {len(problem.quarters)} quarters",
        ),
    )
