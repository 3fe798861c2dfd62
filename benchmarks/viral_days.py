"""Rolling dispatch on the twin's viral days: send and hold against sending everything at once.

    python -m benchmarks.viral_days [--days 6] [--load 0.9] [--futures 6] [--steps 300] [--json FILE]

A day of one market of the demo's world: its own buyers between opening and the last hour from which
six hours can be kept, served from the two of its spaces that lie best. Every quarter of an hour the
known orders are looked at; both ways have the same router and the same vans, so many that usual
routes would fill nine tenths of their hours. Trips go as they are planned. Futures know only what
has come: as many buyers as in the last hour, where the last ones lived.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from data.demo.world import demo_world
from logistics.network import Site
from logistics.policy import SiteType
from logistics.twin.truth import Buyer, truth_of
from routing.effort import Effort
from routing.geography import Place
from routing.improve import warm
from routing.problem import Depot, Load, RoutingProblem, Stop, Unit, Vehicle, Window
from routing.sending import leaving_by, sending
from routing.solver import route
from routing.travel import GreatCircle, Travel

HOUR = 3600
LOOK = HOUR // 4
"""Between two looks, and from a look until its first van can leave."""
PACKED = 40 * 60
"""From the order until its van may leave: picked, packed and loaded."""
SIX = 6 * HOUR
SERVICE = 240
PER_ROUTE, PER_STOP, PER_KM = 1500, 450, 6
VAN_HOUR = 1250
USUAL = 12
"""Drops of a usual route: six hours have room for more than a promised window of two."""
FUTURE_STEPS = 50
OPENS, LAST, CLOSES = 8 * HOUR, 15 * HOUR, 22 * HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A market's day: second 0 is local midnight; the first places are the nodes."""

    travel: Travel
    nodes: int
    at: tuple[int, ...]
    """When each buyer comes; their places follow the nodes'."""
    home: tuple[int, ...]
    """The node of each."""
    vans: int
    trip: int
    """Seconds from the first to the last drop of a usual trip."""


Decide: TypeAlias = Callable[[Day, RoutingProblem, int, tuple[int, ...]], set[str]]
"""Which of the known orders leave now: asked with the look's second and the buyers that came."""


def days(load: float) -> list[Day]:
    """The busiest days of all markets in the demo's worlds of two seeds."""
    found = []
    for seed in (1, 2):
        world = demo_world(seed)
        truth = truth_of(world)
        for market in world.markets:
            zone = ZoneInfo(market.zone)
            sites = [
                site
                for site in world.sites
                if site.market == market.id and site.type is not SiteType.CENTRE
            ]
            own = [buyer for buyer in truth.buyers if buyer.market == market.id]
            for day in sorted({buyer.at.astimezone(zone).date() for buyer in own}):
                came = [
                    (buyer, second_of(buyer.at.astimezone(zone)))
                    for buyer in own
                    if buyer.at.astimezone(zone).date() == day
                ]
                came = [(buyer, at) for buyer, at in came if OPENS <= at <= LAST]
                if len(came) >= 60:
                    found.append(_day(came, sites, load))
    return sorted(found, key=lambda day: -len(day.at))


def second_of(local: datetime) -> int:
    """The second of a local day."""
    return local.hour * HOUR + local.minute * 60 + local.second


def _day(came: list[tuple[Buyer, int]], sites: list[Site], load: float) -> Day:
    places = [Place(lat=site.lat, lon=site.lon) for site in sites]
    buyers = [Place(lat=buyer.lat, lon=buyer.lon) for buyer, _ in came]
    drives = GreatCircle().table(tuple(places + buyers)).seconds[: len(sites), len(sites) :]
    pairs = [(a, b) for a in range(len(sites)) for b in range(a)] or [(0, 0)]
    best = min(pairs, key=lambda pair: int(drives[list(pair)].min(axis=0).sum()))
    kept = sorted(set(best))
    travel = GreatCircle().table(tuple([places[k] for k in kept] + buyers))
    near = travel.seconds[: len(kept), len(kept) :]
    hop = _hop(travel.seconds[len(kept) :, len(kept) :])
    tour = LOOK + 2 * float(near.min(axis=0).mean()) + USUAL * (hop + SERVICE)
    hours = LAST + SIX - OPENS - HOUR
    vans = max(2, round(len(came) / USUAL * tour / hours / load))
    return Day(
        travel=travel,
        nodes=len(kept),
        at=tuple(at for _, at in came),
        home=tuple(near.argmin(axis=0).tolist()),
        vans=vans,
        trip=round((USUAL - 1) * (hop + SERVICE)),
    )


def _hop(drives: NDArray[np.int32]) -> float:
    """The drive to the nearest of the orders that are usually known together: two trips' worth."""
    rng = np.random.default_rng(0)
    hops = []
    for _ in range(20):
        known = rng.choice(len(drives), 2 * USUAL, replace=False)
        between = drives[np.ix_(known, known)].astype(float)
        np.fill_diagonal(between, np.inf)
        hops.append(between.min(axis=1).mean())
    return float(np.mean(hops))


def lived(
    day: Day, decide: Decide, *, whole: bool, steps: int, every: int = LOOK
) -> tuple[int, int, int]:
    """Orders within six hours, cents paid, and trips; `whole` commits all trips of a plan."""
    free = dict.fromkeys((f"van{k}" for k in range(day.vans)), OPENS)
    waiting: dict[str, int] = {}
    met = paid = trips = 0
    told = 0
    for now in range(OPENS, CLOSES, every):
        while told < len(day.at) and day.at[told] + PACKED <= now + LOOK:
            waiting[f"order{told}"] = told
            told += 1
        if not waiting:
            continue
        problem = _asked(day, waiting, free, now)
        leaving = decide(day, problem, now, day.at[:told])
        plan_of = replace(problem, stops=tuple(s for s in problem.stops if s.name in leaving))
        if not plan_of.stops:
            continue
        plan = route(plan_of, Effort(at_most=60, steps=steps))
        if not whole:
            plan_of, plan = leaving_by(plan_of, plan, now + 2 * LOOK)
        for made in plan.routes:
            free[made.vehicle] = made.end + LOOK
            trips += sum(bool(trip.visits) for trip in made.trips)
            for visit in made.visits:
                order = waiting.pop(visit.stop)
                met += visit.start <= day.at[order] + SIX
            carried = sum(bool(trip.visits) for trip in made.trips)
            paid += carried * PER_ROUTE + PER_STOP * len(made.visits) + PER_KM * made.metres // 1000
    return met, paid, trips


def _asked(
    day: Day, waiting: dict[str, int], free: dict[str, int], now: int, trips: int = 2
) -> RoutingProblem:
    return RoutingProblem(
        stops=tuple(_stop(day, name, k, day.at[k], now) for name, k in waiting.items()),
        depots=tuple(Depot(name=f"node{n}", place=n) for n in range(day.nodes)),
        vehicles=tuple(
            Vehicle(
                name=name,
                start=k % day.nodes,
                end=k % day.nodes,
                depot=f"node{k % day.nodes}",
                reloads=tuple(f"node{n}" for n in range(day.nodes)),
                trips=trips,
                turnaround=LOOK,
                shift=Window(opens=max(now + LOOK, back), closes=72 * HOUR),
                capacity=Load(parcels=40),
                fixed=PER_ROUTE,
                per_hour=VAN_HOUR,
                per_km=PER_KM,
            )
            for k, (name, back) in enumerate(free.items())
        ),
        travel=day.travel,
    )


def _stop(day: Day, name: str, like: int, at: int, now: int) -> Stop:
    late = at + SIX < now + LOOK
    return Stop(
        name=name,
        place=day.nodes + like,
        price=20_000,
        service=SERVICE,
        release=at + PACKED,
        due=max(now, at + SIX),
        late_per_hour=300 if late else 9_000,
        load=Load(parcels=1),
        units=(Unit(at=f"node{day.home[like]}"),),
    )


def asked_of(day: Day) -> RoutingProblem:
    """The whole day as one problem, all of it known beforehand."""
    known = {f"order{k}": k for k in range(len(day.at))}
    vans = dict.fromkeys((f"van{k}" for k in range(day.vans)), OPENS)
    return _asked(day, known, vans, OPENS - LOOK, trips=6)


def at_once(day: Day, problem: RoutingProblem, now: int, came: tuple[int, ...]) -> set[str]:
    """Everything leaves."""
    del day, now, came
    return {stop.name for stop in problem.stops}


def by_futures(count: int, steps: int) -> Decide:
    """What the futures say of the last hour repeated."""

    def decide(day: Day, problem: RoutingProblem, now: int, came: tuple[int, ...]) -> set[str]:
        rng = np.random.default_rng([now, len(came)])
        mean = sum(at > now - HOUR for at in came)
        futures = [
            tuple(
                _stop(day, f"maybe{f}-{k}", int(rng.integers(0, len(came))), now + k * 60, now)
                for k in range(int(rng.poisson(mean)))
            )
            for f in range(count)
        ]
        effort = Effort(at_most=60, steps=steps)
        return set(
            sending(problem, now + 2 * LOOK, futures, effort, before=day.trip, full=USUAL).send
        )

    return decide


def figures_of(count: int, load: float, futures: int, steps: int) -> dict[str, float | int]:
    """Each way over the busiest days, pooled; `hourly` sends all at once, but looks every hour."""
    chosen = days(load)[:count]
    held = by_futures(futures, FUTURE_STEPS)
    pooled = {
        name: np.array([live(day) for day in chosen]).sum(axis=0)
        for name, live in (
            ("at_once", lambda day: lived(day, at_once, whole=True, steps=steps)),
            ("hourly", lambda day: lived(day, at_once, whole=True, steps=steps, every=HOUR)),
            ("held", lambda day: lived(day, held, whole=False, steps=steps)),
        )
    }
    orders = sum(len(day.at) for day in chosen)
    figures: dict[str, float | int] = {
        "viral_days": len(chosen),
        "viral_orders": orders,
        "viral_vans": sum(day.vans for day in chosen),
    }
    for name, (met, paid, trips) in pooled.items():
        figures[f"viral_six_hours_{name}"] = round(float(met) / orders, 4)
        figures[f"viral_cost_{name}"] = int(paid) // 100
        figures[f"viral_trips_{name}"] = int(trips)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=6)
    parser.add_argument("--load", type=float, default=0.9)
    parser.add_argument("--futures", type=int, default=4)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    warm()
    figures = figures_of(asked.days, asked.load, asked.futures, asked.steps)
    print(json.dumps(figures, indent=1))
    if asked.json is not None:
        asked.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
