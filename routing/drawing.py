"""A plan to look at: GeoJSON for maps, SVG and a page for eyes.

GeoJSON (RFC 7946) is in degrees, so it needs `RoutingProblem.places`. A picture only needs spots on
paper (x to the right, y up), which public benchmark files have too. Legs are straight lines: the
problem knows how long the roads are, not where they run.
"""

import json
import math
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any, TypeAlias

from routing.errors import BadProblem
from routing.plan import Route, RoutePlan, Trip
from routing.problem import RoutingProblem, Vehicle

Spot: TypeAlias = tuple[float, float]
"""A point on paper: x to the right, y up, in any unit."""

_SIZE = 900.0
_EDGE = 30.0


def spots_of(problem: RoutingProblem) -> tuple[Spot, ...]:
    """The problem's places on paper, east to the right and north up; empty where it has none."""
    if not problem.places:
        return ()
    middle = sum(place.lat for place in problem.places) / len(problem.places)
    shrunk = math.cos(math.radians(middle))
    return tuple((place.lon * shrunk, place.lat) for place in problem.places)


def geojson_of(problem: RoutingProblem, plan: RoutePlan) -> str:
    """Lines for trips, points for stops, depots and what is left out; BadProblem without places."""
    if not problem.places:
        fault = "the problem does not say where its places are, so there is no GeoJSON of it"
        raise BadProblem(subject="places", fault=fault)
    features = [*_lines(problem, plan), *_points(problem, plan)]
    return json.dumps({"type": "FeatureCollection", "features": features}, indent=1) + "\n"


def svg_of(problem: RoutingProblem, plan: RoutePlan, spots: Sequence[Spot]) -> str:
    """The routes in colours, depots as squares, what is left out as crosses; BadProblem without spots."""
    if len(spots) != len(problem.travel):
        fault = "the problem does not say where its places are, so there is no picture of it"
        raise BadProblem(subject="places", fault=fault)
    at, height = _on_paper(spots)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIZE:.0f} {height:.0f}" role="img">',
        f"<title>{escape(_summary(plan))}</title>",
        f'<rect width="{_SIZE:.0f}" height="{height:.0f}" fill="#fbfaf7"/>',
        *_paths(problem, plan, at),
        *_marks(problem, plan, at),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def page_of(problem: RoutingProblem, plan: RoutePlan, spots: Sequence[Spot]) -> str:
    """The picture on a page of its own, a table of the routes below it."""
    rows = "\n".join(
        f'<tr><td style="color:{_colour(number)}">&#9632; {escape(made.vehicle)}</td>'
        f"<td>{len(made.stops)}</td><td>{len(made.trips)}</td><td>{made.metres:,}</td>"
        f"<td>{made.late:,}</td><td>{made.costs.total:,}</td></tr>"
        for number, made in enumerate(plan.routes)
    )
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        f"<title>{escape(_summary(plan))}</title>\n"
        "<style>body{font:16px/1.4 system-ui;margin:2rem auto;max-width:60rem;padding:0 1rem}"
        "svg{width:100%;height:auto;border:1px solid #ddd}td,th{padding:.2rem .8rem;text-align:right}"
        "td:first-child,th:first-child{text-align:left}</style>\n"
        f"<h1>{escape(_summary(plan))}</h1>\n{svg_of(problem, plan, spots)}"
        "<table>\n<tr><th>van</th><th>stops</th><th>trips</th><th>metres</th><th>seconds late</th>"
        f"<th>cost</th></tr>\n{rows}\n</table>\n</html>\n"
    )


def _summary(plan: RoutePlan) -> str:
    served = sum(len(made.stops) for made in plan.routes)
    return f"{served} stops on {len(plan.routes)} vans, {len(plan.left_out)} left out, cost {plan.cost}"


def _places(problem: RoutingProblem, route: Route) -> Iterator[tuple[Trip, list[int]]]:
    """The places that each trip passes, from its loading to the next one or the end."""
    vehicle = problem.vehicle(route.vehicle)
    stops = {stop.name: stop.place for stop in problem.stops}
    for number, trip in enumerate(route.trips):
        here = vehicle.start if number == 0 else _loading(problem, vehicle, trip)
        onward = route.trips[number + 1 : number + 2]
        goal = _loading(problem, vehicle, onward[0]) if onward else vehicle.end
        passed = [here, *(stops[name] for name in trip.stops)]
        yield trip, passed if goal is None else [*passed, goal]


def _loading(problem: RoutingProblem, vehicle: Vehicle, trip: Trip) -> int:
    return vehicle.start if trip.depot is None else problem.depot(trip.depot).place


def _lines(problem: RoutingProblem, plan: RoutePlan) -> Iterator[dict[str, Any]]:
    for route in plan.routes:
        for number, (trip, passed) in enumerate(_places(problem, route), start=1):
            line = [_degrees(problem, place) for place in passed]
            told = {
                "kind": "trip",
                "vehicle": route.vehicle,
                "trip": number,
                "depot": trip.depot,
                "departure": trip.departure,
                "stops": len(trip.visits),
            }
            geometry = {"type": "LineString", "coordinates": line}
            yield {"type": "Feature", "geometry": geometry, "properties": told}


def _points(problem: RoutingProblem, plan: RoutePlan) -> Iterator[dict[str, Any]]:
    for depot in problem.depots:
        yield _point(problem, depot.place, {"kind": "depot", "name": depot.name})
    stops = {stop.name: stop for stop in problem.stops}
    for vehicle, visit in plan.visits():
        due = stops[visit.stop].due
        told = {
            "kind": "stop",
            "name": visit.stop,
            "vehicle": vehicle,
            "start": visit.start,
            "late": 0 if due is None else max(0, visit.start - due),
        }
        yield _point(problem, stops[visit.stop].place, told)
    for left in plan.left_out:
        told = {"kind": "left_out", "name": left.stop, "why": left.why.value}
        yield _point(problem, stops[left.stop].place, told)


def _point(problem: RoutingProblem, place: int, told: dict[str, Any]) -> dict[str, Any]:
    geometry = {"type": "Point", "coordinates": _degrees(problem, place)}
    return {"type": "Feature", "geometry": geometry, "properties": told}


def _degrees(problem: RoutingProblem, place: int) -> list[float]:
    return [problem.places[place].lon, problem.places[place].lat]


def _on_paper(spots: Sequence[Spot]) -> tuple[list[Spot], float]:
    """The spots scaled onto the sheet, y down as screens have it, and the sheet's height."""
    left, low = min(x for x, _ in spots), min(y for _, y in spots)
    wide = max(x for x, _ in spots) - left
    high = max(y for _, y in spots) - low
    scale = (_SIZE - 2 * _EDGE) / max(wide, high, 1e-9)
    top = high * scale + _EDGE
    return [(_EDGE + (x - left) * scale, top - (y - low) * scale) for x, y in spots], top + _EDGE


def _paths(problem: RoutingProblem, plan: RoutePlan, at: list[Spot]) -> Iterator[str]:
    for number, route in enumerate(plan.routes):
        for trip, passed in _places(problem, route):
            points = " ".join(f"{at[place][0]:.1f},{at[place][1]:.1f}" for place in passed)
            name = escape(f"{route.vehicle}: {len(trip.visits)} stops from {trip.departure}")
            yield (
                f'<polyline points="{points}" fill="none" stroke="{_colour(number)}"'
                f' stroke-width="1.6" stroke-linejoin="round"><title>{name}</title></polyline>'
            )


def _marks(problem: RoutingProblem, plan: RoutePlan, at: list[Spot]) -> Iterator[str]:
    place = {stop.name: stop.place for stop in problem.stops}
    for vehicle, visit in plan.visits():
        x, y = at[place[visit.stop]]
        name = escape(f"{visit.stop}: {vehicle}, begun at {visit.start}")
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" fill="#333"><title>{name}</title></circle>'
    for left in plan.left_out:
        x, y = at[place[left.stop]]
        name = escape(f"{left.stop} is left out: {left.why.value}")
        yield (
            f'<path d="M{x - 4:.1f} {y - 4:.1f}l8 8m0-8l-8 8" stroke="#b00020" stroke-width="2">'
            f"<title>{name}</title></path>"
        )
    for depot in problem.depots:
        x, y = at[depot.place]
        yield (
            f'<rect x="{x - 6:.1f}" y="{y - 6:.1f}" width="12" height="12" fill="#111">'
            f"<title>{escape(depot.name)}</title></rect>"
        )


def _colour(number: int) -> str:
    """Hues a golden angle apart: neighbours differ, and no two of a hundred are the same."""
    return f"hsl({number * 137.508 % 360:.0f} 65% 42%)"
