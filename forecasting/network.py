"""A small neural network that answers all steps of a burst and its total at once, with their bands.

Two hidden layers read a series' features and give, for each step and for the total, the median
and its distances to P10 and P90 (kept positive, so they never cross). It is trained by Adam (Kingma
& Ba, 2015) on the pinball loss of log counts. Plain numpy: some seconds for 20,000 rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from forecasting.forecast import LEVELS
from forecasting.signals import Ints

Floats = npt.NDArray[np.floating]

_Q = np.array(LEVELS, dtype=np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """How the network is trained."""

    hidden: int = 64
    epochs: int = 40
    batch: int = 512
    rate: float = 2e-3
    decay: float = 1e-4
    dropout: float = 0.1
    total_weight: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Network:
    """A trained network: layers as (weights, bias), and how its inputs are scaled."""

    layers: tuple[tuple[Floats, Floats], ...]
    centre: Floats
    scale: Floats
    start: Floats
    """Quantiles (o, 3) that the outputs are offsets of."""

    def predict(self, features: Floats) -> Floats:
        """Quantiles (n, o, 3) in the units of the targets."""
        x = _scaled(features, self.centre, self.scale)
        for weights, bias in self.layers[:-1]:
            x = np.maximum(x @ weights + bias, 0.0)
        weights, bias = self.layers[-1]
        out = (x @ weights + bias).reshape(len(x), len(self.start), 3)
        return _quantiles(out, self.start)[0].astype(np.float64)


def train(
    features: Floats,
    targets: Floats,
    training: Training,
    seed: int = 0,
    *,
    worth: Floats | None = None,
    relative: Floats | None = None,
) -> Network:
    """Train on targets (n, o), logs of counts against a base; the last one is the total.

    `relative` (o,) bends each output's loss from "errors of the log alike" (0) to "counts alike
    within their series" (1); it needs `worth` (n, o), what a target of 0 counts against its
    series' mean, so that exp(target) * worth is 1 for an average step. Features may hold NaN
    where something is not known.
    """
    bent = np.zeros(targets.shape[1]) if relative is None or worth is None else relative
    size = np.ones_like(targets, np.float32) if worth is None else worth.astype(np.float32)
    rng = np.random.default_rng(seed)
    centre = np.where(np.isfinite(features).any(axis=0), _nan_mean(features), 0.0)
    scale = np.sqrt(_nan_mean((features - centre) ** 2)) + 1e-3
    x, z = _scaled(features, centre, scale), targets.astype(np.float32)
    start = np.quantile(targets, LEVELS, axis=0).T.astype(np.float32)
    sizes = (x.shape[1], training.hidden, training.hidden, start.size)
    layers = [
        (
            (rng.normal(0, np.sqrt(2 / a), (a, b)) * (0.1 if b == start.size else 1)).astype(
                np.float32
            ),
            np.zeros(b, np.float32),
        )
        for a, b in pairwise(sizes)
    ]
    flat = [array for layer in layers for array in layer]
    first, second = [np.zeros_like(p) for p in flat], [np.zeros_like(p) for p in flat]
    importance = np.full(start.shape[0], 1.0, np.float32)
    importance[-1] = training.total_weight
    total = training.epochs * max(1, len(x) // training.batch)
    for step, rows in enumerate(_batches(len(x), training, rng), start=1):
        slopes = _slopes(flat, x[rows], z[rows], size[rows], start, importance, bent, training, rng)
        pace = training.rate * min(1.0, step / 50) * 0.5 * (1 + np.cos(np.pi * step / total))
        for j, slope in enumerate(slopes):
            first[j] = 0.9 * first[j] + 0.1 * slope
            second[j] = 0.999 * second[j] + 0.001 * slope**2
            move = first[j] / (1 - 0.9**step) / (np.sqrt(second[j] / (1 - 0.999**step)) + 1e-8)
            flat[j] = flat[j] - np.float32(pace) * (move + training.decay * flat[j] * (j % 2 == 0))
    return Network(
        layers=tuple(zip(flat[::2], flat[1::2], strict=True)),
        centre=centre,
        scale=scale,
        start=start,
    )


def _batches(count: int, training: Training, rng: np.random.Generator) -> Iterator[Ints]:
    """Rows of each step, every row once an epoch."""
    per_epoch = max(1, count // training.batch)
    for _ in range(training.epochs):
        order = rng.permutation(count)
        for i in range(per_epoch):
            yield order[i * training.batch : (i + 1) * training.batch]


def _slopes(
    flat: list[Floats], x: Floats, z: Floats, worth: Floats, start: Floats,
    importance: Floats, bent: Floats, training: Training, rng: np.random.Generator,
) -> list[Floats]:  # fmt: skip
    """The loss's derivative by each weight, by back-propagation through two ReLU layers."""
    w1, b1, w2, b2, w3, b3 = flat
    open1, open2 = _kept(rng, (len(x), len(b1)), training), _kept(rng, (len(x), len(b2)), training)
    a1 = x @ w1 + b1
    h1 = np.maximum(a1, 0) * open1
    a2 = h1 @ w2 + b2
    h2 = np.maximum(a2, 0) * open2
    quantiles, opening = _quantiles((h2 @ w3 + b3).reshape(len(x), len(start), 3), start)
    by_q = np.where(z[:, :, None] > quantiles, -_Q, 1 - _Q).astype(np.float32)
    if bent.any():
        # in counts an error of the log weighs what the forecast itself weighs
        size = np.exp(np.clip(quantiles, -20, 20)) * worth[:, :, None]
        part = bent[None, :, None].astype(np.float32)
        by_q *= (1 - part) + part * np.clip(size, 0.05, 5)
    by_q *= importance[None, :, None] / len(x)
    by_out = np.stack(
        [-by_q[..., 0] * opening[..., 0], by_q.sum(axis=-1), by_q[..., 2] * opening[..., 1]],
        axis=-1,
    )
    g3 = by_out.reshape(len(x), -1).astype(np.float32)
    g2 = (g3 @ w3.T) * open2 * (a2 > 0)
    g1 = (g2 @ w2.T) * open1 * (a1 > 0)
    return [x.T @ g1, g1.sum(axis=0), h1.T @ g2, g2.sum(axis=0), h2.T @ g3, g3.sum(axis=0)]


def _kept(rng: np.random.Generator, shape: tuple[int, int], training: Training) -> Floats:
    """Dropout: which units speak, scaled so that the sum keeps its size."""
    open_ = rng.random(shape, dtype=np.float32) >= training.dropout
    kept: Floats = (open_ / np.float32(1 - training.dropout)).astype(np.float32)
    return kept


def _quantiles(out: Floats, start: Floats) -> tuple[Floats, Floats]:
    """Outputs (n, o, 3) as quantiles, and the derivative of the two distances by their output."""
    gaps = np.maximum(np.diff(start, axis=1), 0.02)
    raw = out[..., [0, 2]] + np.log(np.expm1(gaps))
    gap = np.logaddexp(0, raw)
    mid = out[..., 1] + start[:, 1]
    opening = 1 / (1 + np.exp(-np.clip(raw, -30, 30)))
    return np.stack([mid - gap[..., 0], mid, mid + gap[..., 1]], axis=-1), opening


def _scaled(features: Floats, centre: Floats, scale: Floats) -> Floats:
    """Features with mean 0 and sd 1, as float32; what is not known is average."""
    z = np.clip((features - centre) / scale, -5, 5)
    return np.where(np.isfinite(z), z, 0.0).astype(np.float32)


def _nan_mean(values: Floats) -> Floats:
    known = np.isfinite(values)
    mean: Floats = np.where(known, values, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return mean
