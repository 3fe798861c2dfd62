"""The decision log: what planners said, of what, why, and what it is now; and each decision's record.

The newest stand first. A first verdict's reason stays hidden from whoever has yet to give the second.
A record has the hashes of what was read and of what came out, and can be computed again.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.console.pages.inbox import names
from api.console.paper import page
from api.console.session import SignedIn
from api.console.way import PageRoute
from api.errors import ForbiddenScope
from api.schemas import IdPath
from api.service import Now, Wired
from logistics.decisions import Recommendation, Verdict, hides_reason
from logistics.records import DecisionRecord
from logistics.store import Range
from logistics.workflows.replay import replay

router = APIRouter(prefix="/console", include_in_schema=False, route_class=PageRoute)

NEWEST = 100
WEEK = timedelta(days=7)
AUDITS = "audit:read"
REASONS = {
    "needs_a_solver": "It came of a solver, which no page runs. What it read is kept whole: the "
    "inputs still have the hash above.",
    "code_version_missing": "Other code made it than runs here.",
    "inputs_changed": "What is kept of its inputs has another hash than the one above: it was changed.",
}
"""Why a decision cannot be computed again, in words."""


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
        lately = reading.find(Verdict, at=Range(least=now - WEEK))
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
    against = Counter(one.reason_code for one in lately if one.reason_code is not None)
    return page(
        request,
        "log.html",
        now=now,
        session=session,
        entries=entries,
        newest=NEWEST,
        lately=sum(not one.automatic for one in lately),
        against=against.most_common(),
    )


@router.get("/decisions/{id}")
def record(
    id: IdPath,
    request: Request,
    session: SignedIn,
    service: Wired,
    now: Now,
    again: Annotated[bool, Query()] = False,  # noqa: FBT002  a query's default
) -> Response:
    """Show what a decision was made of, and what comes of computing it again."""
    if AUDITS not in session.scopes:
        raise ForbiddenScope((AUDITS,))
    with service.means.store.read() as reading:
        kept = reading.get(DecisionRecord, id)
        told = replay(reading, id) if again else None
    return page(
        request,
        "record.html",
        now=now,
        session=session,
        record=kept,
        replay=told,
        reason=REASONS.get(told.reason or "", told.reason) if told else None,
    )
