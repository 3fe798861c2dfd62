"""The day of those who watch leaves its prior for what a market's films show."""

import numpy as np
import pytest

from forecasting.courses import believe, go_on
from forecasting.evenings import DAY, WATCHING_DAY, watching_day
from forecasting.regions import USUAL_DAY

PRIOR = np.array(WATCHING_DAY) / np.mean(WATCHING_DAY)
NIGHT_OWLS = np.roll(PRIOR, 8)


def a_film(hours, day=PRIOR, half_life=np.inf, peak=4000.0):
    """Views an hour of one film that begins at midnight, (1, t)."""
    at = np.arange(hours)
    return (peak * 0.5 ** (at / half_life) * day[at % DAY])[None, :]


def learned(views):
    return watching_day(views, np.ones_like(views), np.arange(views.shape[1]) % DAY)


def test_without_a_whole_day_of_views_the_prior_stands():
    assert learned(a_film(DAY, NIGHT_OWLS)) == pytest.approx(PRIOR)
    assert learned(np.zeros((0, 50))) == pytest.approx(PRIOR)


def test_a_market_of_night_owls_is_known_after_two_weeks():
    off = np.log(learned(a_film(14 * DAY, NIGHT_OWLS)) / NIGHT_OWLS)
    before = np.log(PRIOR / NIGHT_OWLS)
    assert np.abs(off).mean() < 0.25 * np.abs(before).mean()


def test_a_film_that_fades_does_not_bend_the_day():
    assert learned(a_film(7 * DAY, half_life=30.0)) == pytest.approx(PRIOR, rel=0.12)


def test_hardly_watched_films_say_little():
    loud, quiet = (learned(a_film(4 * DAY, NIGHT_OWLS, peak=peak)) for peak in (4000.0, 2.0))
    assert np.abs(np.log(quiet / PRIOR)).mean() < 0.3 * np.abs(np.log(loud / PRIOR)).mean()


def test_hours_before_a_film_was_born_say_nothing():
    late = a_film(4 * DAY)
    late[0, : 2 * DAY] = 0.0
    covered = np.ones_like(late)
    covered[0, : 2 * DAY] = 0.0
    assert watching_day(late, covered, np.arange(4 * DAY) % DAY) == pytest.approx(PRIOR, rel=0.05)


def test_an_evening_is_not_taken_for_a_film_that_still_climbs():
    """At nine in the evening, of a film born at seven that has been fading since noon."""
    age = np.arange(4 * DAY) + 0.5
    born, now = 7, 21
    film = 40_000 * age**2 / (age**2 + 16) * 0.5 ** (age / 15) * np.tile(np.roll(PRIOR, -born), 4)
    seen, ahead = film[None, : now - born], film[now - born :][:DAY].sum()
    shop = np.tile(np.array(USUAL_DAY) / np.mean(USUAL_DAY), 3)
    off = []
    for watching in (shop, np.tile(PRIOR, 3)):
        days = np.stack([shop, watching])
        believed = believe(seen, seen, np.ones_like(seen), days[:, born:now])
        off.append(abs(np.log(go_on(believed, days[:, now : now + DAY])[0].sum() / ahead)))
    by_the_shop, by_evenings = off
    assert by_evenings < 0.85 * by_the_shop
