"""A game of sending and holding, after the rules of the EURO-NeurIPS 2022 dynamic problem.

An hour is an epoch. In each, orders become known: place, window, service and load drawn one by one
from the lists of a town of our own. Who cannot be reached in time any more by leaving one epoch
later must go. Vans are as many as anybody likes and all driving counts; every order is brought.
Greedy sends all it knows at once; patient holds all that may be held. Nothing of the competition's
data is used: towns are drawn here.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from routing.effort import Effort
from routing.problem import Depot, Load, RoutingProblem, Stop, Vehicle, Window
from routing.sending import must_go, sending
from routing.solver import route
from routing.travel import Travel

HOUR = 3600
MISSED = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """The lists from which orders are drawn, and the ways between their places (0 is the depot)."""

    travel: Travel
    opens: tuple[int, ...]
    closes: tuple[int, ...]
    service: tuple[int, ...]
    load: tuple[int, ...]
    epochs: int
    each: int
    """Orders that become known in an epoch."""


Decide: TypeAlias = Callable[[RoutingProblem, int, int], tuple[str, ...]]
"""Which stops leave now; asked with the problem, the second of the next wave, and the epoch."""


def a_town(seed: int, places: int = 250, epochs: int = 7, each: int = 50) -> Town:
    """Districts around a depot that lies to one side, roads that are not the same both ways."""
    rng = np.random.default_rng([seed, 22])
    middles = rng.uniform(0, 3000, (8, 2))
    spots = middles[rng.integers(0, 8, places)] + rng.normal(0, 350, (places, 2))
    spots[0] = rng.uniform(800, 2200, 2)
    far = np.sqrt(((spots[:, None] - spots[None]) ** 2).sum(-1))
    seconds = (far * rng.uniform(0.95, 1.25, far.shape) + 60).astype(np.int32)
    np.fill_diagonal(seconds, 0)
    ends = (epochs + 3) * HOUR
    width = rng.choice([HOUR, 2 * HOUR, 4 * HOUR, ends], places, p=[0.2, 0.3, 0.3, 0.2])
    opens = (rng.uniform(0, 1, places) * np.maximum(0, ends - HOUR - width) // 900 * 900).astype(
        int
    )
    return Town(
        travel=Travel(seconds=seconds, metres=seconds),
        opens=tuple(opens.tolist()),
        closes=tuple(np.minimum(ends - HOUR, opens + width).tolist()),
        service=tuple(rng.integers(60, 400, places).tolist()),
        load=tuple(rng.integers(1, 30, places).tolist()),
        epochs=epochs,
        each=each,
    )


def drawn(town: Town, rng: np.random.Generator, epoch: int, name: str) -> tuple[Stop, ...]:
    """What becomes known in an epoch, less what could not be reached in time."""
    start, count = epoch * HOUR, len(town.opens)
    picks = [rng.integers(1, count, town.each).tolist() for _ in range(4)]
    stops = []
    for k, (place, window, service, load) in enumerate(zip(*picks, strict=True)):
        closes = town.closes[window]
        if start + int(town.travel.seconds[0, place]) <= closes:
            stops.append(
                Stop(
                    name=f"{name}{epoch}-{k}",
                    place=place,
                    price=MISSED,
                    service=town.service[service],
                    release=start,
                    windows=(Window(opens=min(town.opens[window], closes), closes=closes),),
                    load=Load(parcels=town.load[load]),
                )
            )
    return tuple(stops)


def asked(town: Town, stops: tuple[Stop, ...], now: int) -> RoutingProblem:
    """The known orders as a problem; vans leave from now on."""
    van = Vehicle(
        name="van",
        start=0,
        end=0,
        depot="depot",
        shift=Window(opens=now, closes=(town.epochs + 6) * HOUR),
        capacity=Load(parcels=180),
        per_km=1000,
    )
    most = max(4, len(stops) // 2)
    return RoutingProblem(
        stops=stops,
        depots=(Depot(name="depot", place=0),),
        vehicles=tuple(replace(van, name=f"van{k}") for k in range(most)),
        travel=town.travel,
    )


def play(town: Town, seed: int, decide: Decide, steps: int) -> tuple[int, int]:
    """Seconds driven over the whole game, and orders that were missed."""
    rng = np.random.default_rng([seed, 7])
    waiting: tuple[Stop, ...] = ()
    driven = missed = 0
    for epoch in range(town.epochs):
        now = epoch * HOUR
        waiting = (*(replace(s, release=now) for s in waiting), *drawn(town, rng, epoch, "order"))
        problem = asked(town, waiting, now)
        last = epoch == town.epochs - 1
        leaving = {s.name for s in waiting} if last else set(decide(problem, now + HOUR, epoch))
        plan = route(
            asked(town, tuple(s for s in waiting if s.name in leaving), now),
            Effort(at_most=60, steps=4 * steps, seed=seed),
        )
        driven += plan.costs.kilometres
        missed += len(plan.left_out)
        waiting = tuple(s for s in waiting if s.name not in leaving)
    return driven, missed


def greedy(problem: RoutingProblem, next_wave: int, epoch: int) -> tuple[str, ...]:
    """All that is known leaves."""
    del next_wave, epoch
    return tuple(s.name for s in problem.stops)


def patient(problem: RoutingProblem, next_wave: int, epoch: int) -> tuple[str, ...]:
    """Only what must go leaves."""
    del epoch
    return tuple(must_go(problem, next_wave))


def by_futures(town: Town, seed: int, count: int, steps: int) -> Decide:
    """What sampled futures say."""
    rng = np.random.default_rng([seed, 8])

    def decide(problem: RoutingProblem, next_wave: int, epoch: int) -> tuple[str, ...]:
        ahead = [drawn(town, rng, epoch + 1, f"maybe{number}-") for number in range(count)]
        most = max(len(x) for x in ahead)
        vans = asked(town, (*problem.stops, *ahead[0]), problem.vehicles[0].shift.opens).vehicles
        wide = replace(problem, vehicles=vans[: len(problem.stops) // 2 + most])
        return sending(wide, next_wave, ahead, Effort(at_most=60, steps=steps, seed=seed)).send

    return decide
