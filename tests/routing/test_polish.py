"""A plain problem goes on by PyVRP; what cannot be said to it is left to our own search."""

from dataclasses import replace

import numpy as np
import pytest

from routing.effort import Effort
from routing.improve import improve
from routing.plan import Stopped
from routing.polish import polishable, polished
from routing.problem import Break, Depot, Load, RoutingProblem, Stop, Unit, Vehicle, Window
from routing.rules import broken
from routing.solver import POLISHED, route
from routing.timetable import Book, planned
from routing.travel import Travel
from tests.routing.builders import HOUR

DAY = Window(opens=0, closes=10 * HOUR)


def a_plain_problem(seed=1, stops=30, **facts):
    """Two depots with three vans each, several trips, releases, windows, prices in cents and hours."""
    rng = np.random.default_rng(seed)
    spots = rng.integers(0, 9000, size=(stops + 2, 2))
    far = np.sqrt(((spots[:, None] - spots[None]) ** 2).sum(-1))
    opens = rng.integers(0, 6 * HOUR, stops)
    return RoutingProblem(
        stops=tuple(
            Stop(
                name=f"s{k}",
                place=k + 2,
                price=50_000,
                service=300,
                release=int(rng.integers(0, HOUR)),
                windows=(Window(opens=int(opens[k]), closes=int(opens[k]) + 3 * HOUR),),
                load=Load(parcels=int(rng.integers(1, 4)), weight=int(rng.integers(1, 900))),
            )
            for k in range(stops)
        ),
        depots=(Depot(name="a", place=0), Depot(name="b", place=1)),
        vehicles=tuple(
            Vehicle(
                name=f"v{k}",
                start=k % 2,
                end=k % 2,
                depot="ab"[k % 2],
                reloads=("a", "b"),
                trips=3,
                shift=DAY,
                capacity=Load(parcels=14, weight=5000),
                max_duration=9 * HOUR,
                fixed=1500,
                per_hour=1800,
                per_km=60,
            )
            for k in range(6)
        ),
        travel=Travel(seconds=(far / 6).astype(np.int32), metres=far.astype(np.int32)),
        **facts,
    )


@pytest.mark.parametrize("seed", range(2))
def test_what_comes_back_keeps_every_rule_and_is_never_dearer(seed):
    problem = a_plain_problem(seed)
    assert polishable(problem)
    book = Book.of(problem)
    start = improve(book, {}, Effort(steps=60, seed=seed))
    before = planned(book, start.orders)
    found = polished(book, start.orders, Effort(steps=3000, seed=seed))
    after = planned(book, found.orders)
    assert broken(problem, after) == ()
    assert after.cost <= before.cost
    assert found.pool
    for _, order in found.pool:
        assert any(stops for _, stops in order)


def test_the_same_steps_and_seed_give_the_same_plan():
    problem = a_plain_problem()
    one, other = (route(problem, Effort(steps=300, seed=3)) for _ in range(2))
    assert one == other
    assert one.stopped is Stopped.STEPS


def test_many_stops_are_searched_at_length_and_keep_every_rule():
    problem = a_plain_problem(stops=POLISHED + 10)
    one, other = (route(problem, Effort(steps=400, seed=3)) for _ in range(2))
    assert one == other
    assert broken(problem, one) == ()


def test_a_stop_that_does_not_pay_stays_out():
    problem = a_plain_problem()
    cheap = replace(problem, stops=(*problem.stops[:-1], replace(problem.stops[-1], price=1)))
    plan = route(cheap, Effort(steps=300))
    assert [left.stop for left in plan.left_out] == [problem.stops[-1].name]
    assert broken(cheap, plan) == ()


@pytest.mark.parametrize(
    "changed",
    [
        lambda p: replace(p, travel=replace(p.travel, hours=(1000,) * 23 + (1300,))),
        lambda p: _with_stop(p, due=HOUR, late_per_hour=100),
        lambda p: _with_stop(p, skills=frozenset({"chilled"})),
        lambda p: _with_stop(p, units=(Unit(at="a"),)),
        lambda p: _with_stop(
            p, windows=(Window(opens=0, closes=10), Window(opens=20, closes=10 * HOUR))
        ),
        lambda p: _with_van(p, breaks=(Break(window=Window(opens=0, closes=60), length=60),)),
        lambda p: _with_van(p, locked=("s1",)),
        lambda p: _with_van(p, turnaround=60),
        lambda p: _with_van(p, depot=None),
        lambda p: _with_van(p, end=None),
        lambda p: replace(p, depots=(p.depots[0], replace(p.depots[1], opens=HOUR))),
    ],
)
def test_what_cannot_be_said_to_it_is_not_plain(changed):
    problem = changed(a_plain_problem())
    assert not polishable(problem)
    assert broken(problem, route(problem, Effort(steps=40))) == ()


def _with_stop(problem, **facts):
    return replace(problem, stops=(replace(problem.stops[0], **facts), *problem.stops[1:]))


def _with_van(problem, **facts):
    return replace(problem, vehicles=(replace(problem.vehicles[0], **facts), *problem.vehicles[1:]))
