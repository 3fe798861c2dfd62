"""What the signals are worth: a week with them, without them, and with those of the wrong product."""

from functools import cache
from pathlib import Path

from data.worlds.reading import read_world
from logistics.twin.life import live
from logistics.twin.policies import way_of
from tests.scenarios import golden

WORLD = Path(__file__).parent / "signals" / "one-of-two-takes-off.toml"


@cache
def cost(policy):
    """What the week costs under a policy, each eligible order that comes late at its price."""
    return live(
        read_world(WORLD), way_of(policy), policy=golden.STEPS
    ).outcomes.penalised_cost_cents


def gain(policy):
    return cost("static") - cost(policy)


def test_the_service_gains_by_the_signals_of_a_video_that_takes_off():
    assert gain("surgeport") > 0.04 * cost("static")


def test_without_signals_it_gains_less():
    assert gain("surgeport~no-signals") < gain("surgeport")


def test_with_signals_of_the_wrong_product_it_costs_no_more_than_no_nodes():
    assert gain("surgeport~shuffled-signals") >= 0
