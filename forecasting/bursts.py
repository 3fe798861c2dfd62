"""How bursts go on: one model of all series, from one step seen to any window ahead.

Every series is told by the same features at its present step: its level, its last steps against
that level, its age, the attention beside it, what its whole family does. Two kinds of model answer
for the log of counts against the level: a network for all windows at once, and trees. They are
blended by the weight that did best on series held out of the fit, in as many folds as asked; the
folds' models are kept and their answers averaged. Windows longer than a step have quantiles of
their own: sums of step quantiles are far too wide.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from forecasting.boosting import Boosted, Trees, grow
from forecasting.errors import ImpossibleQuestion, NothingToLearn
from forecasting.histories import Histories
from forecasting.network import Network, Training, train
from forecasting.scores import pinball
from forecasting.signals import Bools, Floats

Window = tuple[int, int]
"""From which step ahead to which, both included: (1, 1) is the next step, (1, 7) the week."""


FEW = 60
"""Below so many families a fold must keep most of them, and a large network learns them by heart."""
UNTOLD = 10.0
"""Families at which what their totals say of totals is believed as much as the sum of the steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How a model of bursts is learned."""

    networks: tuple[Training, ...] = (Training(), Training(hidden=128, epochs=80))
    """A small and a large one err differently."""
    trees: Trees | None = field(default_factory=Trees)
    """None: networks alone, which are small enough to be kept with what was forecast by them."""
    few: Training = field(default_factory=lambda: Training(epochs=100, dropout=0.6))
    """What all networks are trained as on few families: for long, with most of the units silent."""
    folds: int = 3
    beside: int = 2
    """Ages beside the asked one that are learned from as well, on each side."""
    rows: int = 30_000
    """Rows that one set of trees is grown on at most."""
    relative: float = 0.5
    """How far a step's error counts against its own series' size (1) and not in logs (0)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fold:
    """The models fitted without one part of the families."""

    networks: tuple[Network, ...]
    steps: Boosted | None = None
    totals: tuple[Boosted, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trial:
    """What the models said of series that they had not seen, and what came: logs of counts.

    `quantiles` (n, o, 3), `actual` (n, o), `level` (n,) the log level of each series; rows of one
    of the `families` are not independent.
    """

    families: int
    quantiles: Floats
    actual: Floats
    level: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bursts:
    """A learned model of bursts for one age and its windows."""

    seen: int
    windows: tuple[Window, ...]
    known: bool
    """Whether the attention of the steps ahead is given."""
    kinds: int
    folds: tuple[Fold, ...]
    weights: Floats
    """The network's part in the blend for each window, (o,); the trees have the rest."""
    summed: float = 0.0
    """How far totals' bands are moved to the sum of their steps' medians: few families need it."""

    def reaches(self, steps: int) -> bool:
        """Whether so many steps seen are near enough (a fifth) to those that were learned from."""
        return 5 * abs(steps - self.seen) <= self.seen

    def project(self, histories: Histories) -> tuple[Floats, Floats]:
        """log(1 + count) quantiles of each window, (n, o, 3), going on from about `seen` steps.

        Beside them the log level of each series, (n,).
        """
        if not self.reaches(histories.steps):
            raise ImpossibleQuestion(
                field="histories",
                reason=f"{histories.steps} steps are given, the model knows {self.seen}",
            )
        table = _table(histories, histories.steps, self.windows, self.kinds, known=self.known)
        said: Floats = np.mean([self._said(fold, table) for fold in self.folds], axis=0)
        return said, table.base

    def _said(self, fold: Fold, table: "_Table") -> Floats:
        by_network, by_trees = _both(fold, table, self.windows)
        return _shifted(_blended(by_network, by_trees, self.weights), self.windows, self.summed)


def steps_and_total(ahead: int) -> tuple[Window, ...]:
    """Each step ahead, and their total."""
    return (*((j, j) for j in range(1, ahead + 1)), (1, ahead))


def learn(
    histories: Histories,
    seen: int,
    windows: tuple[Window, ...],
    recipe: Recipe | None = None,
    *,
    known: bool = False,
    seed: int = 0,
) -> tuple[Bursts, Trial]:
    """Learn to go on from `seen` steps; the trial comes from series left out of each fold.

    Raises NothingToLearn where a fold would have fewer than two families, or no series is long
    enough.
    """
    how = recipe or Recipe()
    ages = _ages(histories, seen, max(last for _, last in windows), how.beside)
    groups = histories.groups()
    count = int(groups.max(initial=-1)) + 1
    if count < 2 * how.folds or not ages:
        raise NothingToLearn(part="bursts", have=count if ages else 0, need=2 * how.folds)
    kinds = 0 if histories.kind is None else int(histories.kind.max()) + 1
    # with few families each fold must keep most of them
    parts = how.folds if count >= FEW else max(how.folds, min(5, count // 2))
    if count < FEW:
        how = replace(how, networks=(how.few,) * len(how.networks))
    fold_of = (np.random.default_rng(seed).permutation(count) % parts)[groups]
    tables = {age: _table(histories, age, windows, kinds, known=known) for age in ages}
    truths = {age: _truth(histories, age, windows) for age in ages}
    at = min(ages, key=lambda age: abs(age - seen))
    folds, said = [], np.zeros((2, *truths[at].shape, 3))
    for number in range(parts):
        inside = fold_of != number
        fold = _fit(tables, truths, inside, windows, how, seed + 101 * number)
        folds.append(fold)
        said[:, ~inside] = _both(fold, tables[at].rows(~inside), windows)
    longer = _longer(windows)
    weights = np.ones(len(windows))
    for alike in (longer, ~longer) if how.trees is not None else ():
        weights[alike] = _best_weight(
            said[:, :, alike], truths[at][:, alike], totals=alike is longer
        )
    blended = _blended(said[0], said[1], weights)
    summed = UNTOLD / (UNTOLD + count)
    model = Bursts(
        seen=seen, windows=windows, known=known, kinds=kinds, folds=tuple(folds), weights=weights, summed=summed
    )  # fmt: skip
    trial = Trial(
        families=count,
        quantiles=_shifted(blended, windows, summed),
        actual=truths[at],
        level=tables[at].base,
    )
    return model, trial


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Table:
    """Features of each series at one age (n, f), of each window (n, o, g), and the log level (n,)."""

    features: Floats
    ahead: Floats
    base: Floats

    def rows(self, chosen: Bools) -> "_Table":
        return _Table(
            features=self.features[chosen], ahead=self.ahead[chosen], base=self.base[chosen]
        )


def _ages(histories: Histories, seen: int, ahead: int, beside: int) -> tuple[int, ...]:
    """Ages to learn from: the asked one and some beside it, as far as the histories reach.

    Where nothing came after the asked age (old products, all of the same past), the same time of
    the week in the weeks before.
    """
    last = histories.steps - ahead
    if seen > last:
        earlier = (last - histories.season * j for j in range(10))
        return tuple(sorted(age for age in earlier if age >= max(1, min(28, seen // 2))))
    life = seen - histories.quiet
    apart = [d if life < 15 else round(life * 0.06 * d) for d in range(-beside, beside + 1)]
    lives = {life + d for d in apart if 1 <= life + d <= last - histories.quiet}
    return tuple(sorted(one + histories.quiet for one in lives))


def _truth(histories: Histories, age: int, windows: tuple[Window, ...]) -> Floats:
    """log(1 + count) of each window after an age, (n, o)."""
    sums = np.concatenate(
        [np.zeros((len(histories.counts), 1)), np.cumsum(histories.counts[:, age:], axis=1)], axis=1
    )
    truth: Floats = np.log1p(np.stack([sums[:, b] - sums[:, a - 1] for a, b in windows], axis=1))
    return truth


def _lengths(windows: tuple[Window, ...]) -> Floats:
    """log of each window's steps, (o,)."""
    return np.log([b - a + 1.0 for a, b in windows])


def _fit(
    tables: dict[int, _Table], truths: dict[int, Floats], inside: Bools,
    windows: tuple[Window, ...], how: Recipe, seed: int,
) -> Fold:  # fmt: skip
    """Networks and trees from the series inside a fold, all ages together."""
    features = np.concatenate([table.features[inside] for table in tables.values()])
    ahead = np.concatenate([table.ahead[inside] for table in tables.values()])
    base = np.concatenate([table.base[inside] for table in tables.values()])
    truth = np.concatenate([truth[inside] for truth in truths.values()])
    target = truth - base[:, None] - _lengths(windows)
    singles = [o for o, (a, b) in enumerate(windows) if a == b]
    sizes = np.maximum(np.expm1(truth[:, singles]).mean(axis=1), 1.0)
    worth = np.repeat((np.exp(base) / sizes)[:, None], len(windows), axis=1)
    bent = np.array([how.relative if a == b else 0.0 for a, b in windows])
    networks = tuple(
        train(features, target, training, seed + i, worth=worth, relative=bent)
        for i, training in enumerate(how.networks)
    )
    if how.trees is None:
        return Fold(networks=networks)
    rng = np.random.default_rng(seed)
    stacked = _stacked(features, ahead, singles)
    flat = target[:, singles].T.ravel()
    chosen = rng.permutation(len(flat))[: how.rows]
    steps = grow(stacked[chosen], flat[chosen], how.trees, seed)
    some = rng.permutation(len(features))[: how.rows]
    totals = tuple(
        grow(features[some], target[some, o], how.trees, seed)
        for o, (a, b) in enumerate(windows)
        if b > a
    )
    return Fold(networks=networks, steps=steps, totals=totals)


def _stacked(features: Floats, ahead: Floats, chosen: list[int]) -> Floats:
    """One row per series and single window, window after window."""
    return np.concatenate([np.concatenate([features, ahead[:, o]], axis=1) for o in chosen])


def _both(fold: Fold, table: _Table, windows: tuple[Window, ...]) -> Floats:
    """What networks and trees say of each window: log(1 + count) quantiles, (2, n, o, 3)."""
    base = table.base[:, None, None] + _lengths(windows)[None, :, None]
    by_network = np.mean([network.predict(table.features) for network in fold.networks], axis=0)
    if fold.steps is None:
        alone: Floats = np.maximum(np.stack([by_network, by_network]) + base, 0.0)
        return alone
    by_trees = np.zeros_like(by_network)
    singles = [o for o, (a, b) in enumerate(windows) if a == b]
    grown = fold.steps.predict(_stacked(table.features, table.ahead, singles))
    by_trees[:, singles] = grown.reshape(len(singles), -1, 3).transpose(1, 0, 2)
    longer = [o for o, (a, b) in enumerate(windows) if b > a]
    for o, total in zip(longer, fold.totals, strict=True):
        by_trees[:, o] = total.predict(table.features)
    both: Floats = np.maximum(np.stack([by_network, by_trees]) + base, 0.0)
    return both


def _longer(windows: tuple[Window, ...]) -> Bools:
    """Which windows are totals of several steps, (o,)."""
    return np.array([b > a for a, b in windows])


def _blended(by_network: Floats, by_trees: Floats, weights: Floats) -> Floats:
    """Both answers (n, o, 3) as one, by each window's weight (o,)."""
    part = weights[None, :, None]
    blend: Floats = part * by_network + (1 - part) * by_trees
    return blend


def _best_weight(said: Floats, truth: Floats, *, totals: bool) -> float:
    """The network's part that errs least on held-out series, of steps or of totals.

    Both kinds keep a quarter, because the mean of two differs less from the truth than either.
    """
    losses = {
        tried: _loss(tried * said[0] + (1 - tried) * said[1], truth, totals=totals)
        for tried in (0.25, 0.5, 0.75)
    }
    return min(losses, key=losses.__getitem__)


def _loss(said: Floats, truth: Floats, *, totals: bool) -> float:
    """Pinball loss of counts in sum, and of each series alike, so that no single giant decides.

    A step's error counts against its own series' size (most steps of a small series are zeros); a
    total's in logs, because an error of half counts as much as one of double.
    """
    if not truth.size:
        return 0.0
    counts = np.expm1(truth)
    error = pinball(counts, np.expm1(said)).mean(axis=-1)
    size = counts.sum(axis=1)
    own = np.minimum(error.sum(axis=1) / np.maximum(size, truth.shape[1]), 5)
    alike = pinball(truth, said).mean() if totals else own.mean()
    return float(error.sum() / max(float(size.sum()), 1.0) + alike)


def _shifted(said: Floats, windows: tuple[Window, ...], part: float) -> Floats:
    """Bands of totals moved by a part of the way to the sum of their steps' medians."""
    place = {a: o for o, (a, b) in enumerate(windows) if a == b}
    moved = said.copy()
    for o, (a, b) in enumerate(windows):
        if b > a and part and all(step in place for step in range(a, b + 1)):
            steps = [place[step] for step in range(a, b + 1)]
            summed = np.log1p(np.expm1(said[:, steps, 1]).sum(axis=1))
            moved[:, o] += part * (summed - said[:, o, 1])[:, None]
    return np.maximum(moved, 0.0)


def _table(
    histories: Histories, age: int, windows: tuple[Window, ...], kinds: int, *, known: bool
) -> _Table:
    """Tell every series by its features at an age."""
    counts = histories.counts[:, :age]
    log = np.log1p(counts)
    base = 0.5 * _recent(counts, 3) + 0.5 * _recent(counts, 7)
    columns = [*_own(counts, log, base, histories.quiet)]
    if histories.attention is not None:
        columns += _beside(histories.attention[:, :age], log)
    family = histories.whole_family()
    if family is not None:
        columns += _family(family[:, :age], counts, histories.attention, histories.quiet)
    if histories.kind is not None:
        columns += [histories.kind.astype(np.float64)]
        columns += [(histories.kind == kind).astype(np.float64) for kind in range(min(kinds, 12))]
    future = None
    if known and histories.attention is not None:
        future = histories.attention[:, age : age + max(b for _, b in windows)]
        columns += _known_ahead(future, _recent(histories.attention[:, :age], 7))
    return _Table(
        features=np.column_stack(columns).astype(np.float32),
        ahead=_ahead(histories, age, log, base, windows, future),
        base=base,
    )


def _recent(counts: Floats, steps: int) -> Floats:
    """log(1 + mean) of the last steps, (n,)."""
    mean: Floats = np.log1p(counts[:, max(0, counts.shape[1] - steps) :].mean(axis=1))
    return mean


def _lags(log: Floats, base: Floats, steps: int) -> list[Floats]:
    """Each of the last steps against the level; NaN before the first."""
    age = log.shape[1]
    return [
        log[:, age - j] - base if age >= j else np.full(len(log), np.nan)
        for j in range(1, steps + 1)
    ]


def _own(counts: Floats, log: Floats, base: Floats, quiet: int) -> list[Floats]:
    """What a series' own counts say."""
    age = counts.shape[1]
    change = np.diff(log[:, -8:], axis=1)
    blank = np.zeros(len(log))
    columns = [
        base, np.log1p(counts.sum(axis=1)), log.max(axis=1), (age - 1 - counts.argmax(axis=1)) / age,
        np.full(len(log), np.log(max(age - quiet, 1))), log.std(axis=1), log[:, min(quiet, age - 1)] - base,
        *_lags(log, base, 10),
        (counts[:, -7:] == 0).mean(axis=1),
        change.std(axis=1) if age > 1 else blank, change.mean(axis=1) if age > 1 else blank,
    ]  # fmt: skip
    for steps in (1, 2, 3, 5, 7, 14, 28, 60):
        known = steps <= age or steps < 14
        columns.append(_recent(counts, steps) - base if known else np.full(len(log), np.nan))
    if quiet:
        before = counts[:, :quiet]
        columns += [
            _recent(before, 28) - base, _recent(before, quiet) - base,
            (before[:, -60:] == 0).mean(axis=1), np.log1p(before[:, -60:].std(axis=1)) - base,
        ]  # fmt: skip
    return columns


def _beside(attention: Floats, log: Floats) -> list[Floats]:
    """What the attention so far says."""
    heard = np.log1p(attention)
    week = _recent(attention, 7)
    total = np.log1p(attention.sum(axis=1))
    return [
        heard[:, -1], _recent(attention, 3), week, total,
        total - np.log1p(np.expm1(log).sum(axis=1)), heard[:, -1] - log[:, -1], *_lags(heard, week, 7),
    ]  # fmt: skip


def _family(family: Floats, counts: Floats, attention: Floats | None, quiet: int) -> list[Floats]:
    """What the product does everywhere, and this series' share of it."""
    log, week = np.log1p(family), _recent(family, 7)
    columns = [
        week, np.log1p(family.sum(axis=1)), log[:, -1] - week, _recent(family, 3) - week,
        np.log((counts.sum(axis=1) + 0.5) / (family.sum(axis=1) + 3.5)),
        np.log((counts[:, -7:].sum(axis=1) + 0.5) / (family[:, -7:].sum(axis=1) + 3.5)),
        *_lags(log, week, 5)[1:],
    ]  # fmt: skip
    if attention is not None:
        heard = attention[:, : family.shape[1]]
        columns += [
            np.log1p(family[:, quiet:].sum(axis=1)) - np.log1p(heard[:, quiet:].sum(axis=1)),
            log[:, -1] - np.log1p(heard[:, -1]),
        ]
    if quiet:
        columns.append(_recent(family[:, :quiet], 28) - week)
    return columns


def _known_ahead(future: Floats, week: Floats) -> list[Floats]:
    """What the known attention ahead says: its size, its peak, and its course in ten parts."""
    log = np.log1p(future)
    parts = np.array_split(np.arange(future.shape[1]), min(10, future.shape[1]))
    return [
        np.log1p(future.sum(axis=1)), np.log1p(future.mean(axis=1)) - week, log.max(axis=1) - week,
        future.argmax(axis=1) / future.shape[1],
        *(np.log1p(future[:, part].mean(axis=1)) - week for part in parts),
    ]  # fmt: skip


def _ahead(
    histories: Histories, age: int, log: Floats, base: Floats, windows: tuple[Window, ...], future: Floats | None
) -> Floats:  # fmt: skip
    """Features of each window: how far ahead, the same time last week, the known attention there."""
    blank = np.full(len(log), np.nan)
    season, rows = histories.season, []
    for a, b in windows:
        back = age - 1 - ((season - a) % season)
        row = [
            np.full(len(log), float(a)), np.full(len(log), np.log((age + b) / age)),
            log[:, back] - base if age >= season else blank,
            log[:, back - season * np.arange(4)].mean(axis=1) - base if age >= 5 * season else blank,
        ]  # fmt: skip
        if future is not None and histories.attention is not None:
            heard = histories.attention[:, :age]
            row += [
                np.log1p(future[:, a - 1 : b].mean(axis=1)), np.log1p(future[:, :b].sum(axis=1)),
                np.log1p(future[:, max(0, b - 3) : b].mean(axis=1)),
                np.log1p(future[:, b - 1]) - _recent(heard, 7),
            ]  # fmt: skip
        rows.append(np.column_stack(row))
    return np.stack(rows, axis=1).astype(np.float32)
