"""A country cut into districts: what they cost together is no more than any plan costs."""

import numpy as np
import pytest

from logistics.placement.districts import Atlas
from logistics.placement.frame import Frame, frame
from logistics.placement.large import bench_of
from logistics.placement.model import build
from logistics.placement.polish import Bench, parts
from logistics.placement.prices import Prices, settle
from logistics.placement.programme import solve_sheet
from logistics.placement.rules import broken
from logistics.placement.solver import place
from routing.effort import Effort
from tests.logistics.placement.test_prices import a_country

EFFORT = Effort(at_most=30.0, steps=2_000)


def priced(problem, upper: float) -> tuple[Frame, Prices]:
    facts = frame(problem)
    return facts, settle(problem, facts, Effort(steps=60), upper=upper)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("most", [1, 60, 10_000])
def test_no_plan_costs_less_than_its_districts_together(seed, most):
    problem = a_country(seed, days=3, paths=2)
    plan = place(problem, EFFORT, gap=0.0)
    facts, prices = priced(problem, float(plan.cost))
    atlas = Atlas(problem, facts, prices, most)
    bounds = []
    for k in range(len(atlas.districts)):
        model = build(problem, atlas.within(k, np.inf))
        found = solve_sheet(model.sheet, model.sheet.objective(facts.weights), EFFORT, lean=True)
        bounds.append(found.bound)
        assert atlas.least[k] <= found.bound + 1
    assert sum(bounds) + atlas.rest <= plan.cost + 1
    assert sum(atlas.least) + atlas.rest <= sum(bounds) + atlas.rest + len(bounds)


@pytest.mark.parametrize("seed", range(4))
def test_what_loses_more_than_the_slack_is_in_no_better_plan(seed):
    problem = a_country(seed, days=3)
    plan = place(problem, EFFORT, gap=0.0)
    facts, prices = priced(problem, float(plan.cost))
    atlas = Atlas(problem, facts, prices, 10_000)
    thinned = atlas.within(0, plan.cost - float(atlas.least.sum()) - atlas.rest + 1)
    model = build(problem, thinned)
    found = solve_sheet(model.sheet, model.sheet.objective(facts.weights), EFFORT)
    assert found.bound + atlas.rest == pytest.approx(plan.cost, abs=1)


@pytest.mark.parametrize("seed", range(3))
def test_what_a_move_saves_is_what_the_whole_plan_saves(seed):
    problem = a_country(seed, days=3, paths=2)
    facts, start = frame(problem), place(problem, Effort(steps=1), gap=1.0)
    bench: Bench = bench_of(problem, facts, start)
    before = bench.costs.copy()
    for j in range(facts.sites):
        fees = [bench.fees(each, bench.stretch(each)) for each in range(facts.sites)]
        cost = sum(fees) + float((bench.share[:, None, None] * bench.costs).sum())
        saved = bench.attempt({j: (0, 3) if bench.stretch(j) is None else None})
        fees = [bench.fees(each, bench.stretch(each)) for each in range(facts.sites)]
        after = sum(fees) + float((bench.share[:, None, None] * bench.costs).sum())
        assert cost - after == pytest.approx(saved, abs=0.01)
    assert before.shape == bench.costs.shape


def test_nodes_of_two_parts_share_no_cell():
    facts = frame(a_country(1))
    node, cell = parts(facts)
    assert (node[facts.leg_node] == cell[facts.leg_cell]).all()


@pytest.mark.parametrize("seed", range(3))
def test_a_plan_by_districts_is_bounded_and_keeps_every_rule(seed):
    problem = a_country(seed, days=4)
    plan = place(problem, Effort(at_most=20.0, steps=500), at_once=0, gap=1e-3)
    best = place(problem, EFFORT, gap=0.0)
    assert broken(problem, plan) == ()
    assert plan.bound <= best.cost + 1 <= plan.cost + 1


@pytest.mark.parametrize("seed", range(3))
def test_a_question_much_like_another_begins_with_its_plan(seed):
    problem = a_country(seed, days=4)
    best = place(problem, EFFORT, gap=0.0)
    shut = best.openings[0].site
    asked = a_country(seed, days=4, must_not=(shut,))
    plan = place(asked, Effort(at_most=20.0, steps=1), at_once=0, like=best)
    assert broken(asked, plan) == ()
    assert shut not in {each.site for each in plan.openings}
    again = place(problem, Effort(at_most=20.0, steps=1), at_once=0, like=best)
    assert again.cost <= best.cost
