"""What planners know better: a change to a forecast with who, why and until when.

An override multiplies the hours that it names, in one region or everywhere, and is one more part of
the forecast's explanation. It stops at its expiry by itself. Its own value added is what the
adjusted forecast scores against the statistical one: `value_added`.
"""

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from forecasting.errors import BadOverride
from forecasting.forecast import EVERYWHERE, Cause, Forecasts
from forecasting.scores import score
from forecasting.signals import Floats, epoch_hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Multiply a product's demand by `factor` in the hours from `begins` to `ends`."""

    name: str
    product: str
    factor: float
    begins: datetime
    ends: datetime
    expires: datetime
    who: str
    reason: str
    region: str = EVERYWHERE

    def __post_init__(self) -> None:
        if not self.reason.strip() or not self.who.strip():
            raise BadOverride(field="reason", reason="and its author must be told")
        if not 0 <= self.factor <= 100:
            raise BadOverride(field="factor", reason=f"must lie in 0..100 and is {self.factor}")
        for moment in (self.begins, self.ends, self.expires):
            if moment.tzinfo is None:
                raise BadOverride(field="time", reason=f"{moment.isoformat()} has no zone")
        if not self.begins < self.ends:
            raise BadOverride(field="ends", reason="must come after it begins")


def apply(forecasts: Forecasts, overrides: tuple[Override, ...]) -> Forecasts:
    """The same forecasts as the planners see them; what has expired or names others changes nothing."""
    live = [
        one
        for one in overrides
        if one.expires > forecasts.made_at and one.product in forecasts.products
    ]
    for override in live:
        forecasts = _apply(forecasts, override)
    return forecasts


def _apply(forecasts: Forecasts, override: Override) -> Forecasts:
    if override.region not in (*forecasts.regions, EVERYWHERE):
        return forecasts
    p = forecasts.products.index(override.product)
    everywhere = override.region == EVERYWHERE
    rows = np.array([everywhere or region == override.region for region in forecasts.regions])
    first = epoch_hour(forecasts.start)
    hours = first + np.arange(forecasts.steps.shape[2])
    hit = (hours >= epoch_hour(override.begins)) & (hours * 3600 < override.ends.timestamp())
    bend = np.where(rows[:, None] & hit[None, :], override.factor, 1.0)
    words = f"{override.who}: {override.reason}"
    return _bent(forecasts, p, bend, Cause(kind="override", name=override.name, hourly=bend, words=words))  # fmt: skip


GATED = 24
"""Hours over which a product's own forecast and the last day are brought together."""


def as_last_day(forecasts: Forecasts, product: str, orders: float) -> Forecasts:
    """A forecast brought to the level of its last day, where its own was worse than repeating that.

    `orders` is what the last day asked for; the course over the hours and the regions stays. What
    changes is a part of the explanation, of the kind `gate`.
    """
    p = forecasts.products.index(product)
    said = (
        float(forecasts.steps[p, -1, :GATED, 1].sum())
        * GATED
        / min(GATED, forecasts.steps.shape[2])
    )
    if said <= 0:
        return forecasts
    bend = np.full(forecasts.steps[p, :-1, :, 1].shape, min(orders / said, 100.0))
    words = f"lately the last day repeated ({orders:,.0f} orders) was closer than our own forecast"
    return _bent(forecasts, p, bend, Cause(kind="gate", name="", hourly=bend, words=words))


GOES_WITH = {
    "video": ("video", "paid", "sentiment"),
    "paid": ("paid",),
    "sentiment": ("sentiment",),
}
"""The kinds of parts that can be left out, and what goes with each: a video takes its paid views and
its mood along."""
MEANT = {"video": "video", "paid": "the paid views of video", "sentiment": "the mood under video"}
STILL_COUNTS = 0.1
"""What stays at least of an hour from which a part is left out, so that it keeps a band."""


def leave_out(forecasts: Forecasts, product: str, kind: str, name: str) -> Forecasts:
    """A forecast without one of its parts, where it was closer without it lately.

    The part stays in the explanation, and beside it what leaving it out changes, of the kind `gate`.
    """
    p = forecasts.products.index(product)
    before = forecasts.steps[p, :-1, :, 1]
    gone = np.zeros_like(before)
    for cause in forecasts.causes[p]:
        if cause.kind in GOES_WITH[kind] and cause.name == name:
            gone += cause.hourly
    if not gone.any():
        return forecasts
    bend = np.maximum(1 - gone / np.maximum(before, 1e-12), STILL_COUNTS)
    words = f"lately the forecast was closer without what {MEANT[kind]} {name} was to bring"
    return _bent(forecasts, p, bend, Cause(kind="gate", name=name, hourly=bend, words=words))


def _bent(forecasts: Forecasts, p: int, bend: Floats, cause: Cause) -> Forecasts:
    """One product's demand times `bend` (r, h); the change becomes the hours of its cause."""
    before = forecasts.steps[p, :-1, :, 1]
    added = before * (bend - 1)
    # the product's own factor in an hour is that of its regions together
    whole = 1 + added.sum(axis=0) / np.maximum(before.sum(axis=0), 1e-12)
    steps = forecasts.steps.copy()
    steps[p] *= np.concatenate([bend, whole[None]])[:, :, None]
    steps[p, -1, :, 1] = steps[p, :-1, :, 1].sum(axis=0)
    steps[p] = np.sort(steps[p], axis=-1)
    totals = forecasts.totals.copy()
    for w, window in enumerate(forecasts.windows):
        was = forecasts.steps[p, :, :window, 1].sum(axis=1)
        ratio = steps[p, :, :window, 1].sum(axis=1) / np.maximum(was, 1e-12)
        totals[p, :, w] *= np.where(was > 0, ratio, 1.0)[:, None]
    told = replace(cause, hourly=added)
    causes = tuple((*own, told) if i == p else own for i, own in enumerate(forecasts.causes))
    return replace(forecasts, steps=steps, totals=totals, causes=causes)


def value_added(actual: Floats, statistical: Floats, adjusted: Floats) -> float:
    """The share of WQL that the overrides took away (above 0) or added (below); (..., 3) quantiles."""
    return score(actual, adjusted, statistical).value_added or 0.0
