"""Long work and the clock: operations with progress, ticks that ran, and who leads.

An operation's life: queued ─▸ running ─▸ SUCCEEDED, FAILED or CANCELLED.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from logistics.states import Life


class OperationState(StrEnum):
    """Where a long work is in its life."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class OperationStep(StrEnum):
    """What may happen to a long work."""

    START = "start"
    SUCCEED = "succeed"
    FAIL = "fail"
    CANCEL = "cancel"


OPERATION = Life(
    resource="operation",
    states=OperationState,
    steps=OperationStep,
    leads_to={
        (OperationState.QUEUED, OperationStep.START): OperationState.RUNNING,
        (OperationState.QUEUED, OperationStep.CANCEL): OperationState.CANCELLED,
        (OperationState.RUNNING, OperationStep.SUCCEED): OperationState.SUCCEEDED,
        (OperationState.RUNNING, OperationStep.FAIL): OperationState.FAILED,
        (OperationState.RUNNING, OperationStep.CANCEL): OperationState.CANCELLED,
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A long work asked for through a door; its result is the id of what it made."""

    id: str
    kind: str
    state: OperationState
    asked_by: str
    created_at: datetime
    updated_at: datetime
    progress: float = 0.0
    best_objective: float | None = None
    cancel_wanted: bool = False
    result: str | None = None
    error: str | None = None
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """That a job ran for a due time; its id is the job and the time, so it runs once."""

    id: str
    job: str
    due_at: datetime
    ran_at: datetime
    holder: str
    outcome: str
    """`running`, `done`, or `failed: ...` with the reason."""
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Leadership:
    """The lease on being the clock: one row, held until `until` unless renewed."""

    id: str
    holder: str
    until: datetime
    version: int = 1
