"""What whoever runs a space answers, what becomes of a node then, and what the space costs.

A confirmed lease releases the goods. A refusal or silence asks the best runner-up, or a person;
goods that were only proposed go nowhere. Each begun day of a lease is booked once; a lease that
ends early owes its shortest term.
"""

from datetime import datetime, timedelta
from typing import Any, Literal

from logistics.errors import NotAllowedNow, StaleVersion, Unknown, require
from logistics.exceptions import CaseKind
from logistics.inventory import (
    REPLENISHMENT,
    Replenishment,
    ReplenishmentState,
    ReplenishmentStep,
)
from logistics.ledger import Entry, EntryKind
from logistics.network import (
    LEASE_LIFE,
    NODE,
    STANDING,
    Lease,
    LeaseState,
    LeaseStep,
    Node,
    NodeStep,
    Site,
)
from logistics.store import Deed
from logistics.workflows.cases import open_case
from logistics.workflows.means import Means
from logistics.workflows.moves import move
from logistics.workflows.opening import give_up_node, stand_in

DAY = timedelta(days=1)
WAITING = (LeaseState.REQUESTED, LeaseState.OFFERED)
Answer = Literal["confirm", "refuse", "offer"]
STEPS = {
    "confirm": LeaseStep.CONFIRM,
    "refuse": LeaseStep.REFUSE,
    "offer": LeaseStep.OFFER,
}
ANSWERED = {
    "confirm": LeaseState.CONFIRMED,
    "refuse": LeaseState.REFUSED,
    "offer": LeaseState.OFFERED,
}


def answer_lease(
    means: Means,
    id: str,
    answer: Answer,
    *,
    provider: str,
    reason: str | None = None,
    expected_version: int | None = None,
    now: datetime,
) -> Lease:
    """Take the answer of whoever runs the space; the same answer twice does nothing twice.

    Raises:
        Unknown: for a lease of another provider.
        StaleVersion: where it is no longer at the version that was read.
        NotAllowedNow: where it was answered otherwise, or its time is over.
        Nonsense: for an answer that is none.
    """
    require(answer in STEPS, "answer", "is confirm, refuse or offer")
    with means.store.begin() as deed:
        kept = deed.lock(Lease, id)
        if kept.provider != provider:
            raise Unknown("lease", id)
        if kept.state is ANSWERED[answer]:
            return kept
        if expected_version is not None and kept.version != expected_version:
            raise StaleVersion("lease", id, kept.version)
        if kept.state in WAITING and now >= kept.respond_by:
            raise NotAllowedNow("lease", answer, "past its respond-by")
        answered = _step(
            means,
            deed,
            kept,
            STEPS[answer],
            now=now,
            cause=provider,
            answered_at=now,
            refusal_reason=reason if answer == "refuse" else None,
        )
        if answer == "confirm":
            _confirmed(means, deed, answered, now)
        if answer == "refuse":
            _lost(means, deed, answered, CaseKind.LEASE_REFUSED, now)
        return answered


def expire_leases(means: Means, *, now: datetime) -> None:
    """Take silence for what it is once the time to respond has passed."""
    with means.store.read() as seen:
        waiting = seen.find(Lease, state=WAITING)
    for one in waiting:
        if one.respond_by > now:
            continue
        with means.store.begin() as deed:
            kept = deed.lock(Lease, one.id)
            if kept.state in WAITING:
                gone = _step(means, deed, kept, LeaseStep.EXPIRE, now=now, cause=kept.id)
                _lost(means, deed, gone, CaseKind.LEASE_SILENT, now)


def _step(
    means: Means,
    deed: Deed,
    kept: Lease,
    step: LeaseStep,
    *,
    now: datetime,
    cause: str,
    **changes: Any,
) -> Lease:
    return move(
        deed,
        means.ids,
        LEASE_LIFE,
        kept,
        step,
        now=now,
        cause=cause,
        audience=(kept.provider,),
        data={"node": kept.node, "site": kept.site},
        **changes,
    )


def _confirmed(means: Means, deed: Deed, lease: Lease, now: datetime) -> None:
    """The space is ours: book what it costs at once, let the node ramp up, release its goods."""
    if lease.set_up:
        _book(means, deed, EntryKind.SET_UP, -lease.set_up, lease, at=now, now=now)
    node = deed.lock(Node, lease.node)
    audience = (lease.provider,)
    move(
        deed,
        means.ids,
        NODE,
        node,
        NodeStep.RAMP,
        now=now,
        cause=lease.id,
        audience=audience,
    )
    for one in deed.find(Replenishment, to_node=node.id, state=ReplenishmentState.PROPOSED):
        load = deed.lock(Replenishment, one.id)
        step = ReplenishmentStep.RELEASE
        move(deed, means.ids, REPLENISHMENT, load, step, now=now, cause=lease.id)


def _lost(means: Means, deed: Deed, lease: Lease, kind: CaseKind, now: datetime) -> None:
    """Ask the runner-up, or a person where there is none; the node that was planned is no more."""
    node = deed.get(Node, lease.node)
    if node.state in STANDING:
        give_up_node(means, deed, lease.node, now=now, cause=lease.id)
    if stand_in(means, deed, lease, now=now) is None:
        why = lease.refusal_reason or lease.state.value
        open_case(
            deed,
            means.ids,
            kind,
            market=lease.market,
            subject=lease.recommendation,
            detail=f"{lease.site} is not to be had ({why}), and no runner-up is nearly as good",
            cause=lease.id,
            now=now,
        )


def start_lease(means: Means, deed: Deed, id: str, *, now: datetime) -> Lease:
    """The space is in our hands; its days begin to count."""
    kept = deed.lock(Lease, id)
    return _step(means, deed, kept, LeaseStep.START, now=now, cause=kept.id)


def give_notice(means: Means, deed: Deed, id: str, *, now: datetime) -> None:
    """Say that the lease ends; nothing where it was said or the lease never began."""
    kept = deed.lock(Lease, id)
    if kept.state is LeaseState.ACTIVE:
        _step(means, deed, kept, LeaseStep.GIVE_NOTICE, now=now, cause=kept.node)


def end_lease(means: Means, deed: Deed, id: str, *, now: datetime, cause: str) -> None:
    """End a lease, wherever it is in its life, with what it still owes."""
    give_notice(means, deed, id, now=now)
    kept = deed.lock(Lease, id)
    if kept.state is LeaseState.ENDING:
        site = deed.get(Site, kept.site)
        owed = kept.starts_at + timedelta(seconds=site.terms.shortest_term)
        book_days(means, deed, kept, until=max(now, owed), now=now)
        _step(means, deed, kept, LeaseStep.END, now=now, cause=cause)
    elif not LEASE_LIFE.terminal(kept.state):
        _step(means, deed, kept, LeaseStep.CANCEL, now=now, cause=cause)


def book_days(means: Means, deed: Deed, lease: Lease, *, until: datetime, now: datetime) -> None:
    """Book each day of a lease that has begun before `until` and is not booked yet."""
    node = deed.lock(Node, lease.node)
    day = lease.starts_at if node.intake_done_for is None else node.intake_done_for
    while day < until:
        if lease.per_day:
            _book(means, deed, EntryKind.SPACE, -lease.per_day, lease, at=min(day, now), now=now)
        day += DAY
    if day != (node.intake_done_for or lease.starts_at):
        deed.change(node, intake_done_for=day)


def book_retainers(means: Means, *, now: datetime) -> None:
    """Book what standby spaces cost each day, used or not, once for each day."""
    with means.store.read() as seen:
        sites = [site.id for site in seen.find(Site) if site.terms.retainer_per_day]
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for id in sites:
        with means.store.begin() as deed:
            site = deed.lock(Site, id)
            booked = deed.find(
                Entry, kind=EntryKind.RETAINER, cause=id, sort="at", descending=True, limit=1
            )
            day = booked[0].at + DAY if booked else today
            while site.active and day <= today:
                deed.add(
                    Entry(
                        id=means.ids.new("ent", now),
                        kind=EntryKind.RETAINER,
                        amount=-site.terms.retainer_per_day,
                        market=site.market,
                        node=None,
                        cause=id,
                        at=day,
                    )
                )
                day += DAY


def _book(
    means: Means,
    deed: Deed,
    kind: EntryKind,
    amount: int,
    lease: Lease,
    *,
    at: datetime,
    now: datetime,
) -> None:
    deed.add(
        Entry(
            id=means.ids.new("ent", now),
            kind=kind,
            amount=amount,
            market=lease.market,
            node=lease.node,
            cause=lease.id,
            at=at,
        )
    )
