"""Let each node do what is due: begin its lease, go live, drain by its exit plan, close, be paid for.

Nothing is queued: each tick looks at what is kept and does what its time has come for. A node
drains when its exit plan says so, and closes when its time is over and nothing there is spoken for;
what is left goes home to the nearest centre.
"""

from datetime import datetime
from typing import Any

from logistics.inventory import Reservation, ReservationState
from logistics.network import NODE, STANDING, Lease, LeaseState, Node, NodeState, NodeStep, Site
from logistics.policy import SiteType
from logistics.store import Deed
from logistics.workflows.goods import depart_trucks, send_home
from logistics.workflows.leases import (
    book_days,
    book_retainers,
    end_lease,
    give_notice,
    start_lease,
)
from logistics.workflows.means import Means
from logistics.workflows.moves import move

OURS = (LeaseState.ACTIVE, LeaseState.ENDING)


def move_nodes(means: Means, *, now: datetime) -> None:
    """Do all that is due for every temporary node and every truck; twice does nothing twice."""
    with means.store.read() as seen:
        temporary = [
            node.id for node in seen.find(Node, state=STANDING) if node.type is not SiteType.CENTRE
        ]
    for id in temporary:
        with means.store.begin() as deed:
            _advance(means, deed, deed.lock(Node, id), now)
    depart_trucks(means, now=now)
    book_retainers(means, now=now)


def _advance(means: Means, deed: Deed, node: Node, now: datetime) -> None:
    """Take the steps that are due, in the order of a node's life."""
    if node.lease is not None:
        _pay(means, deed, node.lease, now)
        node = deed.lock(Node, node.id)
    if node.state is NodeState.RAMPING and _ready(deed, node, now):
        node = _step(means, deed, node, NodeStep.GO_LIVE, now, live_from=now)
    living = node.state in {NodeState.LIVE, NodeState.SUSPENDED}
    if living and node.drain_from is not None and node.drain_from <= now:
        node = _step(means, deed, node, NodeStep.DRAIN, now, drain_from=now)
    if node.state is not NodeState.DRAINING:
        return
    if node.lease is not None:
        give_notice(means, deed, node.lease, now=now)
    over = node.closes_at is None or node.closes_at <= now
    if over and not deed.count(Reservation, node=node.id, state=ReservationState.HELD):
        send_home(means, deed, node, now=now)
        closed = _step(means, deed, node, NodeStep.CLOSE, now, closed_at=now)
        if closed.lease is not None:
            end_lease(means, deed, closed.lease, now=now, cause=closed.id)


def _pay(means: Means, deed: Deed, id: str, now: datetime) -> None:
    lease = deed.get(Lease, id)
    if lease.state is LeaseState.CONFIRMED and lease.starts_at <= now:
        lease = start_lease(means, deed, id, now=now)
    if lease.state in OURS:
        book_days(means, deed, lease, until=now, now=now)


def _ready(deed: Deed, node: Node, now: datetime) -> bool:
    ours = node.lease is None or deed.get(Lease, node.lease).state in OURS
    return ours and node.live_from is not None and node.live_from <= now


def _step(
    means: Means, deed: Deed, node: Node, step: NodeStep, now: datetime, **changes: Any
) -> Node:
    return move(
        deed,
        means.ids,
        NODE,
        node,
        step,
        now=now,
        cause=node.recommendation or node.id,
        audience=(deed.get(Site, node.site).provider,),
        **changes,
    )
