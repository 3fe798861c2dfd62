"""What a product sells without any video: its baseline, by region and hour.

The first form: the mean of the days before its first video, older days counting less, or the
category's prior where there was no such day. Demand hidden by a stock-out is left out of the mean.
"""

from dataclasses import dataclass

import numpy as np

from forecasting.signals import Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Baseline:
    """Orders an hour of each product by region with the day's rhythm taken out: (p, r).

    `spread` (p,) is the sd of log rate; `hours` (p,) how many whole hours it was learned from.
    """

    rate: Floats
    spread: Floats
    hours: Floats


def baseline(
    demand: Floats,
    seen: Floats,
    calm: Floats,
    shares: Floats,
    prior: Floats,
    half_life_days: float = 14.0,
) -> Baseline:
    """The level before the first video.

    `demand`, `seen` (p, r, t) as in `Orders`, `calm` (p, t) true before the product's first view,
    `shares` (p, r) for products without history, `prior` (p,) orders a day that they start from.
    One day of prior shrinks a short history.
    """
    back = np.arange(demand.shape[2])[::-1]
    weight = calm[:, None, :] * seen * 0.5 ** (back / (24 * half_life_days))
    sold = (demand * weight).sum(axis=2)
    hours = weight.sum(axis=2)
    rate = (sold + prior[:, None] * shares) / (hours + 24.0)
    whole = (
        (calm[:, None, :] * seen).mean(axis=1).sum(axis=1) if demand.shape[1] else hours.sum(axis=1)
    )
    told = sold.sum(axis=1) + 1.0
    return Baseline(rate=rate, spread=np.sqrt(0.2**2 + 1 / told).clip(max=1.0), hours=whole)
