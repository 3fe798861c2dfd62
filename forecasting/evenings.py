"""When films are watched: the day of a market's views, learned from the views themselves.

A shop's orders and a film's views keep different hours: people watch when work is done. An hour's
part of the day is its views over the mean of the day about it (ratio to a centred moving average of
24 hours, as in classical decomposition), for every film and hour with a whole day around it; hours
of few views count for less. What was seen leaves a stated prior as it comes in.
"""

import numpy as np

from forecasting.signals import Floats, Ints, lives_of

DAY = 24
"""Hours."""
WATCHING_DAY = (
    0.70, 0.45, 0.28, 0.20, 0.18, 0.22, 0.35, 0.55, 0.70, 0.80, 0.90, 1.00,
    1.10, 1.10, 1.10, 1.15, 1.25, 1.40, 1.55, 1.75, 1.90, 1.90, 1.60, 1.10,
)  # fmt: skip
"""Views by local hour against the mean, where they peak when work is done: the prior."""
WORTH = 2.0
"""Days of one much watched film that the prior is worth."""
FEW = 25.0
"""Views of an hour that count for half of an hour of many: chance is then as wide as films' own ways."""
AROUND = np.array([0.5, *np.ones(DAY - 1), 0.5]) / DAY
"""The mean of the day about an hour: 24 hours, of which the first and the last count half."""


def watching_day(seen: Floats, covered: Floats, local: Ints) -> Floats:
    """Views by local hour against the mean, (24,).

    `seen` (v, t) organic views an hour, `covered` (v, t) the part of each that was heard of,
    `local` (t,) the hour of the market's day.
    """
    told, worth = np.zeros(DAY), np.full(DAY, WORTH)
    half, past = DAY // 2, seen.shape[1]
    for views, life in zip(seen, lives_of(covered), strict=True):
        if life <= DAY:
            continue
        mine = views[past - life :]
        middle = slice(past - life + half, past - half)
        usual = np.convolve(mine, AROUND, mode="valid")
        off = np.log((mine[half:-half] + 0.5) / (usual + 0.5))
        trust = usual / (usual + FEW)
        np.add.at(told, local[middle], trust * off)
        np.add.at(worth, local[middle], trust)
    day = np.exp((WORTH * np.log(WATCHING_DAY) + told) / worth)
    whole: Floats = day / day.mean()
    return whole
