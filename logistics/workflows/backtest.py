"""What forecasts would have been at past moments, and how good: asked by a person, done by the clock.

At each past moment the market is read as it was then and forecast by the same code as today. Works
through all of its moments in one go and tells how far it is; one that was cut off is begun again by
the next tick.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from logistics.catalogue import Market
from logistics.demand import HOUR, Backtest, Believed, Outlook, Track
from logistics.errors import Nonsense, require
from logistics.foresight import Foreseen, look_ahead
from logistics.operations import OPERATION, Operation, OperationState, OperationStep
from logistics.workflows.foresee import KEPT, market_view
from logistics.workflows.means import Means
from logistics.workflows.moves import move
from logistics.workflows.score import LENGTHS, demand_by_hour, outcomes_of, tracks_of

KIND = "backtest"
MOST = 200
"""Moments of one backtest at most: some ten seconds of work."""
LIVING = (OperationState.RUNNING, OperationState.QUEUED)


def ask_backtest(
    means: Means,
    *,
    market: str,
    starts_at: datetime,
    ends_at: datetime,
    every_hours: int,
    by: str,
    now: datetime,
) -> Backtest:
    """Put a backtest before the clock.

    Raises:
        Unknown: for a market that nobody has told of.
        Nonsense: for a time that is yet to come or that nothing is kept of, or too many moments.
    """
    require(starts_at < ends_at, "ends_at", "comes after starts_at")
    require(ends_at <= now, "ends_at", "is not over yet")
    oldest = now - KEPT
    require(starts_at >= oldest, "starts_at", f"is older than what is kept ({KEPT.days} days)")
    require(1 <= every_hours <= 168, "every_hours", "is between 1 and 168")
    many = (ends_at - starts_at) / timedelta(hours=every_hours)
    if many > MOST:
        raise Nonsense("/every_hours", f"asks for more than {MOST} moments")
    with means.store.begin() as deed:
        deed.get(Market, market)
        work = deed.add(
            Operation(
                id=means.ids.new("opr", now),
                kind=KIND,
                state=OperationState.QUEUED,
                asked_by=by,
                created_at=now,
                updated_at=now,
            )
        )
        return deed.add(
            Backtest(
                id=means.ids.new("bkt", now),
                market=market,
                asked_by=by,
                asked_at=now,
                starts_at=starts_at,
                ends_at=ends_at,
                every_hours=every_hours,
                operation=work.id,
            )
        )


def cancel_backtest(means: Means, id: str, *, by: str, now: datetime) -> Backtest:
    """Wish that a backtest stops; one that has not begun never begins, one that is done stays.

    Raises:
        Unknown: where there is no such backtest.
    """
    with means.store.begin() as deed:
        asked = deed.get(Backtest, id)
        work = deed.lock(Operation, asked.operation)
        if work.state is OperationState.QUEUED:
            move(
                deed, means.ids, OPERATION, work, OperationStep.CANCEL, now=now, cause=by,
                updated_at=now,
            )  # fmt: skip
        elif work.state is OperationState.RUNNING:
            deed.change(work, cancel_wanted=True, updated_at=now)
        return asked


def run_backtests(means: Means, *, now: datetime) -> tuple[Backtest, ...]:
    """Do every backtest that was asked for."""
    with means.store.read() as reading:
        works = reading.find(Operation, kind=KIND, state=LIVING)
        asked = [one for work in works for one in reading.find(Backtest, operation=work.id)]
    done = [_run(means, one, now) for one in asked]
    return tuple(one for one in done if one is not None)


def _run(means: Means, asked: Backtest, now: datetime) -> Backtest | None:
    """Do one; None where it was cancelled or there was nothing to forecast."""
    with means.store.begin() as deed:
        work = deed.lock(Operation, asked.operation)
        if work.state is OperationState.QUEUED:
            move(
                deed, means.ids, OPERATION, work, OperationStep.START, now=now,
                cause=asked.asked_by, updated_at=now,
            )  # fmt: skip
    origins = tuple(_origins(asked))
    found: dict[str, list[Believed]] = {}
    for number, origin in enumerate(origins):
        if number % 10 == 0 and not _goes_on(means, asked, number / len(origins), now):
            return None
        for product, outcomes in _looked_back(means, asked, origin, now):
            found.setdefault(product, []).extend(outcomes)
    tracks = tuple(track for product in sorted(found) for track in tracks_of(product, found[product]))  # fmt: skip
    return _told(means, asked, tracks, now)


def _origins(asked: Backtest) -> Iterator[datetime]:
    """Whole hours: of the hour that is not over, what was known by its middle is not kept."""
    first = asked.starts_at.replace(minute=0, second=0, microsecond=0)
    at = first if first == asked.starts_at else first + HOUR
    while at <= asked.ends_at:
        yield at
        at += timedelta(hours=asked.every_hours)


def _goes_on(means: Means, asked: Backtest, progress: float, now: datetime) -> bool:
    """Tell how far it is; false where somebody wishes it to stop."""
    with means.store.begin() as deed:
        work = deed.lock(Operation, asked.operation)
        if work.cancel_wanted:
            move(
                deed, means.ids, OPERATION, work, OperationStep.CANCEL, now=now,
                cause=asked.asked_by, updated_at=now,
            )  # fmt: skip
            return False
        deed.change(work, progress=progress, updated_at=now)
        return True


def _looked_back(
    means: Means, asked: Backtest, origin: datetime, now: datetime
) -> Iterator[tuple[str, list[Believed]]]:
    """What would have been forecast at a past moment, and what came of it."""
    with means.store.read() as reading:
        market = reading.get(Market, asked.market)
        found = market_view(means, reading, market, origin)
        until = min(now, origin + (max(LENGTHS) + 1) * HOUR)
        sold = demand_by_hour(reading, market, origin - 25 * HOUR, until)
    if found is None:
        return
    sight = means.compute.run(look_ahead, found[0])
    for one in sight.foreseen:
        yield one.product, outcomes_of(_as_published(one, asked.market, origin), sold, now)


def _as_published(one: Foreseen, market: str, origin: datetime) -> Outlook:
    return Outlook(
        id=f"{origin:%Y%m%dT%H}",
        product=one.product,
        market=market,
        made_at=origin,
        start=one.whole.start,
        hours=len(one.whole.hourly.p50),
        basis=one.basis,
        whole=one.whole,
        regions=one.regions,
        decision="",
    )


def _told(
    means: Means, asked: Backtest, tracks: tuple[Track, ...], now: datetime
) -> Backtest | None:
    with means.store.begin() as deed:
        work = deed.lock(Operation, asked.operation)
        if not tracks:
            move(
                deed, means.ids, OPERATION, work, OperationStep.FAIL, now=now,
                cause=asked.asked_by, updated_at=now,
                error="no total of a forecast in that time has been seen to its end",
            )  # fmt: skip
            return None
        move(
            deed, means.ids, OPERATION, work, OperationStep.SUCCEED, now=now,
            cause=asked.asked_by, updated_at=now, progress=1.0, result=asked.id,
        )  # fmt: skip
        kept = deed.lock(Backtest, asked.id)
        return deed.change(kept, tracks=tracks, done_at=now)
