"""The tutorial is followed word by word: its commands are typed, its answers are compared."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from api.settings import Settings
from api.wiring import means_of
from logistics.operations import Tick
from logistics.policy import Efforts, Policy
from logistics.workflows.tick import run_due
from tests.builders.doors import Clock, House
from tests.builders.serving import served
from tests.builders.terminal import Terminal, answers, holds

PAGE = Path(__file__).resolve().parents[2] / "docs" / "tutorial.md"
SEVEN = datetime(2026, 11, 24, 7, tzinfo=ZoneInfo("America/Los_Angeles"))
STEPWISE = Policy(efforts=Efforts(placement_steps=20, routing_steps=5, allocation_steps=1))
PART = re.compile(
    r"^\*\*(?P<hour>\d\d):(?P<minute>\d\d)\.\*\*|^```(?P<kind>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@pytest.fixture
def house(tmp_path):
    settings = Settings(data_dir=tmp_path)
    tools = replace(means_of(settings), policy=STEPWISE)
    return House(tools, clock=Clock(SEVEN.astimezone(UTC)), database=settings.database_url)


def wait_until(house, moment):
    """Let the clock go on as the leading process does; every minute, or every five on the way."""
    while house.clock.at < moment:
        far = moment - house.clock.at > timedelta(minutes=10)
        house.clock.on(minutes=5 if far else 1)
        run_due(house.means, now=house.clock.at, holder="tutorial")
    house.service.desk.refresh(house.clock.at)
    with house.means.store.read() as reading:
        assert {tick.outcome for tick in reading.find(Tick)} <= {"done"}


def follow(page, house, terminal):
    """Do what the page says, and hold it to its answers; returns how many were compared."""
    known, printed, compared = {}, "", 0
    for part in PART.finditer(page):
        if part["hour"]:
            wait_until(house, SEVEN.replace(hour=int(part["hour"]), minute=int(part["minute"])))
        elif part["kind"] == "sh":
            printed = terminal.type(part["text"])
            assert "/problems/" not in printed, f"{part['text']}\n{printed}"
        elif part["kind"] == "json":
            before = set(known)
            was = answers(printed)[-1]
            assert holds(json.loads(part["text"]), was, known), f"{part['text']}\n{was}"
            compared += 1
            for name in set(known) - before:
                terminal.keep(name, known[name])
    return compared


def test_the_tutorial_leads_from_a_video_to_a_delivered_order(house, tmp_path):
    page = PAGE.read_text("utf-8")
    with served(house) as address:
        terminal = Terminal(tmp_path, SURGEPORT=address, SURGEPORT_DATA_DIR=str(tmp_path))
        try:
            compared = follow(page, house, terminal)
        finally:
            terminal.close()
    assert compared == page.count("```json\n")


@pytest.mark.parametrize("own_curl", [True, False])
def test_an_answer_that_is_not_as_the_page_says_fails(own_curl, house, tmp_path):
    page = '```sh\ncurl -s $SURGEPORT/healthz\n```\n\n```json\n{"state": "dead"}\n```\n'
    with served(house) as address:
        terminal = Terminal(tmp_path, own_curl=own_curl, SURGEPORT=address)
        try:
            with pytest.raises(AssertionError, match="alive"):
                follow(page, house, terminal)
            assert follow(page.replace("dead", "alive"), house, terminal) == 1
        finally:
            terminal.close()


@pytest.mark.parametrize(
    ("said", "was", "same"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, True),
        ({"a": 1}, {"a": 2}, False),
        ({"a": True}, {"a": 1}, False),
        (["…", {"a": 2}], [{"a": 1}, {"a": 2}], True),
        ([{"a": 2}], [{"a": 1}, {"a": 2}], False),
        (["…", {"a": 3}, "…"], [{"a": 1}, {"a": 2}], False),
        ({"a": "$X", "b": "$X"}, {"a": "1", "b": "1"}, True),
        ({"a": "$X", "b": "$X"}, {"a": "1", "b": "2"}, False),
        ({"a": None}, {}, False),
    ],
)
def test_an_answer_is_compared_with_the_part_that_is_printed(said, was, same):
    assert holds(said, was, {}) is same
