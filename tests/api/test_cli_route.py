"""One file of stops and vans is planned from the terminal, drawn and explained."""

import json

import pytest

from api.cli.__main__ import main
from routing.files import plan_of, text_of
from routing.geography import Place
from routing.problem import Load
from routing.rules import broken
from tests.routing.builders import a_problem, a_stop
from tests.routing.test_vrplib import SOLOMON, VRPLIB

PLACES = tuple(Place(lat=34 + n / 100, lon=-118.2) for n in range(4))


@pytest.fixture
def problem():
    """Two stops near, and one that no van can carry."""
    heavy = a_stop("piano", 3, load=Load(weight=10**7))
    return a_problem([a_stop("a", 1), a_stop("b", 2), heavy], places=PLACES)


@pytest.fixture
def file(tmp_path, problem):
    path = tmp_path / "town.json"
    path.write_text(text_of(problem))
    return path


def route(*words):
    return main(["route", *map(str, words)])


def test_our_own_file_is_planned_and_what_is_left_out_is_explained(tmp_path, file, problem, capsys):
    plan_file = tmp_path / "plan.json"
    assert route(file, "--seconds", "0.2", "--explain", "--json", plan_file) == 0
    plan = plan_of(plan_file.read_text())
    assert broken(problem, plan) == ()
    assert [left.stop for left in plan.left_out] == ["piano"]
    told = capsys.readouterr().out
    assert "2 stops on 1 vans, 1 left out" in told
    assert "piano: infeasible (capacity against 1 of 1 vans); room for its load" in told


@pytest.mark.parametrize("text", [SOLOMON, VRPLIB])
def test_public_formats_are_told_apart_by_what_they_hold(tmp_path, text, capsys):
    path = tmp_path / "instance.txt"
    path.write_text(text)
    assert route(path, "--seconds", "0.1") == 0
    assert "0 left out" in capsys.readouterr().out


def test_the_routes_are_drawn_as_a_picture_a_page_and_a_map_layer(tmp_path, file):
    svg, page, layer = (tmp_path / name for name in ("a.svg", "a.html", "a.geojson"))
    assert route(file, "--seconds", "0.1", "--picture", svg, "--geojson", layer) == 0
    assert route(file, "--seconds", "0.1", "--picture", page) == 0
    assert svg.read_text().count("<circle") == 2
    assert "<table>" in page.read_text()
    features = json.loads(layer.read_text())["features"]
    assert {f["properties"]["kind"] for f in features} == {"trip", "depot", "stop", "left_out"}
    line = next(f for f in features if f["properties"]["kind"] == "trip")["geometry"]
    assert line["coordinates"][0] == [-118.2, 34.0]
    assert line["coordinates"][0] == line["coordinates"][-1]


def test_a_solomon_file_is_drawn_but_is_nowhere_on_earth(tmp_path, capsys):
    path, out = tmp_path / "tiny.txt", tmp_path / "out"
    path.write_text(SOLOMON)
    assert route(path, "--seconds", "0.1", "--picture", out) == 0
    assert "<svg" in out.read_text()
    assert route(path, "--seconds", "0.1", "--geojson", out) == 1
    assert "does not say where its places are" in capsys.readouterr().err


def test_a_map_layer_that_cannot_be_is_refused_before_the_search(tmp_path):
    path, plan_file = tmp_path / "tiny.txt", tmp_path / "plan.json"
    path.write_text(SOLOMON)
    asked = ("--seconds", "3600", "--json", plan_file, "--geojson", tmp_path / "layer")
    assert route(path, *asked) == 1
    assert not plan_file.exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe\x00", "no text"),
        (b"{", "line 1: not JSON"),
        (b"hello", "neither a Solomon file"),
        (b"", "neither a Solomon file"),
        (b'{"stops": 7}', "RoutingProblem.stops is no list"),
    ],
)
def test_a_file_that_is_none_is_refused_in_one_sentence(tmp_path, content, words, capsys):
    path = tmp_path / "odd"
    path.write_bytes(content)
    assert route(path) == 1
    told = capsys.readouterr().err
    assert words in told
    assert told.count("\n") == 1
    assert route(tmp_path / "missing") == 1


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "many"])
def test_a_time_that_is_none_is_refused(file, seconds):
    with pytest.raises(SystemExit):
        route(file, "--seconds", seconds)
