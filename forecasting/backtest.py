"""How good the forecasts would have been: asked again at past moments, scored by what came.

The origin rolls: at each past moment a question is rebuilt from what was known then, and the
answer's totals are held against the orders that followed. The naive forecast beside it repeats the
last day. `gate` keeps a part of the chain for a product only while its value added is above zero,
and `learn_widths` turns misses into the width of the next band.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from forecasting.chain import Parameters, Question, forecast
from forecasting.errors import ImpossibleQuestion
from forecasting.forecast import EVERYWHERE
from forecasting.quantiles import Widths, widened
from forecasting.scores import Scores, score
from forecasting.signals import Floats, Orders, epoch_hour

Ask = Callable[[datetime], Question]
Told = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One total of one product (everywhere or in a region) from one origin, and what came."""

    origin: datetime
    product: str
    region: str
    hours: int
    p10: float
    p50: float
    p90: float
    naive: float
    actual: float

    @property
    def inside(self) -> bool:
        """Whether the total lay in its 80 % band."""
        return self.p10 <= self.actual <= self.p90


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """All outcomes, scored in all and by product."""

    outcomes: tuple[Outcome, ...]
    scores: Scores
    by_product: tuple[tuple[str, Scores], ...]


def backtest(
    ask: Ask,
    actual: Orders,
    origins: tuple[datetime, ...],
    parameters: Parameters | None = None,
    told: Told | None = None,
) -> Backtest:
    """Ask at each origin, and score every total whose hours have all been seen.

    `told` hears how many of how many origins are done. Raises ImpossibleQuestion where no total
    could be scored.
    """
    outcomes: list[Outcome] = []
    for done, origin in enumerate(origins, start=1):
        outcomes += _outcomes(ask(origin), actual, parameters)
        if told is not None:
            told(done, len(origins))
    if not outcomes:
        raise ImpossibleQuestion(
            field="origins", reason="no total of theirs has been seen to its end"
        )
    names = sorted({outcome.product for outcome in outcomes})
    by_product = tuple((name, _score([o for o in outcomes if o.product == name])) for name in names)
    return Backtest(outcomes=tuple(outcomes), scores=_score(outcomes), by_product=by_product)


def _outcomes(question: Question, actual: Orders, parameters: Parameters | None) -> list[Outcome]:
    answer = forecast(question, parameters)
    first = epoch_hour(answer.start) - actual.start
    found = []
    for p, product in enumerate(answer.products):
        if product not in actual.products:
            continue
        rows = actual.demand[actual.products.index(product)]
        for r, region in enumerate((*answer.regions, EVERYWHERE)):
            sold = _row(rows, actual.regions, region, answer.regions)
            for w, hours in enumerate(answer.windows):
                if first < 0 or first + hours > len(sold):
                    continue
                low, mid, high = answer.totals[p, r, w].tolist()
                day = float(sold[max(first - 24, 0) : first].sum())
                found.append(
                    Outcome(
                        origin=question.now, product=product, region=region, hours=hours,
                        p10=low, p50=mid, p90=high, naive=day * hours / 24,
                        actual=float(sold[first : first + hours].sum()),
                    )
                )  # fmt: skip
    return found


def _row(rows: Floats, known: tuple[str, ...], region: str, asked: tuple[str, ...]) -> Floats:
    """Hourly orders of one region, or of all the regions that were asked for."""
    wanted = [
        known.index(name)
        for name in (asked if region == EVERYWHERE else (region,))
        if name in known
    ]
    summed: Floats = rows[wanted].sum(axis=0)
    return summed


def _score(outcomes: list[Outcome]) -> Scores:
    actual = np.array([outcome.actual for outcome in outcomes])
    said = np.array([(outcome.p10, outcome.p50, outcome.p90) for outcome in outcomes])
    naive = np.array([[outcome.naive] * 3 for outcome in outcomes])
    return score(actual, said, naive)


def gate(with_part: Backtest, without_part: Backtest) -> tuple[str, ...]:
    """Products whose totals a part of the chain makes better: its rolling value added is above 0."""
    plain = dict(without_part.by_product)
    return tuple(
        name
        for name, scores in with_part.by_product
        if name in plain and scores.wql < plain[name].wql
    )


def gated(parameters: Parameters, products: tuple[str, ...]) -> Parameters:
    """The same parameters with cached curves for these products only."""
    return replace(
        parameters, curves=tuple(pair for pair in parameters.curves if pair[0] in products)
    )


def learn_widths(widths: Widths, outcomes: tuple[Outcome, ...]) -> Widths:
    """Widen or narrow each product's next band by how its last totals fell, oldest first."""
    for outcome in sorted(outcomes, key=lambda one: one.origin):
        if outcome.region == EVERYWHERE:
            widths = widened(widths, outcome.product, inside=outcome.inside)
    return widths
