"""A scene, its question and the plan that answers it, with what the words of a proposal need."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from logistics.episodes import Episode
from logistics.placement.plan import PlacementPlan
from logistics.placement.problem import PlacementProblem, Site
from logistics.policy import Policy
from logistics.siting.scene import Scene
from logistics.units import Cents, Parcels


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Everything that one recommendation is written from."""

    scene: Scene
    policy: Policy
    problem: PlacementProblem
    plan: PlacementPlan
    episodes: tuple[Episode, ...]
    now: datetime

    def at(self, period: int) -> datetime:
        """When a period begins; the end of the plan beyond the last."""
        beyond = period >= len(self.problem.periods)
        seconds = self.problem.horizon if beyond else self.problem.periods[period].start
        return self.now + timedelta(seconds=seconds)

    def site(self, name: str) -> Site:
        """A site of the problem."""
        return next(site for site in self.problem.sites if site.name == name)

    @property
    def wanted(self) -> Parcels:
        """All orders of the plan's demand, at least one."""
        return max(1, sum(sum(one.parcels) for one in self.problem.paths[0].demand))


def money(cents: Cents) -> str:
    """Money as a planner reads it: 2,519."""
    return f"{cents / 100:,.0f}"


def nearest_centre(answered: Answered, site: str) -> str:
    """The centre that is quickest to reach from a site."""
    lanes = [lane for lane in answered.problem.lanes if lane.site == site]
    if lanes:
        return min(lanes, key=lambda lane: (lane.seconds, lane.centre)).centre
    return answered.scene.centres[0].id if answered.scene.centres else site
