"""What planners do with forecasts: override, explain, substitute, refit, and look back."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from forecasting import Parameters, forecast, read_orders
from forecasting.backtest import backtest, gate, gated, learn_widths
from forecasting.demand import curve
from forecasting.errors import BadOverride, ImpossibleQuestion
from forecasting.explanation import Family, Substitution, drivers, net_uplift, without
from forecasting.overrides import Override, apply, value_added
from forecasting.quantiles import Widths
from forecasting.refits import Fitted, breach, drift, queue
from tests.builders.videos import FLAT_DAY, NOON, a_question, burst, order_rows, signal_rows


def an_outlook():
    return forecast(
        a_question(signal_rows(views=burst(30)), order_rows(orders=[9] * 200)), FLAT_DAY
    )


def an_override(**more):
    told = {
        "name": "ovr_1",
        "product": "S",
        "factor": 2.0,
        "begins": NOON,
        "ends": NOON + timedelta(hours=6),
        "expires": NOON + timedelta(days=1),
        "who": "planner",
        "reason": "a television show tonight",
    }
    return Override(**(told | more))


def test_an_override_doubles_its_hours_and_is_a_part_of_its_own():
    before, after = an_outlook(), apply(an_outlook(), (an_override(),))
    one, other = before.of("S"), after.of("S")
    assert other.hourly.p50[:6] == pytest.approx([2 * x for x in one.hourly.p50[:6]], rel=1e-3)
    assert other.hourly.p50[6:] == pytest.approx(one.hourly.p50[6:])
    assert other.total(6).p50 == pytest.approx(2 * one.total(6).p50, rel=1e-3)
    assert "a television show tonight" in other.parts[-1].words
    assert np.sum([p.hourly for p in other.parts], axis=0) == pytest.approx(
        other.hourly.p50, abs=0.01
    )


def test_an_override_of_a_region_leaves_the_others():
    before, after = an_outlook(), apply(an_outlook(), (an_override(region="west", factor=0.0),))
    assert after.of("S", "west").total(6).p50 == 0
    assert after.of("S", "east").total(6) == before.of("S", "east").total(6)
    assert np.allclose(after.steps[:, :-1, :, 1].sum(axis=1), after.steps[:, -1, :, 1])


def test_an_expired_override_or_one_of_another_product_changes_nothing():
    late = an_override(expires=NOON)
    other = an_override(product="T")
    assert np.array_equal(apply(an_outlook(), (late, other)).steps, an_outlook().steps)


@pytest.mark.parametrize(
    "wrong",
    [{"reason": " "}, {"factor": -1.0}, {"ends": NOON}, {"begins": NOON.replace(tzinfo=None)}],
)
def test_an_override_without_sense_is_refused(wrong):
    with pytest.raises(BadOverride):
        an_override(**wrong)


def test_an_override_has_a_value_added_of_its_own():
    actual = np.array([20.0, 20.0])
    statistical, adjusted = np.array([[5.0, 10, 15]] * 2), np.array([[10.0, 20, 30]] * 2)
    assert value_added(actual, statistical, adjusted) > 0.3
    assert value_added(actual, adjusted, statistical) < 0


def test_drivers_are_told_in_words_the_strongest_first():
    first = drivers(an_outlook().of("S"))[0]
    assert first.orders == max(driver.orders for driver in drivers(an_outlook().of("S")))
    assert "orders in 24 h" in first.words
    assert sum(driver.share for driver in drivers(an_outlook().of("S"))) == pytest.approx(
        1, abs=0.01
    )


def test_uplift_is_net_of_what_siblings_lose_and_what_is_pulled_forward():
    signals, orders = signal_rows(views=burst(30)), order_rows("T", orders=[5] * 200)
    outlook = forecast(a_question(signals, orders, products=("S", "T")))
    found = net_uplift(
        outlook, Family(name="lamps", products=("S", "T"), taken=0.2, pulled_forward=0.1)
    )
    assert found.gross == pytest.approx(found.net + found.taken + found.pulled_forward)
    assert 0 < found.taken <= 0.2 * found.gross + 1e-9
    alone = net_uplift(outlook, Family(name="lamp", products=("S",)))
    assert alone.taken == 0


def test_a_stock_out_moves_its_stated_share_to_the_substitute():
    orders = order_rows("T", orders=[5] * 200)
    outlook = forecast(a_question(signal_rows(views=burst(30)), orders, products=("S", "T")))
    moved = without(outlook, "S", ("west",), (Substitution(out="S", instead="T", share=0.6),))
    gone = outlook.of("S", "west").total(24).p50
    assert moved.of("S", "west").total(24).p50 == 0
    gained = moved.of("T", "west").total(24).p50 - outlook.of("T", "west").total(24).p50
    assert gained == pytest.approx(0.6 * gone, rel=0.01)
    assert moved.of("S", "east").total(24) == outlook.of("S", "east").total(24)


def test_more_than_all_of_a_product_cannot_move():
    many = tuple(Substitution(out="S", instead="S", share=0.6) for _ in range(2))
    with pytest.raises(ImpossibleQuestion, match="more than all of S"):
        without(an_outlook(), "S", ("west",), many)


def test_what_has_drifted_most_is_fitted_first_within_the_budget():
    def fit(name, drift, days=0, seconds=1.0):
        return Fitted(
            name=name, fitted_at=NOON - timedelta(days=days), drift=drift, seconds=seconds
        )

    fits = (
        fit("calm", 0.1),
        fit("wild", 4.0),
        fit("old", 0.1, days=30),
        fit("dear", 9.0, seconds=50),
    )
    assert queue(fits, NOON, 2.0) == ("dear",)
    assert queue(fits[:3], NOON, 2.0) == ("wild", "old")


def test_drift_is_small_inside_the_band_and_large_outside():
    band = np.tile([8.0, 10.0, 12.0], (24, 1))
    assert drift(np.full(24, 10.5), band) < 1
    assert drift(np.full(24, 20.0), band) > 4


def test_a10_three_buckets_above_the_band_are_a_breach():
    band = np.tile([800.0, 900.0, 1000.0], (6, 1)) / 24
    sold = np.array([38, 37, 110, 120, 115, 130.0])
    found = breach(sold, band)
    assert (found.hour, found.above) == (2, True)
    assert breach(sold[:4], band[:4]) is None


def test_a11_after_a_miss_the_same_products_next_band_is_wider():
    question = a_question(signal_rows(views=burst(30)))
    missed = Parameters(widths=learn_widths(Widths(), a_backtest(actual=0).outcomes))
    before, after = (
        forecast(question).of("S").total(24),
        forecast(question, missed).of("S").total(24),
    )
    assert after.p50 == before.p50
    assert after.p90 - after.p10 > 1.1 * (before.p90 - before.p10)


def past_question(origin):
    hours = int((origin - NOON).total_seconds() // 3600) + 48
    signals = signal_rows(views=burst(hours, first=60_000), now=origin)
    return a_question(signals, now=origin, hours=24)


def a_backtest(actual=40, parameters=None, told=None):
    sold = read_orders(
        order_rows(orders=[actual] * 96, now=NOON + timedelta(hours=48)), NOON + timedelta(days=9)
    )
    origins = tuple(NOON + timedelta(hours=h) for h in (0, 6, 12, 100))
    return backtest(past_question, sold, origins, parameters, told)


def test_a_backtest_scores_every_total_that_has_been_seen_to_its_end():
    heard = []
    done = a_backtest(told=lambda one, of: heard.append((one, of)))
    assert heard == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert {outcome.hours for outcome in done.outcomes} == {6, 24}
    assert {outcome.region for outcome in done.outcomes} == {"", "west", "mid", "east"}
    assert done.by_product[0][0] == "S"
    assert done.scores.value_added is not None


def test_a_backtest_of_nothing_seen_is_refused():
    with pytest.raises(ImpossibleQuestion, match="no total of theirs"):
        backtest(past_question, read_orders(order_rows(), NOON), (NOON,))


def test_a_part_is_kept_for_a_product_only_while_it_adds_value():
    better, worse = a_backtest(actual=40), a_backtest(actual=40, parameters=scarce())
    found = {name for name, _ in better.by_product}
    assert gate(better, worse) in {("S",), ()}
    assert set(gate(better, worse)) | set(gate(worse, better)) == found
    known = Parameters(curves=(("S", curve(np.full(30, 5.0), 20_000)),))
    assert gated(known, ()).curves == ()
    assert gated(known, ("S",)).curves == known.curves


def scarce():
    usual = Parameters().usual
    return Parameters(usual=replace(usual, orders_per_view=usual.orders_per_view / 50))


def test_a_cached_curve_gives_the_baseline_its_week():
    first = int(NOON.timestamp() // 86400) - 60
    week = np.where((first + np.arange(60)) % 7 < 2, 72.0, 24.0)
    hours = np.repeat(week, 24)[: 60 * 24] / 24
    orders = order_rows(orders=hours[-600:], now=NOON.replace(hour=0))
    known = replace(FLAT_DAY, curves=(("S", curve(week, first)),))
    answer = forecast(a_question(orders=orders), known).of("S").hourly.p50
    days = [sum(answer[12 + 24 * d : 36 + 24 * d]) for d in range(6)]
    assert max(days) == pytest.approx(72, rel=0.15)
    assert min(days) == pytest.approx(24, rel=0.3)
