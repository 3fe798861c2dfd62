"""What is counted at the end of a life."""

from dataclasses import replace
from datetime import timedelta

import pytest

from logistics.inventory import Load, Replenishment, ReplenishmentState
from logistics.memory import MemoryStore
from logistics.network import Node, NodeState
from logistics.policy import SiteType
from logistics.twin.report import outcomes
from tests.builders.worlds import MIDNIGHT, a_film, a_served_world, a_shelf

FIRST_CLOSES = 100.0
"""Hour at which the shelf is closed for the first time; its shortest term is a day."""


def hour(number):
    return MIDNIGHT + timedelta(hours=number)


def flaps(*, again_at, film_at=6.0, film_of="lamp"):
    """The flaps of a shelf that is opened again, in a world with one video."""
    film = a_film(starts_at_hour=film_at)
    film = replace(film, products=(replace(film.products[0], of=film_of),))
    lamp = a_served_world().products[0]
    world = a_served_world(
        hours=240,
        sites=(a_shelf(),),
        products=(lamp, replace(lamp, id="mug")),
        films=(film,),
    )
    shelf, store = a_shelf(), MemoryStore()
    node = Node(
        id="nod_1",
        site=shelf.id,
        market="metro",
        type=SiteType.SHELF,
        state=NodeState.CLOSED,
        lat=shelf.lat,
        lon=shelf.lon,
        planned_at=hour(10),
        live_from=hour(20),
        closed_at=hour(FIRST_CLOSES),
        orders_per_day=100,
        space=500,
    )
    again = replace(node, id="nod_2", planned_at=hour(again_at), closed_at=None)
    truck = Replenishment(
        id="rep_1",
        market="metro",
        from_node="nod_centre",
        to_node="nod_2",
        loads=(Load(product="lamp", units=50),),
        state=ReplenishmentState.CLOSED,
        departs_at=again.planned_at,
        arrives_at=again.planned_at,
        cost=100,
    )
    with store.begin() as deed:
        deed.add_all([node, again, truck])
    with store.read() as reading:
        return outcomes(world, reading, [], hour(240)).flaps


def test_a_space_opened_again_for_the_same_video_is_a_flap():
    assert flaps(again_at=FIRST_CLOSES + 20) == 1


def test_a_space_opened_again_a_week_later_is_none():
    assert flaps(again_at=FIRST_CLOSES + 7 * 24) == 0


@pytest.mark.parametrize(("film_of", "counted"), [("lamp", 0), ("mug", 1)])
def test_a_new_video_of_what_it_is_sent_is_another_demand(film_of, counted):
    assert flaps(again_at=FIRST_CLOSES + 20, film_at=FIRST_CLOSES + 10, film_of=film_of) == counted


def test_a_video_that_began_before_the_space_closed_is_no_excuse():
    assert flaps(again_at=FIRST_CLOSES + 20, film_at=FIRST_CLOSES - 10) == 1
