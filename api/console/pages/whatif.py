"""What if: a recommendation asked again with other demand, stock, days, vans or hours, side by side.

Asking moves nothing. The estimate is there at once and says that it is one; the exact answer takes
its place when the clock has worked it out. One with another stock can be put before the planners.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.console.pages.inbox import names
from api.console.paper import go_to, page
from api.console.session import DECIDES, Form, Session, SignedIn
from api.console.way import PageRoute
from api.console.words import count, money, share
from api.errors import ForbiddenScope
from api.schemas import IdPath
from api.service import Now, Wired
from logistics.decisions import Recommendation
from logistics.errors import Nonsense
from logistics.store import Reading
from logistics.whatif import (
    FACTORS,
    TARGETS,
    Change,
    Scenario,
    ScenarioKind,
    ScenarioState,
    compared,
)
from logistics.workflows.explore import (
    MOST,
    ask_scenario,
    discard_scenario,
    promote_scenario,
)

router = APIRouter(prefix="/console", include_in_schema=False, route_class=PageRoute)

EXPLORES = "scenarios:write"
LONGEST_NAME = 80
SAID = {
    "change.demand_factor": "Demand, times",
    "change.lease_days": "Days",
    "change.stock": "Stock, units",
    "change.vans": "Vans",
    "change.target_hours": "Target, hours",
    "expected_gain": "Expected gain",
    "orders": "Orders in the target",
    "chance_of_loss": "Chance of a loss",
    "cvar90_share": "Tail: CVaR90, share of cash at risk",
    "cash_at_risk": "Cash at risk",
    "coverage_with": "Reach with it",
    "coverage_without": "Reach without it",
    "planned": "Opens",
}
"""The rows of the table; what a scenario of nodes never changes has none."""
UNKNOWN = "\N{EN DASH}"
"""What an estimate does not know: which sites would open, how far they would reach."""
MONEY, SHARES = ("expected_gain", "cash_at_risk"), ("chance_of_loss", "cvar90_share")
REACH = ("coverage_with", "coverage_without")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the comparison: what is proposed, then each what-if."""

    label: str
    proposed: str
    values: tuple[str, ...]


@router.get("/recommendations/{id}/what-if")
def what_if(
    id: IdPath,
    request: Request,
    session: SignedIn,
    service: Wired,
    now: Now,
    everything: Annotated[bool, Query()] = False,  # noqa: FBT002  a query's default
) -> Response:
    """Show where to ask, and the last four what-ifs side by side."""
    with service.means.store.read() as reading:
        ask = reading.get(Recommendation, id)
        known = names(reading)
        asked = _asked(reading, id)
    market, site = known.markets.get(ask.market), known.sites.get(ask.site)
    currency = market.currency if market else "USD"
    part = request.headers.get("hx-request") is not None
    return page(
        request,
        "what_if_beside.html" if part else "what_if.html",
        now=now,
        session=session,
        part=part,
        ask=ask,
        where=site.name if site else ask.site,
        zone=market.zone if market else "UTC",
        scenarios=asked,
        called=known.called,
        unknown=UNKNOWN,
        rows=_rows(ask, asked, known.called, currency, everything=everything),
        everything=everything,
        explores=EXPLORES in session.scopes,
        units=sum(line.units for line in ask.proposal.stock),
        days=max(1, round((ask.proposal.ends_at - ask.proposal.live_from) / timedelta(days=1))),
        factors=FACTORS,
        targets=TARGETS,
    )


@router.post("/recommendations/{id}/what-if")
def asked_again(id: IdPath, session: SignedIn, service: Wired, now: Now, form: Form) -> Response:
    """Keep a what-if with its estimate, for the clock to work out."""
    _require_explorer(session)
    change = Change(
        demand_factor=_factor(form.get("demand_factor", "")),
        stock=_whole(form, "stock"),
        lease_days=_whole(form, "lease_days"),
        vans=_whole(form, "vans"),
        target_hours=_whole(form, "target_hours"),
    )
    ask_scenario(
        service.means,
        name=form.get("name", "").strip()[:LONGEST_NAME] or "unnamed",
        kind=ScenarioKind.NODES,
        market=None,
        recommendation=id,
        change=change,
        by=session.planner,
        now=now,
    )
    return go_to(f"/console/recommendations/{id}/what-if")


@router.post("/scenarios/{id}/step")
def step(id: IdPath, session: SignedIn, service: Wired, now: Now, form: Form) -> Response:
    """Put a what-if before the planners, or away."""
    if form.get("step") == "promote":
        if not session.decides:
            raise ForbiddenScope((DECIDES,))
        kept = promote_scenario(service.means, id, by=session.planner, now=now)
        return go_to(f"/console/recommendations/{kept.promoted_to}")
    _require_explorer(session)
    kept = discard_scenario(service.means, id, by=session.planner, now=now)
    return go_to(f"/console/recommendations/{kept.recommendation}/what-if")


def _require_explorer(session: Session) -> None:
    if EXPLORES not in session.scopes:
        raise ForbiddenScope((EXPLORES,))


def _factor(said: str) -> float:
    try:
        return float(said or 1)
    except ValueError:
        raise Nonsense("demand_factor", "is a number like 0.6") from None


def _whole(form: Mapping[str, str], field: str) -> int | None:
    said = form.get(field, "").replace(",", "").strip()
    if not said:
        return None
    if not (said.isascii() and said.isdigit() and len(said) < 8):
        raise Nonsense(field, "is a whole number")
    return int(said)


def _asked(reading: Reading, id: str) -> tuple[Scenario, ...]:
    """The newest what-ifs of a recommendation that nobody put away, the newest last."""
    found = reading.find(Scenario, recommendation=id)
    kept = [one for one in found if one.state is not ScenarioState.DISCARDED]
    return tuple(sorted(kept, key=lambda one: one.created_at)[-MOST:])


def _rows(
    ask: Recommendation,
    asked: tuple[Scenario, ...],
    called: Mapping[str, str],
    currency: str,
    *,
    everything: bool,
) -> tuple[Row, ...]:
    """The figures that differ, or all of them, with what is proposed first."""
    proposed = _proposed(ask)
    rows = []
    for row in compared(asked):
        if row.figure not in SAID:
            continue
        told = zip(row.values, asked, strict=True)
        known = [None if row.figure == "planned" and one.exact is None else v for v, one in told]
        values = tuple(_said(row.figure, value, called, currency) for value in known)
        mine = _said(row.figure, proposed.get(row.figure), called, currency)
        if everything or any(value not in (mine, UNKNOWN) for value in values):
            rows.append(Row(label=SAID[row.figure], proposed=mine, values=values))
    return tuple(rows)


def _proposed(ask: Recommendation) -> dict[str, float | str | None]:
    p = ask.proposal
    units = sum(line.units for line in p.stock)
    point = next((one for one in p.risk if one.units == units), None)
    return {
        "change.demand_factor": 1.0,
        "expected_gain": ask.expected_gain,
        "orders": p.orders_p50,
        "chance_of_loss": p.chance_of_loss,
        "cvar90_share": point.cvar90_share if point else None,
        "cash_at_risk": p.cash_at_risk,
        "coverage_with": p.coverage_with,
        "coverage_without": p.coverage_without,
        "planned": ask.site,
    }


def _said(figure: str, value: float | str | None, called: Mapping[str, str], currency: str) -> str:
    """A figure as it stands in the table."""
    if value is None:
        return "as proposed" if figure.startswith("change.") else UNKNOWN
    if isinstance(value, str):
        return ", ".join(called.get(one, one) for one in value.split(", ")) or "nothing"
    if figure in MONEY:
        return money(round(value), currency)
    if figure in (*SHARES, *REACH):
        return share(value)
    return f"{value:g}" if figure == "change.demand_factor" else count(value)
