"""Which course a video takes is open in its first hours, and closes with what is seen."""

import numpy as np
import pytest

from forecasting.courses import DAYS, Courses, believe, go_on


def a_slow_rise(hours):
    """Views that rise to 20,000 an hour within a morning, and fade with a half-life of a day."""
    age = np.arange(hours) + 0.5
    reach = age**2 / (age**2 + 16) * 0.5 ** (age / 24)
    return 20_000 * reach / reach.max()


def a_flash(hours):
    return 20_000 * (np.arange(hours) + 1.0) ** -1.0


def level(hours):
    """Days that know no night."""
    return np.ones((DAYS, hours))


def total_of(views, ahead=24, prior=None):
    """Median of the views to come and the sd of its log."""
    seen = views[None, :]
    believed = believe(seen, seen, np.ones_like(seen), level(len(views)), prior)
    rate, doubt = go_on(believed, level(ahead), prior)
    return rate.sum(), (rate * doubt).sum() / rate.sum()


@pytest.mark.parametrize("course", [a_slow_rise, a_flash])
def test_from_two_hours_a_rise_and_a_flash_both_lie_in_the_band(course):
    views = course(26)
    middle, sd = total_of(views[:2])
    assert abs(np.log(views[2:].sum() / middle)) < 1.28 * sd


@pytest.mark.parametrize("course", [a_slow_rise, a_flash])
def test_doubt_narrows_with_age(course):
    doubts = [total_of(course(age))[1] for age in (1, 4, 12, 36)]
    assert doubts == sorted(doubts, reverse=True)
    assert doubts[0] > 3 * doubts[-1]


@pytest.mark.parametrize("course", [a_slow_rise, a_flash])
def test_after_a_day_the_next_is_known_within_a_third(course):
    views = course(48)
    middle, _ = total_of(views[:24])
    assert middle == pytest.approx(views[24:].sum(), rel=0.33)


def a_slow_burner(hours):
    """Views that climb for two days and fade by half in four."""
    age = np.arange(hours) + 0.5
    return 9_000 * (1 - np.exp(-age / 20)) ** 2 * 0.5 ** (age / 96)


def test_shapes_at_the_ends_of_the_table_widen_a_total_by_less():
    whole = Courses(beyond=1.0)
    views = a_slow_burner(48)
    (wide, narrow), (widest, same) = (
        [total_of(views[:age], ahead=72, prior=prior)[1] for age in (2, 48)]
        for prior in (None, whole)
    )
    assert Courses().agreed < wide < widest
    assert narrow == pytest.approx(same)


def test_what_came_slowly_is_not_taken_to_end_at_once():
    views = a_slow_burner(12 + 72)
    middle, sd = total_of(views[:12], ahead=72)
    came = views[12:].sum()
    assert came / 4 < middle < came
    assert np.log(came / middle) < 1.28 * sd


def test_the_markets_other_videos_teach_what_is_usual():
    flashes = np.stack([np.pad(a_flash(30), (18, 0))] * 12)
    young = np.pad(a_flash(2), (46, 0))[None, :]
    covered = np.ones((13, 48))
    covered[:12, :18], covered[12, :46] = 0.0, 0.0
    seen = np.concatenate([flashes, young])
    taught = go_on(believe(seen, seen, covered, level(48)), level(24))[0][-1].sum()
    alone = total_of(young[0, 46:])[0]
    came = a_flash(26)[2:].sum()
    assert abs(np.log(taught / came)) < abs(np.log(alone / came))


def test_a_gap_widens_and_breaks_nothing():
    views = a_slow_rise(12)[None, :]
    covered = np.ones_like(views)
    covered[0, 5:11] = 0.0
    with_gap = go_on(believe(views, views, covered, level(12)), level(24))
    whole = go_on(believe(views, views, np.ones_like(views), level(12)), level(24))
    assert np.isfinite(with_gap[0]).all()
    assert with_gap[1][0].mean() > whole[1][0].mean()


def test_nothing_seen_is_nothing_ahead():
    rate, doubt = go_on(believe(np.zeros((1, 0)), np.zeros((1, 0)), np.zeros((1, 0)), level(0)), level(6))  # fmt: skip
    assert not rate.any()
    assert np.isfinite(doubt).all()


def quarters_of(views):
    """Views by quarter of one video's whole hours, and all of them heard."""
    fine = np.asarray(views, dtype=float).reshape(1, -1, 4)
    return fine, np.ones_like(fine)


def test_growth_within_the_first_hour_tells_a_rise_from_a_flash():
    days = []
    for views in ((640, 360, 160, 40), (40, 160, 360, 640)):
        fine, heard = quarters_of(views)
        whole = fine.sum(axis=2)
        believed = believe(whole, whole, np.ones_like(whole), level(1), quarters=fine, heard=heard)
        days.append(go_on(believed, level(24))[0].sum())
    fading, rising = days
    assert rising > 5 * fading


def test_hours_told_in_longer_buckets_are_read_whole():
    whole = np.array([[500.0, 900.0]])
    plain = believe(whole, whole, np.ones_like(whole), level(2))
    unknown = np.full((1, 2, 4), np.nan)
    same = believe(
        whole, whole, np.ones_like(whole), level(2), quarters=unknown, heard=np.ones((1, 2, 4))
    )
    assert np.array_equal(plain.weight, same.weight)
