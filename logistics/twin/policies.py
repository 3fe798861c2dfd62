"""Ways of deciding, side by side on the same demand.

`surgeport` runs every job of the service. `static` runs it without its proposals: the permanent
network serves what it reaches, and everything else goes by parcel or is lost. All others run every
job too, and differ in who looks ahead: `reactive-N` only counts sales, `informed` knows the future
of the videos that can be seen, `clairvoyant` knows all. `surgeport~ABLATION` is the service with one
thing taken away. Only `informed` and `clairvoyant` are handed the truth.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from logistics.errors import Nonsense
from logistics.foresight import Foresight, FromSignals
from logistics.identity import Ids
from logistics.memory import MemoryStore
from logistics.policy import DAY, Policy
from logistics.sources import Inline
from logistics.store import Store
from logistics.twin.bots import CarrierBot, PlannerBot, SpaceBot
from logistics.twin.day import Rehearsal
from logistics.twin.eligible import Eligibility
from logistics.twin.foreknowledge import GOES_ON, Clairvoyant, Distorted, Informed, Reactive
from logistics.twin.places import NoAddresses
from logistics.twin.platform import Platform, Teller, Telling, Told
from logistics.twin.report import Outcomes, outcomes
from logistics.twin.shop import Shop
from logistics.twin.truth import Truth, law_of, truth_of
from logistics.twin.world import World
from logistics.workflows.means import Means
from logistics.workflows.sense import sense
from logistics.workflows.tick import JOBS, Job

PROPOSING = ("position",)
"""The job that only a service with temporary nodes has. All others look ahead alike, for vans wait by
the forecast too: what a policy gains is what its nodes gain."""
PLAIN = ("static", "surgeport", "informed", "clairvoyant")
THRESHOLDS = (50, 100, 200)
"""Units of a day at which the rules react that `reactive` stands for."""
LATE = timedelta(hours=12)
ABLATIONS = {
    "shuffled-signals": "each video is said to show the next product of the world",
    "no-signals": "the platform tells nothing",
    "late-signals": "the platform tells everything 12 hours late",
    "no-holding": "orders take the first departure they can meet, and all that is due leaves at once",
    "no-learning": "nothing is learnt from kept and broken promises, drives and conversion",
    "no-carrier-trust": "carriers are asked by their rank, and their record counts for nothing",
    "no-scenarios": "placement plans for the mean alone, which is the service's own default today",
    "sample-paths": "placement asks drawn futures too which sites to leave shut (off by default)",
}
"""What can be taken away from the service, or given to it, and what that means."""
FUTURES = 6
"""Sample paths that are asked where they are given to the service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way of deciding, by its name."""

    name: str
    ablation: str | None = None
    threshold: int | None = None
    forecast_error: float = 0.0

    @property
    def base(self) -> str:
        """The policy without what is taken away or counted."""
        return self.name.partition("~")[0].partition("-")[0]


def way_of(name: str, forecast_error: float = 0.0) -> Way:
    """The way of deciding of a name; `forecast_error` is of the service's own forecast alone.

    Raises:
        Nonsense: for a policy that nobody knows, and for an ablation of what is not there.
    """
    base, _, ablation = name.partition("~")
    if ablation:
        _require_ablation(base, ablation)
        return Way(name=name, ablation=ablation, forecast_error=forecast_error)
    if base in PLAIN:
        return Way(name=name, forecast_error=forecast_error if base == "surgeport" else 0.0)
    kind, _, threshold = base.partition("-")
    if kind == "reactive" and threshold.isascii() and threshold.isdigit() and int(threshold) > 0:
        return Way(name=name, threshold=int(threshold))
    known = ", ".join((*PLAIN[:1], "reactive", "reactive-N", *PLAIN[1:]))
    raise Nonsense("/policies", f"{name!r} is no policy; there are {known}")


def _require_ablation(base: str, ablation: str) -> None:
    if base != "surgeport" or ablation not in ABLATIONS:
        known = ", ".join(ABLATIONS)
        raise Nonsense("/ablate", f"{ablation!r} cannot be taken from {base!r}; there are {known}")


def spelt(names: Iterator[str] | tuple[str, ...], ablations: tuple[str, ...]) -> tuple[str, ...]:
    """Every policy to be lived: `reactive` is several thresholds, each ablation one more."""
    several = {"reactive": tuple(f"reactive-{units}" for units in THRESHOLDS)}
    spelled = [one for name in names for one in several.get(name, (name,))]
    return tuple(dict.fromkeys((*spelled, *(f"surgeport~{one}" for one in ablations))))


def jobs_of(policy: str) -> tuple[Job, ...]:
    """The jobs that a way of deciding runs, with the service's own foresight.

    Raises:
        Nonsense: for a policy that nobody knows.
    """
    return _jobs(way_of(policy), FromSignals())


def _jobs(way: Way, foresight: Foresight) -> tuple[Job, ...]:
    left_out = {"static": PROPOSING}.get(way.base, ())
    if way.ablation == "no-learning":
        left_out = (*left_out, "learn")
    looking = replace(next(job for job in JOBS if job.name == "sense"), deed=_looking_by(foresight))
    jobs = (looking if job.name == "sense" else job for job in JOBS)
    return tuple(job for job in jobs if job.name not in left_out)


def _looking_by(foresight: Foresight) -> Callable[[Means, datetime], object]:
    return lambda means, now: sense(means, now=now, foresight=foresight)


def _foresight(way: Way, world: World, truth: Truth) -> Foresight:
    """Who looks ahead; the truth is handed to those alone who are to know it."""
    if way.base == "informed":
        return Informed(world=world, truth=law_of(world, beyond=GOES_ON))
    if way.base == "clairvoyant":
        return Clairvoyant(world=world, truth=truth)
    if way.threshold is not None:
        return Reactive(threshold=way.threshold)
    if way.forecast_error > 0:
        return Distorted(error=way.forecast_error, seed=world.seed)
    return FromSignals()


def rehearsal(
    world: World,
    truth: Truth,
    means: Means,
    policy: str | Way,
    planner_until: datetime | None = None,
    platform: Teller | None = None,
    telling: Telling | None = None,
) -> Rehearsal:
    """A world about to be lived, its cast in place; the platform is made up where none is given, from
    a `telling` that other lives listen to as well, or one of its own."""
    way = way_of(policy) if isinstance(policy, str) else policy
    if platform is None:
        means = replace(means, policy=_by_the_hour(means.policy))
        platform = Platform(telling or Telling(world=world, truth=truth))
    return Rehearsal(
        world=world,
        truth=truth,
        means=means,
        jobs=_jobs(way, _foresight(way, world, truth)),
        planner=PlannerBot(world=world, until=planner_until),
        spaces=SpaceBot(world=world),
        carriers=CarrierBot(world=world),
        platform=_teller(way, world, platform),
        shop=Shop(world=world, judge=Eligibility(world, means.policy)),
        shown_as=_shown_as(way, world),
    )


def _by_the_hour(policy: Policy) -> Policy:
    """The same, but growth within an hour is not read: a made-up video is watched evenly all through it."""
    return replace(policy, signals=replace(policy.signals, by_quarter=False))


def _shown_as(way: Way, world: World) -> dict[str, str]:
    """The product that each product's videos are said to show: itself, unless it is shuffled."""
    names = [product.id for product in world.products]
    by = 1 if way.ablation == "shuffled-signals" else 0
    return dict(zip(names, (*names[by:], *names[:by]), strict=True))


def _teller(way: Way, world: World, platform: Teller) -> Teller:
    if way.ablation == "no-signals":
        return Silence()
    late = way.ablation == "late-signals"
    return Delayed(platform, world.starts_at) if late else platform


@dataclass(frozen=True, slots=True)
class Silence:
    """A platform that tells nothing."""

    def tell(self, until: datetime) -> Iterator[Told]:
        """No batch, ever."""
        del until
        yield from ()


@dataclass(frozen=True, slots=True)
class Delayed:
    """A platform whose batches all arrive so much later."""

    of: Teller
    since: datetime
    """Before this moment there was nothing to tell."""
    by: timedelta = LATE

    def tell(self, until: datetime) -> Iterator[Told]:
        """What the other told so long ago."""
        if until - self.by <= self.since:
            return
        for told in self.of.tell(until - self.by):
            yield replace(told, arrives_at=told.arrives_at + self.by)


def policy_of(world: World, way: Way, policy: Policy) -> Policy:
    """The numbers of the business in a world: its costs, its zone, and what an ablation asks."""
    own = replace(policy, prices=world.prices, zone=world.residency)
    if way.ablation == "no-holding":
        at_once = replace(own.promising, pool_for=0)
        return replace(own, promising=at_once, holding=replace(own.holding, futures=0))
    if way.ablation == "late-signals":
        heard = replace(own.signals, refused_after=DAY)  # else what comes so late is not heard
        return replace(own, signals=heard)
    if way.ablation == "no-scenarios":
        return replace(own, sample_paths=0)
    if way.ablation == "sample-paths":
        return replace(own, sample_paths=FUTURES)
    if way.ablation == "no-carrier-trust":
        return replace(own, tendering=replace(own.tendering, trust=0.0))
    return own


def in_memory(world: World, policy: Policy, store: Store | None = None) -> Means:
    """All that deeds need, in this process; the same world gives the same ids, in any store."""
    return Means(
        store=store or MemoryStore(),
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
