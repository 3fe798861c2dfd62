"""One sitting with the solver, within what is left of an effort."""

import time
from dataclasses import dataclass, field, replace

import numpy as np

from logistics.placement.frame import Flags, Frame
from logistics.placement.model import Model, build
from logistics.placement.plan import PlacementPlan
from logistics.placement.problem import PlacementProblem
from logistics.placement.programme import Solved, solve_sheet
from logistics.placement.sheet import Numbers
from logistics.units import Seconds
from routing.effort import Effort

Found = tuple[PlacementPlan, float, bool]
"""The best plan, a bound on the steered cost, and whether the search was finished."""


@dataclass(frozen=True, slots=True)
class Clock:
    """The effort, and when it began to be spent."""

    effort: Effort
    began: float = field(default_factory=time.monotonic)

    @property
    def over(self) -> bool:
        """Whether hardly any time is left."""
        return time.monotonic() - self.began > 0.95 * self.effort.at_most

    def left(self, share: float = 1.0) -> Effort:
        """The effort that is left, or a share of it; never nothing."""
        seconds = self.effort.at_most - (time.monotonic() - self.began)
        return replace(self.effort, at_most=max(0.05, share * seconds))


def choose(
    problem: PlacementProblem,
    facts: Frame,
    tail: tuple[float, Numbers] | None,
    effort: Effort,
    gap: float,
    runs: Flags | None = None,
    decided: Seconds | None = None,
    *,
    lean: bool = False,
) -> tuple[Model, Solved]:
    """Choose the openings, beginning with those that ran before, if any."""
    model = build(problem, facts, tail=tail, decided=decided)
    objective = model.sheet.objective(facts.weights)
    hint = None if runs is None or not runs.any() else as_hint(model, runs)
    return model, solve_sheet(model.sheet, objective, effort, gap=gap, hint=hint, lean=lean)


def as_hint(model: Model, runs: Flags) -> Numbers:
    """Values of the openings' columns; the solver finds the goods to them."""
    hint = np.zeros(model.sheet.width)
    before = np.c_[np.zeros((len(runs), 1), bool), runs[:, :-1]]
    for ids, value in ((model.o, runs), (model.u, runs & ~before)):
        hint[ids[ids >= 0]] = value[ids >= 0]
    return hint
