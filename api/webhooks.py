"""Telling callers what happened: signed, repeated by a table, and never to an address inside.

Signatures, headers and the table of repeats follow Standard Webhooks (standardwebhooks.com). Each
event that an endpoint wants becomes one delivery; deliveries are remembered, so a process that
dies loses none, and the receiver may see one twice under the same `webhook-id`. An endpoint that
keeps failing is disabled after the table's end and must be enabled again by its owner.

A name is resolved once for each try and that very address is connected to, so a name that
changes its mind between the look and the call leads nowhere.
"""

import base64
import ipaddress
import logging
import secrets
import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import httpx
from standardwebhooks import Webhook

from api.errors import ForbiddenAddress
from api.feed import Reader, show
from api.sealing import seal, unseal
from api.service import Service
from logistics.access import Role
from logistics.events import Event
from logistics.outbox import ENDPOINT, EndpointState, EndpointStep, WebhookDelivery, WebhookEndpoint
from logistics.store import Range, Store

log = logging.getLogger("surgeport.webhooks")

REPEATS = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""How long after the try before it each try is made (Standard Webhooks, "Retries")."""
DISABLED_AFTER = timedelta(hours=76)
PATIENCE = 15.0
"""Seconds that a receiver has to answer."""
AT_ONCE = 200
PURPOSE = "webhook secret"
LOCAL = "http"

Resolve = Callable[[str, int], Iterable[str]]


def resolve(host: str, port: int) -> tuple[str, ...]:
    """All addresses of a host.

    Raises:
        ForbiddenAddress: where it has none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise ForbiddenAddress(f"{host} has no address") from None
    return tuple(dict.fromkeys(str(one[4][0]) for one in found))


def reachable(url: str, *, to_inside: bool = False, resolve: Resolve = resolve) -> str:
    """The address that a webhook to this url may connect to.

    Raises:
        ForbiddenAddress: where the url is no https url, or any of its addresses lies inside.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ForbiddenAddress("this is no address") from None
    plain = parts.scheme == LOCAL and to_inside
    if not host or parts.username or not (plain or parts.scheme == "https"):
        raise ForbiddenAddress("a webhook goes to an https address without a user name")
    addresses = tuple(resolve(host, port or (80 if plain else 443)))
    for address in addresses:
        if not to_inside and not outside(address):
            raise ForbiddenAddress(f"{host} leads inside")
    return addresses[0]


def outside(address: str) -> bool:
    """Whether an address is one of the public internet."""
    known = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    if isinstance(known, ipaddress.IPv6Address) and known.ipv4_mapped is not None:
        known = known.ipv4_mapped
    return known.is_global and not known.is_multicast


def new_secret(service: Service) -> tuple[str, str]:
    """A secret as its owner sees it, once, and as it is kept."""
    text = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    return text, seal(text, service.means.secret, PURPOSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one try: a code, or why there is none."""

    code: int | None = None
    error: str | None = None

    @property
    def taken(self) -> bool:
        """Whether the receiver has it."""
        return self.code is not None and httpx.codes.is_success(self.code)


class Sender:
    """Makes out deliveries and carries them out; the leading clock calls it."""

    def __init__(self, service: Service, client: httpx.Client) -> None:
        self._service, self._client = service, client

    @property
    def _store(self) -> Store:
        return self._service.means.store

    def send_due(self, now: datetime) -> int:
        """Make out what is new, try what is due; returns how many were taken."""
        self._make_out(now)
        with self._store.read() as reading:
            due = reading.find(
                WebhookDelivery,
                sort="next_try_at",
                limit=AT_ONCE,
                next_try_at=Range(below=now + timedelta(microseconds=1)),
            )
        return sum(self._try(delivery, now) for delivery in due)

    def _make_out(self, now: datetime) -> None:
        """One delivery for each event that an endpoint wants, and its cursor moved on with them."""
        with self._store.read() as reading:
            endpoints = reading.find(
                WebhookEndpoint, state=(EndpointState.ACTIVE, EndpointState.FAILING)
            )
            position = reading.position()
        for endpoint in endpoints:
            if endpoint.cursor < position:
                self._make_out_for(endpoint.id, now)

    def _make_out_for(self, id: str, now: datetime) -> None:
        with self._store.begin() as deed:
            endpoint = deed.lock(WebhookEndpoint, id)
            wanted = Range(least=endpoint.cursor + 1)
            events = deed.find(Event, sort="position", limit=AT_ONCE, position=wanted)
            deed.add_all(_deliveries(endpoint, events, now))
            if events:
                deed.change(endpoint, cursor=events[-1].position)

    def _try(self, delivery: WebhookDelivery, now: datetime) -> bool:
        with self._store.read() as reading:
            endpoint = reading.maybe(WebhookEndpoint, delivery.endpoint)
            event = reading.get(Event, delivery.event)
        if endpoint is None or endpoint.state is EndpointState.DISABLED:
            return self._write(delivery, Answer(error="the endpoint is gone or disabled"), now)
        return self._write(delivery, self._post(endpoint, event, now), now)

    def _post(self, endpoint: WebhookEndpoint, event: Event, now: datetime) -> Answer:
        secret = unseal(endpoint.secret, self._service.means.secret, PURPOSE)
        if secret is None:
            return Answer(error="the endpoint's secret was sealed by another service secret")
        body = show(event).model_dump_json()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "surgeport-webhooks/1",
            "webhook-id": event.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(secret).sign(event.id, now, body),
        }
        try:
            return Answer(code=self._send(endpoint.url, body, headers))
        except (ForbiddenAddress, httpx.HTTPError, httpx.InvalidURL) as error:
            return Answer(error=f"{type(error).__name__}: {error}"[:200])

    def _send(self, url: str, body: str, headers: dict[str, str]) -> int:
        """Connect to the very address that was looked at; redirects are not followed."""
        address = reachable(url, to_inside=self._service.settings.webhooks_to_inside)
        named = httpx.URL(url)
        request = self._client.build_request(
            "POST",
            named.copy_with(host=address),
            content=body,
            headers={**headers, "Host": named.netloc.decode()},
            extensions={"sni_hostname": named.host},
            timeout=PATIENCE,
        )
        return self._client.send(request).status_code

    def _write(self, delivery: WebhookDelivery, answer: Answer, now: datetime) -> bool:
        with self._store.begin() as deed:
            kept = deed.lock(WebhookDelivery, delivery.id)
            if kept.delivered_at is not None:
                return False
            tries = kept.tries + 1
            endpoint = deed.maybe(WebhookEndpoint, kept.endpoint)
            again = _next_try(tries, now) if endpoint and not answer.taken else None
            if endpoint is not None and endpoint.state is EndpointState.DISABLED:
                again = None
            deed.change(
                kept,
                tries=tries,
                next_try_at=again,
                delivered_at=now if answer.taken else None,
                last_code=answer.code,
                last_error=answer.error,
            )
            if endpoint is not None:
                stands = _standing(deed.lock(WebhookEndpoint, endpoint.id), answer, now)
                if stands != endpoint:
                    deed.change(stands)
        return answer.taken


def _deliveries(
    endpoint: WebhookEndpoint, events: Iterable[Event], now: datetime
) -> Iterator[WebhookDelivery]:
    reader = Reader(role=Role(endpoint.role), party=endpoint.party, types=endpoint.types)
    for event in events:
        if reader.wants(event):
            yield WebhookDelivery(
                id=f"whd_{endpoint.id}~{event.id}",
                endpoint=endpoint.id,
                event=event.id,
                position=event.position,
                tries=0,
                next_try_at=now,
            )


def _next_try(tries: int, now: datetime) -> datetime | None:
    return now + REPEATS[tries] if tries < len(REPEATS) else None


def _standing(endpoint: WebhookEndpoint, answer: Answer, now: datetime) -> WebhookEndpoint:
    """How an endpoint stands after a try."""
    if endpoint.state is EndpointState.DISABLED:
        return endpoint
    if answer.taken:
        return _stepped(endpoint, EndpointStep.RECOVER, failing_since=None)
    failing_since = endpoint.failing_since or now
    if now - failing_since >= DISABLED_AFTER:
        log.warning("webhook endpoint %s is disabled", endpoint.id)
        return _stepped(endpoint, EndpointStep.DISABLE, failing_since=failing_since)
    return _stepped(endpoint, EndpointStep.FAIL, failing_since=failing_since)


def _stepped(
    endpoint: WebhookEndpoint, step: EndpointStep, *, failing_since: datetime | None
) -> WebhookEndpoint:
    """One step where the life allows it; a failing endpoint that fails stays as it is."""
    if step.value not in ENDPOINT.allowed(endpoint.state):
        return endpoint
    state = ENDPOINT.after(endpoint.state, step)
    return replace(endpoint, state=state, failing_since=failing_since)
