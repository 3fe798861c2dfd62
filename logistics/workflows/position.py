"""Ask where nodes are wanted, and put the answer before the planners.

A heavy deed: read, compute, check, write. Each market is one question to placement; its answer
becomes recommendations to open, to fill up, to drain, to close or to call off. What is before the
planners already stays while the answer has not moved; else a successor takes its place. A plan that
breaks a rule is never shown: it opens a case instead.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from logistics.catalogue import Market, VideoLink
from logistics.decisions import (
    Kind,
    Recommendation,
    Refusal,
)
from logistics.episodes import LIVING, Episode, EpisodeState
from logistics.errors import BrokenPlan, ChangedMeanwhile, Nonsense
from logistics.exceptions import CaseKind
from logistics.inventory import Stock, stock_id
from logistics.placement.plan import Opening, PlacementPlan
from logistics.placement.problem import PlacementProblem
from logistics.placement.rules import broken
from logistics.placement.solver import place
from logistics.policy import DAY, Policy
from logistics.promise.calibration import Calibration, as_driven
from logistics.siting.answered import Answered
from logistics.siting.closing import best_end, way_out, write_closing
from logistics.siting.experience import as_paid
from logistics.siting.futures import Futures, futures_of, without_doubtful
from logistics.siting.keeping import kept_units, lasts_for
from logistics.siting.proposal import Written, write_opening
from logistics.siting.question import notice, question_of
from logistics.siting.scene import Scene, Standing, scene_of
from logistics.siting.worth import ranked
from logistics.store import Deed, Reading, Seen, seen
from logistics.units import Seconds
from logistics.workflows.cases import open_case
from logistics.workflows.means import Means
from logistics.workflows.recommend import Wish, put_before
from routing.effort import Effort

GAP = 0.01
"""Share of the cost that is not worth searching for: far below what a forecast errs."""
DECIDED = DAY
"""How far ahead starts and ends are chosen firmly; each round asks again."""
LEAST_TOP_UP = 120
"""Fewer units, a tenth of a truck, are not worth a truck and a verdict: they wait for the review."""
ANSWERED: Seconds = 2 * 3600
"""Within so long planners usually answer."""


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
    plan = place(problem, effort, gap=GAP, decided=DECIDED)
    if all(opening.standing for opening in plan.openings) and could_pay(problem):
        # Where goods are scarce, parts of sites that might open later can look better than any site
        # that can open now; whole sites, decided to the end, cannot be put off like that.
        plan = min(plan, place(problem, effort, gap=GAP), key=lambda one: one.steered)
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
        wishes = wishes_of(answered, asked.doubtful)
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
    scene = scene_of(reading, policy, market, now)
    if scene is None or not (scene.sites or scene.standing):
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
        scene=scene,
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


def wishes_of(answered: Answered, doubtful: frozenset[str]) -> tuple[Wish, ...]:
    """What the answer would ask of the planners, openings first; no unit is asked for twice."""
    spoken: dict[tuple[str, str], int] = defaultdict(int)
    opened = _openings(answered, doubtful, spoken)
    return (*opened, *_standing(answered, doubtful, spoken))


def _openings(
    answered: Answered, doubtful: frozenset[str], spoken: dict[tuple[str, str], int]
) -> list[Wish]:
    """The new sites that pay at some stock size; those that do not are told among the refused."""
    types = {site.id: site.type for site in answered.scene.sites}
    unpaid: list[Refusal] = []
    found: list[Wish] = []
    for opening in answered.plan.openings:
        if opening.standing:
            continue
        written = write_opening(answered, opening, spoken)
        if isinstance(written, str):
            unpaid.append(Refusal(site=opening.site, reason=written))
        elif not doubtful & set(written.products):
            _speak_for(written, spoken)
            found.append(
                Wish(
                    kind=Kind.OPEN,
                    site=opening.site,
                    site_type=types[opening.site],
                    node=None,
                    written=written,
                )
            )
    return [_with_refusals(wish, unpaid) for wish in found]


def _with_refusals(wish: Wish, unpaid: list[Refusal]) -> Wish:
    proposal = wish.written.proposal
    told = replace(proposal, refused=(*proposal.refused, *unpaid))
    return replace(wish, written=replace(wish.written, proposal=told))


def _standing(
    answered: Answered, doubtful: frozenset[str], spoken: dict[tuple[str, str], int]
) -> list[Wish]:
    """What is to be done with the nodes that stand, where it differs from what was approved."""
    by_site = {opening.site: opening for opening in answered.plan.openings}
    found: list[Wish] = []
    for one in answered.scene.standing:
        if one.node.id in answered.scene.settled or one.site.id not in _sites(answered):
            continue
        opening = by_site.get(one.site.id)
        ends = best_end(answered, opening)
        kind = way_out(answered, one, ends)
        written: Written | None = None
        if kind is not None:
            written = write_closing(answered, one, ends)
        elif opening is not None:
            kind = Kind.TOP_UP
            if not _just_approved(answered, one):
                written = _filled_up(answered, opening, doubtful, spoken)
        if kind is not None and written is not None:
            found.append(
                Wish(
                    kind=kind,
                    site=one.site.id,
                    site_type=one.site.type,
                    node=one.node.id,
                    written=written,
                )
            )
    return found


def _sites(answered: Answered) -> set[str]:
    return {site.name for site in answered.problem.sites}


def _filled_up(
    answered: Answered,
    opening: Opening,
    doubtful: frozenset[str],
    spoken: dict[tuple[str, str], int],
) -> Written | None:
    """The proposal to send more to a node that stands, where that is worth a truck."""
    if lasts_for(answered, opening, _until_the_next(answered, opening)):
        return None
    written = write_opening(answered, opening, spoken)
    if not isinstance(written, Written) or doubtful & set(written.products):
        return None
    if sum(line.units for line in written.proposal.stock) < LEAST_TOP_UP:
        return None
    _speak_for(written, spoken)
    return written


def _just_approved(answered: Answered, one: Standing) -> bool:
    """Whether what the opening sends has not had its first review yet: it is not sent twice."""
    review = timedelta(seconds=answered.policy.verdicts.review)
    return one.approved_at is not None and answered.now < one.approved_at + review


def _until_the_next(answered: Answered, opening: Opening) -> Seconds:
    """How long the goods at a node have to last when they are not filled up now: until the truck
    comes that the next review would send. What lasts so long waits, and fills a truck better."""
    lanes = [lane.seconds for lane in answered.problem.lanes if lane.site == opening.site]
    policy = answered.policy
    asked = ANSWERED + notice(policy)
    return policy.rhythm.position + asked + min(lanes, default=0)


def _keep(deed: Deed, answered: Answered) -> None:
    """Keep at each standing node what is worth more to orders of six hours than to others."""
    for (node, product), units in kept_units(answered).items():
        id = stock_id(node, product)
        known = deed.maybe(Stock, id)
        if known is not None and known.floor != units:
            deed.change(replace(deed.lock(Stock, id), floor=units))


def _speak_for(written: Written, spoken: dict[tuple[str, str], int]) -> None:
    for line in written.proposal.stock:
        spoken[line.from_node, line.product] += line.units
