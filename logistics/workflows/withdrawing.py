"""An order is taken back: cancelled before packing, or called back from its way.

Cancelling frees the units and the place on the departure at once and gives back the income. A
parcel called back comes home with its van, and its units are free again from then on.
"""

from datetime import datetime

from logistics.catalogue import Product
from logistics.errors import NotAllowedNow, Unknown
from logistics.ledger import EntryKind
from logistics.orders import ORDER, Order, OrderStep, ServiceLevel
from logistics.promise.offers import PROMISE, Promise, PromiseStep
from logistics.store import Deed
from logistics.workflows.means import Means
from logistics.workflows.moves import book, move
from logistics.workflows.parcels import release
from logistics.workflows.stops import drop_stop


def book_sale(deed: Deed, means: Means, order: Order, sign: int, now: datetime) -> None:
    """The income of an order, or, with sign -1, its reversal."""
    margin = sum(deed.get(Product, line.product).margin * line.units for line in order.lines)
    for kind, amount in ((EntryKind.MARGIN, margin), (EntryKind.DELIVERY_FEE, order.price)):
        book(
            deed,
            means.ids,
            kind,
            sign * amount,
            market=order.market,
            node=order.node,
            cause=order.id,
            now=now,
        )


def cancel_order(means: Means, id: str, *, client: str, now: datetime) -> Order:
    """Cancel before packing: units and the place on the departure are free at once.

    Raises NotAllowedNow once it is packed; a parcel on its way can be returned.
    """
    with means.store.begin() as deed:
        order = _own(deed, id, client)
        cancelled = move(
            deed,
            means.ids,
            ORDER,
            order,
            OrderStep.CANCEL,
            now=now,
            cause=client,
            audience=(client,),
            closed_reason="cancelled_by_client",
            updated_at=now,
        )
        release(deed, id)
        _let_go(deed, means, order, now)
        book_sale(deed, means, order, -1, now)
        return cancelled


def return_order(means: Means, id: str, *, client: str, now: datetime) -> Order:
    """Call back a parcel that is on its way: the van brings it home instead of to the buyer."""
    with means.store.begin() as deed:
        order = _own(deed, id, client)
        if order.service_level is ServiceLevel.STANDARD:
            raise NotAllowedNow("parcel of the permanent network", "return", order.state)
        returned = move(
            deed,
            means.ids,
            ORDER,
            order,
            OrderStep.RETURN,
            now=now,
            cause=client,
            audience=(client,),
            closed_reason="called_back_by_client",
            updated_at=now,
        )
        _let_go(deed, means, order, now)
        book_sale(deed, means, order, -1, now)
        return returned


def _own(deed: Deed, id: str, client: str) -> Order:
    order = deed.lock(Order, id)
    if order.client != client:
        raise Unknown("order", id)
    return order


def _let_go(deed: Deed, means: Means, order: Order, now: datetime) -> None:
    """Release the promise and drop the stop."""
    drop_stop(deed, means, order, now=now)
    promise = deed.lock(Promise, order.promise or "")
    if not PROMISE.terminal(promise.state):
        move(
            deed,
            means.ids,
            PROMISE,
            promise,
            PromiseStep.RELEASE,
            now=now,
            cause=order.id,
            audience=(order.client,),
        )
