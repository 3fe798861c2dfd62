"""Planners of the twin come to their pile after a time, and read what lies on top."""

from dataclasses import replace
from datetime import timedelta

from logistics.decisions import Recommendation, RecommendationState
from logistics.twin.bots import PlannerBot
from tests.builders.supply import SEVEN, a_recommendation, a_world
from tests.builders.worlds import NO_FAULTS
from tests.builders.worlds import a_world as a_played_world

TWO_HOURS = a_played_world(faults=replace(NO_FAULTS, planner_minutes=120))


def a_pile():
    """A question that has lain before planners since seven, and its successor of an hour later."""
    tools = a_world()
    a_recommendation(tools, "rec_1", state=RecommendationState.SUPERSEDED, superseded_by="rec_2")
    late = SEVEN + timedelta(hours=9)
    a_recommendation(
        tools, "rec_2", opened_at=SEVEN + timedelta(hours=1), supersedes="rec_1", decide_by=late
    )
    return tools


def state_after(hours):
    tools = a_pile()
    PlannerBot(world=TWO_HOURS).act(tools, SEVEN + timedelta(hours=hours))
    with tools.store.read() as seen:
        return seen.get(Recommendation, "rec_2").state


def test_a_successor_is_read_when_the_first_question_would_have_been():
    assert state_after(2) is RecommendationState.APPROVED


def test_nobody_reads_it_before_they_come_to_their_pile():
    assert state_after(1.9) is RecommendationState.OPEN
