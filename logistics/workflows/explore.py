"""What if: save a changed question, estimate it at once, work it out, compare, promote.

Asking is a quick deed: the estimate comes from the curve of the recommendation that is varied. The
exact answer is a heavy deed of the clock (read, compute, check, write), followed by an operation; a
run that was cut off is done by the next tick. A plan that breaks a rule is never shown.
"""

from datetime import datetime

from logistics.catalogue import Market
from logistics.decisions import Choice, Proposal, Recommendation, RecommendationState
from logistics.episodes import LIVING, Episode
from logistics.errors import BrokenPlan, Nonsense, NotAllowedNow
from logistics.operations import OPERATION, Operation, OperationState, OperationStep
from logistics.placement.portfolio import PortfolioPlan, PortfolioProblem, broken_portfolio, hold
from logistics.promise.calibration import Calibration, as_driven
from logistics.siting.answered import Answered
from logistics.siting.proposal import Written, write_opening
from logistics.siting.scene import scene_of
from logistics.siting.standby import portfolio_question
from logistics.siting.variant import estimated, other_policy, other_scene, units_sent, varied
from logistics.store import Reading
from logistics.whatif import (
    SCENARIO,
    Change,
    Figures,
    Planned,
    Scenario,
    ScenarioKind,
    ScenarioState,
    ScenarioStep,
)
from logistics.workflows.amend import Amendment, NewUnits
from logistics.workflows.decide import give_verdict
from logistics.workflows.means import Means
from logistics.workflows.moves import move
from logistics.workflows.position import checked_plan
from routing.effort import Effort

KIND = "scenario"
SECONDS = 2.0
"""A what-if is worth so long and no longer: whoever asks waits for it."""
MOST = 4
"""So many scenarios side by side, and no more."""


def ask_scenario(
    means: Means,
    *,
    name: str,
    kind: ScenarioKind,
    market: str | None,
    recommendation: str | None,
    change: Change,
    by: str,
    now: datetime,
) -> Scenario:
    """Save a question, with an estimate at once, and put its exact run before the clock.

    Raises:
        Unknown: for a market or recommendation that is not there.
        Nonsense: where neither is named, or stock is changed of no recommendation.
    """
    with means.store.begin() as deed:
        about = None if recommendation is None else deed.get(Recommendation, recommendation)
        where = market or (about.market if about else None)
        if where is not None:
            deed.get(Market, where)
        elif kind is ScenarioKind.NODES:
            raise Nonsense("/market", "name a market, or a recommendation to vary")
        if change.stock is not None and (about is None or not about.proposal.stock):
            raise Nonsense("/change/stock", "only the stock of a recommendation can be changed")
        work = deed.add(
            Operation(
                id=means.ids.new("opr", now),
                kind=KIND,
                state=OperationState.QUEUED,
                asked_by=by,
                created_at=now,
                updated_at=now,
            )
        )
        made = deed.add(
            Scenario(
                id=means.ids.new("scn", now),
                name=name,
                kind=kind,
                state=ScenarioState.DRAFT,
                market=where,
                recommendation=recommendation,
                asked_by=by,
                created_at=now,
                change=change,
                estimate=None if about is None else estimated(about, change),
                operation=work.id,
            )
        )
        return move(deed, means.ids, SCENARIO, made, ScenarioStep.RUN, now=now, cause=by)


def run_scenarios(means: Means, *, now: datetime) -> tuple[Scenario, ...]:
    """Work out every scenario that waits for its exact answer."""
    with means.store.read() as reading:
        waiting = reading.find(Scenario, state=ScenarioState.RUNNING)
    done = (_run(means, one, now) for one in waiting)
    return tuple(one for one in done if one is not None)


def _run(means: Means, asked: Scenario, now: datetime) -> Scenario | None:
    with means.store.begin() as deed:
        work = deed.lock(Operation, str(asked.operation))
        if work.state is OperationState.QUEUED:
            step = OperationStep.START
            move(deed, means.ids, OPERATION, work, step, now=now, cause=asked.id, updated_at=now)
    try:
        exact = _worked_out(means, asked, now)
    except (BrokenPlan, Nonsense) as refused:
        return _told(means, asked, None, str(refused)[:500], now)
    return _told(means, asked, exact, None, now)


def _worked_out(means: Means, asked: Scenario, now: datetime) -> Figures:
    if asked.kind is ScenarioKind.PORTFOLIO:
        return standby_portfolio(means, asked.change, now=now)
    return _nodes(means, asked, now)


def _nodes(means: Means, asked: Scenario, now: datetime) -> Figures:
    """The plan of the changed market, and what it brings."""
    market = str(asked.market)
    with means.store.read() as reading:
        policy = as_driven(means.policy, reading.maybe(Calibration, market))
        about = _about(reading, asked)
        scene = scene_of(reading, policy, reading.get(Market, market), now)
        episodes = reading.find(Episode, market=market, state=LIVING)
    if scene is None:
        raise Nonsense("/market", f"there is no fresh forecast of {market} to plan for")
    problem = varied(scene, policy, asked.change, about, now)
    effort = Effort(at_most=SECONDS, steps=means.policy.efforts.placement_steps)
    plan = means.compute.run(checked_plan, problem, effort)
    answered = Answered(
        scene=other_scene(scene, asked.change),
        policy=other_policy(policy, asked.change),
        problem=problem,
        plan=plan,
        episodes=tuple(episodes),
        now=now,
    )
    return _figures(answered, about)


def _about(reading: Reading, asked: Scenario) -> Recommendation | None:
    return (
        None if asked.recommendation is None else reading.get(Recommendation, asked.recommendation)
    )


def _figures(answered: Answered, about: Recommendation | None) -> Figures:
    plan = answered.plan
    path = plan.paths[0]
    mine = next((o for o in plan.openings if about and o.site == about.site), None)
    written = None if mine is None else write_opening(answered, mine, {})
    risk = written.proposal if isinstance(written, Written) else None
    tail = None if risk is None else _tail(risk)
    return Figures(
        expected_gain=plan.gain,
        orders=path.in_time - path.before_in_time,
        chance_of_loss=None if risk is None else risk.chance_of_loss,
        cvar90_share=tail,
        cash_at_risk=None if risk is None else risk.cash_at_risk,
        coverage_with=round(path.in_time / answered.wanted, 4),
        coverage_without=round(path.before_in_time / answered.wanted, 4),
        proof_gap=round(plan.gap, 6),
        planned=tuple(_planned(answered, o.site) for o in plan.openings if not o.standing),
        says=(*plan.reasons, *((written,) if isinstance(written, str) else ())),
    )


def _tail(proposal: Proposal) -> float | None:
    """CVaR90 of the proposed stock, as a share of the cash at risk."""
    units = sum(line.units for line in proposal.stock)
    return next((point.cvar90_share for point in proposal.risk if point.units == units), None)


def _planned(answered: Answered, site: str) -> Planned:
    opening = next(one for one in answered.plan.openings if one.site == site)
    sent = [one.units for one in answered.plan.shipments if one.site == site]
    return Planned(
        site=site,
        starts_at=answered.at(opening.start),
        ends_at=answered.at(opening.end),
        orders=opening.orders,
        units=sum(sent),
        fees=opening.fees,
    )


def standby_portfolio(means: Means, change: Change, *, now: datetime) -> Figures:
    """Which standby spaces are worth their retainer in the next quarter."""
    with means.store.read() as reading:
        question = portfolio_question(
            reading, means.policy, now, days=change.days, most=change.most
        )
    effort = Effort(at_most=10 * SECONDS, steps=means.policy.efforts.placement_steps)
    plan = means.compute.run(held, question, effort)
    return Figures(
        expected_gain=plan.gain,
        orders=_orders(question, plan),
        planned=tuple(
            Planned(
                site=space.name, starts_at=None, ends_at=None, orders=0, units=0,
                fees=space.retainer_per_day * question.days,
            )
            for space in question.spaces
            if space.name in plan.held
        ),
        says=(*plan.reasons, *_ground(question)),
    )  # fmt: skip


def held(question: PortfolioProblem, effort: Effort) -> PortfolioPlan:
    """The portfolio, counted again from the question.

    Raises:
        BrokenPlan: with what is wrong with it.
    """
    plan = hold(question, effort)
    if breaches := broken_portfolio(question, plan):
        raise BrokenPlan(breaches)
    return plan


def _orders(question: PortfolioProblem, plan: PortfolioPlan) -> int:
    """Orders within six hours in the mean quarter."""
    days = {(q.name, e): one.days for q in question.quarters for e, one in enumerate(q.episodes)}
    total = sum(use.orders_a_day * days[use.quarter, use.episode] for use in plan.call_offs)
    return total // len(question.quarters)


def _ground(question: PortfolioProblem) -> tuple[str, ...]:
    drawn = sum(len(quarter.episodes) for quarter in question.quarters)
    mean = drawn / len(question.quarters)
    return (f"{mean:.1f} episodes in the mean quarter, drawn from those that were seen",)


def _told(
    means: Means, asked: Scenario, exact: Figures | None, error: str | None, now: datetime
) -> Scenario | None:
    with means.store.begin() as deed:
        kept, work = deed.lock(Scenario, asked.id), deed.lock(Operation, str(asked.operation))
        if kept.state is not ScenarioState.RUNNING:
            return None
        done = OperationStep.FAIL if exact is None else OperationStep.SUCCEED
        move(
            deed, means.ids, OPERATION, work, done, now=now, cause=asked.id, updated_at=now,
            progress=1.0, result=asked.id, error=error,
        )  # fmt: skip
        step = ScenarioStep.FAIL if exact is None else ScenarioStep.ANSWER
        return move(
            deed, means.ids, SCENARIO, kept, step, now=now, cause=work.id, exact=exact,
            error=error, answered_at=now,
        )  # fmt: skip


def beside(reading: Reading, first: str, others: tuple[str, ...]) -> tuple[Scenario, ...]:
    """Some scenarios, to be compared.

    Raises:
        Unknown: for one that is not there.
        Nonsense: for more than four.
    """
    ids = tuple(dict.fromkeys((first, *others)))
    if len(ids) > MOST:
        raise Nonsense("/with", f"at most {MOST} scenarios are compared")
    return tuple(reading.get(Scenario, id) for id in ids)


def promote_scenario(means: Means, id: str, *, by: str, now: datetime) -> Scenario:
    """Put the scenario's stock before the planners, as an amendment of what it varies.

    Raises:
        Unknown: where there is no such scenario.
        NotAllowedNow: where it is not worked out, or its recommendation is decided already.
        Nonsense: where it changes no stock: nothing else of it can be carried into a verdict.
    """
    with means.store.read() as reading:
        kept = reading.get(Scenario, id)
        SCENARIO.after(kept.state, ScenarioStep.PROMOTE)
        about = _about(reading, kept)
    if about is None or kept.change.stock is None:
        raise Nonsense("/change/stock", "only another stock of a recommendation can be promoted")
    if about.state not in {RecommendationState.OPEN, RecommendationState.HELD}:
        raise NotAllowedNow("recommendation", "amend", about.state)
    successor = give_verdict(
        means,
        about.id,
        Choice.AMEND,
        planner=by,
        reason=f"what-if {kept.name}",
        expected_version=about.version,
        amendment=Amendment(units=_shared(units_sent(about), kept.change.stock)),
        now=now,
    )
    with means.store.begin() as deed:
        fresh = deed.lock(Scenario, id)
        return move(
            deed, means.ids, SCENARIO, fresh, ScenarioStep.PROMOTE, now=now, cause=by,
            data={"recommendation": successor.id}, promoted_to=successor.id,
        )  # fmt: skip


def _shared(sent: dict[str, int], stock: int) -> tuple[NewUnits, ...]:
    """The stock by product, in the proportions of before; the last takes what rounding leaves."""
    names, total, left = sorted(sent), sum(sent.values()), stock
    shares = []
    for name in names:
        part = left if name == names[-1] else stock * sent[name] // max(1, total)
        left -= part
        shares.append(NewUnits(product=name, units=part))
    return tuple(shares)


def discard_scenario(means: Means, id: str, *, by: str, now: datetime) -> Scenario:
    """Put a scenario away; it stays readable.

    Raises:
        Unknown: where there is no such scenario.
        NotAllowedNow: while it runs, or once it was promoted.
    """
    with means.store.begin() as deed:
        kept = deed.lock(Scenario, id)
        if kept.state is ScenarioState.DISCARDED:
            return kept
        return move(deed, means.ids, SCENARIO, kept, ScenarioStep.DISCARD, now=now, cause=by)
