"""Who the buyer is: sealed when an order comes, opened for the courier, erased when asked.

An erasure takes the contacts of closed orders at once and cuts their places to the middle of
their region; the contact of an order still under way is sealed anew under a fresh key and erased
30 days after it closes. The old key is destroyed in the same deed, so old copies stay sealed.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from logistics.dispatch import Stop
from logistics.errors import require
from logistics.orders import ORDER, Order
from logistics.privacy import (
    BuyerKey,
    Contact,
    PrivacyRequest,
    buyer_key_id,
    new_key,
    seal,
    service_key,
    unseal,
)
from logistics.promise.offers import Quote
from logistics.store import Deed, Reading
from logistics.workflows.means import Means
from logistics.workflows.moves import tell
from routing.geography import Cell, place_of

FIELDS = ("name", "phone", "email", "address", "address_line_2", "city", "postcode", "note")
"""What a contact may hold; anything else is refused."""
ANSWERED_WITHIN = timedelta(hours=24)
KEPT_AFTER_CLOSE = timedelta(days=30)
TABLES = ("contact", "buyer-key", "order", "quote", "stop")


def checked_contact(contact: Mapping[str, str] | None) -> dict[str, str]:
    """The contact's fields. Raises Nonsense on a field that a contact does not have."""
    known = dict(contact or {})
    for name, value in known.items():
        require(name in FIELDS, f"contact/{name}", f"is none of {', '.join(FIELDS)}")
        short = isinstance(value, str) and len(value) <= 500
        require(short, f"contact/{name}", "is a text of at most 500 characters")
    return known


def keep_contact(
    deed: Deed, means: Means, order: Order, contact: Mapping[str, str], *, now: datetime
) -> None:
    """Seal an order's contact fields with its buyer's key, made at the first order."""
    if not contact:
        return
    key = _key(deed, means, buyer_key_id(order.client, order.buyer), now)
    deed.add(_sealed(order, json.dumps(dict(contact)).encode(), key, now))


def contact_of(reading: Reading, means: Means, order: Order) -> dict[str, str]:
    """The contact fields of an order; empty where there are none or they are erased."""
    contact = reading.maybe(Contact, order.id)
    kept = reading.maybe(BuyerKey, buyer_key_id(order.client, order.buyer))
    if contact is None or kept is None or kept.sealed_key is None:
        return {}
    key = unseal(kept.sealed_key, service_key(means.secret), kept.id)
    found: dict[str, str] = json.loads(unseal(contact.sealed, key, order.id))
    return found


def erase_buyer(means: Means, buyer: str, *, client: str, now: datetime) -> PrivacyRequest:
    """Erase what is known of a buyer; what an order under way needs waits for its close."""
    with means.store.begin() as deed:
        request = PrivacyRequest(
            id=means.ids.new("prq", now),
            buyer=buyer,
            client=client,
            asked_at=now,
            due_at=now + ANSWERED_WITHIN,
            tables_touched=TABLES,
        )
        deed.add(request)
        return _erase(deed, means, request, now)


def erase_waiting(means: Means, *, now: datetime) -> None:
    """Erase the orders that have been closed for 30 days since their erasure was asked."""
    with means.store.read() as reading:
        waiting = [one for one in reading.find(PrivacyRequest) if one.waiting_orders]
    for request in waiting:
        with means.store.begin() as deed:
            _erase(deed, means, deed.lock(PrivacyRequest, request.id), now)


def _erase(deed: Deed, means: Means, request: PrivacyRequest, now: datetime) -> PrivacyRequest:
    own = deed.find(Order, client=request.client, buyer=request.buyer)
    first = request.completed_at is None and not request.erased_orders
    waiting = [order for order in own if not _may_go(order, request, now, first=first)]
    going = [o for o in own if o not in waiting and o.id not in request.erased_orders]
    _renew_key(deed, means, request, waiting, now)
    for order in going:
        _forget(deed, order)
    done = now if not waiting else None
    changed = deed.change(
        request,
        completed_at=done,
        erased_orders=(*request.erased_orders, *(order.id for order in going)),
        waiting_orders=tuple(order.id for order in waiting),
    )
    if done is not None:
        told = {"orders": len(changed.erased_orders)}
        audience = (request.client,)
        tell(
            deed,
            means.ids,
            "privacy.completed",
            request.id,
            now=now,
            cause=request.client,
            audience=audience,
            data=told,
        )
    return changed


def _may_go(order: Order, request: PrivacyRequest, now: datetime, *, first: bool) -> bool:
    if order.id in request.erased_orders:
        return True
    if not ORDER.terminal(order.state):
        return False
    asked_open = not first and order.id in request.waiting_orders
    return not asked_open or now >= order.updated_at + KEPT_AFTER_CLOSE


def _renew_key(
    deed: Deed, means: Means, request: PrivacyRequest, waiting: list[Order], now: datetime
) -> None:
    """Destroy the buyer's key; what is still needed is sealed under a fresh one."""
    id = buyer_key_id(request.client, request.buyer)
    if deed.maybe(BuyerKey, id) is None:
        return
    kept = {order.id: contact_of(deed, means, order) for order in waiting}
    old = deed.lock(BuyerKey, id)
    deed.change(old, sealed_key=None, destroyed_at=now)
    for order in waiting:
        if kept[order.id]:
            contact = deed.lock(Contact, order.id)
            text = json.dumps(kept[order.id]).encode()
            fresh = _sealed(order, text, _key(deed, means, id, now), now)
            deed.change(contact, sealed=fresh.sealed)


def _key(deed: Deed, means: Means, id: str, now: datetime) -> bytes:
    """The buyer's key, made where there is none or the last was destroyed."""
    kept = deed.maybe(BuyerKey, id)
    master = service_key(means.secret)
    if kept is not None and kept.sealed_key is not None:
        return unseal(kept.sealed_key, master, id)
    key = new_key()
    if kept is None:
        deed.add(BuyerKey(id=id, sealed_key=seal(key, master, id), created_at=now))
    else:
        deed.change(kept, sealed_key=seal(key, master, id))
    return key


def _sealed(order: Order, text: bytes, key: bytes, now: datetime) -> Contact:
    return Contact(
        id=order.id,
        buyer=buyer_key_id(order.client, order.buyer),
        sealed=seal(text, key, order.id),
        created_at=now,
    )


def _forget(deed: Deed, order: Order) -> None:
    """Remove the contact and cut the places to the middle of their region."""
    if deed.maybe(Contact, order.id) is not None:
        deed.forget(Contact, order.id)
    middle = place_of(Cell(order.cell))
    deed.change(deed.lock(Order, order.id), lat=middle.lat, lon=middle.lon)
    if order.quote is not None and deed.maybe(Quote, order.quote) is not None:
        deed.change(deed.lock(Quote, order.quote), lat=middle.lat, lon=middle.lon)
    for stop in deed.find(Stop, order=order.id):
        deed.change(deed.lock(Stop, stop.id), lat=middle.lat, lon=middle.lon)
