"""The live day: every route with one mark for each stop, how promises stand at each node, a map.

Nothing here can be changed; the page follows the feed and draws itself anew when something moves.
"""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from api.console.drawings.maps import Map, Spot, Track, draw_map
from api.console.pages.inbox import names
from api.console.paper import page
from api.console.session import SignedIn
from api.console.way import PageRoute
from api.feed import Reader
from api.service import Now, Wired
from api.stream import follow
from logistics.access import Role
from logistics.carriers import Carrier
from logistics.catalogue import Market
from logistics.dispatch import Outcome, Route, RouteState, Stop, StopState
from logistics.network import STANDING, Node, NodeState
from logistics.promise.offers import Promise, PromiseState
from logistics.store import Range, Reading
from routing.geography import Place

router = APIRouter(prefix="/console", include_in_schema=False, route_class=PageRoute)

UNDER_WAY = (
    RouteState.PLANNED,
    RouteState.TENDERED,
    RouteState.ACCEPTED,
    RouteState.IN_PROGRESS,
)
BACK = timedelta(hours=12)
"""How long what is over stays on the page."""
SIGNS = {
    "done": "✓",
    "done-late": "✓",
    "failed": "✕",
    "next": "▸",
    "late": "!",
    "planned": "·",
}
WORDS = {
    "done": "delivered",
    "done-late": "delivered late",
    "failed": "failed",
    "next": "next",
    "late": "late by its ETA",
    "planned": "planned",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One stop on a route's line."""

    kind: str
    sign: str
    position: int
    words: str
    at: datetime
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A route with its marks."""

    route: Route
    carrier: str
    node: str
    marks: tuple[Mark, ...]
    done: int
    late: int
    failed: int
    next: Mark | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How the promises of one node stand; the last hours' kept and broken ones among them."""

    name: str
    state: str
    counts: dict[str, int]

    @property
    def all(self) -> int:
        """All promises counted."""
        return sum(self.counts.values())

    @property
    def parts(self) -> list[tuple[str, float, float, int]]:
        """The bar: state, where it begins and how wide it is in per cent, how many."""
        at, told = 0.0, []
        for state in PROMISES:
            wide = 100 * self.counts[state] / max(self.all, 1)
            told.append((state, round(at, 2), round(wide, 2), self.counts[state]))
            at += wide
        return told


PROMISES = ("kept", "on_track", "at_risk", "broken")


@router.get("/live")
def live(
    request: Request,
    session: SignedIn,
    service: Wired,
    now: Now,
    market: Annotated[str | None, Query(max_length=64)] = None,
) -> Response:
    """Show one market's day."""
    with service.means.store.read() as reading:
        markets = sorted(reading.find(Market), key=lambda one: one.name)
        here = next((one for one in markets if one.id == market), None) or _busiest(
            reading, markets
        )
        told = _day(reading, here, now) if here else None
    return page(
        request,
        "live.html" if request.headers.get("hx-request") is None else "live_part.html",
        now=now,
        session=session,
        markets=markets,
        market=here,
        signs=SIGNS,
        words=WORDS,
        promises=PROMISES,
        **(told or {"lines": (), "health": (), "map": None}),
    )


@router.get("/events", response_class=EventSourceResponse)
async def news(session: SignedIn, service: Wired) -> AsyncIterator[ServerSentEvent]:
    """Tell the page that something happened, as it happens."""
    reader = Reader(role=Role.PLANNER, party=session.planner)
    async for event in follow(service, reader, None):
        yield ServerSentEvent(raw_data=event.event, event="news", id=event.id)


def _busiest(reading: Reading, markets: list[Market]) -> Market | None:
    """The market with most routes under way; the first where none has any."""
    routes = Counter(route.market for route in reading.find(Route, state=UNDER_WAY))
    return max(markets, key=lambda one: routes[one.id], default=None)


def _day(reading: Reading, market: Market, now: datetime) -> dict[str, Any]:
    since = Range(least=now - BACK)
    routes = reading.find(Route, market=market.id, state=UNDER_WAY, sort="departs_at")
    over = reading.find(
        Route,
        market=market.id,
        state=RouteState.COMPLETED,
        departs_at=since,
        sort="departs_at",
        descending=True,
    )
    known = names(reading)
    nodes = {one.id: one for one in reading.find(Node, market=market.id)}
    called = {
        id: known.sites[node.site].name if node.site in known.sites else node.site
        for id, node in nodes.items()
    }
    carriers = {one.id: one.name for one in reading.find(Carrier)}
    lines = tuple(
        _line(route, reading.find(Stop, route=route.id), called, carriers, now)
        for route in (*routes, *over)
    )
    standing = [one for one in nodes.values() if one.state in STANDING]
    promises = reading.find(Promise, market=market.id, made_at=since)
    return {
        "lines": lines,
        "health": _health(promises, standing, called),
        "map": _map(market, standing, called, lines, nodes),
    }


def _line(
    route: Route,
    stops: tuple[Stop, ...],
    called: dict[str, str],
    carriers: dict[str, str],
    now: datetime,
) -> Line:
    ordered = sorted(stops, key=lambda one: one.position)
    ahead = next((one.id for one in ordered if one.state is not StopState.CLOSED), None)
    moving = route.state is RouteState.IN_PROGRESS
    marks = tuple(_mark(one, now, is_next=moving and one.id == ahead) for one in ordered)
    kinds = Counter(mark.kind for mark in marks)
    open_marks = [m for m, s in zip(marks, ordered, strict=True) if s.id == ahead]
    return Line(
        route=route,
        carrier=carriers.get(route.carrier or "", route.carrier or "no carrier yet"),
        node=called.get(route.node, route.node),
        marks=marks,
        done=kinds["done"] + kinds["done-late"],
        late=kinds["late"] + kinds["done-late"],
        failed=kinds["failed"],
        next=open_marks[0] if open_marks else None,
    )


def _mark(stop: Stop, now: datetime, *, is_next: bool) -> Mark:
    kind, at = "planned", stop.projected_at
    if stop.state is StopState.CLOSED:
        at = stop.closed_at or stop.projected_at
        kind = "done" if at <= stop.due_at else "done-late"
        kind = kind if stop.outcome is Outcome.SUCCEEDED else "failed"
    elif max(stop.projected_at, now) > stop.due_at:
        kind = "late"
    elif is_next:
        kind = "next"
    why = f": {stop.outcome_reason.value.replace('_', ' ')}" if stop.outcome_reason else ""
    return Mark(
        kind=kind,
        sign=SIGNS[kind],
        position=stop.position,
        words=WORDS[kind] + why,
        at=at,
        place=Place(lat=stop.lat, lon=stop.lon),
    )


def _health(
    promises: tuple[Promise, ...], standing: list[Node], called: dict[str, str]
) -> tuple[Health, ...]:
    counts: dict[str | None, Counter[str]] = {node.id: Counter() for node in standing}
    for promise in promises:
        if promise.state is not PromiseState.RELEASED:
            counts.setdefault(promise.node, Counter())[promise.state.value] += 1
    states = {node.id: node.state.value for node in standing}
    return tuple(
        Health(
            name=called.get(id or "", id or "no node"),
            state=states.get(id or "", NodeState.CLOSED.value),
            counts={state: told[state] for state in PROMISES},
        )
        for id, told in sorted(counts.items(), key=lambda one: -sum(one[1].values()))
    )


def _map(
    market: Market,
    standing: list[Node],
    called: dict[str, str],
    lines: tuple[Line, ...],
    nodes: dict[str, Node],
) -> Map:
    active = [line for line in lines if line.route.state is not RouteState.COMPLETED]
    places = {id: Place(lat=node.lat, lon=node.lon) for id, node in nodes.items()}
    stops = [mark for line in active for mark in line.marks]
    regions = [Place(lat=one.lat, lon=one.lon) for one in market.regions]
    homes = [places[line.route.node] for line in active if line.route.node in places]
    return draw_map(
        market.country,
        frame=[*[mark.place for mark in stops], *homes] or regions,
        tracks=[
            Track(
                places=(
                    places[line.route.node],
                    *(mark.place for mark in line.marks),
                    places[line.route.node],
                ),
                kind=line.route.state.value,
                title=f"{line.route.vehicle}, {line.carrier}",
            )
            for line in active
            if line.route.node in places
        ],
        spots=[
            *(
                Spot(
                    name="",
                    place=mark.place,
                    kind=f"stop-{mark.kind}",
                    title=f"stop {mark.position}: {mark.words}",
                )
                for mark in stops
            ),
            *(
                Spot(
                    name=called[node.id],
                    place=places[node.id],
                    kind="centre" if node.type.value == "centre" else "node",
                    title=f"{called[node.id]}, {node.state.value}",
                )
                for node in standing
            ),
        ],
    )
