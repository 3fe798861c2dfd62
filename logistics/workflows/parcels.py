"""Units on their way through an order: spoken for, free again, gone with a van, brought back.

Every change of stock takes the rows' locks first, in the order of their ids, so that two deeds
never wait for each other; every change of `on_hand` is a movement in the journal.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from logistics.identity import Ids
from logistics.inventory import (
    Movement,
    MovementReason,
    Reservation,
    ReservationState,
    Stock,
    stock_id,
)
from logistics.orders import Line, Order
from logistics.store import Deed
from logistics.units import Parcels
from logistics.workflows.moves import tell

FEW: Parcels = 10
"""So few free units at a node are told while there is time to send more."""


def reserve(
    deed: Deed, ids: Ids, order: str, node: str, lines: Iterable[Line], *, now: datetime
) -> str | None:
    """Speak for the lines at a node; the product that is not free where one is not.

    Nothing is reserved unless all of it is.
    """
    found = []
    for line in sorted(lines, key=lambda line: line.product):
        stock = _locked(deed, node, line.product)
        if stock is None or (spoken := stock.reserve(line.units)) is None:
            return line.product
        found.append((line, stock, spoken))
    for line, stock, spoken in found:
        deed.change(spoken)
        tell_shortage(deed, ids, stock, spoken, now=now, cause=order)
        reservation = Reservation(
            id=ids.new("rsv", now),
            order=order,
            node=node,
            product=line.product,
            units=line.units,
            state=ReservationState.HELD,
            made_at=now,
        )
        deed.add(reservation)
    return None


def tell_shortage(
    deed: Deed, ids: Ids, before: Stock, after: Stock, *, now: datetime, cause: str
) -> None:
    """Tell once that the last free unit is gone, or that few are left."""
    short = (("stock.out", 0), ("stock.low", FEW))
    event = next((name for name, few in short if after.free <= few < before.free), None)
    if event is not None:
        told = {"node": after.node, "product": after.product, "free": after.free}
        tell(deed, ids, event, after.id, now=now, cause=cause, data=told)


def release(deed: Deed, order: str) -> None:
    """Free what the order speaks for."""
    for held, stock in _of(deed, order, ReservationState.HELD):
        deed.change(stock.release(held.units))
        deed.change(held, state=ReservationState.RELEASED)


def take(deed: Deed, ids: Ids, order: Order, *, now: datetime) -> None:
    """The parcel has left the building.

    Where a count said that there was not so much, the parcel proves the count wrong first.
    """
    for held, stock in _of(deed, order.id, ReservationState.HELD):
        if (lacking := held.units - stock.on_hand) > 0:
            stock = deed.change(stock.put(lacking))  # noqa: PLW2901  the row as it is now
            _journal(deed, ids, held, lacking, MovementReason.COUNT, now)
        deed.change(stock.take(held.units))
        deed.change(held, state=ReservationState.TAKEN)
        _journal(deed, ids, held, -held.units, MovementReason.SOLD, now)


def bring_back(
    deed: Deed, ids: Ids, order: Order, *, keep: bool, now: datetime, to: str | None = None
) -> None:
    """The parcel is at its node again: kept for the next try, or free for others; at another node
    (`to`) where its own is closed."""
    for held, stock in _of(deed, order.id, ReservationState.TAKEN):
        if to is not None:
            _put(deed, ids, replace(held, node=to), now)
            deed.change(held, state=ReservationState.RELEASED)
            continue
        back = stock.put(held.units)
        state = ReservationState.HELD if keep else ReservationState.RELEASED
        deed.change(replace(back, reserved=back.reserved + held.units) if keep else back)
        deed.change(held, state=state)
        _journal(deed, ids, held, held.units, MovementReason.BROUGHT_BACK, now)


def _put(deed: Deed, ids: Ids, held: Reservation, now: datetime) -> None:
    """Units into the stock of a node that may never have had the product."""
    id = stock_id(held.node, held.product)
    if deed.maybe(Stock, id) is None:
        deed.add(Stock(id=id, node=held.node, product=held.product))
    deed.change(deed.lock(Stock, id).put(held.units))
    _journal(deed, ids, held, held.units, MovementReason.BROUGHT_BACK, now)


def write_off(deed: Deed, order: str) -> None:
    """The parcel is damaged or lost: nothing of it comes back into stock."""
    for held, stock in _of(deed, order, ReservationState.TAKEN):
        deed.change(stock, damaged=stock.damaged + held.units)
        deed.change(held, state=ReservationState.RELEASED)


def _of(deed: Deed, order: str, state: ReservationState) -> Iterator[tuple[Reservation, Stock]]:
    held = deed.find(Reservation, order=order, state=state)
    for one in sorted(held, key=lambda one: stock_id(one.node, one.product)):
        yield deed.lock(Reservation, one.id), deed.lock(Stock, stock_id(one.node, one.product))


def _locked(deed: Deed, node: str, product: str) -> Stock | None:
    known = deed.maybe(Stock, stock_id(node, product))
    return None if known is None else deed.lock(Stock, known.id)


def _journal(
    deed: Deed,
    ids: Ids,
    held: Reservation,
    units: Parcels,
    reason: MovementReason,
    now: datetime,
) -> None:
    movement = Movement(
        id=ids.new("mov", now),
        node=held.node,
        product=held.product,
        units=units,
        reason=reason,
        cause=held.order,
        at=now,
    )
    deed.add(movement)
