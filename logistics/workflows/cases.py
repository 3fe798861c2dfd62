"""Putting a thing before a person, once, and taking it back when it settles by itself."""

from datetime import datetime

from logistics.exceptions import CASE, Case, CaseKind, CaseState, CaseStep
from logistics.identity import Ids
from logistics.store import Deed
from logistics.units import Cents
from logistics.workflows.moves import move, tell

LIVING = (CaseState.OPEN, CaseState.TAKEN)


def open_case(
    deed: Deed,
    ids: Ids,
    kind: CaseKind,
    *,
    market: str,
    subject: str,
    detail: str,
    money: Cents = 0,
    act_by: datetime | None = None,
    cause: str,
    now: datetime,
) -> Case:
    """The open case of that kind about that subject, made where there is none."""
    standing = deed.find(Case, kind=kind, subject=subject, state=LIVING)
    if standing:
        return standing[0]
    case = Case(
        id=ids.new("cas", now),
        kind=kind,
        state=CaseState.OPEN,
        market=market,
        subject=subject,
        detail=detail,
        money_at_stake=money,
        opened_at=now,
        act_by=act_by,
    )
    deed.add(case)
    told = {"kind": kind.value, "subject": subject}
    tell(deed, ids, "exception.opened", case.id, now=now, cause=cause, data=told)
    return case


def settle_case(
    deed: Deed,
    ids: Ids,
    kind: CaseKind,
    *,
    subject: str,
    resolution: str,
    cause: str,
    now: datetime,
) -> Case | None:
    """Resolve the open case of that kind about that subject, where there is one."""
    for case in deed.find(Case, kind=kind, subject=subject, state=LIVING):
        return move(
            deed,
            ids,
            CASE,
            deed.lock(Case, case.id),
            CaseStep.RESOLVE,
            now=now,
            cause=cause,
            resolution=resolution,
            closed_at=now,
        )
    return None
