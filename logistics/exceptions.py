"""What needs a person: one case for each thing that no rule can settle alone.

A case's life: open ◂─▸ taken ─▸ RESOLVED or DISMISSED.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from logistics.states import Life
from logistics.units import Cents


class CaseState(StrEnum):
    """Where a case is in its life."""

    OPEN = "open"
    TAKEN = "taken"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"


class CaseStep(StrEnum):
    """What may happen to a case."""

    TAKE = "take"
    GIVE_BACK = "give_back"
    RESOLVE = "resolve"
    DISMISS = "dismiss"


CASE = Life(
    resource="exception",
    states=CaseState,
    steps=CaseStep,
    leads_to={
        (CaseState.OPEN, CaseStep.TAKE): CaseState.TAKEN,
        (CaseState.OPEN, CaseStep.RESOLVE): CaseState.RESOLVED,
        (CaseState.OPEN, CaseStep.DISMISS): CaseState.DISMISSED,
        (CaseState.TAKEN, CaseStep.GIVE_BACK): CaseState.OPEN,
        (CaseState.TAKEN, CaseStep.RESOLVE): CaseState.RESOLVED,
        (CaseState.TAKEN, CaseStep.DISMISS): CaseState.DISMISSED,
    },
)


class CaseKind(StrEnum):
    """What kinds of things need a person."""

    LEASE_REFUSED = "lease_refused"
    LEASE_SILENT = "lease_silent"
    NO_CARRIER = "no_carrier"
    NO_HEARTBEAT = "no_heartbeat"
    UNPLANNED_ORDERS = "unplanned_orders"
    PROMISE_AT_RISK = "promise_at_risk"
    SHORT_RECEIPT = "short_receipt"
    FORECAST_BREACH = "forecast_breach"
    FORECAST_BIAS = "forecast_bias"
    BROKEN_PLAN = "broken_plan"
    SOLVER_FAILED = "solver_failed"
    STOP_FAILED = "stop_failed"
    DECIDE_BY_NEAR = "decide_by_near"
    SUSPECT_VIDEO = "suspect_video"
    RECALLED = "recalled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One thing that needs a person, with the money at stake and the facts."""

    id: str
    kind: CaseKind
    state: CaseState
    market: str
    subject: str
    """The id of what it is about; one open case for each kind and subject."""
    detail: str
    money_at_stake: Cents
    opened_at: datetime
    act_by: datetime | None = None
    owner: str | None = None
    resolution: str | None = None
    closed_at: datetime | None = None
    version: int = 1
