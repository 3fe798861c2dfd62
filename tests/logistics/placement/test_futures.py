"""A question asked of several futures keeps what it expects, and sends what every future needs."""

import numpy as np
import pytest

from forecasting.scenarios import Paths
from logistics.errors import Nonsense
from logistics.placement.futures import along
from logistics.placement.rules import broken
from logistics.placement.solver import place
from routing.effort import Effort
from tests.builders.placement import a_question


def futures(*factors: float, blocks: int = 16, weights: tuple[float, ...] | None = None) -> Paths:
    """One product in one region, so many times a hundred orders in each block."""
    orders = np.array([[[[round(100 * each)] * blocks]] for each in factors], np.int64)
    weighed = np.array(weights or [1 / len(factors)] * len(factors))
    return Paths(products=("lamp",), regions=("la",), block_hours=6, orders=orders, weights=weighed)


def totals(problem) -> list[int]:
    return [sum(sum(row.parcels) for row in path.demand) for path in problem.paths]


def test_paths_differ_from_each_other_and_their_mean_is_what_was_expected():
    asked = along(a_question(), futures(0.5, 1.5))
    assert totals(asked) == [1_000, 3_000]
    assert [path.weight for path in asked.paths] == [500, 500]


def test_what_is_likelier_weighs_more():
    asked = along(a_question(), futures(0.5, 3.0, weights=(0.8, 0.2)))
    assert totals(asked) == [1_000, 6_000]
    assert [path.weight for path in asked.paths] == [800, 200]


def test_beyond_the_end_of_the_paths_all_are_alike():
    asked = along(a_question(), futures(0.5, 1.5, blocks=4))
    first, second = (path.demand[0].parcels for path in asked.paths)
    assert first[:4] == (100,) * 4
    assert second[:4] == (300,) * 4
    assert first[4:] == second[4:] == (200,) * 6


def test_paths_that_began_a_while_ago_are_read_from_now_on():
    paths = futures(1.0, 1.0)
    paths.orders[1, 0, 0, :4] = 900
    asked = along(a_question(), paths, since=24 * 3600)
    assert totals(asked) == [2_000, 2_000]


def test_a_product_that_the_paths_do_not_know_comes_as_expected():
    paths = futures(0.5, 1.5)
    other = Paths(
        products=("rug",),
        regions=("la",),
        block_hours=6,
        orders=paths.orders,
        weights=paths.weights,
    )
    assert totals(along(a_question(), other)) == [2_000, 2_000]


def test_a_question_of_several_futures_is_not_asked_along_others():
    asked = along(a_question(), futures(0.5, 1.5))
    with pytest.raises(Nonsense):
        along(asked, futures(0.5, 1.5))


def test_what_leaves_before_the_review_is_sent_on_every_path():
    asked = along(a_question(), futures(0.2, 2.0))
    plan = place(asked, Effort(steps=200))
    assert broken(asked, plan) == ()
    first = [each for each in plan.shipments if each.period < 4]
    assert all(each.path is None for each in first)
