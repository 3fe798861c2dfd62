"""The files of the pages: listed ones only, kept by the browser until they change."""

import gzip

import pytest

from api.console.assets import KEPT, address, asset
from tests.builders.doors import House


@pytest.fixture(scope="module")
def client():
    return House().stranger()


@pytest.mark.parametrize("name", sorted(KEPT))
def test_every_listed_file_is_there(client, name):
    answer = client.get(address(name))
    assert answer.status_code == 200
    assert answer.content == asset(name).body
    assert "immutable" in answer.headers["cache-control"]


def test_an_address_without_the_print_is_looked_up_again_soon(client):
    assert "max-age=300" in client.get("/console/static/console.css").headers["cache-control"]
    assert "max-age=300" in client.get("/console/static/console.css?v=old").headers["cache-control"]


def test_a_file_that_the_browser_has_is_not_sent_again(client):
    tag = client.get("/console/static/console.js").headers["etag"]
    again = client.get("/console/static/console.js", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_what_shrinks_is_sent_shrunk_to_who_takes_it(client):
    plain = client.get(address("maplibre.js"), headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    small = asset("maplibre.js").shrunk
    assert gzip.decompress(small) == plain.content
    assert len(small) < len(plain.content) / 3
    assert asset("inter.woff2").shrunk is None


@pytest.mark.parametrize("path", ["secret", "../../session.py", "..%2fpaper.py"])
def test_nothing_else_is_served(client, path):
    assert client.get(f"/console/static/{path}").status_code == 404
