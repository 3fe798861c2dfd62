"""Where shops place orders, follow them and take them back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response, Security

from api.answers import Listed, tagged
from api.auth import Caller, admitted, own
from api.commerce import schemas as s
from api.conditional import etag
from api.idempotency import Made, UnderKey
from api.problems import CREATED
from api.schemas import IdPath, ImportShown, Moment, Page
from api.service import Now, Service, Wired
from api.sheets import Sheet, take_in
from logistics.errors import Nonsense, Unknown
from logistics.orders import Line, Order, OrderState
from logistics.promise.offers import Promise
from logistics.promise.quote import QuoteRequest
from logistics.store import Range
from logistics.workflows.intake import OrderRequest, cancel_order, place_order, return_order
from logistics.workflows.means import Means

router = APIRouter(prefix="/v1", tags=["orders"])

Shop = Annotated[Caller, Security(admitted, scopes=["orders:write"])]
Reader = Annotated[Caller, Security(admitted, scopes=["orders:read"])]
UpdatedAfter = Annotated[Moment | None, Query(description="Only what changed from then on.")]


@router.post("/orders", status_code=CREATED, response_model=s.OrderOut)
def place(order: s.OrderIn, caller: Shop, service: Wired, once: UnderKey, now: Now) -> Response:
    """Place an order: its units, its place on a departure and its promise, all of it or nothing."""
    with _pointing_into_place(order):
        asked = _asked(order, caller, service)

    def deed(means: Means) -> Made:
        with _pointing_into_place(order):
            kept = place_order(means, asked, now=now)
        headers = {"Location": f"/v1/orders/{kept.id}", "ETag": etag(kept)}
        return Made(body=s.OrderOut.model_validate(kept), headers=headers)

    return once.answer(deed)


@router.get("/orders")
def orders(
    caller: Reader,
    listed: Listed,
    state: OrderState | None = None,
    external_id: s.Reference | None = None,
    updated_after: UpdatedAfter = None,
) -> Page[s.OrderOut]:
    """List the orders; a shop sees its own."""
    asked = {"state": state, "external_id": external_id}
    where: dict[str, Any] = {} if caller.sees_all else {"client": caller.party}
    said = {"updated_after": updated_after}
    if updated_after is not None:
        where["updated_at"] = Range(least=updated_after)
    return listed.page(Order, s.OrderOut.model_validate, asked, where, said)


@router.get("/orders/{id}")
def order(id: IdPath, caller: Reader, service: Wired, response: Response) -> s.OrderOut:
    """Show an order."""
    with service.means.store.read() as reading:
        kept = reading.get(Order, id)
    own(caller, "order", id, kept.client)
    return tagged(response, kept, s.OrderOut)


@router.put("/orders/{id}/cancellation")
def cancel(id: IdPath, caller: Shop, service: Wired, now: Now, response: Response) -> s.OrderOut:
    """Cancel an order that is not packed yet; its units are free again at once."""
    kept = cancel_order(service.means, id, client=caller.party, now=now)
    return tagged(response, kept, s.OrderOut)


@router.put("/orders/{id}/return")
def call_back(id: IdPath, caller: Shop, service: Wired, now: Now, response: Response) -> s.OrderOut:
    """Call back an order that is on its way; its van brings it home."""
    kept = return_order(service.means, id, client=caller.party, now=now)
    return tagged(response, kept, s.OrderOut)


@router.get("/promises/{id}")
def promise(id: IdPath, caller: Reader, service: Wired, response: Response) -> s.PromiseOut:
    """Show a promise and how it stands."""
    kept = _promise(service, caller, id)
    response.headers["ETag"] = etag(kept)
    return s.PromiseOut.of(kept)


@router.get("/promises/{id}/history")
def history(id: IdPath, caller: Reader, service: Wired) -> list[s.EtaOut]:
    """Show every arrival that was believed in, the first one first."""
    return [s.EtaOut.of(eta) for eta in _promise(service, caller, id).history]


@router.post("/imports/orders")
def take_file(sheet: Sheet, caller: Shop, service: Wired, now: Now) -> ImportShown:
    """Take in a file of orders, one line each; every order is placed or refused alone."""

    def take(row: s.OrderRow) -> tuple[str, str]:
        place = QuoteRequest(
            client=caller.party,
            lines=(Line(product=row.product, units=row.units),),
            lat=row.lat,
            lon=row.lon,
            address=row.address,
            country=row.country,
            market=row.market,
        )
        asked = OrderRequest(
            client=caller.party,
            external_id=row.external_id,
            buyer=row.buyer,
            request=place,
            service_level=row.service_level,
        )
        try:
            return place_order(service.means, asked, now=now).id, "created"
        except Nonsense as error:
            field = error.field.removeprefix("/lines/0")
            raise Nonsense(field, error.detail, error.code) from None

    return take_in(sheet, s.OrderRow, take)


def _asked(order: s.OrderIn, caller: Caller, service: Service) -> OrderRequest:
    """The order as the business knows it; a quote of this process is handed on as it stands."""
    waiting = service.desk.waiting(order.quote_id) if order.quote_id else None
    if waiting is not None and waiting.quote.client != caller.party:
        raise Unknown("quote", waiting.quote.id)
    contact = order.contact.model_dump(exclude_none=True) if order.contact else None
    return OrderRequest(
        client=caller.party,
        external_id=order.external_id,
        buyer=order.buyer,
        quote=None if waiting else order.quote_id,
        quoted=waiting,
        token=order.token,
        request=order.place.asked(caller.party) if order.place else None,
        service_level=order.service_level,
        contact=contact,
    )


@contextmanager
def _pointing_into_place(order: s.OrderIn) -> Iterator[None]:
    """What is wrong with the question within an order is pointed at there."""
    try:
        yield
    except Nonsense as error:
        if order.place is None or error.field.split("/")[1] not in s.QuoteIn.model_fields:
            raise
        raise Nonsense(f"/place{error.field}", error.detail, error.code) from None


def _promise(service: Service, caller: Caller, id: str) -> Promise:
    with service.means.store.read() as reading:
        kept = reading.get(Promise, id)
        client = reading.get(Order, kept.order).client
    own(caller, "promise", id, client)
    return kept
