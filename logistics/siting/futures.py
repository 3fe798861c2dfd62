"""Which sites several futures would leave shut, where the mean alone may be too sure of itself.

Off by default (`Policy.sample_paths`): on three drawn worlds it changed the cost by one percent or
two at most, and took several times as long. Where it is on, futures of the market's products are
drawn from the outlooks, reduced to a few, and asked together under the planners' limit of risk; a
site that they would not open is not asked of the mean.
"""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime

from forecasting.scenarios import Paths
from logistics.demand import sample_paths
from logistics.placement.futures import along
from logistics.placement.problem import PlacementProblem
from logistics.placement.solver import place
from logistics.policy import Policy
from logistics.siting.scene import Scene
from logistics.units import Seconds
from routing.effort import Effort

DRAWN = 200
"""Futures that are drawn, of which a few stand for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Futures:
    """Drawn futures of a market, and how long ago they begin."""

    paths: Paths
    since: Seconds


def futures_of(scene: Scene, policy: Policy, now: datetime) -> Futures | None:
    """The futures of the outlooks that begin together; None where none are asked for."""
    if not policy.sample_paths or not scene.outlooks:
        return None
    spans = Counter((one.start, one.hours) for one in scene.outlooks)
    (start, hours), _ = spans.most_common(1)[0]
    together = [one for one in scene.outlooks if (one.start, one.hours) == (start, hours)]
    return Futures(
        paths=sample_paths(together, count=DRAWN, keep=policy.sample_paths),
        since=max(0, round((now - start).total_seconds())),
    )


def without_doubtful(
    problem: PlacementProblem, futures: Futures, policy: Policy, effort: Effort
) -> PlacementProblem:
    """The question without the sites that the futures together would not open."""
    asked = along(problem, futures.paths, futures.since)
    limit = round(1000 * policy.cvar_share)
    plan = place(replace(asked, wishes=replace(asked.wishes, tail_permille=limit)), effort)
    taken = {opening.site for opening in plan.openings}
    shut = {site.name for site in problem.sites if site.standing is None} - taken
    must_not = tuple(sorted({*problem.wishes.must_not, *shut} - set(problem.wishes.must_open)))
    return replace(problem, wishes=replace(problem.wishes, must_not=must_not))
