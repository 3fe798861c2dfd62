"""Ordinary demand is fitted by night, tried on a week it has not seen, and read by day."""

from datetime import timedelta

import numpy as np

from logistics.demand import Baseline, Outlook
from logistics.workflows.refit import refit_baselines
from logistics.workflows.sense import sense
from tests.builders.buyers import buy, watch
from tests.builders.supply import SEVEN, a_world, all_of


def sold(tools, days, each_day):
    """One order at noon of every day up to yesterday."""
    for back in range(days, 0, -1):
        at = SEVEN - timedelta(days=back, hours=3)
        units = each_day(at)
        if units:
            buy(tools, units, at=at, id=f"day{back}")


def weekly(at):
    return 60 if at.weekday() == 5 else 10


def test_a_week_that_is_found_is_used_and_read_by_the_next_forecast():
    tools = a_world()
    sold(tools, 70, weekly)
    (fit,) = refit_baselines(tools, now=SEVEN)
    assert (fit.product, fit.market, fit.used) == ("lamp", "la", True)
    assert fit.value_added > 0.5
    (outlook,) = sense(tools, now=SEVEN)
    daily = np.array(outlook.whole.hourly.p50[9 : 9 + 24 * 7]).reshape(7, 24).sum(axis=1)
    saturday = [(outlook.start + timedelta(hours=9 + 24 * i)).weekday() == 5 for i in range(7)]
    assert daily[saturday].sum() > 3 * daily[np.logical_not(saturday)].mean()


def test_a_curve_that_says_no_more_than_a_level_is_kept_and_not_used():
    tools = a_world()
    rng = np.random.default_rng(1)
    sold(tools, 60, lambda at: int(rng.poisson(3)) if at.month else 0)
    fits = refit_baselines(tools, now=SEVEN)
    sense(tools, now=SEVEN)
    for fit in fits:
        assert fit.used == (fit.value_added > 0)
    assert len(all_of(tools, Outlook)) == 1


def test_a_young_product_and_days_with_a_video_are_no_ordinary_demand():
    tools = a_world()
    sold(tools, 20, weekly)
    assert refit_baselines(tools, now=SEVEN) == ()
    other = a_world()
    sold(other, 33, weekly)
    watch(other, (200, 900), until=SEVEN - timedelta(days=4))
    assert refit_baselines(other, now=SEVEN)[0].days == 33 - 4


def test_a_fit_that_has_been_left_is_done_anew_and_stays_one():
    tools = a_world()
    sold(tools, 60, weekly)
    refit_baselines(tools, now=SEVEN)
    later = SEVEN + timedelta(days=1)
    buy(tools, 400, at=SEVEN + timedelta(hours=2), id="much")
    (again,) = refit_baselines(tools, now=later)
    assert again.fitted_at == later
    assert again.drift > 1
    (kept,) = all_of(tools, Baseline)
    assert kept.version == 2
    assert kept.curve == again.curve


def test_no_orders_are_no_work():
    assert refit_baselines(a_world(), now=SEVEN) == ()
