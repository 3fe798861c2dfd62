"""Files of orders, signals, products and sites: what is told counts, what is wrong is told."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.sources.draws import by_hours, drawn_moment
from data.sources.order_files import ORDER_COLUMNS, read_orders, replayed
from data.sources.signal_files import SIGNAL_COLUMNS, VIEWS_PER_POINT, drawn_of, heard, read_signals
from data.sources.supply_files import PRODUCT_COLUMNS, SITE_COLUMNS, read_products, read_sites
from logistics.errors import Nonsense
from logistics.policy import LEASE, Policy, SiteType
from tests.builders.supply import CELLS, a_market


@pytest.fixture
def a_file(tmp_path):
    def write(text, name="rows.csv"):
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return file

    return write


def test_a_row_with_a_time_is_one_order_as_told(a_file):
    said = read_orders(
        a_file(
            "order_id,sku,at,units,lat,lon,price\n"
            "A-1,lamp,2026-11-24T07:30:00-08:00,2,34.05,-118.24,39.5\n"
        )
    )
    (order,) = replayed(said.rows, a_market(), seed=1).orders
    assert (order.external_id, order.product, order.units) == ("A-1", "lamp", 2)
    assert order.at == datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
    assert (order.lat, order.lon, order.price) == (34.05, -118.24, 39.5)
    assert replayed(said.rows, a_market(), seed=1).drawn == ()


def test_a_day_of_orders_becomes_orders_of_one_unit_and_says_what_is_drawn(a_file):
    said = read_orders(a_file("product,day,orders\nlamp,2026-11-24,250\n"))
    made = replayed(said.rows, a_market(), seed=1)
    assert len({order.external_id for order in made.orders}) == 250
    assert {order.units for order in made.orders} == {1}
    assert [order.at for order in made.orders] == sorted(order.at for order in made.orders)
    assert all(33.8 < order.lat < 34.3 and -118.5 < order.lon < -118 for order in made.orders)
    assert "hour" in made.drawn[0]
    assert "place" in made.drawn[1]


def test_the_same_seed_draws_the_same_orders_and_another_draws_others(a_file):
    rows = read_orders(a_file("product,day,orders\nlamp,2026-11-24,20\n")).rows
    assert replayed(rows, a_market(), seed=1) == replayed(rows, a_market(), seed=1)
    assert replayed(rows, a_market(), seed=1) != replayed(rows, a_market(), seed=2)


def test_a_row_more_changes_no_draw_of_the_rows_before_it(a_file):
    one = read_orders(a_file("product,day\nlamp,2026-11-24\n", "one.csv")).rows
    two = read_orders(a_file("product,day\nlamp,2026-11-24\nlamp,2026-11-24\n", "two.csv")).rows
    first = replayed(one, a_market(), seed=1).orders
    assert first[0] in replayed(two, a_market(), seed=1).orders


@pytest.mark.parametrize("state", ["Ohio", "ohio", "OH"])
def test_orders_of_a_state_lie_in_its_towns(a_file, state):
    rows = read_orders(a_file(f"product,day,orders,state\nlamp,2026-11-24,50,{state}\n")).rows
    made = replayed(rows, a_market(), seed=1).orders
    assert all(38.3 < order.lat < 42.1 and -85 < order.lon < -80.4 for order in made)


def test_orders_of_a_cell_lie_about_its_people(a_file):
    rows = read_orders(a_file(f"product,day,orders,cell\nlamp,2026-11-24,5,{CELLS[1]}\n")).rows
    assert {round(o.lat, 1) for o in replayed(rows, a_market(), seed=1).orders} == {33.9}


def test_a_region_where_nobody_lives_is_told_with_its_row(a_file):
    said = read_orders(a_file("product,day,region\nlamp,2026-11-24,\nlamp,2026-11-24,Mordor\n"))
    made = replayed(said.rows, a_market(), seed=1)
    assert len(made.orders) == 1
    assert [(flaw.line, flaw.reason) for flaw in made.flaws] == [
        (2, "nobody is known to live in Mordor")
    ]


def test_a_bad_row_is_told_with_its_line_and_loses_no_other(a_file):
    said = read_orders(
        a_file(
            "product,at,units,lat,lon\n"
            "lamp,2026-11-24T07:30:00Z,1,34,-118\n"
            "lamp,2026-11-24T07:30:00,1,34,-118\n"
            "lamp,yesterday,1,34,-118\n"
            ",2026-11-24T07:30:00Z,1,34,-118\n"
            "a lamp,2026-11-24T07:30:00Z,1,34,-118\n"
            "lamp,2026-11-24T07:30:00Z,0,34,-118\n"
            "lamp,2026-11-24T07:30:00Z,1.5,34,-118\n"
            "lamp,2026-11-24T07:30:00Z,-1,34,-118\n"
            "lamp,2026-11-24T07:30:00Z,many,34,-118\n"
            "lamp,2026-11-24T07:30:00Z,1,nan,-118\n"
            "lamp,2026-11-24T07:30:00Z,1,inf,-118\n"
            "lamp,2026-11-24T07:30:00Z,1,34,\n"
            "lamp,2026-11-24T07:30:00Z,1,95,-118\n"
            "lamp,,1,34,-118\n"
            "lamp\n"
            "lamp,2026-11-24T07:30:00Z,3,34,-118\n"
        )
    )
    assert [row.units for row in said.rows] == [1, 3]
    assert [flaw.line for flaw in said.flaws] == list(range(3, 17))
    assert said.flaws[0].reason.startswith("at: 2026-11-24T07:30:00 needs a UTC offset")
    assert said.flaws[2].reason == "product: is empty"


def test_columns_nobody_asked_for_and_columns_that_lack_are_named(a_file):
    said = read_orders(a_file("Product,Day,colour\nlamp,2026-11-24,red\n"))
    assert said.unknown == ("colour",)
    assert set(said.absent) == {"at", "units", "region", "lat", "lon", "price", "external_id"}


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("rows.csv", "day,units\n2026-11-24,1\n", "needs the column product"),
        ("rows.csv", "", "needs the column product"),
        ("rows.xlsx", "product\n", "neither .csv nor .parquet"),
        ("rows.parquet", "product\n", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_at_all_is_refused(a_file, name, text, why):
    with pytest.raises(Nonsense, match=why):
        read_orders(a_file(text, name))


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(Nonsense, match="cannot be read"):
        read_orders(tmp_path / "none.csv")


def test_parquet_says_the_same_as_csv(tmp_path):
    file = tmp_path / "rows.parquet"
    days = pa.array([datetime(2026, 11, 24), None], pa.timestamp("ns"))  # noqa: DTZ001  a day
    pq.write_table(pa.table({"product": ["lamp", "lamp"], "day": days, "units": [3, 4]}), file)
    said = read_orders(file)
    assert [(row.when, row.units) for row in said.rows] == [(date(2026, 11, 24), 3)]
    assert [flaw.line for flaw in said.flaws] == [2]


def test_a_signal_row_is_heard_as_it_was_told(a_file):
    said = read_signals(
        a_file(
            "video,bucket_start,bucket_minutes,cell,views,paid_views,product_clicks\n"
            f"v1,2026-11-24T07:30:00Z,5,{CELLS[0]},900,100,12\n"
            "v1,2026-11-24T07:35:00Z,5,,10,20,0\n"
        )
    )
    (row,) = heard(said.rows, a_market())
    assert (row.video_id, row.region, row.market) == ("v1", CELLS[0], "la")
    assert (row.views, row.paid_views, row.product_clicks) == (900, 100, 12)
    assert row.unique_viewers == 900
    assert [flaw.line for flaw in said.flaws] == [3]
    assert drawn_of(said.rows) == ()


def test_a_day_of_views_is_spread_over_its_local_hours_and_none_is_lost(a_file):
    text = "video,day,views,paid_views,completed\nv1,2026-11-24,1001,997,3\n"
    said = read_signals(a_file(text))
    rows = heard(said.rows, a_market())
    assert len(rows) == 24
    assert rows[0].bucket_start == datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert sum(row.views for row in rows) == 1001
    assert sum(row.paid_views for row in rows) == 997
    assert sum(row.completed for row in rows) == 3
    assert "profile" in drawn_of(said.rows)[0]


def test_attention_counts_once_a_day_for_a_product_however_many_regions_tell_it(a_file):
    text = "product,day,state,attn\nshoe,2017-09-01,Ohio,7\nshoe,2017-09-01,Texas,7\n"
    said = read_signals(a_file(text))
    rows = heard(said.rows, a_market())
    assert sum(row.views for row in rows) == 7 * VIEWS_PER_POINT
    assert {(row.video_id, row.region) for row in rows} == {("shoe", None)}
    assert "attention" in drawn_of(said.rows)[0]


@given(st.integers(0, 10**9))
def test_a_count_spread_over_hours_is_whole_again(total):
    hours = by_hours(total)
    assert len(hours) == 24
    assert min(hours) >= 0
    assert sum(hours) == total


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers())
def test_a_drawn_moment_lies_in_its_local_day(day, seed):
    at = drawn_moment(day, "UTC", Random(seed))
    assert at.date() == day


def test_a_product_needs_little_and_keeps_what_is_told(a_file):
    said = read_products(a_file("sku,price,brand,chilled,weight_grams\nlamp,3900,Glow,yes,700\n"))
    (product,) = said.rows
    assert (product.id, product.name, product.price, product.margin) == ("lamp", "lamp", 3900, 1170)
    assert (product.family, product.chilled, product.weight_grams) == ("Glow", True, 700)


def test_a_product_that_cannot_be_is_told(a_file):
    said = read_products(a_file("id,price,gtin,chilled\na,1,123,\nb,1,,maybe\nc,1,,no\n"))
    assert [product.id for product in said.rows] == ["c"]
    assert [flaw.line for flaw in said.flaws] == [2, 3]


def test_a_site_has_the_terms_of_its_type_but_for_those_told(a_file):
    text = "id,type,lat,lon,per_day\nhall,lease,34.0,-118.2,99\nmoon,crater,0,0,\nsea,shelf,99,0,\n"
    said = read_sites(a_file(text), Policy(), "la")
    (site,) = said.rows
    assert (site.market, site.type, site.provider) == ("la", SiteType.LEASE, "own")
    assert (site.terms.per_day, site.terms.space) == (99, LEASE.space)
    assert [flaw.line for flaw in said.flaws] == [3, 4]


@pytest.mark.parametrize(
    ("heading", "columns"),
    [
        ("## Orders", ORDER_COLUMNS),
        ("## Signals", SIGNAL_COLUMNS),
        ("## Products", PRODUCT_COLUMNS),
        ("## Sites", SITE_COLUMNS),
    ],
)
def test_the_page_on_files_names_every_column_and_no_other(heading, columns):
    page = (Path(__file__).parents[2] / "docs/how-to/files.md").read_text(encoding="utf-8")
    table = page.split(heading)[1].split("\n## ")[0]
    first_cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    named = {word for cell in first_cells for word in re.findall(r"`(\w+)`", cell)}
    assert named == {word for column in columns for word in (column.name, *column.also)}
