"""The page behind each problem's `type`: what it means and what to do about it."""

from html import escape
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import HTMLResponse

from api import problems
from api.errors import NoSuchPath

router = APIRouter(tags=["problems"])

Slug = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,64}$")]


@router.get("/problems/{slug}", response_class=HTMLResponse)
def page(slug: Slug) -> HTMLResponse:
    """Explain one kind of problem."""
    if (row := problems.PAGES.get(slug)) is None:
        raise NoSuchPath(f"/problems/{slug}")
    title, advice = escape(row.title), escape(row.advice)
    return HTMLResponse(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f"<h1>{title}</h1><p>{row.status.value} <code>{row.slug}</code></p><p>{advice}</p></html>"
    )
