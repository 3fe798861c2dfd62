"""One step in the life of a thing: the table is asked, the value is changed, the event is told.

Every move of every thing goes through here, so an event comes from the state change itself,
whoever made it, and none is forgotten.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar, cast

from logistics.events import Event
from logistics.identity import Ids
from logistics.ledger import Entry, EntryKind
from logistics.states import Life
from logistics.store import Deed
from logistics.units import Cents

V = TypeVar("V")


def tell(
    deed: Deed,
    ids: Ids,
    type: str,
    subject: str,
    *,
    now: datetime,
    cause: str,
    audience: tuple[str, ...] = (),
    data: Mapping[str, Any] | None = None,
    time: datetime | None = None,
) -> Event:
    """Put an event into the feed; `time` is when it happened, where that is not now."""
    return deed.tell(
        Event(
            id=ids.new("evt", now),
            type=type,
            subject=subject,
            time=time or now,
            recorded_at=now,
            cause=cause,
            audience=audience,
            data=dict(data or {}),
        )
    )


def move(
    deed: Deed,
    ids: Ids,
    life: Life[Any, Any],
    value: V,
    step: StrEnum,
    *,
    now: datetime,
    cause: str,
    audience: tuple[str, ...] = (),
    data: Mapping[str, Any] | None = None,
    time: datetime | None = None,
    **changes: Any,
) -> V:
    """Take one step in a life, with whatever else changes, and tell it.

    Args:
        deed: The transaction; `value` must be locked or fresh in it.
        ids: The source of the event's id.
        life: The table of allowed moves.
        value: The thing as it is kept.
        step: What happens to it.
        now: When we learn it.
        cause: The id of the decision, verdict, event or caller behind it.
        audience: The parties that may read the event beside planners and operators.
        data: What the event says beside the state; thin, ids and what changed.
        time: When it happened, where that is not `now`.
        changes: Other fields that change with the step.

    Returns:
        The value as it is now kept.

    Raises:
        NotAllowedNow: where the life has no such move.
    """
    thing: Any = value
    state = life.after(thing.state, step)
    moved: Any = deed.change(thing, state=state, **changes)
    told = {"state": state.value, "from": thing.state.value, **(data or {})}
    tell(
        deed,
        ids,
        life.event(state),
        thing.id,
        now=now,
        cause=cause,
        audience=audience,
        data=told,
        time=time,
    )
    return cast("V", moved)


def book(
    deed: Deed,
    ids: Ids,
    kind: EntryKind,
    amount: Cents,
    *,
    market: str,
    node: str | None,
    cause: str,
    now: datetime,
) -> None:
    """Enter an amount into the ledger; nothing is entered as nothing."""
    if amount:
        entry = Entry(
            id=ids.new("ent", now),
            kind=kind,
            amount=amount,
            market=market,
            node=node,
            cause=cause,
            at=now,
        )
        deed.add(entry)
