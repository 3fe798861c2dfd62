"""Who knows the future says it truly, who only counts says the last day, who errs errs by a factor."""

from dataclasses import replace
from datetime import timedelta

import pytest

from logistics.foresight import MarketView, Ordered, Place, Wanted
from logistics.twin.foreknowledge import Clairvoyant, Distorted, Informed, Reactive
from logistics.twin.truth import law_of, truth_of
from logistics.twin.world import Family
from tests.builders.worlds import MIDNIGHT, a_film, a_world

HOUR = timedelta(hours=1)


def a_view(world, hour, ordered=()):
    market = world.markets[0]
    return MarketView(
        market=market.id,
        zone=market.zone,
        now=MIDNIGHT + hour * HOUR,
        hours=72,
        places=tuple(Place(cell=r.cell, residents=r.residents) for r in market.regions),
        wanted=tuple(
            Wanted(product=p.id, category=p.category, orders_per_view=0.002) for p in world.products
        ),
        watched=(),
        ordered=ordered,
    )


def total(sight, hours=24, product=0):
    return sum(sight.foreseen[product].whole.hourly.p50[:hours])


def test_who_is_informed_knows_a_video_only_once_it_is_there():
    world = a_world(hours=96, base=())
    informed = Informed(world=world, truth=truth_of(world))
    assert total(informed.look(a_view(world, 5))) == 0
    truth = truth_of(world).demand["lamp"][7:31].sum()
    assert total(informed.look(a_view(world, 7))) == pytest.approx(truth, rel=1e-3)


def test_who_is_informed_does_not_know_that_the_world_ends():
    world = a_world(hours=96)
    late = a_view(world, 90)
    law = law_of(world, beyond=72)
    assert total(Informed(world=world, truth=law).look(late)) > 24
    assert law_of(world).demand["lamp"] == pytest.approx(law.demand["lamp"][:96])


def test_who_is_clairvoyant_counts_the_buyers_who_will_come():
    world = a_world(hours=96)
    truth = truth_of(world)
    first, last = MIDNIGHT + 3 * HOUR, MIDNIGHT + 27 * HOUR
    came = sum(buyer.units for buyer in truth.buyers if first <= buyer.at < last)
    clairvoyant = Clairvoyant(world=world, truth=truth)
    assert total(clairvoyant.look(a_view(world, 3))) == came
    assert clairvoyant.expects("metro", MIDNIGHT) == ("lamp",)
    assert clairvoyant.expects("metro", MIDNIGHT + 95.9 * HOUR) in {(), ("lamp",)}


def test_regions_of_what_is_known_sum_to_the_whole():
    world = a_world(hours=96)
    foreseen = Clairvoyant(world=world, truth=truth_of(world)).look(a_view(world, 8)).foreseen[0]
    for hour in range(72):
        parts = sum(region.hourly[hour] for region in foreseen.regions)
        assert parts == pytest.approx(foreseen.whole.hourly.p50[hour], abs=0.01)


def sold(world, units, ago=2):
    cell = world.markets[0].regions[0].cell
    hour = int((MIDNIGHT + (30 - ago) * HOUR).timestamp() // 3600)
    return (Ordered(product="lamp", cell=cell, hours=(hour,), units=(units,), lost=(0,)),)


def test_a_rule_that_counts_takes_the_last_day_to_go_on():
    world = a_world()
    sight = Reactive(threshold=50).look(a_view(world, 30, sold(world, 60)))
    assert total(sight) == 60
    assert total(sight, hours=72) == 180


@pytest.mark.parametrize(("units", "ago"), [(49, 2), (500, 25)])
def test_a_rule_that_counts_sees_nothing_below_its_threshold_or_longer_ago(units, ago):
    world = a_world()
    assert total(Reactive(threshold=50).look(a_view(world, 30, sold(world, units, ago)))) == 0


def test_a_distorted_forecast_is_off_by_one_factor_everywhere():
    world = a_world(hours=96)
    plain = Clairvoyant(world=world, truth=truth_of(world))
    view = a_view(world, 8)
    off = Distorted(error=0.7, seed=1, of=plain).look(view).foreseen[0]
    true = plain.look(view).foreseen[0]
    factor = off.whole.totals[1].p50 / true.whole.totals[1].p50
    assert factor != pytest.approx(1.0, abs=0.01)
    assert sum(off.whole.hourly.p50) == pytest.approx(factor * sum(true.whole.hourly.p50))
    assert off.regions[0].totals[1].p90 == pytest.approx(factor * true.regions[0].totals[1].p90)


def test_a_family_gives_to_a_video_what_it_would_have_sold_without():
    plain = a_world()
    lamp = replace(plain.products[0], family="light")
    lantern = replace(lamp, id="lantern")
    world = a_world(
        products=(lamp, lantern),
        base=(replace(plain.base[0], product="lantern", orders_per_day=50.0),),
        families=(Family(id="light", cannibalisation=0.5),),
    )
    alone = replace(world, families=())
    taken = truth_of(alone).demand["lantern"] - truth_of(world).demand["lantern"]
    assert taken.sum() > 0
    assert (truth_of(world).demand["lantern"] >= 0).all()
    assert taken.sum() <= 0.5 * truth_of(world).pulled["film"]["lamp"].sum() + 1e-9


def test_no_video_takes_anything_where_there_is_no_family():
    world = a_world(films=(a_film(), a_film(id="other", starts_at_hour=9.0)))
    truth = truth_of(world)
    pulled = sum(film["lamp"].sum() for film in truth.pulled.values())
    assert truth.demand["lamp"].sum() == pytest.approx(pulled + truth.base["lamp"].sum())
