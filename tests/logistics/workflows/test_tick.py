import threading
from dataclasses import replace
from datetime import timedelta

from logistics.errors import BrokenPlan, ChangedMeanwhile
from logistics.exceptions import Case, CaseKind, CaseState
from logistics.operations import Tick
from logistics.promise.offers import Quote, QuoteState
from logistics.workflows.intake import keep_quotes
from logistics.workflows.tick import JOBS, Job, due_at, run_due
from logistics.workflows.watch import watch
from tests.builders.demand import TEN, a_world, found, kept, quoted

MINUTE = timedelta(minutes=1)


def a_job(deed, name="count"):
    return Job(name=name, every=lambda rhythm: rhythm.watch, deed=deed)


def test_e8_three_clocks_run_a_job_once_for_each_due_time():
    means, ran = a_world(), []
    job = a_job(lambda _, now: ran.append(now))
    barrier = threading.Barrier(3)

    def clock(holder):
        barrier.wait()
        for minute in range(5):
            run_due(means, now=TEN + minute * MINUTE, holder=holder, jobs=(job,))

    threads = [threading.Thread(target=clock, args=(f"process-{n}",)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ran) == [TEN + minute * MINUTE for minute in range(5)]
    assert {tick.outcome for tick in found(means, Tick)} == {"done"}


def test_a_failing_job_opens_one_case_stops_no_other_and_settles_when_it_is_well():
    means, state = a_world(), {"ill": True, "ran": 0}

    def ill(_, __):
        if state["ill"]:
            raise RuntimeError("the engine stopped")

    def well(_, __):
        state["ran"] += 1

    jobs = (a_job(ill, "ill"), a_job(well, "well"))
    for minute in range(3):
        run_due(means, now=TEN + minute * MINUTE, holder="one", jobs=jobs)
    assert state["ran"] == 3
    case = found(means, Case, kind=CaseKind.SOLVER_FAILED)[0]
    assert (case.subject, case.state) == ("ill", CaseState.OPEN)
    assert "the engine stopped" in case.detail
    assert len(found(means, Case)) == 1
    state["ill"] = False
    run_due(means, now=TEN + 3 * MINUTE, holder="one", jobs=jobs)
    assert found(means, Case)[0].state is CaseState.RESOLVED


def test_a_broken_plan_is_a_case_and_a_changed_world_is_none():
    means = a_world()

    def broken(_, __):
        raise BrokenPlan(["van-1 carries 61 of 60 parcels"])

    def moved(_, __):
        raise ChangedMeanwhile("order", "ord_1")

    ticks = run_due(means, now=TEN, holder="one", jobs=(a_job(broken, "a"), a_job(moved, "b")))
    assert [tick.outcome.split(":")[0] for tick in ticks] == ["failed", "moved"]
    assert [case.kind for case in found(means, Case)] == [CaseKind.BROKEN_PLAN]


def test_every_job_runs_on_an_empty_and_on_a_living_world():
    for means in (a_world(), a_world(vans=0, near=0)):
        ticks = run_due(means, now=TEN, holder="one")
        assert {tick.job: tick.outcome for tick in ticks} == {job.name: "done" for job in JOBS}
        assert run_due(means, now=TEN, holder="two") == ()


def test_a_due_time_stands_on_a_grid_of_elapsed_time():
    assert due_at(900, TEN) == TEN - 5 * MINUTE
    assert due_at(60, TEN + timedelta(seconds=59)) == TEN


def test_quotes_expire_by_the_clock_alone():
    means = a_world()
    made = quoted(means)
    keep_quotes(means, (made,), now=TEN)
    watch(means, now=made.quote.expires_at)
    assert kept(means, Quote, made.quote.id).state is QuoteState.OPEN
    watch(means, now=made.quote.expires_at + MINUTE)
    assert kept(means, Quote, made.quote.id).state is QuoteState.EXPIRED
    assert replace(made.quote, state=QuoteState.EXPIRED, version=2) == kept(
        means, Quote, made.quote.id
    )
