"""A replay's world holds what the files tell, and says what of it is drawn."""

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.replay.attention import held, told_in, worth_before
from data.replay.places import market_named, markets_for, share_inside
from data.replay.window import Window, window_of
from data.replay.world import replay_of
from data.sources.order_files import read_orders
from data.sources.signal_files import VIEWS_PER_POINT, read_signals
from logistics.errors import Nonsense
from logistics.policy import Policy, SiteType
from routing.geography import Place, cell_of, straight_km
from tests.builders.replays import asked_of, files_of

TUESDAY = Window(first=date(2026, 11, 24), last=date(2026, 11, 24))


def test_every_order_of_the_window_comes_once_and_lies_in_the_market(tmp_path):
    replay = replay_of(asked_of(tmp_path), Policy())
    (oregon,) = replay.world.markets
    assert len(replay.truth.buyers) == 40
    assert {buyer.cell for buyer in replay.truth.buyers} <= {r.cell for r in oregon.regions}
    for buyer in replay.truth.buyers:
        assert buyer.cell == cell_of(Place(lat=buyer.lat, lon=buyer.lon), 3)
        assert datetime(2026, 11, 24, 8, tzinfo=UTC) <= buyer.at
        assert buyer.at < datetime(2026, 11, 25, 8, tzinfo=UTC)
        assert not buyer.only_six


def test_what_is_not_lived_is_counted_by_its_reason(tmp_path):
    orders, signals = replay_of(asked_of(tmp_path), Policy()).read
    assert [(flaw.line, flaw.reason) for flaw in orders.told.flaws] == [
        (4, "units: 'many' is no number")
    ]
    assert dict(orders.left_out) == {"rows of other places": 2, "rows outside of the window": 1}
    assert orders.told.unknown == ("colour",)
    assert [flaw.line for flaw in signals.told.flaws] == [4]


def test_the_same_files_and_seed_make_the_same_world_and_another_seed_another(tmp_path):
    one, same, other = (
        replay_of(asked_of(tmp_path, seed=seed), Policy()).truth.buyers for seed in (1, 1, 2)
    )
    assert one == same
    assert one != other


def test_parquet_says_the_same_as_csv(tmp_path):
    table = {"product": ["lamp"] * 2, "units": [30, 40], "state": ["Oregon"] * 2}
    days = pa.array([date(2026, 11, 23), date(2026, 11, 24)])
    pq.write_table(pa.table(table | {"day": days}), tmp_path / "orders.parquet")
    plain = asked_of(tmp_path, orders="product,units,state,day\n"
                     "lamp,30,Oregon,2026-11-23\nlamp,40,Oregon,2026-11-24\n")  # fmt: skip
    columns = replay_of(asked_of(tmp_path).__class__(
        signals=plain.signals, orders=tmp_path / "orders.parquet", markets=plain.markets,
        first=plain.first, last=plain.last), Policy())  # fmt: skip
    assert columns.truth == replay_of(plain, Policy()).truth


def test_orders_with_moment_and_place_are_taken_as_told(tmp_path):
    text = (
        "product,at,units,lat,lon\n"
        "lamp,2026-11-24T10:00:00-08:00,2,44.05,-123.09\n"
        "lamp,2026-11-24T11:00:00-08:00,1,40.71,-74.00\n"
    )
    replay = replay_of(asked_of(tmp_path, orders=text, markets=("Eugene",)), Policy())
    (buyer,) = replay.truth.buyers
    assert (buyer.at, buyer.units) == (datetime(2026, 11, 24, 18, tzinfo=UTC), 2)
    assert (buyer.lat, buyer.lon) == (44.05, -123.09)
    assert not any("place of the orders" in words for words in replay.drawn)


def test_without_a_wish_the_state_and_the_week_that_order_most_are_lived(tmp_path):
    text = "product,day,orders,state\n" + "".join(
        f"lamp,2026-{month}-{day:02d},{orders},{state}\n"
        for month, orders, state in (("10", 3, "Oregon"), ("11", 5, "Oregon"), ("11", 4, "Ohio"))
        for day in range(1, 10)
    )
    world = replay_of(
        asked_of(tmp_path, orders=text, markets=(), first=None, last=None), Policy()
    ).world
    assert [market.name for market in world.markets] == ["Oregon"]
    assert world.starts_at.date() == date(2026, 11, 1)
    assert world.hours == 7 * 24 + 1, "the clocks go back on the first of November"


def test_without_a_wish_as_many_states_are_lived_as_place_half_of_the_orders(tmp_path):
    ordered = {"Oregon": 4, "Texas": 3, "Ohio": 2, "Maine": 1, "Iowa": 1}
    text = "product,day,orders,state\n" + "".join(
        f"lamp,2026-11-24,{orders},{state}\n" for state, orders in ordered.items()
    )
    replay = replay_of(asked_of(tmp_path, orders=text, markets=(), first=None, last=None), Policy())
    assert [market.name for market in replay.world.markets] == ["Oregon", "Texas"]
    assert len(replay.truth.buyers) == 7
    assert dict(replay.read[0].left_out) == {"rows of other places": 3}


def test_at_a_border_each_cell_lies_in_the_market_where_more_people_live(tmp_path):
    rows = read_orders(files_of(tmp_path)[1]).rows
    alone = [market_named(name, 3) for name in ("California", "Nevada")]
    beside = markets_for(rows, ("California", "Nevada"))
    cells = [{region.cell for region in market.regions} for market in beside]
    assert not cells[0] & cells[1]
    before = [{region.cell for region in market.regions} for market in alone]
    assert cells[0] | cells[1] == before[0] | before[1]
    with pytest.raises(Nonsense, match="New York, New Jersey overlap"):
        markets_for(rows, ("New York", "New Jersey"))


def test_signals_of_whole_days_are_looked_at_every_three_hours(tmp_path):
    assert replay_of(asked_of(tmp_path), Policy()).policy.rhythm.sense == 3 * 3600
    text = "video,bucket_start,views\nv,2026-11-24T10:00:00-08:00,9\n"
    hourly = replay_of(asked_of(tmp_path, signals=text), Policy()).policy.rhythm.sense
    assert hourly == 3600


def test_an_index_of_attention_counts_in_a_market_by_its_people(tmp_path):
    signals = read_signals(files_of(tmp_path)[0]).rows
    oregon = market_named("Oregon")
    views = sum(row.views for row in told_in(signals, (oregon,), TUESDAY))
    assert views == int(8 * VIEWS_PER_POINT * share_inside(oregon, None))
    assert 0.005 < share_inside(oregon, None) < 0.03


def test_an_index_of_attention_holds_for_a_week_and_no_longer(tmp_path):
    text = "product,day,attention\nlamp,2026-11-01,5\nlamp,2026-11-04,7\nlamp,2026-11-20,9\n"
    days = {
        line.when.day: line.counts
        for line in held(read_signals(files_of(tmp_path, signals=text)[0]).rows)
    }
    assert sorted(days) == [*range(1, 11), 20]
    assert days[3] == days[1] != days[10]


def test_what_a_view_is_worth_is_learnt_from_the_rows_before_the_window(tmp_path):
    signals, orders = (read(file).rows for read, file in zip(
        (read_signals, read_orders), files_of(tmp_path), strict=True))  # fmt: skip
    assert worth_before(orders, signals, TUESDAY) == pytest.approx(30 / (6 * VIEWS_PER_POINT))
    earlier = Window(first=date(2026, 11, 1), last=date(2026, 11, 2))
    assert worth_before(orders, signals, earlier) is None


def test_two_states_share_nobody_and_a_metro_has_a_part_of_its_state():
    oregon, portland = market_named("Oregon"), market_named("Portland")
    assert share_inside(oregon, "Oregon") == 1.0
    assert share_inside(oregon, "WA") == 0.0
    assert 0.3 < share_inside(portland, "OR") < 0.8


def test_drawn_sites_are_real_towns_of_the_market_and_its_centre_lies_outside(tmp_path):
    replay = replay_of(asked_of(tmp_path), Policy())
    (oregon,), cells = replay.world.markets, {r.cell for r in replay.world.markets[0].regions}
    spaces = [site for site in replay.world.sites if site.type is not SiteType.CENTRE]
    (centre,) = (site for site in replay.world.sites if site.type is SiteType.CENTRE)
    assert oregon.id == "oregon"
    (opening,) = replay.world.openings
    assert (opening.centre, opening.units, opening.floor) == (centre.id, 80, 40)
    assert {site.cell for site in spaces} <= cells
    assert centre.cell not in cells
    at = [Place(lat=site.lat, lon=site.lon) for site in spaces]
    assert all(straight_km(a, b) >= 25 for n, a in enumerate(at) for b in at[:n])
    assert all(site.terms == replay.policy.terms[site.type] for site in replay.world.sites)


def test_a_market_of_the_site_file_may_be_told_by_its_name(tmp_path):
    (tmp_path / "sites.csv").write_text(
        "id,type,lat,lon,market\nsalem,shelf,44.94,-123.03,Oregon\nreno,shelf,39.5,-119.8,Nevada\n"
    )
    replay = replay_of(asked_of(tmp_path, sites=tmp_path / "sites.csv"), Policy())
    spaces = [site for site in replay.world.sites if site.type is not SiteType.CENTRE]
    assert [(site.id, site.market) for site in spaces] == [("salem", "oregon")]


def test_a_slip_in_one_row_loses_no_other_row(tmp_path):
    orders = "product,day,state\nlamp,2026-11-24,Oregon\nlamp,9999-12-31,Oregon\nla mp,2026-11-24,Oregon\n"
    signals = "product,day,attention\nlamp,2026-11-24,6\nlamp,0001-01-01,6\nla mp,2026-11-24,6\n"
    (tmp_path / "products.csv").write_text("id,price,category\nlamp,4500,home\nfan,900,a b\n")
    replay = replay_of(
        asked_of(tmp_path, orders, signals, products=tmp_path / "products.csv"), Policy()
    )
    assert len(replay.truth.buyers) == 1
    assert [[flaw.line for flaw in one.told.flaws] for one in replay.read] == [[3, 4], [3, 4], [3]]


def test_sites_and_products_of_files_stand_in_the_place_of_drawn_ones(tmp_path):
    (tmp_path / "sites.csv").write_text(
        "id,type,lat,lon\nsalem,shelf,44.94,-123.03\nboise,centre,43.61,-116.20\nmars,moon,0,0\n"
    )
    (tmp_path / "products.csv").write_text("id,price\nlamp,4500\n")
    replay = replay_of(
        asked_of(tmp_path, sites=tmp_path / "sites.csv", products=tmp_path / "products.csv"),
        Policy(),
    )
    assert [site.id for site in replay.world.sites] == ["salem", "boise"]
    assert [product.price for product in replay.world.products] == [4500]
    assert not any("space" in words and "towns" in words for words in replay.drawn)
    assert [
        flaw.line for read in replay.read for flaw in read.told.flaws if read.what == "sites"
    ] == [4]


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        ({"markets": ("Atlantis",)}, "neither a US state nor a town"),
        ({"markets": ("Oregon", "Eugene")}, "overlap"),
        ({"first": date(2020, 1, 1), "last": date(2020, 1, 2)}, "no order of Oregon"),
        ({"first": date(2026, 11, 25)}, "lies after"),
        ({"first": date(1, 1, 1), "last": None}, "in the years 1970 to 2200"),
        ({"first": None, "last": date(1, 1, 1)}, "in the years 1970 to 2200"),
        ({"markets": ("Ohio",), "first": None, "last": None}, "no order in the market"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_in_a_sentence(tmp_path, wishes, words):
    with pytest.raises(Nonsense, match=words):
        replay_of(asked_of(tmp_path, **wishes), Policy())


def test_orders_without_places_need_a_market(tmp_path):
    rows = read_orders(files_of(tmp_path, orders="product,day\nlamp,2026-11-24\n")[1]).rows
    with pytest.raises(Nonsense, match="name a --market"):
        markets_for(rows, ())
    placed = "product,day,lat,lon\nlamp,2026-11-24,44.05,-123.09\n"
    (market,) = markets_for(read_orders(files_of(tmp_path, orders=placed)[1]).rows, ())
    assert cell_of(Place(lat=44.05, lon=-123.09), 4) in {region.cell for region in market.regions}


def test_one_end_of_the_window_gives_a_week():
    day = date(2026, 11, 24)
    assert window_of((), day, None) == Window(first=day, last=day + timedelta(days=6))
    assert window_of((), None, day) == Window(first=day - timedelta(days=6), last=day)
