"""Risk: the curve over stock sizes is the paper's, and the limit on the tail is kept."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logistics.placement.problem import Wishes
from logistics.placement.risk import cash_at_risk, cvar90, recommended, stock_curve
from logistics.placement.rules import broken
from logistics.placement.solver import place
from routing.effort import Effort
from tests.builders.placement import a_path, a_question, placement_problems

# stock, fill, no stock-out, left over, gain, chance of a loss, CVaR90 of the cash at risk:
# product.md 4.2, from a million draws of its own
PAPER = (
    (800, 0.31, 0.12, 26, -1_954, 1.00, 0.46),
    (1_200, 0.44, 0.27, 103, -105, 0.23, 0.51),
    (1_600, 0.55, 0.41, 239, 1_261, 0.27, 0.55),
    (1_900, 0.61, 0.50, 375, 1_997, 0.30, 0.57),
    (2_200, 0.67, 0.58, 536, 2_519, 0.32, 0.60),
    (2_400, 0.70, 0.63, 658, 2_764, 0.34, 0.61),
    (2_900, 0.77, 0.72, 995, 3_082, 0.38, 0.64),
    (3_600, 0.83, 0.81, 1_533, 2_993, 0.44, 0.68),
)
DEMAND = np.random.default_rng(7).lognormal(np.log(1_900), 0.7345, 400_000)
CURVE = stock_curve(
    DEMAND, [row[0] for row in PAPER], gain_per_unit=620, back_per_unit=205, fees=670_000
)


@pytest.mark.parametrize(("row", "point"), list(zip(PAPER, CURVE, strict=True)))
def test_the_stock_curve_is_the_papers(row, point):
    half_a_percent = 0.005 * point.cash_at_risk
    assert point.fill_rate == pytest.approx(row[1], abs=0.01)
    assert point.no_stock_out == pytest.approx(row[2], abs=0.01)
    assert point.left_over == pytest.approx(row[3], abs=6)
    assert point.gain == pytest.approx(100 * row[4], abs=half_a_percent)
    assert point.chance_of_loss == pytest.approx(row[5], abs=0.01)
    assert point.tail_share == pytest.approx(row[6], abs=0.01)


def test_the_default_limit_recommends_the_papers_stock():
    assert recommended(CURVE, 602).stock == 2_200
    assert recommended(CURVE, 1_000).stock == 2_900
    assert recommended(CURVE, 100) is None


def test_the_tail_is_the_mean_of_the_worst_tenth():
    assert cvar90(range(-50, 50)) == pytest.approx(45.5)
    assert cvar90([10, 20], [1, 1]) == -10
    assert cvar90([-100, 0, 50], [5, 5, 90]) == pytest.approx(50)


@given(st.lists(st.integers(-1_000, 1_000), min_size=1, max_size=40))
@settings(max_examples=60, derandomize=True, deadline=None)
def test_the_tail_is_no_better_than_the_mean_and_no_worse_than_the_worst(gains):
    assert -np.mean(gains) - 1e-6 <= cvar90(gains) <= -min(gains) + 1e-6


def a_gamble(tail_permille):
    """A burst that comes with one chance in four."""
    paths = (a_path("burst", weight=1, lamp=(280,) * 10), a_path("none", weight=3, lamp=(0,) * 10))
    return a_question(paths=paths, wishes=Wishes(tail_permille=tail_permille))


def test_a_careful_planner_does_not_take_a_bold_planners_gamble():
    bold, careful = place(a_gamble(None), Effort(steps=99)), place(a_gamble(300), Effort(steps=99))
    assert bold.openings
    assert bold.gain > careful.gain >= 0
    assert broken(a_gamble(300), careful) == ()
    assert any("the worst tenth loses" in wrong for wrong in broken(a_gamble(300), bold))


def test_the_cash_at_risk_is_what_is_gone_when_nobody_buys():
    problem = a_gamble(None)
    plan = place(problem, Effort(steps=99))
    lost = next(each for each in plan.paths if each.path == "none")
    assert -lost.gain == cash_at_risk(problem, plan)


@settings(max_examples=25, derandomize=True, deadline=None)
@given(placement_problems(), st.integers(0, 900))
def test_every_careful_placement_keeps_every_rule(problem, permille):
    wishes = Wishes(tail_permille=permille)
    careful = replace(problem, wishes=wishes)
    assert broken(careful, place(careful, Effort(steps=5))) == ()
