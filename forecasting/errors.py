"""What can go wrong when a forecast is asked for, each as a sentence with its facts.

    ForecastingError
    ├── UnusableFrame        a frame lacks a column, or a column cannot be read at all
    ├── ImpossibleQuestion   the question contradicts itself (a time without zone, a horizon of nothing)
    ├── NothingToLearn       too little history to learn this part from
    ├── NoBooster            neither LightGBM nor scikit-learn can be loaded here
    └── BadOverride          a planner's change that cannot be applied

A bad *row* is no error: it is left out, and the series that comes back says which and why.
"""


class ForecastingError(Exception):
    """Any refusal of this library."""


class UnusableFrame(ForecastingError):
    """A frame that cannot be read: the whole of it, not one row."""

    def __init__(self, *, column: str, reason: str) -> None:
        self.column, self.reason = column, reason
        super().__init__(f"column {column!r}: {reason}")


class ImpossibleQuestion(ForecastingError):
    """A question that contradicts itself."""

    def __init__(self, *, field: str, reason: str) -> None:
        self.field, self.reason = field, reason
        super().__init__(f"{field}: {reason}")


class NothingToLearn(ForecastingError):
    """Too little history to learn a part of the chain from."""

    def __init__(self, *, part: str, have: int, need: int) -> None:
        self.part, self.have, self.need = part, have, need
        super().__init__(f"{part} needs {need} series to learn from and has {have}")


class NoBooster(ForecastingError):
    """No gradient boosting can be loaded on this machine."""

    def __init__(self, *, library: str, package: str, cause: str) -> None:
        self.library, self.package, self.cause = library, package, cause
        super().__init__(f"{library} cannot be loaded ({cause}): install {package}")


class BadOverride(ForecastingError):
    """A planner's change that cannot be applied."""

    def __init__(self, *, field: str, reason: str) -> None:
        self.field, self.reason = field, reason
        super().__init__(f"an override's {field} {reason}")
