"""What an answer would ask of the planners: openings, top-ups, longer stays, drains and closes, no unit twice."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta

from logistics.decisions import Kind, Refusal
from logistics.placement.plan import Opening
from logistics.policy import SiteType
from logistics.siting.answered import Answered
from logistics.siting.closing import best_end, way_out, write_closing
from logistics.siting.keeping import lasts_for
from logistics.siting.proposal import Written, write_opening
from logistics.siting.question import notice
from logistics.siting.scene import Standing
from logistics.siting.staying import write_staying
from logistics.units import Seconds

LEAST_TOP_UP = 120
"""Fewer units, a tenth of a truck, are not worth a truck and a verdict: they wait for the review."""
ANSWERED: Seconds = 2 * 3600
"""Within so long planners usually answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One thing that the answer would ask of the planners."""

    kind: Kind
    site: str
    site_type: SiteType
    node: str | None
    written: Written


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
            if written is None and not doubtful & _lying(one):
                kind, written = Kind.EXTEND, write_staying(answered, one, opening)
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


def _lying(one: Standing) -> set[str]:
    """The products that lie at a node or are on their way there."""
    return {product for product, units in one.goods if units}


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


def _speak_for(written: Written, spoken: dict[tuple[str, str], int]) -> None:
    for line in written.proposal.stock:
        spoken[line.from_node, line.product] += line.units
