"""Hear the planners' verdicts, and carry out what they approved once it cannot be undone.

A verdict names the version that the planner read: who decides on an old page is told what changed.
Above the money limit two different planners are needed. An approval waits for its undo window;
then the space is asked for, exactly once. What nobody decides in time lapses, or is carried out
where the policy says so, within the limit that planners have set for the machine.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from logistics.decisions import (
    RECOMMENDATION,
    Choice,
    Kind,
    Recommendation,
    RecommendationState,
    RecommendationStep,
    RejectReason,
    Verdict,
)
from logistics.demand import Outlook
from logistics.errors import NotAllowedNow, SamePlanner, StaleVersion, require
from logistics.exceptions import CaseKind
from logistics.inventory import REPLENISHMENT, Replenishment, ReplenishmentStep
from logistics.network import NODE, STANDING, Node, NodeState, NodeStep, Site
from logistics.policy import LapsePolicy
from logistics.store import Deed, Range, Reading
from logistics.workflows.amend import Amendment, amended
from logistics.workflows.cases import open_case, settle_case
from logistics.workflows.leases import end_lease
from logistics.workflows.means import Means
from logistics.workflows.moves import move, tell
from logistics.workflows.opening import (
    ask_for_space,
    drop_loads,
    give_up_node,
    in_use,
    plan_ride_home,
    propose_loads,
)

S, T = RecommendationState, RecommendationStep
UNDECIDED = (S.OPEN, S.HELD, S.AWAITING_SECOND)
NOBODY = "policy"
"""Who decides when nobody does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What one planner says, as it was sent."""

    choice: Choice
    planner: str
    reason_code: RejectReason | None
    reason: str | None
    amendment: Amendment | None


def give_verdict(
    means: Means,
    id: str,
    choice: Choice,
    *,
    planner: str,
    reason_code: RejectReason | None = None,
    reason: str | None = None,
    expected_version: int,
    forecast_read: float | None = None,
    amendment: Amendment | None = None,
    substitutes: bool = True,
    now: datetime,
) -> Recommendation:
    """Take one planner's word on one recommendation.

    Args:
        means: What the deed works with.
        id: The recommendation.
        choice: What the planner says.
        planner: Who says it.
        reason_code: Needed to reject.
        reason: Free words; needed to hold, and to reject for another reason.
        expected_version: The version that the planner read.
        forecast_read: The forecast's units on the page; None for those of the recommendation.
        amendment: What to change, for `amend`.
        substitutes: Whether a runner-up may stand in when the site is refused.
        now: The moment.

    Returns:
        The recommendation as it is now; for an amendment, its successor.

    Raises:
        StaleVersion: where it changed since it was read, or its forecast moved too far.
        SamePlanner: where the second verdict comes from the first planner.
        NotAllowedNow: where its state, its decide-by or the undo window does not allow it.
        Nonsense: where a reason or an amendment is missing.
    """
    word = Word(
        choice=choice,
        planner=planner,
        reason_code=reason_code,
        reason=reason,
        amendment=amendment,
    )
    _check_words(word)
    with means.store.begin() as deed:
        kept = deed.lock(Recommendation, id)
        verdicts = deed.find(Verdict, recommendation=id, sort="at")
        if kept.version != expected_version:
            if _said_already(kept, verdicts, word, expected_version):
                return kept
            raise _stale(kept, verdicts)
        if choice is Choice.APPROVE:
            _require_current(means, deed, kept, forecast_read)
        return DECIDE[choice](means, deed, replace(kept, substitutes=substitutes), word, now)


def _check_words(word: Word) -> None:
    if word.choice is Choice.REJECT:
        require(word.reason_code is not None, "reason_code", "is needed to reject")
        if word.reason_code is RejectReason.OTHER:
            require(bool(word.reason), "reason", "is needed where the code is other")
    if word.choice is Choice.HOLD:
        require(bool(word.reason), "reason", "is needed to hold")
    if word.choice is Choice.AMEND:
        require(word.amendment is not None, "amendment", "is needed to amend")


def _said_already(
    kept: Recommendation, verdicts: tuple[Verdict, ...], word: Word, expected_version: int
) -> bool:
    """Whether this is the second click on the same button."""
    if not verdicts or kept.version != expected_version + 1:
        return False
    last = verdicts[-1]
    same = (last.planner, last.choice, last.reason) == (word.planner, word.choice, word.reason)
    return same and kept.last_verdict == last.id


def _stale(kept: Recommendation, verdicts: tuple[Verdict, ...]) -> StaleVersion:
    """Say who was quicker; why, only when no second planner is still to be asked."""
    detail = None
    if verdicts:
        last = verdicts[-1]
        why = f": {last.reason}" if last.reason and kept.state is not S.AWAITING_SECOND else ""
        detail = f"{last.planner} said {last.choice} at {last.at.isoformat()}{why}"
    fields = ("state",) if verdicts else ()
    return StaleVersion(
        "recommendation", kept.id, kept.version, kept.changed_by, fields, detail=detail
    )


def expected_between(outlooks: Iterable[Outlook], since: datetime, until: datetime) -> float:
    """The P50 of the orders that some outlooks see between two moments."""
    return sum(outlook.expected(since, until) for outlook in outlooks)


def expected_units(reading: Reading, asked: Recommendation) -> float:
    """The P50 of the orders that the latest outlooks see over the recommendation's time."""
    latest = [
        outlook
        for product in asked.products
        for outlook in reading.find(
            Outlook,
            product=product,
            market=asked.market,
            sort="made_at",
            descending=True,
            limit=1,
        )
    ]
    return expected_between(latest, asked.proposal.live_from, asked.proposal.ends_at)


def _require_current(
    means: Means, deed: Deed, kept: Recommendation, forecast_read: float | None
) -> None:
    """Stop an approval whose forecast has moved too far since it was read."""
    read = kept.forecast_units if forecast_read is None else forecast_read
    if not kept.forecasts or read <= 0:
        return
    now_seen = expected_units(deed, kept)
    moved = now_seen / read - 1
    if abs(moved) > means.policy.verdicts.stale_forecast_share:
        detail = f"the forecast moved by {moved:+.0%} since it was read: {read:,.0f} orders to {now_seen:,.0f}"
        raise StaleVersion(
            "recommendation", kept.id, kept.version, None, ("forecast_units",), detail=detail
        )


def _speak(means: Means, deed: Deed, kept: Recommendation, word: Word, *, now: datetime) -> Verdict:
    """Keep the verdict, and tell that there is one; why is not told while a second is awaited."""
    spoken = deed.add(
        Verdict(
            id=means.ids.new("vdt", now),
            recommendation=kept.id,
            planner=word.planner,
            choice=word.choice,
            reason_code=word.reason_code,
            reason=word.reason,
            at=now,
            automatic=word.planner == NOBODY,
        )
    )
    told = {"choice": word.choice.value, "planner": word.planner, "kind": kept.kind.value}
    tell(
        deed,
        means.ids,
        "recommendation.decided",
        kept.id,
        now=now,
        cause=spoken.id,
        data=told,
    )
    return spoken


def _step(
    means: Means,
    deed: Deed,
    kept: Recommendation,
    step: RecommendationStep,
    word: Word,
    now: datetime,
    **changes: Any,
) -> Recommendation:
    """One step of the life by a verdict; the verdict is its cause."""
    RECOMMENDATION.after(kept.state, step)
    spoken = _speak(means, deed, kept, word, now=now)
    named: dict[str, Any] = {"last_verdict": spoken.id, "changed_by": word.planner, **changes}
    if named.get("first_verdict") == THIS:
        named["first_verdict"] = spoken.id
    told = {"kind": kept.kind.value, "site": kept.site}
    return move(
        deed, means.ids, RECOMMENDATION, kept, step, now=now, cause=spoken.id, data=told, **named
    )


def _approve(
    means: Means, deed: Deed, kept: Recommendation, word: Word, now: datetime
) -> Recommendation:
    if now >= kept.decide_by and kept.state in UNDECIDED:
        raise NotAllowedNow("recommendation", "approve", "past its decide-by", ("reject",))
    if kept.state is S.OPEN and kept.needs_two:
        return _step(means, deed, kept, T.APPROVE_FIRST, word, now, first_verdict=THIS)
    if kept.state is S.AWAITING_SECOND:
        first = deed.get(Verdict, str(kept.first_verdict))
        if first.planner == word.planner:
            raise SamePlanner(kept.id, word.planner)
    effective = now + timedelta(seconds=means.policy.verdicts.undo)
    done = _step(means, deed, kept, T.APPROVE, word, now, effective_at=effective)
    return _settled(means, deed, done, word, now)


def _reject(
    means: Means, deed: Deed, kept: Recommendation, word: Word, now: datetime
) -> Recommendation:
    done = _step(means, deed, kept, T.REJECT, word, now, effective_at=now)
    return _settled(means, deed, done, word, now)


def _settled(
    means: Means, deed: Deed, done: Recommendation, word: Word, now: datetime
) -> Recommendation:
    settle_case(
        deed,
        means.ids,
        CaseKind.DECIDE_BY_NEAR,
        subject=done.id,
        resolution=f"{word.planner} said {word.choice}",
        cause=str(done.last_verdict),
        now=now,
    )
    return done


def _hold(
    means: Means, deed: Deed, kept: Recommendation, word: Word, now: datetime
) -> Recommendation:
    return _step(means, deed, kept, T.HOLD, word, now, held_because=word.reason)


def _resume(
    means: Means, deed: Deed, kept: Recommendation, word: Word, now: datetime
) -> Recommendation:
    return _step(means, deed, kept, T.RESUME, word, now, held_because=None)


def _undo(
    means: Means, deed: Deed, kept: Recommendation, word: Word, now: datetime
) -> Recommendation:
    """Take back one's own last verdict within the window, before anything was carried out."""
    RECOMMENDATION.after(kept.state, T.UNDO)
    last = deed.get(Verdict, str(kept.last_verdict))
    until = last.at + timedelta(seconds=means.policy.verdicts.undo)
    if now > until or kept.carried_out_at is not None or last.planner != word.planner:
        raise NotAllowedNow("recommendation", "undo", kept.state)
    cleared = {"first_verdict": None, "effective_at": None}
    return _step(means, deed, kept, T.UNDO, word, now, **cleared)


def _amend(
    means: Means, deed: Deed, kept: Recommendation, word: Word, now: datetime
) -> Recommendation:
    """Put a successor before the planners, with the figures of what was changed."""
    RECOMMENDATION.after(kept.state, T.SUPERSEDE)
    if word.amendment is None:
        raise NotAllowedNow("recommendation", "amend", kept.state)
    successor = deed.add(
        amended(means.policy, kept, word.amendment, id=means.ids.new("rec", now), now=now)
    )
    told = {"kind": kept.kind.value, "site": kept.site, "supersedes": kept.id}
    done = _step(means, deed, kept, T.SUPERSEDE, word, now, superseded_by=successor.id)
    tell(
        deed,
        means.ids,
        "recommendation.open",
        successor.id,
        now=now,
        cause=str(done.last_verdict),
        data=told,
    )
    _settled(means, deed, done, word, now)
    return successor


THIS = "this verdict"
Deciding = Callable[[Means, Deed, Recommendation, Word, datetime], Recommendation]
DECIDE: dict[Choice, Deciding] = {
    Choice.APPROVE: _approve,
    Choice.REJECT: _reject,
    Choice.HOLD: _hold,
    Choice.RESUME: _resume,
    Choice.UNDO: _undo,
    Choice.AMEND: _amend,
}


def lapse(means: Means, *, now: datetime) -> None:
    """Warn before a decide-by, and do what the policy says once it has passed undecided."""
    limits = means.policy.verdicts
    near = now + timedelta(seconds=limits.alert_before_decide_by)
    with means.store.read() as seen:
        due = seen.find(
            Recommendation, state=UNDECIDED, decide_by=Range(below=near), sort="decide_by"
        )
    for one in due:
        with means.store.begin() as deed:
            kept = deed.lock(Recommendation, one.id)
            if kept.state not in UNDECIDED:
                continue
            if kept.decide_by > now:
                _warn(means, deed, kept, now)
            else:
                _let_go(means, deed, kept, now)


def _warn(means: Means, deed: Deed, kept: Recommendation, now: datetime) -> None:
    open_case(
        deed,
        means.ids,
        CaseKind.DECIDE_BY_NEAR,
        market=kept.market,
        subject=kept.id,
        detail=f"{kept.kind} {kept.site}: decide by {kept.decide_by.isoformat()}",
        money=kept.expected_gain,
        act_by=kept.decide_by,
        cause=kept.id,
        now=now,
    )


def _let_go(means: Means, deed: Deed, kept: Recommendation, now: datetime) -> None:
    """Nobody decided: carry out by itself what may be, let the rest lapse."""
    limits = means.policy.verdicts
    small = kept.money_at_stake <= limits.automatic_money_at_most and not kept.needs_two
    if limits.if_nobody is LapsePolicy.CARRY_OUT and kept.state is S.OPEN and small:
        step, choice, effective = T.APPROVE, Choice.APPROVE, now
    else:
        step, choice, effective = T.LAPSE, Choice.REJECT, None
    word = Word(
        choice=choice,
        planner=NOBODY,
        reason_code=None,
        reason="nobody decided in time",
        amendment=None,
    )
    if step is T.APPROVE:
        done = _step(means, deed, kept, step, word, now, effective_at=effective)
    else:
        done = move(deed, means.ids, RECOMMENDATION, kept, step, now=now, cause=NOBODY)
    settle_case(
        deed,
        means.ids,
        CaseKind.DECIDE_BY_NEAR,
        subject=done.id,
        resolution=str(word.reason),
        cause=NOBODY,
        now=now,
    )


def carry_out(means: Means, *, now: datetime) -> None:
    """Do what was approved and can no longer be undone, each exactly once."""
    with means.store.read() as seen:
        due = [
            one.id
            for one in seen.find(Recommendation, state=S.APPROVED, carried_out_at=None)
            if one.effective_at is not None and one.effective_at <= now
        ]
    for id in due:
        with means.store.begin() as deed:
            kept = deed.lock(Recommendation, id)
            if kept.state is S.APPROVED and kept.carried_out_at is None:
                CARRY_OUT[kept.kind](means, deed, kept, now)
                deed.change(kept, carried_out_at=now)


def _open(means: Means, deed: Deed, kept: Recommendation, now: datetime) -> None:
    site = deed.lock(Site, kept.site)
    if in_use(deed, site.id):
        return
    ask_for_space(means, deed, kept, site, now=now)


def _standing(deed: Deed, kept: Recommendation) -> Node | None:
    node = deed.lock(Node, str(kept.node))
    return node if node.state in STANDING else None


def _top_up(means: Means, deed: Deed, kept: Recommendation, now: datetime) -> None:
    if (node := _standing(deed, kept)) is None:
        return
    _extend(means, deed, kept, now)
    _send(means, deed, kept, node, now)
    plan_ride_home(means, deed, kept, node.id, now=now)


def _extend(_: Means, deed: Deed, kept: Recommendation, now: datetime) -> None:
    """Keep the node for as long as the proposal says; one that drains is on its way out."""
    if (node := _standing(deed, kept)) is None:
        return
    exit = kept.proposal.exit
    longer = replace(
        node,
        drain_from=max(node.drain_from or now, exit.drain_from),
        closes_at=max(node.closes_at or now, exit.closes_at),
    )
    if node.state is not NodeState.DRAINING and longer != node:
        deed.change(longer)


def _send(means: Means, deed: Deed, kept: Recommendation, node: Node, now: datetime) -> None:
    """Propose the loads; where the space is ours already they are released at once."""
    for load in propose_loads(means, deed, kept, node.id, kept.proposal.stock, now=now):
        if node.state is not NodeState.PLANNED:
            fresh = deed.lock(Replenishment, load.id)
            step = ReplenishmentStep.RELEASE
            move(deed, means.ids, REPLENISHMENT, fresh, step, now=now, cause=kept.id)


def _shrink(means: Means, deed: Deed, kept: Recommendation, now: datetime) -> None:
    if (node := _standing(deed, kept)) is not None:
        drop_loads(means, deed, node.id, now=now, cause=kept.id)
        _send(means, deed, kept, node, now)


def _drain(means: Means, deed: Deed, kept: Recommendation, now: datetime) -> None:
    node = _standing(deed, kept)
    if node is None or node.state is NodeState.DRAINING:
        return
    if node.state in {NodeState.PLANNED, NodeState.RAMPING}:
        _cancel(means, deed, kept, now)
        return
    drop_loads(means, deed, node.id, now=now, cause=kept.id)
    closes = now if kept.kind is Kind.CLOSE else kept.proposal.exit.closes_at
    move(
        deed,
        means.ids,
        NODE,
        node,
        NodeStep.DRAIN,
        now=now,
        cause=kept.id,
        drain_from=now,
        closes_at=closes,
    )


def _cancel(means: Means, deed: Deed, kept: Recommendation, now: datetime) -> None:
    node = _standing(deed, kept)
    if node is not None and node.state in {NodeState.PLANNED, NodeState.RAMPING}:
        give_up_node(means, deed, node.id, now=now, cause=kept.id)
        end_lease(means, deed, str(node.lease), now=now, cause=kept.id)


CARRY_OUT: dict[Kind, Callable[[Means, Deed, Recommendation, datetime], None]] = {
    Kind.OPEN: _open,
    Kind.TOP_UP: _top_up,
    Kind.EXTEND: _extend,
    Kind.SHRINK: _shrink,
    Kind.DRAIN: _drain,
    Kind.CLOSE: _drain,
    Kind.CANCEL: _cancel,
}
