"""What became of forecasts goes into the next ones: width, gate, alarms; and whole futures from what is kept."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from logistics.catalogue import Market, PaidPush
from logistics.demand import Accuracy, Outlook, accuracy_id, sample_paths
from logistics.errors import Nonsense
from logistics.exceptions import Case, CaseKind
from logistics.workflows.foresee import market_view
from logistics.workflows.learn import learn
from logistics.workflows.register import register
from logistics.workflows.sense import sense
from tests.builders.buyers import buy, watch
from tests.builders.supply import CELLS, SEVEN, a_row, a_world, all_of, an_outlook, heard

BURST = (200, 900, 4_000, 16_000, 40_000, 60_000)
NOON = SEVEN - timedelta(hours=3)
"""12:00 UTC: forecasts of this hour are followed."""


def newest(tools):
    return all_of(tools, Outlook, product="lamp", sort="made_at")[-1]


def band_of(tools, now):
    """How far P90 lies above P50 over a day, of a fresh forecast."""
    sense(tools, now=now)
    day = newest(tools).whole.total(24)
    return day.p90 / day.p50


def believed(tools, each_hour, days, sold):
    """Four forecasts a day of so many orders an hour, all of video v1, and so many sold."""
    for number in range(1, 4 * days + 1):
        an_outlook(tools, each_hour, made_at=NOON - timedelta(hours=6 * number), hours=24)
    for hour in range(24 * days + 30):
        at = SEVEN - timedelta(hours=hour, minutes=30)
        for number, cell in enumerate(CELLS[: max(sold, 1)]):
            if sold:
                buy(tools, sold, at=at, id=f"o{hour}-{number}", cell=cell)


def test_a11_a_day_that_sold_a_third_is_told_and_makes_the_next_band_wider():
    plain, missed = a_world(), a_world()
    for tools in (plain, missed):
        watch(tools, BURST)
        buy(tools, 880, at=NOON - timedelta(hours=6), id="ord_y")
    an_outlook(missed, 2700 / 24, made_at=NOON - timedelta(hours=24))
    (told,) = learn_accuracy(missed)
    day = next(t for t in told.tracks if (t.cell, t.hours) == ("", 24))
    assert day.bias == pytest.approx(2700 / 880 - 1, rel=0.01)
    assert day.coverage == 0.0
    assert told.width > 1.2
    with missed.store.read() as reading:
        view, _ = market_view(missed, reading, reading.find(Market)[0], SEVEN)
    assert view.wanted[0].width == told.width
    assert band_of(missed, SEVEN) > 1.05 * band_of(plain, SEVEN)


def learn_accuracy(tools, now=SEVEN):
    learn(tools, now=now)
    return all_of(tools, Accuracy)


def test_a_bias_that_goes_away_settles_its_case():
    tools = a_world()
    believed(tools, 100, 2, sold=1)
    learn_accuracy(tools)
    (case,) = all_of(tools, Case, kind=CaseKind.FORECAST_BIAS)
    assert case.closed_at is None
    later = SEVEN + timedelta(days=9)
    for number in range(1, 9):
        an_outlook(
            tools, 1, made_at=NOON + timedelta(days=8) - timedelta(hours=6 * number), hours=24
        )
    for hour in range(90):
        buy(tools, 1, at=later - timedelta(hours=hour, minutes=30), id=f"later{hour}")
    learn_accuracy(tools, later)
    (case,) = all_of(tools, Case, kind=CaseKind.FORECAST_BIAS)
    assert case.closed_at == later


def test_a_chain_that_does_worse_than_the_last_day_gives_way_to_it_until_it_is_better():
    tools = a_world()
    believed(tools, 500, 4, sold=3)
    (told,) = learn_accuracy(tools)
    assert told.gated
    watch(tools, BURST)
    sense(tools, now=SEVEN)
    outlook = newest(tools)
    gates = [part for part in outlook.whole.parts if part.kind == "gate"]
    assert "the last day repeated" in gates[-1].words
    assert outlook.whole.total(24).p50 == pytest.approx(3 * 3 * 24, rel=0.15)
    parts = np.sum([part.hourly for part in outlook.whole.parts], axis=0)
    assert parts == pytest.approx(np.array(outlook.whole.hourly.p50), abs=0.01)
    with tools.store.begin() as deed:
        kept = deed.lock(Accuracy, accuracy_id("lamp", "la"))
        deed.change(replace(kept, gated=False, parts=()))
    sense(tools, now=SEVEN + timedelta(hours=1, minutes=1))
    assert "gate" not in {part.kind for part in newest(tools).whole.parts}


def test_a_video_that_made_the_days_worse_is_left_out_until_it_makes_them_better():
    tools = a_world()
    watch(tools, BURST)
    believed(tools, 103, 4, sold=3)
    (told,) = learn_accuracy(tools)
    (part,) = told.parts
    assert (part.kind, part.name, part.used) == ("video", "v1", False)
    assert part.value_added < 0
    with tools.store.begin() as deed:
        kept = deed.lock(Accuracy, told.id)
        deed.change(replace(kept, gated=False))
    sense(tools, now=SEVEN)
    whole = newest(tools).whole
    brought = next(part for part in whole.parts if part.kind == "video")
    gate = next(part for part in whole.parts if part.kind == "gate")
    assert (gate.name, "closer without what video v1" in gate.words) == ("v1", True)
    assert sum(gate.hourly) == pytest.approx(-sum(brought.hourly), rel=0.2)
    parts = np.sum([part.hourly for part in whole.parts], axis=0)
    assert parts == pytest.approx(np.array(whole.hourly.p50), abs=0.01)


def test_a_total_is_followed_once_however_often_one_looks():
    tools = a_world()
    believed(tools, 3, 2, sold=1)
    (first,) = learn_accuracy(tools)
    (second,) = learn_accuracy(tools)
    assert second == first
    days = [one for one in first.outcomes if (one.cell, one.hours) == ("", 24)]
    assert len(days) == len({one.start for one in days})


def paid_orders(push_lasts):
    """Paid orders an hour, ahead of a push of which six hours are over and three or more to come."""
    tools = a_world()
    for hours in range(6, 0, -1):
        begin = SEVEN - timedelta(hours=hours)
        row = replace(a_row(begin, 60, 9_000, CELLS[0]), paid_views=8_000)
        heard(tools, row, id=f"p{hours}", now=begin + timedelta(hours=1))
    push = PaidPush(
        id="push",
        video="v1",
        market="la",
        starts_at=SEVEN - timedelta(hours=6),
        ends_at=SEVEN + timedelta(hours=push_lasts),
        expected_paid_views=8_000 * (6 + push_lasts),
    )
    register(tools, push, now=SEVEN, by="test")
    sense(tools, now=SEVEN)
    return next(part for part in newest(tools).whole.parts if part.kind == "paid").hourly


def test_a13_the_scheduled_end_of_a_push_is_in_the_median_at_once():
    ends, goes_on = paid_orders(push_lasts=3), paid_orders(push_lasts=15)
    assert ends[:3] == pytest.approx(goes_on[:3], rel=0.01)
    assert ends[3] < 0.85 * goes_on[3]
    assert ends[9] < 0.5 * goes_on[9]


def test_the_same_outlook_and_seed_give_the_same_few_futures():
    tools = a_world()
    watch(tools, BURST)
    sense(tools, now=SEVEN)
    outlook = newest(tools)
    paths = sample_paths((outlook,), 400, 12, seed=3)
    again = sample_paths((outlook,), 400, 12, seed=3)
    assert (paths.orders == again.orders).all()
    assert paths.orders.shape == (12, 1, 3, 40)
    assert paths.weights.sum() == pytest.approx(1)
    whole = sample_paths((outlook,), 2000, 2000).orders[:, 0, :, :4].sum(axis=(1, 2))
    day = outlook.whole.total(24)
    assert np.median(whole) == pytest.approx(day.p50, rel=0.25)
    assert 0.65 < np.mean((whole >= day.p10) & (whole <= day.p90)) < 0.95


def test_futures_of_outlooks_that_begin_apart_are_refused():
    tools = a_world()
    one = an_outlook(tools, 3)
    other = an_outlook(tools, 3, made_at=SEVEN + timedelta(hours=1))
    with pytest.raises(Nonsense):
        sample_paths((one, other))


ODD = {
    "a single point": [(0, 400)],
    "all zeros": [(hour, 0) for hour in range(12)],
    "a million in one bucket": [(5, 300), (4, 300), (3, 1_000_000), (2, 300), (1, 300)],
    "a gap of five hours": [(9, 900), (8, 900), (2, 900), (1, 900)],
    "a fall to nothing": [(6, 90_000), (5, 40_000), (4, 3), (3, 0), (2, 0), (1, 0)],
}


@pytest.mark.parametrize("series", ODD.values(), ids=ODD)
def test_whatever_is_heard_the_forecast_is_finite_and_ordered(series):
    tools = a_world()
    for back, views in series:
        begin = SEVEN - timedelta(hours=back + 1)
        heard(
            tools,
            a_row(begin, 60, views, CELLS[0]),
            id=f"odd{back}",
            now=begin + timedelta(hours=1),
        )
    for outlook in sense(tools, now=SEVEN):
        totals = [(t.p10, t.p50, t.p90) for t in outlook.whole.totals]
        assert np.isfinite(totals).all()
        assert all(0 <= low <= mid <= high for low, mid, high in totals)
        assert np.isfinite(outlook.whole.hourly.p90).all()
