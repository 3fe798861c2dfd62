"""Pricing the cells gives a bound that holds, and plans that keep every rule."""

import numpy as np
from hypothesis import given, settings

from logistics.placement.answer import unmet_approvals
from logistics.placement.frame import frame
from logistics.placement.prices import likely, not_ruled_out, settle, size, worth_a_thought
from logistics.placement.problem import (
    DAY,
    Leg,
    Period,
    PlacementProblem,
    Product,
    SamplePath,
    Series,
    Site,
    Wishes,
)
from logistics.placement.rules import broken
from logistics.placement.solver import place
from routing.effort import Effort
from tests.builders.placement import placement_problems


def a_country(seed: int, *, days: int = 1, paths: int = 1, **wishes) -> PlacementProblem:
    """Twenty cells and six sites on a plain, what is wanted rising and falling over the days."""
    draw = np.random.default_rng(seed)
    cells, sites = draw.random((20, 2)), draw.random((6, 2))
    away = np.hypot(*(cells[:, None] - sites[None, :]).transpose(2, 0, 1))
    wave = np.exp(-0.5 * ((np.arange(days) - days / 3) / max(1, days / 4)) ** 2)
    futures = tuple(
        SamplePath(
            name=f"path {s}",
            demand=tuple(
                Series(product="p", cell=f"c{i}", parcels=tuple(map(int, draw.poisson(50 * wave))))
                for i in range(20)
            ),
        )
        for s in range(paths)
    )
    return PlacementProblem(
        periods=tuple(Period(start=DAY * t, seconds=DAY) for t in range(days)),
        products=(Product(name="p", margin=1_000),),
        sites=tuple(
            Site(
                name=f"s{j}",
                kind="standby",
                capacity=(300,) * days,
                set_up=int(draw.integers(20_000, 90_000)),
                per_day=30_000,
                shortest_term=2 * DAY,
                ramp=DAY,
            )
            for j in range(6)
        ),
        legs=tuple(
            Leg(node=f"s{j}", cell=f"c{i}", cost=300 + int(1_500 * away[i, j]))
            for i in range(20)
            for j in range(6)
            if away[i, j] < 0.6
        ),
        paths=futures,
        next_day_parcel=900,
        lateness_price=1_500,
        wishes=Wishes(**wishes),
    )


@settings(max_examples=30, derandomize=True, deadline=None)
@given(placement_problems())
def test_no_plan_costs_less_than_the_prices_bound(problem):
    plan = place(problem, Effort(steps=200))
    prices = settle(problem, frame(problem), Effort(steps=40), upper=float(plan.steered))
    assert prices.bound + unmet_approvals(problem) <= plan.steered + 1


@settings(max_examples=30, derandomize=True, deadline=None)
@given(placement_problems())
def test_every_plan_by_prices_keeps_every_rule(problem):
    assert broken(problem, place(problem, Effort(steps=5), at_once=0)) == ()


def test_prices_and_the_whole_search_agree_on_a_country():
    for problem in (a_country(1), a_country(2, days=4), a_country(3, days=3, paths=2)):
        whole = place(problem, Effort(steps=60), gap=1e-6, at_once=10**9)
        priced = place(problem, Effort(steps=60), gap=1e-6, at_once=0)
        assert broken(problem, priced) == ()
        assert priced.steered <= whole.steered * 1.002
        assert priced.bound <= whole.steered + 1
        assert priced.bound >= 0.985 * whole.steered


def test_the_prices_alone_come_close_to_the_cost():
    problem = a_country(4, days=5)
    facts = frame(problem)
    plan = place(problem, Effort(steps=60))
    prices = settle(problem, facts, Effort(steps=400), upper=float(plan.steered))
    assert prices.bound >= 0.97 * plan.steered
    runs = likely(problem, facts, prices, 0.5)
    assert runs.any()
    assert (runs <= facts.may_run).all()


def test_thinned_facts_keep_the_better_plans():
    problem = a_country(5)
    facts = frame(problem)
    plan = place(problem, Effort(steps=60), gap=1e-6)
    prices = settle(problem, facts, Effort(steps=400), upper=float(plan.steered))
    rest = not_ruled_out(problem, facts, prices, plan.steered - prices.bound)
    kept = {problem.sites[j].name for j in np.flatnonzero(rest.may_run.any(axis=1))}
    assert {each.site for each in plan.openings} <= kept
    assert size(worth_a_thought(problem, facts, prices, 100)) < size(facts)


def test_no_more_nodes_run_than_may():
    plan = place(a_country(6, most_open=2), Effort(steps=200), at_once=0)
    assert len(plan.openings) == 2
    assert broken(a_country(6, most_open=2), plan) == ()
