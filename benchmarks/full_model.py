"""The full model on the twin's viral days: our router, plain OR-Tools ILS, and PyVRP as far as it goes.

    python -m benchmarks.full_model [--days 3] [--seconds 10] [--load 0.9] [--routers ours,...] [--json FILE]

A whole day known beforehand: soft six-hour deadlines, releases, several trips, shifts, stock by node.
OR-Tools gets all of it, with as many departures over the day as a van may make trips, each a vehicle of its own; PyVRP gets each node
by itself, with the deadline as a hard one and a prize for each stop. Whatever a router answers is
timed and priced by the same timetable and checked by the same rules. All have the same seconds.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pyvrp
from ortools.constraint_solver import pywrapcp, routing_enums_pb2, routing_parameters_pb2

from benchmarks.viral_days import CLOSES, HOUR, LOOK, OPENS, Day, asked_of, days
from routing.effort import Effort
from routing.improve import warm
from routing.plan import RoutePlan
from routing.problem import RoutingProblem
from routing.rules import broken
from routing.solver import Finish, route, traced
from routing.timetable import Book, Order, orders_of, planned

Orders: TypeAlias = dict[str, Order]
Router: TypeAlias = Callable[[Book, float], Orders]
UNIT = 18_000
"""Parts of a cent, so that cents per hour and per km are whole."""
ON, OFF = True, False
CHEAP = 500
"""Cents an hour late that make plans of about as many vans as those of a router without lateness."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """One departure of one van within a part of the day, as a vehicle of OR-Tools' model."""

    van: str
    place: int
    leaves: int
    until: int


def ours(book: Book, seconds: float) -> Orders:
    """The front door."""
    return orders_of(route(book.problem, Effort(at_most=seconds)))


def thrifty(book: Book, seconds: float) -> Orders:
    """The front door told that an hour late costs `CHEAP` only: fewer hours and vans, less on time."""
    stops = tuple(replace(stop, late_per_hour=CHEAP) for stop in book.problem.stops)
    return ours(Book.of(replace(book.problem, stops=stops)), seconds)


def finished_by(*finishes: Finish) -> Router:
    """The front door with these steps behind the search; what the others take, the search has."""

    def router(book: Book, seconds: float) -> Orders:
        effort = Effort(at_most=seconds)
        return orders_of(traced(book.problem, effort, finishes=frozenset(finishes))[0])

    return router


def by_ortools(book: Book, seconds: float) -> Orders:
    """Iterated local search with string removals, from parallel insertion.

    With a departure in each hour the insertion, which knows nothing of one trip after another, found none.
    """
    problem = book.problem
    runs = [
        Departure(van=van.name, place=van.start, leaves=at, until=at + part - 1)
        for van in problem.vehicles
        for part in [(CLOSES - OPENS) // van.trips]
        for at in range(OPENS, CLOSES - part + 1, part)
    ]
    stops, vans = problem.stops, book.vehicles
    spots = np.array([s.place for s in stops] + [run.place for run in runs])
    ends = list(range(len(stops), len(spots)))
    manager = pywrapcp.RoutingIndexManager(len(spots), len(runs), ends, ends)
    model = pywrapcp.RoutingModel(manager)
    grid = np.ix_(spots, spots)
    metres = problem.travel.metres[grid].astype(np.int64)
    price = problem.vehicles[0].per_km * (UNIT // 1000)
    model.SetArcCostEvaluatorOfAllVehicles(model.RegisterTransitMatrix((metres * price).tolist()))
    served = np.array([s.service for s in stops] + [0] * len(runs))
    seconds_of = problem.travel.seconds[grid].astype(np.int64) + served[:, None]
    model.AddDimension(
        model.RegisterTransitMatrix(seconds_of.tolist()), 72 * HOUR, 72 * HOUR, OFF, "time"
    )
    time = model.GetDimensionOrDie("time")
    weights = [s.load.parcels for s in stops] + [0] * len(runs)
    model.AddDimension(model.RegisterUnaryTransitVector(weights), 0, 40, ON, "load")
    nodes = {depot.name: depot.place for depot in problem.depots}
    for i, stop in enumerate(stops):
        index = manager.NodeToIndex(i)
        home, ready = nodes[stop.units[0].at], stop.release
        fits = [k for k, run in enumerate(runs) if run.place == home and run.until >= ready]
        model.VehicleVar(index).SetValues([-1, *fits])
        model.AddDisjunction([index], stop.price * UNIT)
        late = stop.late_per_hour * UNIT // HOUR
        time.SetCumulVarSoftUpperBound(index, stop.due or 0, late)
        time.CumulVar(index).SetMin(ready + int(problem.travel.seconds[home, stop.place]))
    solver = model.solver()
    for k, run in enumerate(runs):
        model.SetFixedCostOfVehicle(vans[run.van].fixed * UNIT, k)
        time.SetSpanCostCoefficientForVehicle(vans[run.van].per_hour * UNIT // HOUR, k)
        time.CumulVar(model.Start(k)).SetRange(run.leaves, run.until)
        if k and runs[k - 1].van == run.van:
            before = time.CumulVar(model.End(k - 1)) + LOOK
            solver.Add(time.CumulVar(model.Start(k)) >= before)
    found = model.SolveWithIteratedLocalSearch(_iterated(model, seconds))
    if found is None:
        return {}
    made: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for k, run in enumerate(runs):
        index, names = model.Start(k), []
        while not model.IsEnd(index := found.Value(model.NextVar(index))):
            names.append(stops[manager.IndexToNode(index)].name)
        if names:
            made.setdefault(run.van, []).append((vans[run.van].depot or "", tuple(names)))
    return {van: tuple(trips) for van, trips in made.items()}


def _iterated(model: Any, seconds: float) -> routing_parameters_pb2.RoutingSearchParameters:
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    first, search = (
        routing_enums_pb2.FirstSolutionStrategy,
        routing_enums_pb2.LocalSearchMetaheuristic,
    )
    parameters.first_solution_strategy = first.PARALLEL_CHEAPEST_INSERTION
    parameters.local_search_metaheuristic = search.GREEDY_DESCENT
    parameters.use_iterated_local_search = True
    inner = parameters.iterated_local_search_parameters
    inner.improve_perturbed_solution = False
    rebuilt = inner.ruin_recreate_parameters
    sisr = rebuilt.ruin_strategies.add().sisr
    sisr.max_removed_sequence_size, sisr.avg_num_removed_visits = 10, 20
    sisr.bypass_factor = 0.01
    rebuilt.recreate_strategy.heuristic = first.LOCAL_CHEAPEST_INSERTION
    inner.reference_solution_acceptance_strategy.simulated_annealing.automatic_temperatures = True
    parameters.time_limit.FromMilliseconds(int(1000 * seconds))
    model.CloseModelWithParameters(parameters)
    return parameters


def by_pyvrp(book: Book, seconds: float) -> Orders:
    """Each node by itself, for its share of the seconds."""
    problem, made = book.problem, {}
    for depot in problem.depots:
        own = [s for s in problem.stops if s.units[0].at == depot.name]
        vans = [v for v in problem.vehicles if v.depot == depot.name]
        spots = [depot.place, *(s.place for s in own)]
        grid = np.ix_(spots, spots)
        data = pyvrp.ProblemData(
            [pyvrp.Location(0, 0)] * len(spots),
            [
                pyvrp.Client(
                    location=1 + k,
                    delivery=[stop.load.parcels],
                    service_duration=stop.service,
                    tw_early=0,
                    tw_late=max(
                        stop.due or 0,
                        stop.release + int(problem.travel.seconds[depot.place, stop.place]),
                    ),
                    release_time=stop.release,
                    prize=stop.price * UNIT,
                    required=False,
                )
                for k, stop in enumerate(own)
            ],
            [pyvrp.Depot(0)],
            [
                pyvrp.VehicleType(
                    num_available=len(vans),
                    capacity=[40],
                    fixed_cost=vans[0].fixed * UNIT,
                    tw_early=vans[0].shift.opens,
                    tw_late=vans[0].shift.closes,
                    unit_distance_cost=vans[0].per_km * UNIT // 1000,
                    unit_duration_cost=vans[0].per_hour * UNIT // HOUR,
                    reload_depots=[0],
                    max_reloads=vans[0].trips - 1,
                )
            ],
            [problem.travel.metres[grid].astype("int64")],
            [problem.travel.seconds[grid].astype("int64")],
        )
        share = seconds * len(own) / len(problem.stops)
        best = pyvrp.solve(data, pyvrp.stop.MaxRuntime(share), seed=1, display=False).best
        for van, driven in zip(vans, best.routes(), strict=False):
            trips: list[list[str]] = [[]]
            for visit in driven:
                if visit.is_client():
                    trips[-1].append(own[visit.idx].name)
                elif trips[-1]:
                    trips.append([])
            made[van.name] = tuple((depot.name, tuple(trip)) for trip in trips if trip)
    return made


ROUTERS: dict[str, Router] = {
    "ours": ours,
    "ortools": by_ortools,
    "pyvrp": by_pyvrp,
    "thrifty": thrifty,
    "recombined": finished_by(Finish.RECOMBINED, Finish.SCHEDULED),
    "unscheduled": finished_by(),
}


def judged(problem: RoutingProblem, plan: RoutePlan) -> dict[str, float]:
    """What came of one answer: times and prices are those of the timetable."""
    met = sum(v.start <= (problem.stop(v.stop).due or 0) for _, v in plan.visits())
    paid = plan.costs.fixed + plan.costs.hours + plan.costs.kilometres
    served = sum(1 for _ in plan.visits())
    return {
        "on_time": met,
        "paid": paid,
        "served": served,
        "vans": len(plan.routes),
        "whole_cost": plan.cost,
        "violations": len(broken(problem, plan)),
    }


def figures_of(chosen: list[Day], seconds: float, names: list[str]) -> dict[str, float | int]:
    """These routers over all days, pooled."""
    figures: dict[str, float | int] = {"full_orders": sum(len(day.at) for day in chosen)}
    for name in names:
        router = ROUTERS[name]
        sums: dict[str, float] = {}
        for day in chosen:
            problem = asked_of(day)
            book = Book.of(problem)
            for key, value in judged(problem, planned(book, router(book, seconds))).items():
                sums[key] = sums.get(key, 0) + value
        figures[f"full_on_time_{name}"] = round(sums["on_time"] / figures["full_orders"], 4)
        figures[f"full_cents_an_order_{name}"] = round(sums["paid"] / max(1, sums["served"]), 1)
        for key in ("vans", "whole_cost", "violations"):
            figures[f"full_{key}_{name}"] = int(sums[key])
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--load", type=float, default=0.9)
    parser.add_argument("--routers", default="ours,ortools,pyvrp", help=", ".join(ROUTERS))
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    warm()
    chosen = days(asked.load)[: asked.days]
    figures = figures_of(chosen, asked.seconds, asked.routers.split(","))
    print(json.dumps(figures, indent=1))
    if asked.json is not None:
        asked.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
