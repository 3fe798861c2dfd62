"""What histories teach: a calibrated model of how bursts go on, from one age to a horizon.

Learned from whole histories of one's own (none of anybody's data is shipped), kept as a value, and
asked any number of times. Quantiles are of counts: whole numbers where counts are few, sorted,
never negative; windows longer than a step have quantiles of their own.
"""

from dataclasses import dataclass

import numpy as np

from forecasting.bursts import Bursts, Recipe, Window, steps_and_total
from forecasting.bursts import learn as learn_bursts
from forecasting.forecast import SURGE, chance_above
from forecasting.histories import Histories
from forecasting.quantiles import Calibration, calibrate, counted
from forecasting.scores import Scores, score
from forecasting.signals import Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Foresight:
    """A model of bursts together with how wrong it was on series that it had not seen."""

    bursts: Bursts
    calibration: Calibration
    trial: Scores
    """What it scored on them, after calibration."""

    def foresee(self, histories: Histories) -> Floats:
        """Quantiles of counts of each window, (n, o, 3), going on from the last step seen."""
        said, level = self.bursts.project(histories)
        return counted(self.calibration.apply(said, level))

    def surge(self, histories: Histories) -> Floats:
        """The chance (n,) that the last window brings a surge over the last three steps' pace.

        Ranked by it, series are told apart better than by their steps' P90: those are wide where
        counts are few, whatever comes.
        """
        said, level = self.bursts.project(histories)
        first, last = self.bursts.windows[-1]
        return surge(
            np.expm1(self.calibration.apply(said, level)[:, -1]),
            histories.counts[:, -3:].mean(axis=1),
            last - first + 1,
        )


def surge(totals: Floats, lately: Floats, steps: int) -> Floats:
    """The chance (n,) that totals (n, 3) over so many steps are a surge over a pace (n,) a step.

    Less than one in two steps is no pace yet: it counts as that.
    """
    return chance_above(totals, SURGE * np.maximum(lately, 0.5) * steps)


def learn(
    histories: Histories,
    seen: int,
    windows: tuple[Window, ...],
    recipe: Recipe | None = None,
    *,
    known: bool = False,
    seed: int = 0,
) -> Foresight:
    """Learn from whole histories to go on from `seen` steps; `known` where attention ahead is given.

    Raises NothingToLearn where the histories are too few or too short.
    """
    bursts, trial = learn_bursts(histories, seen, windows, recipe, known=known, seed=seed)
    calibration = calibrate(trial, windows, seed=seed)
    said = counted(calibration.apply(trial.quantiles, trial.level))
    return Foresight(
        bursts=bursts, calibration=calibration, trial=score(np.expm1(trial.actual), said)
    )


def learn_steps(
    histories: Histories,
    seen: int,
    ahead: int,
    recipe: Recipe | None = None,
    *,
    known: bool = False,
    seed: int = 0,
) -> Foresight:
    """The same for each of so many steps ahead and, last, their total."""
    return learn(histories, seen, steps_and_total(ahead), recipe, known=known, seed=seed)
