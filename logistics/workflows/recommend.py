"""Put what an answer wishes before the planners, and leave alone what has not moved.

What stands stays while the answer differs little; else a successor takes its place, and both name
each other. What is wanted no more is withdrawn.
"""

from dataclasses import replace
from datetime import datetime

from logistics.decisions import (
    RECOMMENDATION,
    Recommendation,
    RecommendationState,
    RecommendationStep,
    RunnerUp,
)
from logistics.exceptions import CaseKind
from logistics.placement.instead import Instead
from logistics.records import record_of
from logistics.siting.answered import Answered
from logistics.siting.wishes import Wish
from logistics.store import Deed
from logistics.workflows.cases import settle_case
from logistics.workflows.decide import expected_between
from logistics.workflows.means import Means
from logistics.workflows.moves import move, tell

CODE_VERSION = "siting-4"
MODEL = "placement:p50"
MOVED = 0.20
"""An answer whose units or gain differ by less leaves the standing recommendation as it is: the
same share that stops an approval, so a planner is not asked anew for what may still be approved."""


def put_before(
    means: Means, deed: Deed, answered: Answered, wishes: tuple[Wish, ...]
) -> tuple[Recommendation, ...]:
    """Put the wishes before the planners: write what is new, supersede what has moved, withdraw what is
    wanted no more.

    Returns:
        The recommendations that are new.
    """
    standing = {one.site: one for one in answered.scene.before}
    moved = [wish for wish in wishes if is_new(answered, wish)]
    wanted = {wish.site for wish in wishes}
    stale = [
        one
        for one in answered.scene.before
        if one.site not in wanted and one.state is RecommendationState.OPEN
    ]
    market, now = answered.scene.market.id, answered.now
    for kind in (CaseKind.BROKEN_PLAN, CaseKind.SOLVER_FAILED):
        settle_case(
            deed,
            means.ids,
            kind,
            subject=f"placement~{market}",
            resolution="a new plan keeps every rule",
            cause=market,
            now=now,
        )
    if not moved and not stale:
        return ()
    record = deed.add(
        record_of(
            means.ids.new("dec", now),
            "placement",
            at=now,
            parents=tuple(outlook.id for outlook in answered.scene.outlooks),
            inputs=answered.problem,
            result=answered.plan,
            code_version=CODE_VERSION,
            model_version=MODEL,
            write=means.writer(),
        )
    )
    for old in stale:
        _supersede(means, deed, old, None, cause=record.id, now=now)
    return tuple(
        _recommend(means, deed, answered, wish, standing.get(wish.site), record.id)
        for wish in moved
    )


def is_new(answered: Answered, wish: Wish) -> bool:
    """Whether the wish is put before the planners now: nothing like it stands before them."""
    before = {one.site: one for one in answered.scene.before}
    return has_moved(before.get(wish.site), wish, answered)


def with_runners_up(wish: Wish, found: tuple[Instead, ...]) -> Wish:
    """The wish with the plans that came close, each gaining less by as much as its plan does."""
    proposal = wish.written.proposal
    told = tuple(
        RunnerUp(
            site=one.site or "",
            expected_gain=proposal.expected_gain - one.less,
            difference=one.words,
        )
        for one in found
    )
    return replace(wish, written=replace(wish.written, proposal=replace(proposal, runners_up=told)))


def has_moved(old: Recommendation | None, wish: Wish, answered: Answered) -> bool:
    """Whether the answer differs enough from what is before the planners to be put anew.

    What a planner holds, or has approved first, is not pulled away under their hands.
    """
    if old is None:
        return True
    if old.state is not RecommendationState.OPEN:
        return False
    if old.kind is not wish.kind or old.decide_by <= answered.now:
        return True
    before, after = old.proposal, wish.written.proposal
    if _differ(round(old.forecast_units), round(_forecast_units(answered, wish))):
        return True  # it could not be approved any more
    return _differ(
        sum(line.units for line in before.stock), sum(line.units for line in after.stock)
    ) or _differ(before.expected_gain, after.expected_gain)


def _forecast_units(answered: Answered, wish: Wish) -> float:
    """The orders that the forecasts of its products expect while the node would be open."""
    outlooks = [one for one in answered.scene.outlooks if one.product in wish.written.products]
    proposal = wish.written.proposal
    return round(expected_between(outlooks, proposal.live_from, proposal.ends_at), 1)


def _differ(before: int, after: int) -> bool:
    return abs(after - before) > MOVED * max(1, abs(before))


def _supersede(
    means: Means, deed: Deed, old: Recommendation, by: str | None, *, cause: str, now: datetime
) -> None:
    move(
        deed,
        means.ids,
        RECOMMENDATION,
        deed.lock(Recommendation, old.id),
        RecommendationStep.SUPERSEDE,
        now=now,
        cause=cause,
        data={"superseded_by": by, "site": old.site},
        superseded_by=by,
    )


def _recommend(
    means: Means,
    deed: Deed,
    answered: Answered,
    wish: Wish,
    old: Recommendation | None,
    record: str,
) -> Recommendation:
    """Keep a new recommendation in the stead of an older one for the same site."""
    proposal, now = wish.written.proposal, answered.now
    outlooks = [one for one in answered.scene.outlooks if one.product in wish.written.products]
    bases = sorted({one.basis for one in outlooks or answered.scene.outlooks})
    cold = "category_prior" in bases
    limits = means.policy.verdicts
    limit = limits.cold_second_planner_above if cold else limits.second_planner_above
    new = deed.add(
        Recommendation(
            id=means.ids.new("rec", now),
            kind=wish.kind,
            state=RecommendationState.OPEN,
            market=answered.scene.market.id,
            site=wish.site,
            site_type=wish.site_type,
            node=wish.node,
            products=wish.written.products,
            opened_at=now,
            decide_by=wish.written.decide_by,
            expected_gain=proposal.expected_gain,
            money_at_stake=proposal.cash_at_risk,
            needs_two=proposal.cash_at_risk > limit,
            basis="category_prior" if cold else bases[0],
            forecasts=tuple(one.id for one in outlooks),
            forecast_units=_forecast_units(answered, wish),
            decision=record,
            proposal=proposal,
            supersedes=None if old is None else old.id,
        )
    )
    if old is not None:
        _supersede(means, deed, old, new.id, cause=record, now=now)
    told = {"kind": new.kind.value, "site": new.site, "decide_by": new.decide_by.isoformat()}
    tell(deed, means.ids, "recommendation.open", new.id, now=now, cause=record, data=told)
    return new
