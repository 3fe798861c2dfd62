"""The figures of a recommendation, against stories whose answer is known."""

from dataclasses import replace

import pytest

from logistics.placement.explanation import (
    addressable,
    delayed,
    explain,
    ladder,
    runner_ups,
    scaled,
)
from logistics.placement.problem import DAY, Goods, Leg, Standing, Wishes
from logistics.placement.proposals import proposals
from logistics.placement.solver import place, serve
from routing.effort import Effort
from tests.builders.placement import HOUR, a_path, a_question, a_site

QUICK = Effort(steps=50)
QUESTION = a_question()
PLAN = place(QUESTION, QUICK)
TOLD = explain(QUESTION, PLAN, QUICK)


def with_rungs(**facts):
    """A shelf, a standby space and a lease that all reach Los Angeles."""
    shelf = a_site(
        "shelf",
        kind="shelf",
        lead=2 * HOUR,
        capacity=(40,) * 10,
        per_day=15_000,
        set_up=0,
        shortest_term=DAY,
        per_order=120,
    )
    lease = a_site(
        "lease",
        kind="lease",
        lead=3 * DAY,
        capacity=(900,) * 10,
        set_up=800_000,
        per_day=120_000,
        shortest_term=7 * DAY,
    )
    sites = (shelf, a_site("standby"), lease)
    legs = tuple(Leg(node=site.name, cell="la", cost=700) for site in sites)
    lane = a_question().lanes[0]
    lanes = tuple(replace(lane, site=site.name) for site in sites)
    return a_question(sites=sites, legs=legs, lanes=lanes, **facts)


def test_the_ladder_ranks_the_types_by_what_each_gains_alone():
    rungs = ladder(with_rungs(), QUICK)
    assert [rung.kind for rung in rungs] == ["standby", "shelf", "lease"]
    assert rungs[0].gain > rungs[1].gain > rungs[2].gain == 0
    assert rungs[2].sites == ()
    assert rungs[2].decide_by is None


def test_waiting_costs_and_the_decision_has_a_last_moment():
    standby = ladder(with_rungs(), QUICK)[0]
    gains = [standby.gain] + [wait.gain for wait in standby.waits]
    assert gains == sorted(gains, reverse=True)
    assert standby.hour_price == (standby.gain - standby.waits[2].gain) // 24
    late = place(delayed(a_question(), standby.decide_by), QUICK)
    assert late.gain > 0
    assert standby.decide_by < 4 * DAY


def test_a_lease_reaches_only_the_orders_after_its_lead():
    problem = with_rungs()
    lease, shelf = [problem.sites[2]], [problem.sites[0]]
    assert addressable(problem, lease) == 100
    assert addressable(problem, shelf) == 900


def test_the_figures_of_a_recommendation_hang_together():
    assert TOLD.moved == (1_800, 1_800, 1_800)
    assert (TOLD.coverage, TOLD.coverage_before) == (900, 0)
    assert TOLD.chance_of_loss == 0
    assert TOLD.tail == -PLAN.gain
    assert TOLD.regret_of_nothing == PLAN.gain
    assert TOLD.regret_of_a_day == PLAN.gain - place(delayed(QUESTION, DAY), QUICK).gain
    assert TOLD.binding.startswith("binding")


def test_the_plan_pays_from_the_break_even_demand_on():
    even = TOLD.break_even_permille
    assert serve(scaled(QUESTION, even), PLAN, QUICK).gain >= 0
    assert serve(scaled(QUESTION, even - 6), PLAN, QUICK).gain < 0


def test_below_the_lateness_price_that_is_told_the_plan_does_not_pay():
    problem = a_question(paths=(a_path(lamp=(60,) * 10),))
    plan = place(problem, QUICK)
    price = explain(problem, plan, QUICK).pays_from_lateness_price
    assert serve(replace(problem, lateness_price=price + 5), plan, QUICK).gain > 0
    assert serve(replace(problem, lateness_price=price - 5), plan, QUICK).gain < 0


def test_the_extra_cash_for_an_order_is_what_it_costs_more_than_a_parcel():
    fees_and_way = 633_750 + 172_000 + 27_000 + 1_800 * 700
    assert TOLD.extra_cash_per_order == fees_and_way // 1_800 - 900
    assert PLAN.paths[0].costs.penalised == fees_and_way + 200 * (900 + 1_500)


def test_runner_ups_are_told_in_plain_words():
    twins = (a_site("colton", set_up=95_000), a_site("vernon"))
    legs = tuple(Leg(node=twin.name, cell="la", cost=700) for twin in twins)
    lane = a_question().lanes[0]
    problem = a_question(sites=twins, legs=legs, lanes=(lane, replace(lane, site="colton")))
    first, second = runner_ups(problem, place(problem, QUICK), QUICK)
    assert first.sites == ("colton",)
    assert first.words.startswith("without vernon, with colton instead, 0 parcels fewer")
    assert second.words.startswith("without vernon, with nothing in its place, 1,800 parcels fewer")
    assert second.gain == 0


def test_b7_where_two_nodes_overlap_only_what_is_not_yet_served_counts():
    old = a_site("old", standing=Standing(keep_until=4 * DAY), per_day=0)
    legs = (Leg(node="old", cell="la", cost=700), Leg(node="vernon", cell="la", cost=700))
    lane = a_question().lanes[0]
    lanes = (lane, replace(lane, site="old"))
    problem = a_question(sites=(old, a_site()), legs=legs, lanes=lanes)
    plan = place(problem, QUICK)
    assert [each.site for each in plan.openings] == ["old"]
    assert "could save" in plan.rejected[0].reason or "at most" in plan.rejected[0].reason


def a_standing_question(wanted, units, **facts):
    stock = (Goods(product="lamp", units=units),)
    site = a_site(standing=Standing(keep_until=DAY, on_hand=stock), **facts)
    return a_question(sites=(site,), paths=(a_path(lamp=wanted),))


def test_b11_a_node_whose_demand_is_gone_is_proposed_for_closing():
    problem = a_standing_question((200, 200, 20, 5) + (1,) * 6, 500)
    (close,) = proposals(problem, place(problem, QUICK))
    assert (close.kind, close.site, close.period) == ("close", "vernon", 4)
    assert close.cents == 3 * 145_000
    assert close.units == 500 - 425
    assert "does not earn the rent of 1,450.00 a day" in close.reason


def test_b11_a_node_that_is_nearly_sold_out_is_topped_up_instead():
    problem = a_standing_question((200,) * 10, 100)
    (top_up,) = proposals(problem, place(problem, QUICK))
    assert (top_up.kind, top_up.site) == ("top_up", "vernon")
    assert top_up.units == 1_800


def test_an_opening_is_proposed_with_its_stock():
    problem = a_question()
    (opening,) = proposals(problem, place(problem, QUICK))
    assert (opening.kind, opening.period, opening.units) == ("open", 1, 1_800)


@pytest.mark.parametrize("wishes", [Wishes(), Wishes(must_open=("vernon",))])
def test_waiting_beyond_every_start_leaves_nothing_to_open(wishes):
    plan = place(delayed(a_question(wishes=wishes), 9 * DAY), QUICK)
    assert plan.openings == ()
