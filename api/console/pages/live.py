"""The live day: every route with one mark for each stop, how promises stand at each node, a map.

Nothing here can be changed; the page follows the feed and draws itself anew when something moves.
"""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from api.console.drawings.geo import geo_map
from api.console.drawings.maps import Map, Spot, Track, draw_map
from api.console.pages.files import geo
from api.console.pages.inbox import names
from api.console.paper import page
from api.console.session import SignedIn
from api.console.way import PageRoute
from api.feed import Reader
from api.schemas import IdPath
from api.service import Now, Wired
from api.stream import follow, from_now
from logistics.access import Role
from logistics.carriers import Carrier
from logistics.catalogue import Market
from logistics.dispatch import Outcome, Route, RouteState, Stop, StopState
from logistics.inventory import Stock
from logistics.network import STANDING, Node, NodeState
from logistics.policy import SiteType
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
    free: int | None
    """Units on its shelves that nobody has reserved; none where it stands no more."""
    closes_at: datetime | None

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What lies on the map of a day."""

    frame: tuple[Place, ...]
    tracks: tuple[Track, ...]
    stops: tuple[Spot, ...]
    nodes: tuple[Spot, ...]

    def on_paper(self, country: str) -> Map:
        """The map as it is drawn here; with very many stops only those that need somebody."""
        told = [one for one in self.stops if one.kind in PRESSING]
        stops = self.stops if len(self.stops) <= MOST_STOPS else told[:MOST_STOPS]
        tracks = self.tracks[:MOST_TRACKS]
        return draw_map(country, frame=self.frame, tracks=tracks, spots=(*stops, *self.nodes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One market's day."""

    lines: tuple[Line, ...]
    health: tuple[Health, ...]
    seen: Seen


PRESSING = ("stop-next", "stop-late", "stop-failed")
MOST_STOPS, MOST_TRACKS = 600, 120
"""What a drawing of this size can hold and still be read; a browser's own map has all."""
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
        named = next((one for one in markets if one.id == market), None)
        here = named or _busiest(reading, markets)
        day = _day(reading, here, now) if here else None
    part = request.headers.get("hx-request") is not None
    return page(
        request,
        "live_part.html" if part else "live.html",
        now=now,
        session=session,
        part=part,
        markets=markets,
        market=here,
        map=day.seen.on_paper(here.country) if day and here else None,
        lines=day.lines if day else (),
        health=day.health if day else (),
        words=WORDS,
        promises=PROMISES,
    )


@router.get("/live/{market}/map.json")
def map_of(market: IdPath, request: Request, _: SignedIn, service: Wired, now: Now) -> Response:
    """What the map of a market's day shows, for a browser that draws it."""
    with service.means.store.read() as reading:
        seen = _day(reading, reading.get(Market, market), now).seen
    told = geo_map(spots=(*seen.stops, *seen.nodes), tracks=seen.tracks, frame=seen.frame)
    return geo(request, told)


def _from(service: Wired) -> str:
    return from_now(service)


@router.get("/events", response_class=EventSourceResponse)
async def news(
    session: SignedIn, service: Wired, place: Annotated[str, Depends(_from)]
) -> AsyncIterator[ServerSentEvent]:
    """Tell the page that something happened, as it happens."""
    reader = Reader(role=Role.PLANNER, party=session.planner)
    async for event in follow(service, reader, place):
        yield ServerSentEvent(raw_data=event.event, event="news", id=event.id)


def _busiest(reading: Reading, markets: list[Market]) -> Market | None:
    """The market with most routes under way; the first where none has any."""
    routes = Counter(route.market for route in reading.find(Route, state=UNDER_WAY))
    return max(markets, key=lambda one: routes[one.id], default=None)


def _day(reading: Reading, market: Market, now: datetime) -> Day:
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
    stops: dict[str, list[Stop]] = defaultdict(list)
    for stop in reading.find(Stop, route=tuple(one.id for one in (*routes, *over))):
        stops[stop.route].append(stop)
    lines = tuple(
        _line(route, stops[route.id], called, carriers, now) for route in (*routes, *over)
    )
    standing = [one for one in nodes.values() if one.state in STANDING]
    promises = reading.find(Promise, market=market.id, made_at=since)
    free: Counter[str] = Counter()
    for stock in reading.find(Stock, node=tuple(one.id for one in standing)):
        free[stock.node] += stock.free
    return Day(
        lines=lines,
        health=_health(promises, standing, called, free),
        seen=_seen(market, standing, called, lines, nodes),
    )


def _line(
    route: Route,
    stops: list[Stop],
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
        position=stop.position,
        words=WORDS[kind] + why,
        at=at,
        place=Place(lat=stop.lat, lon=stop.lon),
    )


def _health(
    promises: tuple[Promise, ...],
    standing: list[Node],
    called: dict[str, str],
    free: Counter[str],
) -> tuple[Health, ...]:
    counts: dict[str | None, Counter[str]] = {node.id: Counter() for node in standing}
    for promise in promises:
        if promise.state is not PromiseState.RELEASED:
            counts.setdefault(promise.node, Counter())[promise.state.value] += 1
    known = {node.id: node for node in standing}
    return tuple(
        Health(
            name=called.get(id or "", id or "no node"),
            state=known[id].state.value if id in known else NodeState.CLOSED.value,
            counts={state: told[state] for state in PROMISES},
            free=free[id] if id in known else None,
            closes_at=known[id].closes_at if id in known else None,
        )
        for id, told in sorted(counts.items(), key=lambda one: -sum(one[1].values()))
    )


def _seen(
    market: Market,
    standing: list[Node],
    called: dict[str, str],
    lines: tuple[Line, ...],
    nodes: dict[str, Node],
) -> Seen:
    """What the map shows: the routes under way with their stops, and the nodes that stand."""
    active = [line for line in lines if line.route.state is not RouteState.COMPLETED]
    places = {id: Place(lat=node.lat, lon=node.lon) for id, node in nodes.items()}
    stops = [mark for line in active for mark in line.marks]
    regions = [Place(lat=one.lat, lon=one.lon) for one in market.regions]
    homes = [places[line.route.node] for line in active if line.route.node in places]
    return Seen(
        frame=tuple([*[mark.place for mark in stops], *homes] or regions),
        tracks=tuple(_track(line, places) for line in active if line.route.node in places),
        stops=tuple(
            Spot(
                name="",
                place=mark.place,
                kind=f"stop-{mark.kind}",
                title=f"stop {mark.position}: {mark.words}",
            )
            for mark in stops
        ),
        nodes=tuple(
            Spot(
                name=called[node.id],
                place=places[node.id],
                kind="centre" if node.type is SiteType.CENTRE else "node",
                title=f"{called[node.id]}, {node.state.value}",
            )
            for node in standing
        ),
    )


def _track(line: Line, places: dict[str, Place]) -> Track:
    home = places[line.route.node]
    return Track(
        id=line.route.id,
        places=(home, *(mark.place for mark in line.marks), home),
        kind=line.route.state.value,
        title=f"{line.route.vehicle}, {line.carrier}",
    )
