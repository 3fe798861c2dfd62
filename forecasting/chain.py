"""The front door: from what was seen of videos and orders to what will be asked for, everywhere.

    attention so far ─▶ projected ─▶ x conversion, delay, fatigue ─▶ uplift ─▶ by region ─┐
    orders so far ───▶ baseline by region and hour ───────────────────────────────────────┴▶ bands

Nothing is fitted here: `Parameters` is a value, learned elsewhere and cached, and a new
installation's `Parameters()` are documented priors. A forecast begins at the first whole hour at or
after `now`; what happens until then is in no hour and in no total. One call answers for all products
and regions, in tens of milliseconds.
"""

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from forecasting.attention import Learned, Projection, project
from forecasting.courses import Courses
from forecasting.demand import Baseline, baseline
from forecasting.errors import ImpossibleQuestion
from forecasting.forecast import TOTALS, Cause, Forecasts, ordered
from forecasting.foresight import Foresight as Foresight
from forecasting.foresight import learn as learn
from forecasting.foresight import learn_steps as learn_steps
from forecasting.link import (
    Conversion,
    Converted,
    Delay,
    Way,
    convert,
    convert_each,
    evidence,
    exposed,
    memories,
    mood,
    prior_rate,
    ways,
)
from forecasting.quantiles import Widths, count_quantiles
from forecasting.regions import USUAL_DAY, Region, Shares, hours_of_day, rhythm, shares
from forecasting.seasons import DAY, Curve, levels
from forecasting.signals import (
    Attention,
    Floats,
    Ints,
    Orders,
    PaidPush,
    Removal,
    VideoLink,
    epoch_hour,
    hour_at,
)
from forecasting.virality import negative_share, suspects

LONGEST = 24 * 30
"""Hours that a forecast may reach: 30 days."""
BOTS_COUNT = 0.05
"""What a view of a suspect video counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A product to forecast: its category's prior applies until its own orders speak."""

    name: str
    category: str = ""
    base_per_day: float = 0.0
    """Orders a day without any video, where there is no history to learn them from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """All that is learned, as one value; without arguments, the priors of a new installation."""

    version: str = "priors"
    courses: Courses = field(default_factory=Courses)
    attention: Learned | None = None
    """Models of attention learned from the service's own videos; None: the courses alone."""
    usual: Conversion = field(default_factory=Conversion)
    categories: tuple[tuple[str, Conversion], ...] = ()
    shares: Shares = field(default_factory=Shares)
    day: tuple[float, ...] = USUAL_DAY
    widths: Widths = field(default_factory=Widths)
    curves: tuple[tuple[str, Curve], ...] = ()
    """Ordinary demand by product, fitted and cached: orders a day by the day."""

    def __post_init__(self) -> None:
        if len(self.day) != 24 or min(self.day) <= 0:
            raise ImpossibleQuestion(field="day", reason="needs 24 numbers above zero")

    def conversion(self, category: str) -> Conversion:
        """What a category's views are worth."""
        return dict(self.categories).get(category, self.usual)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Question:
    """What is asked: which products where, from what was seen until `now`, so many hours ahead."""

    now: datetime
    products: tuple[Product, ...]
    regions: tuple[Region, ...]
    links: tuple[VideoLink, ...]
    attention: Attention
    orders: Orders
    pushes: tuple[PaidPush, ...] = ()
    removals: tuple[Removal, ...] = ()
    hours: int = 168

    def __post_init__(self) -> None:
        epoch_hour(self.now)
        if not 1 <= self.hours <= LONGEST:
            raise ImpossibleQuestion(
                field="hours", reason=f"{self.hours} lies outside 1..{LONGEST}"
            )
        if not self.regions or not any(region.population for region in self.regions):
            raise ImpossibleQuestion(field="regions", reason="nobody lives in them")
        for names in ([p.name for p in self.products], [r.name for r in self.regions]):
            if len(set(names)) < len(names):
                raise ImpossibleQuestion(field="names", reason="one is given twice")

    @property
    def first(self) -> int:
        """The epoch hour that the forecast begins with."""
        return -int(-self.now.timestamp() // 3600)


def forecast(question: Question, parameters: Parameters | None = None) -> Forecasts:
    """Forecast every product in every region, hour by hour and in total.

    Raises ImpossibleQuestion where the question contradicts itself; products without any signal or
    order are forecast from their priors, and say so.
    """
    known = parameters or Parameters()
    seen = _align(question, known)
    lifted = _uplift(question, known, seen)
    base = _ordinary(question, known, seen)
    medians, spread = _rates(question, known, seen, lifted, base)
    steps, totals, windows = _bands(question, known, medians, spread)
    return Forecasts(
        made_at=question.now,
        start=hour_at(question.first),
        products=tuple(product.name for product in question.products),
        regions=tuple(region.name for region in question.regions),
        bases=_bases(seen, lifted),
        steps=steps,
        windows=windows,
        totals=totals,
        causes=_causes(question, seen, lifted, base),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Seen:
    """What was seen, on one clock: t past hours, then the horizon."""

    past: int
    start: int
    rhythm: Floats  # (r, t + h)
    projection: Projection
    shown: Floats  # (p, v): the share of a video's clicks that go to a product
    orders: Floats  # (p, r, t)
    order_seen: Floats  # (p, r, t)
    base: Baseline
    share: Floats  # (p, r)
    share_spread: Floats  # (p, r)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Lifted:
    """Orders that videos bring ahead, everywhere: by product and video (p, v, h)."""

    organic: Floats
    paid: Floats
    sentiment: Floats
    spread: Floats  # (p, h), sd of log of the sum
    rhythm: Floats  # (r, h), how the hour of the day bends them
    converted: Converted


def _align(question: Question, known: Parameters) -> _Seen:
    """Put attention and orders on one clock that ends at the forecast's first hour."""
    attention, orders = question.attention, question.orders
    start = min(attention.start, orders.start, question.first)
    past = question.first - start
    length = past + question.hours
    local = rhythm(question.regions, np.array(known.day), start, length)
    people = np.array([region.population for region in question.regions])
    mean = (people[:, None] * local).sum(axis=0) / people.sum()
    most = question.regions[int(people.argmax())]
    projection = project(
        attention,
        mean[attention.start - start :],
        hours_of_day(most.zone, attention.start, length - (attention.start - start)),
        question.first,
        question.hours,
        pushes=question.pushes,
        removals=question.removals,
        courses=known.courses,
        learned=known.attention,
    )
    shown = _shown(question)
    demand, order_seen = _placed(question, start, past)
    calm = _calm(question, shown, start, past)
    views = _views_by_region(question, shown)
    prior = np.array([product.base_per_day for product in question.products])
    share, share_spread = shares(people, views, demand.sum(axis=2), known.shares)
    return _Seen(
        past=past,
        start=start,
        rhythm=local,
        projection=projection,
        shown=shown,
        orders=demand,
        order_seen=order_seen,
        base=baseline(demand, order_seen, calm, share, prior, local[:, :past]),
        share=share,
        share_spread=share_spread,
    )


def _shown(question: Question) -> Floats:
    """Click shares (p, v); a video nobody has seen yet, or of another product, counts nothing."""
    products = {product.name: p for p, product in enumerate(question.products)}
    videos = {video: v for v, video in enumerate(question.attention.videos)}
    shown = np.zeros((len(products), len(videos)))
    for link in question.links:
        if link.product in products and link.video in videos:
            shown[products[link.product], videos[link.video]] += link.share
    return shown


def _placed(question: Question, start: int, past: int) -> tuple[Floats, Floats]:
    """Orders and what could be seen of them, (p, r, t), in the question's order of names."""
    orders = question.orders
    shape = (len(question.products), len(question.regions), past)
    demand, seen = np.zeros(shape), np.ones(shape)
    p = [(i, orders.products.index(x.name)) for i, x in enumerate(question.products) if x.name in orders.products]  # fmt: skip
    r = [(i, orders.regions.index(x.name)) for i, x in enumerate(question.regions) if x.name in orders.regions]  # fmt: skip
    first = orders.start - start
    length = min(orders.demand.shape[2], past - first)
    if p and r and length > 0:
        to = np.ix_([i for i, _ in p], [i for i, _ in r], range(first, first + length))
        source = np.ix_([i for _, i in p], [i for _, i in r], range(length))
        demand[to], seen[to] = orders.demand[source], orders.seen[source]
    # before the first hour that orders were told of, nothing is known
    seen[:, :, : max(first, 0)] = 0.0
    return demand, seen


def _calm(question: Question, shown: Floats, start: int, past: int) -> Floats:
    """True (p, t) before a product's first view."""
    covered = question.attention.covered > 0
    births = np.full(len(shown), past)
    for p, row in enumerate(shown):
        hot = [
            int(covered[v].argmax()) + question.attention.start - start
            for v in np.flatnonzero(row > 0)
            if covered[v].any()
        ]
        births[p] = min(hot, default=past)
    return (np.arange(past) < births[:, None]).astype(np.float64)


def _views_by_region(question: Question, shown: Floats) -> Floats:
    """Views of each product's videos over the last three days (p, r)."""
    attention = question.attention
    recent = attention.views[:, :, -72:].sum(axis=2)
    places = {name: i for i, name in enumerate(attention.regions)}
    seen = np.zeros((len(attention.videos), len(question.regions)))
    for r, region in enumerate(question.regions):
        if region.name in places:
            seen[:, r] = recent[:, places[region.name]]
    by_product: Floats = shown @ seen
    return by_product


def _uplift(question: Question, known: Parameters, seen: _Seen) -> _Lifted:
    """Turn views into orders, after learning from the market's own orders what a view is worth."""
    kitchen = _Kitchen(question=question, known=known, seen=seen)
    groups = [
        _Group.of(kitchen, category)
        for category in sorted({product.category for product in question.products})
    ]
    tried = tuple(zip(*(ways(group.conversion) for group in groups), strict=True))
    logs = np.array(
        [
            np.log(each[0].prior) + sum(g.evidence(w) for g, w in zip(groups, each, strict=True))
            for each in tried
        ]
    )
    believed = np.exp(logs - logs.max())
    believed /= believed.sum()
    bend = float(sum(w * each[0].bend for w, each in zip(believed, tried, strict=True)))
    count, videos = len(question.products), len(question.attention.videos)
    organic, paid, sentiment = np.zeros((3, count, videos, question.hours))
    spread = np.zeros((count, question.hours))
    rates = Converted(rate=np.zeros(count), spread=np.zeros(count), learned_from=np.zeros(count))
    for number, group in enumerate(groups):
        delays = _delays([each[number] for each in tried], believed, bend)
        group.lift(delays, organic, paid, sentiment, spread, rates)
    return _Lifted(
        organic=organic, paid=paid, sentiment=sentiment, spread=spread, converted=rates,
        rhythm=kitchen.day(bend)[:, seen.past :],
    )  # fmt: skip


def _delays(tried: list[Way], believed: Floats, bend: float) -> tuple[tuple[Way, float], ...]:
    """The likely delays under one mean bend, with how far each is believed."""
    found: dict[Delay, float] = {}
    for way, part in zip(tried, believed.tolist(), strict=True):
        found[way.delay] = found.get(way.delay, 0.0) + part
    likely = {delay: part for delay, part in found.items() if part > 0.01}
    whole = sum(likely.values())
    return tuple(
        (Way(delay=delay, bend=bend, prior=0.0), part / whole) for delay, part in likely.items()
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Ripe:
    """Views as they ripen into orders under one delay, past and ahead, (v, t + h) each."""

    free: Floats
    bought: Floats
    doubt: Floats


@dataclass(slots=True, kw_only=True, eq=False)
class _Kitchen:
    """What several categories and ways have in common, made once each."""

    question: Question
    known: Parameters
    seen: _Seen
    _ripe: dict[tuple[Delay, float, float], _Ripe] = field(default_factory=dict)
    _days: dict[float, Floats] = field(default_factory=dict)
    _looked: dict[float, Floats] = field(default_factory=dict)

    def ripe(self, one: Conversion, way: Way) -> _Ripe:
        key = (way.delay, one.fatigue_days, one.paid_worth)
        if key not in self._ripe:
            p = self.seen.projection
            views = np.stack([p.organic, p.paid * one.paid_worth, p.organic * p.spread])
            each = exposed(views, p.age + self.question.hours, one, way)
            self._ripe[key] = _Ripe(free=each[0], bought=each[1], doubt=each[2])
        return self._ripe[key]

    def day(self, bend: float) -> Floats:
        """Each region's usual day, as far as orders follow it, (r, t + h)."""
        if bend not in self._days:
            hours = self.seen.past + self.question.hours
            bent = np.array(self.known.day) ** bend
            self._days[bend] = rhythm(self.question.regions, bent, self.seen.start, hours)
        return self._days[bend]

    def looked(self, bend: float) -> Floats:
        """The part of a product's orders an hour that could be seen of a level demand, (p, t)."""
        if bend not in self._looked:
            day = self.day(bend)[:, : self.seen.past]
            self._looked[bend] = _over_regions(self.seen.share, day, self.seen.order_seen)
        return self._looked[bend]


def _over_regions(share: Floats, day: Floats, seen: Floats) -> Floats:
    """Sum over regions of share (p, r) x day (r, t) x what could be seen (p, r, t): (p, t)."""
    whole: Floats = np.einsum("prt,rt,pr->pt", seen, day, share)
    return whole


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Group:
    """The products of one category, and what their orders say of views: (q, ...) of them."""

    kitchen: _Kitchen
    conversion: Conversion
    mine: Ints
    shown: Floats  # (q, v), of views that count
    sold: Floats  # (q, t)
    usual: Floats  # (q, t), baseline orders that could be seen
    prior: Floats  # (q,) orders per view
    worth: Floats  # (v,) the same of each video
    ripened: dict[Delay, Floats] = field(default_factory=dict)

    @classmethod
    def of(cls, kitchen: _Kitchen, category: str) -> "_Group":
        question, seen = kitchen.question, kitchen.seen
        one = kitchen.known.conversion(category)
        places = [p for p, product in enumerate(question.products) if product.category == category]
        mine = np.array(places, dtype=np.int64)
        attention = question.attention
        trust = np.array([BOTS_COUNT if found else 1.0 for found in suspects(attention)])
        shown = seen.shown[mine] * trust
        views = attention.measure("views").sum(axis=1)
        worth = prior_rate(views, attention.measure("product_clicks").sum(axis=1), one)
        looked = shown * views
        prior = (looked @ worth) / np.maximum(looked.sum(axis=1), 1e-12)
        day, order_seen = seen.rhythm[:, : seen.past], seen.order_seen[mine]
        return cls(
            kitchen=kitchen, conversion=one, mine=mine, shown=shown,
            sold=(seen.orders[mine] * (order_seen > 0)).sum(axis=1),
            usual=_over_regions(seen.base.rate[mine], day, order_seen),
            prior=np.where(looked.sum(axis=1) > 0, prior, one.orders_per_view),
            worth=worth,
        )  # fmt: skip

    def evidence(self, way: Way) -> float:
        """How likely a way makes these products' orders."""
        return evidence(self.sold, self.usual, self._exposure(way), self.prior, self.conversion)

    def _exposure(self, way: Way) -> Floats:
        """Views that would have become orders by each past hour and could be seen, (q, t)."""
        exposure: Floats = self._ripened(way) * self.kitchen.looked(way.bend)[self.mine]
        return exposure

    def _ripened(self, way: Way) -> Floats:
        """The same, could all of them be seen; kept, for ways of one delay bend it differently."""
        if way.delay not in self.ripened:
            seen, ripe = self.kitchen.seen, self.kitchen.ripe(self.conversion, way)
            offset = self.kitchen.question.attention.start - seen.start
            past = np.zeros((len(self.mine), seen.past))
            past[:, offset:] = self.shown @ (ripe.free + ripe.bought)[:, : seen.past - offset]
            self.ripened[way.delay] = past
        return self.ripened[way.delay]

    def _told_apart(self, way: Way, ripe: _Ripe, per_view: Floats, spread: Floats) -> Floats:
        """Write what a view of each video is worth where a product has several; the spread (q,)."""
        seen, question = self.kitchen.seen, self.kitchen.question
        offset = question.attention.start - seen.start
        bought = (ripe.free + ripe.bought)[:, : seen.past - offset]
        ahead = (ripe.free + ripe.bought)[:, -question.hours :].sum(axis=1)
        wide = spread.copy()
        for q in np.flatnonzero((self.shown > 0).sum(axis=1) > 1):
            videos = np.flatnonzero(self.shown[q])
            exposure = np.zeros((len(videos), seen.past))
            exposure[:, offset:] = self.shown[q, videos, None] * bought[videos]
            exposure *= self.kitchen.looked(way.bend)[self.mine[q]]
            rate, own = convert_each(
                self.sold[q], self.usual[q], exposure, self.worth[videos], self.conversion
            )
            per_view[q, videos] = rate * self.shown[q, videos]
            brings = per_view[q, videos] * ahead[videos]
            wide[q] = float(brings @ own) / max(float(brings.sum()), 1e-12) or spread[q]
        return wide

    def lift(
        self,
        delays: tuple[tuple[Way, float], ...],
        organic: Floats,
        paid: Floats,
        sentiment: Floats,
        spread: Floats,
        rates: Converted,
    ) -> None:
        """Write these products' orders ahead: the mean over the delays, and how far they differ."""
        question = self.kitchen.question
        mine, ahead = self.mine, slice(-question.hours, None)
        sent = mood(*negative_share(question.attention), self.conversion)
        wrong, logs = np.zeros_like(spread[mine]), []
        for way, part in delays:
            ripe = self.kitchen.ripe(self.conversion, way)
            exposure = self._exposure(way)
            known = (self.sold, self.usual, exposure, self.prior, self.conversion)
            parts = memories(*known)
            done = convert(*known, parts)
            rates.rate[mine] += part * done.rate
            rates.learned_from[mine] = done.learned_from
            per_view = done.rate[:, None] * self.shown
            rates.spread[mine] += part * self._told_apart(way, ripe, per_view, done.spread)
            organic[mine] += part * per_view[:, :, None] * ripe.free[None, :, ahead]
            paid[mine] += part * per_view[:, :, None] * ripe.bought[None, :, ahead]
            wrong += part * (per_view * sent) @ ripe.doubt[:, ahead]
            total = np.cumsum((per_view * sent) @ (ripe.free + ripe.bought)[:, ahead], axis=1)
            logs.append((part, np.log(total + 1e-9)))
        sentiment[mine] = (organic[mine] + paid[mine]) * (sent - 1)[None, :, None]
        both = (organic[mine] + paid[mine] + sentiment[mine]).sum(axis=1)
        mean = sum(part * log for part, log in logs)
        apart = sum(part * (log - mean) ** 2 for part, log in logs)
        spread[mine] = np.hypot(wrong / np.maximum(both, 1e-12), np.sqrt(apart))


def _ordinary(question: Question, known: Parameters, seen: _Seen) -> Floats:
    """Baseline orders ahead (p, r, h): the level, or a cached curve's course by the level's shares."""
    rate = np.repeat(seen.base.rate[:, :, None], question.hours, axis=2)
    curves = dict(known.curves)
    mine = [p for p, product in enumerate(question.products) if product.name in curves]
    if mine:
        # a curve tells a day's orders; each hour takes its day's
        days = (question.first + np.arange(question.hours)) // 24 * DAY
        daily = levels(
            tuple(curves[question.products[p].name] for p in mine), days.astype(np.float64)
        )
        whole = seen.base.rate[mine].sum(axis=1, keepdims=True)
        # where no ordinary hour was seen lately, a curve is shared out as everything else is
        part = np.where(
            whole > 0, seen.base.rate[mine] / np.maximum(whole, 1e-12), seen.share[mine]
        )
        rate[mine] = part[:, :, None] * np.maximum(daily, 0.0)[:, None, :] / 24
    base: Floats = rate * seen.rhythm[None, :, seen.past :]
    return base


def _rates(
    question: Question, known: Parameters, seen: _Seen, lifted: _Lifted, base: Floats
) -> tuple[Floats, Floats]:
    """Median orders (p, r + 1, h) and the sd of their log, the last row everywhere."""
    up = (lifted.organic + lifted.paid + lifted.sentiment).sum(axis=1)
    local = up[:, None, :] * seen.share[:, :, None] * lifted.rhythm[None]
    medians = local + base
    common = lifted.spread**2 + (lifted.converted.spread**2)[:, None]
    wrong_up = np.sqrt(common[:, None, :] + (seen.share_spread**2)[:, :, None]) * local
    wrong_base = np.hypot(seen.base.spread[:, None], seen.share_spread)[:, :, None] * base
    whole = medians.sum(axis=1)
    wrong = np.hypot(wrong_up, wrong_base)
    whole_wrong = np.hypot(
        np.sqrt(common) * local.sum(axis=1), seen.base.spread[:, None] * base.sum(axis=1)
    )
    medians = np.concatenate([medians, whole[:, None]], axis=1)
    spread = np.concatenate([wrong, whole_wrong[:, None]], axis=1) / np.maximum(medians, 1e-12)
    return medians, spread * _factors(question, known, seen)[:, None, None]


def _factors(question: Question, known: Parameters, seen: _Seen) -> Floats:
    """Each product's factor on its spread, by the age of its youngest video (p,)."""
    ages = np.where(seen.shown > 0, seen.projection.age[None, :], np.inf)
    youngest = ages.min(axis=1, initial=np.inf)
    return np.array(
        [known.widths.of(x.name, a) for x, a in zip(question.products, youngest, strict=True)]
    )


def _bands(
    question: Question, known: Parameters, medians: Floats, spread: Floats
) -> tuple[Floats, Floats, tuple[int, ...]]:
    """Quantiles of each hour, and of each total from its own spread (hours of noise even out)."""
    steps = ordered(count_quantiles(medians, np.hypot(spread, known.widths.noise(np.ones(1)))))
    windows = tuple(hours for hours in TOTALS if hours <= question.hours)
    sums = np.cumsum(medians, axis=2)
    wrong = np.cumsum(medians * spread, axis=2)
    last = np.array(windows, dtype=np.int64) - 1
    total = sums[:, :, last]
    own = wrong[:, :, last] / np.maximum(total, 1e-12)
    noise = known.widths.noise(last.astype(np.float64) + 1.0)
    return steps, ordered(count_quantiles(total, np.hypot(own, noise))), windows


def _bases(seen: _Seen, lifted: _Lifted) -> tuple[str, ...]:
    """What each product's level rests on."""
    bases = []
    for p, learned in enumerate(lifted.converted.learned_from):
        if lifted.organic[p].sum() > 0:
            bases.append("own_conversion" if learned >= 5 else "category_prior")
        else:
            bases.append("own_history" if seen.base.hours[p] >= 24 else "category_prior")
    return tuple(bases)


def _causes(
    question: Question, seen: _Seen, lifted: _Lifted, base: Floats
) -> tuple[tuple[Cause, ...], ...]:
    """The parts of each product's P50: its baseline, then each video and what bends it."""
    views = question.attention.measure("views").sum(axis=1)
    causes = []
    for p in range(len(question.products)):
        days = seen.base.hours[p] / 24
        words = (
            f"usual demand, from {days:.0f} days without a video"
            if days >= 1
            else "usual demand, stated"
        )
        own = [Cause(kind="baseline", name="", hourly=base[p], words=words)]
        for v in np.flatnonzero(seen.shown[p] > 0):
            video = question.attention.videos[v]
            where = seen.share[p][:, None] * lifted.rhythm
            for kind, orders, said in (
                ("video", lifted.organic, f"video {video}, {views[v]:,.0f} views so far"),
                ("paid", lifted.paid, f"paid views of video {video}"),
                ("sentiment", lifted.sentiment, f"the mood under video {video} has turned"),
            ):
                if kind == "video" or orders[p, v].any():
                    own.append(
                        Cause(kind=kind, name=video, hourly=where * orders[p, v], words=said)
                    )
        causes.append(tuple(own))
    return tuple(causes)
