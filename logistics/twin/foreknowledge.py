"""Others who look ahead in the stead of the forecast: who knows, who only counts, who errs.

What they say goes the way of the forecast's answer: the same outlooks, the same placement, the same
verdicts and deeds. So a difference in money comes from what was known, and from nothing else.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from forecasting import Band, Forecast, Part, Total
from forecasting.forecast import EVERYWHERE, TOTALS
from logistics.demand import RegionOutlook
from logistics.foresight import Foreseen, Foresight, FromSignals, MarketView, Sight
from logistics.twin.luck import luck
from logistics.twin.truth import Floats, Truth, demanded
from logistics.twin.world import World
from logistics.units import Units

HOUR = timedelta(hours=1)
GOES_ON = 7 * 24
"""Hours for which a rule that only counts takes the last day to go on."""
ERROR_HOLDS = timedelta(days=3)
"""How long a distorted forecast errs the same way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Informed:
    """Knows the true future of every video that can be seen already, and of nothing else.

    Not even that the world ends: a planner who knew would send nothing for the days after.
    """

    world: World
    truth: Truth
    """The law of the world, and of the days beyond its end that it can look ahead to."""

    def expects(self, market: str, now: datetime) -> tuple[str, ...]:
        """Nothing that no video shows yet."""
        del market, now
        return ()

    def look(self, view: MarketView) -> Sight:
        """The expected orders of the videos that are there, hour by hour."""
        hour = (view.now - self.world.starts_at) / HOUR
        seen = [
            self.truth.pulled[film.id] for film in self.world.films if film.starts_at_hour < hour
        ]
        demand = demanded(self.world, self.truth.base, seen)
        return _told(view, self.world, self.truth, demand)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clairvoyant:
    """Knows every buyer who will ever come."""

    world: World
    truth: Truth
    _came: dict[str, Floats] = field(default_factory=dict)

    def expects(self, market: str, now: datetime) -> tuple[str, ...]:
        """Every product that somebody in the market will still want."""
        columns = [n for n, (of, _) in enumerate(self.truth.cells) if of == market]
        hour = max(0, int((now - self.world.starts_at) / HOUR))
        came = self._counted()
        return tuple(id for id, wanted in came.items() if wanted[hour:, columns].any())

    def look(self, view: MarketView) -> Sight:
        """The buyers of each hour, as they will come."""
        return _told(view, self.world, self.truth, self._counted())

    def _counted(self) -> dict[str, Floats]:
        """Units wanted by product, hour and region; counted once."""
        if not self._came:
            column = {cell: n for n, cell in enumerate(self.truth.cells)}
            shape = (self.world.hours, len(self.truth.cells))
            self._came.update({product.id: np.zeros(shape) for product in self.world.products})
            for buyer in self.truth.buyers:
                hour = int((buyer.at - self.world.starts_at) / HOUR)
                self._came[buyer.product][hour, column[buyer.market, buyer.cell]] += buyer.units
        return self._came


@dataclass(frozen=True, slots=True, kw_only=True)
class Reactive:
    """Only counts: where a product's last day passed the threshold, it is taken to go on so."""

    threshold: Units
    """Units that a product must have been asked for in a market within a day."""

    def expects(self, market: str, now: datetime) -> tuple[str, ...]:
        """Nothing that has not sold."""
        del market, now
        return ()

    def look(self, view: MarketView) -> Sight:
        """The last day again and again for a week, or nothing."""
        start = round(_first(view.now).timestamp()) // 3600
        cells = [place.cell for place in view.places]
        foreseen = []
        for product in (wanted.product for wanted in view.wanted):
            day = np.zeros((24, len(cells)))
            for one in view.ordered:
                if one.product == product and one.cell in cells:
                    for hour, asked in one.each():
                        if 1 <= start - hour <= 24:
                            day[24 - start + hour, cells.index(one.cell)] += asked
            if day.sum() < self.threshold:
                day[:] = 0.0
            hours = np.zeros((view.hours, len(cells)))
            known = min(GOES_ON, view.hours)
            hours[:known] = np.tile(day, (-(-known // 24), 1))[:known]
            foreseen.append(_foreseen(view, product, hours, "its last 24 hours"))
        return Sight(foreseen=tuple(foreseen), episodes=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Distorted:
    """Another's foresight, wrong by a factor that it does not know of.

    Each product of a market is off by a lognormal factor with median 1, the same for three days.
    The bands are moved with the median: the forecast is as sure of itself as before.
    """

    error: float
    """Standard deviation of the factor's logarithm."""
    seed: int
    of: Foresight = field(default_factory=FromSignals)

    def expects(self, market: str, now: datetime) -> tuple[str, ...]:
        """What the other expects."""
        return self.of.expects(market, now)

    def look(self, view: MarketView) -> Sight:
        """What the other sees, each product by its own error."""
        sight = self.of.look(view)
        return replace(sight, foreseen=tuple(self._off(view, one) for one in sight.foreseen))

    def _off(self, view: MarketView, one: Foreseen) -> Foreseen:
        turn = int(view.now.timestamp() // ERROR_HOLDS.total_seconds())
        draw = luck(self.seed, "forecast-error", view.market, one.product, turn)
        factor = float(np.exp(self.error * draw.normal()))
        return replace(
            one,
            whole=_scaled(one.whole, factor),
            regions=tuple(
                replace(
                    region,
                    hourly=tuple(round(orders * factor, 3) for orders in region.hourly),
                    totals=tuple(_scaled_total(total, factor) for total in region.totals),
                )
                for region in one.regions
            ),
        )


def _scaled(one: Forecast, factor: float) -> Forecast:
    band = one.hourly
    return replace(
        one,
        hourly=Band(
            p10=tuple(factor * orders for orders in band.p10),
            p50=tuple(factor * orders for orders in band.p50),
            p90=tuple(factor * orders for orders in band.p90),
        ),
        totals=tuple(_scaled_total(total, factor) for total in one.totals),
        parts=tuple(
            replace(part, hourly=tuple(factor * orders for orders in part.hourly))
            for part in one.parts
        ),
    )


def _scaled_total(total: Total, factor: float) -> Total:
    return replace(total, p10=factor * total.p10, p50=factor * total.p50, p90=factor * total.p90)


def _told(view: MarketView, world: World, truth: Truth, demand: dict[str, Floats]) -> Sight:
    """What is truly asked for, from the hour of the view on."""
    columns = [truth.cells.index((view.market, place.cell)) for place in view.places]
    first = max(0, round((_first(view.now) - world.starts_at) / HOUR))
    foreseen = []
    for wanted in view.wanted:
        hours = np.zeros((view.hours, len(columns)))
        known = demand[wanted.product][first : first + view.hours, columns]
        hours[: len(known)] = known
        foreseen.append(_foreseen(view, wanted.product, hours, "the truth"))
    return Sight(foreseen=tuple(foreseen), episodes=())


def _first(now: datetime) -> datetime:
    """The first whole hour at or after a moment, with which a forecast begins."""
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return hour if hour == now else hour + HOUR


def _foreseen(view: MarketView, product: str, hours: Floats, words: str) -> Foreseen:
    """A forecast without a doubt: every quantile is the median."""
    start = _first(view.now)
    middle = tuple(np.round(hours.sum(axis=1), 4).tolist())
    return Foreseen(
        product=product,
        basis="own_history",
        whole=Forecast(
            product=product,
            region=EVERYWHERE,
            made_at=view.now,
            start=start,
            basis="own_history",
            hourly=Band(p10=middle, p50=middle, p90=middle),
            totals=_totals(hours.sum(axis=1)),
            parts=(Part(kind="baseline", name="", hourly=middle, words=words),),
        ),
        regions=tuple(
            RegionOutlook(
                cell=place.cell,
                hourly=tuple(np.round(hours[:, n], 3).tolist()),
                totals=_totals(hours[:, n]),
            )
            for n, place in enumerate(view.places)
        ),
    )


def _totals(hourly: Floats) -> tuple[Total, ...]:
    sums = ((hours, round(float(hourly[:hours].sum()), 4)) for hours in TOTALS)
    return tuple(Total(hours=hours, p10=total, p50=total, p90=total) for hours, total in sums)
