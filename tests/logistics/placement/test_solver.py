"""Every placement keeps every rule, and the small stories come out as a planner would have them."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from logistics.errors import Nonsense
from logistics.placement.problem import (
    DAY,
    Centre,
    Goods,
    Leg,
    Standing,
    StockLimit,
    Supply,
    VanPool,
    Wishes,
)
from logistics.placement.rules import broken
from logistics.placement.solver import place
from routing.effort import Effort
from tests.builders.placement import LAMP, a_path, a_question, a_site, placement_problems

QUICK = Effort(steps=50)


def in_time(plan):
    return sum(flow.parcels for flow in plan.flows)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(placement_problems())
def test_every_placement_keeps_every_rule(problem):
    plan = place(problem, Effort(steps=5))
    assert broken(problem, plan) == ()
    assert plan.gain >= 0 or problem.wishes.approved


@settings(max_examples=20, derandomize=True, deadline=None)
@given(placement_problems())
def test_a_placement_out_of_time_keeps_every_rule_too(problem):
    assert broken(problem, place(problem, Effort(at_most=1e-6))) == ()


@settings(max_examples=30, derandomize=True, deadline=None)
@given(placement_problems())
def test_whoever_asks_again_soon_decides_the_near_firmly_and_keeps_every_rule(problem):
    plan = place(problem, Effort(steps=5), gap=0.01, decided=DAY)
    assert broken(problem, plan) == ()
    assert plan.gain >= 0 or problem.wishes.approved


def test_what_is_decided_now_is_the_same_however_far_one_looks():
    whole, near = place(a_question(), QUICK), place(a_question(), QUICK, decided=DAY)
    assert near.openings == whole.openings


def test_a_wave_of_orders_opens_a_space_and_sends_its_stock():
    plan = place(a_question(), QUICK)
    (opening,) = plan.openings
    assert (opening.site, opening.start, opening.end) == ("vernon", 1, 10)
    assert in_time(plan) == sum(each.units for each in plan.shipments) == 1_800
    assert plan.gain == 5_160_000 - 2_608_750
    assert plan.stopped == "proven"
    assert opening.exit.late_returns_to == "reno"


def test_the_same_question_and_steps_give_the_same_plan():
    assert place(a_question(), QUICK) == place(a_question(), QUICK)


def test_a_trickle_of_orders_opens_nothing_and_says_why():
    plan = place(a_question(paths=(a_path(lamp=(5,) * 10),)), QUICK)
    assert plan.openings == ()
    assert plan.gain == 0
    assert "nothing opens: no opening earns its fees" in plan.reasons
    assert "could save" in plan.rejected[0].reason


def test_a_type_that_comes_too_late_is_not_proposed():
    lease = a_site("fontana", kind="lease", lead=3 * DAY, shortest_term=7 * DAY)
    problem = a_question(
        sites=(lease,),
        legs=(Leg(node="fontana", cell="la", cost=1),),
        lanes=(),
        paths=(a_path(lamp=(900,) * 8 + (0, 0)),),
    )
    plan = place(problem, QUICK)
    assert plan.openings == ()
    assert "comes too late" in plan.rejected[0].reason


def test_b7_where_two_nodes_overlap_only_what_is_not_yet_served_counts():
    old = a_site("old", standing=Standing(keep_until=4 * DAY), per_day=0)
    legs = (Leg(node="old", cell="la", cost=700), Leg(node="vernon", cell="la", cost=700))
    lane = a_question().lanes[0]
    lanes = (lane, replace(lane, site="old"))
    problem = a_question(sites=(old, a_site()), legs=legs, lanes=lanes)
    plan = place(problem, Effort(steps=50))
    assert [each.site for each in plan.openings] == ["old"]
    assert "could save" in plan.rejected[0].reason or "at most" in plan.rejected[0].reason


def test_b8_a_site_without_power_is_not_offered_for_chilled_goods():
    plan = place(a_question(sites=(a_site(refuses=("lamp",)),)), QUICK)
    assert plan.rejected[0].reason == "it cannot take lamp"


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"sites": (), "legs": (), "lanes": ()}, "there is no site"),
        ({"legs": ()}, "no site reaches a cell"),
        ({"sites": (a_site(capacity=(0,) * 10),)}, "no site can pick"),
        ({"paths": (a_path(lamp=(0,) * 10),)}, "nothing is wanted"),
    ],
)
def test_a_question_without_hope_opens_nothing_and_says_why(facts, told):
    plan = place(a_question(**facts), QUICK)
    assert plan.openings == ()
    assert any(told in reason for reason in plan.reasons)


def test_rent_beyond_the_plan_is_owed_to_the_end_of_the_shortest_term():
    plan = place(a_question(sites=(a_site(shortest_term=7 * DAY),)), QUICK)
    (opening,) = plan.openings
    assert opening.fees == 90_000 + 7 * 145_000


def test_finite_stock_is_rationed_and_the_floor_is_kept():
    supply = Supply(product="lamp", on_hand=1_000, floor=400)
    plan = place(a_question(centres=(Centre(name="reno", supplies=(supply,)),)), QUICK)
    assert sum(each.units for each in plan.shipments) == 600
    assert sum(each.parcels for each in plan.unserved if each.lost) == 1_000
    assert "binding: the centres' stock" in plan.reasons[-1]


def test_no_van_no_parcel():
    vans = tuple(
        VanPool(name=f"vans {t}", nodes=("vernon",), period=t, trips=0, drops=40) for t in range(10)
    )
    assert in_time(place(a_question(vans=vans), QUICK)) == 0


def test_a_pinned_site_opens_even_at_a_loss():
    paths = (a_path(lamp=(1,) * 10),)
    plan = place(a_question(paths=paths, wishes=Wishes(must_open=("vernon",))), QUICK)
    assert [each.site for each in plan.openings] == ["vernon"]
    assert plan.gain < 0


def test_a_planners_floor_and_ceiling_on_stock_hold():
    limit = StockLimit(site="vernon", product="lamp", at_least=50, at_most=70)
    wishes = Wishes(must_open=("vernon",), limits=(limit,))
    plan = place(a_question(wishes=wishes), QUICK)
    assert sum(each.units for each in plan.shipments) == 70


def test_a_floor_that_nobody_can_fill_is_refused_by_name():
    limit = StockLimit(site="vernon", product="lamp", at_least=50_000)
    wishes = Wishes(must_open=("vernon",), limits=(limit,))
    with pytest.raises(Nonsense, match="floors and ceilings"):
        place(a_question(wishes=wishes), QUICK)


def test_two_sites_of_the_same_worth_stay_as_they_were_approved():
    twins = (a_site("colton"), a_site("vernon"))
    legs = tuple(Leg(node=twin.name, cell="la", cost=700) for twin in twins)
    lane = a_question().lanes[0]
    lanes = (lane, replace(lane, site="colton"))
    for name in ("colton", "vernon"):
        wishes = Wishes(approved=(name,), change_price=10_000)
        plan = place(a_question(sites=twins, legs=legs, lanes=lanes, wishes=wishes), QUICK)
        assert [each.site for each in plan.openings] == [name]


def test_an_opening_that_gains_too_little_is_not_recommended():
    gain = place(a_question(), QUICK).gain
    plan = place(a_question(wishes=Wishes(least_benefit=gain + 1)), QUICK)
    assert plan.openings == ()


def test_a_standing_node_is_kept_while_held_and_closed_when_demand_is_gone():
    stock = (Goods(product="lamp", units=500),)
    site = a_site(standing=Standing(keep_until=DAY, on_hand=stock))
    wanted = (200, 200) + (0,) * 8
    plan = place(a_question(sites=(site,), paths=(a_path(lamp=wanted),)), QUICK)
    (opening,) = plan.openings
    assert (opening.start, opening.end, opening.standing) == (0, 4, True)
    assert sum(each.units for each in plan.returns) == 100


def test_what_leaves_after_the_review_follows_each_path():
    high, low = a_path("high", lamp=(250,) * 10), a_path("low", lamp=(40,) * 10)
    plan = place(a_question(paths=(high, low), review=DAY // 2), Effort(steps=200))
    assert broken(a_question(paths=(high, low), review=DAY // 2), plan) == ()
    assert {each.path for each in plan.shipments} == {None, "high"}


def test_products_share_a_truck_and_a_nodes_capacity():
    mug = replace(LAMP, name="mug", volume=2_000)
    reno = tuple(Supply(product=name, on_hand=9_000) for name in ("lamp", "mug"))
    problem = a_question(
        products=(LAMP, mug),
        centres=(Centre(name="reno", supplies=reno),),
        paths=(a_path(lamp=(200,) * 10, mug=(200,) * 10),),
    )
    plan = place(problem, QUICK)
    assert broken(problem, plan) == ()
    assert in_time(plan) == 300 * 9


def test_the_parts_of_the_answer_can_be_read():
    plan = place(a_question(), QUICK)
    assert plan.gap == 0
    assert plan.reasons[0] == "1,800 of 2,000 parcels come within the target"
