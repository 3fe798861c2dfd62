"""The inbox: what waits for a planner, by money at stake and time left.

What would cost most for each hour that it still may wait stands first. A warning that a decision
is due soon is told on the recommendation's own row, not as a row beside it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.console.paper import go_to, page
from api.console.session import DECIDES, Form, SignedIn
from api.console.way import PageRoute
from api.console.words import BASES, plain, plainly
from api.errors import ForbiddenScope
from api.schemas import IdPath
from api.service import Now, Wired
from logistics.catalogue import Market, Product, Video
from logistics.decisions import Recommendation, RecommendationState, Verdict
from logistics.dispatch import Route
from logistics.errors import Nonsense
from logistics.exceptions import Case, CaseKind, CaseState, CaseStep
from logistics.network import Site
from logistics.store import Range, Reading
from logistics.workflows.attend import attend
from logistics.workflows.decide import UNDECIDED

router = APIRouter(prefix="/console", include_in_schema=False, route_class=PageRoute)

LEAST_LEFT = 0.25
"""Hours: what is due sooner is as pressing as this."""
CALM = 24.0
"""Hours that a thing without a time is taken to have."""
LONGEST_WORDS = 1000
MARKS = {
    "open": "+",
    "top_up": "↑",
    "extend": "→",
    "shrink": "↓",
    "drain": "↘",
    "close": "✕",
    "cancel": "✕",
}
"""The sign before a row, by what is recommended."""
WAITING = (CaseState.OPEN, CaseState.TAKEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the inbox: a recommendation or a case."""

    id: str
    title: str
    detail: str
    place: str
    site: str
    zone: str
    currency: str
    money: int
    due: datetime | None
    state: str
    owner: str
    ask: Recommendation | None = None
    case: Case | None = None
    soon: bool = False
    leads_to: str | None = None
    """The page of what the row is about."""

    def pressing(self, now: datetime) -> float:
        """Money at stake for each hour left."""
        left = CALM if self.due is None else (self.due - now) / timedelta(hours=1)
        return abs(self.money) / max(left, LEAST_LEFT)

    def speaks_of(self, words: str) -> bool:
        """Whether all the words stand in the row."""
        told = (self.title, self.detail, self.place, self.site, self.owner, self.state)
        text = " ".join(told).lower()
        return all(word in text for word in words.lower().split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What things are called."""

    markets: dict[str, Market]
    products: dict[str, Product]
    sites: dict[str, Site]
    videos: dict[str, Video]

    @property
    def called(self) -> dict[str, str]:
        """What texts call by their ids, with their names; codes with their words."""
        return {
            **{id: f"“{one.title}”" for id, one in self.videos.items()},
            **{id: one.name for id, one in self.products.items()},
            **{id: one.name for id, one in self.sites.items()},
            **{basis: plain(basis) for basis in BASES},
        }


def names(reading: Reading) -> Names:
    """The names of all markets, products, sites and videos."""
    return Names(
        markets={one.id: one for one in reading.find(Market)},
        products={one.id: one for one in reading.find(Product)},
        sites={one.id: one for one in reading.find(Site)},
        videos={one.id: one for one in reading.find(Video)},
    )


@router.post("/exceptions/{id}/handling")
def handle(id: IdPath, session: SignedIn, service: Wired, now: Now, form: Form) -> Response:
    """Take a case, give it back, settle it or put it aside."""
    if not session.decides:
        raise ForbiddenScope((DECIDES,))
    step, version = form.get("step", ""), form.get("version", "")
    if step not in {one.value for one in CaseStep}:
        raise Nonsense("step", "is none of those on the page")
    if not (version.isascii() and version.isdigit() and len(version) < 9):
        raise Nonsense("version", "is not that of the page")
    words = form.get("resolution", "").strip()
    if len(words) > LONGEST_WORDS:
        raise Nonsense("resolution", f"may have {LONGEST_WORDS} characters")
    attend(
        service.means,
        id,
        CaseStep(step),
        planner=session.planner,
        resolution=words or None,
        expected_version=int(version),
        now=now,
    )
    return go_to("/console")


@router.get("")
@router.get("/inbox")
def inbox(
    request: Request,
    session: SignedIn,
    service: Wired,
    now: Now,
    q: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """Show what waits."""
    undo = timedelta(seconds=service.means.policy.verdicts.undo)
    with service.means.store.read() as reading:
        rows = waiting(reading, now)
        said = reading.find(Verdict, planner=session.planner, at=Range(least=now - undo), sort="at")
        fresh = {one.recommendation: one for one in said}
        takeable = [
            (kept, verdict.at + undo)
            for id, verdict in fresh.items()
            if (kept := reading.get(Recommendation, id)).last_verdict == verdict.id
            and kept.carried_out_at is None
            and kept.state
            in {
                RecommendationState.APPROVED,
                RecommendationState.REJECTED,
                RecommendationState.AWAITING_SECOND,
            }
        ]
        known = names(reading)
    shown = sorted(
        (row for row in rows if row.speaks_of(q)), key=lambda row: (-row.pressing(now), row.id)
    )
    part = request.headers.get("hx-request") is not None
    return page(
        request,
        "inbox_rows.html" if part else "inbox.html",
        part=part,
        marks=MARKS,
        now=now,
        session=session,
        rows=shown,
        asks=sum(row.ask is not None for row in rows),
        cases=sum(row.case is not None for row in rows),
        takeable=takeable,
        undo_seconds=service.means.policy.verdicts.undo,
        known=known,
        q=q,
    )


def waiting(reading: Reading, now: datetime) -> list[Row]:
    """All open recommendations and cases, in no order."""
    known = names(reading)
    asks = reading.find(Recommendation, state=UNDECIDED)
    cases = reading.find(Case, state=WAITING)
    near = {case.subject for case in cases if case.kind is CaseKind.DECIDE_BY_NEAR}
    mine = {ask.id for ask in asks}
    rows = [_of_ask(ask, known, now, soon=ask.id in near) for ask in asks]
    rows += [_of_case(reading, case, known) for case in cases if case.subject not in mine]
    return rows


def _of_ask(ask: Recommendation, known: Names, now: datetime, *, soon: bool) -> Row:
    market, site = known.markets.get(ask.market), known.sites.get(ask.site)
    things = [known.products[id].name if id in known.products else id for id in ask.products]
    return Row(
        id=ask.id,
        title=", ".join(things),
        detail=_first_line(ask, known, market),
        place=market.name if market else ask.market,
        site=site.name if site else ask.site,
        zone=market.zone if market else "UTC",
        currency=market.currency if market else "USD",
        money=ask.expected_gain,
        due=ask.decide_by,
        state=ask.state.value,
        owner=ask.changed_by or "",
        ask=ask,
        soon=soon or ask.decide_by - now < timedelta(minutes=30),
    )


def _first_line(ask: Recommendation, known: Names, market: Market | None) -> str:
    """The first of its five lines, with names for ids and times in the market's zone."""
    line = ask.proposal.lines[0] if ask.proposal.lines else ""
    return plainly(line, known.called, market.zone if market else "UTC", ask.opened_at)


def _of_case(reading: Reading, case: Case, known: Names) -> Row:
    market = known.markets.get(case.market)
    return Row(
        id=case.id,
        title=case.kind.value.replace("_", " ").capitalize(),
        detail=plainly(case.detail, known.called, market.zone if market else "UTC", case.opened_at),
        place=market.name if market else case.market,
        site="",
        zone=market.zone if market else "UTC",
        currency=market.currency if market else "USD",
        money=case.money_at_stake,
        due=case.act_by,
        state=case.state.value,
        owner=case.owner or "",
        case=case,
        leads_to=_page_of(reading, case),
    )


def _page_of(reading: Reading, case: Case) -> str | None:
    """Where a planner sees what a case is about: its recommendation, or its route in the live day."""
    if case.subject.startswith("rec_"):
        return f"/console/recommendations/{case.subject}"
    if case.subject.startswith("rte_") and reading.maybe(Route, case.subject) is not None:
        return f"/console/live?market={quote(case.market)}#{case.subject}"
    return None
