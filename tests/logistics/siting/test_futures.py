"""Several futures together may leave shut what the mean alone would open, and shut nothing else."""

from dataclasses import replace

import pytest

from logistics.catalogue import Market
from logistics.decisions import Recommendation
from logistics.placement.problem import PlacementProblem
from logistics.records import DecisionRecord, shape
from logistics.siting.futures import futures_of, without_doubtful
from logistics.siting.question import question_of
from logistics.siting.scene import scene_of
from logistics.workflows.position import propose
from routing.effort import Effort
from tests.builders.supply import SEVEN, all_of, an_outlook
from tests.logistics.workflows.test_position import STEPWISE, a_metro, after

ASKING = replace(STEPWISE, sample_paths=4)
STEPS = Effort(steps=20)


def a_scene(tools, policy=ASKING):
    with tools.store.read() as reading:
        return scene_of(reading, policy, reading.get(Market, "la"), SEVEN)


@pytest.fixture
def metro():
    tools = a_metro(policy=ASKING)
    an_outlook(tools, 25)
    return tools


def test_no_futures_are_drawn_unless_they_are_asked_for(metro):
    assert futures_of(a_scene(metro), STEPWISE, SEVEN) is None


def test_futures_are_so_many_and_count_from_the_beginning_of_the_outlooks(metro):
    futures = futures_of(a_scene(metro), ASKING, after(hours=2))
    assert len(futures.paths.weights) == 4
    assert futures.paths.weights.sum() == pytest.approx(1.0)
    assert futures.since == 2 * 3600


def test_sites_that_no_futures_want_are_shut_and_pins_are_kept(metro):
    scene = a_scene(metro)
    asked = question_of(scene, ASKING, SEVEN)
    futures = futures_of(scene, ASKING, SEVEN)
    shut = without_doubtful(asked, futures, ASKING, STEPS).wishes.must_not
    names = {site.name for site in asked.sites}
    assert set(shut) < names
    pinned = replace(asked, wishes=replace(asked.wishes, must_open=shut[:1]))
    assert not set(shut[:1]) & set(without_doubtful(pinned, futures, ASKING, STEPS).wishes.must_not)


def test_what_the_futures_shut_is_in_the_record_of_the_decision(metro):
    assert propose(metro, now=SEVEN)
    opened = {one.site for one in all_of(metro, Recommendation)}
    (record,) = all_of(metro, DecisionRecord, kind="placement")
    kept = shape(PlacementProblem).validate_json(record.inputs)
    assert kept.wishes.must_not
    assert not opened & set(kept.wishes.must_not)
