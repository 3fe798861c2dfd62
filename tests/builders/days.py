"""A day under way: a route of the small metro, and stops to the west along it."""

from datetime import timedelta

from logistics.dispatch import Route, RouteState, Stop, StopState
from tests.builders.supply import SEVEN


def a_stop(position, due, **more):
    told = {
        "route": "rte_1",
        "state": StopState.PLANNED,
        "planned_at": due,
        "projected_at": due,
        **more,
    }
    return Stop(
        id=f"stp_{position}",
        order=f"ord_{position}",
        promise=None,
        market="la",
        position=position,
        lat=34.05,
        lon=-118.2 - position / 100,
        parcels=1,
        service=240,
        due_at=due,
        **told,
    )


def a_route(node, stops, **more):
    told = {
        "id": "rte_1",
        "plan": "pln_1",
        "market": "la",
        "node": node,
        "vehicle": "van-1",
        "carrier": "swift",
        "state": RouteState.IN_PROGRESS,
        "departs_at": SEVEN - timedelta(hours=1),
        "returns_at": SEVEN + timedelta(hours=1),
        "distance_m": 40_000,
        "stop_count": stops,
        "cost": 9_000,
        "updated_at": SEVEN,
    }
    return Route(**{**told, **more})
