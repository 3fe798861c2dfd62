"""What the routing library refuses, each refusal a sentence with its facts.

    RoutingError
    ├── BadProblem        a question that contradicts itself: which part of it, and how
    ├── BadPlace          a latitude or longitude that is not on the earth
    ├── UnknownName       a stop, depot or vehicle that the problem does not have
    ├── UnreadableFile    a file that is not what it says it is, with the line where known
    ├── NoTravelTimes     a road engine that did not answer in time, or not with numbers
    └── BrokenPlan        a plan that breaks rules: every breach in words

A stop that cannot be served is no error: it is part of the answer (`plan.LeftOut`).
"""


class RoutingError(Exception):
    """The root of what this library raises on purpose."""


class BadProblem(RoutingError):
    """A routing problem that contradicts itself; `subject` names the part and `fault` says how."""

    def __init__(self, *, subject: str, fault: str) -> None:
        self.subject = subject
        self.fault = fault
        super().__init__(f"{subject}: {fault}")


class BadPlace(RoutingError):
    """A latitude or longitude that is not a number or not on the earth."""

    def __init__(self, *, lat: float, lon: float) -> None:
        self.lat = lat
        self.lon = lon
        super().__init__(f"latitude {lat}, longitude {lon} is no place on the earth")


class UnknownName(RoutingError):
    """A name that the problem does not know."""

    def __init__(self, *, kind: str, name: str) -> None:
        self.kind = kind
        self.name = name
        super().__init__(f"there is no {kind} named {name!r}")


class UnreadableFile(RoutingError):
    """A problem file that cannot be read, with the line (from 1) where one is to blame."""

    def __init__(self, *, fault: str, line: int | None = None) -> None:
        self.fault = fault
        self.line = line
        super().__init__(fault if line is None else f"line {line}: {fault}")


class NoTravelTimes(RoutingError):
    """A source of travel times that gave none."""

    def __init__(self, *, source: str, fault: str) -> None:
        self.source = source
        self.fault = fault
        super().__init__(f"{source} gave no travel times: {fault}")


class BrokenPlan(RoutingError):
    """A plan that breaks rules; each breach is a sentence."""

    def __init__(self, breaches: tuple[str, ...]) -> None:
        self.breaches = breaches
        super().__init__("; ".join(breaches))
