"""The decision log: what planners said, of what, why, and what it is now.

The newest stand first. A first verdict's reason stays hidden from whoever has yet to give the second.
"""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.console.pages.inbox import names
from api.console.paper import page
from api.console.session import SignedIn
from api.console.way import PageRoute
from api.service import Now, Wired
from logistics.decisions import Recommendation, Verdict, hides_reason

router = APIRouter(prefix="/console", include_in_schema=False, route_class=PageRoute)

NEWEST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One verdict with what it was about."""

    verdict: Verdict
    about: Recommendation
    place: str
    zone: str
    currency: str
    hidden: bool


@router.get("/log")
def log(request: Request, session: SignedIn, service: Wired, now: Now) -> Response:
    """Show the newest verdicts."""
    with service.means.store.read() as reading:
        known = names(reading)
        said = reading.find(Verdict, sort="at", descending=True, limit=NEWEST)
        entries = []
        for verdict in said:
            about = reading.get(Recommendation, verdict.recommendation)
            market, site = known.markets.get(about.market), known.sites.get(about.site)
            entries.append(
                Entry(
                    verdict=verdict,
                    about=about,
                    place=f"{market.name if market else about.market}, "
                    f"{site.name if site else about.site}",
                    zone=market.zone if market else "UTC",
                    currency=market.currency if market else "USD",
                    hidden=hides_reason(verdict, about, session.planner),
                )
            )
    return page(request, "log.html", now=now, session=session, entries=entries, newest=NEWEST)
