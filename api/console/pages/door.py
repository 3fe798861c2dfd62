"""In and out of the console, how it looks, and what the keys do."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api import problems
from api.console.paper import THEMES, go_to, inside, page
from api.console.session import COOKIE, PATH, Fields, Form, SignedIn, begin, keep, require_ours
from api.console.way import PageRoute
from api.errors import ForbiddenScope, Unauthenticated
from api.service import Now, Wired

router = APIRouter(prefix="/console", include_in_schema=False, route_class=PageRoute)

YEAR = 365 * 24 * 3600


@router.get("/sign-in")
def sign_in(request: Request, now: Now, back: Annotated[str | None, Query()] = None) -> Response:
    """Show where to sign in."""
    return page(request, "sign_in.html", now=now, back=inside(back), notice=None)


@router.post("/sign-in")
def signed_in(request: Request, service: Wired, now: Now, fields: Fields) -> Response:
    """Begin a session with a planner's key."""
    require_ours(request)
    back, text = str(fields.get("back", "")), str(fields.get("key", ""))
    try:
        session = begin(service, text, now)
    except (Unauthenticated, ForbiddenScope) as error:
        told = (
            "This key is not known, or it has ended. Check it, or ask the operator for another."
            if isinstance(error, Unauthenticated)
            else "This key is not a planner's. The console is for planners; ask for such a key."
        )
        status = problems.row_of(error).status.value
        return page(request, "sign_in.html", now=now, status=status, back=inside(back), notice=told)
    response = go_to(inside(back))
    keep(request, service, session, response)
    return response


@router.post("/sign-out")
def sign_out(form: Form) -> Response:  # noqa: ARG001  the form is checked, and says no more
    """End the session in this browser."""
    response = go_to("/console/sign-in")
    response.delete_cookie(COOKIE, path=PATH)
    return response


@router.post("/looks")
def looks(request: Request, fields: Fields) -> Response:
    """Keep how this browser wants the console: its theme, and whether keys do things."""
    require_ours(request)
    response = go_to(inside(str(fields.get("back", ""))))
    for name, allowed in (("theme", THEMES), ("keys", ("on", "off"))):
        if (wanted := fields.get(name)) in allowed:
            response.set_cookie(name, str(wanted), max_age=YEAR, path=PATH, samesite="lax")
    return response


@router.get("/session")
def lasts(session: SignedIn) -> Response:  # noqa: ARG001  that it is one is all that is asked
    """Say that the session lasts; where it does not, the way out leads to the sign-in."""
    return Response(status_code=problems.NO_CONTENT)


@router.get("/help")
def keys(request: Request, session: SignedIn, now: Now) -> Response:
    """Show what the keys do."""
    return page(request, "help.html", now=now, session=session)
