"""A market whose nodes sold less than was believed is planned for less, until they sell more."""

from dataclasses import replace

from logistics.catalogue import Market
from logistics.demand import Accuracy, Believed, accuracy_id
from logistics.dispatch import Outcome, RouteState, StopState
from logistics.inventory import Movement, MovementReason
from logistics.network import Node
from logistics.policy import SiteType
from logistics.siting.experience import (
    LEAST,
    LEAST_REALLY,
    USUAL_KM,
    Met,
    Promised,
    as_paid,
    promised_by_centres,
    really,
    take_up,
    what_was_met,
)
from logistics.workflows.position import propose
from logistics.workflows.quoting import keep_quotes
from tests.builders.days import a_route, a_stop
from tests.builders.demand import TEN, a_node, a_world, quoted
from tests.builders.supply import SEVEN, an_outlook
from tests.logistics.workflows.test_position import SITES, a_metro, after, opened


def a_market_with_a_node(*, sold):
    tools = a_metro(sites=SITES[:1])
    an_outlook(tools, 25)
    (asked,) = propose(tools, now=SEVEN)
    node = opened(tools, asked, now=after(minutes=5))
    with tools.store.begin() as deed:
        live = deed.lock(Node, node.id)
        deed.change(replace(live, live_from=after(hours=6)))
        deed.add(
            Movement(
                id="mov-1",
                node=node.id,
                product="lamp",
                units=-sold,
                reason=MovementReason.SOLD,
                cause="orders",
                at=after(hours=20),
            )
        )
    return tools, asked


def seen(tools, now):
    with tools.store.read() as reading:
        return take_up(reading, reading.get(Market, "la"), now)


def test_nothing_is_learnt_from_a_nodes_first_hours():
    tools, _ = a_market_with_a_node(sold=0)
    assert seen(tools, after(hours=7)) == 1.0


def test_a_node_that_sells_nothing_shrinks_what_is_believed_but_not_to_nothing():
    tools, _ = a_market_with_a_node(sold=0)
    assert LEAST <= seen(tools, after(hours=30)) < seen(tools, after(hours=13)) < 1.0


def test_a_node_that_sells_as_believed_or_more_changes_nothing():
    tools, asked = a_market_with_a_node(sold=5_000)
    assert asked.proposal.orders_p50 > 0
    assert seen(tools, after(hours=30)) == 1.0


def test_a_market_plans_for_what_its_nodes_take():
    tools, _ = a_market_with_a_node(sold=0)
    an_outlook(tools, 25, made_at=after(hours=30))
    before = propose(tools, now=after(hours=30))
    assert all(
        "of what was believed" in one.proposal.lines[1] for one in before if one.proposal.stake
    )


def a_market_whose_vans_cost(cents, *, stops, far_away=False):
    tools = a_metro(sites=SITES[:1])
    with tools.store.begin() as deed:
        node = a_node(SITES[0], SEVEN)
        kind = SiteType.CENTRE if far_away else node.type
        deed.add(replace(node, id="nod_1", type=kind))
        deed.add(a_route("nod_1", stops, cost=cents * stops, state=RouteState.COMPLETED))
        deed.add_all(
            a_stop(n, SEVEN, state=StopState.CLOSED, outcome=Outcome.SUCCEEDED)
            for n in range(stops)
        )
    with tools.store.read() as reading:
        return as_paid(tools.policy, reading, reading.get(Market, "la"), SEVEN).prices


def test_a_market_whose_vans_were_never_paid_is_planned_by_its_carriers_tariff():
    """A route costs 9.00, a stop 4.50, a kilometre 0.06: a fifth of it and 20 km are 7.50."""
    prices = a_market_whose_vans_cost(0, stops=0)
    assert prices.last_mile_per_order + USUAL_KM * prices.last_mile_per_km == 750


def test_dear_routes_make_the_last_mile_dearer_and_the_more_parcels_say_so_the_more():
    few, many = (a_market_whose_vans_cost(2_000, stops=n).last_mile_per_order for n in (10, 500))
    usual = a_market_whose_vans_cost(0, stops=0).last_mile_per_order
    assert usual < few < many < 2_000


def test_routes_of_a_centre_far_away_say_nothing_of_a_space_in_town():
    usual = a_market_whose_vans_cost(0, stops=0).last_mile_per_order
    assert a_market_whose_vans_cost(5_000, stops=500, far_away=True).last_mile_per_order == usual


def promised(*, near, far):
    """What three buyers downtown were told, with so many units next door and at the centre far away."""
    means = a_world(near=near, far=far)
    answers = tuple(quoted(means) for _ in range(3))
    keep_quotes(means, answers, now=TEN)
    with means.store.read() as reading:
        centres = reading.find(Node, type=SiteType.CENTRE)
        return promised_by_centres(reading, reading.get(Market, "la"), centres, TEN)


def test_what_a_temporary_node_promises_says_nothing_of_the_centres():
    assert promised(near=50, far=50) == ()


def test_what_centres_promised_and_could_not_promise_is_counted_by_cell():
    (could,) = promised(near=0, far=50)
    assert (could.asked, could.promised) == (3, 3)
    (could_not,) = promised(near=0, far=0)
    assert (could_not.asked, could_not.promised) == (3, 0)


def test_the_more_quotes_the_less_what_is_usual_is_believed():
    few, many = (Promised(cell="x", asked=n, promised=n // 2) for n in (2, 400))
    assert few.share(0.0) < 0.1
    assert 0.45 < many.share(0.0) < many.share(1.0) < 0.55
    assert few.share(1.0) > 0.9


def a_believed(hours, p50, actual, cell=""):
    return Believed(
        outlook="fct_1",
        start=SEVEN,
        cell=cell,
        hours=hours,
        p10=p50 / 2,
        p50=p50,
        p90=2 * p50,
        statistical=p50,
        chain=p50,
        naive=p50,
        actual=actual,
    )


def test_what_was_met_sums_the_totals_of_whole_markets():
    tools = a_metro(sites=SITES[:1])
    with tools.store.begin() as deed:
        for market in ("la", "ny"):
            deed.add(
                Accuracy(
                    id=accuracy_id("lamp", market),
                    product="lamp",
                    market=market,
                    learnt_at=SEVEN,
                    width=1.0,
                    gated=False,
                    tracks=(),
                    outcomes=(a_believed(24, 100, 80), a_believed(24, 50, 9, cell="8429a1d")),
                )
            )
    with tools.store.read() as reading:
        assert what_was_met(reading) == (Met(product="lamp", hours=24, believed=200, actual=160),)


def test_until_totals_are_over_a_forecast_is_believed_as_it_stands():
    assert really((), "lamp", 24) == 1.0


def test_forecasts_that_were_too_bright_are_believed_less_and_their_own_product_says_it_loudest():
    bright = Met(product="lamp", hours=72, believed=5_000, actual=2_500)
    own, others = (really((bright,), product, 72) for product in ("lamp", "mug"))
    assert 0.5 <= own < others < 1
    assert really((bright,), "lamp", 168) == own
    day = Met(product="lamp", hours=24, believed=5_000, actual=4_900)
    assert really((day, bright), "lamp", 24) > 0.95


def test_outcomes_that_were_better_than_believed_promise_nothing():
    """Young videos are believed too little and fading ones too much: what the first teach is no
    ground for the others."""
    dim = Met(product="lamp", hours=24, believed=1_000, actual=3_000)
    assert really((dim,), "lamp", 24) == 1.0


def test_what_never_came_is_not_believed_to_vanish():
    wild = Met(product="lamp", hours=24, believed=90_000, actual=0)
    assert really((wild,), "lamp", 24) == LEAST_REALLY
