"""How drives really go: the law at execution, which differs from what the planner assumes.

A leg takes what its distance takes, times a factor that the planner does not know, times a draw of
its own, longer in bad weather; nothing of the plan slows the road or speeds it up. A van that is
early waits for the buyer's window. From the departure the rest follows: each report is due when
the van does the thing, and may be sent twice, late, or with a wrong clock.

What happens on the way to a buyer is the buyer's luck, whichever van comes and whoever is visited
before; a van has its clock. So policies that send other routes meet the same streets and doors.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from logistics.dispatch import FailureReason, Outcome, Route, Stop
from logistics.twin.luck import luck
from logistics.twin.world import World
from routing.geography import Place
from routing.travel import GreatCircle

ROADS = GreatCircle()
WEATHER_FACTOR = 1.33
WHY_MISSED = (
    FailureReason.NOT_HOME,
    FailureReason.NOT_HOME,
    FailureReason.CANNOT_FIND_ADDRESS,
    FailureReason.NO_ACCESS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One report of a van: what it says, when it says it, and what its clock shows."""

    sent_at: datetime
    id: str
    carrier: str
    route: str
    stop: str | None
    step: str
    happened_at: datetime
    sequence: int
    outcome: Outcome | None = None
    outcome_reason: FailureReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visited:
    """Who is visited at a stop: what the shop calls the order, how often it was tried before, and
    when the buyer's window opens."""

    name: str
    tried: int
    opens: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Driven:
    """What comes of a route: all that its van will report, as it will be sent, and its return."""

    told: tuple[Telling, ...]
    back_at: datetime


def drive(
    world: World,
    route: Route,
    stops: tuple[Stop, ...],
    depot: Place,
    visited: Mapping[str, Visited],
    *,
    leaves: datetime,
) -> Driven:
    """Drive a route whose van leaves the depot at `leaves`; `visited` tells who is at each stop."""
    told = list(_truthful(world, route, stops, depot, visited, leaves))
    sent = sorted(_astray(world, route, told), key=lambda one: (one.sent_at, one.id))
    return Driven(told=tuple(sent), back_at=told[-1].happened_at)


def _truthful(
    world: World,
    route: Route,
    stops: tuple[Stop, ...],
    depot: Place,
    visited: Mapping[str, Visited],
    leaves: datetime,
) -> Iterator[Telling]:
    carrier = route.carrier or ""
    at, here = leaves, depot
    number = 1
    yield _telling(route, carrier, None, "depart", at, number)
    for stop in sorted(stops, key=lambda stop: stop.position):
        there, who = Place(lat=stop.lat, lon=stop.lon), visited[stop.id]
        draw = luck(world.seed, "visit", who.name, who.tried)
        at, here = at + _leg(world, route, here, there, at, draw), there
        number += 1
        yield _telling(route, carrier, stop.id, "arrive", at, number)
        at = max(at, who.opens or at)
        at += timedelta(seconds=round(stop.service * float(draw.uniform(0.6, 1.5))))
        number += 1
        why = _missed(world, draw)
        outcome = Outcome.SUCCEEDED if why is None else Outcome.FAILED
        yield _telling(route, carrier, stop.id, "close", at, number, outcome, why)
    draw = luck(world.seed, "way home", route.vehicle, _hour(at))
    at += _leg(world, route, here, depot, at, draw)
    yield _telling(route, carrier, None, "return", at, number + 1)


def _missed(world: World, draw: np.random.Generator) -> FailureReason | None:
    """Why the parcel is not handed over; None where it is."""
    fate, faults = draw.random(), world.faults
    why = WHY_MISSED[int(draw.integers(len(WHY_MISSED)))]
    if fate < faults.missed_stop:
        return why
    return FailureReason.REFUSED if fate < faults.missed_stop + faults.returned else None


def _leg(
    world: World, route: Route, here: Place, there: Place, at: datetime, draw: np.random.Generator
) -> timedelta:
    return timedelta(seconds=round(ROADS.seconds(here, there) * _slowness(world, route, at, draw)))


def _slowness(world: World, route: Route, at: datetime, draw: np.random.Generator) -> float:
    faults = world.faults
    stormy = luck(world.seed, "weather", route.market, _hour(at)).random() < faults.bad_weather
    factor = faults.slow_drives * float(np.exp(draw.normal(0.0, faults.spread_of_drives)))
    weather = WEATHER_FACTOR if stormy else 1.0
    since = (at - world.starts_at) / timedelta(hours=1)
    for storm in world.storms:
        if storm.market == route.market and storm.from_hour <= since < storm.until_hour:
            weather = max(weather, storm.factor)
    return factor * weather


def _hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _telling(
    route: Route,
    carrier: str,
    stop: str | None,
    step: str,
    at: datetime,
    number: int,
    outcome: Outcome | None = None,
    reason: FailureReason | None = None,
) -> Telling:
    return Telling(
        sent_at=at,
        id=f"{route.id}-{number}",
        carrier=carrier,
        route=route.id,
        stop=stop,
        step=step,
        happened_at=at,
        sequence=number,
        outcome=outcome,
        outcome_reason=reason,
    )


def _astray(world: World, route: Route, told: list[Telling]) -> Iterator[Telling]:
    """The reports as they arrive: some twice, some late, some vans with a wrong clock."""
    faults = world.faults
    wrong = luck(world.seed, "clock", route.vehicle).random() < faults.wrong_clock
    ahead = timedelta(minutes=faults.wrong_clock_minutes if wrong else 0)
    draw = luck(world.seed, "reports", route.vehicle, route.departs_at)
    for one in told:
        late = timedelta(minutes=20 if draw.random() < faults.late_report else 0)
        sent = _shifted(one, late, ahead)
        yield sent
        if draw.random() < faults.doubled_report:
            yield sent


def _shifted(one: Telling, late: timedelta, ahead: timedelta) -> Telling:
    return Telling(
        sent_at=one.sent_at + late,
        id=one.id,
        carrier=one.carrier,
        route=one.route,
        stop=one.stop,
        step=one.step,
        happened_at=one.happened_at + ahead,
        sequence=one.sequence,
        outcome=one.outcome,
        outcome_reason=one.outcome_reason,
    )
