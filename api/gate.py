"""Where every request comes in: it gets an id, is weighed, known, counted, and always answered.

The order matters: who asks is known before anything else is said, so a stranger learns nothing
from an error; a body is measured before it is read as anything. An error that nobody expected is
a fault of ours: it is logged under the request's id and told without its innards. Neither bodies
nor keys are ever logged.
"""

import logging
import re
import secrets
import time

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from api.errors import Broken, DoorError
from api.limits import body_limit, read_again, require_kind, whole_body
from api.service import Service

log = logging.getLogger("surgeport.gate")

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
SAFE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
}
"""Headers of every answer; a page that needs more says its own policy."""


class Gate:
    """The outermost room of the application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] == "HEAD":  # as GET, without the body, which the server leaves out
            scope = {**scope, "method": "GET"}
        service: Service = scope["app"].state.service
        passage = Passage(scope, send)
        try:
            body = await self._weigh(service, scope, receive, passage)
            await self._app(scope, read_again(body, receive), passage.send)
        except DoorError as error:
            await passage.refuse(error, receive)
        except Exception:
            log.exception("request %s failed", passage.id)
            await passage.refuse(Broken(), receive)
        finally:
            passage.count(service)

    async def _weigh(
        self, service: Service, scope: Scope, receive: Receive, passage: "Passage"
    ) -> bytes:
        path: str = scope["path"]
        state = scope.setdefault("state", {})
        if path.startswith("/v1/"):
            header = Headers(scope=scope).get("authorization")
            caller = service.keys.remembered(header)
            state["caller"] = caller or await run_in_threadpool(service.keys.caller, header)
            passage.headers |= service.rates.take(state["caller"].key)
            passage.headers.setdefault("Cache-Control", "no-store")
        usual, batch = service.settings.body_limit, service.settings.batch_limit
        state["body"] = await whole_body(scope, receive, body_limit(path, usual, batch))
        if path.startswith("/v1/"):
            require_kind(scope, state["body"])
        return bytes(state["body"])


class Passage:
    """One request on its way through, and what its answer must carry."""

    def __init__(self, scope: Scope, send: Send) -> None:
        given = Headers(scope=scope).get("x-request-id", "")
        self.id = given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        self.headers = {**SAFE, "X-Request-Id": self.id}
        self._scope, self._send = scope, send
        self._began = time.perf_counter()
        self._status = 0

    async def send(self, message: Message) -> None:
        """Pass a message on; the first one gets the headers."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in self.headers.items():
                headers.setdefault(name, value)
        await self._send(message)

    async def refuse(self, error: DoorError, receive: Receive) -> None:
        """Answer with a problem, unless an answer is under way already."""
        if self._status == 0:
            response = problems.answer(error, self._scope["path"])
            await response(self._scope, receive, self.send)

    def count(self, service: Service) -> None:
        """Tell the figures, under the path's template."""
        route = self._scope.get("route")
        path = getattr(route, "path", "unknown")
        seconds = time.perf_counter() - self._began
        service.telemetry.answered(self._scope["method"], path, self._status, seconds)
