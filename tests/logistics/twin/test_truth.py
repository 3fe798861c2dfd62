"""What truly happens follows from the world and its seed, and from nothing else."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from logistics.twin.truth import course_of, pull_of, truth_of
from logistics.twin.world import Course
from tests.builders.worlds import a_film, a_world


def test_the_same_seed_brings_the_same_buyers():
    assert truth_of(a_world()).buyers == truth_of(a_world()).buyers


def test_another_seed_brings_other_buyers():
    assert truth_of(a_world()).buyers != truth_of(replace(a_world(), seed=8)).buyers


def test_buyers_come_in_order_and_within_the_world():
    world = a_world()
    times = [buyer.at for buyer in truth_of(world).buyers]
    assert times == sorted(times)
    assert world.starts_at <= times[0]
    assert times[-1] < world.starts_at + timedelta(hours=world.hours)


def test_as_many_come_as_the_law_expects():
    truth = truth_of(a_world(hours=96))
    expected = float(truth.demand["lamp"].sum())
    assert abs(len(truth.buyers) - expected) < 3 * np.sqrt(expected) + 0.2 * expected


def test_nobody_watches_before_the_video_is_there():
    reach = course_of(a_film(starts_at_hour=10.0), 48)
    assert reach[:10].sum() == 0
    assert reach.max() == pytest.approx(1.0, abs=0.05)


def test_a_video_that_is_taken_down_is_watched_no_more():
    reach = course_of(a_film(removed_at_hour=5.0), 48)
    assert reach[11:].sum() == 0
    assert reach[:11].sum() > 0


def test_a_second_wave_follows_the_first():
    one, two = (course_of(a_film(course=c), 96) for c in (Course.SPIKE, Course.DOUBLE_PEAK))
    assert np.array_equal(one[:36], two[:36])
    assert two[40] > 2 * one[40]


def test_a_paid_push_ends_when_it_ends():
    reach = course_of(a_film(course=Course.PAID_PUSH, push_hours=(4.0, 12.0)), 48)
    assert reach[17] - reach[18] > 0.6


def test_people_turn_away_when_the_mood_turns():
    film = a_film(course=Course.NEGATIVE_TURN, turns_at_hour=10.0)
    pull = pull_of(film, course_of(film, 48))
    assert pull[17] < 0.15 * pull[14]
