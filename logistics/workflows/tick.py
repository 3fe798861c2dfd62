"""The jobs of the clock: what is due, once for each due time, whoever asks first.

A job looks at what is remembered and does what is due, so a tick that was missed is made good by
the next one. Before a job runs, its due time is claimed by a row whose id is the job and the
time: two processes cannot both run it. A job that fails puts a case before a person and stops
none of the others.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from logistics.catalogue import Market
from logistics.dispatch import Plan
from logistics.errors import BrokenPlan, ChangedMeanwhile, Duplicate, StaleVersion
from logistics.exceptions import Case, CaseKind
from logistics.operations import Tick
from logistics.policy import Rhythm
from logistics.store import Deed
from logistics.units import Seconds
from logistics.workflows.allocate import allocate
from logistics.workflows.backtest import run_backtests
from logistics.workflows.cases import LIVING, open_case, settle_case
from logistics.workflows.contacts import erase_waiting
from logistics.workflows.decide import carry_out, lapse
from logistics.workflows.explore import run_scenarios
from logistics.workflows.habits import learn_habits
from logistics.workflows.learn import learn
from logistics.workflows.means import Means
from logistics.workflows.picking import pick_and_pack
from logistics.workflows.position import propose
from logistics.workflows.publish import expire_tenders, publish_plan
from logistics.workflows.refit import refit_baselines
from logistics.workflows.route import plan_routes
from logistics.workflows.sense import sense
from logistics.workflows.stock import expire_leases, move_nodes
from logistics.workflows.watch import watch

POLICY = "policy"
"""Who publishes a plan that no planner asked for."""
MOVED = (ChangedMeanwhile, StaleVersion)
"""Somebody was quicker: the next tick looks again."""
DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A thing to be done again and again: its name, how often, and the deed."""

    name: str
    every: Callable[[Rhythm], Seconds]
    deed: Callable[[Means, datetime], object]


def dispatch(means: Means, *, now: datetime) -> tuple[Plan, ...]:
    """Plan and publish the next routes of every market; one that fails stops no other.

    Raises an ExceptionGroup with what went wrong in which market, once all have been tried.
    """
    with means.store.read() as reading:
        markets = [market.id for market in reading.find(Market)]
    plans: list[Plan] = []
    failed: list[Exception] = []
    for market in markets:
        try:
            plan = plan_routes(means, market, now=now)
            if plan is not None:
                plans.append(publish_plan(means, plan, by=POLICY, now=now))
        except MOVED:
            continue
        except Exception as wrong:  # noqa: BLE001  the trouble of a market is not that of the next
            wrong.add_note(market)
            failed.append(wrong)
    if failed:
        raise ExceptionGroup("dispatch", failed)
    return tuple(plans)


JOBS = (
    Job(name="sense", every=lambda r: r.sense, deed=lambda m, now: sense(m, now=now)),
    Job(name="position", every=lambda r: r.position, deed=lambda m, now: propose(m, now=now)),
    Job(name="lapse", every=lambda r: r.decide, deed=lambda m, now: lapse(m, now=now)),
    Job(name="carry_out", every=lambda r: r.decide, deed=lambda m, now: carry_out(m, now=now)),
    Job(name="leases", every=lambda r: r.decide, deed=lambda m, now: expire_leases(m, now=now)),
    Job(name="nodes", every=lambda r: r.decide, deed=lambda m, now: move_nodes(m, now=now)),
    Job(name="allocate", every=lambda r: r.watch, deed=lambda m, now: allocate(m, now=now)),
    Job(name="pick", every=lambda r: r.watch, deed=lambda m, now: pick_and_pack(m, now=now)),
    Job(name="dispatch", every=lambda r: r.dispatch, deed=lambda m, now: dispatch(m, now=now)),
    Job(name="tenders", every=lambda r: r.watch, deed=lambda m, now: expire_tenders(m, now=now)),
    Job(name="watch", every=lambda r: r.watch, deed=lambda m, now: watch(m, now=now)),
    Job(name="learn", every=lambda r: r.learn, deed=lambda m, now: learn(m, now=now)),
    Job(name="explore", every=lambda r: r.watch, deed=lambda m, now: run_scenarios(m, now=now)),
    Job(name="refit", every=lambda r: r.refit, deed=lambda m, now: refit_baselines(m, now=now)),
    Job(name="habits", every=lambda r: r.refit, deed=lambda m, now: learn_habits(m, now=now)),
    Job(name="backtests", every=lambda r: r.watch, deed=lambda m, now: run_backtests(m, now=now)),
    Job(name="privacy", every=lambda r: r.learn, deed=lambda m, now: erase_waiting(m, now=now)),
)
"""In the order in which one leads to the next within a minute."""


def run_due(
    means: Means, *, now: datetime, holder: str, jobs: tuple[Job, ...] = JOBS
) -> tuple[Tick, ...]:
    """Run every job whose due time nobody has claimed; the ticks that ran here."""
    ran = (_run(means, job, now, holder) for job in jobs)
    return tuple(tick for tick in ran if tick is not None)


def due_at(every: Seconds, now: datetime) -> datetime:
    """The latest due time at or before an instant, on a grid of elapsed time."""
    return datetime.fromtimestamp(now.timestamp() // every * every, UTC)


@lru_cache(maxsize=64)
def _stamp(due: datetime) -> str:
    return f"{due:%Y%m%dT%H%M%S}"


def _run(means: Means, job: Job, now: datetime, holder: str) -> Tick | None:
    due = due_at(job.every(means.policy.rhythm), now)
    id = f"{job.name}~{_stamp(due)}"
    try:
        with means.store.begin() as deed:
            if deed.maybe(Tick, id) is not None:
                return None
            tick = deed.add(
                Tick(
                    id=id,
                    job=job.name,
                    due_at=due,
                    ran_at=now,
                    holder=holder,
                    outcome="running",
                )
            )
    except Duplicate:
        return None
    outcome = _outcome(means, job, now)
    with means.store.begin() as deed:
        if outcome == DONE:
            _well_again(deed, means, job, now)
        return deed.change(deed.lock(Tick, tick.id), outcome=outcome)


def _outcome(means: Means, job: Job, now: datetime) -> str:
    """Do the job; whatever goes wrong becomes a case, and the clock goes on."""
    try:
        job.deed(means, now)
    except MOVED as moved:
        return f"moved: {moved}"
    except Exception as wrong:  # noqa: BLE001  the clock must outlive whatever a job may raise
        return _failed(means, job, wrong, now)
    return DONE


def _failed(means: Means, job: Job, wrong: Exception, now: datetime) -> str:
    """Put before a person what went wrong, with the market where one is named."""
    several = wrong.exceptions if isinstance(wrong, ExceptionGroup) else (wrong,)
    rules = all(isinstance(one, BrokenPlan) for one in several)
    detail = "; ".join(_told(one) for one in several)
    with means.store.begin() as deed:
        open_case(
            deed,
            means.ids,
            CaseKind.BROKEN_PLAN if rules else CaseKind.SOLVER_FAILED,
            market="*",
            subject=job.name,
            detail=detail[:2000],
            cause="clock",
            now=now,
        )
    return f"failed: {detail[:500]}"


def _told(wrong: Exception) -> str:
    """One failure in words: where, what kind where that says something, and what."""
    where = "".join(f"{note}: " for note in getattr(wrong, "__notes__", ()))
    kind = "" if isinstance(wrong, BrokenPlan) else f"{type(wrong).__name__}: "
    return f"{where}{kind}{wrong}"


def _well_again(deed: Deed, means: Means, job: Job, now: datetime) -> None:
    if not deed.count(Case, subject=job.name, state=LIVING):
        return
    for kind in (CaseKind.BROKEN_PLAN, CaseKind.SOLVER_FAILED):
        settle_case(
            deed,
            means.ids,
            kind,
            subject=job.name,
            resolution="ran well again",
            cause="clock",
            now=now,
        )
