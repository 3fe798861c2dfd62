"""A plain client that asks an application in this process, without a socket."""

import asyncio

import httpx


class Inside(httpx.BaseTransport):
    """Hands each request to the application and waits for its whole answer."""

    def __init__(self, app):
        self._asgi = httpx.ASGITransport(app, raise_app_exceptions=False)

    def handle_request(self, request):
        return asyncio.run(self._ask(request.method, request.url, request.headers, request.read()))

    async def _ask(self, method, url, headers, content):
        inner = httpx.Request(method, url, headers=headers, content=content)
        answer = await self._asgi.handle_async_request(inner)
        body = b"".join([part async for part in answer.aiter_raw()])
        return httpx.Response(answer.status_code, headers=answer.headers, content=body)


def client_of(app):
    return httpx.Client(transport=Inside(app), base_url="https://surgeport.test")
