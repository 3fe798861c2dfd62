"""What-if: the same question with something changed, kept beside what it would bring.

A scenario is estimated at once and then worked out by the clock. It never moves anything by itself:
only a promotion puts it before the planners. Its life::

    draft ─▸ running ─▸ ready ─▸ PROMOTED
               │ ▴        └────▸ DISCARDED   (also from draft and failed)
               ▾ │
              failed

Money is cents; shares are of one.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from logistics.errors import require
from logistics.states import Life
from logistics.units import Cents, Parcels, Units

FACTORS = (0.3, 3.0)
"""Demand is not tried further away from what is forecast than this."""
TARGETS = (4, 6, 8)
"""Hours within which a delivery may be asked to be, in a scenario."""


class ScenarioKind(StrEnum):
    """What a scenario is about."""

    NODES = "nodes"
    """Which temporary nodes a market would have."""
    PORTFOLIO = "portfolio"
    """Which standby spaces would be held on retainer for the next quarter."""


class ScenarioState(StrEnum):
    """Where a scenario is in its life."""

    DRAFT = "draft"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    PROMOTED = "promoted"
    DISCARDED = "discarded"


class ScenarioStep(StrEnum):
    """What may happen to a scenario."""

    RUN = "run"
    ANSWER = "answer"
    FAIL = "fail"
    PROMOTE = "promote"
    DISCARD = "discard"


S, T = ScenarioState, ScenarioStep
SCENARIO = Life(
    resource="scenario",
    states=ScenarioState,
    steps=ScenarioStep,
    leads_to={
        (S.DRAFT, T.RUN): S.RUNNING,
        (S.RUNNING, T.ANSWER): S.READY,
        (S.RUNNING, T.FAIL): S.FAILED,
        (S.FAILED, T.RUN): S.RUNNING,
        (S.READY, T.PROMOTE): S.PROMOTED,
        (S.DRAFT, T.DISCARD): S.DISCARDED,
        (S.READY, T.DISCARD): S.DISCARDED,
        (S.FAILED, T.DISCARD): S.DISCARDED,
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is different from today; what is None stays as it is."""

    demand_factor: float = 1.0
    lease_days: int | None = None
    stock: Units | None = None
    vans: int | None = None
    target_hours: int | None = None
    must_open: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()
    budget: Cents | None = None
    days: int = 91
    """How long the quarter of a portfolio is."""
    most: int | None = None
    """How many spaces a portfolio may hold at most."""

    def __post_init__(self) -> None:
        """Refuse what no plan could mean."""
        low, high = FACTORS
        fair = low <= self.demand_factor <= high
        require(fair, "change/demand_factor", f"is between {low} and {high}")
        target = self.target_hours is None or self.target_hours in TARGETS
        require(target, "change/target_hours", "is 4, 6 or 8")
        for name, least in (
            ("lease_days", 1),
            ("stock", 1),
            ("vans", 0),
            ("budget", 0),
            ("most", 0),
        ):
            value = getattr(self, name)
            require(value is None or value >= least, f"change/{name}", f"is at least {least}")
        require(1 <= self.days <= 366, "change/days", "is between 1 and 366")
        both = sorted(set(self.must_open) & set(self.must_not))
        require(not both, "change/must_open", f"{', '.join(both)} must open and must not")


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A space that would be open, or held: from when to when, how many orders, for what fees."""

    site: str
    starts_at: datetime | None
    ends_at: datetime | None
    orders: Parcels
    units: Units
    fees: Cents


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a scenario would bring; a figure that the way of reckoning does not know is None."""

    expected_gain: Cents
    orders: Parcels
    """Orders moved into the target (of a portfolio: in a quarter)."""
    chance_of_loss: float | None = None
    cvar90_share: float | None = None
    cash_at_risk: Cents | None = None
    coverage_with: float | None = None
    coverage_without: float | None = None
    proof_gap: float | None = None
    planned: tuple[Planned, ...] = ()
    says: tuple[str, ...] = ()
    """What it rests on and what binds, in sentences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A question that somebody saved, and its answers so far."""

    id: str
    name: str
    kind: ScenarioKind
    state: ScenarioState
    market: str | None
    recommendation: str | None
    """The recommendation that it varies, if it varies one."""
    asked_by: str
    created_at: datetime
    change: Change
    estimate: Figures | None
    exact: Figures | None = None
    operation: str | None = None
    answered_at: datetime | None = None
    promoted_to: str | None = None
    error: str | None = None
    version: int = 1

    @property
    def best(self) -> Figures | None:
        """The exact answer where there is one, else the estimate."""
        return self.exact or self.estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One figure of several scenarios, in their order."""

    figure: str
    values: tuple[float | str | None, ...]

    @property
    def differs(self) -> bool:
        """Whether not all scenarios say the same."""
        return len(set(self.values)) > 1


FIGURES = (
    "expected_gain",
    "orders",
    "chance_of_loss",
    "cvar90_share",
    "cash_at_risk",
    "coverage_with",
    "coverage_without",
    "proof_gap",
)
CHANGES = (
    "demand_factor", "lease_days", "stock", "vans", "target_hours", "budget", "days", "most",
)  # fmt: skip


def compared(scenarios: tuple[Scenario, ...]) -> tuple[Compared, ...]:
    """Every change and every figure of some scenarios side by side."""
    rows = [
        Compared(
            figure=f"change.{name}",
            values=tuple(getattr(one.change, name) for one in scenarios),
        )
        for name in CHANGES
    ]
    for name in ("must_open", "must_not"):
        told = tuple(", ".join(getattr(one.change, name)) or None for one in scenarios)
        rows.append(Compared(figure=f"change.{name}", values=told))
    rows += [
        Compared(figure=name, values=tuple(getattr(one.best, name, None) for one in scenarios))
        for name in FIGURES
    ]
    opened = tuple(_names(one.best) for one in scenarios)
    rows.append(Compared(figure="planned", values=opened))
    return tuple(rows)


def _names(figures: Figures | None) -> str | None:
    return None if figures is None else ", ".join(sorted(one.site for one in figures.planned))
