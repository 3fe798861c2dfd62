"""The application: all doors behind one gate, every error a problem.

The routes are listed here and nowhere else. What runs beside the requests (the board's refresh,
the clock, the webhooks) is started and stopped with the application.
"""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import anyio
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api import health, problems
from api.carriers import fleet, reports, routes
from api.clock import Clock
from api.commerce import orders, quotes
from api.common import events, operations, pages, privacy, webhooks
from api.console.pages import CONSOLE
from api.document import describe, queries
from api.errors import Broken, Fault, Invalid, NoSuchMethod, NoSuchPath
from api.gate import Gate
from api.operators import calendars, files, keys
from api.operators import endpoints as operators
from api.planners import (
    beliefs,
    cases,
    judgement,
    plans,
    recommendations,
    records,
    scenarios,
    supply,
)
from api.platforms import endpoints as platforms
from api.service import Service
from api.spaces import endpoints as spaces

log = logging.getLogger("surgeport.app")

ROUTERS = (
    health.router,
    pages.router,
    events.router,
    operations.router,
    webhooks.router,
    platforms.router,
    operators.router,
    calendars.router,
    files.router,
    keys.router,
    beliefs.router,
    judgement.router,
    recommendations.router,
    scenarios.router,
    supply.router,
    plans.router,
    plans.slots,
    cases.router,
    records.router,
    routes.router,
    reports.router,
    fleet.router,
    quotes.router,
    orders.router,
    spaces.router,
    privacy.router,
    *CONSOLE,
)


def make_app(service: Service, clock: Clock | None = None) -> FastAPI:
    """The application over one service; with a clock, it asks for the lead while it serves."""
    app = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        dependencies=[Depends(_known_query)],
    )
    app.state.service = service
    app.state.clock = clock
    for router in ROUTERS:
        app.include_router(router)
    app.add_middleware(Gate)
    for error in problems.TOLD:
        app.add_exception_handler(error, _told)
    app.add_exception_handler(RequestValidationError, _misshapen)
    app.add_exception_handler(HTTPException, _by_framework)
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]  # FastAPI's own way to say it
    app.add_api_route("/openapi.json", app.openapi, include_in_schema=False)
    return app


async def _known_query(request: Request) -> None:
    """Refuse a query that nobody reads: a filter with a slip in its name would show everything."""
    path = request.url.path
    if not request.query_params or not path.startswith("/v1/"):
        return
    known = queries(request.app)[request.method, request.scope["route"].path]
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        said = "is no parameter here"
        raise Invalid(Fault(at=f"/{n}", code="extra", detail=said, place="query") for n in unknown)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Keep the board fresh and write down what was said while requests are served."""
    service: Service = app.state.service
    clock: Clock | None = app.state.clock
    await run_in_threadpool(service.desk.refresh, service.clock())
    if clock is not None:
        await run_in_threadpool(clock.start)
    async with anyio.create_task_group() as chores:
        for seconds, chore in CHORES:
            chores.start_soon(_again_and_again, seconds, chore, service)
        yield
        service.stopping.set()
        chores.cancel_scope.cancel()
    if clock is not None:
        await run_in_threadpool(clock.stop)
    for _, chore in CHORES:
        await run_in_threadpool(chore, service)


def _flush(service: Service) -> None:
    service.desk.flush(service.clock())


def _refresh(service: Service) -> None:
    service.desk.refresh(service.clock())


def _note_use(service: Service) -> None:
    service.keys.note_use()


CHORES = ((0.5, _flush), (0.5, _refresh), (60.0, _note_use))
"""What each process does beside its requests, and how often in seconds."""


async def _again_and_again(
    seconds: float, chore: Callable[[Service], None], service: Service
) -> None:
    while True:
        await anyio.sleep(seconds)
        try:
            await run_in_threadpool(chore, service)
        except Exception:
            log.exception("a chore failed; it is tried again")


async def _told(request: Request, error: Exception) -> Response:
    return problems.answer(error, request.url.path)


async def _misshapen(request: Request, error: Exception) -> Response:
    faults = [_fault(one) for one in cast("RequestValidationError", error).errors()]
    return problems.answer(Invalid(_own(faults)), request.url.path)


def _own(faults: list[Fault]) -> list[Fault]:
    """The faults without lists that are too short only because their items are at fault."""
    within = {one.at.rpartition("/")[0] for one in faults}
    within |= {above.rpartition("/")[0] for above in within}
    return [one for one in faults if one.code != "too_short" or one.at not in within]


def _fault(one: dict[str, Any]) -> Fault:
    """A fault as pydantic tells it, with a JSON Pointer; what was sent is not told again."""
    place, *steps = one["loc"]
    if one["type"] == "json_invalid":
        return Fault(at="", code="json", detail=f"is no JSON: {one['ctx']['error']}")
    pointer = "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)
    detail = str(one["msg"]).removeprefix("Value error, ")
    return Fault(at=pointer, code=one["type"], detail=detail, place=str(place))


async def _by_framework(request: Request, error: Exception) -> Response:
    """What the framework itself refuses: an unknown path or method, a body that is no JSON."""
    path, status = request.url.path, cast("HTTPException", error).status_code
    said: dict[str, Exception] = {
        "not-found": NoSuchPath(path),
        "method-not-allowed": NoSuchMethod(request.method, _methods(path)),
    }
    for slug, told in said.items():
        if status == problems.PAGES[slug].status:
            return problems.answer(told, path)
    if status < problems.SERVER_FAULTS:
        fault = Fault(at="", code="body", detail="cannot be read")
        return problems.answer(Invalid([fault]), path)
    return problems.answer(Broken(), path)


def _methods(path: str) -> list[str]:
    """All methods that are answered at a path."""
    routes = [route for router in ROUTERS for route in router.routes]
    here = [r for r in routes if isinstance(r, APIRoute) and r.path_regex.match(path)]
    return sorted({method for route in here for method in route.methods or ()})
