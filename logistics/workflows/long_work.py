"""Wish that a long work stops; whoever carries it out looks for the wish between its steps."""

from dataclasses import replace
from datetime import datetime

from logistics.operations import OPERATION, Operation, OperationState, OperationStep
from logistics.workflows.means import Means
from logistics.workflows.moves import move


def call_off(means: Means, id: str, *, by: str, now: datetime) -> Operation:
    """Cancel what waits, wish that what runs stops; a second wish changes nothing.

    Raises:
        Unknown: where there is no such work.
        NotAllowedNow: where it is over already.
    """
    with means.store.begin() as deed:
        deed.get(Operation, id)
        work = deed.lock(Operation, id)
        if work.state is OperationState.RUNNING:
            wished = replace(work, cancel_wanted=True, updated_at=now)
            return work if work.cancel_wanted else deed.change(wished)
        return move(
            deed,
            means.ids,
            OPERATION,
            work,
            OperationStep.CANCEL,
            now=now,
            cause=by,
            updated_at=now,
        )
