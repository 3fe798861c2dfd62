"""Every error of the house is in the one table, and no status number is written elsewhere."""

import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest

import api
import forecasting
import logistics
import routing
from api import problems
from logistics.errors import NotAllowedNow, NotLocated, StaleVersion, Unready

ROOT = Path(__file__).parents[2]


def error_rooms():
    for package in (api, forecasting, logistics, routing):
        for room in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if room.name.rpartition(".")[2] == "errors":
                yield importlib.import_module(room.name)


def error_classes():
    return sorted(
        {
            thing
            for room in error_rooms()
            for _, thing in inspect.getmembers(room, inspect.isclass)
            if issubclass(thing, Exception) and thing.__module__ == room.__name__
        },
        key=lambda error: f"{error.__module__}.{error.__name__}",
    )


@pytest.mark.parametrize("error", error_classes(), ids=lambda error: error.__name__)
def test_every_error_has_a_row(error):
    if error.__name__ == "DoorError":
        return
    ancestors = {row.error for row in problems.ROWS} & set(error.__mro__)
    assert ancestors, f"{error.__name__} has no row in api/problems.py"


@pytest.mark.parametrize("row", problems.ROWS, ids=lambda row: row.error.__name__)
def test_every_row_has_a_name_a_sentence_and_advice(row):
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", row.slug)
    assert row.title
    assert row.advice.endswith((".", "`."))


def test_a_refused_move_tells_what_is_allowed():
    told = problems.document(NotAllowedNow("order", "cancel", "out_for_delivery", ["return"]))
    assert told["status"] == 409
    assert (told["from"], told["to"], told["allowed"]) == ("out_for_delivery", "cancel", ["return"])


def test_an_old_picture_is_told_who_changed_it():
    told = problems.document(StaleVersion("recommendation", "rec_1", 8, "ann", ["state"]))
    assert told["status"] == 412
    assert told["current_etag"] == '"8"'
    assert told["changed_by"] == "ann"
    assert told["changed_fields"] == ["state"]


def test_a_place_with_two_meanings_is_another_problem_than_one_with_none():
    two = problems.document(NotLocated("Main St 5", [("Ames", 0.8), ("Reno", 0.7)]))
    assert two["type"] == "/problems/address-ambiguous"
    assert two["candidates"][0] == {"label": "Ames", "score": 0.8}
    assert problems.document(NotLocated("x"))["type"] == "/problems/address-not-located"


def test_a_fault_of_ours_keeps_its_innards():
    told = problems.document(RuntimeError("password is hunter2"))
    assert told["status"] == 500
    assert "hunter2" not in str(told)


def test_a_dependency_that_is_away_asks_to_come_again():
    answer = problems.answer(Unready("the database"))
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
