"""The standby portfolio: spaces are held where the episodes of the past would have paid them."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logistics.errors import Nonsense
from logistics.placement.portfolio import (
    Episode,
    PortfolioProblem,
    Quarter,
    Space,
    broken_portfolio,
    hold,
)
from routing.effort import Effort

QUICK = Effort(steps=100)


def a_space(name="vernon", *metros, retainer=6_000, orders=600):
    return Space(
        name=name,
        metros=metros or ("la",),
        retainer_per_day=retainer,
        call_off=90_000,
        per_day=145_000,
        orders_a_day=orders,
    )


def a_burst(metro="la", day=10, *, days=4, orders=500, saving=1_300):
    return Episode(metro=metro, first_day=day, days=days, orders_a_day=orders, saving=saving)


def a_quarter(*episodes, name="one", weight=1):
    return Quarter(name=name, episodes=episodes, weight=weight)


@st.composite
def portfolios(draw):
    few = st.integers
    metros = st.sampled_from(("la", "sf", "ny"))
    return PortfolioProblem(
        days=90,
        most=draw(st.none() | few(0, 2)),
        spaces=tuple(
            Space(
                name=f"space {k}",
                metros=tuple(draw(st.sets(metros, min_size=1))),
                retainer_per_day=draw(few(0, 9_000)),
                call_off=draw(few(0, 90_000)),
                per_day=draw(few(0, 145_000)),
                orders_a_day=draw(few(1, 700)),
            )
            for k in range(draw(few(0, 3)))
        ),
        quarters=tuple(
            Quarter(
                name=f"quarter {q}",
                weight=draw(few(1, 3)),
                episodes=tuple(
                    a_burst(
                        draw(metros),
                        draw(few(0, 20)),
                        days=draw(few(1, 9)),
                        orders=draw(few(0, 900)),
                        saving=draw(few(0, 2_000)),
                    )
                    for _ in range(draw(few(0, 4)))
                ),
            )
            for q in range(draw(few(1, 3)))
        ),
    )


@settings(max_examples=40, derandomize=True, deadline=None)
@given(portfolios())
def test_every_portfolio_keeps_every_rule(problem):
    assert broken_portfolio(problem, hold(problem, Effort(steps=20))) == ()


def test_a_space_is_held_where_an_episode_pays_its_retainer():
    spaces = (a_space(), a_space("newark", "ny"))
    problem = PortfolioProblem(days=90, spaces=spaces, quarters=(a_quarter(a_burst()),))
    plan = hold(problem, QUICK)
    assert plan.held == ("vernon",)
    assert plan.gain == 500 * 4 * 1_300 - 90_000 - 4 * 145_000 - 90 * 6_000
    assert plan.reasons[0] == "1 of 2 spaces held for 5,400.00 a quarter"


def test_a_rare_episode_does_not_pay_a_retainer():
    quarters = (a_quarter(a_burst()), a_quarter(name="quiet", weight=9))
    plan = hold(PortfolioProblem(days=90, spaces=(a_space(),), quarters=quarters), QUICK)
    assert plan.held == ()
    assert plan.gain == 0


def test_two_episodes_at_once_want_two_spaces():
    spaces = (a_space(), a_space("colton"))
    quarter = a_quarter(a_burst(), a_burst(day=12))
    problem = PortfolioProblem(days=90, spaces=spaces, quarters=(quarter,))
    assert len(hold(problem, QUICK).held) == 2
    one = hold(replace(problem, most=1), QUICK)
    assert len(one.call_offs) == 1


def test_a_portfolio_that_is_told_wrong_is_found_out():
    problem = PortfolioProblem(days=90, spaces=(a_space(),), quarters=(a_quarter(a_burst()),))
    plan = hold(problem, QUICK)
    for wrong in (
        replace(plan, gain=plan.gain + 1),
        replace(plan, held=()),
        replace(plan, call_offs=plan.call_offs * 2),
        replace(plan, call_offs=(replace(plan.call_offs[0], orders_a_day=601),)),
    ):
        assert broken_portfolio(problem, wrong)


def test_without_a_quarter_there_is_nothing_to_judge_by():
    with pytest.raises(Nonsense, match="no quarter"):
        PortfolioProblem(days=90, spaces=(), quarters=())
