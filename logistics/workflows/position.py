"""Ask where nodes are wanted, and put the answer before the planners.

A heavy deed: read, compute, check, write. Each market is one question to placement; its answer
becomes recommendations to open, to fill up, to drain, to close or to call off. What is before the
planners already stays while the answer has not moved; else a successor takes its place. A plan that
breaks a rule is never shown: it opens a case instead.
"""

from dataclasses import dataclass
from datetime import datetime

from logistics.catalogue import Market, VideoLink
from logistics.decisions import (
    Kind,
    Recommendation,
)
from logistics.episodes import LIVING, Episode, EpisodeState
from logistics.errors import BrokenPlan, ChangedMeanwhile, Nonsense
from logistics.exceptions import CaseKind
from logistics.inventory import Stock, stock_id
from logistics.placement.instead import instead
from logistics.placement.plan import PlacementPlan
from logistics.placement.problem import PlacementProblem
from logistics.placement.rules import broken
from logistics.placement.solver import ground, place
from logistics.policy import DAY, Policy
from logistics.promise.calibration import Calibration, as_driven
from logistics.siting.answered import Answered
from logistics.siting.experience import as_paid
from logistics.siting.futures import Futures, futures_of, without_doubtful
from logistics.siting.keeping import kept_units
from logistics.siting.question import question_of
from logistics.siting.scene import Scene, picture_of, with_promises
from logistics.siting.wishes import Wish, wishes_of
from logistics.siting.worth import ranked
from logistics.store import Deed, Reading, Seen, seen
from logistics.workflows.cases import open_case
from logistics.workflows.means import Means
from logistics.workflows.recommend import is_new, put_before, with_runners_up
from routing.effort import Effort

GAP = 0.01
"""Share of the cost that is not worth searching for: far below what a forecast errs."""
DECIDED = DAY
"""How far ahead starts and ends are chosen firmly; each round asks again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One market as it was read, with the versions of what the answer stands on."""

    scene: Scene
    problem: PlacementProblem
    episodes: tuple[Episode, ...]
    doubtful: frozenset[str]
    """Products whose videos look made or have turned: nothing is opened for them."""
    futures: Futures | None
    versions: tuple[Seen, ...]


def checked_plan(problem: PlacementProblem, effort: Effort) -> PlacementPlan:
    """The plan of a problem, which keeps every rule.

    Raises:
        BrokenPlan: with what it breaks; such a plan is never shown.
        Nonsense: where the problem contradicts itself.
    """
    begun = ground(problem, effort)
    plan = place(problem, effort, gap=GAP, decided=DECIDED, begun=begun)
    if all(opening.standing for opening in plan.openings) and could_pay(problem):
        # Where goods are scarce, parts of sites that might open later can look better than any site
        # that can open now; whole sites, decided to the end, cannot be put off like that.
        whole = place(problem, effort, gap=GAP, begun=begun)
        plan = min(plan, whole, key=lambda one: one.steered)
    if breaches := broken(problem, plan):
        raise BrokenPlan(breaches)
    return plan


def propose(means: Means, *, now: datetime) -> tuple[Recommendation, ...]:
    """Look at every market, and put what has changed before the planners.

    Returns:
        The recommendations that are new.
    """
    efforts = means.policy.efforts
    effort = Effort(at_most=efforts.placement_seconds, steps=efforts.placement_steps)
    with means.store.read() as reading:
        markets = [market.id for market in reading.find(Market)]
    fresh: list[Recommendation] = []
    for id in markets:
        with means.store.read() as reading:
            asked = _read(reading, means.policy, reading.get(Market, id), now)
        if asked is None:
            continue
        problem = asked.problem
        try:
            if asked.futures is not None:
                problem = means.compute.run(
                    without_doubtful, problem, asked.futures, means.policy, effort
                )
            plan = means.compute.run(checked_plan, problem, effort)
        except (BrokenPlan, Nonsense) as refused:
            _report(means, id, refused, now)
            continue
        answered = Answered(
            scene=asked.scene,
            policy=means.policy,
            problem=problem,
            plan=plan,
            episodes=asked.episodes,
            now=now,
        )
        wishes = _beside(means, answered, wishes_of(answered, asked.doubtful), effort)
        try:
            with means.store.begin() as deed:
                deed.require_unchanged(asked.versions)
                _keep(deed, answered)
                fresh += put_before(means, deed, answered, wishes)
        except ChangedMeanwhile:
            continue
    return tuple(fresh)


def _read(reading: Reading, policy: Policy, market: Market, now: datetime) -> Asked | None:
    policy = as_driven(policy, reading.maybe(Calibration, market.id))
    policy = as_paid(policy, reading, market, now)
    scene = picture_of(reading, policy, market, now)
    if not scene.outlooks or not (scene.sites or scene.standing):
        return None
    problem = question_of(scene, policy, now)
    if not (scene.standing or scene.before or could_pay(problem)):
        return None
    episodes = reading.find(Episode, market=market.id, state=LIVING)
    spoilt = {EpisodeState.SUSPECT, EpisodeState.TURNED_NEGATIVE}
    doubtful = {
        link.product
        for one in episodes
        if one.state in spoilt
        for link in reading.find(VideoLink, video=one.video)
    }
    nodes = [one.node for one in scene.standing]
    return Asked(
        scene=with_promises(reading, scene, now),
        problem=problem,
        episodes=tuple(episodes),
        doubtful=frozenset(doubtful),
        futures=futures_of(scene, policy, now),
        versions=seen(market, *scene.sites, *nodes, *scene.before),
    )


def could_pay(problem: PlacementProblem) -> bool:
    """Whether any site would gain enough by itself: a quiet market is not worth a solve."""
    return any(one.gain >= problem.wishes.least_benefit for one in ranked(problem))


def _report(means: Means, market: str, refused: BrokenPlan | Nonsense, now: datetime) -> None:
    """Open a case for a plan that cannot be shown; the last one stays before the planners."""
    kind = CaseKind.BROKEN_PLAN if isinstance(refused, BrokenPlan) else CaseKind.SOLVER_FAILED
    with means.store.begin() as deed:
        open_case(
            deed,
            means.ids,
            kind,
            market=market,
            subject=f"placement~{market}",
            detail=str(refused)[:500],
            cause=market,
            now=now,
        )


def _beside(
    means: Means, answered: Answered, wishes: tuple[Wish, ...], effort: Effort
) -> tuple[Wish, ...]:
    """The wishes, with the plans that came close beside each new opening."""
    count, told = means.policy.efforts.runners_up, []
    for wish in wishes:
        if count and wish.kind is Kind.OPEN and is_new(answered, wish):
            found = means.compute.run(
                instead,
                answered.problem,
                answered.plan,
                wish.site,
                effort,
                count=count,
                gap=GAP,
                decided=DECIDED,
            )
            told.append(with_runners_up(wish, found))
        else:
            told.append(wish)
    return tuple(told)


def _keep(deed: Deed, answered: Answered) -> None:
    """Keep at each standing node what is worth more to orders of six hours than to others."""
    for (node, product), units in kept_units(answered).items():
        id = stock_id(node, product)
        known = deed.maybe(Stock, id)
        if known is not None and known.floor != units:
            deed.change(deed.lock(Stock, id), floor=units)
