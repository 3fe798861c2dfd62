"""A page's way in and out: whatever goes wrong on it is told as a page, in a sentence.

Who is not signed in is led to the sign-in; a form that comes too late says that nothing was done.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api import problems
from api.console.paper import go_to, inside, page
from api.errors import DoorError, Fault, Invalid, Unauthenticated
from api.service import service_of
from logistics.errors import SurgeportError

Answering = Callable[[Request], Coroutine[Any, Any, Response]]


class PageRoute(APIRoute):
    """A route that answers errors with pages."""

    def get_route_handler(self) -> Answering:
        """The handler of the framework, its errors drawn."""
        answer = super().get_route_handler()

        async def drawn(request: Request) -> Response:
            try:
                return await answer(request)
            except Unauthenticated as error:
                return to_sign_in(request, error)
            except (DoorError, SurgeportError) as error:
                return wrong(request, error)
            except RequestValidationError:
                return wrong(request, _unread())
            except HTTPException:
                return wrong(request, _unread())

        return drawn


def to_sign_in(request: Request, error: Unauthenticated) -> Response:
    """Lead to the sign-in; a form that was sent says that nothing was done.

    A part of a page is asked for by a script: it is told, and leaves the page as it is, with all
    that was typed on it.
    """
    if request.headers.get("hx-request") is not None:
        return Response(status_code=problems.NO_CONTENT, headers={"HX-Trigger": "signed-out"})
    if request.method == "GET":
        return go_to(f"/console/sign-in?back={inside(request.url.path)}")
    back = request.headers.get("referer", "").partition(request.url.netloc)[2]
    return page(
        request,
        "sign_in.html",
        now=service_of(request).clock(),
        status=problems.row_of(error).status.value,
        back=inside(back),
        notice=f"{error} Nothing was done: sign in and do it again.",
    )


def wrong(request: Request, error: Exception) -> Response:
    """An error as a page."""
    row = problems.row_of(error)
    told = problems.document(error)
    return page(
        request,
        "problem.html",
        now=service_of(request).clock(),
        status=row.status.value,
        title=row.title,
        detail=told["detail"],
        advice=ADVICE.get(row.slug, row.advice),
    )


ADVICE = {
    "forbidden-scope": "The console is for planners. Ask the operator for a planner's key.",
    "not-found": "Go back to the inbox: it lists everything that waits for a decision.",
    "foreign-form": "Nothing was done. Open the page anew and send its form again.",
    "validation-failed": "Nothing was done. Go back, mend the field and send the form again.",
}
"""What to do, for somebody at a page; elsewhere what the problem's own page advises."""


def _unread() -> Invalid:
    return Invalid([Fault(at="", code="form", detail="the form cannot be read")])
