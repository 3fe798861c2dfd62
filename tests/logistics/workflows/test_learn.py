from dataclasses import replace
from datetime import timedelta

from logistics.dispatch import Outcome, Stop, Tender, TenderState
from logistics.orders import ServiceLevel
from logistics.promise.calibration import Calibration
from logistics.promise.offers import Promise, PromiseState, Window
from logistics.workflows.deliver import report
from logistics.workflows.intake import keep_quotes
from logistics.workflows.learn import learn
from tests.builders.demand import (
    HARBOUR,
    TEN,
    a_world,
    an_order,
    board_of,
    found,
    kept,
    on_a_route,
    quoted,
    says,
)

HOUR = timedelta(hours=1)


def promises(kept_count, broken_count, node="nod_vernon"):
    for number in range(kept_count + broken_count):
        yield Promise(
            id=f"prm_{node}_{number}",
            order=f"ord_{number}",
            market="la",
            state=PromiseState.KEPT if number < kept_count else PromiseState.BROKEN,
            service_level=ServiceLevel.SIX_HOUR,
            window=Window(earliest=TEN, latest=TEN + HOUR),
            zone="America/Los_Angeles",
            keep_probability=0.95,
            raw_keep=0.95,
            node=node,
            made_at=TEN - HOUR,
        )


def remember(means, values):
    with means.store.begin() as deed:
        deed.add_all(values)


def test_a_node_that_keeps_seven_of_ten_promises_gives_itself_more_time():
    means = a_world()
    before = quoted(means).quote.offer
    remember(means, promises(140, 60))
    learn(means, now=TEN)
    after = quoted(means).quote
    assert before.service_level is ServiceLevel.SIX_HOUR
    assert after.eligible
    assert after.offer.window.latest > before.window.latest
    assert after.offer.raw_keep > before.raw_keep
    assert after.offer.keep_probability >= 0.90


def test_a_node_that_keeps_one_of_ten_is_promised_nothing_within_six_hours_until_it_is_better():
    means = a_world()
    remember(means, promises(30, 270))
    learn(means, now=TEN)
    assert quoted(means).quote.offer.service_level is not ServiceLevel.SIX_HOUR


def test_a_node_that_keeps_its_promises_is_still_believed():
    means = a_world()
    remember(means, promises(195, 5))
    learn(means, now=TEN)
    offer = quoted(means).quote.offer
    assert offer.service_level is ServiceLevel.SIX_HOUR
    assert offer.keep_probability >= 0.95


def test_the_brier_score_stands_beside_that_of_a_constant():
    means = a_world()
    remember(means, promises(90, 10))
    learnt = learn(means, now=TEN)[0]
    assert learnt.outcomes == 100
    assert abs(learnt.brier_constant - 0.09) < 1e-9
    assert abs(learnt.brier - (0.9 * 0.05**2 + 0.1 * 0.95**2)) < 1e-9


def test_learning_twice_changes_nothing():
    means = a_world()
    remember(means, promises(90, 10))
    learn(means, now=TEN)
    first = kept(means, Calibration, "la")
    assert learn(means, now=TEN + HOUR) == ()
    assert kept(means, Calibration, "la") == first


def test_slow_drives_make_the_next_quotes_later():
    means = a_world()
    before = board_of(means).markets["la"].travel
    route, now = on_a_route(means, orders=1, place=HARBOUR)
    stop = found(means, Stop, route=route.id)[0]
    left = route.departs_at
    planned = stop.planned_at - left
    arrive = left + 3 * planned
    told = (
        says(route, "depart", left, 1),
        says(route, "arrive", arrive, 2, stop.id),
        says(route, "close", arrive, 3, stop.id, Outcome.SUCCEEDED),
        says(route, "return", arrive + HOUR, 4),
    )
    report(means, route.carrier, told, now=arrive + 2 * HOUR)
    learn(means, now=arrive + 2 * HOUR)
    after = board_of(means, now=arrive + 2 * HOUR).markets["la"].travel
    assert after.local_factor > before.local_factor
    assert kept(means, Calibration, "la").drives == 1
    assert now <= left


def test_conversion_is_counted_by_what_was_offered():
    means = a_world()
    keep_quotes(means, (quoted(means), quoted(means)), now=TEN)
    an_order(means)
    learn(means, now=TEN + HOUR)
    learnt = kept(means, Calibration, "la")
    assert (learnt.six_hour_quotes, learnt.six_hour_orders) == (3, 1)
    assert learnt.conversion_lift is None


def test_what_carriers_take_and_decline_is_learnt():
    means = a_world(vans=2)
    route, now = on_a_route(means)
    with means.store.begin() as deed:
        mine = deed.find(Tender, route=route.id)[0]
        deed.add(replace(mine, id="tnd_other", carrier="steady", state=TenderState.DECLINED))
    learn(means, now=now + HOUR)
    taken, declined = sorted(kept(means, Calibration, "la").carriers, key=lambda one: one.declined)
    assert (taken.carrier, taken.offered, taken.taken) == (route.carrier, 1, 1)
    assert (declined.carrier, declined.offered, declined.declined) == ("steady", 1, 1)
