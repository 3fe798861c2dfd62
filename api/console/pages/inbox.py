"""The inbox: what waits for a planner, by money at stake and time left.

What would cost most for each hour that it still may wait stands first. A warning that a decision
is due soon is told on the recommendation's own row, not as a row beside it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.console.paper import page
from api.console.session import SignedIn
from api.console.way import PageRoute
from api.service import Now, Wired
from logistics.catalogue import Market, Product
from logistics.decisions import Recommendation, RecommendationState, Verdict
from logistics.exceptions import Case, CaseKind, CaseState
from logistics.network import Site
from logistics.store import Range, Reading
from logistics.workflows.decide import UNDECIDED

router = APIRouter(prefix="/console", include_in_schema=False, route_class=PageRoute)

LEAST_LEFT = 0.25
"""Hours: what is due sooner is as pressing as this."""
CALM = 24.0
"""Hours that a thing without a time is taken to have."""
WAITING = (CaseState.OPEN, CaseState.TAKEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the inbox: a recommendation or a case."""

    id: str
    title: str
    detail: str
    place: str
    zone: str
    currency: str
    money: int
    due: datetime | None
    state: str
    owner: str
    ask: Recommendation | None = None
    case: Case | None = None
    soon: bool = False

    def pressing(self, now: datetime) -> float:
        """Money at stake for each hour left."""
        left = CALM if self.due is None else (self.due - now) / timedelta(hours=1)
        return abs(self.money) / max(left, LEAST_LEFT)

    def speaks_of(self, words: str) -> bool:
        """Whether all the words stand in the row."""
        text = f"{self.title} {self.detail} {self.place} {self.owner} {self.state}".lower()
        return all(word in text for word in words.lower().split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What things are called."""

    markets: dict[str, Market]
    products: dict[str, Product]
    sites: dict[str, Site]


def names(reading: Reading) -> Names:
    """The names of all markets, products and sites."""
    return Names(
        markets={one.id: one for one in reading.find(Market)},
        products={one.id: one for one in reading.find(Product)},
        sites={one.id: one for one in reading.find(Site)},
    )


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
    return page(
        request,
        "inbox.html" if request.headers.get("hx-request") is None else "inbox_rows.html",
        now=now,
        session=session,
        rows=shown,
        asks=sum(row.ask is not None for row in rows),
        cases=sum(row.case is not None for row in rows),
        takeable=takeable,
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
    rows += [_of_case(case, known) for case in cases if case.subject not in mine]
    return rows


def _of_ask(ask: Recommendation, known: Names, now: datetime, *, soon: bool) -> Row:
    market, site = known.markets.get(ask.market), known.sites.get(ask.site)
    things = [known.products[id].name if id in known.products else id for id in ask.products]
    return Row(
        id=ask.id,
        title=", ".join(things),
        detail=ask.proposal.lines[0] if ask.proposal.lines else "",
        place=f"{market.name if market else ask.market}, {site.name if site else ask.site}",
        zone=market.zone if market else "UTC",
        currency=market.currency if market else "USD",
        money=ask.expected_gain,
        due=ask.decide_by,
        state=ask.state.value,
        owner=ask.changed_by or "",
        ask=ask,
        soon=soon or ask.decide_by - now < timedelta(minutes=30),
    )


def _of_case(case: Case, known: Names) -> Row:
    market = known.markets.get(case.market)
    return Row(
        id=case.id,
        title=case.kind.value.replace("_", " ").capitalize(),
        detail=case.detail,
        place=market.name if market else case.market,
        zone=market.zone if market else "UTC",
        currency=market.currency if market else "USD",
        money=case.money_at_stake,
        due=case.act_by,
        state=case.state.value,
        owner=case.owner or "",
        case=case,
    )
