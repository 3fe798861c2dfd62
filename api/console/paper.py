"""Where pages are drawn: templates with everything escaped, under a policy that runs no foreign code."""

from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api import problems
from api.console import words
from api.console.assets import address
from api.console.session import Session

HERE = Path(__file__).parent
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
THEMES = ("auto", "light", "dark")
SAID = (
    "money",
    "count",
    "share",
    "change",
    "clock",
    "moment",
    "short",
    "span",
    "until",
    "plain",
    "confidence",
    "dots",
    "named",
    "near",
    "plainly",
)


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update({name: getattr(words, name) for name in SAID})
    made.globals["file"] = address
    return made


TEMPLATES = _environment()


def page(
    request: Request,
    template: str,
    *,
    now: datetime,
    session: Session | None = None,
    status: int = problems.OK,
    **facts: Any,
) -> Response:
    """A page with what every page knows: who reads it, the moment, and how they like it."""
    theme = request.cookies.get("theme", "auto")
    text = TEMPLATES.get_template(template).render(
        now=now,
        session=session,
        here=request.url.path,
        theme=theme if theme in THEMES else "auto",
        keys=request.cookies.get("keys", "on") != "off",
        **facts,
    )
    return HTMLResponse(text, status_code=status, headers=HEADERS)


def go_to(path: str) -> Response:
    """Send the browser on to a page, which a reload then shows again without doing anything."""
    return RedirectResponse(path, status_code=problems.SEE_OTHER, headers=HEADERS)


def inside(path: str | None, otherwise: str = "/console") -> str:
    """The path, where it leads to a page of the console."""
    ours = path is not None and (path == "/console" or path.startswith("/console/"))
    plain = path is not None and path.isprintable() and "\\" not in path
    return path if path is not None and ours and plain else otherwise
