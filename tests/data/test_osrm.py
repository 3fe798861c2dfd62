"""A road engine's tables, in blocks, in time, and what stands in when it does not answer."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from data.sources.osrm import Osrm
from routing.errors import NoTravelTimes
from routing.geography import Place
from routing.travel import NO_ROAD, GreatCircle

PLACES = tuple(Place(lat=34 + n / 100, lon=-118 - n / 50) for n in range(7))


class Engine:
    """Answers as osrm-routed does, from a law that tests can compute too."""

    def __init__(self, answer=None, *, wait=0.0, most=100):
        self.asked = []
        self._answer, self._most = answer, most
        self._slow = threading.Event()
        engine = self

        class Door(BaseHTTPRequestHandler):
            def do_GET(self):
                engine._slow.wait(wait)
                code, body = engine.reply(self.path)
                self.send_response(code)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def reply(self, path):
        if self._answer is not None:
            return self._answer
        asked = urlsplit(path)
        points = [tuple(map(float, p.split(","))) for p in asked.path.split("/")[-1].split(";")]
        query = {name: value[0] for name, value in parse_qs(asked.query).items()}
        if len(points) > self._most:
            return 400, b'{"code": "TooBig"}'
        self.asked.append(len(points))
        ends = [
            [points[int(n)] for n in query[end].split(";")] for end in ("sources", "destinations")
        ]
        rows = [[law(a, b) for b in ends[1]] for a in ends[0]]
        body = {
            "code": "Ok",
            "durations": rows,
            "distances": [[9 * (x or 0) for x in r] for r in rows],
        }
        return 200, json.dumps(body).encode()

    def close(self):
        self._slow.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def law(a, b):
    """Other seconds in each direction, and no road to the fourth place."""
    if abs(b[1] - 34.03) < 1e-9 and a != b:
        return None
    return round(1000 * (2 * abs(a[0] - b[0]) + max(0.0, a[1] - b[1])), 1)


@pytest.fixture
def engine():
    started = []

    def start(*given, **more):
        started.append(Engine(*given, **more))
        return started[-1]

    yield start
    for one in started:
        one.close()


def test_a_table_holds_the_engine_s_seconds_and_metres_from_row_to_column(engine):
    travel = Osrm(address=engine().address).table(PLACES)
    assert travel.source == "osrm"
    assert travel.seconds[2, 1] == round(law((-118.04, 34.02), (-118.02, 34.01)))
    assert travel.seconds[1, 2] == 40
    assert travel.metres[1, 2] == 360
    assert (np.diag(travel.seconds) == 0).all()


def test_where_no_road_leads_the_table_says_so(engine):
    travel = Osrm(address=engine().address).table(PLACES)
    assert travel.seconds[0, 3] == NO_ROAD
    assert travel.seconds[3, 0] < NO_ROAD


def test_a_table_in_blocks_is_the_table_in_one(engine):
    whole = Osrm(address=engine().address).table(PLACES)
    small = engine(most=4)
    assert Osrm(address=small.address, at_once=4).table(PLACES) == whole
    assert max(small.asked) <= 4
    assert len(small.asked) == 16


@pytest.mark.parametrize(
    "answer",
    [
        (500, b"oh"),
        (400, b'{"code": "InvalidQuery"}'),
        (200, b"no json"),
        (200, b"[]"),
        (200, b'{"durations": [[0]], "distances": [[0]]}'),
        (200, b'{"durations": null, "distances": null}'),
    ],
)
def test_a_broken_answer_gives_great_circles_and_says_so(engine, answer):
    travel = Osrm(address=engine(answer).address).table(PLACES)
    assert travel.source.startswith("great_circle (osrm: ")
    assert (travel.seconds == GreatCircle().table(PLACES).seconds).all()


def test_a_slow_engine_is_not_waited_for_longer_than_the_deadline(engine):
    travel = Osrm(address=engine(wait=30.0).address, deadline_seconds=0.2).table(PLACES)
    assert travel.source.startswith("great_circle (osrm: ")


def test_nobody_at_the_address_gives_great_circles():
    travel = Osrm(address="http://127.0.0.1:1", deadline_seconds=1).table(PLACES)
    assert travel.source.startswith("great_circle (osrm: ")


def test_where_nobody_stands_in_a_silent_engine_is_an_error(engine):
    source = Osrm(address=engine((500, b"")).address, instead=None)
    with pytest.raises(NoTravelTimes, match="osrm"):
        source.table(PLACES)
