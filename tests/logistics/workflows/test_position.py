"""Recommendations come by themselves, whole, and stay while the answer has not moved."""

from dataclasses import replace
from datetime import timedelta

import pytest

from logistics.carriers import Carrier, Vehicle
from logistics.catalogue import Category, Market
from logistics.decisions import Choice, Kind, Recommendation, RecommendationState, RejectReason
from logistics.episodes import EpisodeState
from logistics.errors import BrokenPlan
from logistics.exceptions import Case, CaseKind, CaseState
from logistics.inventory import Replenishment, Stock, stock_id
from logistics.ledger import Entry, EntryKind
from logistics.network import Lease, LeaseState, Node, NodeState
from logistics.placement.plan import PlacementPlan
from logistics.placement.problem import PlacementProblem
from logistics.placement.rules import broken
from logistics.policy import Efforts, Policy, SiteType
from logistics.records import DecisionRecord, canonical, fingerprint, shape
from logistics.siting.question import PARCEL_ML
from logistics.siting.scene import picture_of
from logistics.workflows.decide import carry_out, give_verdict
from logistics.workflows.goods import depart_trucks
from logistics.workflows.position import propose
from logistics.workflows.register import register, set_stock
from logistics.workflows.sense import sense
from logistics.workflows.stock import answer_lease, move_nodes
from tests.builders.supply import (
    SEVEN,
    a_centre,
    a_product,
    a_row,
    a_site,
    a_world,
    all_of,
    an_episode,
    an_outlook,
    heard,
    means,
)

STEPWISE = Policy(efforts=Efforts(placement_seconds=60, placement_steps=20))
EASY = replace(STEPWISE, least_return=0.0)
"""Whatever gains is proposed, however little it returns."""
SITES = (
    a_site(),
    a_site("shelf-a", SiteType.SHELF, lat=34.06),
    a_site("unit-9", SiteType.LEASE),
)


def after(**ahead):
    return SEVEN + timedelta(**ahead)


def a_metro(*, stock=11_400, sites=SITES, vans=30, policy=STEPWISE, centre=None):
    tools = a_world(means(policy), stock=stock, sites=sites, centre=centre)
    carrier = Carrier(
        id="fast", name="Fast", markets=("la",), rank=1, per_route=900, per_stop=450, per_km=6
    )
    register(tools, carrier, now=SEVEN, by="test")
    for i in range(vans):
        van = Vehicle(
            id=f"van-{i}",
            carrier="fast",
            market="la",
            parcels=60,
            weight_grams=800_000,
            volume_cm3=8_000_000,
        )
        register(tools, van, now=SEVEN, by="test")
    return tools


def says(tools, asked, choice=Choice.APPROVE, *, now, planner="ana"):
    code = RejectReason.COST if choice is Choice.REJECT else None
    return give_verdict(
        tools,
        asked.id,
        choice,
        planner=planner,
        reason_code=code,
        expected_version=asked.version,
        now=now,
    )


def standing(tools):
    return [one for one in all_of(tools, Recommendation) if one.state is RecommendationState.OPEN]


def opened(tools, asked, *, now):
    """Approve, carry out and confirm an opening."""
    says(tools, asked, now=now)
    carry_out(tools, now=now + timedelta(minutes=1))
    (lease,) = [one for one in all_of(tools, Lease) if one.state is LeaseState.REQUESTED]
    answer_lease(tools, lease.id, "confirm", provider="spaces", now=now + timedelta(minutes=5))
    return next(one for one in all_of(tools, Node) if one.id == lease.node)


def test_a_recommendation_arises_before_the_first_order_and_is_whole():
    tools = a_metro()
    an_outlook(tools, 25)
    fresh = propose(tools, now=SEVEN)
    assert fresh
    for asked in fresh:
        told = asked.proposal
        assert asked.kind is Kind.OPEN
        assert asked.forecasts
        assert [line.split(":")[0] for line in told.lines] == [
            "Video", "Demand", "Stock", "Reach", "Site",
        ]  # fmt: skip
        assert all(any(sign.isdigit() for sign in line) for line in told.lines)
        assert {rung.type for rung in told.ladder} == {
            "nothing", "ration", "line_haul", "float_stock", "shelf", "standby", "lease",
        }  # fmt: skip
        assert SEVEN < asked.decide_by < told.starts_at <= told.live_from < told.ends_at
        assert told.exit.drain_from < told.exit.closes_at == told.ends_at
        assert sum(line.amount for line in told.costs) == pytest.approx(told.expected_gain, abs=5)
        mine = next(p for p in told.risk if p.units == sum(x.units for x in told.stock))
        assert mine.expected_gain == told.expected_gain == asked.expected_gain
        assert mine.cvar90_share <= 0.60
        assert told.coverage_with > told.coverage_without == 0
        assert told.orders_p10 <= told.orders_p50 <= told.orders_p90
        assert told.binding_reason.startswith("binding")


def the_haul(centre, each_hour=25):
    """What the ladder of a metro's first proposal says of trucks from such a centre."""
    tools = a_metro(stock=40_000, centre=centre)
    an_outlook(tools, each_hour)
    rungs = {rung.type: rung for rung in propose(tools, now=SEVEN)[0].proposal.ladder}
    return rungs["line_haul"]


def test_trucks_into_vans_are_priced_where_six_hours_leave_time_for_them():
    near = a_centre(lat=35.3, lon=-119.0)
    quiet, busy = the_haul(near, 25), the_haul(near, 90)
    for rung in (quiet, busy):
        assert rung.refused_because is None
        assert rung.decide_by > SEVEN
        assert "trucks a day from reno" in rung.detail
    assert quiet.expected_gain < busy.expected_gain < 0  # most trips are nearly empty


def test_trucks_that_come_too_late_say_how_long_an_order_would_take():
    rung = the_haul(a_centre())
    assert rung.refused_because.startswith("from reno an order takes 7.5 h to the door")
    assert (rung.expected_gain, rung.decide_by) == (0, None)


def test_trucks_that_are_full_gain_and_each_hour_without_them_costs():
    rung = the_haul(a_centre(lat=35.0, lon=-118.9), 90)
    assert rung.expected_gain > 0
    assert rung.wait_cost_per_hour > 0
    assert not rung.chosen


def test_a_wider_forecast_of_the_same_median_widens_the_risk_and_moves_no_demand():
    told = []
    for width in (1.5, 3.0):
        tools = a_metro(sites=SITES[:1])
        an_outlook(tools, 15, width=width)
        (asked,) = propose(tools, now=SEVEN)
        told.append(asked.proposal.stake)
    narrow, wide = told
    assert wide.log_mean == narrow.log_mean
    assert wide.log_sd > 2 * narrow.log_sd


def test_plans_that_came_close_stand_beside_a_new_opening_and_gain_no_more():
    tools = a_metro()
    an_outlook(tools, 25)
    for asked in propose(tools, now=SEVEN):
        told = asked.proposal.runners_up
        assert 1 <= len(told) <= 2
        assert all(one.site != asked.site for one in told)
        assert all(one.expected_gain <= asked.expected_gain for one in told)
        assert all(one.difference.startswith(f"without {asked.site}, ") for one in told)


def test_a_policy_without_runners_up_seeks_none():
    none = replace(STEPWISE, efforts=replace(STEPWISE.efforts, runners_up=0))
    tools = a_metro(policy=none)
    an_outlook(tools, 25)
    assert [asked.proposal.runners_up for asked in propose(tools, now=SEVEN)] == [()]


def test_asking_again_leaves_what_has_not_moved():
    tools = a_metro()
    an_outlook(tools, 25)
    propose(tools, now=SEVEN)
    before = all_of(tools, Recommendation)
    assert propose(tools, now=SEVEN) == ()
    assert all_of(tools, Recommendation) == before
    assert len(all_of(tools, DecisionRecord, kind="placement")) == 1


def test_a4_a_forecast_that_late_signals_moved_by_little_reopens_nothing():
    tools = a_metro(sites=SITES[:1])
    an_outlook(tools, 15)
    (first,) = propose(tools, now=SEVEN)
    an_outlook(tools, 15.3, made_at=after(minutes=15))
    assert propose(tools, now=after(minutes=15)) == ()
    assert all_of(tools, Recommendation) == (first,)


def test_a_forecast_that_moved_far_puts_a_successor_in_its_place():
    tools = a_metro(sites=SITES[:1])
    an_outlook(tools, 15)
    (first,) = propose(tools, now=SEVEN)
    an_outlook(tools, 22, made_at=after(minutes=30))
    (second,) = propose(tools, now=after(minutes=30))
    old = next(one for one in all_of(tools, Recommendation) if one.id == first.id)
    assert (old.state, old.superseded_by) == (RecommendationState.SUPERSEDED, second.id)
    assert (second.supersedes, second.site) == (first.id, first.site)


def test_what_a_planner_holds_or_has_approved_first_is_not_pulled_away():
    tools = a_metro(sites=SITES[:1])
    an_outlook(tools, 15)
    (first,) = propose(tools, now=SEVEN)
    give_verdict(
        tools,
        first.id,
        Choice.HOLD,
        planner="ana",
        reason="asking the buyer",
        expected_version=first.version,
        now=after(minutes=5),
    )
    an_outlook(tools, 22, made_at=after(minutes=30))
    assert propose(tools, now=after(minutes=30)) == ()


def test_what_pays_no_more_is_withdrawn():
    tools = a_metro()
    an_outlook(tools, 25)
    assert propose(tools, now=SEVEN)
    an_outlook(tools, 0.05, made_at=after(minutes=30))
    assert propose(tools, now=after(minutes=30)) == ()
    assert standing(tools) == []


def test_demand_that_pays_no_rent_opens_nothing_and_is_not_even_solved():
    tools = a_metro()
    an_outlook(tools, 0.05)

    class Idle:
        """Is never asked."""

        def run(self, work, *args, **kwargs):
            raise AssertionError(work, args, kwargs)

    assert propose(replace(tools, compute=Idle()), now=SEVEN) == ()


@pytest.mark.parametrize("lack", [{"vans": 0}, {"stock": 0}, {"sites": ()}])
def test_without_vans_stock_or_sites_nothing_opens(lack):
    tools = a_metro(**lack)
    an_outlook(tools, 25)
    assert propose(tools, now=SEVEN) == ()
    assert all_of(tools, Case) == ()


def test_no_unit_is_asked_for_twice_and_the_floor_stays():
    tools = a_metro(stock=1_500)
    an_outlook(tools, 40)
    fresh = propose(tools, now=SEVEN)
    assert 0 < sum(line.units for one in fresh for line in one.proposal.stock) <= 1_500


def test_a_rejected_site_is_left_alone_for_its_dead_time():
    tools = a_metro(sites=SITES[:1])
    an_outlook(tools, 25)
    (asked,) = propose(tools, now=SEVEN)
    says(tools, asked, Choice.REJECT, now=after(minutes=5))
    an_outlook(tools, 26, made_at=after(hours=1))
    assert propose(tools, now=after(hours=1)) == ()
    an_outlook(tools, 26, made_at=after(hours=6))
    assert [one.site for one in propose(tools, now=after(hours=6, minutes=6))] == ["vernon"]


def test_b8_a_site_without_power_is_not_offered_for_a_chilled_product():
    tools = a_metro(sites=(a_site(), a_site("cold", chilled=True, lat=34.02)))
    register(tools, Category(id="food", name="Food"), now=SEVEN, by="shop")
    register(tools, a_product(chilled=True), now=SEVEN, by="shop")
    an_outlook(tools, 25)
    (asked,) = propose(tools, now=SEVEN)
    assert asked.site == "cold"
    (why,) = [one.reason for one in asked.proposal.refused if one.site == "vernon"]
    assert "cannot take lamp" in why


def test_a1_a_cold_product_above_its_limit_needs_two_planners():
    tools = a_metro()
    for minutes in range(60, 0, -5):
        at = SEVEN - timedelta(minutes=minutes)
        heard(tools, a_row(at, views=9_000), id=f"b{minutes}", now=at + timedelta(minutes=5))
    sense(tools, now=SEVEN)
    fresh = propose(tools, now=SEVEN)
    assert fresh
    limit = STEPWISE.verdicts.cold_second_planner_above
    for asked in fresh:
        assert asked.basis == "category_prior"
        assert asked.needs_two is (asked.money_at_stake > limit)


def test_b11_a_node_whose_demand_has_gone_is_drained_and_one_that_sells_is_not():
    tools = a_metro(sites=SITES[:1])
    an_outlook(tools, 25)
    (asked,) = propose(tools, now=SEVEN)
    node = opened(tools, asked, now=after(minutes=5))
    for hours in (1, 6, 12):
        move_nodes(tools, now=after(hours=hours))
    an_outlook(tools, 25, made_at=after(days=3, hours=7))
    later = propose(tools, now=after(days=3, hours=7))
    assert not {one.kind for one in later} & {Kind.DRAIN, Kind.CLOSE}
    an_outlook(tools, 0.1, made_at=after(days=3, hours=8))
    (asked,) = propose(tools, now=after(days=3, hours=8))
    assert (asked.kind, asked.node) == (Kind.DRAIN, node.id)
    assert asked.expected_gain > 0
    assert "days begun are paid" in asked.proposal.exit.refund_terms
    says(tools, asked, now=after(days=3, hours=9))
    carry_out(tools, now=after(days=3, hours=10))
    assert [n.state for n in all_of(tools, Node) if n.id == node.id] == [NodeState.DRAINING]
    move_nodes(tools, now=asked.proposal.exit.closes_at)
    assert [n.state for n in all_of(tools, Node) if n.id == node.id] == [NodeState.CLOSED]


@pytest.mark.parametrize(("phase", "goes"), [("started", False), ("faded", True)])
def test_nobody_is_let_go_while_a_video_rises(phase, goes):
    tools = a_metro(sites=SITES[:1])
    an_outlook(tools, 25)
    (asked,) = propose(tools, now=SEVEN)
    opened(tools, asked, now=after(minutes=5))
    for hours in (1, 6, 12):
        move_nodes(tools, now=after(hours=hours))
    an_episode(tools, EpisodeState(phase), at=after(days=3))
    an_outlook(tools, 0.1, made_at=after(days=3, hours=8))
    asked = propose(tools, now=after(days=3, hours=8))
    assert (Kind.DRAIN in {one.kind for one in asked}) is goes


def test_a8_an_opening_without_its_lease_is_called_off_when_its_demand_goes():
    tools = a_metro(sites=SITES[:1])
    an_outlook(tools, 25)
    (asked,) = propose(tools, now=SEVEN)
    says(tools, asked, now=after(minutes=5))
    carry_out(tools, now=after(minutes=6))
    an_outlook(tools, 0.05, made_at=after(minutes=10))
    (asked,) = propose(tools, now=after(minutes=10))
    assert asked.kind is Kind.CANCEL
    says(tools, asked, now=after(minutes=11))
    carry_out(tools, now=after(minutes=12))
    states = [n.state for n in all_of(tools, Node) if n.type is not SiteType.CENTRE]
    assert states == [NodeState.CANCELLED]


def test_a_placement_leads_back_to_its_forecasts_and_can_be_computed_again():
    tools = a_metro()
    outlook = an_outlook(tools, 25)
    asked = propose(tools, now=SEVEN)[0]
    (record,) = all_of(tools, DecisionRecord, kind="placement")
    assert (asked.decision, record.parents) == (record.id, (outlook.id,))
    problem = shape(PlacementProblem).validate_json(record.inputs)
    plan = shape(PlacementPlan).validate_json(record.result)
    assert fingerprint(canonical(problem)) == record.inputs_hash
    assert fingerprint(canonical(plan)) == record.result_hash
    assert broken(problem, plan) == ()


def test_a_plan_that_breaks_a_rule_is_never_shown_and_opens_one_case():
    tools = a_metro()
    an_outlook(tools, 25)

    class Wrong:
        """Computes plans that break a rule."""

        def run(self, work, *args, **kwargs):
            del work, args, kwargs
            raise BrokenPlan(["vernon holds 5 parcels and is given 9"])

    for _ in range(2):
        assert propose(replace(tools, compute=Wrong()), now=SEVEN) == ()
    (case,) = all_of(tools, Case)
    assert (case.kind, case.state) == (CaseKind.BROKEN_PLAN, CaseState.OPEN)
    assert propose(tools, now=SEVEN)
    assert all_of(tools, Case)[0].state is CaseState.RESOLVED


def test_an_answer_to_a_picture_that_moved_is_dropped():
    tools = a_metro()
    an_outlook(tools, 25)

    class Meddling:
        """Changes a site while the plan is computed."""

        def run(self, work, *args, **kwargs):
            register(tools, replace(SITES[0], name="Vernon East"), now=SEVEN, by="operator")
            return work(*args, **kwargs)

    assert propose(replace(tools, compute=Meddling()), now=SEVEN) == ()
    assert all_of(tools, Recommendation) == ()
    assert propose(tools, now=SEVEN)


def a_metro_with_a_node(*, units):
    """A metro whose one space was opened and holds so many lamps on the next morning."""
    tools = a_metro(sites=SITES[:1], policy=EASY)
    an_outlook(tools, 25)
    (asked,) = propose(tools, now=SEVEN)
    node = opened(tools, asked, now=after(minutes=5))
    with tools.store.begin() as deed:
        (coming,) = deed.find(Replenishment, to_node=node.id)
        (load,) = coming.loads
        smaller = replace(load, units=units)
        deed.change(replace(deed.lock(Replenishment, coming.id), loads=(smaller,)))
        deed.change(replace(deed.lock(Node, node.id), live_from=after(hours=23)))
    return tools, node


def test_a_node_whose_goods_outlast_the_next_review_is_not_filled_up_yet():
    tools, node = a_metro_with_a_node(units=600)
    for hours, each_hour in ((1, 60), (24, 10)):  # its opening is under way; its goods last
        an_outlook(tools, each_hour, made_at=after(hours=hours))
        assert propose(tools, now=after(hours=hours)) == ()
    an_outlook(tools, 90, made_at=after(hours=25))
    assert [one.node for one in propose(tools, now=after(hours=25))] == [node.id]


def test_goods_of_another_product_are_no_help_to_buyers_of_this_one():
    tools, node = a_metro_with_a_node(units=30)
    register(tools, a_product("mug"), now=SEVEN, by="test")
    with tools.store.begin() as deed:
        deed.add(Stock(id=stock_id(node.id, "mug"), node=node.id, product="mug", on_hand=900))
    an_outlook(tools, 25, made_at=after(hours=24))
    an_outlook(tools, 1, product="mug", made_at=after(hours=24))
    (more,) = propose(tools, now=after(hours=24))
    assert (more.kind, more.node) == (Kind.TOP_UP, node.id)
    assert {line.product for line in more.proposal.stock} == {"lamp"}
    (rung,) = [one for one in more.proposal.ladder if one.chosen]
    assert (rung.site, rung.expected_gain) == (node.site, more.expected_gain)
    assert rung.detail.startswith("stands already and is filled up")


def a_node_that_ends_soon(*, units):
    """A live node with so many lamps, in the last day of its approved stay."""
    tools, node = a_metro_with_a_node(units=30)
    with tools.store.begin() as deed:
        deed.add(Stock(id=stock_id(node.id, "lamp"), node=node.id, product="lamp", on_hand=units))
        live = replace(
            deed.lock(Node, node.id),
            state=NodeState.LIVE,
            drain_from=after(hours=54),
            closes_at=after(hours=60),
        )
        deed.change(live)
    return tools, live


def test_a_node_whose_goods_are_asked_for_after_its_end_is_kept_longer():
    tools, node = a_node_that_ends_soon(units=3_000)
    an_outlook(tools, 60, made_at=after(hours=40))
    (more,) = propose(tools, now=after(hours=40))
    assert (more.kind, more.node, more.proposal.stock) == (Kind.EXTEND, node.id, ())
    assert more.decide_by == node.drain_from
    assert more.expected_gain == sum(line.amount for line in more.proposal.costs) > 0
    says(tools, more, now=after(hours=40, minutes=5))
    carry_out(tools, now=after(hours=40, minutes=40))
    (kept,) = all_of(tools, Node, id=node.id)
    assert kept.closes_at == more.proposal.exit.closes_at >= node.closes_at + timedelta(hours=12)
    assert kept.drain_from == more.proposal.exit.drain_from > node.drain_from


@pytest.mark.parametrize("state", [EpisodeState.SUSPECT, EpisodeState.TURNED_NEGATIVE])
def test_a_node_is_not_kept_longer_for_a_video_that_looks_made_or_has_turned(state):
    tools, _ = a_node_that_ends_soon(units=3_000)
    an_outlook(tools, 60, made_at=after(hours=40))
    an_episode(tools, state)
    assert Kind.EXTEND not in {one.kind for one in propose(tools, now=after(hours=40))}


@pytest.mark.parametrize(
    ("units", "each_hour", "hours"), [(3_000, 60, 20), (3_000, 0.2, 40), (0, 60, 40)]
)
def test_a_node_is_not_kept_longer_before_its_last_day_for_nobody_or_empty(units, each_hour, hours):
    tools, _ = a_node_that_ends_soon(units=units)
    an_outlook(tools, each_hour, made_at=after(hours=hours))
    assert Kind.EXTEND not in {one.kind for one in propose(tools, now=after(hours=hours))}


def a_node_full_of_mugs(*, mugs):
    """A node with few lamps, full of mugs that hardly anybody asks for, and lamps in demand."""
    tools, node = a_metro_with_a_node(units=30)
    register(tools, a_product("mug"), now=SEVEN, by="test")
    with tools.store.begin() as deed:
        deed.add(Stock(id=stock_id(node.id, "mug"), node=node.id, product="mug", on_hand=mugs))
    an_outlook(tools, 25, made_at=after(hours=24))
    an_outlook(tools, 0.5, product="mug", made_at=after(hours=24))
    return tools, node


def test_goods_that_nobody_asks_for_go_home_to_make_room_for_what_is_wanted():
    space = SITES[0].terms.space * PARCEL_ML // a_product("mug").volume_cm3
    tools, node = a_node_full_of_mugs(mugs=space)
    (more,) = propose(tools, now=after(hours=24))
    (home,) = more.proposal.takes_home
    sent = sum(line.units for line in more.proposal.stock)
    assert (more.kind, home.product, home.from_node) == (Kind.TOP_UP, "mug", node.id)
    assert 0 < home.units <= space
    assert home.units >= sent
    assert home.departs_at == min(line.arrives_at for line in more.proposal.stock)
    assert f"{home.units:,} of mug go home to make room" in more.proposal.lines[2]
    says(tools, more, now=after(hours=24, minutes=5))
    carry_out(tools, now=after(hours=24, minutes=40))
    with tools.store.read() as reading:
        scene = picture_of(reading, EASY, reading.get(Market, "la"), after(hours=25))
    assert dict(scene.standing[0].goods)["mug"] == space - home.units
    depart_trucks(tools, now=home.departs_at + timedelta(hours=1))
    (stock,) = all_of(tools, Stock, node=node.id, product="mug")
    assert stock.on_hand == space - home.units
    paid = [one for one in all_of(tools, Entry) if one.kind is EntryKind.RETURN]
    assert sum(one.amount for one in paid) == -home.units * a_product("mug").return_cost


def test_where_there_is_room_nothing_goes_home():
    tools, _ = a_node_full_of_mugs(mugs=40)
    (more,) = propose(tools, now=after(hours=24))
    assert more.kind is Kind.TOP_UP
    assert more.proposal.takes_home == ()


def test_a_truck_from_far_away_is_filled_for_longer_than_one_from_near():
    units = []
    for fixed in (10_000, 250_000):
        policy = replace(EASY, prices=replace(EASY.prices, truck_fixed=fixed))
        tools = a_metro(sites=SITES[:1], policy=policy)
        an_outlook(tools, 20)
        (asked,) = propose(tools, now=SEVEN)
        units.append(sum(line.units for line in asked.proposal.stock))
    assert units[0] < units[1]


def test_a_node_keeps_its_goods_for_six_hours_while_they_are_scarce():
    tools, node = a_metro_with_a_node(units=(units := 600))
    with tools.store.begin() as deed:
        deed.add(Stock(id=stock_id(node.id, "lamp"), node=node.id, product="lamp", on_hand=units))
    kept = []
    for hours, each_hour in ((2, 20), (4, 1)):
        an_outlook(tools, each_hour, made_at=after(hours=hours))
        propose(tools, now=after(hours=hours))
        kept.append(all_of(tools, Stock, node=node.id)[0].floor)
    assert kept[0] >= units
    assert kept[1] < units


def test_a_node_keeps_less_where_no_parcel_can_be_sent_instead():
    tools, node = a_metro_with_a_node(units=(units := 600))
    (centre,) = all_of(tools, Node, type=SiteType.CENTRE)
    kept = []
    for hours, left in ((2, 5_000), (4, 0)):
        with tools.store.begin() as deed:
            if hours == 2:
                deed.add(
                    Stock(id=stock_id(node.id, "lamp"), node=node.id, product="lamp", on_hand=units)
                )
            far = deed.lock(Stock, stock_id(centre.id, "lamp"))
            deed.change(replace(far, on_hand=left, reserved=0))
        an_outlook(tools, 2, made_at=after(hours=hours))
        propose(tools, now=after(hours=hours))
        kept.append(all_of(tools, Stock, node=node.id)[0].floor)
    assert 0 < kept[1] < kept[0]


def test_a_node_that_was_just_filled_up_is_left_alone_until_the_review():
    tools, node = a_metro_with_a_node(units=300)
    an_outlook(tools, 45, made_at=after(hours=24))
    (more,) = propose(tools, now=after(hours=24))
    assert (more.kind, more.node) == (Kind.TOP_UP, node.id)
    says(tools, more, now=after(hours=24, minutes=5))
    carry_out(tools, now=after(hours=24, minutes=6))
    for hours in (25, 27, 29):
        an_outlook(tools, 45 + 10 * (hours - 24), made_at=after(hours=hours))
        assert propose(tools, now=after(hours=hours)) == ()
    with tools.store.read() as reading:
        market = reading.get(Market, "la")
        told = [picture_of(reading, EASY, market, after(hours=h)).settled for h in (29, 31)]
    assert told == [(node.id,), ()]


def test_orders_that_a_centre_could_bring_as_soon_are_no_gain_of_a_node():
    asked = {}
    for place in ("far", "near"):
        tools = a_metro()
        lat, lon = {"far": (36.2, -119.3), "near": (35.1, -118.9)}[place]
        register(tools, a_centre("second", lat=lat, lon=lon), now=SEVEN, by="test")
        second = next(node for node in all_of(tools, Node) if node.site == "second")
        set_stock(tools, second.id, "lamp", 5_000, now=SEVEN, by="test")
        an_outlook(tools, 25)
        (asked[place],) = propose(tools, now=SEVEN)
    near, far = asked["near"].proposal, asked["far"].proposal
    assert far.stake.moved == 1
    assert near.stake.moved == pytest.approx(2 / 3)
    assert near.orders_p50 < far.orders_p50
    assert near.expected_gain < far.expected_gain
