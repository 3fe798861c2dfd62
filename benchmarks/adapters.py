"""The product's own libraries behind the calls that the benchmark harness makes.

`route` answers a public vehicle routing instance through the same front door as production
(`routing.solver.route`); nothing here knows a benchmark by name. Money is distance: a cent is one
unit of it. Stops that must be served get a price above any detour.
"""

from typing import Any, TypeAlias

import numpy as np

from routing.effort import Effort
from routing.improve import warm
from routing.problem import Depot, Load, RoutingProblem, Stop, Vehicle, Window
from routing.solver import Trace, traced
from routing.travel import Travel

Instance: TypeAlias = dict[str, Any]
"""As the harness reads it; its keys are described at the top of its `vrpio.py`."""

warm()  # as the service does when it starts: compiling is no part of an answer


def route(
    inst: Instance, seconds: float, seed: int = 0
) -> tuple[list[tuple[int, list[int]]], Trace]:
    """Solve one instance of the harness; routes as (vehicle, stops), and the cost over time."""
    problem = problem_of(inst)
    plan, trace = traced(problem, Effort(at_most=seconds * 0.985 - 0.02, seed=seed))
    depot = {d.name: d.place for d in problem.depots}
    routes = []
    for made in plan.routes:
        stops = []
        for number, trip in enumerate(made.trips):
            if number:
                stops.append(depot[trip.depot])
            stops.extend(int(name) for name in trip.stops)
        routes.append((int(made.vehicle[1:]), stops))
    return routes, trace


def problem_of(inst: Instance) -> RoutingProblem:
    """The instance as a routing problem: seconds are its time units, metres its distances."""
    depots, dist = list(inst["depots"]), np.asarray(inst["dist"])
    dearest = 4 * int(dist.max()) + 1000
    return RoutingProblem(
        stops=tuple(
            Stop(
                name=str(i),
                place=i,
                price=dearest if inst["prize"] is None else int(inst["prize"][i]),
                service=int(inst["service"][i]),
                release=int(inst["release"][i]),
                windows=(Window(opens=int(inst["tw"][i, 0]), closes=int(inst["tw"][i, 1])),),
                load=Load(parcels=int(inst["demand"][i])),
            )
            for i in range(len(inst["tw"]))
            if i not in depots
        ),
        depots=tuple(Depot(name=f"d{d}", place=d) for d in depots),
        vehicles=tuple(_vehicle(k, v) for k, v in enumerate(inst["vehicles"])),
        travel=Travel(
            seconds=np.asarray(inst["dur"]).astype(np.int32), metres=dist.astype(np.int32)
        ),
    )


def _vehicle(number: int, vehicle: Instance) -> Vehicle:
    return Vehicle(
        name=f"v{number}",
        start=vehicle["start"],
        end=vehicle["end"],
        depot=f"d{vehicle['start']}",
        shift=Window(opens=vehicle["tw"][0], closes=vehicle["tw"][1]),
        capacity=Load(parcels=vehicle["capacity"]),
        reloads=tuple(f"d{d}" for d in vehicle["reload"]),
        trips=30 if vehicle["reload"] else 1,
        max_duration=vehicle["max_duration"],
        per_km=1000,
    )


def forecast(task: Any) -> Any:
    """Learn from the task's train split through the chain, then go on from what it shows.

    Quantiles (n, h + 1, 3): each step ahead and, in the last row, their total.
    """
    from forecasting.chain import learn_steps
    from forecasting.histories import Histories

    quiet = int(task.extra.get("history", 0) or 0)
    beside = task.x if task.xf is None else np.concatenate([task.x, task.xf], axis=1)
    taught = Histories(
        counts=task.Y,
        attention=task.X,
        kind=task.C,
        family=task.extra.get("product_train"),
        quiet=quiet,
        season=task.season,
    )
    asked = Histories(
        counts=task.y,
        attention=beside,
        kind=task.cat,
        family=task.extra.get("product"),
        quiet=quiet,
        season=task.season,
    )
    model = learn_steps(taught, task.y.shape[1], task.h, known=task.xf is not None)
    return model.foresee(asked)
