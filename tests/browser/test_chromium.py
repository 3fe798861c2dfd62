"""The browser of the tests is real, draws maps, sees barriers, and reaches this machine alone."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page

from tests.browser.axe import violations

GOOD = "<title>Inbox</title><main><h1>Inbox</h1><p>Nothing is open.</p></main>"
PAGES = {
    "/good": GOOD,
    "/bad": GOOD + "<img src='/map.png'><button></button>",
    "/outside": GOOD + "<img alt='map' src='http://tiles.example/0/0/0.png'>",
}


class Pages(BaseHTTPRequestHandler):
    """Serves the pages above under a policy as strict as the console's."""

    def do_GET(self) -> None:
        body = f"<!doctype html><html lang=en>{PAGES.get(self.path, '')}</html>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", "default-src 'self'; img-src *")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_axe_finds_nothing_on_a_good_page(page: Page, site):
    page.goto(f"{site}/good")
    assert violations(page) == []


def test_axe_names_the_barriers_of_a_bad_page(page: Page, site):
    page.goto(f"{site}/bad")
    assert {found.split(":")[0] for found in violations(page)} >= {"image-alt", "button-name"}


def test_a_request_to_another_host_is_stopped_and_told(page: Page, site, stopped):
    page.goto(f"{site}/outside")
    assert stopped == ["http://tiles.example/0/0/0.png"]
    stopped.clear()


def test_a_map_can_be_drawn(page: Page, site):
    page.goto(f"{site}/good")
    drawn_by = "document.createElement('canvas').getContext('webgl2')?.getParameter(7938)"
    assert "WebGL 2" in page.evaluate(drawn_by)
