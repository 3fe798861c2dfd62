"""One recommendation: all that is needed to decide, the forms to decide with, and what was said.

The forms carry what was read: version, forecast and gain. Who decides on an old page gets the
fresh one with what changed beside what they had read, and nothing is done.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api import problems
from api.console.drawings.geo import geo_map
from api.console.pages.evidence import around, evidence, reach_of, regions_of
from api.console.pages.files import geo
from api.console.pages.inbox import names
from api.console.pages.outcome import outcome_of
from api.console.paper import go_to, inside, page
from api.console.session import DECIDES, Form, Session, SignedIn
from api.console.way import PageRoute
from api.console.words import count, money, plain
from api.errors import Fault, ForbiddenScope, Invalid
from api.schemas import IdPath
from api.service import Now, Service, Wired
from logistics.decisions import (
    RECOMMENDATION,
    Choice,
    Recommendation,
    RecommendationState,
    RejectReason,
    Verdict,
    hides_reason,
)
from logistics.errors import Nonsense, Refused, StaleVersion
from logistics.inventory import Replenishment
from logistics.network import Lease, Node, NodeState, Site
from logistics.store import Reading
from logistics.workflows.amend import Amendment, NewUnits
from logistics.workflows.decide import UNDECIDED, expected_units, give_verdict

router = APIRouter(prefix="/console", include_in_schema=False, route_class=PageRoute)

UNITS = "units."
LONGEST_REASON = 1000
ROWS_AT_ONCE = 500
"""Of the whole table of regions, which may have 20,000."""
MOST_UNITS = 1_000_000
LINKS = {
    "Video": "#demand",
    "Demand": "#demand",
    "Stock": "#stock",
    "Reach": "#where",
    "Site": "#stakes",
}
"""Where the figures of each of the five lines are drawn."""
LIFE = (
    NodeState.PLANNED,
    NodeState.RAMPING,
    NodeState.LIVE,
    NodeState.DRAINING,
    NodeState.CLOSED,
)
"""A node's life as it goes without a mishap."""
Changed = list[tuple[str, str, str]]
"""Of each thing that changed: its name, what was read, what is now."""


@router.get("/recommendations/{id}")
def recommendation(
    id: IdPath, request: Request, session: SignedIn, service: Wired, now: Now
) -> Response:
    """Show one recommendation."""
    return _show(request, service, session, now, id)


@router.get("/recommendations/{id}/map.json")
def map_of(id: IdPath, request: Request, _: SignedIn, service: Wired) -> Response:
    """What its map shows, for a browser that draws it."""
    with service.means.store.read() as reading:
        here = around(reading, service.means.policy, reading.get(Recommendation, id))
    return geo(request, geo_map(hexes=here.hexes, spots=here.spots))


@router.get("/recommendations/{id}/regions")
def regions(
    id: IdPath,
    request: Request,
    session: SignedIn,
    service: Wired,
    now: Now,
    first: Annotated[int, Query(ge=0, le=10**6)] = 0,
) -> Response:
    """Show the table beside its map, a stretch of rows at a time."""
    with service.means.store.read() as reading:
        ask = reading.get(Recommendation, id)
        here = around(reading, service.means.policy, ask)
        site = reading.maybe(Site, ask.site)
    return page(
        request,
        "regions.html",
        now=now,
        session=session,
        ask=ask,
        where=site.name if site else ask.site,
        reach=reach_of(here.hexes),
        regions=regions_of(here.country, here.ranked[first : first + ROWS_AT_ONCE]),
        all=len(here.hexes),
        first=first,
        at_once=ROWS_AT_ONCE,
    )


@router.get("/recommendations/{id}/pulse")
def pulse(id: IdPath, request: Request, session: SignedIn, service: Wired, now: Now) -> Response:
    """Show what came of it, and whether it changed since the page was read, as part of that page."""
    read = request.query_params
    with service.means.store.read() as reading:
        ask = reading.get(Recommendation, id)
        facts = _facts(reading, service, session, ask, now)
    was_open = read.get("state_read") in {plain(one.value) for one in UNDECIDED}
    moved = read.get("version") != str(ask.version) or _moved(read, facts["forecast"], service)
    return page(
        request,
        "recommendation_pulse.html",
        now=now,
        session=session,
        part=True,
        stale_since=_changed(read, ask, facts) if was_open and moved else [],
        **facts,
    )


@router.post("/recommendations/{id}/verdict")
def verdict(
    id: IdPath, request: Request, session: SignedIn, service: Wired, now: Now, form: Form
) -> Response:
    """Give a verdict on what was read, and show what came of it."""
    if not session.decides:
        raise ForbiddenScope((DECIDES,))
    try:
        kept = _say(service, session, id, form, now)
    except (Refused, Nonsense) as error:
        return _show(request, service, session, now, id, error=error, form=form)
    return go_to(inside(form.get("back"), f"/console/recommendations/{kept.id}"))


def _say(
    service: Service, session: Session, id: str, form: Mapping[str, str], now: datetime
) -> Recommendation:
    choice = _one_of(Choice, form.get("choice", ""), "choice")
    code = form.get("reason_code")
    return give_verdict(
        service.means,
        id,
        choice,
        planner=session.planner,
        reason_code=_one_of(RejectReason, code, "reason_code") if code else None,
        reason=_reason(form),
        expected_version=_whole(form, "version"),
        forecast_read=_number(form, "forecast_read"),
        amendment=_amendment(form) if choice is Choice.AMEND else None,
        substitutes=form.get("substitutes", "yes") == "yes",
        now=now,
    )


def _one_of(kind: Any, said: str, field: str) -> Any:
    if said not in {one.value for one in kind}:
        raise Nonsense(field, "is none of those on the page")
    return kind(said)


def _reason(form: Mapping[str, str]) -> str | None:
    said = form.get("reason", "").strip()
    if len(said) > LONGEST_REASON:
        raise Nonsense("reason", f"may have {LONGEST_REASON} characters")
    return said or None


def _whole(form: Mapping[str, str], field: str) -> int:
    said = form.get(field, "").replace(",", "").strip()
    if not (said.isascii() and said.isdigit() and int(said[:9]) <= MOST_UNITS and len(said) < 9):
        raise Nonsense(field, f"is a whole number from 0 to {MOST_UNITS:,}")
    return int(said)


def _number(form: Mapping[str, str], field: str) -> float | None:
    try:
        said = float(form.get(field) or "nan")
    except ValueError:
        raise Invalid([Fault(at=f"/{field}", code="number", detail="is no number")]) from None
    return said if 0 <= said < float("inf") else None


def _amendment(form: Mapping[str, str]) -> Amendment:
    named = [name for name in form if name.startswith(UNITS)]
    return Amendment(
        units=tuple(
            NewUnits(product=name.removeprefix(UNITS), units=_whole(form, name)) for name in named
        )
    )


def _show(
    request: Request,
    service: Service,
    session: Session,
    now: datetime,
    id: str,
    *,
    error: Exception | None = None,
    form: Mapping[str, str] | None = None,
) -> Response:
    """The page; after a refused verdict with the reason, what changed, and what was typed."""
    with service.means.store.read() as reading:
        ask = reading.get(Recommendation, id)
        facts = _facts(reading, service, session, ask, now)
        node = facts["node"].id if facts["node"] else None
        came = outcome_of(reading, ask, node, now)
        drawn = evidence(reading, service.means.policy, ask, now)
    stale = isinstance(error, StaleVersion)
    return page(
        request,
        "recommendation.html",
        now=now,
        session=session,
        status=problems.OK if error is None else problems.row_of(error).status.value,
        error=None if error is None else _words(error),
        stale=stale,
        changed=_changed(form or {}, ask, facts) if stale else [],
        typed=form or {},
        part=False,
        stale_since=[],
        came=came,
        links=LINKS
        | ({} if ask.proposal.stock else {"Stock": "#exit"})
        | ({} if drawn["stakes"] else {"Site": "#costs"}),
        points=[
            (one.units, one.expected_gain, one.chance_of_loss, one.cvar90_share)
            for one in sorted(ask.proposal.risk, key=lambda one: one.units)
        ],
        **facts,
        **drawn,
    )


def _facts(
    reading: Reading, service: Service, session: Session, ask: Recommendation, now: datetime
) -> dict[str, Any]:
    known, limits = names(reading), service.means.policy.verdicts
    market, site = known.markets.get(ask.market), known.sites.get(ask.site)
    said = reading.find(Verdict, recommendation=ask.id, sort="at")
    last = next((one for one in said if one.id == ask.last_verdict), None)
    window = timedelta(seconds=limits.undo)
    undo_until = last.at + window if last and last.planner == session.planner else None
    can_undo = (
        undo_until is not None
        and now <= undo_until
        and ask.carried_out_at is None
        and "undo" in RECOMMENDATION.allowed(ask.state)
    )
    first = next((one for one in said if one.id == ask.first_verdict), None)
    waits_for_other = (
        ask.state is RecommendationState.AWAITING_SECOND
        and first is not None
        and first.planner == session.planner
    )
    forecast = expected_units(reading, ask) if ask.forecasts else ask.forecast_units
    return {
        "ask": ask,
        "market": market,
        "site": site,
        "zone": market.zone if market else "UTC",
        "currency": market.currency if market else "USD",
        "known": known,
        "called": known.called,
        "undo_seconds": limits.undo,
        **_outcome(reading, ask),
        "history": [(one, hides_reason(one, ask, session.planner)) for one in said],
        "undo_until": undo_until if can_undo else None,
        "waits_for_other": waits_for_other,
        "asks": ask.state in UNDECIDED,
        "allowed": RECOMMENDATION.allowed(ask.state),
        "overdue": now >= ask.decide_by,
        "forecast": forecast,
        "moved": forecast / ask.forecast_units - 1 if ask.forecast_units > 0 else 0.0,
        "units": sum(line.units for line in ask.proposal.stock),
        "sent": _sent(ask),
        "reasons": list(RejectReason),
        "limit": service.means.policy.cvar_share,
    }


def _outcome(reading: Reading, ask: Recommendation) -> dict[str, Any]:
    """What came of it so far: the space that was asked for last, the loads, and the node's road."""
    leases = reading.find(Lease, recommendation=ask.id)
    lease = max(leases, key=lambda one: one.requested_at, default=None)
    id = lease.node if lease else ask.node
    node = reading.maybe(Node, id) if id else None
    return {
        "lease": lease,
        "loads": reading.find(Replenishment, recommendation=ask.id),
        "node": node,
        "road": () if node is None else _road(node),
    }


def _road(node: Node) -> tuple[tuple[str, str, datetime | None], ...]:
    """The states of a node with a time where one is known; a mishap stands where it happened."""
    times = {
        NodeState.PLANNED: node.planned_at,
        NodeState.LIVE: node.live_from,
        NodeState.DRAINING: node.drain_from,
        NodeState.CLOSED: node.closed_at or node.closes_at,
    }
    if node.state not in LIFE:
        return (("planned", "past", node.planned_at), (node.state.value, "off", node.closed_at))
    here = LIFE.index(node.state)
    kinds = ["past"] * here + ["is"] + ["ahead"] * (len(LIFE) - here - 1)
    return tuple((one.value, kind, times.get(one)) for one, kind in zip(LIFE, kinds, strict=True))


def _moved(read: Mapping[str, str], forecast: float, service: Service) -> bool:
    """Whether the forecast has moved too far from what was read."""
    before = _number(read, "forecast_read")
    limit = service.means.policy.verdicts.stale_forecast_share
    return before is not None and before > 0 and abs(forecast / before - 1) > limit


def _sent(ask: Recommendation) -> dict[str, int]:
    sent: dict[str, int] = {}
    for line in ask.proposal.stock:
        sent[line.product] = sent.get(line.product, 0) + line.units
    return sent


def _words(error: Exception) -> str:
    """What happened and what to do, in a sentence."""
    if isinstance(error, StaleVersion):
        return f"Nothing was done: {error}. Read what changed, then decide on this page."
    return f"Nothing was done: {error}."


def _changed(form: Mapping[str, str], ask: Recommendation, facts: Mapping[str, Any]) -> Changed:
    """What the planner had read beside what is now."""
    currency = facts["currency"]
    read = _number(form, "forecast_read")
    gain = form.get("gain_read", "")
    now = {
        "State": (form.get("state_read", ""), ask.state.value.replace("_", " ")),
        "Version": (form.get("version", ""), str(ask.version)),
        "Forecast, P50 orders": (count(read) if read is not None else "", count(facts["forecast"])),
        "Expected gain": (
            money(int(gain), currency) if gain.lstrip("-").isdigit() and len(gain) < 16 else "",
            money(ask.expected_gain, currency),
        ),
    }
    told = [(name, before, after) for name, (before, after) in now.items() if before != after]
    if facts["history"]:
        last, hidden = facts["history"][-1]
        why = "" if hidden or not last.reason else f": {last.reason}"
        told.append(("Last verdict", "", f"{last.planner} said {last.choice.value}{why}"))
    return told
