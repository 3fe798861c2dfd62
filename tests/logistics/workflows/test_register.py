"""What is told is remembered once, and what it names must be known."""

from dataclasses import replace

import pytest

from logistics.errors import ForeignZone, Nonsense, Unknown
from logistics.inventory import Movement, MovementReason
from logistics.network import Node, NodeState
from logistics.policy import SiteType
from logistics.workflows.register import register, set_stock
from tests.builders.supply import (
    SEVEN,
    a_link,
    a_market,
    a_product,
    a_site,
    a_video,
    a_world,
    all_of,
    centre_node,
    journal_agrees,
    means,
)


def test_telling_the_same_thing_twice_changes_nothing():
    tools = a_world()
    kept, new = register(tools, a_product(), now=SEVEN, by="shop")
    assert (kept.version, new) == (1, False)


def test_a_new_fact_raises_the_version():
    tools = a_world()
    kept, new = register(tools, a_product(price=4100), now=SEVEN, by="shop")
    assert (kept.version, kept.price, new) == (2, 4100, False)


def test_a_product_of_an_unknown_category_is_refused_with_its_field():
    with pytest.raises(Nonsense, match="home") as refused:
        register(means(), a_product(), now=SEVEN, by="shop")
    assert refused.value.field == "/category"


def test_shares_of_a_videos_clicks_never_exceed_the_whole():
    tools = a_world()
    register(tools, a_product("ring"), now=SEVEN, by="shop")
    with pytest.raises(Nonsense, match=r"1\.200"):
        register(tools, a_link(product="ring", share=0.2), now=SEVEN, by="shop")


def test_a_link_is_named_after_its_ends():
    tools = a_world()
    with pytest.raises(Nonsense, match="video~product"):
        register(tools, replace(a_link(), id="mine"), now=SEVEN, by="shop")


def test_a_market_of_another_zone_is_not_kept_here():
    with pytest.raises(ForeignZone):
        register(means(), a_market(residency="eu"), now=SEVEN, by="operator")


def test_a_centre_stands_as_one_live_node_from_the_first_day():
    tools = a_world()
    register(tools, a_site("reno", SiteType.CENTRE, lat=36.3), now=SEVEN, by="operator")
    (node,) = all_of(tools, Node)
    assert (node.state, node.lat, node.live_from) == (NodeState.LIVE, 36.3, SEVEN)


def test_a_video_taken_down_stays_down_when_it_is_told_again():
    tools = a_world()
    register(tools, a_video(removed_at=SEVEN), now=SEVEN, by="clips")
    kept, _ = register(tools, a_video(title="Glow again"), now=SEVEN, by="clips")
    assert (kept.title, kept.removed_at) == ("Glow again", SEVEN)


def test_opening_stock_a_purchase_and_a_correction_are_movements():
    tools = a_world(stock=100)
    node = centre_node(tools).id
    set_stock(tools, node, "lamp", 150, now=SEVEN, by="buyer")
    set_stock(tools, node, "lamp", 150, now=SEVEN, by="buyer")
    kept = set_stock(tools, node, "lamp", 140, now=SEVEN, by="buyer", floor=20)
    moves = [(m.reason, m.units) for m in all_of(tools, Movement)]
    assert moves == [
        (MovementReason.OPENING, 100),
        (MovementReason.PURCHASE, 50),
        (MovementReason.COUNT, -10),
    ]
    assert (kept.on_hand, kept.floor) == (140, 20)
    assert journal_agrees(tools)


def test_stock_of_something_unknown_is_refused():
    tools = a_world()
    with pytest.raises(Unknown, match="product"):
        set_stock(tools, centre_node(tools).id, "moon", 5, now=SEVEN, by="buyer")
    with pytest.raises(Nonsense, match="units"):
        set_stock(tools, centre_node(tools).id, "lamp", -5, now=SEVEN, by="buyer")
