"""Where callers say to which address events are sent, and see how that goes."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Response, Security

from api.answers import Listed, tagged
from api.auth import Caller, admitted
from api.common import schemas as s
from api.feed import known_types
from api.idempotency import Made, UnderKey
from api.problems import CREATED, NO_CONTENT
from api.schemas import Id, IdPath, Page
from api.service import Now, Wired
from api.webhooks import new_secret, reachable
from logistics.errors import Unknown
from logistics.events import EVENT_TYPES
from logistics.outbox import ENDPOINT, EndpointState, EndpointStep, WebhookDelivery, WebhookEndpoint
from logistics.store import Reading
from logistics.workflows.means import Means

router = APIRouter(prefix="/v1", tags=["webhooks"])

Listener = Annotated[Caller, Security(admitted, scopes=["webhooks:write"])]


@router.post("/webhook-endpoints", status_code=CREATED, response_model=s.NewEndpointOut)
def make(
    endpoint: s.EndpointIn, caller: Listener, service: Wired, once: UnderKey, now: Now
) -> Response:
    """Register an address; the secret that signs what is sent there is shown in this answer only."""
    types = known_types(endpoint.types, EVENT_TYPES)
    reachable(endpoint.url, to_inside=service.settings.webhooks_to_inside)

    def deed(means: Means) -> Made:
        text, sealed = new_secret(service)
        with means.store.begin() as deed:
            kept = deed.add(
                WebhookEndpoint(
                    id=means.ids.new("whk", now),
                    party=caller.party,
                    role=caller.role.value,
                    url=endpoint.url,
                    types=types,
                    secret=sealed,
                    state=EndpointState.ACTIVE,
                    created_at=now,
                    cursor=deed.position(),
                )
            )
        shown = {**s.EndpointOut.model_validate(kept).model_dump(), "secret": text}
        where = {"Location": f"/v1/webhook-endpoints/{kept.id}"}
        return Made(body=s.NewEndpointOut(**shown), headers=where)

    return once.answer(deed)


@router.get("/webhook-endpoints/{id}")
def endpoint(id: IdPath, caller: Listener, service: Wired, response: Response) -> s.EndpointOut:
    """Show an endpoint."""
    with service.means.store.read() as reading:
        return tagged(response, _own(reading, id, caller), s.EndpointOut)


@router.get("/webhook-endpoints")
def endpoints(caller: Listener, listed: Listed) -> Page[s.EndpointOut]:
    """List the caller's endpoints."""
    return listed.page(WebhookEndpoint, s.EndpointOut.model_validate, where={"party": caller.party})


@router.put("/webhook-endpoints/{id}/activation")
def enable(id: IdPath, caller: Listener, service: Wired, response: Response) -> s.EndpointOut:
    """Enable a disabled endpoint; what it missed is in the feed."""
    with service.means.store.begin() as deed:
        _own(deed, id, caller)
        kept = deed.lock(WebhookEndpoint, id)
        state = ENDPOINT.after(kept.state, EndpointStep.ENABLE)
        at = deed.position()
        changed = deed.change(kept, state=state, cursor=at, failing_since=None)
    return tagged(response, changed, s.EndpointOut)


@router.delete("/webhook-endpoints/{id}", status_code=NO_CONTENT)
def forget(id: IdPath, caller: Listener, service: Wired) -> Response:
    """Send nothing there any more."""
    with service.means.store.begin() as deed:
        _own(deed, id, caller)
        deed.forget(WebhookEndpoint, id)
    return Response(status_code=NO_CONTENT)


@router.get("/webhook-deliveries")
def deliveries(
    endpoint: Id, caller: Listener, service: Wired, listed: Listed
) -> Page[s.DeliveryOut]:
    """List what was sent to an endpoint, and how that went."""
    with service.means.store.read() as reading:
        _own(reading, endpoint, caller)
    return listed.page(WebhookDelivery, s.DeliveryOut.model_validate, {"endpoint": endpoint})


@router.post(
    "/webhook-deliveries/{id}/redelivery", status_code=CREATED, response_model=s.DeliveryOut
)
def redeliver(id: IdPath, caller: Listener, once: UnderKey, now: Now) -> Response:
    """Send an event to its endpoint once more, with the whole table of repeats."""

    def deed(means: Means) -> Made:
        with means.store.begin() as deed:
            kept = deed.lock(WebhookDelivery, id)
            _own(deed, kept.endpoint, caller)
            fresh = replace(kept, tries=0, next_try_at=now, delivered_at=None)
            return Made(body=s.DeliveryOut.model_validate(deed.change(fresh)))

    return once.answer(deed)


def _own(reading: Reading, id: str, caller: Caller) -> WebhookEndpoint:
    """The caller's endpoint; nobody sees another's, an operator neither."""
    kept = reading.get(WebhookEndpoint, id)
    if (kept.party, kept.role) != (caller.party, caller.role.value):
        raise Unknown("webhook-endpoint", id)
    return kept
