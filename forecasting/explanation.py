"""Why we believe it: the drivers of a forecast in words, and how much of it is new demand.

The parts of a forecast sum to its P50. Not all that a video brings is new: some is taken from
siblings of the product's family and some is pulled forward from days to come. What cannot be had
moves to a substitute by stated shares, and the rest waits or leaves.
"""

from dataclasses import dataclass, replace

import numpy as np

from forecasting.errors import ImpossibleQuestion
from forecasting.forecast import Cause, Forecast, Forecasts
from forecasting.signals import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """One cause over some hours: its orders, its part of the P50, and in words."""

    kind: str
    name: str
    orders: float
    share: float
    words: str


def drivers(forecast: Forecast, hours: int = 24) -> tuple[Driver, ...]:
    """The causes over the first hours, the strongest first."""
    whole = sum(forecast.hourly.p50[:hours])
    found = [
        Driver(
            kind=part.kind,
            name=part.name,
            orders=sum(part.hourly[:hours]),
            share=sum(part.hourly[:hours]) / whole if whole else 0.0,
            words=part.words,
        )
        for part in forecast.parts
    ]
    return tuple(sorted(found, key=lambda driver: -abs(driver.orders)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Products that take demand from each other; parts of an uplift that are not new."""

    name: str
    products: tuple[str, ...]
    taken: float = 0.1
    """From siblings."""
    pulled_forward: float = 0.15

    def __post_init__(self) -> None:
        if min(self.taken, self.pulled_forward) < 0 or self.taken + self.pulled_forward > 1:
            raise ImpossibleQuestion(
                field="family", reason="takes more than all, or less than nothing"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Uplift:
    """What videos bring a family over some hours: gross = net + taken + pulled_forward."""

    family: str
    hours: int
    gross: float
    taken: float
    pulled_forward: float
    net: float


def net_uplift(forecasts: Forecasts, family: Family, hours: int = 168) -> Uplift:
    """How much of a family's uplift is new demand.

    Siblings cannot give more than they sell: what is taken is at most their baseline together.
    """
    mine = [product for product in forecasts.products if product in family.products]
    return uplift_of(tuple(forecasts.of(product) for product in mine), family, hours)


def uplift_of(forecasts: tuple[Forecast, ...], family: Family, hours: int = 168) -> Uplift:
    """The same from what is kept of the family's forecasts, everywhere or in one region."""
    usual = gross = 0.0
    for part in (part for one in forecasts for part in one.parts):
        orders = sum(part.hourly[:hours])
        if part.kind == "baseline":
            usual += orders
        elif part.kind in BY_VIDEOS:
            gross += orders
    gross = max(gross, 0.0)
    taken = 0.0 if len(forecasts) < 2 else min(family.taken * gross, usual)
    pulled = family.pulled_forward * gross
    return Uplift(
        family=family.name,
        hours=hours,
        gross=gross,
        taken=taken,
        pulled_forward=pulled,
        net=gross - taken - pulled,
    )


BY_VIDEOS = ("video", "paid", "sentiment")
"""The kinds of parts that videos bring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Substitution:
    """The share of one product's unmet demand that another takes over."""

    out: str
    instead: str
    share: float


def without(
    forecasts: Forecasts,
    product: str,
    regions: tuple[str, ...],
    substitutions: tuple[Substitution, ...],
) -> Forecasts:
    """The forecast if a product were out of stock in some regions: its demand moves by stated shares.

    What is in no share waits or leaves. The moved orders are a part of their own on both sides.
    """
    if product not in forecasts.products:
        raise ImpossibleQuestion(field="product", reason=f"{product!r} is not in this forecast")
    given = [
        one for one in substitutions if one.out == product and one.instead in forecasts.products
    ]
    if sum(one.share for one in given) > 1 + 1e-9:
        raise ImpossibleQuestion(field="share", reason=f"more than all of {product} would move")
    hit = np.array([region in regions for region in forecasts.regions])
    gone = forecasts.steps[forecasts.products.index(product), :-1, :, 1] * hit[:, None]
    changed = _moved(forecasts, product, -gone, f"{product} is out of stock")
    for one in given:
        changed = _moved(changed, one.instead, gone * one.share, f"instead of {product}")
    return changed


def _moved(forecasts: Forecasts, product: str, orders: Floats, words: str) -> Forecasts:
    """Add orders (r, h) to a product's medians, its bands in proportion."""
    p = forecasts.products.index(product)
    added = np.concatenate([orders, orders.sum(axis=0, keepdims=True)])
    steps, totals = forecasts.steps.copy(), forecasts.totals.copy()
    steps[p] = np.maximum(_scaled(forecasts.steps[p], added), 0.0)
    for w, hours in enumerate(forecasts.windows):
        totals[p, :, w] = np.maximum(
            _scaled(forecasts.totals[p, :, w], added[:, :hours].sum(axis=1)), 0.0
        )
    cause = Cause(kind="taken", name=product, hourly=orders, words=words)
    causes = tuple((*own, cause) if i == p else own for i, own in enumerate(forecasts.causes))
    return replace(forecasts, steps=steps, totals=totals, causes=causes)


def _scaled(quantiles: Floats, added: Floats) -> Floats:
    """Quantiles (..., 3) whose median moves by `added`, the band in proportion; from 0, all alike."""
    mid = quantiles[..., 1]
    ratio = np.where(mid > 1e-12, (mid + added) / np.maximum(mid, 1e-12), 0.0)[..., None]
    moved: Floats = np.where(
        (mid > 1e-12)[..., None], quantiles * ratio, quantiles + added[..., None]
    )
    return moved
