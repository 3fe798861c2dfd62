"""Policies by name; the service itself is told nothing of the future, and acts as if there was none."""

import gc
import types
from dataclasses import replace
from datetime import timedelta

import pytest

from logistics.errors import Nonsense
from logistics.events import Event
from logistics.identity import Ids
from logistics.policy import Policy
from logistics.twin.policies import (
    ABLATIONS,
    in_memory,
    policy_of,
    rehearsal,
    spelt,
    way_of,
)
from logistics.twin.report import outcomes
from logistics.twin.truth import Truth, truth_of
from logistics.twin.world import Faults, Film, World
from tests.builders.worlds import COUNTED, a_film, a_served_world, a_shelf

HOUR = timedelta(hours=1)
WORLD = a_served_world(hours=30, sites=(a_shelf(),))
APART = (types.ModuleType, types.FrameType, type)
"""What leads from anything to everything: modules, classes and the tests themselves."""


def reached(*things):
    """Everything that can be reached from some things, but through modules and classes."""
    found, waiting = {}, list(things)
    while waiting:
        one = waiting.pop()
        if id(one) in found or isinstance(one, APART):
            continue
        found[id(one)] = one
        if isinstance(one, types.FunctionType):
            waiting += [cell.cell_contents for cell in one.__closure__ or ()]
            waiting += list(one.__defaults__ or ())
        else:
            waiting += gc.get_referents(one)
    return found.values()


def a_life(policy, world=WORLD):
    way = way_of(policy)
    means = in_memory(world, policy_of(world, way, COUNTED))
    return rehearsal(world, truth_of(world), means, way)


def lived(policy, world=WORLD, hours=20):
    life = a_life(policy, world)
    life.found()
    life.run(world.starts_at + hours * HOUR, lambda _: None)
    return life


def told(life):
    """Every event, by what it says; ids are those of the run."""
    with life.means.store.read() as seen:
        return [
            (event.id, event.type, event.subject, event.time)
            for event in seen.find(Event, sort="position")
        ]


@pytest.mark.parametrize("policy", ["surgeport", "static", "reactive-50", "surgeport~no-signals"])
def test_nothing_of_the_future_can_be_reached_from_what_the_service_works_with(policy):
    life = a_life(policy)
    life.found()
    deeds = [job.deed for job in life.jobs]
    assert not [one for one in reached(life.means, *deeds) if isinstance(one, (Truth, World, Film))]


@pytest.mark.parametrize("policy", ["informed", "clairvoyant"])
def test_who_is_to_know_the_future_is_handed_it(policy):
    life = a_life(policy)
    assert any(isinstance(one, Truth) for one in reached(*(job.deed for job in life.jobs)))


def test_a_video_that_comes_later_changes_nothing_before_it():
    other = replace(WORLD, films=(*WORLD.films, a_film(id="later", starts_at_hour=20.5)))
    before = told(lived("surgeport", hours=20))
    assert told(lived("surgeport", other, hours=20)) == before
    assert len(before) > 50


def test_the_same_world_under_the_same_policy_is_lived_the_same_way():
    assert told(lived("surgeport")) == told(lived("surgeport"))


def test_the_static_network_is_asked_nothing():
    assert not [kind for _, kind, _, _ in told(lived("static")) if kind.startswith("recomm")]


def test_with_shuffled_signals_a_video_shows_another_product():
    lamp = WORLD.products[0]
    two = replace(WORLD, products=(lamp, replace(lamp, id="mug")))
    assert a_life("surgeport~shuffled-signals", two).shown_as == {"lamp": "mug", "mug": "lamp"}
    assert a_life("surgeport", two).shown_as == {"lamp": "lamp", "mug": "mug"}


def batches(policy):
    life = a_life(policy)
    quarters = (WORLD.starts_at + n * timedelta(minutes=15) for n in range(1, 121))
    return [(told.id, told.arrives_at) for until in quarters for told in life.platform.tell(until)]


def test_late_signals_are_the_same_signals_twelve_hours_later():
    plain, late = batches("surgeport"), batches("surgeport~late-signals")
    assert late == [(id, at + 12 * HOUR) for id, at in plain][: len(late)]
    assert late


def test_removed_signals_are_never_told():
    assert batches("surgeport~no-signals") == []


def test_where_nothing_can_open_the_service_lives_the_day_of_the_static_network():
    world = a_served_world(hours=20, faults=Faults(missed_stop=0.2, tender_declined=0.2))
    told = set()
    for policy in ("static", "surgeport"):
        life = lived(policy, world, hours=20)
        with life.means.store.read() as seen:
            told.add(outcomes(world, seen, life.shop.visits, world.starts_at + 20 * HOUR))
    assert len(told) == 1


def test_trust_in_carriers_can_be_left_out():
    assert a_life("surgeport").means.policy.tendering.trust == 1.0
    assert a_life("surgeport~no-carrier-trust").means.policy.tendering.trust == 0.0


def test_sample_paths_can_be_given():
    assert a_life("surgeport").means.policy.sample_paths == 0
    assert a_life("surgeport~sample-paths").means.policy.sample_paths > 1


def test_learning_can_be_left_out():
    assert "learn" not in {job.name for job in a_life("surgeport~no-learning").jobs}


def test_one_word_stands_for_several_thresholds_and_each_ablation_for_one_more_life():
    assert spelt(("static", "reactive", "static"), ("no-signals",)) == (
        "static",
        "reactive-50",
        "reactive-100",
        "reactive-200",
        "surgeport~no-signals",
    )


@pytest.mark.parametrize("name", ["wishful", "reactive-", "reactive-x", "reactive--1", "static~x"])
def test_a_policy_that_nobody_knows_is_refused(name):
    with pytest.raises(Nonsense):
        way_of(name)


@pytest.mark.parametrize("name", sorted(ABLATIONS))
def test_what_the_service_has_can_be_taken_from_it(name):
    assert way_of(f"surgeport~{name}").base == "surgeport"


def test_scenarios_are_asked_only_where_the_policy_wants_them():
    wanting = Policy(sample_paths=3)
    kept = {
        name: policy_of(WORLD, way_of(name), wanting).sample_paths
        for name in ("surgeport", "surgeport~no-scenarios", "surgeport~sample-paths")
    }
    assert kept == {"surgeport": 3, "surgeport~no-scenarios": 0, "surgeport~sample-paths": 6}


def test_ids_begin_anew_with_each_life():
    assert Ids(1).new("x", WORLD.starts_at) == Ids(1).new("x", WORLD.starts_at)
