"""Operators tell what the business works with; what cannot be so is pointed at, and nothing kept."""

import pytest

from logistics.access import Role
from logistics.catalogue import Product
from logistics.inventory import Movement, Stock
from logistics.network import Node
from tests.builders.doors import House, problem
from tests.builders.supply import a_world, all_of, centre_node, journal_agrees

PRODUCT = {"name": "Lamp", "category": "home", "price": 3900, "margin": 1200}
MARKET = {
    "name": "Los Angeles",
    "zone": "America/Los_Angeles",
    "currency": "USD",
    "residency": "us",
    "regions": [{"lat": 34.05, "lon": -118.24, "residents": 900_000}],
}
SITE = {
    "name": "Vernon",
    "market": "la",
    "type": "standby",
    "provider": "spaces",
    "lat": 34.0,
    "lon": -118.2,
}
CALENDAR = {"holidays": ["2026-12-25"], "deliver_from_hour": 9, "deliver_until_hour": 21}
CARRIER = {
    "name": "Swift",
    "markets": ["la"],
    "rank": 1,
    "per_route": 3000,
    "per_stop": 400,
    "per_km": 60,
}
VEHICLE = {
    "carrier": "swift",
    "market": "la",
    "parcels": 60,
    "weight_grams": 900_000,
    "volume_cm3": 6_000_000,
}


@pytest.fixture
def house():
    return House(a_world())


@pytest.fixture
def operator(house):
    return house.caller(Role.OPERATOR)


def test_a_business_is_told_from_nothing():
    operator = House().caller(Role.OPERATOR)
    shop = operator
    for path, body in [
        ("/v1/markets/la", MARKET),
        ("/v1/carriers/swift", CARRIER),
        ("/v1/vehicles/van-1", VEHICLE),
        ("/v1/categories/home", {"name": "Home"}),
        ("/v1/products/lamp", PRODUCT),
        ("/v1/sites/vernon", SITE),
    ]:
        made = shop.put(path, json=body)
        assert made.status_code == 201, made.text
        assert shop.put(path, json=body).status_code == 200
        assert operator.get(path).json() == made.json()
        listed = operator.get(path.rpartition("/")[0]).json()["items"]
        assert listed == [made.json()]
    assert operator.get("/v1/markets/la").json()["regions"][0]["cell"].startswith("84")
    assert operator.get("/v1/sites/vernon").json()["terms"]["lead"] == 5 * 3600


def test_a_change_raises_the_version(operator):
    before = operator.get("/v1/products/lamp").headers["etag"]
    after = operator.put("/v1/products/lamp", json={**PRODUCT, "price": 4200})
    assert (before, after.headers["etag"]) == ('"1"', '"2"')


def test_a_centre_is_a_live_node_with_stock(house, operator):
    assert operator.put("/v1/sites/hub", json={**SITE, "type": "centre"}).status_code == 201
    node = next(n for n in all_of(house.means, Node) if n.site == "hub")
    told = operator.put(f"/v1/stock/{node.id}/lamp", json={"units": 500, "floor": 100}).json()
    assert (told["on_hand"], told["floor"], told["free"]) == (500, 100, 500)
    assert operator.put(f"/v1/stock/{node.id}/lamp", json={"units": 450}).json()["floor"] == 100
    assert journal_agrees(house.means)
    problem(operator.put("/v1/stock/nod_none/lamp", json={"units": 1}), "not-found")


def test_a_calendar_is_told_without_the_rest_of_its_market(house, operator):
    before = operator.get("/v1/markets/la").json()
    told = operator.put("/v1/calendars/la", json=CALENDAR)
    assert told.json()["holidays"] == ["2026-12-25"]
    after = operator.get("/v1/markets/la").json()
    assert after["regions"] == before["regions"]
    assert (after["deliver_from_hour"], after["deliver_until_hour"]) == (9, 21)
    shop = house.caller(Role.COMMERCE)
    assert shop.get("/v1/calendars").json()["items"] == [told.json()]
    assert shop.get("/v1/calendars/la").headers["etag"] == told.headers["etag"]
    problem(operator.put("/v1/calendars/mars", json=CALENDAR), "not-found")


def test_a_site_may_carry_its_number(operator):
    told = operator.put("/v1/sites/vernon", json={**SITE, "gln": "4012345000009"})
    assert told.json()["gln"] == "4012345000009"


BAD = [
    ("/v1/products/lamp", {**PRODUCT, "price": "39"}, "/price"),
    ("/v1/products/lamp", {**PRODUCT, "price": -1}, "/price"),
    ("/v1/products/lamp", {**PRODUCT, "price": 3.5}, "/price"),
    ("/v1/products/lamp", {**PRODUCT, "price": True}, "/price"),
    ("/v1/products/lamp", {**PRODUCT, "name": "a\x00b"}, "/name"),
    ("/v1/products/lamp", {**PRODUCT, "name": ""}, "/name"),
    ("/v1/products/lamp", {**PRODUCT, "colour": "red"}, "/colour"),
    ("/v1/products/lamp", {"name": "Lamp"}, "/category"),
    ("/v1/products/lamp", {**PRODUCT, "category": "none"}, "/category"),
    ("/v1/products/lamp", {**PRODUCT, "gtin": "12345678"}, "/gtin"),
    ("/v1/products/lamp", {**PRODUCT, "chilled": "yes"}, "/chilled"),
    ("/v1/products/lamp", [], ""),
    ("/v1/markets/la", {**MARKET, "zone": "Mars/Olympus"}, "/zone"),
    ("/v1/markets/la", {**MARKET, "regions": []}, "/regions"),
    ("/v1/markets/la", {**MARKET, "holidays": [1]}, "/holidays/0"),
    ("/v1/markets/la", {**MARKET, "deliver_from_hour": 22}, "/deliver_until_hour"),
    (
        "/v1/markets/la",
        {**MARKET, "regions": [{"lat": 91, "lon": 0, "residents": 1}]},
        "/regions/0/lat",
    ),
    ("/v1/sites/vernon", {**SITE, "market": "nowhere"}, "/market"),
    ("/v1/sites/vernon", {**SITE, "type": "castle"}, "/type"),
    ("/v1/sites/vernon", {**SITE, "gln": "4012345000008"}, "/gln"),
    ("/v1/calendars/la", {**CALENDAR, "deliver_from_hour": 22}, "/deliver_until_hour"),
    ("/v1/calendars/la", {**CALENDAR, "holidays": ["2026-13-01"]}, "/holidays/0"),
    ("/v1/sites/vernon", {**SITE, "available_from": "2026-11-24"}, "/available_from"),
    ("/v1/carriers/swift", {**CARRIER, "markets": ["nowhere"]}, "/markets/0"),
    ("/v1/vehicles/van-1", {**VEHICLE, "carrier": "none"}, "/carrier"),
    ("/v1/vehicles/van-1", {**VEHICLE, "parcels": 0}, "/parcels"),
]


@pytest.mark.parametrize(("path", "body", "pointer"), BAD)
def test_what_cannot_be_so_is_pointed_at(operator, path, body, pointer):
    before = operator.get(path)
    answer = operator.put(path, json=body)
    faults = problem(answer, "validation-failed")["errors"]
    assert faults[0]["pointer"] == pointer
    assert faults[0]["detail"]
    assert operator.get(path).json() == before.json()


@pytest.mark.parametrize("text", ["{", '{"price": NaN}', "\xff\xfe", "[" * 20_000, '"\\ud800"'])
def test_what_is_no_body_is_refused(operator, text):
    answer = operator.put(
        "/v1/products/lamp",
        content=text.encode("latin-1"),
        headers={"Content-Type": "application/json"},
    )
    problem(answer, "validation-failed")


@pytest.mark.parametrize("id", ["-x", "a b", "x" * 65, "%00", "l\u00e4mp"])
def test_an_id_that_is_no_word_is_refused(operator, id):
    answer = operator.put(f"/v1/products/{id}", json=PRODUCT)
    fault = problem(answer, "validation-failed")["errors"][0]
    assert (fault["pointer"], fault["in"]) == ("/id", "path")


def test_lists_come_in_pages_bound_to_their_filters(house, operator):
    for n in range(5):
        operator.put(f"/v1/products/p{n}", json=PRODUCT)
    first = operator.get("/v1/products?limit=4&category=home")
    assert 'rel="next"' in first.headers["link"]
    link = first.headers["link"].split(";")[0].strip("<>")
    second = operator.get(link)
    ids = [item["id"] for page in (first, second) for item in page.json()["items"]]
    assert ids == ["lamp", "p0", "p1", "p2", "p3", "p4"]
    assert second.json()["next"] is None
    assert "link" not in second.headers
    cursor = first.json()["next"]
    for path in (f"/v1/products?cursor={cursor}", f"/v1/products?cursor=x{cursor}&category=home"):
        fault = problem(operator.get(path), "validation-failed")["errors"][0]
        assert fault["pointer"] == "/cursor"
    house.clock.on(hours=25)
    problem(operator.get(f"/v1/products?cursor={cursor}&category=home"), "gone")


def send(caller, what, text):
    return caller.post(f"/v1/imports/{what}", content=text, headers={"Content-Type": "text/csv"})


def test_a_file_of_products_loses_no_good_row_to_a_bad_one(house, operator):
    text = (
        "id,name,category,price,margin,chilled,mood\n"
        "a1,Lamp,home,100,50,true,sad\n"
        "a2,Lamp,home,1.5,50,,\n"
        "a3,Lamp,nowhere,100,50,,\n"
        "a4,Lamp,home,100,50,maybe,\n"
        "a5,Lamp,home,100\n"
        "a6,Lamp,home,100,50,false,glad\n"
    )
    told = send(operator, "products", text).json()
    assert told["unknown_columns"] == ["mood"]
    assert (told["rows"], told["refused"]) == (6, 4)
    assert [(i["item"], i["state"], i["pointer"]) for i in told["items"]] == [
        (2, "created", None),
        (3, "refused", "/price"),
        (4, "refused", "/category"),
        (5, "refused", "/chilled"),
        (6, "refused", "/margin"),
        (7, "created", None),
    ]
    again = send(operator, "products", text).json()
    assert [i["state"] for i in again["items"] if i["state"] != "refused"] == ["known", "known"]
    assert len(all_of(house.means, Product)) == 3


def test_files_of_sites_and_stock_are_taken(house, operator):
    sites = "id,name,market,type,provider,lat,lon\nhub,Hub,la,centre,own,34.1,-118.3\n"
    assert send(operator, "sites", sites).json()["items"][0]["state"] == "created"
    stock = "site,product,units\nhub,lamp,40\nvernon,lamp,4\nreno,lamp,7\n"
    told = send(operator, "stock", stock).json()
    assert [i["state"] for i in told["items"]] == ["applied", "refused", "applied"]
    assert told["items"][1]["pointer"] == "/site"
    assert centre_node(house.means) is not None
    assert sorted(s.on_hand for s in all_of(house.means, Stock)) == [7, 40]
    assert journal_agrees(house.means)
    assert all_of(house.means, Movement)


@pytest.mark.parametrize("text", ["", "\n", "id,id\n", "\xff\xff", 'id,name\n"open'])
def test_a_file_that_is_none_keeps_nothing(house, operator, text):
    before = len(all_of(house.means, Product))
    answer = send(operator, "products", text.encode("latin-1"))
    assert answer.status_code in {200, 422}
    assert answer.status_code == 422 or answer.json()["refused"] == answer.json()["rows"] == 1
    assert len(all_of(house.means, Product)) == before


def test_the_numbers_in_force_are_shown(operator):
    told = operator.get("/v1/settings").json()
    assert told["residency"] == "us"
    assert told["policy"]["verdicts"]["undo"] == 30
    assert "secret" not in str(told)


def test_a_carrier_sees_its_own_vans_only(house, operator):
    for name in ("swift", "slow"):
        operator.put(f"/v1/carriers/{name}", json=CARRIER)
        operator.put(f"/v1/vehicles/{name}-1", json={**VEHICLE, "carrier": name})
    carrier = house.caller(Role.CARRIER)
    assert [v["id"] for v in carrier.get("/v1/vehicles").json()["items"]] == ["swift-1"]
    assert [c["id"] for c in carrier.get("/v1/carriers").json()["items"]] == ["swift"]
    problem(carrier.get("/v1/vehicles/slow-1"), "not-found")
    problem(carrier.get("/v1/carriers/slow"), "not-found")
