"""Gradient boosted trees for quantiles: the one room that knows LightGBM.

LightGBM's wheel needs the system's `libgomp.so.1`. Where that is missing, scikit-learn's gradient
boosting does the same work more slowly; where both are, `NoBooster` says what to install.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from forecasting.errors import NoBooster
from forecasting.forecast import LEVELS
from forecasting.signals import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Trees:
    """How the trees are grown."""

    count: int = 150
    leaves: int = 23
    rate: float = 0.08
    least_rows: int = 40
    columns: float = 0.6
    library: str = "lightgbm"
    """`lightgbm`, or `sklearn` to do without it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Boosted:
    """One grown model per level."""

    models: tuple[Any, ...]
    asked: tuple[tuple[str, int], ...] = ()
    """What a model's `predict` is told beside the features (LightGBM: one thread)."""

    def predict(self, features: Floats) -> Floats:
        """Quantiles (n, 3), sorted, in the units of the target."""
        each = [model.predict(features, **dict(self.asked)) for model in self.models]
        return np.sort(np.column_stack(each), axis=1)


def grow(features: Floats, target: Floats, trees: Trees, seed: int = 0) -> Boosted:
    """Grow trees for P10, P50 and P90 of the target (n,); features (n, f) may hold NaN.

    Raises NoBooster where no library can be loaded.
    """
    if trees.library == "lightgbm":
        try:
            import lightgbm  # noqa: PLC0415 - without libgomp the import itself fails
        except (ImportError, OSError):
            return _by_sklearn(features, target, trees, seed)
        settings = {
            "objective": "quantile", "learning_rate": trees.rate, "num_leaves": trees.leaves,
            "min_data_in_leaf": min(trees.least_rows, max(len(target) // 20, 1)),
            "feature_fraction": trees.columns, "bagging_fraction": 0.8, "bagging_freq": 1,
            "lambda_l2": 1.0, "verbose": -1, "num_threads": 1, "seed": seed, "deterministic": True,
            "force_row_wise": True,
        }  # fmt: skip
        data = lightgbm.Dataset(features, target, params={"verbose": -1}, free_raw_data=False)
        return Boosted(
            models=tuple(
                lightgbm.train({**settings, "alpha": level}, data, trees.count) for level in LEVELS
            ),
            asked=(("num_threads", 1),),
        )
    return _by_sklearn(features, target, trees, seed)


def _by_sklearn(features: Floats, target: Floats, trees: Trees, seed: int) -> Boosted:
    try:
        from sklearn.ensemble import HistGradientBoostingRegressor  # noqa: PLC0415 - as above
    except (ImportError, OSError) as cause:
        raise NoBooster(
            library="LightGBM",
            package="libgomp1 (Debian, Ubuntu) or libgomp (Fedora)",
            cause=str(cause),
        ) from cause
    return Boosted(
        models=tuple(
            HistGradientBoostingRegressor(
                loss="quantile", quantile=level, max_iter=trees.count, learning_rate=trees.rate,
                max_leaf_nodes=trees.leaves, min_samples_leaf=min(trees.least_rows, max(len(target) // 20, 1)),
                random_state=seed, early_stopping=False,
            ).fit(features, target)
            for level in LEVELS
        )
    )  # fmt: skip
