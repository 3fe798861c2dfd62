"""What is learned from whole histories goes on from an age, with bands that hold what they say."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.boosting import Trees, grow
from forecasting.bursts import Recipe, steps_and_total
from forecasting.chain import learn, learn_steps
from forecasting.errors import ImpossibleQuestion, NothingToLearn
from forecasting.forecast import Total
from forecasting.histories import Histories
from forecasting.network import Training, train
from forecasting.quantiles import count_quantiles
from forecasting.scores import score
from tests.builders.histories import bursts

SMALL = Recipe(
    networks=(Training(hidden=16, epochs=15, batch=64),),
    trees=Trees(count=40, leaves=7),
    folds=2,
    beside=1,
)


@pytest.fixture(scope="module")
def model():
    return learn_steps(bursts(rows=200), 6, 5, SMALL)


def upto(histories, steps):
    return Histories(
        counts=histories.counts[:, :steps],
        attention=histories.attention,
        kind=histories.kind,
        family=histories.family,
        quiet=histories.quiet,
    )


def test_steps_and_total_are_foreseen_better_than_the_last_value(model):
    fresh = bursts(rows=150, seed=7)
    said = model.foresee(upto(fresh, 6))
    came = fresh.counts[:, 6:11]
    truth = np.concatenate([came, came.sum(axis=1, keepdims=True)], axis=1)
    last = fresh.counts[:, 5:6, None] * np.array([1] * 5 + [5])[None, :, None] * np.ones(3)
    assert score(truth[:, :5], said[:, :5], last[:, :5]).value_added > 0.2
    assert score(truth[:, 5], said[:, 5], last[:, 5]).value_added > 0.2


def test_bands_of_totals_hold_about_what_they_say(model):
    fresh = bursts(rows=400, seed=8)
    held = score(fresh.counts[:, 6:11].sum(axis=1), model.foresee(upto(fresh, 6))[:, 5])
    assert held.coverage_half - 0.06 < 0.8 < held.coverage + 0.06


def test_quantiles_are_sorted_counts(model):
    said = model.foresee(upto(bursts(rows=30, seed=9), 6))
    assert (np.diff(said, axis=2) >= 0).all()
    assert (said >= 0).all()
    assert (said[said < 50] == np.round(said[said < 50])).all()


def test_a_model_survives_pickling_and_repeats_itself(model):
    asked = upto(bursts(rows=5, seed=3), 6)
    kept = pickle.loads(pickle.dumps(model))  # noqa: S301 - what this test wrote itself
    assert np.array_equal(kept.foresee(asked), model.foresee(asked))
    again = learn_steps(bursts(rows=200), 6, 5, SMALL)
    assert np.array_equal(again.foresee(asked), model.foresee(asked))


def test_known_attention_ahead_is_used():
    rng = np.random.default_rng(1)
    views = np.exp(rng.normal(3, 1, (150, 12)))
    taught = Histories(counts=rng.poisson(views).astype(float), attention=views)
    model = learn_steps(taught, 6, 4, SMALL, known=True)
    asked = Histories(counts=np.full((2, 6), 20.0), attention=np.full((2, 10), 20.0))
    asked.attention[1, 6:] = 200.0
    said = model.foresee(asked)
    assert said[1, 4, 1] > 1.5 * said[0, 4, 1]


def test_regions_learn_from_their_whole_product():
    model = learn_steps(bursts(rows=40, regions=3), 6, 3, SMALL)
    assert model.foresee(upto(bursts(rows=4, regions=3, seed=5), 6)).shape == (12, 4, 3)


def test_old_series_learn_from_the_weeks_before():
    rng = np.random.default_rng(0)
    week = np.tile([1, 1, 1, 1, 1, 9, 9], 12)
    past = Histories(counts=rng.poisson(week, (60, 84)).astype(float))
    said = learn_steps(past, 84, 7, SMALL).foresee(past)
    assert said[:, 5, 1].mean() > 4 * said[:, 2, 1].mean()


def test_one_step_is_enough_to_begin_with():
    model = learn(bursts(rows=60), 1, ((1, 1), (2, 3), (1, 24)), SMALL)
    assert model.foresee(upto(bursts(rows=3, seed=4), 1)).shape == (3, 3, 3)


def test_too_few_histories_teach_nothing():
    with pytest.raises(NothingToLearn, match="needs 4 series to learn from and has 3"):
        learn_steps(bursts(rows=3), 6, 5, SMALL)
    with pytest.raises(NothingToLearn):
        learn_steps(bursts(rows=30, steps=6), 4, 20, SMALL)


def test_a_dozen_families_teach_more_where_networks_rely_on_no_single_unit():
    fresh = bursts(rows=150, seed=70)
    came = fresh.counts[:, 6:11].sum(axis=1)
    shut = replace(SMALL, trees=None)
    open_ = replace(shut, few=SMALL.networks[0])
    errors = [
        score(came, learn_steps(bursts(rows=12), 6, 5, how).foresee(upto(fresh, 6))[:, 5]).wql
        for how in (shut, open_)
    ]
    assert errors[0] < 0.95 * errors[1]


def test_another_age_than_the_one_learned_is_refused(model):
    with pytest.raises(ImpossibleQuestion, match="4 steps are given, the model knows 6"):
        model.foresee(upto(bursts(rows=3), 4))


def test_histories_that_are_no_counts_are_refused():
    for bad in (np.array([[np.nan]]), np.array([[-1.0]]), np.ones(3)):
        with pytest.raises(ImpossibleQuestion):
            Histories(counts=bad)
    with pytest.raises(ImpossibleQuestion, match="another number of rows"):
        Histories(counts=np.ones((2, 2)), kind=np.zeros(3, int))


def test_trees_without_lightgbm_say_much_the_same():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600, 3))
    y = 2 * x[:, 0] + rng.normal(size=600)
    one = grow(x, y, Trees(count=60, leaves=7)).predict(x)
    other = grow(x, y, Trees(count=60, leaves=7, library="sklearn")).predict(x)
    assert np.corrcoef(one[:, 1], other[:, 1])[0, 1] > 0.95


def test_a_network_learns_a_median_and_its_band():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2000, 2))
    y = x[:, :1] + rng.normal(size=(2000, 1))
    said = train(x, y, Training(hidden=16, epochs=20, batch=32)).predict(np.array([[1.0, 0.0]]))[
        0, 0
    ]
    assert said == pytest.approx([1 - 1.28, 1, 1 + 1.28], abs=0.35)


@settings(deadline=None)  # the table is made on first use
@given(st.floats(0, 1e5), st.floats(0, 3))
def test_count_quantiles_never_cross(median, spread):
    low, mid, high = count_quantiles(np.array([median]), np.array([spread]))[0]
    assert 0 <= low <= mid <= high


def test_count_quantiles_are_those_of_a_poisson_count():
    low, _, high = count_quantiles(np.array([10.0]), np.array([0.0]))[0]
    assert (low, high) == pytest.approx((6, 14), abs=0.7)


@given(st.integers(1, 30))
def test_windows_are_each_step_and_their_total(ahead):
    windows = steps_and_total(ahead)
    assert windows[:-1] == tuple((j, j) for j in range(1, ahead + 1))
    assert windows[-1] == (1, ahead)


def test_the_chance_of_a_surge_ranks_what_rises_before_what_does_not(model):
    fresh = bursts(rows=400, seed=11)
    chance = model.surge(upto(fresh, 6))
    rose = fresh.counts[:, 6:11].mean(axis=1) > 1.5 * np.maximum(
        fresh.counts[:, 3:6].mean(axis=1), 0.5
    )
    assert 0 <= chance.min() <= chance.max() <= 1
    assert chance[rose].mean() > 2 * chance[~rose].mean()
    assert chance.mean() == pytest.approx(rose.mean(), abs=0.1)


@given(st.floats(0, 1e4), st.floats(0, 1e4), st.floats(0, 1e4), st.floats(0, 1e5))
def test_the_chance_of_more_falls_as_more_is_asked_for(a, b, c, orders):
    total = Total(hours=24, p10=min(a, b, c), p50=sorted((a, b, c))[1], p90=max(a, b, c))
    assert 0 <= total.chance_above(orders * 1.1 + 1) <= total.chance_above(orders) <= 1


def test_the_chance_at_a_quantile_is_its_own():
    total = Total(hours=24, p10=20, p50=50, p90=200)
    chances = [total.chance_above(q) for q in (20, 50, 200)]
    assert chances == pytest.approx([0.9, 0.5, 0.1], abs=1e-6)


def test_series_of_one_level_are_calibrated_as_one_class():
    quiet = Histories(counts=np.zeros((120, 12)))
    assert (learn_steps(quiet, 6, 5, SMALL).foresee(upto(quiet, 6)) == 0).all()
