"""A person takes a case, gives it back, settles it or puts it aside."""

from dataclasses import replace
from datetime import datetime

from logistics.errors import Nonsense, StaleVersion
from logistics.exceptions import CASE, Case, CaseStep
from logistics.workflows.means import Means
from logistics.workflows.moves import move

ENDS = (CaseStep.RESOLVE, CaseStep.DISMISS)


def attend(
    means: Means,
    id: str,
    step: CaseStep,
    *,
    planner: str,
    resolution: str | None = None,
    expected_version: int,
    now: datetime,
) -> Case:
    """Take one step with a case.

    Raises:
        StaleVersion: where somebody else stepped first.
        NotAllowedNow: where its state does not allow the step.
        Nonsense: where a case is to end without a word on how.
    """
    if step in ENDS and resolution is None:
        raise Nonsense("/resolution", "says how the case was settled", "missing")
    with means.store.begin() as deed:
        kept = deed.lock(Case, id)
        if kept.version != expected_version:
            raise StaleVersion("exception", id, kept.version, kept.owner, ("state",))
        owned = replace(kept, owner=None if step is CaseStep.GIVE_BACK else planner)
        if step in ENDS:
            owned = replace(owned, resolution=resolution, closed_at=now)
        told = {"by": planner}
        return move(deed, means.ids, CASE, owned, step, now=now, cause=planner, data=told)
