"""What a plan says of orders that it cannot bring, and what stands when a solver fails."""

from dataclasses import dataclass, replace
from datetime import timedelta

from logistics.carriers import Vehicle
from logistics.dispatch import Plan, PlanState, Route, RouteState, Stop, Tender, TenderState
from logistics.exceptions import Case, CaseKind, CaseState
from logistics.orders import Order
from logistics.sources import Inline
from logistics.workflows.allocate import allocate
from logistics.workflows.differences import plan_difference
from logistics.workflows.picking import pick_and_pack
from logistics.workflows.publish import answer_tender, publish_plan
from logistics.workflows.route import answered, plan_routes
from logistics.workflows.tick import JOBS, run_due
from tests.builders.demand import (
    HARBOUR,
    TEN,
    a_market,
    a_node,
    a_region,
    a_site,
    a_van,
    a_world,
    an_order,
    found,
    kept,
    quoted,
    stocked,
)

DISPATCH = tuple(job for job in JOBS if job.name == "dispatch")
HALF_PAST = TEN + timedelta(minutes=25)


def waiting(means, orders=3, place=HARBOUR):
    for number in range(orders):
        an_order(means, number=str(number), place=place)
    allocate(means, now=TEN)
    pick_and_pack(means, now=HALF_PAST)
    return means


def with_vans(means, **changed):
    """The same metro with every van changed."""
    for van in found(means, Vehicle):
        with means.store.begin() as deed:
            deed.change(replace(deed.lock(Vehicle, van.id), **changed))
    return means


def test_d8_an_order_that_no_van_can_carry_says_which_rule_and_against_how_many():
    means = with_vans(waiting(a_world()), weight_grams=100)
    plan = plan_routes(means, "la", now=HALF_PAST)
    assert plan.routes == ()
    assert {left.order for left in plan.unplanned} == {o.id for o in found(means, Order)}
    for left in plan.unplanned:
        assert left.reason == "infeasible"
        assert left.detail.startswith("capacity against 6 of 6 vans, for example van-0")
        assert "smallest fix: room for its load" in left.detail


def test_d8_an_order_that_would_fit_is_never_called_infeasible():
    means = with_vans(waiting(a_world(vans=1), orders=6), parcels=1)
    plan = plan_routes(means, "la", now=HALF_PAST)
    assert plan.unplanned
    assert {left.reason for left in plan.unplanned} <= {"not_chosen", "unknown"}
    assert all("smallest fix" in left.detail for left in plan.unplanned)


def test_d10_a_plan_that_ran_out_of_time_is_a_whole_plan_and_says_so():
    policy = replace(
        a_world().policy, efforts=replace(a_world().policy.efforts, routing_steps=None)
    )
    policy = replace(policy, efforts=replace(policy.efforts, routing_seconds=0.3))
    means = waiting(a_world(policy=policy), orders=20)
    plan = plan_routes(means, "la", now=HALF_PAST)
    assert plan.stopped == "time_limit"
    assert plan.gap is not None
    assert 0 <= plan.gap <= 1
    assert plan.routes
    assert plan.unplanned == ()


class Failing(Inline):
    """A computer on which the router's engine fails."""

    def run(self, work, *args, **more):
        if work is answered:
            raise RuntimeError("the engine stopped")
        return super().run(work, *args, **more)


def test_d11_when_the_solver_fails_the_last_plan_stands_and_a_planner_is_told():
    means = waiting(a_world())
    run_due(means, now=HALF_PAST, holder="test", jobs=DISPATCH)
    published = found(means, Plan, state=PlanState.PUBLISHED)
    routes = found(means, Route), found(means, Stop)
    assert published
    an_order(means, number="more", place=HARBOUR, now=HALF_PAST)
    allocate(means, now=HALF_PAST)
    later = HALF_PAST + timedelta(minutes=60)
    pick_and_pack(means, now=later)
    broken = replace(means, compute=Failing())
    assert "failed" in run_due(broken, now=later, holder="test", jobs=DISPATCH)[0].outcome
    assert found(means, Plan, state=PlanState.PUBLISHED) == published
    assert (found(means, Route), found(means, Stop)) == routes
    case = found(means, Case, kind=CaseKind.SOLVER_FAILED)[0]
    assert case.state is CaseState.OPEN
    assert "the engine stopped" in case.detail
    assert quoted(broken, now=later).quote.offer is not None
    again = later + timedelta(minutes=15)
    run_due(means, now=again, holder="test", jobs=DISPATCH)
    assert kept(means, Case, case.id).state is CaseState.RESOLVED
    assert len(found(means, Plan)) > len(published)


SAN_DIEGO = (32.72, -117.16)


def with_a_second_market(means):
    """San Diego beside Los Angeles, with a node, two vans and an order that is packed."""
    market = a_market(id="sd", name="San Diego", regions=(a_region(SAN_DIEGO),))
    site = a_site("harbor", place=SAN_DIEGO, market="sd")
    vans = [a_van(f"sd-{n}", market="sd") for n in range(2)]
    node = a_node(site)
    with means.store.begin() as deed:
        deed.add_all([market, site, node, *vans, *stocked(node.id)])
    an_order(means, number="sd", place=SAN_DIEGO)
    return waiting(means)


@dataclass(frozen=True)
class FailingIn(Inline):
    """A computer on which the engine fails for the orders of one market."""

    orders: frozenset[str]

    def run(self, work, *args, **more):
        if work is answered and {stop.name for stop in args[0].stops} & self.orders:
            raise RuntimeError("the engine stopped")
        return super().run(work, *args, **more)


def test_what_goes_wrong_in_one_market_stops_no_other_and_is_told_with_its_name():
    means = with_a_second_market(a_world())
    theirs = frozenset(order.id for order in found(means, Order, market="la"))
    broken = replace(means, compute=FailingIn(theirs))
    tick = run_due(broken, now=HALF_PAST, holder="test", jobs=DISPATCH)[0]
    assert tick.outcome == "failed: la: RuntimeError: the engine stopped"
    assert [plan.market for plan in found(means, Plan, state=PlanState.PUBLISHED)] == ["sd"]
    assert found(means, Case, kind=CaseKind.SOLVER_FAILED)[0].detail.startswith("la: ")


def test_what_nobody_took_keeps_its_van_when_more_orders_come():
    means = waiting(a_world(), orders=4)
    first = publish_plan(means, plan_routes(means, "la", now=HALF_PAST), by="test", now=HALF_PAST)
    for carrier in ("swift", "steady"):
        for tender in found(means, Tender, state=TenderState.OFFERED):
            answer_tender(means, tender.id, "decline", carrier=carrier, now=HALF_PAST)
    assert found(means, Route, state=RouteState.PLANNED)
    an_order(means, number="more", place=HARBOUR, now=HALF_PAST)
    allocate(means, now=HALF_PAST)
    later = HALF_PAST + timedelta(minutes=30)
    pick_and_pack(means, now=later)
    second = plan_routes(means, "la", now=later)
    with means.store.read() as reading:
        told = plan_difference(reading, second.id, first.id)
    assert [move.before for move in told.moved] == [None]
