"""Ways of deciding, side by side on the same demand.

`surgeport` runs every job of the service. `static` runs the same service without its proposals:
the permanent network serves what it reaches, and everything else goes by parcel or is lost.
"""

from datetime import datetime

from logistics.errors import Nonsense
from logistics.identity import Ids
from logistics.memory import MemoryStore
from logistics.policy import Policy
from logistics.sources import Inline
from logistics.twin.bots import CarrierBot, PlannerBot, SpaceBot
from logistics.twin.day import Rehearsal
from logistics.twin.places import NoAddresses
from logistics.twin.platform import Platform, Teller
from logistics.twin.report import Outcomes, outcomes
from logistics.twin.truth import Truth, truth_of
from logistics.twin.world import World
from logistics.workflows.means import Means
from logistics.workflows.tick import JOBS, Job

PROPOSING = ("position",)
"""The jobs that only a service with temporary nodes has."""


def jobs_of(policy: str) -> tuple[Job, ...]:
    """The jobs that a way of deciding runs.

    Raises:
        Nonsense: for a policy that nobody knows.
    """
    if policy == "surgeport":
        return JOBS
    if policy == "static":
        return tuple(job for job in JOBS if job.name not in PROPOSING)
    raise Nonsense("/policies", f"{policy!r} is no policy; there are static and surgeport")


def rehearsal(
    world: World,
    truth: Truth,
    means: Means,
    policy: str,
    planner_until: datetime | None = None,
    platform: Teller | None = None,
) -> Rehearsal:
    """A world about to be lived, its cast in place; the platform is made up where none is given."""
    return Rehearsal(
        world=world,
        truth=truth,
        means=means,
        jobs=jobs_of(policy),
        planner=PlannerBot(world=world, until=planner_until),
        spaces=SpaceBot(world=world),
        carriers=CarrierBot(world=world),
        platform=platform or Platform(world=world, truth=truth),
    )


def in_memory(world: World, policy: Policy) -> Means:
    """All that deeds need, in this process; the same world gives the same ids."""
    return Means(
        store=MemoryStore(),
        compute=Inline(),
        policy=policy,
        ids=Ids(world.seed),
        gazetteer=NoAddresses(),
    )


def live_in_memory(world: World, policy: Policy, way: str, until: datetime) -> Outcomes:
    """Live a world until a moment, in this process and in memory, and count what came of it."""
    means = in_memory(world, policy)
    lived = rehearsal(world, truth_of(world), means, way)
    lived.found()
    lived.run(until, _silently)
    with means.store.read() as seen:
        return outcomes(world, seen, lived.shop.visits, until)


def _silently(now: datetime) -> None:
    """Nobody watches."""
