"""A world refuses what contradicts itself, and says where."""

from dataclasses import replace

import pytest

from logistics.errors import Nonsense
from logistics.twin.world import Base, Opening, Share
from tests.builders.worlds import a_film, a_world


@pytest.mark.parametrize(
    ("field", "broken"),
    [
        ("hours", {"hours": 0}),
        ("markets", {"markets": ()}),
        ("base", {"base": (Base(product="unknown", orders_per_day=1.0),)}),
        ("films", {"films": (a_film(products=(Share(of="unknown", share=1.0),)),)}),
        ("films", {"films": (a_film(markets=(Share(of="unknown", share=1.0),)),)}),
        ("openings", {"openings": (Opening(centre="unknown", product="lamp", units=1),)}),
    ],
)
def test_a_world_that_names_what_it_does_not_have_is_refused(field, broken):
    with pytest.raises(Nonsense) as refusal:
        replace(a_world(), **broken)
    assert refusal.value.field == f"/{field}"


def test_a_market_where_nobody_lives_is_refused():
    world = a_world()
    market = world.markets[0]
    empty = tuple(replace(region, residents=0) for region in market.regions)
    with pytest.raises(Nonsense, match="no places where people live"):
        replace(world, markets=(replace(market, regions=empty),))


@pytest.mark.parametrize(
    "wrong",
    [
        {"peak_views_per_hour": -1.0},
        {"peak_views_per_hour": float("nan")},
        {"rise_hours": 0.0},
        {"half_life_hours": 0.0},
        {"orders_per_view": 1.5},
        {"products": ()},
        {"markets": ()},
    ],
)
def test_a_film_that_cannot_be_is_refused(wrong):
    with pytest.raises(Nonsense):
        a_film(**wrong)


def test_two_things_of_one_name_are_refused():
    world = a_world()
    with pytest.raises(Nonsense, match="named twice"):
        replace(world, products=(*world.products, world.products[0]))
