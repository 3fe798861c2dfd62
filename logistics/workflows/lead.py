"""Who is the clock: one process leads, the others wait until it has been silent for too long.

The lease is one row. A leader renews it well before it runs out (a third of its length is a good
heartbeat); whoever finds it run out takes it. Ticks are safe to repeat, so a leader that was only
slow does no harm in the moment before it learns that it leads no more.
"""

from datetime import datetime, timedelta

from logistics.errors import Duplicate
from logistics.operations import Leadership
from logistics.store import Deed, Store

CLOCK = "clock"
"""The id of the one lease."""


def lead(store: Store, holder: str, *, now: datetime, for_: timedelta) -> bool:
    """Take or renew the lease where it is free, run out or one's own; say whether one leads.

    Args:
        store: Where the lease stands.
        holder: The name of this process, which no other has.
        now: The moment of asking.
        for_: How long the lease holds from now without being renewed.
    """
    with store.begin() as deed:
        if deed.maybe(Leadership, CLOCK) is None:
            return _first(deed, Leadership(id=CLOCK, holder=holder, until=now + for_))
        lease = deed.lock(Leadership, CLOCK)
        if lease.holder != holder and lease.until > now:
            return False
        deed.change(lease, holder=holder, until=now + for_)
        return True


def resign(store: Store, holder: str, *, now: datetime) -> None:
    """Let the lease run out now where it is one's own, so that nobody waits for it."""
    with store.begin() as deed:
        if deed.maybe(Leadership, CLOCK) is None:
            return
        lease = deed.lock(Leadership, CLOCK)
        if lease.holder == holder and lease.until > now:
            deed.change(lease, until=now)


def _first(deed: Deed, lease: Leadership) -> bool:
    """Whether the lease could be written before anybody else wrote it."""
    try:
        deed.add(lease)
    except Duplicate:
        return False
    return True
